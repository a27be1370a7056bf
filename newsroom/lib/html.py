"""What HTML may stand in an article's body, and the one function that lets HTML in.

Two layers, so that a mistake in one does not open the door: own code writes every tag and attribute
anew from the table (newsroom.lib.markup, newsroom.lib.balance), then nh3 parses the result
as a browser does and lets through what the same table allows.
"""

import html as entities
import re
from collections.abc import Callable, Iterable, Iterator
from urllib.parse import urlsplit

import nh3

from newsroom.lib.balance import BLOCKS, VOID, balanced
from newsroom.lib.markup import GONE, End, Start, Text, Token, printable, tokens

# Element -> attributes and, with a dot, classes. nh3 and the editor are set up from this table alone.
_TABLE = {
    "*": "lang dir",
    "p": "",
    "h2": "",
    "h3": "",
    "h4": "",
    "ul": "",
    "ol": "start reversed",
    "li": "value",
    "dl": "",
    "dt": "",
    "dd": "",
    "blockquote": "cite",
    "pre": "",
    "hr": "",
    "table": "",
    "caption": "",
    "thead": "",
    "tbody": "",
    "tfoot": "",
    "tr": "",
    "th": "colspan rowspan scope abbr",
    "td": "colspan rowspan",
    "figure": "data-image data-credit data-decorative .align-start .align-end .wide",
    "img": "alt",
    "figcaption": "",
    "a": "href title hreflang",
    "strong": "",
    "em": "",
    "s": "",
    "del": "cite datetime",
    "ins": "cite datetime",
    "sub": "",
    "sup": "",
    "small": "",
    "mark": "",
    "q": "cite",
    "cite": "",
    "abbr": "title",
    "dfn": "",
    "time": "datetime",
    "code": "",
    "kbd": "",
    "samp": "",
    "var": "",
    "br": "",
    "span": "",
    "bdi": "",
}
# Element (or "*": each) -> the attributes it may have; "class" is not among them.
ALLOWED = {name: frozenset(word for word in row.split() if word[0] != ".") for name, row in _TABLE.items()}
# Element -> the classes it may have.
CLASSES = {name: frozenset(w[1:] for w in row.split() if w[0] == ".") for name, row in _TABLE.items() if "." in row}
SCHEMES = frozenset(["http", "https", "mailto", "tel"])

# What is called otherwise elsewhere. The page's own headline is its only h1.
_RENAMED = {"h1": "h2", "h5": "h4", "h6": "h4", "b": "strong", "i": "em", "strike": "s", "tt": "code"}
_PARAGRAPHS = """
    div section article main header footer address aside nav details summary form fieldset legend center
    hgroup search dialog menu dir
"""
_RENAMED |= dict.fromkeys(_PARAGRAPHS.split(), "p")
# What may stand in a line of text, and so in a caption.
INLINE = frozenset(_TABLE) - BLOCKS - {"*", "li", "dt", "dd", "img", "figcaption", "caption", "td", "th", "tr"}
INLINE -= {"thead", "tbody", "tfoot"}
_ROUNDS = 6
_REFERENCES = 256
_LONGEST_URL, _LONGEST_ALT, _LONGEST_CREDIT = 2000, 500, 255


def _address(value: str) -> str | None:
    """An address that leads where it looks: http, https, mailto, tel, or a path or fragment of this site."""
    value = re.sub(r"[\t\n\r]", "", value).strip()
    try:
        parts = urlsplit(value.replace("\\", "/"))
        host = parts.hostname
    except ValueError:
        return None
    if len(value) > _LONGEST_URL or not value:
        return None
    if not parts.scheme:
        # "//evil.example" has no scheme and leads elsewhere; a colon may be read as a scheme.
        relative = not host and not parts.netloc and not re.match(r"[/\\]{2}|[^/?#]*:", value)
        return value if relative else None
    if parts.scheme in ("http", "https"):
        return value if host and "@" not in parts.netloc and value[len(parts.scheme) :].startswith("://") else None
    return value if parts.scheme in SCHEMES and len(parts.path) > 1 else None


def _number(low: int, high: int) -> Callable[[str], str | None]:
    def read(value: str) -> str | None:
        value = value.strip()
        right = value.isascii() and value.isdigit() and len(value) < 20 and low <= int(value) <= high
        return str(int(value)) if right else None

    return read


def _matching(pattern: str) -> Callable[[str], str | None]:
    compiled = re.compile(pattern, re.IGNORECASE)
    return lambda value: value.strip() if compiled.fullmatch(value.strip()) else None


def _words(longest: int) -> Callable[[str], str | None]:
    return lambda value: " ".join(value.split())[:longest].rstrip()


# Attribute -> what of a value is kept; None: the attribute goes.
_VALUES: dict[str, Callable[[str], str | None]] = {
    "href": _address,
    "cite": _address,
    "lang": _matching(r"[a-z]{2,8}(-[a-z0-9]{1,8}){0,6}"),
    "hreflang": _matching(r"[a-z]{2,8}(-[a-z0-9]{1,8}){0,6}"),
    "dir": lambda value: _matching("ltr|rtl|auto")(value.lower()),
    "start": _number(0, 1_000_000),
    "value": _number(0, 1_000_000),
    "reversed": lambda value: "",
    "colspan": _number(1, 100),
    "rowspan": _number(1, 1000),
    "scope": lambda value: _matching("row|col|rowgroup|colgroup")(value.lower()),
    "datetime": _matching(r"[0-9a-z:.+ -]{1,40}"),
    "data-image": _number(1, 2**63 - 1),
    "data-decorative": _matching("true"),
    "data-credit": lambda value: _words(_LONGEST_CREDIT)(value) or None,
    "alt": _words(_LONGEST_ALT),
    "title": lambda value: _words(_LONGEST_ALT)(value) or None,
    "abbr": lambda value: _words(_LONGEST_ALT)(value) or None,
}


def _filter(element: str, attribute: str, value: str) -> str | None:
    """nh3 asks this for every attribute that the table allows."""
    if attribute == "class":
        return next((word for word in value.split() if word in CLASSES.get(element, ())), None)
    if attribute == "rel":
        return value  # nh3's own; the table lets nobody else set it.
    return _VALUES[attribute](printable(value)) if attribute in _VALUES else None


_CLEANER = nh3.Cleaner(
    tags=set(_TABLE) - {"*"},
    clean_content_tags=set(GONE),
    attributes={name: set(attributes) for name, attributes in ALLOWED.items()},
    allowed_classes={name: set(classes) for name, classes in CLASSES.items()},
    attribute_filter=_filter,
    url_schemes=set(SCHEMES),
    link_rel="noopener",
    strip_comments=True,
)


def clean(html: str) -> str:
    """`html` with nothing left in it that an article's body may not hold; `clean(clean(x)) == clean(x)`.

    A picture is kept as `<figure data-image="ID"><img alt=""><figcaption></figcaption></figure>` and
    in no other form. HTML that cannot be brought to rest becomes its plain text.
    """
    for _ in range(_ROUNDS):
        cleaned = _CLEANER.clean(_parted(balanced(_figures(_allowed(tokens(html)))))).strip()
        if cleaned == html:
            return html
        html = cleaned
    return "".join(f"<p>{entities.escape(line, quote=False)}</p>" for line in to_text(html).splitlines() if line)


def _parted(html: str) -> str:
    """`html` with comments between many references of one text: nh3 takes time by the square of their number."""
    parts: list[str] = []
    references, in_tag = 0, False
    for part in html.split("&"):
        opened, closed = part.rfind("<"), part.rfind(">")
        references, in_tag = (0, opened > closed) if opened != closed else (references + 1, in_tag)
        if references > _REFERENCES and not in_tag:
            references = 0
            parts.append("<!---->&" + part)
        else:
            parts.append("&" + part)
    return "".join(parts)[1:]


def _allowed(stream: Iterable[Token]) -> Iterator[Token]:
    for token in stream:
        if isinstance(token, Text):
            yield token
            continue
        name = _RENAMED.get(token.name, token.name)
        if isinstance(token, End) and name in _TABLE:
            yield End(name)
        elif isinstance(token, Start) and name in _TABLE:
            yield Start(name, dict(_attributes(name, token.attributes)))


def _attributes(element: str, found: dict[str, str]) -> Iterator[tuple[str, str]]:
    for name in ("class", *sorted(ALLOWED[element] | ALLOWED["*"])):
        if name in found and (value := _filter(element, name, found[name])) is not None:
            yield name, value


def _figures(stream: Iterable[Token]) -> Iterator[Token]:
    """Each picture in its one form. What else stood in a figure follows it; other pictures go."""
    inside: list[Token] | None = None
    for token in stream:
        match token:
            case Start("figure", {"data-image": _}) if inside is None:
                inside = [token]
            case End("figure") if inside is not None:
                yield from _picture(inside)
                inside = None
            case Start("figure") | End("figure"):
                pass
            case _ if inside is not None:
                inside.append(token)
            case Start("img"):
                pass
            case Start("figcaption"):
                yield Start("p", {})
            case End("figcaption"):
                yield End("p")
            case _:
                yield token
    yield from _picture(inside or [])


def _picture(parts: list[Token]) -> Iterator[Token]:
    if not parts:
        return
    alt: str | None = None
    caption: list[Token] = []
    rest: list[Token] = []
    captions = 0
    within = False
    for token in parts[1:]:
        match token:
            case Start("img", attributes):
                alt = attributes.get("alt", "") if alt is None else alt
            case Start("figcaption"):
                captions, within = captions + 1, captions == 0
            case End("figcaption"):
                within = False
            case Text(_) if within:
                caption.append(token)
            case Start(name) | End(name) if within:
                caption.append(token if name in INLINE else Text(" "))
            case _:
                rest.append(token)
    yield parts[0]
    yield Start("img", {"alt": alt or ""})
    yield Start("figcaption", {})
    yield from _trimmed(caption)
    yield End("figcaption")
    yield End("figure")
    yield from rest if any(_says_something(token) for token in rest) else ()


def _trimmed(caption: list[Token]) -> list[Token]:
    return caption if any(_says_something(token) for token in caption) else []


def _says_something(token: Token) -> bool:
    return isinstance(token, Text) and bool(token.source.replace("&nbsp;", " ").strip())


def to_text(html: str) -> str:
    """The words of `html` as plain text, one line for each paragraph, heading, item, row or caption."""
    parts: list[str] = []
    for token in tokens(html):
        if isinstance(token, Text):
            parts.append(token.source.replace("\n", " "))
        elif token.name in ("td", "th"):
            parts.append(" ")
        elif token.name in VOID or token.name not in INLINE:
            parts.append("\n")
    text = printable(entities.unescape("".join(parts)))
    lines = (" ".join(line.split()) for line in text.split("\n"))
    return "\n".join(line for line in lines if line)
