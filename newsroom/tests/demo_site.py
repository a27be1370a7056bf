"""The demo for tests: with quick sketches in place of the drawings, in a folder of its own."""

import hashlib
import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.conf import settings
from PIL import Image as Pillow

from articles.tests.pictures import keep_in
from newsroom.demo import drawing


@contextmanager
def easel(folder: Path) -> Iterator[Path]:
    """Let a demo that is built meanwhile be sketched, and keep its files in `folder`."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(settings, "DATA_DIR", folder)
        keep_in(folder, patch)
        patch.setattr(drawing, "drawn", lambda names: {name: _sketch(name) for name in names})
        yield folder


def passwords(said: str) -> dict[str, str]:
    """Login and password as the command, or its file, says them."""
    return dict(re.findall(r"^  (\w+) +(\S+) ", said, re.MULTILINE))


def _sketch(name: str) -> bytes:
    file = io.BytesIO()
    Pillow.new("RGB", (64, 40), "#" + hashlib.sha256(name.encode()).hexdigest()[:6]).save(file, "PNG")
    return file.getvalue()
