"""Sites of their own in a folder, on the embedded default, for tests that start the newsroom's processes."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings

# What a fresh site needs: tables, and the files that pages are made with.
COMMANDS = (["migrate", "--verbosity", "0"], ["collectstatic", "--noinput", "--verbosity", "0"])


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of an empty site, made once, to be copied."""
    folder: Path = tmp_path_factory.mktemp("prepared") / "site"
    folder.mkdir()
    for command in COMMANDS:
        arguments = [sys.executable, "manage.py", *command]
        subprocess.run(arguments, cwd=settings.BASE_DIR, env=environment_of(folder), check=True)
    return folder


@pytest.fixture
def empty_site(prepared: Path, tmp_path: Path) -> dict[str, str]:
    """The environment of an empty site of one's own."""
    folder = tmp_path / "site"
    shutil.copytree(prepared, folder)
    return environment_of(folder)


def environment_of(folder: Path) -> dict[str, str]:
    return {"PATH": os.environ["PATH"], "DATA_DIR": str(folder)}
