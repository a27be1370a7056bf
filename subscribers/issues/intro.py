"""The words that an editor puts before the articles of an issue: paragraphs, lists, emphasis and links in Markdown."""

from collections.abc import Sequence
from urllib.parse import urljoin

from django.conf import settings
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt
from markdown_it.token import Token

from newsroom.lib.html import clean

# No HTML, no pictures and no headings: what else an editor types stands there as it was typed.
_MARKDOWN = MarkdownIt("zero", {"html": False, "breaks": True}).enable(
    ["list", "newline", "escape", "emphasis", "link", "autolink"]
)


def to_html(source: str) -> SafeString:
    """The words as HTML that passed the allow-list; addresses in links are whole ones."""
    tokens = _parsed(source)
    return mark_safe(clean(_MARKDOWN.renderer.render(tokens, _MARKDOWN.options, {})))  # noqa: S308


def to_text(source: str) -> str:
    """The same words as plain text: a link's address stands behind its words, in brackets."""
    blocks: list[str] = []
    bullet = ""
    for token in _parsed(source):
        if token.type == "list_item_open":
            bullet = "- "
        elif token.type == "inline":
            blocks.append(bullet + _line(token.children or []))
            bullet = ""
        elif token.type in ("bullet_list_close", "ordered_list_close", "paragraph_close") and not token.hidden:
            blocks.append("")
    return "\n".join(blocks).strip()


def _parsed(source: str) -> list[Token]:
    tokens = _MARKDOWN.parse(source.replace("\0", ""))
    for token in tokens:
        for child in token.children or []:
            if child.type == "link_open":
                child.attrSet("href", urljoin(f"{settings.SITE_URL}/", str(child.attrGet("href") or "")))
    return tokens


def _line(tokens: Sequence[Token]) -> str:
    parts: list[str] = []
    begun: list[tuple[str, int]] = []
    for token in tokens:
        match token.type:
            case "text":
                parts.append(token.content)
            case "softbreak" | "hardbreak":
                parts.append("\n")
            case "link_open":
                begun.append((str(token.attrGet("href")), len(parts)))
            case "link_close":
                address, start = begun.pop()
                if "".join(parts[start:]) not in (address, address.removeprefix("mailto:")):
                    parts.append(f" ({address})")
    return "".join(parts)
