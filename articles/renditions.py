"""What readers are sent instead of an original: upright, in sRGB, without metadata, in widths for the layout.

Files are named by content, `<sha[:2]>/<sha>/v1-<width>.<ext>`, so that they never change, are made
once and may be cached for ever. A picture's list `Image.renditions` only names files that exist.
"""

import io
import re
from typing import Any

import PIL.Image
from django.core.files.base import ContentFile
from django.core.files.storage import Storage, storages
from django.db import transaction

from articles.decoding import decode
from articles.models import Image
from newsroom import pagecache

# A change of what is drawn takes a new number: files and their names belong together for ever.
SPEC = "v1"
WIDTHS = (320, 480, 768, 1080, 1440, 1920)
FIRST_WIDTH = 1080
# Well below what WebP can hold (16383).
TALLEST = 6000

WEBP, JPEG, PNG = "image/webp", "image/jpeg", "image/png"
EXTENSIONS = {WEBP: "webp", JPEG: "jpg", PNG: "png"}
OPTIONS: dict[str, dict[str, Any]] = {
    WEBP: {"format": "WEBP", "quality": 80, "method": 4},
    JPEG: {"format": "JPEG", "quality": 82, "optimize": True, "progressive": True},
    PNG: {"format": "PNG", "optimize": False},
}
PATH = re.compile(r"([0-9a-f]{2})/(\1[0-9a-f]{62})/v[0-9]{1,3}-[0-9]{1,4}\.(webp|jpg|png)")

Rendition = dict[str, str | int]


def storage() -> Storage:
    return storages["renditions"]


def widths(width: int, height: int) -> list[int]:
    """The widths made of a picture of this size, smallest first; the last is the largest that makes sense."""
    largest = max(1, min(WIDTHS[-1], width, width * TALLEST // height))
    return [step for step in WIDTHS if step < largest] + [largest]


def first(image: Image, still: PIL.Image.Image) -> Rendition:
    """Make the one rendition that serves until the others are there, in a format that everything can show."""
    made = widths(image.width, image.height)
    width = max((step for step in made if step <= FIRST_WIDTH), default=made[0])
    return _made(image, still, width, _fallback(still), anew=False)


def make(image: Image, *, anew: bool = False) -> None:
    """Make what is missing, or all `anew`, and list it. May be interrupted and run again at any time.

    Raises decoding.Refused where the original cannot be decoded, OSError where it is gone.
    """
    if is_complete(image) and not anew:
        return
    steps = widths(image.width, image.height)
    with image.original.open("rb") as original:
        still = decode(original.read(), steps[-1], TALLEST).still
    media_types = (WEBP, _fallback(still))
    image.renditions = [_made(image, still, width, kind, anew=anew) for width in steps for kind in media_types]
    Image.objects.filter(pk=image.pk).update(renditions=image.renditions)
    transaction.on_commit(pagecache.drop)


def is_complete(image: Image) -> bool:
    """Whether every width is listed in both formats and every file listed is there."""
    listed = {(item["width"], item["type"] == WEBP) for item in image.renditions}
    wanted = {(width, modern) for width in widths(image.width, image.height) for modern in (True, False)}
    current = all(f"/{SPEC}-" in item["path"] for item in image.renditions)
    return current and listed == wanted and all(storage().exists(item["path"]) for item in image.renditions)


def delete(image: Image) -> None:
    """Delete the files readers could ask for, and the list of them."""
    for item in image.renditions:
        storage().delete(item["path"])
    image.renditions = []
    Image.objects.filter(pk=image.pk).update(renditions=[])
    transaction.on_commit(pagecache.drop)


def _fallback(still: PIL.Image.Image) -> str:
    return PNG if still.mode == "RGBA" else JPEG


def _made(image: Image, still: PIL.Image.Image, width: int, media_type: str, *, anew: bool) -> Rendition:
    """One rendition, made unless its file is there already."""
    height = max(1, round(width * still.height / still.width))
    path = f"{image.sha256[:2]}/{image.sha256}/{SPEC}-{width}.{EXTENSIONS[media_type]}"
    item: Rendition = {"width": width, "height": height, "type": media_type, "path": path}
    if anew or not _is_there(image, path):
        _write(path, _encoded(still, (width, height), media_type))
    return item


def _encoded(still: PIL.Image.Image, size: tuple[int, int], media_type: str) -> bytes:
    sized = still if still.size == size else still.resize(size, PIL.Image.Resampling.LANCZOS)
    buffer = io.BytesIO()
    sized.save(buffer, **OPTIONS[media_type])
    return buffer.getvalue()


def _is_there(image: Image, path: str) -> bool:
    """Whether the file at `path` is there and whole: one that is not listed may have been cut off."""
    if not storage().exists(path):
        return False
    if any(item["path"] == path for item in image.renditions):
        return True
    try:
        with storage().open(path) as file:
            PIL.Image.open(file).load()
    except (OSError, SyntaxError, ValueError):
        return False
    return True


def _write(path: str, data: bytes) -> None:
    store = storage()
    store.delete(path)
    name = store.save(path, ContentFile(data))
    if name != path:  # another worker wrote the same file at the same moment
        store.delete(name)
