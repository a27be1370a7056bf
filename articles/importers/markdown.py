"""Markdown with front matter, as Jekyll and Hugo keep articles, one file each."""

import hashlib
import html as entities
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _
from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from mdit_py_plugins.deflist import deflist_plugin
from mdit_py_plugins.footnote import footnote_plugin

from articles.importers import front_matter, hugo, liquid
from articles.importers.front_matter import Document
from articles.importers.items import Broken, Item, Name, Picture, Skipped, State, Unreadable, quoted
from articles.importers.moments import moment
from articles.importers.shortcodes import Desk, name_from
from articles.importers.site import Site
from articles.importers.snippets import START, TOKEN, Snippets
from newsroom.lib.html import to_text

DATED = re.compile(r"^(\d{4}-\d{1,2}-\d{1,2})-(.+)$")
# Marks for the look of what stands before them: `{: .lead}`, `{.note}`, `{#part}` (kramdown, Goldmark).
MARKS = re.compile(r"\s?\{:?\s?[.#][^{}\n]{0,200}\}|\{:[^{}\n]{0,200}\}")
IMAGE = re.compile(r"<img\b[^<>]*>")
ALT = re.compile(r"""\balt\s*=\s*"([^<>]*?)"(?=\s*(?:/?>|[\w-]+\s*=\s*["']))""")
TAG = re.compile(r"\s*</?[a-z]", re.IGNORECASE)
INSIDE = re.compile(
    r"""^[ \t]*<(?P<name>[a-z][a-z0-9]*)\b(?P<before>[^<>]*?)\smarkdown=["']?(?:1|block|span)["']?(?P<after>[^<>]*)>""",
    re.MULTILINE | re.IGNORECASE,
)
MARKDOWN = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
MARKDOWN.use(footnote_plugin).use(deflist_plugin)


def items(path: Path) -> Iterator[Item | Skipped | Broken]:
    """Every article at or below `path`; a file that cannot be read is told of, and the next one read."""
    site = Site(path)
    for file in site.files():
        name = site.name_of(file)
        try:
            document = front_matter.read(file, name)
        except Unreadable as error:
            yield Broken(name, str(error))
            continue
        if document is None:
            yield Skipped(_("files without front matter"), name, _("It has no front matter."))
        elif file.stem == "_index" or file.parent.name in {"authors", "_authors", "_data"}:
            yield Skipped(_("pages that list others"), name, _("It describes a list, not an article."))
        else:
            yield item(document, file, site)


def item(document: Document, file: Path, site: Site) -> Item:
    """The article in one file."""
    name = site.name_of(file)
    found = Item(source=f"markdown:{site.root.name}"[:80], source_id=_short(name), file=name)
    found.title = to_text(document.text("title", "headline")) or _first_heading(document.body)
    found.kicker = to_text(document.text("kicker"))
    summary = document.text("standfirst", "deck", "excerpt", "summary", "description", "subtitle")
    found.standfirst = to_text(MARKDOWN.render(summary))
    _read_dates(found, document, file)
    _read_place(found, document, file, site)
    _read_state(found, document, file)
    _read_names(found, document, site)
    found.lead = _lead(document, site, file)
    found.html = body(document, found, site)
    for picture in found.pictures.values():
        picture.folder = file.parent.relative_to(site.root).as_posix()
    return found


def body(document: Document, item: Item, site: Site) -> str:
    """The document's body as HTML that nobody trusts yet."""
    snippets = Snippets()
    desk = Desk(item, site, snippets)
    text = snippets.without_tokens(document.body)
    text = hugo.answered(text, desk) if hugo.TAG.search(text) else liquid.answered(text, desk, document.head)
    text = IMAGE.sub(lambda tag: snippets.keep(ALT.sub(_quoted_once, tag[0]), tag[0]), text)
    return snippets.fill(rendered(text, item))


def _quoted_once(match: re.Match[str]) -> str:
    """An alt text with the quotation marks within it written so that it does not end there."""
    return 'alt="' + match[1].replace('"', "&quot;") + '"'


def rendered(text: str, item: Item) -> str:
    """Markdown as HTML; HTML in it stays, and Markdown within HTML that asks for it is read."""
    environment: dict[str, int] = {}
    html = MARKDOWN.render(_opened(text), environment)
    if environment.get("marks"):
        item.note("formatting", _("Marks for the look or for links within the page ({.class}, {#id}) were left out."))
    return html


def _drop_marks(state: StateCore) -> None:
    """A rule of the Markdown reader: takes marks out of text, never out of code."""
    for token in state.tokens:
        for inner in token.children or ():
            if inner.type == "text" and "{" in inner.content:
                inner.content, count = MARKS.subn("", inner.content)
                if count:
                    state.env["marks"] = state.env.get("marks", 0) + count


def _html_is_no_code(state: StateCore) -> None:
    """A rule of the Markdown reader: pictures alone are no code, nor is HTML that goes on from HTML above.

    CommonMark takes what is indented behind a blank line for code, where older readers took HTML for HTML.
    """
    above = ""
    for token in state.tokens:
        if token.type == "code_block":
            pictures = START in token.content and not TOKEN.sub("", token.content).strip()
            if pictures or (above == "html_block" and TAG.match(token.content)):
                token.type = "html_block"
        above = token.type


MARKDOWN.core.ruler.push("marks", _drop_marks)
MARKDOWN.core.ruler.push("html", _html_is_no_code)


def _opened(text: str) -> str:
    """Blank lines around the content of elements that say markdown="1", so that it is read as Markdown."""
    names = {match["name"].lower() for match in INSIDE.finditer(text)}
    if not names:
        return text
    text = INSIDE.sub(lambda m: f"\n<{m['name']}{m['before']}{m['after']}>\n\n", text)
    either = "|".join(sorted(names))
    text = re.sub(rf"[ \t]*(</(?:{either})>)", r"\n\n\1\n\n", text, flags=re.IGNORECASE)
    return re.sub(r"^ {1,3}(?=\S)", "", text, flags=re.MULTILINE) if "<aside" in text else text


def _read_place(item: Item, document: Document, file: Path, site: Site) -> None:
    """Slug, language and the addresses it had."""
    stem = file.parent.name if file.stem == "index" else file.stem
    stem, language = _language(stem, document)
    dated = DATED.match(stem)
    own = document.text("slug", "basename") or (dated[2] if dated else stem)
    item.slug, item.language = own.strip("/"), language
    folder = re.sub(rf"(^|/){re.escape(language)}(?=/|$)", "", file.parent.as_posix()) if language else file.parent
    item.translation_of = hashlib.sha256(f"{item.source} {folder} {stem}".encode()).hexdigest()[:32]
    addresses = [*document.words("aliases", "redirect_from", "old_urls"), document.text("permalink", "url")]
    item.old_paths = [path for address in addresses if (path := old_path(address))]
    item.was_at = _was_at(item, document, file, site)
    item.old_paths.append(item.was_at)
    if dated:  # links from one file to another follow the file's name
        item.old_paths.append(f"/{dated[1].replace('-', '/')}/{dated[2]}/")


def _was_at(item: Item, document: Document, file: Path, site: Site) -> str:
    """Where Jekyll and Hugo put it: at its permalink, below its date, or where its file lies in the site."""
    if permalink := old_path(document.text("permalink", "url")):
        return permalink
    if item.published_at:
        return f"/{item.published_at:%Y/%m/%d}/{item.slug}/"
    folders = [part for part in file.parent.relative_to(site.root).parts if part != "content" and part[0] != "_"]
    return "/" + "/".join([*folders, item.slug]) + "/"


def _language(stem: str, document: Document) -> tuple[str, str]:
    """The file's name without a language, and the language: from the head, or as Hugo has it, from `name.de.md`."""
    name, dot, code = stem.rpartition(".")
    if dot and code in dict(settings.LANGUAGES):
        return name, code
    return stem, document.text("lang", "language", "locale").replace("_", "-").lower()


def old_path(address: str) -> str:
    """The path of an address without its host, or "" where it is a pattern or no path."""
    try:
        path = urlsplit(address.strip()).path
    except ValueError:
        return ""
    return path if path.startswith("/") and ":" not in path and len(path) > 1 else ""


def _read_dates(item: Item, document: Document, file: Path) -> None:
    stem = file.parent.name if file.stem == "index" else file.stem
    dated = DATED.match(stem)
    item.published_at = _date(item, document, "publishdate", "pubdate", "date", "published_at")
    if not item.published_at and dated:
        item.published_at = moment(dated[1], timezone.get_default_timezone())
    item.updated_at = _date(item, document, "lastmod", "last_modified_at", "updated", "modified")
    item.expires_at = _date(item, document, "expirydate", "unpublishdate")


def _date(item: Item, document: Document, *keys: str) -> datetime | None:
    written = document.text(*keys)
    found = moment(written, timezone.get_default_timezone())
    if written and not found:
        sentence = _("“%(date)s” is not a date, so “%(field)s” was left out.")
        item.note("date", sentence % {"date": quoted(written), "field": keys[0]}, lost=True)
    return found


def _read_state(item: Item, document: Document, file: Path) -> None:
    hidden = document.says("draft", True) or document.says("published", False) or "_drafts" in file.parts
    item.state = State.DRAFT if hidden or document.text("status").lower() in {"draft", "hidden"} else State.PUBLISHED
    item.pinned = document.says("sticky", True) or document.says("pinned", True)


def _read_names(item: Item, document: Document, site: Site) -> None:
    sections = document.words("section", "category", "categories")
    item.section = Name(_spaced(site.topic(sections[0]) or sections[0])) if sections else None
    topics = [*document.words("topics", "tags", "tag"), *sections[1:]]
    item.topics = [Name(_spaced(site.topic(topic) or topic)) for topic in topics]
    for author in document.words("authors", "author"):
        name = site.author(author) or name_from(author)
        if name != author and not site.author(author):
            sentence = _("Nothing here says who “%(slug)s” is; the byline says “%(name)s”.")
            item.note("author", sentence % {"slug": author, "name": name})
        item.authors.append(Name(name))


def _spaced(topic: str) -> str:
    """A topic's name: slugs such as "open-data" get their spaces."""
    text = to_text(topic)
    return text.replace("-", " ").replace("_", " ") if " " not in text else text


def _lead(document: Document, site: Site, file: Path) -> Picture | None:
    """The picture on top: a path, or the name under which the site's data describes it."""
    written = document.head.get("image") or document.head.get("featured_image") or document.head.get("primary_image")
    written = written or document.head.get("cover") or document.head.get("thumbnail")
    inside = written if isinstance(written, dict) else {}
    source = next((inside[k] for k in ("uid", "src", "path", "image", "feature", "url") if inside.get(k)), written)
    if not isinstance(source, str) or not source.strip():
        return None
    known = site.picture(source.strip())
    said = {
        "alt": to_text(document.text("image_alt") or str(inside.get("alt") or "")),
        "caption": to_text(document.text("image_caption", "image_figcaption") or str(inside.get("caption") or "")),
        "credit": to_text(document.text("image_credit") or str(inside.get("credit") or "")),
    }
    folder = file.parent.relative_to(site.root).as_posix()
    if not known:
        return Picture(source.strip(), said["alt"], said["caption"], said["credit"], folder=folder)
    return replace(
        known,
        source=source.strip(),
        names=(known.source,),
        folder=folder,
        own_alt=said["alt"],
        own_caption=said["caption"],
        own_credit=said["credit"],
    )


def _first_heading(text: str) -> str:
    heading = re.search(r"^#\s+(.+?)\s*#*$", text, re.MULTILINE)
    return entities.unescape(heading[1]) if heading else ""


def _short(name: str) -> str:
    """The name as it fits the column; a long one ends with a digest of itself, so that it stays unique."""
    return name if len(name) <= 255 else f"{name[:214]}…{hashlib.sha256(name.encode()).hexdigest()[:40]}"
