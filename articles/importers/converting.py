"""From the HTML of another system to an article's body, with a word in the report on all that is not as it was."""

from collections import Counter
from dataclasses import dataclass, field, replace
from urllib.parse import urljoin, urlsplit

from django.utils.translation import gettext as _

from articles.figures import Figure, markup
from articles.importers import galleries
from articles.importers.blocks import (
    BREAK,
    blockify,
    eject,
    inline_only,
    only_pictures,
    says_something,
    with_breaks,
)
from articles.importers.items import Item, Picture, quoted
from articles.importers.pictures import NotHere, Pictures
from articles.importers.tree import VOID, Element, Node, parse, serialise, text_of, walk
from articles.models import Image
from newsroom.lib.html import ALLOWED, clean, to_text

RENAMED = {
    "h1": "h2",
    "h5": "h4",
    "h6": "h4",
    "b": "strong",
    "i": "em",
    "strike": "s",
    "tt": "code",
    "acronym": "abbr",
    "dir": "ul",
    "menu": "ul",
}
# Frames around paragraphs, of which the paragraphs stay.
FRAMES = {"div", "section", "article", "main", "header", "footer", "address", "aside", "nav", "details", "form"}
FRAMES |= {"fieldset", "center", "hgroup", "dialog", "search", "noindex", "picture"}
LINES = {"summary", "legend"}
EMBEDS = {"iframe": "src", "embed": "src", "object": "data", "video": "src", "audio": "src", "amp-youtube": "src"}
CONTROLS = {"input", "select", "textarea", "datalist", "option", "optgroup", "canvas", "map", "applet", "keygen"}
INVISIBLE = {"meta", "link", "base", "source", "track", "param", "area", "wbr", "col", "colgroup"}
KEPT = set(ALLOWED) - {"*", "figure", "img", "figcaption", "span"}
# Said of formatting in one word each; a report of every class would hide what matters.
SILENT = {"rel", "target", "loading", "decoding", "srcset", "sizes", "width", "height", "fetchpriority", "markdown"}


@dataclass
class Converter:
    """Converts one item. `present` are the figures of the article as it stands.

    `in_gallery` are those of its gallery; without it, there is none, and all pictures stay in the text.
    After body(), `placed` are the pictures in the text, and `gallery` those of the gallery in their order.
    """

    item: Item
    pictures: Pictures
    present: list[Figure] = field(default_factory=list)
    in_gallery: list[Figure] | None = None
    placed: list[int] = field(default_factory=list)
    gallery: list[Figure] = field(default_factory=list)
    _unwrapped: Counter[str] = field(default_factory=Counter)
    _attributes: Counter[str] = field(default_factory=Counter)
    _dropped: Counter[str] = field(default_factory=Counter)

    def body(self) -> str:
        """The item's HTML as newsroom.lib.html.clean leaves it, with its pictures as figures of the library."""
        parsed = parse(self.item.html)
        self._dropped = parsed.dropped
        if parsed.handlers:
            self._attributes["on…"] += parsed.handlers
        if found := galleries.mark(parsed.root, below=self.in_gallery is not None):
            self._tell_galleries(found)
        html = serialise(blockify(self._nodes(parsed.root.children)))
        cleaned = clean(html)
        self._tell(html, cleaned)
        return cleaned

    def image(self, picture: Picture) -> Image | None:
        """The library's asset, or None with a word in the report."""
        for name, longest in (("alt", 500), ("credit", 255), ("copyright", 255)):
            if len(text := getattr(picture, name)) > longest:
                sentence = _("Words of a picture were longer than %(number)d characters and were cut: “%(text)s”.")
                self.item.note("words", sentence % {"number": longest, "text": text}, lost=True)
        try:
            return self.pictures.get(picture)
        except NotHere as missing:
            words = [quoted(text) for text in (picture.alt, picture.caption, picture.credit) if text]
            said = _(" Its words were: %(words)s") % {"words": " | ".join(words)} if words else ""
            self.item.note("picture", f"{missing}{said}", lost=True)
            return None

    # One handler for each kind of element ---------------------------------------------------

    def _nodes(self, children: list[Node]) -> list[Node]:
        return [new for child in children for new in self._rewritten(child)]

    def _rewritten(self, node: Node) -> list[Node]:
        if isinstance(node, str) or node is BREAK:
            return [node]
        if node.get(galleries.MARK) == galleries.BELOW:
            return self._gallery(node)
        name = RENAMED.get(node.name, node.name)
        if name != node.name:
            self._unwrapped[node.name] += node.name[0] == "h"
        match name:
            case "img":
                return self._img(node)
            case "figure":
                return self._figure(node)
            case "a":
                return self._link(node)
            case _ if name in EMBEDS:
                return self._embed(node, EMBEDS[name])
            case _ if name in CONTROLS:
                self._dropped[name] += 1
                return []
            case _ if name in INVISIBLE:
                self._dropped[name] += name in {"meta", "link", "base"}
                return []
            case _ if name in FRAMES:
                return self._frame(node)
            case _ if name in KEPT:
                return self._kept(node, name)
            case _ if name in LINES:
                return [Element("p", {}, inline_only(self._nodes(node.children)))]
            case "figcaption":
                return [Element("p", {}, inline_only(self._nodes(node.children)))]
        self._unwrapped[name] += name not in {"span", "font", "big", "u", "label", "button"}
        return self._nodes(node.children)

    def _frame(self, node: Element) -> list[Node]:
        if "data-lines" in node.attributes:
            node = with_breaks(node)
        if node.name in {"aside", "form", "details"}:
            self._unwrapped[node.name] += 1
        return blockify(self._nodes(node.children))

    def _kept(self, node: Element, name: str) -> list[Node]:
        kept = Element(name, self._allowed(node, name))
        children = self._nodes(node.children)
        if name in VOID:
            return [kept]
        if name == "blockquote":
            kept.children = blockify(children)
        elif name in {"li", "td", "th", "dd"}:
            kept.children = blockify(children) if BREAK in children else children
        elif name in {"ul", "ol", "dl", "table", "thead", "tbody", "tfoot", "tr"}:
            kept.children = [c for c in children if c is not BREAK and (not isinstance(c, str) or c.strip())]
            if pictures := only_pictures(kept.children):
                return pictures
        else:
            return eject(kept, children)
        return [kept] if name in {"td", "th"} or says_something([kept]) else []

    def _allowed(self, node: Element, name: str) -> dict[str, str]:
        allowed = ALLOWED.get(name, frozenset()) | ALLOWED["*"]
        for attribute in node.attributes:
            if attribute not in allowed and attribute not in SILENT and not attribute.startswith("data-"):
                self._attributes[attribute] += 1
        return {key: value for key, value in node.attributes.items() if key in allowed}

    def _link(self, node: Element) -> list[Node]:
        children = self._nodes(node.children)
        address = node.get("href").strip()
        if not address or not any((isinstance(c, str) and c.strip()) or isinstance(c, Element) for c in children):
            return children
        if address.startswith("#"):
            self._attributes["#"] += 1
            return children
        if self._relative(address):
            address = urljoin(self.item.was_at or "/", address)
        link = Element("a", self._allowed(node, "a") | {"href": address})
        parts = eject(link, children)
        if not any(isinstance(part, Element) and part.name == "a" for part in parts):
            own = address.rpartition("/")[2].rpartition(".")[2].lower() in {"jpg", "jpeg", "png", "gif", "webp", "svg"}
            if not own and parts:
                sentence = _("The link from a picture to “%(address)s” was left out.")
                self.item.note("link", sentence % {"address": quoted(address)}, lost=True)
        return parts

    @staticmethod
    def _relative(address: str) -> bool:
        try:
            parts = urlsplit(address)
        except ValueError:
            return False
        return not parts.scheme and not parts.netloc and bool(parts.path) and not parts.path.startswith("/")

    def _embed(self, node: Element, attribute: str) -> list[Node]:
        inside = [e for e in walk(node.children) if e.name in {"source", "embed", "iframe", "param"}]
        sources = (e.get("src") or (e.get("value") if e.get("name") in {"movie", "src"} else "") for e in inside)
        address = node.get(attribute) or node.get("data-src") or next(filter(None, sources), "")
        address = _for_readers(f"https:{address}" if address.startswith("//") else address)
        if not address.startswith(("http://", "https://", "/")):
            self.item.note(
                "embed", _("An embed (%(name)s) without an address was left out.") % {"name": node.name}, lost=True
            )
            return []
        words = " ".join(node.get("title").split()) or address
        self.item.note("embed", _("The embed “%(what)s” is now a link.") % {"what": quoted(address)})
        return [Element("p", {}, [Element("a", {"href": address}, [words])])]

    # Pictures --------------------------------------------------------------------------------

    def _img(self, node: Element) -> list[Node]:
        if {"wp-smiley", "emoji"} & set(node.classes):
            return [node.get("alt")]
        if node.get("width") == "1" and node.get("height") == "1":
            self.item.note("formatting", _("A picture of one pixel, used for counting readers, was left out."))
            return []
        return self._placed(node, [], node)

    def _figure(self, node: Element) -> list[Node]:
        images = [inner for inner in walk(node.children) if inner.name == "img"]
        captions = [inner for inner in walk(node.children) if inner.name == "figcaption"]
        other = [e for e in walk(node.children) if e.name in {"table", "blockquote", "pre", "ul", "video", "iframe"}]
        if len(images) == 1 and not other:
            words = self._nodes([child for caption in captions for child in [*caption.children, " "]])
            return self._placed(images[0], inline_only(words), node)
        return blockify(self._nodes(node.children))

    def _gallery(self, node: Element) -> list[Node]:
        """Its pictures go into the article's gallery, each of them once; its own caption stays in the text."""
        parts = galleries.parted(node)
        for image, _frame, caption in parts.pictures:
            before = [other.image_id for other in self.gallery]
            figure = self._as_figure(image, inline_only(self._nodes(caption)), self.in_gallery or [], before)
            if figure and figure.image_id not in before:
                self.gallery.append(figure)
        return [BREAK, *(Element("p", {}, inline_only(self._nodes(caption.children))) for caption in parts.captions)]

    def _placed(self, node: Element, caption: list[Node], frame: Element) -> list[Node]:
        """The picture as a figure that names the library's asset, or nothing."""
        figure = self._as_figure(node, caption, self.present, self.placed)
        if not figure:
            return []
        self.placed.append(figure.image_id)
        tree = parse(markup(replace(figure, layout=_layout(frame, node))))
        return tree.root.children

    def _as_figure(self, node: Element, caption: list[Node], present: list[Figure], before: list[int]) -> Figure | None:
        """The picture with the words of this use; `present` are the uses as they stand, `before` those done."""
        source = _source(node)
        if not source:
            sentence = _("A picture without an address was left out: %(alt)s")
            self.item.note("picture", sentence % {"alt": quoted(node.get("alt"))}, lost=True)
            return None
        said = " ".join(to_text(serialise(caption)).split())
        alt, credit = " ".join(node.get("alt").split()), node.get("data-credit")
        known = self.item.pictures.get(source)
        # What the source says of the picture itself is the library's. A caption of this text alone is not, since
        # other articles would show it too; it is only where nothing else describes the picture.
        image = self.image(
            replace(known, source=source, alt=known.alt or alt, credit=known.credit or credit)
            if known
            else Picture(source, alt=alt, caption=said, credit=credit)
        )
        if not image:
            return None
        uses = [use for use in present if use.image_id == image.pk][before.count(image.pk) :]
        return _with_own_words(image, alt, serialise(caption).strip() if said else "", credit, next(iter(uses), None))

    # What was lost ---------------------------------------------------------------------------

    def _tell_galleries(self, number: int) -> None:
        if number == 1 and self.in_gallery is not None:
            self.item.note("gallery", _("The gallery stands below the text now."))
        else:
            sentence = _("Galleries that are rows of single pictures in the text now: %(number)d.")
            self.item.note("gallery", sentence % {"number": number})

    def _tell(self, html: str, cleaned: str) -> None:
        if +self._dropped:
            sentence = _("Left out with its content: %(elements)s.")
            self.item.note("markup", sentence % {"elements": _counted(+self._dropped)}, lost=True)
        if +self._unwrapped:
            sentence = _("Changed, with all words kept: %(elements)s.")
            self.item.note("markup", sentence % {"elements": _counted(+self._unwrapped)})
        if inside := self._attributes.pop("#", 0):
            sentence = _("%(number)d links within the page were left out; their words are kept.")
            self.item.note("link", sentence % {"number": inside})
        if self._attributes:
            sentence = _("Formatting left out: %(attributes)s.")
            self.item.note("formatting", sentence % {"attributes": _counted(self._attributes)})
        if html != cleaned:
            self._tell_what_cleaning_took(html, cleaned)

    def _tell_what_cleaning_took(self, html: str, cleaned: str) -> None:
        before, after = parse(html).root.children, parse(cleaned).root.children
        gone = Counter(e.name for e in walk(before)) - Counter(e.name for e in walk(after))
        if gone:
            self.item.note("markup", _("Removed by the sanitiser: %(elements)s.") % {"elements": _counted(gone)})
        links = [e.get("href") for e in walk(after)]
        for address in {e.get("href") for e in walk(before)} - set(links):
            sentence = _("The link to “%(address)s” was left out, since no such address is allowed.")
            self.item.note("link", sentence % {"address": quoted(address)}, lost=True)
        words = Counter(text_of(before).split()) - Counter(text_of(after).split())
        if words and to_text(html).split() != to_text(cleaned).split():
            sentence = _("Words removed by the sanitiser: %(words)s.")
            self.item.note("markup", sentence % {"words": quoted(" ".join(words))}, lost=True)


def _with_own_words(image: Image, alt: str, caption: str, credit: str, present: Figure | None) -> Figure:
    """Words that are the asset's own stay empty, so that they follow it; so do those that were empty so far.

    An alt text that has come to the source later is taken where the asset has none to follow.
    """
    alt = alt[:500]
    same_caption = to_text(caption) == image.caption or (present and not present.caption)
    follows_alt = present and not present.alt and image.alt
    return Figure(
        image.pk,
        alt="" if alt == image.alt or follows_alt else alt,
        caption="" if same_caption else caption,
        credit="" if credit == image.credit or (present and not present.credit) else credit[:255],
    )


def _source(node: Element) -> str:
    """Where the picture is: what scripts load later counts more than what stands in for it."""
    for name in ("data-orig-file", "data-src", "data-lazy-src", "data-original", "src"):
        if (value := node.get(name).strip()) and not value.startswith("data:"):
            return value
    return node.get("srcset").split(" ")[0] or node.get("src")


def _layout(*nodes: Element) -> str:
    classes = {word for node in nodes for word in node.classes} | {node.get("align") for node in nodes}
    if classes & {"alignleft", "align-left", "left", "left-aligned", "float-left", "align-start"}:
        return "align-start"
    if classes & {"alignright", "align-right", "right", "right-aligned", "float-right", "align-end"}:
        return "align-end"
    return "wide" if classes & {"alignwide", "alignfull", "wide"} else ""


def _for_readers(address: str) -> str:
    """The page that people know, in the place of the address that only frames use."""
    for start, page in (
        ("https://www.youtube.com/embed/", "https://www.youtube.com/watch?v="),
        ("https://www.youtube-nocookie.com/embed/", "https://www.youtube.com/watch?v="),
        ("https://player.vimeo.com/video/", "https://vimeo.com/"),
    ):
        if address.replace("http://", "https://", 1).startswith(start):
            return page + address.rpartition("/")[2].partition("?")[0]
    return address


def _counted(counter: Counter[str]) -> str:
    return ", ".join(f"{name} ({number})" for name, number in sorted(counter.items()))
