"""Pictures as readers get them: which rendition for which width, and what stands in for a missing one."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.conf import settings

from articles.models import Image
from newsroom.lib import clock

# How wide a picture is shown, for the browser to choose a rendition by. They follow site.css.
SIZES = {
    "lead": "(min-width: 78rem) 74rem, calc(100vw - 2.5rem)",
    "text": "(min-width: 44rem) 40rem, calc(100vw - 2.5rem)",
    "wide": "(min-width: 56rem) 43rem, calc(100vw - 2.5rem)",
    "front": "(min-width: 78rem) 48rem, (min-width: 56rem) 64vw, calc(100vw - 2.5rem)",
    "card": "(min-width: 56rem) 23rem, (min-width: 40rem) 45vw, calc(100vw - 2.5rem)",
    "thumb": "(min-width: 40rem) 12rem, 7rem",
    "portrait": "7rem",
}
FALLBACK = ("image/jpeg", "image/png", "image/gif")


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
    focus: str = ""


def usable(image: Image | None) -> bool:
    """Whether readers may see the picture now: not taken down, its rights neither denied nor run out."""
    if image is None or image.killed_at or image.rights_denied:
        return False
    return image.rights_until is None or image.rights_until > clock.now()


def picture(image: Image, place: str, alt: str) -> Picture:
    """The picture in the place's sizes, with the given alt text."""
    renditions = [r for r in image.renditions if r.get("path") and r.get("width") and r.get("height")]
    if not renditions:
        return Picture(alt=alt, width=image.width, height=image.height)
    fallback = _of_type(renditions, FALLBACK) or renditions
    widest = max(fallback, key=lambda r: r["width"])
    modern = [r for r in renditions if r not in fallback]
    types = sorted({r["type"] for r in modern})
    return Picture(
        alt=alt,
        width=widest["width"],
        height=widest["height"],
        src=address(_middle(fallback)),
        srcset=_srcset(fallback),
        sources=tuple(Source(kind, _srcset(_of_type(modern, (kind,)))) for kind in types),
        sizes=SIZES[place],
        focus=_focus(image),
    )


def largest(image: Image | None) -> dict[str, Any] | None:
    """The largest rendition in a format that every machine understands, or None if there is none to show."""
    if image is None or not usable(image) or not image.renditions:
        return None
    fallback = _of_type(image.renditions, FALLBACK) or image.renditions
    return max(fallback, key=lambda r: r["width"])


def largest_address(image: Image | None) -> str:
    """The path of that rendition, or ""."""
    found = largest(image)
    return address(found) if found else ""


def address(rendition: dict[str, Any]) -> str:
    return settings.MEDIA_URL + str(rendition["path"])


def _of_type(renditions: Iterable[dict[str, Any]], types: tuple[str, ...]) -> list[dict[str, Any]]:
    return [r for r in renditions if r["type"] in types]


def _srcset(renditions: Iterable[dict[str, Any]]) -> str:
    ordered = sorted(renditions, key=lambda r: r["width"])
    return ", ".join(f"{address(r)} {r['width']}w" for r in ordered)


def _middle(renditions: list[dict[str, Any]]) -> dict[str, Any]:
    """What a browser that knows no srcset gets."""
    return min(renditions, key=lambda r: abs(r["width"] - 960))


def _focus(image: Image) -> str:
    """Classes of site.css for the focal point, in steps of a quarter."""
    return f"fx-{round(image.focal_x * 4)} fy-{round(image.focal_y * 4)}"
