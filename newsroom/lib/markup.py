"""HTML as a stream of tokens, read in linear time whatever is sent.

Not a browser's parser: nh3 holds that part (see newsroom.lib.html). This one makes sure that nh3 is
only ever given text whose tags are what they look like.
"""

import html
import re
from collections.abc import Iterator
from typing import NamedTuple


class Start(NamedTuple):
    name: str
    attributes: dict[str, str]


class End(NamedTuple):
    name: str


class Text(NamedTuple):
    """Source text: character references are kept as they are, a lone `<` is escaped."""

    source: str


Token = Start | End | Text

# Elements that go with all that is in them; the contents of the first group are no markup for a browser.
RAW = frozenset(["script", "style", "title", "textarea", "iframe", "noembed", "noframes", "xmp", "plaintext"])
GONE = RAW | {"head", "template", "noscript", "object", "svg", "math", "select", "audio", "video", "canvas"}

_TAG = re.compile(r"""<(/?)([a-zA-Z][^\s/>]*+)((?:[^>"'=]++|=\s*+(?:"[^"]*+"|'[^']*+')?+|["'])*+)>""")
_ATTRIBUTE = re.compile(r"""([^\s/>=][^\s/>=]*+)(?:\s*+=\s*+("[^"]*+"|'[^']*+'|[^\s>]++))?+""")
_COMMENT_END = re.compile("--!?>")
_REFERENCE = re.compile(r"&(?:#[0-9]+;?|#[xX][0-9a-fA-F]+;?|[a-zA-Z][a-zA-Z0-9]*;)")
# Control characters but tab and line feed, lone surrogates, and code points that are no characters.
_UNPRINTABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")


def printable(text: str) -> str:
    """`text` with line feeds for line ends and without characters that no reader can see."""
    return _UNPRINTABLE.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


def tokens(source: str) -> Iterator[Token]:
    """The tags and texts of `source`. Comments, declarations and the elements of GONE are left out."""
    source, position, unclosed = printable(source), 0, set[str]()
    while (opening := source.find("<", position)) >= 0:
        if opening > position:
            yield Text(source[position:opening])
        if source.startswith("<!--", opening) and "!" not in unclosed:
            if end := _COMMENT_END.search(source, opening + 2):
                position = end.end()
                continue
            unclosed.add("!")
        following = source[opening + 1 : opening + 3]
        if following[:1] in ("!", "?") or (following[:1] == "/" and not following[1:].isalpha()):
            position = source.find(">", opening) + 1  # What browsers take for a comment.
        elif not following.lstrip("/")[:1].isalpha() or not following.lstrip("/")[:1].isascii():
            yield Text("&lt;")
            position = opening + 1
            continue
        elif tag := _TAG.match(source, opening):
            token = _tag(tag)
            position = tag.end()
            if token.name not in GONE:
                yield token
            elif isinstance(token, Start):
                position = _end_of(token.name, source, position, unclosed)
        else:
            position = 0
        if position <= opening:  # A tag without an end: all that follows is text.
            yield Text(source[opening:].replace("<", "&lt;"))
            return
    if position < len(source):
        yield Text(source[position:])


def _tag(match: re.Match[str]) -> Start | End:
    closing, name, attributes = match.groups()
    if closing:
        return End(name.lower())
    found: dict[str, str] = {}
    for attribute in _ATTRIBUTE.finditer(attributes):
        found.setdefault(attribute[1].lower(), _value(attribute[2] or ""))
    return Start(name.lower(), found)


def _value(source: str) -> str:
    if source[:1] in ("'", '"'):
        source = source[1:-1] if len(source) > 1 and source[-1] == source[0] else source[1:]
    return printable(_REFERENCE.sub(lambda found: html.unescape(found[0]), source))


def _end_of(name: str, source: str, position: int, unclosed: set[str]) -> int:
    """Behind the end tag of an element of GONE; behind its start tag where it has none; behind all if it is raw."""
    if name not in unclosed:
        end = re.compile(rf"</{name}[\s/>]", re.IGNORECASE).search(source, position)
        if end and (closed := source.find(">", end.end() - 1)) >= 0:
            return closed + 1
        unclosed.add(name)
    return len(source) if name in RAW else position
