"""The words that a rendition carries: who made the picture, whose it is, and nothing else."""

from typing import Any
from xml.sax.saxutils import escape

import PIL.Image
from PIL.PngImagePlugin import PngInfo

from articles.metadata import exif, plain
from articles.models import Image

PACKET = """<?xpacket begin="\N{ZERO WIDTH NO-BREAK SPACE}" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/"
 xmlns:photoshop="http://ns.adobe.com/photoshop/1.0/" xmlns:xmpRights="http://ns.adobe.com/xap/1.0/rights/">
%s
</rdf:Description></rdf:RDF></x:xmpmeta>
<?xpacket end="r"?>"""


def written(image: Image) -> dict[str, Any]:
    """Options for Pillow's save(), the same for JPEG, PNG, WebP and AVIF, with creator, credit and copyright.

    Nothing where the image has none of them. The same words make the same bytes.
    """
    creator, credit, rights = (plain.line(text) for text in (image.creator, image.credit, image.copyright))
    if not (creator or credit or rights):
        return {}
    packet = _xmp(creator, credit, rights)
    chunks = PngInfo()
    chunks.add_itxt("XML:com.adobe.xmp", packet)
    return {"exif": _exif(creator, rights), "xmp": packet.encode(), "pnginfo": chunks}


def _exif(creator: str, rights: str) -> bytes:
    """EXIF says ASCII and every program writes UTF-8 (MWG 2.0, 3.3.3)."""
    data = PIL.Image.Exif()
    for tag, text in ((exif.ARTIST, creator), (exif.COPYRIGHT, rights)):
        if text:
            data[tag] = text.encode()
    return data.tobytes() if data else b""


def _xmp(creator: str, credit: str, rights: str) -> str:
    properties = []
    if creator:
        names = "".join(f"<rdf:li>{escape(name.strip())}</rdf:li>" for name in creator.split(";") if name.strip())
        properties.append(f"<dc:creator><rdf:Seq>{names}</rdf:Seq></dc:creator>")
    if credit:
        properties.append(f"<photoshop:Credit>{escape(credit)}</photoshop:Credit>")
    if rights:
        notice = f'<rdf:li xml:lang="x-default">{escape(rights)}</rdf:li>'
        properties.append(f"<dc:rights><rdf:Alt>{notice}</rdf:Alt></dc:rights>")
        properties.append("<xmpRights:Marked>True</xmpRights:Marked>")
    return PACKET % "\n".join(properties)
