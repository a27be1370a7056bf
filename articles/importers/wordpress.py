"""What WordPress stores as an article's text, as HTML: blocks, shortcodes, embeds and lines without tags."""

import html as entities
import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.translation import gettext as _

from articles.importers.items import Item, Picture, quoted
from articles.importers.snippets import Snippets, code_spans, figure, link
from articles.importers.tree import parse, serialise
from articles.importers.wxr import Attachment, Index, bare
from newsroom.lib.html import to_text

BLOCK = re.compile(
    r"<!--\s+(?P<close>/)?wp:(?P<name>[a-z][a-z0-9_-]*(?:/[a-z][a-z0-9_-]*)?)(?P<about>\s+\{[^<>]*\})?\s+(?P<void>/)?-->"
)
SHORTCODE = re.compile(
    r"\[(?P<escaped>\[)?(?P<close>/)?(?P<name>[a-zA-Z][\w-]{0,60})"
    r"(?P<about>(?:[^\[\]\"'<>]|\"[^\"\[\]]{0,2000}\"|'[^'\[\]]{0,2000}'|['\"]){0,200}?)/?\](?(escaped)\])"
)
ARGUMENT = re.compile(r"""([\w-]+)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"']+))|"([^"]*)"|'([^']*)'|(\S+)""")
ALONE = re.compile(r"^[ \t]*(?:<p>)?(https?://[^\s<>\"]{4,2000})(?:</p>)?[ \t]*$", re.MULTILINE)
WRAPPED = re.compile(r'<div class="wp-block-embed__wrapper">\s*(https?://[^\s<>"]+)\s*</div>')
IMAGE = re.compile(r"<img\b[^<>]*>")
SOURCE = re.compile(r"""\ssrc=["']?([^"'\s<>]+)""")
NUMBER = re.compile(r"wp-image-(\d+)|attachment_(\d+)")
SIZE = re.compile(r"-\d+x\d+(?=\.\w+$)")
CODES = {"code", "sourcecode", "source", "pre", "php", "css", "html", "js", "javascript", "python", "bash", "xml"}
MEDIA = {"audio": ("src", "mp3", "m4a", "ogg", "wav"), "video": ("src", "mp4", "m4v", "webm", "ogv")}
VIDEOS = {"youtube": "https://www.youtube.com/watch?v={}", "vimeo": "https://vimeo.com/{}"}
UNSEEN = {"spacer", "more", "nextpage", "separator"}


@dataclass
class Text:
    """The text of one item, on its way to HTML."""

    item: Item
    index: Index
    site: str
    number: str
    depth: int = 0

    def html(self, content: str) -> str:
        """`content` as HTML that nobody trusts yet; the item learns which pictures the export describes."""
        html = self._assembled(content)
        self._name_pictures(html)
        return html

    def _assembled(self, content: str) -> str:
        if "<!--nextpage-->" in content:
            self.item.note("formatting", _("The breaks between pages were left out: it is one page now."))
        snippets = Snippets()
        text = self._shortcodes(snippets.without_tokens(content).replace("\r\n", "\n"), snippets)
        text = WRAPPED.sub(lambda m: self._embed(m[1], m[0], snippets), text)
        parts = "".join(self._blocks(text, snippets)) if BLOCK.search(text) else self._classic(text, snippets)
        return snippets.fill(parts)

    # Blocks --------------------------------------------------------------------------------

    def _blocks(self, text: str, snippets: Snippets) -> Iterator[str]:
        depth = done = 0
        for match in BLOCK.finditer(text):
            between = text[done : match.start()]
            yield between if depth or not between.strip() else self._classic(between, snippets)
            done = match.end()
            if match["void"]:
                yield self._void(match)
            else:
                depth = max(0, depth + (-1 if match["close"] else 1))
        rest = text[done:]
        yield rest if depth or not rest.strip() else self._classic(rest, snippets)

    def _void(self, match: re.Match[str]) -> str:
        """A block that WordPress fills when it shows the page."""
        name, about = match["name"], match["about"] or ""
        if name == "block" and (reference := re.search(r'"ref":\s*(\d+)', about)):
            pattern = self.index.patterns.get((self.site, reference[1]))
            if pattern and self.depth < 5:
                return Text(self.item, self.index, self.site, self.number, self.depth + 1)._assembled(pattern)
        if name not in UNSEEN:
            sentence = _("The block “%(name)s”, which WordPress fills itself, was left out.")
            self.item.note("shortcode", sentence % {"name": name}, lost=True)
        return ""

    def _classic(self, text: str, snippets: Snippets) -> str:
        """Text as the old editor stores it, where blank lines are paragraphs and bare addresses embeds."""
        text = ALONE.sub(lambda m: self._embed(m[1], m[0], snippets), text)
        parsed = parse(text)
        for name, number in parsed.dropped.items():
            sentence = _("Left out with its content: %(elements)s.") % {"elements": f"{name} ({number})"}
            self.item.note("markup", sentence, lost=True)
        return f'<div data-lines="true">{serialise(parsed.root.children)}</div>'

    def _embed(self, address: str, written: str, snippets: Snippets) -> str:
        address = entities.unescape(address)
        self.item.note("embed", _("The embed “%(what)s” is now a link.") % {"what": quoted(address)})
        return snippets.keep(link(address, address), written)

    # Shortcodes ----------------------------------------------------------------------------

    def _shortcodes(self, text: str, snippets: Snippets) -> str:
        """`text` with every shortcode replaced by what it showed, or by the words within it."""
        spans = code_spans(text)
        starts = [start for start, _end in spans]
        found = [m for m in SHORTCODE.finditer(text) if not _within(m.start(), starts, spans)]
        ends: dict[str, list[re.Match[str]]] = {}
        for match in found:
            if match["close"]:
                ends.setdefault(match["name"].lower(), []).append(match)
        parts, done = [], 0
        for match in found:
            if match.start() < done:
                continue
            end = _end_of(match, ends)
            replaced, until = self._replaced(match, end, text, snippets)
            if replaced is not None:
                parts += [text[done : match.start()], replaced]
                done = until
        return "".join([*parts, text[done:]])

    def _replaced(
        self, match: re.Match[str], end: re.Match[str] | None, text: str, snippets: Snippets
    ) -> tuple[str | None, int]:
        """What stands in the place of a shortcode, and where that place ends; None: it is no shortcode."""
        name, about = match["name"].lower(), _arguments(match["about"])
        inside = text[match.end() : end.start()] if end else ""
        until = end.end() if end else match.end()
        written = text[match.start() : until]
        if match["escaped"]:
            return snippets.keep(entities.escape(written[1:-1]), written[1:-1]), match.end()
        if name in {"caption", "wp_caption"} and end:
            return snippets.keep(self._caption(about, inside, snippets), written), until
        if name == "gallery":
            return snippets.keep(self._gallery(about), written), match.end()
        if name in CODES and end:
            return snippets.keep(
                f"<pre><code>{entities.escape(entities.unescape(inside))}</code></pre>", written
            ), until
        if address := _address(name, about, inside if end else ""):
            return self._embed(address, written, snippets), until
        return self._unknown(match, about, bool(end), snippets)

    def _unknown(
        self, match: re.Match[str], about: dict[str, str], paired: bool, snippets: Snippets
    ) -> tuple[str | None, int]:
        """A plugin's shortcode: left out, with the words between its two ends kept. Plain brackets are words."""
        name = match["name"].lower()
        named = any(not key.isdigit() for key in about)
        if not (paired or match["close"] or named or re.search(r"[_-]", name)) or (about and not named and not paired):
            return None, match.end()
        if match["close"]:
            return snippets.keep("", match[0]), match.end()
        if paired:
            sentence = _("The shortcode “%(name)s” was left out; the words within it are kept.")
            self.item.note("shortcode", sentence % {"name": name})
        else:
            self.item.note("shortcode", _("“%(code)s” was left out.") % {"code": quoted(match[0])}, lost=True)
        return snippets.keep("", match[0]), match.end()

    def _caption(self, about: dict[str, str], inside: str, snippets: Snippets) -> str:
        image = IMAGE.search(inside)
        words = about.get("caption") or (inside[image.end() :] if image else inside)
        words = snippets.fill(re.sub(r"^\s*</a>|<a\b[^<>]*>\s*$", "", words.strip()))
        if not image:
            return f"<p>{words}</p>"
        layout = entities.escape(about.get("align", ""))
        return f'<figure class="{layout}">{image[0]}<figcaption>{words}</figcaption></figure>'

    def _gallery(self, about: dict[str, str]) -> str:
        """The pictures that the gallery names, or else those that were uploaded with the article."""
        named = re.findall(r"\d+", about.get("ids") or about.get("include") or "")
        left_out = set(re.findall(r"\d+", about.get("exclude", "")))
        numbers = [n for n in named or self.index.children.get((self.site, self.number), []) if n not in left_out]
        known = [found for n in numbers if (found := self.index.attachments.get((self.site, n)))]
        if len(known) < len(numbers) or not numbers:
            sentence = _("A gallery names %(number)d pictures that the export does not describe; they were left out.")
            self.item.note("gallery", sentence % {"number": len(numbers) - len(known)}, lost=True)
        pictures = "".join(figure(each.address, each.alt, entities.escape(to_text(each.caption))) for each in known)
        return f'<div class="gallery">{pictures}</div>'

    # Pictures ------------------------------------------------------------------------------

    def _name_pictures(self, html: str) -> None:
        for tag in IMAGE.findall(html):
            source, number = SOURCE.search(tag), NUMBER.search(tag)
            if not source:
                continue
            address = entities.unescape(source[1])
            known = self.index.attachments.get((self.site, number[1] or number[2])) if number else None
            place = bare(address)
            known = known or self.index.by_address.get(place) or self.index.by_address.get(SIZE.sub("", place))
            if known:
                self.item.pictures[address] = picture_of(known, address)


def picture_of(attachment: Attachment, address: str = "") -> Picture:
    """The picture that an export describes, with the library's words."""
    return Picture(
        source=address or attachment.address,
        alt=_line(attachment.alt),
        caption=to_text(attachment.caption),
        credit=_line(attachment.credit),
        copyright=_line(attachment.copyright),
        about="\n".join(_about(attachment)),
        names=tuple(filter(None, (attachment.address, attachment.file))),
    )


def _about(attachment: Attachment) -> Iterator[str]:
    """Its title, unless WordPress made that of the file's name, and its description."""
    stem = (attachment.file or attachment.address).rpartition("/")[2].rpartition(".")[0]
    title, description = _line(attachment.title), _line(attachment.description)
    if title and re.sub(r"[\W_]+", "", title).casefold() != re.sub(r"[\W_]+", "", stem).casefold():
        yield f"Title: {title}"
    if description:
        yield f"Description: {description}"


def _line(text: str) -> str:
    return " ".join(to_text(text).split())


def _within(place: int, starts: list[int], spans: list[tuple[int, int]]) -> bool:
    """Whether `place` lies in one of the spans, which begin at `starts`."""
    nearest = bisect_right(starts, place) - 1
    return nearest >= 0 and place < spans[nearest][1]


def _end_of(match: re.Match[str], ends: dict[str, list[re.Match[str]]]) -> re.Match[str] | None:
    """The nearest closing tag behind an opening one."""
    if match["close"] or match["escaped"]:
        return None
    waiting = ends.get(match["name"].lower(), [])
    while waiting and waiting[0].start() < match.end():
        waiting.pop(0)
    return waiting[0] if waiting else None


def _arguments(written: str) -> dict[str, str]:
    """Arguments by name, and those without one by their number."""
    found: dict[str, str] = {}
    for place, match in enumerate(ARGUMENT.finditer(entities.unescape(written))):
        value = next((group for group in match.groups()[1:] if group is not None), "")
        found[(match[1] or str(place)).lower()] = value
    return found


def _address(name: str, about: dict[str, str], inside: str) -> str:
    """The address of what a media shortcode shows, or ""."""
    inside = to_text(inside).strip()
    if name in MEDIA:
        return next((about[key] for key in MEDIA[name] if about.get(key)), inside)
    said = inside or about.get("src") or about.get("url") or about.get("id") or about.get("0", "").lstrip("=")
    if name in VIDEOS and said:
        return said if said.startswith("http") else VIDEOS[name].format(said)
    return said if name in {"embed", "tweet", "instagram", "soundcloud"} and said.startswith("http") else ""
