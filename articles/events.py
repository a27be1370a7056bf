"""The append-only record of what was done to an article, and what to say when a colleague was faster."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.utils.timesince import timesince
from django.utils.translation import gettext as _

from articles.models import Article, Edition, Event
from articles.states import Status
from newsroom.lib import clock
from newsroom.models import User

# Events after which the text and its state are what they were: nobody was faster by them.
CHANGING_NOTHING = ("note", "resolve_note", "take_over")


class Stale(Exception):
    """Somebody else was faster. As text: who, what and how long ago."""

    def __init__(self, article: Article) -> None:
        self.article = article
        super().__init__(was_faster(article))


def record(
    article: Article,
    verb: str,
    *,
    by: User | None,
    before: str = "",
    after: str = "",
    note: str = "",
    data: dict[str, Any] | None = None,
    **about: Any,
) -> Event:
    """Append one event; `about` may name the revision and the edition, whose intent is kept unless `data` says more."""
    edition: Edition | None = about.get("edition")
    return Event.objects.create(
        article=article,
        verb=verb,
        by=by,
        at=clock.now(),
        from_state=before,
        to_state=after,
        note=note,
        data=data or (edition.intent() if edition else {}),
        **about,
    )


@dataclass(frozen=True)
class Happened:
    """What came of an edition by itself, as a consequence of what somebody did."""

    verb: str
    edition: Edition
    note: str
    revision: int | None = None  # its key


def record_all(article: Article, happened: Iterable[Happened]) -> None:
    """Append one event for each, by nobody, in their order and by one query."""
    now = clock.now()
    Event.objects.bulk_create(
        [
            Event(
                article=article,
                verb=event.verb,
                by=None,
                at=now,
                note=event.note,
                data=event.edition.intent(),
                edition=event.edition,
                revision_id=event.revision,
            )
            for event in happened
        ]
    )


@dataclass
class Told:
    """What the log tells of an article: its status, whether it is withdrawn, {edition: its intent}, what is hidden."""

    status: str = Status.DRAFT
    withdrawn: bool = False
    editions: dict[int, dict[str, Any]] = field(default_factory=dict)
    hidden: set[int] = field(default_factory=set)


def replay(article: Article) -> Told:
    """Tell the article's present state from its events alone."""
    told = Told()
    for event in article.events.order_by("pk"):
        told.status = event.to_state or told.status
        if "edition" in event.data:
            told.editions[event.data["edition"]] = event.data
        match event.verb:
            case "withdraw" | "reinstate":
                told.withdrawn = event.verb == "withdraw"
            case "hide":
                told.hidden.add(event.data["edition"])
            case "unhide":
                told.hidden.discard(event.data["edition"])
    return told


def was_faster(article: Article, by: User | None = None) -> str:
    """Who changed `article` last, with what and how long ago, and what to do; said to `by` if given."""
    last = _last_change(article)
    if last is None:
        return _("A colleague has changed this article in the meantime. Load it again to see how it stands now.")
    who, what, at = last
    said = {"who": who or _("Somebody"), "what": what, "ago": ago(at)}
    if by is not None and who == by:
        first = _("You did “%(what)s” in another window, %(ago)s.") % said
    else:
        first = _("%(who)s was faster: “%(what)s”, %(ago)s.") % said
    return f"{first} " + _("Load the article again to see how it stands now; nothing of yours was saved over it.")


def saved_meanwhile(article: Article, by: User | None = None) -> str:
    """Who saved a text of `article` while `by` had an older one open."""
    # Asked anew, and not for the newest one: that may be a merge, which nobody saved.
    present = Article.objects.filter(pk=article.pk).values("revision")
    revision = article.revisions.select_related("author").filter(pk__in=present).first()
    if revision is None:
        return _("A colleague has changed this article in the meantime.")
    if by is not None and revision.author == by:
        return _("You saved this in another window, %(ago)s.") % {"ago": ago(revision.at)}
    said = {"who": revision.author or _("Somebody"), "ago": ago(revision.at)}
    return _("%(who)s was faster and saved this article, %(ago)s.") % said


def ago(at: datetime) -> str:
    """How long ago, in words: "just now" under a minute."""
    now = clock.now()
    if now - at < timedelta(minutes=1):
        return _("just now")
    return _("%(time)s ago") % {"time": timesince(at, now)}


def label_of(verb: str) -> str:
    """What people call what an event records."""
    from articles import workflow  # it records its events here

    known = {
        "edit": _("Text changed"),
        "import": _("Imported"),
        "merge": _("Put together with what was published"),
        "pin": _("Pinned"),
        "unpin": _("Unpinned"),
        "note": _("Note written"),
        "resolve_note": _("Note resolved"),
        "take_over": _("Taken over while typing"),
    }
    if verb in workflow.VERBS:
        return str(workflow.VERBS[verb].label).rstrip("…")
    return known.get(verb, verb)


def _last_change(article: Article) -> tuple[User | None, str, datetime] | None:
    event = article.events.exclude(verb__in=CHANGING_NOTHING).select_related("by").first()
    revision = article.revisions.select_related("author").first()
    if event and (not revision or event.at >= revision.at):
        return event.by, label_of(event.verb), event.at
    if revision:
        return revision.author, _("Text saved"), revision.at
    return None
