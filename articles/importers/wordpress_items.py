"""Articles and pages of WordPress exports, in neutral terms."""

import html as entities
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import unquote, urlsplit

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from articles.importers.items import Broken, Item, Name, Skipped, State, Unreadable, quoted
from articles.importers.moments import moment
from articles.importers.wordpress import Text, picture_of
from articles.importers.wxr import Index, Record, records
from newsroom.lib import clock
from newsroom.lib.html import to_text

SUFFIXES = {".xml", ".wxr", ".rss"}
HIDDEN = {
    "draft": "",
    "auto-draft": "",
    "pending": gettext_lazy("It was waiting for review, and is a draft here."),
    "private": gettext_lazy("It was for members only, and is a draft here, so that nobody reads it by mistake."),
}
# Fields that WordPress and its plugins keep for themselves begin with an underscore; of the others, these say nothing.
NO_WORDS = {"enclosure", "spay_email", "_edit_last"}


def items(path: Path) -> Iterator[Item | Skipped | Broken]:
    """Every article and page of the exports at or below `path`, in the order in which they stand there."""
    root = path if path.is_dir() else path.parent
    files = [path] if path.is_file() else sorted(f for f in path.rglob("*") if f.suffix in SUFFIXES and f.is_file())
    index = Index()
    for file in files:
        index.read(file, file.name)
    for file in files:
        name = file.relative_to(root).as_posix()
        try:
            for record in records(file, name):
                if found := item(record, name, index):
                    yield found
        except Unreadable as error:
            yield Broken(name, str(error))


def item(record: Record, file: str, index: Index) -> Item | Skipped | None:
    """The article or page that a record holds; None for pictures, which come with the articles that use them."""
    kind, status = record.get("post_type") or "post", record.get("status") or "publish"
    title = to_text(record.get("title"))
    if kind == "attachment":
        return None
    if kind not in {"post", "page"}:
        return Skipped(kind, file, _("“%(title)s” is neither an article nor a page.") % {"title": quoted(title)})
    if status in {"trash", "auto-draft"}:
        return Skipped(status, file, _("“%(title)s” was thrown away there.") % {"title": quoted(title)})
    number = record.get("post_id")
    found = Item(f"wordpress:{record.site}"[:80], (number or record.get("guid") or record.get("link"))[:255], file)
    found.title, found.comments = title, record.comments
    found.slug = unquote(record.get("post_name"))
    found.standfirst = to_text(record.get("excerpt"))
    _read_dates(found, record, status)
    _read_state(found, record, kind, status)
    _read_names(found, record, index)
    found.old_paths = list(_old_paths(record, number))
    found.was_at = next((path for path in found.old_paths if "?" not in path), "")
    _read_lead(found, record, index)
    found.html = Text(found, index, record.site, number).html(record.fields.get("content", ""))
    _tell_fields(found, record)
    return found


def _read_dates(item: Item, record: Record, status: str) -> None:
    if status in {"draft", "pending"}:
        return
    item.published_at = _moment(record, "post_date")
    if not item.published_at and record.get("pubDate"):
        item.published_at = moment(record.get("pubDate"), UTC)
    updated = _moment(record, "post_modified")
    if updated and item.published_at and updated > item.published_at:
        item.updated_at = updated


def _moment(record: Record, name: str) -> datetime | None:
    """The moment in UTC where the export has it; drafts of old versions have zeros there, and local time alone."""
    return moment(record.get(f"{name}_gmt"), UTC) or moment(record.get(name), timezone.get_default_timezone())


def _read_state(item: Item, record: Record, kind: str, status: str) -> None:
    item.pinned = record.get("is_sticky") == "1"
    item.page = kind == "page"
    if status == "future":
        ahead = item.published_at and item.published_at > clock.now()
        item.state = State.SCHEDULED if ahead else State.PUBLISHED
        if not ahead:
            item.note("state", _("It was scheduled for a time that has passed, and is published now."))
    elif status != "publish":
        item.state = State.DRAFT
        unknown = _("Its state “%(status)s” is not known here, so it is a draft.") % {"status": quoted(status)}
        if sentence := HIDDEN.get(status, unknown):
            item.note("state", str(sentence))
    if record.get("post_password"):
        item.state = State.DRAFT
        item.note("state", _("It was behind a password, and is a draft here."))
    if item.page and item.state != State.PUBLISHED:
        item.page = False
        item.note("state", _("It was a page that was not published, and is a draft of an article here."))


def _read_names(item: Item, record: Record, index: Index) -> None:
    """Byline, section (the first of the most specific categories) and topics (all the others, and the tags)."""
    coauthors = [Name(text or slug.removeprefix("cap-")) for domain, slug, text in record.terms if domain == "author"]
    login = record.get("creator")
    if coauthors:
        item.authors = [Name(index.authors.get((record.site, name.name), name.name)) for name in coauthors]
    elif login:
        item.authors = [Name(index.authors.get((record.site, login), login))]
    categories = [(slug, text) for domain, slug, text in record.terms if domain in {"category", "tag"} and text]
    real = [pair for pair in categories if not pair[0].startswith("uncategorized")] or categories
    domains = {(slug, text): domain for domain, slug, text in record.terms}
    ranked = sorted(
        (pair for pair in real if domains[pair] == "category"),
        key=lambda pair: (pair[0] != _primary(record, index), -_depth(record.site, pair[0], index)),
    )
    if ranked:
        item.section = Name(_plain(ranked[0][1]), unquote(ranked[0][0]))
    others = [pair for pair in real if pair not in ranked[:1]]
    others += [(slug, text) for domain, slug, text in record.terms if domain == "post_tag" and text]
    item.topics = [Name(_plain(text), unquote(slug)) for slug, text in others]


def _primary(record: Record, index: Index) -> str:
    """The category that an editor has marked as the main one, with the plugin that most sites have."""
    return index.term_slugs.get((record.site, record.meta.get("_yoast_wpseo_primary_category", "-")), "")


def _depth(site: str, slug: str, index: Index) -> int:
    depth, seen = 0, {slug}
    while (slug := index.parents.get((site, slug), "")) and slug not in seen:
        seen.add(slug)
        depth += 1
    return depth


def _plain(text: str) -> str:
    return " ".join(to_text(entities.unescape(text)).split())


def _old_paths(record: Record, number: str) -> Iterator[str]:
    """The addresses it had: its link, the same with earlier slugs, and the short form by number."""
    try:
        link = urlsplit(record.get("link"))
    except ValueError:
        return
    if link.query:
        yield f"{link.path or '/'}?{link.query}"
    elif len(link.path) > 1:
        yield link.path
        if old := record.meta.get("_wp_old_slug"):
            yield f"{link.path.rstrip('/').rpartition('/')[0]}/{old}/"
    if number.isdigit():
        yield f"/?{'page_id' if record.get('post_type') == 'page' else 'p'}={number}"


def _read_lead(item: Item, record: Record, index: Index) -> None:
    number = record.meta.get("_thumbnail_id", "").strip()
    if not number or number == "0":
        return
    known = index.attachments.get((record.site, number))
    if known:
        item.lead = picture_of(known)
    else:
        sentence = _("The lead image, number %(number)s of the old site, is not described in the export.")
        item.note("picture", sentence % {"number": quoted(number)}, lost=True)


def _tell_fields(item: Item, record: Record) -> None:
    names = sorted(key for key, value in record.meta.items() if key and key[0] != "_" and value and key not in NO_WORDS)
    if names:
        item.note("field", _("Own fields of the old site left out: %(names)s.") % {"names": quoted(", ".join(names))})
