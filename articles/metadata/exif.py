"""EXIF 2.32: what cameras write, and what programs add for those who read nothing else."""

from typing import Any

import PIL.Image
from PIL import ExifTags

from articles.metadata import plain

MAKE, MODEL = 0x010F, 0x0110
DESCRIPTION, ARTIST, COPYRIGHT = 0x010E, 0x013B, 0x8298
TAKEN_AT, OFFSET, COMMENT = 0x9003, 0x9011, 0x9286
# What Windows adds, in UTF-16.
WINDOWS = {0x9C9B: "Title", 0x9C9C: "Comment", 0x9C9E: "Keywords", 0x9C9F: "Subject"}
# EXIF 2.32, 4.6.5.4, UserComment: its first eight bytes say how the others are written.
COMMENT_CHARSETS = {b"ASCII\0\0\0": "", b"UNICODE\0": "utf-16", b"JIS\0\0\0\0\0": "iso2022_jp", bytes(8): ""}


def parsed(exif: PIL.Image.Exif) -> dict[int, str]:
    """The texts of the tags above. Where the camera only names itself, that is no text."""
    photo: dict[int, Any] = exif.get_ifd(ExifTags.IFD.Exif)
    found = {tag: _text(exif.get(tag, "")) for tag in (DESCRIPTION, ARTIST)}
    found[COPYRIGHT] = _copyright(exif.get(COPYRIGHT, ""))
    camera = [plain.line(_text(exif.get(tag, ""))).casefold() for tag in (MAKE, MODEL)]
    itself = {*camera, " ".join(camera)}
    found = {tag: "" if plain.line(text).casefold() in itself else text for tag, text in found.items()}
    found |= {tag: _text(photo.get(tag, exif.get(tag, ""))) for tag in (TAKEN_AT, OFFSET)}
    found[COMMENT] = _comment(photo.get(COMMENT, b""), "utf-16-le" if exif.endian == "<" else "utf-16-be")
    return found | {tag: _windows(exif.get(tag, b"")) for tag in WINDOWS}


def _text(value: object) -> str:
    """Pillow decodes as Latin-1 what cameras write in anything; so the bytes are looked at again."""
    if isinstance(value, str):
        value = value.encode("latin-1", "replace")
    return plain.decoded(value).strip("\0 \n") if isinstance(value, bytes) else ""


def _copyright(value: object) -> str:
    """The photographer's notice and the editor's are parted by a zero byte (EXIF 2.32, 4.6.5.1)."""
    parts = (part.strip() for part in _text(value).split("\0"))
    return "; ".join(part for part in parts if part)


def _comment(value: object, utf16: str) -> str:
    if not isinstance(value, bytes) or value[:8] not in COMMENT_CHARSETS:
        return ""
    raw, charset = value[8 : 8 + plain.LONGEST], COMMENT_CHARSETS[value[:8]]
    if charset == "utf-16":
        return raw.decode(_byte_order(raw, utf16), "replace").strip("\0 ")
    text = raw.decode(charset, "replace") if charset else plain.decoded(raw.strip(b"\0 "))
    return text.strip("\0 ") if text.strip("\0 ").isprintable() else ""


def _byte_order(raw: bytes, otherwise: str) -> str:
    """Programs that change a file forget its byte order here; Latin letters show which it is."""
    if raw[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return "utf-16"
    even, odd = raw[::2].count(0), raw[1::2].count(0)
    return otherwise if even == odd else "utf-16-le" if odd > even else "utf-16-be"


def _windows(value: object) -> str:
    raw = bytes(value) if isinstance(value, tuple) and all(isinstance(v, int) and v < 256 for v in value) else value
    return raw[: plain.LONGEST].decode("utf-16-le", "replace").strip("\0 ") if isinstance(raw, bytes) else ""
