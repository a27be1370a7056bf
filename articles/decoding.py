"""From the bytes of an upload to an upright picture in sRGB, within stated bounds of memory.

Only what the bytes are counts, never a file's name. A file that cannot be decoded whole is refused.
"""

import io
import logging
import struct
import warnings
from contextlib import suppress
from dataclasses import dataclass
from typing import cast

import PIL.Image
from django.utils.translation import gettext as _
from PIL import ImageCms

from articles import bounded, pieces

logger = logging.getLogger(__name__)

# How much memory decoding one picture may take, besides the file itself.
MAX_MEMORY = 512 * 1024 * 1024
# What Pillow and its libraries need for each pixel at worst, measured, their copies included.
BYTES_A_PIXEL = {"JPEG": 6, "MPO": 6, "PNG": 11, "WEBP": 20, "AVIF": 10, "GIF": 7, "TIFF": 10, "HEIC": 10}

# What Pillow calls a format, and its media type. MPO is a JPEG with further pictures behind the first.
MEDIA_TYPES = {
    "JPEG": "image/jpeg",
    "MPO": "image/jpeg",
    "PNG": "image/png",
    "WEBP": "image/webp",
    "AVIF": "image/avif",
    "GIF": "image/gif",
    "TIFF": "image/tiff",
    "HEIC": "image/heic",
}
FORMATS = ["JPEG", "PNG", "WEBP", "AVIF", "GIF", "TIFF"]
# How files of these formats begin, whole or broken (AVIF and WebP say it too deep inside to matter).
BEGINNINGS = (b"\xff\xd8\xff", b"\x89PNG", b"GIF8", b"II*\0", b"MM\0*")
# Pictures of an animation, or pages, are counted up to here.
MOST_FRAMES = 1000

ORIENTATION, TILE_WIDTH, TILE_LENGTH = 0x0112, 0x0142, 0x0143
# EXIF 2.32, 4.6.5.1, orientation: how to turn what is stored into what was seen.
TURNS = {
    2: PIL.Image.Transpose.FLIP_LEFT_RIGHT,
    3: PIL.Image.Transpose.ROTATE_180,
    4: PIL.Image.Transpose.FLIP_TOP_BOTTOM,
    5: PIL.Image.Transpose.TRANSPOSE,
    6: PIL.Image.Transpose.ROTATE_270,
    7: PIL.Image.Transpose.TRANSVERSE,
    8: PIL.Image.Transpose.ROTATE_90,
}
SIDEWAYS = {5, 6, 7, 8}
BROKEN_METADATA = (OSError, SyntaxError, ValueError, TypeError, LookupError, ArithmeticError, EOFError, struct.error)

# Pillow only warns of pictures between one and two times its own limit.
warnings.simplefilter("error", PIL.Image.DecompressionBombWarning)


class Refused(Exception):
    """An upload that the library does not take. Its text is a sentence for the person who uploaded it."""


@dataclass(frozen=True)
class Decoded:
    """`still` is upright, RGB or RGBA in sRGB, and fits the box that was asked for.

    `width` and `height` are the original's, upright; `media_type` is what its bytes are; more than one of `frames`
    means that `still` is the first picture of an animation, or the first page.
    """

    still: PIL.Image.Image
    width: int
    height: int
    media_type: str
    frames: int = 1


def decode(data: bytes, widest: int, tallest: int) -> Decoded:
    """Decode all of `data`, shrunk to fit `widest` x `tallest` pixels, never enlarged.

    Of an animation this is the first picture. Raises Refused.
    """
    try:
        return _decode(data, widest, tallest)
    except Refused:
        raise
    except Exception as error:  # Pillow raises nearly everything on hostile bytes, and all of it means this
        logger.info("An upload could not be decoded: %r", error)
        raise _damaged() from error


def _decode(data: bytes, widest: int, tallest: int) -> Decoded:
    if bounded.is_heic(data):
        return _decode_bounded(bounded.HEIC, data, widest, tallest)
    image = _opened(data)
    media_type = MEDIA_TYPES[image.format or ""]
    if image.format == "PNG":
        _opened(data).verify()  # the checksums of all chunks, which decoding alone does not look at
    if image.format == "AVIF":
        return _decode_bounded(bounded.AVIF, data, widest, tallest)
    size, turn = image.size, 1
    if media_type == "image/jpeg":
        # A JPEG is decoded at half, a quarter or an eighth of its size where that is enough.
        turn = _orientation(image)
        image.draft(None, _box(size, turn, widest, tallest))
        image.load()
    else:
        image.load()  # which turns a TIFF upright
        size, turn = image.size, _orientation(image)
    width, height = reversed(size) if turn in SIDEWAYS else size
    still = _plain(image).resize(_box(size, turn, widest, tallest), PIL.Image.Resampling.LANCZOS, reducing_gap=3)
    still = _to_srgb(still, image.info.get("icc_profile"))
    if turn in TURNS:
        still = still.transpose(TURNS[turn])
    still.info = {}
    return Decoded(still, width, height, media_type, _frames(data, image.format or ""))


def _decode_bounded(kind: str, data: bytes, widest: int, tallest: int) -> Decoded:
    most = MAX_MEMORY // BYTES_A_PIXEL[kind.upper()]
    try:
        found, (width, height), frames = bounded.decode(kind, data, widest, tallest, pixels=most, memory=MAX_MEMORY)
    except bounded.TooLarge as error:
        raise _too_large(most) from error
    still = _to_srgb(found, found.info.get("icc_profile"))
    still.info = {}
    return Decoded(still, width, height, MEDIA_TYPES[kind.upper()], min(frames, MOST_FRAMES))


def _opened(data: bytes) -> PIL.Image.Image:
    """The picture with its header read and its size found acceptable. Nothing is decoded yet."""
    if pieces.too_many(data):
        raise Refused(_("The picture's file is made of too many pieces. Export it again as JPEG and upload that."))
    try:
        image = PIL.Image.open(io.BytesIO(data), formats=FORMATS)
    except (PIL.Image.DecompressionBombError, PIL.Image.DecompressionBombWarning) as error:
        raise Refused(_("The picture has too many pixels. Make it smaller and upload that.")) from error
    except PIL.UnidentifiedImageError as error:
        raise (_damaged() if data.startswith(BEGINNINGS) else Refused(_what_it_is(data))) from error
    most = MAX_MEMORY // BYTES_A_PIXEL[image.format or ""]
    if image.width * image.height + _tile(image) > most:
        raise _too_large(most)
    return image


def _tile(image: PIL.Image.Image) -> int:
    """The pixels of a TIFF's tile, which is decoded whole beside the picture, however little of it that shows."""
    tags = getattr(image, "tag_v2", {})
    return int(tags.get(TILE_WIDTH, 0)) * int(tags.get(TILE_LENGTH, 0))


def _frames(data: bytes, format_: str) -> int:
    """How many pictures or pages there are. Never a reason to refuse the first."""
    if format_ in {"JPEG", "MPO"}:  # what stands behind the first is a preview or a gain map
        return 1
    try:
        if format_ == "GIF":
            return max(1, _gif_frames(data))
        if format_ == "TIFF":
            return pieces.pages(data, MOST_FRAMES)
        image = PIL.Image.open(io.BytesIO(data), formats=FORMATS)
        return max(1, min(MOST_FRAMES, getattr(image, "n_frames", 1)))
    except BROKEN_METADATA:
        return 1


def _gif_frames(data: bytes) -> int:
    """GIF89a, sections 18 to 26. Pillow would take a second for so many thousand."""

    def after_blocks(at: int) -> int:
        while data[at]:
            at += data[at] + 1
        return at + 1

    def table(flags: int) -> int:
        return 3 << (flags & 7) + 1 if flags & 0x80 else 0

    frames, at = 0, 13 + table(data[10])
    with suppress(IndexError):
        while frames < MOST_FRAMES and data[at] in b"!,":
            if data[at : at + 1] == b",":
                after = after_blocks(at + 11 + table(data[at + 9]))
                frames += 1
            else:
                after = after_blocks(at + 2)
            at = after
    return frames


def _too_large(most: int) -> Refused:
    return Refused(
        _("The picture has more than %(millions)d million pixels. Make it smaller and upload that.")
        % {"millions": most // 1_000_000}
    )


def _damaged() -> Refused:
    return Refused(_("The picture is damaged or not complete. Export it again as JPEG or PNG and upload that."))


def _what_it_is(data: bytes) -> str:
    """What to tell somebody whose file is none of the formats."""
    if not data:
        return _("The file is empty. Choose another one.")
    if b"<svg" in data[:4096].lower():
        return _("This is an SVG drawing, which may hold programs. Export it as PNG and upload that.")
    return _("This is not a picture that can be used here. Upload a JPEG, PNG, WebP, AVIF, GIF, TIFF or HEIC.")


def _orientation(image: PIL.Image.Image) -> int:
    try:
        return int(image.getexif().get(ORIENTATION, 1))
    except BROKEN_METADATA:  # dropped anyway, and no reason to refuse a picture
        return 1


def _box(size: tuple[int, int], turn: int, widest: int, tallest: int) -> tuple[int, int]:
    """The size to shrink a picture of `size` to as it is stored, so that it fits once it is upright."""
    width, height = size
    if turn in SIDEWAYS:
        widest, tallest = tallest, widest
    scale = min(1, widest / width, tallest / height)
    return max(1, round(width * scale)), max(1, round(height * scale))


def _plain(image: PIL.Image.Image) -> PIL.Image.Image:
    """`image` in a mode of eight bits a channel that can be resized: L, RGB, CMYK or RGBA."""
    if image.mode.startswith("I") or image.mode == "F":
        return _eight_bits(image)
    if image.mode in {"L", "RGB", "CMYK", "RGBA"} and "transparency" not in image.info:
        return image
    if image.has_transparency_data:
        return image.convert("RGBA")
    return image.convert("RGB")


def _eight_bits(image: PIL.Image.Image) -> PIL.Image.Image:
    """Grey values of 16 or 32 bits, or fractions, brought to 0-255."""
    wide = image.convert("F")
    low, high = cast(tuple[float, float], wide.getextrema())
    if image.mode.startswith("I;16"):
        low, high = 0, 65535
    elif low >= 0 and high <= 255:
        low, high = 0, 255
    span = max(high - low, 1e-9)
    return wide.point(lambda value: value * (255 / span) + (-low * 255 / span)).convert("L")


def _to_srgb(still: PIL.Image.Image, profile: bytes | None) -> PIL.Image.Image:
    """`still` in RGB or RGBA, its colours converted where it says what they mean."""
    alpha = still.getchannel("A") if still.mode == "RGBA" else None
    if alpha and alpha.getextrema() == (255, 255):  # as programs write screenshots: nothing shows through
        still, alpha = still.convert("RGB"), None
    colours = still.convert("RGB") if alpha else still
    if profile:
        try:
            source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            converted = ImageCms.profileToProfile(colours, source, ImageCms.createProfile("sRGB"), outputMode="RGB")
            colours = converted or colours
        except (ImageCms.PyCMSError, OSError, ValueError):
            logger.info("A colour profile could not be used and was ignored.")
    colours = colours.convert("RGB")
    if alpha:
        colours.putalpha(alpha)
    return colours
