"""Comments in WordPress exports (WXR 1.0 to 1.2), read as a stream by the importer of articles."""

from collections.abc import Iterator
from datetime import UTC
from pathlib import Path
from urllib.parse import urlsplit

from django.utils import timezone
from django.utils.translation import gettext as _

from articles.importers import wxr
from articles.importers.items import Unreadable
from articles.importers.moments import moment
from comments.importers.items import Broken, Said, Skipped, Thread
from comments.states import State

# wp_set_comment_status() of WordPress, and what approving by hand writes.
STATES = {
    "1": State.PUBLISHED,
    "approve": State.PUBLISHED,
    "0": State.PENDING,
    "hold": State.PENDING,
    "spam": State.SPAM,
    "trash": State.REJECTED,
}
# Written by programs, about links to the article.
PINGS = {"pingback", "trackback"}


def items(path: Path, name: str) -> Iterator[Thread | Said | Skipped | Broken]:
    """Every comment of an export, behind the article that it stands under."""
    try:
        for record in wxr.records(path, name, comments=True):
            if record.said:
                yield from _of_article(record)
    except Unreadable as error:
        yield Broken(str(error))


def _of_article(record: wxr.Record) -> Iterator[Thread | Said | Skipped]:
    source, number = f"wordpress:{record.site}"[:80], record.get("post_id")
    import_id = (number or record.get("guid") or record.get("link"))[:255]
    key = f"{source}:{import_id}"
    yield Thread(key, record.get("title"), source, import_id, tuple(_paths(record)))
    for fields in record.said:
        yield _comment({name: text.strip() for name, text in fields.items()}, source, key)


def _comment(fields: dict[str, str], source: str, thread: str) -> Said | Skipped:
    number, kind = fields.get("comment_id", ""), fields.get("comment_type", "")
    if kind in PINGS:
        return Skipped(
            kind, _("%(kind)s %(number)s was written by a program.") % {"kind": kind, "number": number}, True
        )
    if kind not in ("", "comment"):
        sentence = _("Number %(number)s is no comment but of the kind “%(kind)s”.")
        return Skipped("other", sentence % {"number": number, "kind": kind[:80]})
    state = STATES.get(fields.get("comment_approved", ""))
    if state is None:
        sentence = _("Comment %(number)s is in a state that is not known here: “%(state)s”.")
        return Skipped("state", sentence % {"number": number, "state": fields.get("comment_approved", "")[:80]})
    zone = timezone.get_default_timezone()
    at = moment(fields.get("comment_date_gmt", ""), UTC) or moment(fields.get("comment_date", ""), zone)
    if at is None or not _is_number(number):
        sentence = _("Comment %(number)s has no number or date that can be read.")
        return Skipped("damaged", sentence % {"number": number[:80] or "?"})
    parent = fields.get("comment_parent", "")
    return Said(
        source=f"{source}:{number}",
        thread=thread,
        at=at,
        state=state,
        parent=f"{source}:{parent}" if _is_number(parent) and int(parent) else "",
        name=fields.get("comment_author", ""),
        email=fields.get("comment_author_email", ""),
        html=fields.get("comment_content", ""),
        network=fields.get("comment_author_IP", ""),
    )


def _is_number(written: str) -> bool:
    return written.isascii() and written.isdigit() and len(written) < 20


def _paths(record: wxr.Record) -> Iterator[str]:
    try:
        link = urlsplit(record.get("link"))
    except ValueError:
        return
    if link.query:
        yield f"{link.path or '/'}?{link.query}"
    elif len(link.path) > 1:
        yield link.path
