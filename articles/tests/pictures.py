"""Storages of a test's own, and small pictures to upload."""

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import storages
from PIL import Image as Pillow
from PIL import ImageDraw

from articles.models import Image

ORIENTATION, GPS = 0x0112, 0x8825


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The folder below which this test's originals/ and renditions/ are kept."""
    keep_in(tmp_path, monkeypatch)
    yield tmp_path


def keep_in(folder: Path, patch: pytest.MonkeyPatch) -> None:
    """Have originals and renditions kept below `folder`."""
    for alias in ("originals", "renditions"):
        for name in ("base_location", "location"):  # cached properties of the storage
            patch.setitem(storages[alias].__dict__, name, str(folder / alias))
    # A test that changed settings of storages has left the field with an older one.
    patch.setattr(Image._meta.get_field("original"), "storage", storages["originals"])


def kept(folder: Path) -> list[str]:
    """The names of all files below `folder`."""
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def scene(width: int = 60, height: int = 40, mode: str = "RGB") -> Pillow.Image:
    """Upright, it is red in the upper left quarter, blue in the lower right one, and white elsewhere."""
    image = Pillow.new("RGB", (width, height), "white")
    draw = ImageDraw.Draw(image)
    draw.rectangle([0, 0, width // 2 - 1, height // 2 - 1], fill="red")
    draw.rectangle([width // 2, height // 2, width, height], fill="blue")
    return image.convert(mode)


def upload(image: Pillow.Image, kind: str = "JPEG", **options: Any) -> io.BytesIO:
    """The picture as a file that somebody uploads."""
    if kind == "JPEG":
        options = {"quality": 95, "subsampling": 0, **options}
    file = io.BytesIO()
    image.save(file, kind, **options)
    file.seek(0)
    return file


def exif(orientation: int = 1) -> Pillow.Exif:
    """Metadata as of a telephone: its make, how it was held, and where."""
    data = Pillow.Exif()
    data[ORIENTATION] = orientation
    data[0x010F] = "Telephone of Mallory"
    data.get_ifd(GPS)[2] = (52.0, 31.0, 12.0)
    return data


def is_upright(image: Pillow.Image) -> bool:
    """Whether the quarters of `scene` are where they belong."""
    image = image.convert("RGB")
    width, height = image.size
    upper_left = image.getpixel((width // 4, height // 4))
    lower_right = image.getpixel((width * 3 // 4, height * 3 // 4))
    return upper_left[0] > 200 and upper_left[2] < 60 and lower_right[2] > 200 and lower_right[0] < 60
