"""A worker that is killed loses nothing: the real one, as a process of its own."""

import json
import random
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.conf import settings
from PIL import Image as Pillow

pytestmark = pytest.mark.once

# A picture so large that its making can be interrupted, and the number of files that are made of it.
PICTURES = """
import io
from django.core.files.base import ContentFile
from PIL import Image
from articles import library
for number in range({count}):
    file = io.BytesIO()
    Image.effect_noise((2400, 1600), 20 + number).convert("RGB").save(file, "JPEG", quality=60)
    library.add(ContentFile(file.getvalue()), name="noise.jpg", credit="Ada Lens")
"""


class Site:
    """A site of its own on the embedded default."""

    def __init__(self, environment: dict[str, str]) -> None:
        self.folder = Path(environment["DATA_DIR"])
        self.environment = environment

    def manage(self, *arguments: str) -> None:
        command = [sys.executable, "manage.py", *arguments]
        subprocess.run(
            command, cwd=settings.BASE_DIR, env=self.environment, check=True, timeout=120, stdout=subprocess.DEVNULL
        )

    @contextmanager
    def worker(self) -> Iterator[subprocess.Popen]:
        """Running within the block; killed at its end, without a chance to tidy up."""
        command = [sys.executable, "manage.py", "worker"]
        process = subprocess.Popen(command, cwd=settings.BASE_DIR, env=self.environment, stderr=subprocess.DEVNULL)
        try:
            yield process
            assert process.poll() is None, "the worker ended by itself"
        finally:
            process.send_signal(signal.SIGKILL)
            process.wait(timeout=30)

    def lists(self) -> list[list[dict]]:
        with sqlite3.connect(self.folder / "newsroom.sqlite3", timeout=20) as database:
            return [json.loads(row[0]) for row in database.execute("SELECT renditions FROM articles_image ORDER BY id")]

    def files(self) -> list[Path]:
        """All public files under their final names."""
        return [path for path in (self.folder / "renditions").rglob("v2-*") if path.is_file()]

    def is_whole(self) -> bool:
        """Whether all that is listed is there, and all that is there can be decoded to its end."""
        for items in self.lists():
            for item in items:
                assert (self.folder / "renditions" / item["path"]).is_file(), item
        for path in self.files():
            with Pillow.open(path) as picture:
                picture.load()
        return True


def wait_until(happens: Callable[[], bool], seconds: float = 90) -> None:
    deadline = time.monotonic() + seconds
    while not happens():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.02)


@pytest.fixture
def site(empty_site: dict[str, str]) -> Site:
    return Site(empty_site)


def complete() -> int:
    """How many renditions a large opaque picture has."""
    from articles import encoding, renditions

    return sum(map(len, renditions.WIDTHS.values())) * (len(encoding.MODERN) + 1)


def test_a_worker_killed_in_the_midst_of_making_lists_nothing_half_and_the_next_completes_it(site: Site) -> None:
    site.manage("shell", "-c", PICTURES.format(count=1))
    with site.worker():
        wait_until(lambda: len(site.files()) >= 4)
    assert [len(items) for items in site.lists()] == [1], "it was too fast to be interrupted"
    assert site.is_whole()
    with site.worker():
        wait_until(lambda: [len(items) for items in site.lists()] == [complete()])
    assert site.is_whole()


@pytest.mark.drill
def test_workers_killed_again_and_again_lose_no_picture_and_list_nothing_half(site: Site) -> None:
    count = 6
    site.manage("shell", "-c", PICTURES.format(count=count))
    chance = random.Random(4)
    for _round in range(8):
        before = len(site.files())
        with site.worker():
            enough = before + chance.randrange(1, 40)
            wait_until(lambda enough=enough: len(site.files()) >= min(enough, count * complete()))
            time.sleep(chance.random() / 10)
        assert site.is_whole()
    with site.worker():
        wait_until(lambda: [len(items) for items in site.lists()] == [complete()] * count, 300)
    assert site.is_whole()
