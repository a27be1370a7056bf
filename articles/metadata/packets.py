"""Where each format keeps its metadata: raw packets out of a picture's bytes. Nothing is decoded."""

import hashlib
import warnings
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field

import PIL.Image

from articles.metadata import plain

IIM, IIM_DIGEST = 0x0404, 0x0425  # Photoshop's image resources
TIFF_XMP, TIFF_IIM, TIFF_PHOTOSHOP = 700, 33723, 34377
EXTENDED_XMP = b"http://ns.adobe.com/xmp/extension/\0"
PNG = b"\x89PNG\r\n\x1a\n"
GIF_XMP, XMP_END = b"XMP DataXMP", b"<?xpacket end="
# Bounds: of one packet in bytes, of packets of one kind, and of the pieces of a PNG.
LONGEST = 1024 * 1024
MOST, MOST_CHUNKS, MOST_TEXTS = 3, 100_000, 50

# Pillow warns of every broken tag; a file may hold thousands.
warnings.filterwarnings("ignore", category=UserWarning, module=r"PIL\.TiffImagePlugin")


@dataclass
class Packets:
    """`iim_changed`: whether a program that knew only IIM has changed it since the others were written."""

    exif: PIL.Image.Exif | None = None
    xmp: list[bytes] = field(default_factory=list)
    iim: bytes = b""
    iim_changed: bool = False
    texts: dict[str, str] = field(default_factory=dict)

    def add_resources(self, resources: dict[int, bytes]) -> None:
        """Take what Photoshop's resources hold. Their digest is of the IIM that agreed with XMP (MWG 2.0, 3.3.2)."""
        iim, digest = resources.get(IIM, b""), resources.get(IIM_DIGEST, b"")
        if isinstance(iim, bytes) and iim:
            self.iim = iim
            written = digest if isinstance(digest, bytes) and len(digest) == 16 and any(digest) else b""
            self.iim_changed = bool(written) and hashlib.md5(iim, usedforsecurity=False).digest() != written


def found(data: bytes, image: PIL.Image.Image) -> Packets:
    """What `data` carries; `image` is Pillow's view of it, opened and not yet loaded."""
    packets = Packets()
    if data.startswith(PNG):
        _png(data, packets)
        return packets
    if image.format == "TIFF":
        _tiff(image, packets)
    elif raw := image.info.get("exif"):
        packets.exif = _exif(raw)
    if image.format in {"JPEG", "MPO"}:
        packets.add_resources(image.info.get("photoshop", {}))
        packets.xmp += _extended(getattr(image, "applist", []))
    if image.format == "GIF":
        start = data.find(GIF_XMP) + len(GIF_XMP)
        end = data.find(XMP_END, start, start + LONGEST)
        packets.xmp += [data[start:end]] if len(GIF_XMP) <= start < end else []
    if image.format != "TIFF" and isinstance(raw := image.info.get("xmp"), bytes):
        packets.xmp.insert(0, raw)
    return packets


def _exif(raw: bytes) -> PIL.Image.Exif:
    exif = PIL.Image.Exif()
    exif.load(raw)
    return exif


def _tiff(image: PIL.Image.Image, packets: Packets) -> None:
    packets.exif = image.getexif()
    # The raw bytes, as Pillow's own IptcImagePlugin takes them: some programs call IIM numbers of four bytes.
    raw: dict[int, bytes] = getattr(getattr(image, "tag_v2", None), "_tagdata", {})
    if xmp := raw.get(TIFF_XMP):
        packets.xmp.append(xmp)
    packets.iim = raw.get(TIFF_IIM, b"")
    packets.add_resources({IIM: packets.iim} | dict(_resources(raw.get(TIFF_PHOTOSHOP, b""))))


def _resources(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Photoshop's image resources: signature, number, padded name, size, padded data."""
    at = 0
    while data[at : at + 4] == b"8BIM" and at + 12 <= len(data):
        number = int.from_bytes(data[at + 4 : at + 6], "big")
        at += 6 + (data[at + 6] + 2 & ~1)
        size = int.from_bytes(data[at : at + 4], "big")
        yield number, data[at + 4 : at + 4 + size]
        at += 4 + (size + 1 & ~1)


def _extended(segments: list[tuple[str, bytes]]) -> list[bytes]:
    """What did not fit into one segment of a JPEG (XMP specification, part 3, 1.1.3.1), put together by offsets."""
    parts: dict[bytes, dict[int, bytes]] = {}
    for marker, segment in segments:
        if marker == "APP1" and segment.startswith(EXTENDED_XMP) and len(segment) > 75:
            guid, offset = segment[35:67], int.from_bytes(segment[71:75], "big")
            parts.setdefault(guid, {})[offset] = segment[75:]
    whole = [b"".join(part for _offset, part in sorted(some.items())) for some in parts.values()]
    return [packet for packet in whole if len(packet) <= LONGEST][:MOST]


# PNG (ISO 15948, and its third edition for eXIf). Chunks may stand behind the picture, where Pillow sees
# them only once it was decoded.


def _png(data: bytes, packets: Packets) -> None:
    texts = 0
    for kind, chunk in _chunks(data):
        if kind == b"eXIf" and packets.exif is None:
            packets.exif = _exif(b"Exif\0\0" + chunk)
        elif kind in {b"tEXt", b"zTXt", b"iTXt"} and texts < MOST_TEXTS:
            texts += 1
            _png_texts(*_png_text(kind, chunk), packets)


def _png_texts(keyword: str, value: bytes, packets: Packets) -> None:
    if keyword == "XML:com.adobe.xmp":
        packets.xmp = [*packets.xmp, value][:MOST]
    elif keyword in {"Raw profile type iptc", "Raw profile type exif", "Raw profile type APP1"}:
        _raw_profile(_hexadecimal(value), packets)
    else:
        packets.texts.setdefault(keyword, plain.decoded(value))


def _chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = len(PNG)
    for _count in range(MOST_CHUNKS):
        if at + 12 > len(data):
            return
        size, kind = int.from_bytes(data[at : at + 4], "big"), data[at + 4 : at + 8]
        if kind != b"IDAT":
            yield kind, data[at + 8 : at + 8 + min(size, LONGEST)]
        at += 12 + size


def _png_text(kind: bytes, chunk: bytes) -> tuple[str, bytes]:
    keyword, _zero, rest = chunk.partition(b"\0")
    packed = kind == b"zTXt"
    if kind == b"zTXt":
        rest = rest[1:]
    elif kind == b"iTXt":
        packed = rest[:1] == b"\1"
        rest = rest[2:].partition(b"\0")[2].partition(b"\0")[2]
    return keyword.decode("latin-1"), _unpacked(rest) if packed else rest


def _unpacked(packed: bytes) -> bytes:
    try:
        return zlib.decompressobj().decompress(packed, LONGEST)
    except zlib.error:
        return b""


def _hexadecimal(profile: bytes) -> bytes:
    """ImageMagick's way: a name, a length, and hexadecimal digits in lines."""
    digits = b"".join(profile.strip().split()[2:])
    try:
        return bytes.fromhex(digits.decode("ascii"))
    except ValueError:
        return b""


def _raw_profile(raw: bytes, packets: Packets) -> None:
    if raw.startswith(b"Exif\0\0"):
        packets.exif = packets.exif or _exif(raw)
    elif raw.startswith(b"http://ns.adobe.com/xap/1.0/\0"):
        packets.xmp.append(raw.partition(b"\0")[2])
    elif raw.startswith(b"8BIM"):
        packets.add_resources(dict(_resources(raw)))
    elif raw.startswith(b"\x1c"):
        packets.add_resources({IIM: raw})
