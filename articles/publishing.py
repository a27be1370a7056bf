"""The only writer of Edition: what readers see, and when.

Every verb here changes an intent and lays the spans again (articles.laying), in one transaction that
compare-and-sets the article's timeline. Who may do it, and when, is articles.workflow's matter.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from articles import addresses, compiling
from articles.events import record
from articles.laying import lay
from articles.models import Approval, Article, Correction, Edition, EmergencyReview, Revision, Withdrawal
from articles.models.querysets import EditionQuerySet
from articles.spans import Refused
from articles.states import Kind, Status
from newsroom import pagecache
from newsroom.lib import clock
from newsroom.models import SiteSettings, User

__all__ = [
    "Refused",
    "Typed",
    "bring_forward",
    "cancel",
    "hide_from_history",
    "hold",
    "import_edition",
    "lay",
    "publish",
    "publish_in_emergency",
    "reinstate",
    "release",
    "schedule",
    "show_in_history",
    "withdraw",
]


@dataclass(frozen=True)
class Typed:
    """Start and end as an editor typed them, and the zone they were typed in."""

    start: str = ""
    end: str = ""
    zone: str = ""


# Publishing a revision --------------------------------------------------------------------


def publish(article: Article, *, by: User | None, kind: Kind = Kind.UPDATE, notice: str = "") -> Edition:
    """Publish the approved revision after the time to undo; the edition before ends at that instant.

    Where that one was to end at some time, for good, so does the new one.
    """
    _refuse_unapproved(article)
    return _publish_at_once(article, by=by, now=clock.now(), kind=kind, notice=notice)


def publish_in_emergency(article: Article, *, by: User, reason: str) -> Edition:
    """Publish the present revision without approval, and open a review that another person closes."""
    now = clock.now()
    with transaction.atomic():
        edition = _publish_at_once(article, by=by, now=now, kind=Kind.UPDATE)
        EmergencyReview.objects.create(article=article, edition=edition, reason=reason, opened_by=by, opened_at=now)
    return edition


def _publish_at_once(article: Article, *, by: User | None, now: datetime, kind: Kind, notice: str = "") -> Edition:
    start = now + timedelta(seconds=SiteSettings.current().undo_seconds)
    before = article.editions.spanning(start).first()
    end = before.expires_at if before else None
    return _new_edition(article, by=by, now=now, start=start, end=end, at_once=True, kind=kind, notice=notice)


def schedule(
    article: Article,
    *,
    by: User | None,
    starts_at: datetime,
    expires_at: datetime | None = None,
    typed: Typed = Typed(),
) -> Edition:
    """Publish the approved revision at `starts_at`, until `expires_at` if given; both aware."""
    now, starts_at = clock.now(), starts_at.astimezone(UTC)
    expires_at = expires_at and expires_at.astimezone(UTC)
    if starts_at <= now:
        raise Refused(_("The start is not in the future. Choose a later time, or publish now."))
    _refuse_unapproved(article)
    return _new_edition(article, by=by, now=now, start=starts_at, end=expires_at, kind=Kind.UPDATE, typed=typed)


def import_edition(
    article: Article, *, by: User | None = None, at: datetime | None = None, until: datetime | None = None
) -> Edition:
    """Publish an imported article's present revision, at once or at a future `at`, without review here.

    The dates shown are `article.published_at` and `.updated_at`; the span begins now, since the
    timeline does not claim to know what readers saw before.
    """
    with transaction.atomic():
        now = clock.now()
        revision = _present(article)
        Approval.objects.create(article=article, content_hash=revision.content_hash, by=by, at=now)
        Article.objects.filter(pk=article.pk).update(status=Status.APPROVED)
        edition = _new_edition(article, by=by, now=now, start=max(at or now, now), end=until, kind=Kind.UPDATE)
        before, after = article.status, Status.APPROVED
        record(article, "import", by=by, before=before, after=after, revision=revision, edition=edition)
        article.status = Status.APPROVED
    return edition


# Moving what waits ------------------------------------------------------------------------


def cancel(edition: Edition) -> Edition:
    """Take an edition away that readers have not met. The timeline is again what it was without it."""
    with transaction.atomic():
        now = clock.now()
        cancelled = _waiting(edition, now).update(cancelled_at=now, live_from=None, live_until=None)
        if not cancelled:
            raise Refused(_("Readers have seen this edition already. Withdraw the article, or publish a correction."))
        owed = EmergencyReview.objects.filter(edition=edition, closed_at=None)
        owed.update(closed_at=now, finding=_("Cancelled before readers saw it."))
        lay(edition.article, now)
    return _fresh(edition)


def bring_forward(edition: Edition) -> Edition:
    """Let a future edition start now, without waiting for the time to undo."""
    with transaction.atomic():
        now = clock.now()
        ahead = _waiting(edition, now).filter(held_at=None)
        if not ahead.update(starts_at=now, live_from=None, live_until=None):
            raise Refused(_("This edition is no longer waiting: it has started, or was cancelled or held."))
        _lay_without_holding(edition, now)
    return _fresh(edition)


def hold(edition: Edition) -> Edition:
    """Keep a future edition back until it is released. The timeline is as if it were not there."""
    with transaction.atomic():
        now = clock.now()
        ahead = _waiting(edition, now).filter(Q(held_at=None) | Q(held_for__isnull=False))
        if not ahead.update(held_at=now, held_for=None, live_from=None, live_until=None):
            raise Refused(_("This edition is no longer waiting: it has started, or was cancelled or held."))
        lay(edition.article, now)
    return _fresh(edition)


def release(edition: Edition, *, starts_at: datetime | None = None, typed: Typed = Typed()) -> Edition:
    """Let a held edition come at its own time, or at `starts_at` if given (aware), which was `typed` so."""
    with transaction.atomic():
        now = clock.now()
        held = Edition.objects.filter(pk=edition.pk, held_at__isnull=False, cancelled_at=None).first()
        if held is None:
            raise Refused(_("This edition is not held any more."))
        start = starts_at or held.starts_at
        if start <= now:
            raise Refused(_("Its time has passed. Choose a new start, in the future."))
        if held.expires_at and held.expires_at <= start:
            raise Refused(_("It would end before it starts. Cancel it, and schedule the text anew."))
        moved = {"typed_start": typed.start, "zone": typed.zone} if starts_at else {}
        Edition.objects.filter(pk=edition.pk).update(starts_at=start, held_at=None, held_for=None, **moved)
        _lay_without_holding(edition, now)
    return _fresh(edition)


# Hiding -----------------------------------------------------------------------------------


def withdraw(article: Article, *, by: User | None, notice: str, reason: str) -> Withdrawal:
    """Hide all editions, past and future, behind the public notice."""
    with transaction.atomic():
        withdrawal = Withdrawal.objects.create(article=article, by=by, at=clock.now(), notice=notice, reason=reason)
        lay(article, withdrawal.at)
    return withdrawal


def reinstate(article: Article, *, by: User | None) -> None:
    """Lift the open withdrawal. The time it lasted stays hidden for good."""
    with transaction.atomic():
        now = clock.now()
        if not article.withdrawals.filter(lifted_at=None).update(lifted_at=now, lifted_by=by):
            raise Refused(_("The article is not withdrawn any more."))
        lay(article, now)


def hide_from_history(edition: Edition, *, by: User | None, notice: str) -> Edition:
    """Show only `notice` in the place of an edition in the article's public history."""
    now = clock.now()
    met = Edition.objects.filter(pk=edition.pk, live_from__lte=now, history_hidden="")
    if not met.update(history_hidden=notice, history_hidden_by=by, history_hidden_at=now):
        raise Refused(_("Readers have never seen this edition, or its notice stands in the history already."))
    transaction.on_commit(pagecache.drop)
    return _fresh(edition)


def show_in_history(edition: Edition) -> Edition:
    """Show an edition in the article's public history again."""
    hidden = Edition.objects.filter(pk=edition.pk).exclude(history_hidden="")
    if not hidden.update(history_hidden="", history_hidden_by=None, history_hidden_at=None):
        raise Refused(_("This edition is in the history already."))
    transaction.on_commit(pagecache.drop)
    return _fresh(edition)


# Making one -------------------------------------------------------------------------------


def _new_edition(
    article: Article,
    *,
    by: User | None,
    now: datetime,
    start: datetime,
    kind: Kind,
    at_once: bool = False,
    end: datetime | None = None,
    typed: Typed = Typed(),
    notice: str = "",
) -> Edition:
    # `now` is the caller's: what starts at once must not have begun by the time it is laid.
    with transaction.atomic():
        if end is not None and end <= start:
            raise Refused(_("It would end before it starts. Choose an end after the start."))
        revision = _present(article)
        content = revision.content
        edition = Edition.objects.create(
            article=article,
            revision=revision,
            kind=kind,
            at_once=at_once,
            created_by=by,
            created_at=now,
            starts_at=start,
            expires_at=end,
            typed_start=typed.start,
            typed_end=typed.end,
            zone=typed.zone,
            path=addresses.path_of(article, content["language"], content["slug"], start),
            published_at=article.published_at or start,
            updated_at=article.updated_at,
            compiler=0,
            **compiling.headers_of(content),
        )
        compiling.write(edition)
        if kind == Kind.CORRECTION:
            Correction.objects.create(article=article, edition=edition, notice=notice, by=by, at=now)
        _lay_without_holding(edition, now)
    return _fresh(edition)


def _lay_without_holding(edition: Edition, now: datetime) -> None:
    """Lay the timeline; an edition that its editor has just moved is refused there and then, not held."""
    held = lay(edition.article, now)
    if edition.pk in held:
        sentence = _(
            "Readers meet another text before this one, and the two cannot be put together. %(why)s "
            "Start from what readers see then, and publish that."
        )
        raise Refused(sentence % {"why": held[edition.pk]})


def _present(article: Article) -> Revision:
    if not article.revision:
        raise Refused(_("Nothing is saved yet. Save the article first."))
    return article.revision


def _refuse_unapproved(article: Article) -> None:
    if not article.approvals.filter(content_hash=_present(article).content_hash).exists():
        raise Refused(_("This text is not approved. Ask a colleague to approve it first."))


def _waiting(edition: Edition, now: datetime) -> EditionQuerySet:
    return Edition.objects.waiting(now).filter(pk=edition.pk)


def _fresh(edition: Edition) -> Edition:
    edition.refresh_from_db()
    return edition
