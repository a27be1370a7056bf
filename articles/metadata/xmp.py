"""XMP (ISO 16684-1): RDF in XML, of which only the properties below are looked at."""

from collections.abc import Iterator
from xml.etree.ElementTree import Element

from defusedxml.ElementTree import fromstring
from django.conf import settings

from articles.metadata import plain

LONGEST = 512 * 1024  # bytes; more is a picture in a picture, or an attack
# How a packet begins that is not UTF-8: with a byte order mark, or with "<" (ISO 16684-1, 7.3.2).
WIDE = {
    b"\xff\xfe\0\0": "utf-32",
    b"\0\0\xfe\xff": "utf-32",
    b"\xff\xfe": "utf-16",
    b"\xfe\xff": "utf-16",
    b"\0\0\0<": "utf-32-be",
    b"<\0\0\0": "utf-32-le",
    b"\0<": "utf-16-be",
    b"<\0": "utf-16-le",
}

RDF = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}"
XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
NAMESPACES = {
    "http://purl.org/dc/elements/1.1/": "dc",
    "http://ns.adobe.com/photoshop/1.0/": "photoshop",
    "http://ns.adobe.com/xap/1.0/rights/": "xmpRights",
    "http://iptc.org/std/Iptc4xmpCore/1.0/xmlns/": "Iptc4xmpCore",
    "http://iptc.org/std/Iptc4xmpExt/2008-02-29/": "Iptc4xmpExt",
    "http://ns.adobe.com/exif/1.0/": "exif",
    "http://ns.adobe.com/xmp/note/": "xmpNote",
}
PROPERTIES = {
    "dc:title",
    "dc:description",
    "dc:creator",
    "dc:rights",
    "dc:subject",
    "photoshop:Credit",
    "photoshop:Source",
    "photoshop:Headline",
    "photoshop:City",
    "photoshop:Country",
    "photoshop:DateCreated",
    "photoshop:Instructions",
    "photoshop:AuthorsPosition",
    "photoshop:CaptionWriter",
    "xmpRights:UsageTerms",
    "Iptc4xmpCore:AltTextAccessibility",
    "Iptc4xmpCore:ExtDescrAccessibility",
    "Iptc4xmpExt:PersonInImage",
    "Iptc4xmpExt:DigitalSourceType",
    "exif:DateTimeOriginal",
    "xmpNote:HasExtendedXMP",
}


def parsed(packet: bytes) -> dict[str, list[str]]:
    """The values of PROPERTIES by their usual names. Of texts in several languages, the site's is the one.

    Raises what the parser raises on XML that is damaged or dangerous, ValueError where there is too much.
    """
    if len(packet) > LONGEST:
        raise ValueError("XMP of more than LONGEST bytes")
    packet = _utf8(packet).strip(b"\0 \r\n\t")
    if not packet:
        return {}
    found: dict[str, list[str]] = {}
    # Only what is said of the picture: a description within another is of a part of it, or of what it shows.
    for rdf in fromstring(packet, forbid_dtd=True).iter(f"{RDF}RDF"):
        for description in rdf.findall(f"{RDF}Description"):
            for name, values in _properties(description):
                found.setdefault(name, values)
    return found


def _utf8(packet: bytes) -> bytes:
    """The packet in UTF-8, the only form that the parser knows without being told."""
    for beginning, charset in WIDE.items():
        if packet.startswith(beginning):
            return packet.decode(charset, "ignore").encode()
    return packet


def _properties(description: Element) -> Iterator[tuple[str, list[str]]]:
    """Simple values may stand as attributes, all others are elements (ISO 16684-1, 7.9.2.2)."""
    for tag, value in description.items():
        if (name := _name(tag)) in PROPERTIES and value.strip():
            yield name, [value]
    for child in description:
        if (name := _name(str(child.tag))) in PROPERTIES and (values := _values(child)):
            yield name, values


def _name(tag: str) -> str:
    namespace, _brace, local = tag.removeprefix("{").rpartition("}")
    return f"{NAMESPACES.get(namespace, '')}:{local}"


def _values(element: Element) -> list[str]:
    alternatives = element.find(f"{RDF}Alt")
    if alternatives is not None:
        return _in_our_language(alternatives)
    items = element.findall(f"{RDF}Seq/{RDF}li") + element.findall(f"{RDF}Bag/{RDF}li")
    if not items:
        items = element.findall(f"{RDF}value") + element.findall(f"{RDF}Description/{RDF}value") or [element]
    texts = [_text(item) for item in items[:200]]
    return [text for text in texts if text.strip()]


def _text(element: Element) -> str:
    return "".join(element.itertext())[: plain.LONGEST] or element.get(f"{RDF}resource", "")


def _in_our_language(alternatives: Element) -> list[str]:
    """The site's own language first, then the file's default, then the site's others, then any."""
    texts = {item.get(XML_LANG, "x-default").lower(): _text(item) for item in reversed(alternatives[:200])}
    main = settings.LANGUAGE_CODE.lower()
    others = (code.lower() for code, _name in settings.LANGUAGES)
    for wanted in (main, "x-default", *others):
        for language in sorted(texts):
            if texts[language].strip() and (language == wanted or language.startswith(f"{wanted}-")):
                return [texts[language]]
    return [text for text in reversed(texts.values()) if text.strip()][:1]
