"""What another system kept of a comment as HTML, as the plain text that comments are here."""

import html as entities
from urllib.parse import urlsplit

from comments import text
from newsroom.lib.markup import End, Start, Text, tokens

# No comment is this long; what is longer is an article that somebody pasted, or an attack.
LONGEST = 50_000
PARAGRAPHS = frozenset({"p", "div", "blockquote", "pre", "ul", "ol", "h1", "h2", "h3", "h4", "h5", "h6", "table"})
LINES = frozenset({"br", "li", "tr", "hr"})


def plain(html: str) -> str:
    """The words of `html`, tidy, with its line breaks and with the addresses of its links behind their words."""
    parts: list[str] = []
    links: list[tuple[str, int]] = []
    for token in tokens(html):
        if isinstance(token, Text):
            parts.append(entities.unescape(token.source))
        elif token.name in PARAGRAPHS:
            parts.append("\n\n")
        elif token.name in LINES:
            parts.append("\n" if isinstance(token, Start) else "")
        elif token.name == "a" and isinstance(token, Start):
            links.append((token.attributes.get("href", ""), len(parts)))
        elif isinstance(token, End) and token.name == "a" and links:
            parts.append(_address(*links.pop(), parts))
    return text.tidy("".join(parts))


def name(written: str) -> str:
    """A name as comments have it."""
    return text.tidy_name(entities.unescape(written))[: text.NAME_LIMIT].strip()


def _address(href: str, start: int, parts: list[str]) -> str:
    """What is written behind the words of a link, unless they are its address."""
    href = entities.unescape(href).strip()
    try:
        scheme = urlsplit(href).scheme
    except ValueError:
        return ""
    if scheme not in ("http", "https") or len(href) > 2000:
        return ""
    said = "".join(parts[start:]).strip().rstrip("/")
    return "" if said and said in href else f" ({href})"
