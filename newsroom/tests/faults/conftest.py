"""A served site for each test of this folder, and static files collected once for all of them."""

from pathlib import Path

import pytest

from newsroom.tests.faults.served import Served, collect_static


@pytest.fixture(scope="session")
def static_files(tmp_path_factory):
    folder = tmp_path_factory.mktemp("collected")
    collect_static(folder)
    return folder / "static"


@pytest.fixture
def make_served(transactional_db, tmp_path: Path, static_files: Path):
    """`make_served(**options)`: a server that is not started yet, and is gone when the test is over."""
    made = []

    def make(**options):
        folder = tmp_path / f"site-{len(made)}"
        folder.mkdir()
        (folder / "static").symlink_to(static_files)
        made.append(Served(folder, **options))
        return made[-1]

    yield make
    for served in made:
        served.kill()


@pytest.fixture
def served(make_served):
    """The site, open."""
    site = make_served()
    site.start()
    return site
