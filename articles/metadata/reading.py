"""One set of words out of three: which of EXIF, IPTC IIM and XMP is right where they differ.

As the Metadata Working Group's guidelines 2.0 (chapters 3 and 5) and the IPTC Photo Metadata standard say: EXIF
first; XMP before IIM, unless the checksum tells that IIM was changed later. Beyond these, a text that is only
cut off or stripped of its accents gives way to the whole one, and what cameras write by themselves says nothing.
"""

import io
import logging
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import TypeVar

import PIL.Image
from django.utils import timezone

from articles.metadata import exif, iim, packets, plain, xmp
from articles.models import Image
from newsroom.lib import clock

logger = logging.getLogger(__name__)
Found = TypeVar("Found")

FORMATS = ["JPEG", "PNG", "WEBP", "AVIF", "GIF", "TIFF"]
LONGEST_CAPTION = 5000
LONGEST_FILE_WORDS = 10_000
FIRST_PHOTOGRAPH = datetime(1826, 1, 1, tzinfo=UTC)
FILLED = ("caption", "alt", "credit", "creator", "copyright", "source", "taken_at", "file_words")


@dataclass(frozen=True)
class Words:
    """What a file says, as plain text that fits the fields of Image with the same names."""

    caption: str = ""
    credit: str = ""
    creator: str = ""
    copyright: str = ""
    source: str = ""
    alt: str = ""
    taken_at: datetime | None = None
    file_words: str = ""

    def fill(self, image: Image) -> list[str]:
        """Put the words into the fields of `image` that are empty, and name these fields. Nothing is saved.

        `file_words` are lines, to which those that are not there yet are added.
        """
        present = image.file_words.splitlines()
        lines = [*present, *(line for line in self.file_words.splitlines() if line not in present)]
        words = replace(self, file_words="\n".join(lines) if len(lines) > len(present) else "")
        filled = [
            name for name in FILLED if getattr(words, name) and (not getattr(image, name) or name == "file_words")
        ]
        for name in filled:
            setattr(image, name, getattr(words, name))
        return filled


def read(data: bytes, image: PIL.Image.Image | None = None) -> Words:
    """What the file `data` says of itself. `image` is Pillow's view of it, where it is open already.

    Never raises: what cannot be read says nothing.
    """
    try:
        opened = PIL.Image.open(io.BytesIO(data), formats=FORMATS) if image is None else image
        return _settled(_Sources.of(packets.found(data, opened)))
    except Exception as error:  # Pillow raises nearly everything on hostile bytes, and all of it means this
        logger.info("Metadata could not be read: %r", error)
        return Words()


def reread(image: Image) -> list[str]:
    """Fill the empty words of an asset from its original, save them, and name the fields."""
    with image.original.open("rb") as original:
        filled = read(original.read()).fill(image)
    if filled:
        image.save(update_fields=filled)
    return filled


@dataclass
class _Sources:
    """The three of them, read, and the texts of a PNG."""

    exif: dict[int, str] = field(default_factory=dict)
    iim: dict[int, list[str]] = field(default_factory=dict)
    xmp: dict[str, list[str]] = field(default_factory=dict)
    texts: dict[str, str] = field(default_factory=dict)
    iim_changed: bool = False

    @classmethod
    def of(cls, found: packets.Packets) -> "_Sources":
        described: dict[str, list[str]] = {}
        for packet in found.xmp:
            described = _tried(xmp.parsed, packet, described) | described
        return cls(
            exif=_tried(exif.parsed, found.exif, {}) if found.exif else {},
            iim=_tried(iim.parsed, found.iim, {}),
            xmp=described,
            texts=found.texts,
            iim_changed=found.iim_changed,
        )

    def both(self, number: int, name: str) -> list[list[str]]:
        """The values of a property that IIM and XMP have in common, the right ones first."""
        old, new = self.iim.get(number, []), self.xmp.get(name, [])
        return [old, new] if self.iim_changed else [new, old]

    def values(self, number: int, name: str) -> list[str]:
        """The right values."""
        return next((values for values in self.both(number, name) if any(v.strip() for v in values)), [])

    def text(self, number: int, name: str, tag: int | None = None, keyword: str = "") -> str:
        """The right text: of EXIF, of XMP or IIM, or of a PNG's own."""
        texts = [self.exif.get(tag, "")] if tag else []
        texts += (
            ["; ".join(filter(None, map(plain.line, values))) for values in self.both(number, name)]
            if (len(self.values(number, name)) > 1)
            else ["".join(values) for values in self.both(number, name)]
        )
        return _whole([plain.said(text) for text in [*texts, self.texts.get(keyword, "")]])


def _joined(values: list[str]) -> str:
    """Several names as EXIF parts them (MWG 2.0, 5.5)."""
    return values[0] if len(values) == 1 else "; ".join(filter(None, map(plain.line, values)))


def _tried(parse: Callable[..., Found], raw: object, otherwise: Found) -> Found:
    try:
        return parse(raw)
    except Exception as error:  # as above: one broken packet says nothing, and the others still do
        logger.info("%s could not be read: %r", parse.__module__, error)
        return otherwise


def _whole(texts: list[str]) -> str:
    """The first that says something, or another that says the same without loss."""
    texts = [text for text in texts if text]
    if not texts:
        return ""
    return next((text for text in texts[1:] if _is_shadow(texts[0], text)), texts[0])


def _is_shadow(short: str, long: str) -> bool:
    """Whether `short` is `long` as IIM cuts it off, or as a program left it that knows only ASCII."""
    pairs = zip(short, long, strict=False)
    return len(short) <= len(long) and short != long and all(a in (b, "?") for a, b in pairs)


def _settled(sources: _Sources) -> Words:
    words = {
        "caption": (sources.text(120, "dc:description", exif.DESCRIPTION, "Description"), LONGEST_CAPTION),
        "credit": (plain.line(sources.text(110, "photoshop:Credit")), _longest("credit")),
        "creator": (plain.line(sources.text(80, "dc:creator", exif.ARTIST, "Author")), _longest("creator")),
        "copyright": (plain.line(sources.text(116, "dc:rights", exif.COPYRIGHT, "Copyright")), _longest("copyright")),
        "source": (plain.line(sources.text(115, "photoshop:Source")), _longest("source")),
        # Only what was written as alt text: a caption says other things, and a file name nothing.
        "alt": (plain.line("".join(sources.xmp.get("Iptc4xmpCore:AltTextAccessibility", []))), _longest("alt")),
        "file_words": ("\n".join(_others(sources)), LONGEST_FILE_WORDS),
    }
    for name, (text, longest) in words.items():
        if len(text) > longest:
            logger.info("The %s in a file has %d characters and was cut to %d.", name, len(text), longest)
    fitting = {name: plain.fitting(text, longest) for name, (text, longest) in words.items()}
    return Words(**fitting, taken_at=_taken_at(sources))


def _longest(name: str) -> int:
    return getattr(Image._meta.get_field(name), "max_length", None) or 0


def _others(sources: _Sources) -> Iterator[str]:
    """What has no field of its own, a line each."""
    said = {
        "Title": sources.values(5, "dc:title") or [sources.texts.get("Title", "")],
        "Headline": sources.values(105, "photoshop:Headline"),
        "Keywords": sources.values(25, "dc:subject"),
        "Persons": sources.xmp.get("Iptc4xmpExt:PersonInImage", []),
        "City": sources.values(90, "photoshop:City"),
        "Country": sources.values(101, "photoshop:Country"),
        "Creator's job": sources.values(85, "photoshop:AuthorsPosition"),
        "Caption by": sources.values(122, "photoshop:CaptionWriter"),
        "Instructions": sources.values(40, "photoshop:Instructions"),
        "Usage terms": sources.xmp.get("xmpRights:UsageTerms", []),
        "Extended description": sources.xmp.get("Iptc4xmpCore:ExtDescrAccessibility", []),
        "Digital source type": sources.xmp.get("Iptc4xmpExt:DigitalSourceType", []),
        "Comment": [sources.exif.get(exif.COMMENT, "")],
    }
    for tag, name in exif.WINDOWS.items():
        said[name] = [text for text in said.get(name, []) if text.strip()] or [sources.exif.get(tag, "")]
    for name, values in said.items():
        texts = dict.fromkeys(text for value in values if (text := plain.line(value)))
        if texts and any(character.isalnum() for text in texts for character in text):
            yield plain.fitting(f"{name}: {', '.join(texts)}", 2000)


# When it was taken --------------------------------------------------------------------------------------


DAY = re.compile(r"(\d{4})[-:]?(\d\d)[-:]?(\d\d)(?!\d)")
TIME = re.compile(r"(\d\d):?(\d\d)(?::?(\d\d)(?:\.\d+)?)?\s*(Z|[+-]\d\d:?\d\d)?\s*")


def _taken_at(sources: _Sources) -> datetime | None:
    """The moment, aware. Where the file names no offset, it is local time of the site's zone.

    EXIF's is first, and XMP before IIM as above; but one that names the same day without the hour gives way.
    """
    stamp = sources.exif.get(exif.TAKEN_AT, "")
    offset = sources.exif.get(exif.OFFSET, "") if TIME.fullmatch(f"0000{sources.exif.get(exif.OFFSET)}") else ""
    day, hour = ("".join(sources.iim.get(number, [])[:1]) for number in (55, 60))
    iso = [_iso(sources.xmp.get(name, [])) for name in ("photoshop:DateCreated", "exif:DateTimeOriginal")]
    created = [(day, hour), iso[0]] if sources.iim_changed else [iso[0], (day, hour)]
    told = [_told(*one) for one in [(stamp[:10], stamp[11:19] + offset), *created, iso[1]]]
    moments = [(moment, exactly) for moment, exactly in filter(None, told)]
    if not moments:
        return None
    first, _exactly = moments[0]
    return next((moment for moment, exactly in moments if exactly and moment.date() == first.date()), first)


def _iso(values: list[str]) -> tuple[str, str]:
    """Day and time of ISO 8601, of which XMP also takes the year or the month alone: these are no moment."""
    day, _t, hour = "".join(values[:1]).strip().partition("T")
    return day, hour


def _told(day: str, hour: str) -> tuple[datetime, bool] | None:
    """The moment, and whether the hour is known.

    None where the clock was not set: no such day, before photography, or still to come.
    """
    date, time = DAY.fullmatch(day.strip()), TIME.fullmatch(hour.strip())
    if not date:
        return None
    clocked = f"{time[1]}:{time[2]}:{time[3] or '00'}{time[4] or ''}" if time else "00:00:00"
    try:
        moment = datetime.fromisoformat(f"{'-'.join(date.groups())}T{clocked}")
        aware = moment if moment.tzinfo else timezone.make_aware(moment, timezone.get_default_timezone())
        return (aware, bool(time)) if FIRST_PHOTOGRAPH <= aware <= clock.now() + timedelta(days=1) else None
    except (ValueError, OverflowError):
        return None
