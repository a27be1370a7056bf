"""How fast renditions are made, beside plain Pillow doing the same resizes and encodes; and how much memory it takes.

Processor time is measured, not waiting: what one core gives.
"""

import io
import re
import statistics
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import PIL.Image
from PIL import ImageChops, ImageCms, ImageOps

SIZES = {"6 MP": (3000, 2000), "24 MP": (6000, 4000)}
# Pixels from grain to grain, and how strong it is: files come out as large as those of photographs.
DETAIL = ((256, 50), (64, 30), (16, 14), (6, 7), (2, 3))
ROUNDS = 3


@dataclass
class Measured:
    """Renditions per second of processor time, here and in plain Pillow, and bytes of memory at the peak."""

    name: str
    per_second: float
    limit: float
    count: int
    memory: int


def photograph(width: int, height: int) -> bytes:
    """A JPEG with detail of every size, as a camera makes it: turned on its side, with a profile."""
    channels = []
    for channel in range(3):
        drawn = PIL.Image.linear_gradient("L").resize((width, height)).rotate(90 * channel)
        drawn = drawn.resize((width, height))
        for step, strength in DETAIL:
            noise = PIL.Image.effect_noise((width // step, height // step), strength)
            drawn = ImageChops.add(
                drawn, noise.resize((width, height), PIL.Image.Resampling.BICUBIC), scale=1, offset=-128
            )
        channels.append(drawn)
    picture = PIL.Image.merge("RGB", channels)
    held = PIL.Image.Exif()
    held[0x0112] = 6
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    file = io.BytesIO()
    picture.save(file, "JPEG", quality=90, exif=held, icc_profile=profile)
    return file.getvalue()


def rows(folder: Path) -> list[Measured]:
    """Both kinds in turns, so that neither has the better half of a busy machine."""
    return [_measured(name, photograph(*size), folder) for name, size in SIZES.items()]


def _measured(name: str, data: bytes, folder: Path) -> Measured:
    from articles import library, renditions

    image, _new = library.add(io.BytesIO(data), name=f"{name}.jpg", credit="Ada Lens", copyright="Ada Lens, 2026")
    ours, plain = [], []
    for _round in range(ROUNDS):
        start = time.process_time()
        renditions.make(image, anew=True)
        ours.append(time.process_time() - start)
        start = time.process_time()
        _plain(data, image, folder)
        plain.append(time.process_time() - start)
    count = len(image.renditions)
    return Measured(name, count / statistics.median(ours), count / statistics.median(plain), count, _memory(image.pk))


def _plain(data: bytes, image: Any, folder: Path) -> None:
    """What a page of Pillow's handbook would do, decoding once, in the same settings, to the same sizes and crops."""
    from articles import encoding, renditions

    recipe = renditions.Recipe.of(image)
    width, height = recipe.bounds()
    picture = PIL.Image.open(io.BytesIO(data))
    picture.draft(None, (height, width))  # as it lies in the file
    upright = ImageOps.exif_transpose(picture)
    source = ImageCms.ImageCmsProfile(io.BytesIO(picture.info["icc_profile"]))
    still = ImageCms.profileToProfile(upright, source, ImageCms.createProfile("sRGB"))
    assert still is not None
    still = still.resize((width, height), PIL.Image.Resampling.LANCZOS, reducing_gap=3)
    still.info = {}
    for number, item in enumerate(image.renditions):
        across = still.width / image.width
        box = tuple(edge * across for edge in recipe.box(item.get("crop", "")))
        box = (box[0], box[1], min(box[2], still.width), min(box[3], still.height))
        sized = still.resize((item["width"], item["height"]), PIL.Image.Resampling.LANCZOS, box)
        sized.save(folder / f"plain-{number}", **encoding.OPTIONS[item["type"]])


MAKE = """
import django; django.setup()
from pathlib import Path
from articles import renditions
from articles.models import Image
import bench.pictures as bench
image = Image.objects.get(pk={key})
before = bench.status("VmRSS")
Path("/proc/self/clear_refs").write_text("5")
renditions.make(image, anew=True)
print(bench.status("VmHWM") - before)
"""


def _memory(key: int) -> int:
    """Bytes that making the renditions of this picture takes at its peak, in a process of its own."""
    answer = subprocess.run([sys.executable, "-c", MAKE.format(key=key)], check=True, stdout=subprocess.PIPE)
    return int(answer.stdout.split()[-1])


def status(name: str) -> int:
    """Bytes, as the kernel counts them."""
    found = re.search(rf"^{name}:\s+(\d+) kB", Path("/proc/self/status").read_text(), re.MULTILINE)
    assert found
    return int(found[1]) * 1024
