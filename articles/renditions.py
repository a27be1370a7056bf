"""What readers are sent instead of an original: upright, in sRGB, with the words of its maker and nothing else.

The whole picture comes in widths for the layout, and besides in the shapes of CROPS, cut around the focal point.
Files are named by all that decides what is in them, so that they never change, are made once, and may be
cached for ever (see PATH). A picture's list `Image.renditions` only names files that exist.
"""

import hashlib
import random
import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import PIL.Image
from django.core.files.base import ContentFile
from django.core.files.storage import Storage, storages
from django.db import transaction

from articles import copies, metadata
from articles.decoding import decode
from articles.encoding import EXTENSIONS, JPEG, MODERN, PNG, encoded, fallback
from articles.models import Image
from newsroom import pagecache
from newsroom.lib import clock

# A change of what is drawn takes a new number: files and their names belong together for ever.
SPEC = "v2"
# "" is the whole picture. The widths are what site.css shows on screens of one and of two dots to a pixel.
WIDTHS = {
    "": (320, 480, 768, 1200, 1536, 1920),
    "16x9": (480, 768, 1200, 1600),
    "3x2": (240, 480, 768),
    "1x1": (120, 240, 400),
}
CROPS = {"16x9": (16, 9), "3x2": (3, 2), "1x1": (1, 1)}
FIRST_WIDTH = 1200
# Well below what WebP can hold (16383).
TALLEST = 6000
# How often what is asked for may change while it is being made.
ATTEMPTS = 5

# <sha[:2]>/<sha>/v2-<words>-<width>.<ext>, crops .../v2-<words>-<crop>-<x>-<y>-<width>.<ext>: sha is the original's
# SHA-256; words are the first eight digits of the SHA-256 of the words kept in the file; x and y are the focal point in
# hundredths. "v1" had neither words nor crops.
PATH = re.compile(
    r"([0-9a-f]{2})/(?P<sha>\1[0-9a-f]{62})/"
    r"(?:v1|v2-[0-9a-f]{8}(?:-(?P<crop>16x9|3x2|1x1)-(?:100|[0-9]{1,2})-(?:100|[0-9]{1,2}))?)"
    r"-(?P<width>[1-9][0-9]{0,3})\.(?P<ext>avif|webp|jpg|png)"
)

Rendition = dict[str, str | int]
Box = tuple[int, int, int, int]


class Superseded(Exception):
    """The picture may not be seen, was deleted or replaced, or its focal point or words changed meanwhile."""


@dataclass(frozen=True)
class Recipe:
    """All that decides which files a picture has and what is in them."""

    sha256: str
    width: int
    height: int
    focal_x: int  # in hundredths
    focal_y: int
    kept: str  # a short hash of the words
    words: dict[str, Any] = field(compare=False, repr=False)

    @classmethod
    def of(cls, image: Image) -> "Recipe":
        x, y = (min(100, max(0, round(value * 100))) for value in (image.focal_x, image.focal_y))
        words = metadata.written(image)
        return cls(image.sha256, image.width, image.height, x, y, _mark(words), words)

    @property
    def folder(self) -> str:
        return f"{self.sha256[:2]}/{self.sha256}"

    def path(self, crop: str, width: int, media_type: str) -> str:
        shape = f"-{crop}-{self.focal_x}-{self.focal_y}" if crop else ""
        return f"{self.folder}/{SPEC}-{self.kept}{shape}-{width}.{EXTENSIONS[media_type]}"

    def box(self, crop: str) -> Box:
        """The part of the original that is shown, in its pixels."""
        if not crop:
            return (0, 0, self.width, self.height)
        return crop_box(self.width, self.height, CROPS[crop], self.focal_x / 100, self.focal_y / 100)

    def sizes(self) -> Iterator[tuple[str, int, int]]:
        """(crop, width, height) of every file, the whole picture first and each shape's smallest first."""
        for crop in WIDTHS:
            left, top, right, bottom = self.box(crop)
            across, down = CROPS.get(crop, (right - left, bottom - top))
            for width in widths(right - left, bottom - top, crop):
                yield crop, width, max(1, round(width * down / across))

    def bounds(self) -> tuple[int, int]:
        """How large the picture has to be decoded so that nothing is enlarged afterwards."""
        boxes = {crop: self.box(crop) for crop in WIDTHS}
        scale = max(min(1.0, width / (boxes[crop][2] - boxes[crop][0])) for crop, width, _height in self.sizes())
        return max(1, round(self.width * scale)), max(1, round(self.height * scale))


def storage() -> Storage:
    return storages["renditions"]


def widths(width: int, height: int, crop: str = "") -> list[int]:
    """The widths made of a picture (or of a crop's box) of this size, smallest first; nothing is enlarged."""
    largest = max(1, min(WIDTHS[crop][-1], width, width * TALLEST // height))
    return [step for step in WIDTHS[crop] if step < largest] + [largest]


def crop_box(width: int, height: int, shape: tuple[int, int], focal_x: float, focal_y: float) -> Box:
    """The largest part of that shape, with the focal point as near its middle as can be.

    The focal point is given from the left and from the top, 0 to 1. Returns (left, top, right, bottom) in pixels.
    """
    across, down = shape
    box_width = max(1, min(width, round(height * across / down)))
    box_height = max(1, min(height, round(width * down / across)))
    left = min(max(0, round(width * focal_x - box_width / 2)), width - box_width)
    top = min(max(0, round(height * focal_y - box_height / 2)), height - box_height)
    return left, top, left + box_width, top + box_height


def first(image: Image, still: PIL.Image.Image) -> Rendition:
    """Make the one rendition that serves until the others are there, in a format that everything can show."""
    recipe = Recipe.of(image)
    fitting = [(width, height) for crop, width, height in recipe.sizes() if not crop and width <= FIRST_WIDTH]
    width, height = max(fitting, default=next((w, h) for _crop, w, h in recipe.sizes()))
    item = _item(recipe, "", width, height, fallback(still))
    _write(item, _drawn(recipe, still, item))
    return item


def make(image: Image, *, anew: bool = False) -> None:
    """Make what is missing, or all `anew`, and list it. May be interrupted and run again at any time.

    Nothing is listed, and nothing public stays, where the picture is deleted or may not be seen any more; where its
    focal point or words change meanwhile, that is made instead. Raises decoding.Refused where the original cannot
    be decoded, OSError where it is gone, Superseded where it changes again and again.
    """
    for _attempt in range(ATTEMPTS):
        if not _wanted(image):
            return _forget(image)
        if is_complete(image) and not anew:
            return None
        with suppress(Superseded):
            _make_all(image, anew=anew)
        # Round again: a kill and a restoring since may have deleted files and left the list.
        anew = False
    raise Superseded


def is_complete(image: Image) -> bool:
    """Whether everything wanted is listed, and every file listed is there."""
    return is_listed(image) and all(storage().exists(item["path"]) for item in image.renditions)


def is_listed(image: Image) -> bool:
    """Whether everything wanted is listed. Asks no storage."""
    recipe, listed = Recipe.of(image), {item["path"] for item in image.renditions}
    plain = PNG if any(item["type"] == PNG for item in image.renditions) else JPEG
    types = (*MODERN, plain)
    return all(recipe.path(crop, width, kind) in listed for crop, width, _h in recipe.sizes() for kind in types)


def incomplete(most: int) -> list[int]:
    """Keys of pictures that readers may have and that lack renditions: any `most` of them. Asks no storage."""
    chosen: list[int] = []
    seen = 0
    for image in Image.objects.usable(clock.now()).defer("caption", "file_words").iterator(chunk_size=500):
        if is_listed(image):
            continue
        seen += 1
        if len(chosen) < most:
            chosen.append(image.pk)
        elif (place := random.randrange(seen)) < most:  # noqa: S311  (so that those that fail bar no others)
            chosen[place] = image.pk
    return chosen


def delete_folder(sha256: str) -> None:
    """Delete all that is public of the original with this hash, and have caches forget it.

    Where the storage fails on the way, caches are told even so: later nobody knows what was there.
    """
    paths = kept(sha256)
    try:
        for path in paths:
            storage().delete(path)
    finally:
        copies.forget(paths)


def kept(sha256: str) -> list[str]:
    """The paths of all public files made of the original with this hash."""
    folder = f"{sha256[:2]}/{sha256}"
    try:
        return [f"{folder}/{name}" for name in storage().listdir(folder)[1]]
    except FileNotFoundError:
        return []


def _make_all(image: Image, *, anew: bool) -> None:
    recipe = Recipe.of(image)
    with image.original.open("rb") as original:
        still = decode(original.read(), *recipe.bounds()).still
    types = (*MODERN, fallback(still))
    items = [_item(recipe, *size, kind) for size in recipe.sizes() for kind in types]
    for item in items:
        if anew or not storage().exists(str(item["path"])):
            data = _drawn(recipe, still, item)
            _still_wanted(image, recipe)
            _write(item, data)
    _list(image, recipe, items)


def _item(recipe: Recipe, crop: str, width: int, height: int, media_type: str) -> Rendition:
    item: Rendition = {"width": width, "height": height, "type": media_type}
    item["path"] = recipe.path(crop, width, media_type)
    if crop:
        item["crop"] = crop
    return item


def _drawn(recipe: Recipe, still: PIL.Image.Image, item: Rendition) -> bytes:
    crop = str(item.get("crop", ""))
    across, down = still.width / recipe.width, still.height / recipe.height
    left, top, right, bottom = recipe.box(crop)
    box = (left * across, top * down, min(right * across, still.width), min(bottom * down, still.height))
    size = (int(item["width"]), int(item["height"]))
    return encoded(still, size, box if crop else None, str(item["type"]), recipe.words)


def _write(item: Rendition, data: bytes) -> None:
    """Write the file whole or not at all: the storage overwrites, and only ever shows whole files."""
    storage().save(str(item["path"]), ContentFile(data))


def _wanted(image: Image) -> bool:
    """Whether readers may have the picture; it is then as it stands in the database now."""
    try:
        image.refresh_from_db()
    except Image.DoesNotExist:
        return False
    return image.bar(clock.now()) is None


def _still_wanted(image: Image, recipe: Recipe) -> None:
    if not Image.objects.usable(clock.now()).filter(pk=image.pk, sha256=recipe.sha256).exists():
        raise Superseded


def _list(image: Image, recipe: Recipe, items: list[Rendition]) -> None:
    """Name the files as the picture's, if all that they were made from still holds."""
    with transaction.atomic():
        current = Image.objects.usable(clock.now()).select_for_update().filter(pk=image.pk).first()
        if current is None or Recipe.of(current) != recipe:
            raise Superseded
        Image.objects.filter(pk=image.pk).update(renditions=items)
        transaction.on_commit(pagecache.drop)


def _forget(image: Image) -> None:
    """Take away what was made of a picture that readers may no longer see, unless it was taken in again meanwhile."""
    image.renditions = []
    if not Image.objects.usable(clock.now()).filter(sha256=image.sha256).exists():
        delete_folder(image.sha256)
    Image.objects.barred(clock.now()).filter(pk=image.pk, sha256=image.sha256).update(renditions=[])


def _mark(words: dict[str, Any]) -> str:
    said = b"".join(words.get(name, b"") for name in ("exif", "xmp"))
    return hashlib.sha256(said).hexdigest()[:8]
