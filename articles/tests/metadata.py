"""Pictures that say something of themselves, made byte by byte for tests."""

import hashlib
import io
import struct
import zlib
from typing import Any

from PIL import Image as Pillow
from PIL import PngImagePlugin

RDF = """<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/"
 xmlns:photoshop="http://ns.adobe.com/photoshop/1.0/" xmlns:xmpRights="http://ns.adobe.com/xap/1.0/rights/"
 xmlns:Iptc4xmpCore="http://iptc.org/std/Iptc4xmpCore/1.0/xmlns/"
 xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/" xmlns:exif="http://ns.adobe.com/exif/1.0/" %s>%s
</rdf:Description></rdf:RDF></x:xmpmeta>"""


def xmp(elements: str = "", attributes: str = "") -> bytes:
    """A packet with these properties."""
    return RDF.encode() % (attributes.encode(), elements.encode())


def alt(name: str, **texts: str) -> str:
    """A property in several languages; x_default is the default."""
    items = "".join(f'<rdf:li xml:lang="{lang.replace("_", "-")}">{text}</rdf:li>' for lang, text in texts.items())
    return f"<{name}><rdf:Alt>{items}</rdf:Alt></{name}>"


def seq(name: str, *texts: str, kind: str = "Seq") -> str:
    """A property with several values."""
    return f"<{name}><rdf:{kind}>{''.join(f'<rdf:li>{text}</rdf:li>' for text in texts)}</rdf:{kind}></{name}>"


def iim(*datasets: tuple[int, bytes], charset: bytes = b"") -> bytes:
    """IPTC IIM with these datasets of record 2."""
    marker = struct.pack(">BBBH", 0x1C, 1, 90, len(charset)) + charset if charset else b""
    return marker + b"".join(struct.pack(">BBBH", 0x1C, 2, n, len(value)) + value for n, value in datasets)


def resources(data: bytes, digest: bytes = b"") -> bytes:
    """Photoshop's resources with IIM, and with the digest that goes with it."""
    found = b"8BIM\x04\x04\0\0" + struct.pack(">L", len(data)) + data + b"\0" * (len(data) % 2)
    return found + (b"8BIM\x04\x25\0\0\0\0\0\x10" + digest if digest else b"")


def digest_of(data: bytes) -> bytes:
    return hashlib.md5(data, usedforsecurity=False).digest()


def exif(tags: dict[int, Any] | None = None, photo: dict[int, Any] | None = None) -> bytes:
    """EXIF with these tags, and these in the part about the photograph."""
    data = Pillow.Exif()
    data.update(tags or {})
    if photo:
        data.get_ifd(0x8769).update(photo)
    return data.tobytes()


def made(kind: str = "JPEG", **options: Any) -> bytes:
    """A small picture, saved by Pillow."""
    file = io.BytesIO()
    Pillow.new("RGB", (16, 12), "teal").save(file, kind, **{k: v for k, v in options.items() if v})
    return file.getvalue()


def jpeg(iptc: bytes = b"", digest: bytes = b"", segments: tuple[tuple[int, bytes], ...] = (), **options: Any) -> bytes:
    """A JPEG; what Pillow does not write itself goes behind its first two bytes."""
    data = made("JPEG", **options)
    parts = [*segments, (0xED, b"Photoshop 3.0\0" + resources(iptc, digest))] if iptc else list(segments)
    written = b"".join(struct.pack(">BBH", 0xFF, marker, len(part) + 2) + part for marker, part in parts)
    return data[:2] + written + data[2:]


def png(*texts: tuple[str, str | bytes], behind: tuple[tuple[bytes, bytes], ...] = (), **options: Any) -> bytes:
    """A PNG with texts before the picture, and with chunks `behind` it."""
    info = PngImagePlugin.PngInfo()
    for keyword, text in texts:
        info.add_itxt(keyword, text) if keyword.startswith("XML") else info.add_text(keyword, text, zip=True)
    data = made("PNG", pnginfo=info, **options)
    written = b"".join(chunk(kind, content) for kind, content in behind)
    return data[:-12] + written + data[-12:]


def chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">L", len(content)) + kind + content + struct.pack(">L", zlib.crc32(kind + content))


def gif(packet: bytes) -> bytes:
    """A GIF with XMP and a comment, which is none of the words that count."""
    data = made("GIF", comment=b"Made with a program")
    trailer = b"\x01" + bytes(range(255, -1, -1)) + b"\0"
    packet += b'<?xpacket end="r"?>'
    return data[:-1] + b"!\xff\x0bXMP DataXMP" + packet + trailer + data[-1:]


def tiff(packet: bytes = b"", iptc: bytes = b"", **options: Any) -> bytes:
    """A TIFF, in which some programs call IIM a row of numbers."""
    from PIL.TiffImagePlugin import ImageFileDirectory_v2

    tags = ImageFileDirectory_v2()
    for number, value, kind in ((700, packet, 1), (33723, iptc, 7)):
        if value:
            tags[number] = value
            tags.tagtype[number] = kind
    return made("TIFF", tiffinfo=tags, **options)
