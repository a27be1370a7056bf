"""What Liquid tags (Jekyll) and shortcodes (Hugo) become, whatever their brackets: pictures, embeds, words."""

import html as entities
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from django.utils.translation import gettext as _

from articles.importers.items import Item, quoted
from articles.importers.site import Site
from articles.importers.snippets import Snippets, figure, link

ARGUMENT = re.compile(
    r"""(?:(?P<name>[\w-]+)\s*[=:](?!//)\s*)?(?:"(?P<double>(?:\\.|[^"\\])*)"|'(?P<single>[^']*)'|`(?P<raw>[^`]*)`|(?P<bare>[^\s"'`]+))"""
)
ESCAPED = re.compile(r"\\([_*\[\]()#.!-])")
PICTURES = {"img", "image", "figure", "image_with_class", "img-right", "img-left", "img-inline", "legacy-img"}
PICTURES |= {"legacy-img-right", "legacy-img-left", "picture", "imgproc", "responsive_image"}
VIDEOS = {
    "youtube": "https://www.youtube.com/watch?v={}",
    "vimeo": "https://vimeo.com/{}",
    "gist": "https://gist.github.com/{}",
    "instagram": "https://www.instagram.com/p/{}/",
}
# Arguments of unknown shortcodes that are words for readers, in the order in which they are usually shown.
WORDS = ("title", "intro", "text", "label", "caption")
ADDRESSES = ("src", "url", "href", "link", "button-url", "file")


@dataclass
class Shortcode:
    """One tag: its name, its arguments by name and by place, and how the source wrote it."""

    name: str
    written: str
    named: dict[str, str] = field(default_factory=dict)
    placed: list[str] = field(default_factory=list)

    def get(self, name: str, place: int = -1) -> str:
        value = self.named.get(name, "")
        return value or (self.placed[place] if 0 <= place < len(self.placed) else "")


def shortcode(name: str, arguments: str, written: str) -> Shortcode:
    """Read the arguments of a tag: `name="value"`, `"value"` or `value`."""
    found = Shortcode(name.lower(), written)
    for match in ARGUMENT.finditer(arguments):
        value = next(match[key] for key in ("double", "single", "raw", "bare") if match[key] is not None)
        value = value.replace('\\"', '"')
        if match["name"]:
            found.named[match["name"].lower()] = value
        else:
            found.placed.append(value)
    return found


@dataclass
class Desk:
    """Where shortcodes of one item are answered."""

    item: Item
    site: Site
    snippets: Snippets

    def answer(self, code: Shortcode) -> str:
        """What stands in the Markdown in the place of a shortcode without content."""
        if code.name in PICTURES:
            return self.snippets.keep(self._picture(code), code.written)
        if code.name in VIDEOS and code.get("id", 0):
            return self._link(code, VIDEOS[code.name].format("/".join([code.get("id", 0), *code.placed[1:2]])))
        if code.name in {"tweet", "x", "twitter"} and code.get("id", 0):
            return self._link(
                code, f"https://x.com/{code.get('user') or 'i'}/status/{code.get('id', len(code.placed) - 1)}"
            )
        return self._words(code)

    def opening(self, code: Shortcode) -> str:
        """What stands in the place of the opening tag of one with content, which itself stays."""
        self.item.note("shortcode", _("The frame “%(name)s” was left out; its words are kept.") % {"name": code.name})
        words = [code.get(key) for key in WORDS if code.get(key)]
        if not words:
            return "\n\n"
        address = next((code.get(key) for key in ADDRESSES if _leads_out(code.get(key))), "")
        text = " — ".join(words)
        return f"\n\n{f'[{text}](<{address}>)' if address else text}\n\n"

    def embed(self, address: str, words: str, written: str) -> str:
        """A frame of another site, which becomes a link."""
        return self._link(Shortcode("embed", written, {"title": words}), address)

    def missing_words(self, written: str) -> str:
        """Report something that stood for words nobody here knows."""
        self.item.note("shortcode", _("“%(code)s” was left out.") % {"code": quoted(written)}, lost=True)
        return ""

    def person(self, slug: str) -> str:
        """The name of a person whom the text names by a slug."""
        return self.site.author(slug) or name_from(slug)

    def _picture(self, code: Shortcode) -> str:
        source = ESCAPED.sub(r"\1", code.get("src", 0)).strip()
        known = self.site.picture(source)
        alt = code.get("alt", 2 if code.name == "image_with_class" else 1) or (known.alt if known else "")
        caption = code.get("caption") or code.get("title") or (known.caption if known else "")
        credit = code.get("credit") or code.get("attr") or (known.credit if known else "")
        if known:
            self.item.pictures[source] = replace(known, source=source, names=(known.source,))
        side = f"{code.name} {code.get('align')} {code.get('class')}"
        layout = "align-end" if "right" in side else "align-start" if "left" in side else ""
        return figure(source, entities.unescape(alt), _inline(caption), entities.unescape(credit), layout)

    def _link(self, code: Shortcode, address: str) -> str:
        words = entities.unescape(code.get("title")) or address
        self.item.note("embed", _("The embed “%(what)s” is now a link.") % {"what": quoted(words)})
        return self.snippets.keep(link(address, words), code.written)

    def _words(self, code: Shortcode) -> str:
        """An unknown shortcode: the words among its arguments stay, with a link where it had one."""
        words = [code.get(key) for key in WORDS if code.get(key)]
        if not words:
            return self.missing_words(code.written)
        self.item.note("shortcode", _("Of the shortcode “%(name)s” only its words are kept.") % {"name": code.name})
        address = next((code.get(key) for key in ADDRESSES if _leads_out(code.get(key))), "")
        text = _inline(" — ".join(words))
        if code.get("text") and "quote" in code.name:
            said_by = f"<p><cite>{_inline(code.get('cite'))}</cite></p>" if code.get("cite") else ""
            return self.snippets.keep(f"<blockquote><p>{text}</p>{said_by}</blockquote>", code.written)
        if address:
            text = f'<a href="{entities.escape(address)}">{text}</a>'
        return self.snippets.keep(text if code.name == "asset-static" else f"<p>{text}</p>", code.written)


def name_from(slug: str) -> str:
    """A person's name made from a slug that nobody has described: "erin-strenio" is Erin Strenio."""
    if any(letter.isupper() or letter.isspace() for letter in slug):
        return slug
    return " ".join(part.capitalize() for part in re.split(r"[-_.]+", slug) if part)


def front_matter_text(head: Mapping[str, object], name: str) -> str | None:
    """The text that `page.name` or `name` stands for, or None."""
    value = head.get(name.removeprefix("page.").removeprefix(".params.").lower())
    return value if isinstance(value, str) else None


def _leads_out(address: str) -> bool:
    return address.startswith(("http://", "https://", "/"))


def _inline(text: str) -> str:
    """A short text with Markdown's commonest marks, as HTML."""
    safe = entities.escape(entities.unescape(ESCAPED.sub(r"\1", text)), quote=False)
    safe = re.sub(r"\*\*([^*]+)\*\*", r"<strong>\1</strong>", safe)
    safe = re.sub(r"(?<![\w/])_([^_]+)_(?!\w)", r"<em>\1</em>", safe)
    return re.sub(r"\[([^\]]+)\]\(([^()\s]+)\)", r'<a href="\2">\1</a>', safe)
