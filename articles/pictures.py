"""Pictures as readers get them: which shape and which widths for which place, and what stands in for a missing one."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.core.cache import cache

from articles import renditions
from articles.encoding import AVIF, JPEG, PNG, WEBP
from articles.models import Image
from newsroom.lib import clock

# The best first: a browser takes the first source that it understands.
MODERN = (AVIF, WEBP)
# What every reader and every machine understands.
FALLBACK = (JPEG, PNG)
# Screens with more than three dots for a pixel show no more of it than those with three.
DENSEST = 3
# How long the length of a file, which never changes, is remembered.
MONTH = 30 * 24 * 3600

Rendition = dict[str, Any]


@dataclass(frozen=True)
class Layout:
    """How site.css lays out the pictures of a place; tests in a browser hold the two together.

    `widths` are the widths of its box, in CSS, each from a width of the window in rem, the widest first. `crop` is the
    shape it is cut to, "" the whole picture. A whole one is shown at most `tallest` rem high, or inside a box of the
    proportion `box`: a tall picture is then narrower than its box.
    """

    widths: tuple[tuple[float, str], ...]
    crop: str = ""
    tallest: float = 0
    box: float = 0
    most: int = 1184  # pixels: the widest it ever is

    def sizes(self, width: int, height: int) -> str:
        """The attribute `sizes` of a picture of this proportion."""
        return ", ".join(
            f"(min-width: {start:g}rem) {shown}" if start else shown
            for start, css in self.widths
            for shown in [self._shown(css, width / height)]
        )

    def _shown(self, css: str, ratio: float) -> str:
        limit = round(self.tallest * ratio, 2)
        if self.box and ratio < self.box:
            return f"calc(({css}) * {ratio / self.box:.3f})"
        if limit and limit * 16 < self.most:
            return f"min({css}, {limit:g}rem)"
        return f"calc({css})" if " " in css and "(" not in css else css


LAYOUTS = {
    "lead": Layout(((78, "74rem"), (64, "100vw - 4rem"), (0, "100vw - 2.5rem"))),
    "text": Layout(
        ((78, "40rem"), (72, "100vw - 38rem"), (42.5, "40rem"), (0, "100vw - 2.5rem")), tallest=50, most=656
    ),
    "wide": Layout(
        ((78, "43rem"), (72, "100vw - 35rem"), (56, "43rem"), (42.5, "40rem"), (0, "100vw - 2.5rem")),
        tallest=50,
        most=688,
    ),
    "aside": Layout(
        ((78, "18rem"), (72, "45vw - 17.1rem"), (44, "18rem"), (42.5, "40rem"), (0, "100vw - 2.5rem")),
        tallest=50,
        most=656,
    ),
    "gallery": Layout(
        ((78, "40rem"), (72, "100vw - 38rem"), (42.5, "40rem"), (0, "100vw - 2.5rem")), box=3 / 2, most=656
    ),
    "page": Layout(((42.5, "40rem"), (0, "100vw - 2.5rem")), tallest=50, most=656),
    "front": Layout(
        ((78, "46.83rem"), (64, "66.67vw - 5.17rem"), (56, "66.67vw - 4.17rem"), (0, "100vw - 2.5rem")),
        crop="16x9",
        most=856,
    ),
    "front-alone": Layout(((78, "74rem"), (64, "100vw - 4rem"), (0, "100vw - 2.5rem")), crop="16x9"),
    "card": Layout(
        ((78, "23rem"), (69, "33.33vw - 3rem"), (64, "50vw - 3.25rem"), (45, "50vw - 2.5rem"), (0, "100vw - 2.5rem")),
        crop="3x2",
        most=680,
    ),
    "thumb": Layout(((75, "14rem"), (72, "100vw - 61rem"), (0, "clamp(6rem, 26vw, 12rem)")), crop="3x2", most=224),
    "portrait": Layout(((0, "7rem"),), crop="1x1", most=112),
    # In the record of an article: small, and whole, since it is what changed.
    "record": Layout(((0, "12rem"),), most=192),
}


@dataclass(frozen=True)
class Source:
    """One format of a picture, in all its widths."""

    type: str
    srcset: str


@dataclass(frozen=True)
class Picture:
    """A picture ready for markup. Without `src` there is nothing to show yet."""

    alt: str
    width: int
    height: int
    src: str = ""
    srcset: str = ""
    sources: tuple[Source, ...] = ()
    sizes: str = ""
    focus: str = ""  # classes for style sheets that cut what is not cut already


def usable(image: Image | None) -> bool:
    """Whether readers may see the picture now: not taken down, its rights neither denied nor run out."""
    return image is not None and image.bar(clock.now()) is None


def picture(image: Image, place: str, alt: str) -> Picture:
    """The picture in the shape and the sizes of the place (a key of LAYOUTS), with the given alt text.

    Until there are crops it is the whole picture, which the style sheet cuts around the focal point.
    """
    layout = LAYOUTS[place]
    found = _of_shape(image, layout.crop) or _of_shape(image, "")
    if not found:
        return Picture(alt=alt, width=image.width, height=image.height)
    fallback = _enough(_of_type(found, FALLBACK) or found, layout.most)
    widest = fallback[-1]
    return Picture(
        alt=alt,
        width=widest["width"],
        height=widest["height"],
        src=address(_middle(fallback)),
        srcset=_srcset(fallback),
        sources=_sources(found, widest["width"], layout.most),
        sizes=layout.sizes(widest["width"], widest["height"]),
        focus="" if widest.get("crop") else _focus(image),
    )


def largest(image: Image | None, shape: str = "") -> Rendition | None:
    """The largest rendition of that shape in a format that every machine understands, if there is one to show."""
    if image is None or not usable(image):
        return None
    found = _of_shape(image, shape)
    found = _of_type(found, FALLBACK) or found
    return found[-1] if found else None


def shared(image: Image | None) -> Rendition | None:
    """What other sites show beside a link: 16:9 where there is such a crop, else the whole picture."""
    return largest(image, "16x9") or largest(image)


def shapes(image: Image | None) -> list[Rendition]:
    """The picture in every shape there is, for machines to choose from; the whole one where there is no crop."""
    crops = [largest(image, shape) for shape in renditions.CROPS]
    return [found for found in crops if found] or [found for found in [largest(image)] if found]


def address(rendition: Rendition) -> str:
    return settings.MEDIA_URL + str(rendition["path"])


def length(rendition: Rendition) -> int:
    """How many bytes the file has; 0 where it is not there."""
    key = f"rendition-bytes:{rendition['path']}"
    known = cache.get(key)
    if known is None:
        try:
            known = renditions.storage().size(rendition["path"])
        except OSError:
            return 0
        cache.set(key, known, MONTH)
    return int(known)


def _of_shape(image: Image, shape: str) -> list[Rendition]:
    """The renditions of that shape, the narrowest first; none where only modern ones of a crop are there yet."""
    whole = [r for r in image.renditions if r.get("path") and r.get("width") and r.get("height")]
    found = sorted((r for r in whole if r.get("crop", "") == shape), key=lambda r: r["width"])
    return found if not shape or _of_type(found, FALLBACK) else []


def _of_type(found: Iterable[Rendition], types: tuple[str, ...]) -> list[Rendition]:
    return [r for r in found if r["type"] in types]


def _enough(found: list[Rendition], most: int) -> list[Rendition]:
    """Without those that are wider than the densest screen can show in the place."""
    needed = next((r["width"] for r in found if r["width"] >= most * DENSEST), None)
    return [r for r in found if needed is None or r["width"] <= needed]


def _sources(found: list[Rendition], widest: int, most: int) -> tuple[Source, ...]:
    """The modern formats. One that is half made, and so lacks the large widths, is left out."""
    formats = [(kind, _enough(_of_type(found, (kind,)), most)) for kind in MODERN]
    return tuple(Source(kind, _srcset(made)) for kind, made in formats if made and made[-1]["width"] >= widest)


def _srcset(found: Iterable[Rendition]) -> str:
    return ", ".join(f"{address(r)} {r['width']}w" for r in found)


def _middle(found: list[Rendition]) -> Rendition:
    """What a browser that knows no srcset gets."""
    return min(found, key=lambda r: abs(r["width"] - 960))


def _focus(image: Image) -> str:
    """Classes of site.css for the focal point, in steps of a quarter."""
    return f"fx-{round(image.focal_x * 4)} fy-{round(image.focal_y * 4)}"
