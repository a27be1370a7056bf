"""Every real, strange, broken or hostile file through a real upload: taken as it is meant, or refused with a sentence.

Each is uploaded in a process with bounded memory and time (articles/tests/uploading.py).
"""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from articles import decoding

DATA = os.environ.get("NEWSROOM_TEST_DATA", "")
FOLDERS = ("images-formats", "images-metadata", "images-hostile")
# Promised for one upload; measured ones stay far below.
MOST_CPU_SECONDS = 10
# So many files are there between two of which all renditions are made, in the short form.
STEP = 9

pytestmark = [
    pytest.mark.once,
    pytest.mark.skipif(not DATA, reason="NEWSROOM_TEST_DATA names no folder with real pictures"),
    pytest.mark.skipif(not Path("/proc/self/clear_refs").exists(), reason="this system does not measure memory so"),
]


@dataclass
class Uploader:
    """The process; a new one where a file killed the last."""

    folder: Path
    process: subprocess.Popen[str] | None = None
    deaths: list[str] = field(default_factory=list)

    def upload(self, path: Path, *, all_: bool) -> dict[str, Any]:
        process = self.process = self.process or self._start()
        assert process.stdin and process.stdout
        process.stdin.write(json.dumps({"path": str(path), "all": all_}) + "\n")
        process.stdin.flush()
        if line := process.stdout.readline():
            return json.loads(line)
        self.process = None
        return {"status": 0, "died": process.wait(timeout=30)}

    def _start(self) -> subprocess.Popen[str]:
        environment = {
            "PATH": os.environ["PATH"],
            "DATA_DIR": str(self.folder),
            "DJANGO_SETTINGS_MODULE": "newsroom.settings",
        }
        with (self.folder / "stderr").open("a") as errors:
            return subprocess.Popen(
                [sys.executable, "-m", "articles.tests.uploading"],
                cwd=settings.BASE_DIR,
                env=environment,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
            )

    def end(self) -> None:
        if self.process and self.process.stdin:
            self.process.stdin.close()
            self.process.wait(timeout=30)


@pytest.fixture(scope="module")
def uploader() -> Iterator[Uploader]:
    with tempfile.TemporaryDirectory() as folder:
        one = Uploader(Path(folder))
        yield one
        one.end()


def files(folder: str) -> list[Path]:
    return sorted(path for path in Path(DATA, folder).rglob("*") if path.is_file() and path.name != "SOURCE.md")


def went_through(uploader: Uploader, folder: str, step: int) -> dict[str, dict[str, Any]]:
    """What became of each file, by its name; every promise that holds for all of them is kept."""
    answers = {
        str(path.relative_to(DATA)): uploader.upload(path, all_=number % step == 0)
        for number, path in enumerate(files(folder))
    }
    wrong = [f"{name}: {words}" for name, answer in answers.items() for words in broken_promises(answer)]
    assert not wrong, "\n".join(wrong)
    return answers


def broken_promises(answer: dict[str, Any]) -> list[str]:
    if "died" in answer:
        return [f"the process died with {answer['died']}"]
    wrong = list(answer.get("problems", []))
    if answer["status"] >= 300:
        said = str(answer["said"].get("error", ""))
        if answer["status"] >= 500 or not (said[:1].isupper() and said.endswith(".") and len(said) > 30):
            wrong.append(f"answers {answer['status']} {answer['said']}")
    if answer["cpu"] > MOST_CPU_SECONDS:
        wrong.append(f"took {answer['cpu']:.1f} s")
    if answer["rise"] > decoding.MAX_MEMORY:
        wrong.append(f"took {answer['rise'] >> 20} MB")
    return wrong


@pytest.mark.parametrize("folder", FOLDERS)
def test_every_file_is_taken_as_it_should_look_or_refused_with_a_sentence(uploader, folder):
    answers = went_through(uploader, folder, STEP)
    assert {answer["status"] < 300 for answer in answers.values()} == {True, False}


@pytest.mark.drill
@pytest.mark.parametrize("folder", FOLDERS)
def test_every_rendition_of_every_file_is_as_it_should_be(tmp_path, folder):
    uploader = Uploader(tmp_path)
    answers = went_through(uploader, folder, 1).values()
    uploader.end()
    if folder == "images-metadata":  # else the promises above were empty
        assert sum(bool(answer.get("secrets")) for answer in answers) > 5
        assert sum(bool(answer.get("credit")) for answer in answers) > 5
