"""Notes: what colleagues remark to each other on an article, and who may call a remark settled.

A blocking note keeps the text from being approved and published (articles.checks.NOTE_CHECKS)
until its author, or an editor of the desk, resolves it.
"""

from django.db import transaction
from django.utils.translation import gettext as _

from articles.events import ago, record
from articles.guards import contributes, on_desk
from articles.models import Article, Note
from newsroom.lib import clock
from newsroom.models import User

LONGEST = 4000


class Refused(Exception):
    """The note was not written, or not resolved. As text: a sentence that says why, and what to do."""


def add(article: Article, text: str, *, by: User, blocking: bool = False) -> Note:
    """Keep `text` as a note of `by` on the article as it is saved now, with one event. Raises Refused."""
    text = text.strip()
    if not may_note(by, article):
        raise Refused(_("You do not work on this article. Ask an editor of the section."))
    if not text:
        raise Refused(_("The note is empty. Write what your colleagues should know."))
    if len(text) > LONGEST:
        raise Refused(_("The note is longer than %(number)s characters. Shorten it.") % {"number": LONGEST})
    with transaction.atomic():
        # A verb that looks for blocking notes holds the same lock: it comes before this note, or sees it.
        present = Article.objects.locked().only("pk", "revision_id").get(pk=article.pk)
        note = Note.objects.create(
            article=article, revision_id=present.revision_id, text=text, blocking=blocking, by=by, at=clock.now()
        )
        _record(note, "note", by, text)
    return note


def resolve(note: Note, *, by: User) -> Note:
    """Call the note settled, by compare-and-set and with one event. Raises Refused; also where somebody was faster."""
    if not may_resolve(by, note):
        raise Refused(
            _("Only whoever wrote a blocking note, or an editor of the desk, may resolve it. Ask one of them.")
            if note.blocking
            else _("You do not work on this article. Ask an editor of the section.")
        )
    with transaction.atomic():
        resolved = Note.objects.filter(pk=note.pk, resolved_at=None).update(resolved_by=by, resolved_at=clock.now())
        note.refresh_from_db()
        if not resolved:
            said = {"who": note.resolved_by or _("Somebody"), "ago": ago(note.resolved_at or clock.now())}
            raise Refused(_("%(who)s resolved this note already, %(ago)s. There is nothing left to do.") % said)
        _record(note, "resolve_note", by)
    return note


def may_note(user: User, article: Article) -> bool:
    """Whoever works on the article may remark on it."""
    return user.is_active and contributes(user, article)


def may_resolve(user: User, note: Note) -> bool:
    """Its author; else, of a blocking note, an editor of the desk, and of another one whoever works on the article."""
    if not user.is_active:
        return False
    if note.by_id == user.pk:
        return True
    return runs_desk(user, note.article) if note.blocking else contributes(user, note.article)


def runs_desk(user: User, article: Article) -> bool:
    """Whether `user` is an editor of the article's desk."""
    return user.has_perm("articles.approve_article") and on_desk(user, article)


def _record(note: Note, verb: str, by: User, text: str = "") -> None:
    data = {"note": note.pk, "blocking": note.blocking}
    record(note.article, verb, by=by, note=text, data=data, revision_id=note.revision_id)
