"""The only writer of Edition: what readers see, and when.

Every verb here changes an intent and lays the spans again (`lay`), in one transaction that
compare-and-sets the article's timeline. Who may do it, and when, is articles.workflow's matter.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from itertools import pairwise

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from articles import compiling
from articles.events import Stale, record
from articles.models import Address, Approval, Article, Correction, Edition, Withdrawal
from articles.models.querysets import EditionQuerySet
from articles.states import Kind, Status
from newsroom import pagecache
from newsroom.lib import clock
from newsroom.models import SiteSettings, User


class Refused(Exception):
    """The timeline does not allow it. As text: a sentence for the editor."""


@dataclass(frozen=True)
class Typed:
    """Start and end as an editor typed them, and the zone they were typed in."""

    start: str = ""
    end: str = ""
    zone: str = ""


# Verbs ------------------------------------------------------------------------------------


def publish(article: Article, *, by: User | None, kind: Kind = Kind.UPDATE, notice: str = "") -> Edition:
    """Publish the approved revision after the time to undo; the edition before ends at that instant."""
    now = clock.now()
    start = now + timedelta(seconds=SiteSettings.current().undo_seconds)
    return _new_edition(article, by=by, now=now, start=start, kind=kind, notice=notice)


def schedule(
    article: Article,
    *,
    by: User | None,
    starts_at: datetime,
    expires_at: datetime | None = None,
    typed: Typed = Typed(),
) -> Edition:
    """Publish the approved revision at `starts_at`, until `expires_at` if given; both aware."""
    now = clock.now()
    if starts_at <= now:
        raise Refused(_("The start is not in the future. Choose a later time, or publish now."))
    return _new_edition(article, by=by, now=now, start=starts_at, end=expires_at, kind=Kind.UPDATE, typed=typed)


def cancel(edition: Edition) -> None:
    """Take a future edition away. The timeline is again what it was without it."""
    with transaction.atomic():
        now = clock.now()
        cancelled = _future(edition, now).update(cancelled_at=now, live_from=None, live_until=None)
        if not cancelled:
            raise Refused(_("Readers have seen this edition already. Withdraw the article, or publish a correction."))
        lay(edition.article, now)


def bring_forward(edition: Edition) -> None:
    """Let a future edition start now, without waiting for the time to undo."""
    with transaction.atomic():
        now = clock.now()
        if not _future(edition, now).update(starts_at=now, live_from=None, live_until=None):
            raise Refused(_("This edition is no longer waiting: it has started, or was cancelled."))
        lay(edition.article, now)


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


def import_edition(
    article: Article, *, by: User | None = None, at: datetime | None = None, until: datetime | None = None
) -> Edition:
    """Publish an imported article's present revision, at once or at a future `at`, without review here.

    The dates shown are `article.published_at` and `.updated_at`; the span begins now, since the
    timeline does not claim to know what readers saw before.
    """
    with transaction.atomic():
        now = clock.now()
        assert article.revision is not None
        Approval.objects.create(article=article, content_hash=article.revision.content_hash, by=by, at=now)
        Article.objects.filter(pk=article.pk).update(status=Status.APPROVED)
        edition = _new_edition(article, by=by, now=now, start=max(at or now, now), end=until, kind=Kind.UPDATE)
        record(
            article,
            "import",
            by=by,
            before=article.status,
            after=Status.APPROVED,
            revision=article.revision,
            edition=edition,
        )
        article.status = Status.APPROVED
    return edition


# The timeline -----------------------------------------------------------------------------


def lay(article: Article, now: datetime | None = None) -> None:
    """Lay all spans from `now` on again from the intents; those in the past are never touched.

    Sorted by start (of two that start together the later made wins), each ends where the next
    begins or at its own expiry, whichever is first. Raises Stale where a colleague has changed
    the timeline since `article` was loaded.
    """
    with transaction.atomic():
        now = now or clock.now()
        _take_timeline(article)
        editions = list(article.editions.active().order_by("starts_at", "pk"))
        spans = spans_of(editions, now)
        _write_spans(editions, spans, now)
        _settle_dates(article, editions, spans, now)
    transaction.on_commit(pagecache.drop)


Span = tuple[datetime, datetime | None]


def spans_of(editions: Iterable[Edition], now: datetime) -> dict[int, Span]:
    """The spans that active `editions`, sorted by start, should have: {key: (from, until or None)}.

    Pure: reads the editions' intents and the spans they had so far, asks no database.
    """
    begun = [e for e in editions if e.live_from is not None and e.live_from < now]
    ahead = [e for e in editions if e not in begun and e.starts_at >= now]
    spans: dict[int, Span] = {e.pk: (e.live_from, e.live_until) for e in begun if e.live_from}
    running = [e for e in begun if e.live_until is None or e.live_until > now]
    row = [*running[-1:], *ahead]
    for edition, following in pairwise([*row, None]):
        if edition is None:
            continue
        start = edition.live_from if edition in running else edition.starts_at
        ends = [end for end in (edition.expires_at, following and following.starts_at) if end]
        until = min(ends) if ends else None
        if start is not None and (until is None or until > start):
            spans[edition.pk] = (start, until)
    return spans


def _take_timeline(article: Article) -> None:
    taken = Article.objects.filter(pk=article.pk, timeline_version=article.timeline_version).update(
        timeline_version=article.timeline_version + 1
    )
    if not taken:
        raise Stale(article)
    article.timeline_version += 1


def _write_spans(editions: list[Edition], spans: dict[int, Span], now: datetime) -> None:
    """Write what changed, in an order in which no two spans ever overlap on the way."""
    changed = [e for e in editions if spans.get(e.pk, (None, None)) != (e.live_from, e.live_until)]
    ahead = [e for e in changed if e.live_from is None or e.live_from >= now]
    Edition.objects.filter(pk__in=[e.pk for e in ahead]).update(live_from=None, live_until=None)
    for edition in sorted(changed, key=lambda e: e in ahead):
        edition.live_from, edition.live_until = spans.get(edition.pk, (None, None))
        Edition.objects.filter(pk=edition.pk).update(live_from=edition.live_from, live_until=edition.live_until)


def _settle_dates(article: Article, editions: list[Edition], spans: dict[int, Span], now: datetime) -> None:
    """Dates shown and kinds follow the order in which editions come to be live; what was live keeps its own."""
    row = sorted((e for e in editions if e.pk in spans), key=lambda e: spans[e.pk][0])
    ever = article.editions.filter(live_from__lt=now).order_by("live_from").first()
    first = ever or (row[0] if row else None)
    updated = ever.updated_at if ever else article.updated_at
    for edition in row:
        start = spans[edition.pk][0]
        if start < now:
            updated = edition.updated_at
            continue
        assert first is not None
        if edition.pk == first.pk:
            kind, published = Kind.FIRST, article.published_at or start
        else:
            kind = Kind.UPDATE if edition.kind == Kind.FIRST else Kind(edition.kind)
            published = first.published_at
            updated = updated if kind == Kind.MINOR else start
        edition.kind, edition.published_at, edition.updated_at = kind, published, updated
        Edition.objects.filter(pk=edition.pk).update(kind=kind, published_at=published, updated_at=updated)
    _settle_addresses(article, [e for e in row if spans[e.pk][0] >= now], ever, now)


def _settle_addresses(article: Article, ahead: list[Edition], ever: Edition | None, now: datetime) -> None:
    """The address is dated by the first publication: fixed once readers saw it, and free to move until then."""
    if not ever:
        first = article.published_at or (ahead[0].starts_at if ahead else None)
        article.first_published_on = first.astimezone(_site_zone()).date() if first and ahead else None
        Article.objects.filter(pk=article.pk).update(first_published_on=article.first_published_on)
    for edition in ahead:
        slug = edition.path.rstrip("/").rpartition("/")[2]
        edition.path = path_of(article, edition.language, slug, edition.starts_at)
        _reserve(article, edition.path, now)
        Edition.objects.filter(pk=edition.pk).update(path=edition.path)


# Making one -------------------------------------------------------------------------------


def _new_edition(
    article: Article,
    *,
    by: User | None,
    now: datetime,
    start: datetime,
    kind: Kind,
    end: datetime | None = None,
    typed: Typed = Typed(),
    notice: str = "",
) -> Edition:
    # `now` is the caller's: what starts at once must not have begun by the time it is laid.
    with transaction.atomic():
        revision = article.revision
        if not revision or not article.approvals.filter(content_hash=revision.content_hash).exists():
            raise Refused(_("This text is not approved. Ask a colleague to approve it first."))
        if end is not None and end <= start:
            raise Refused(_("It would end before it starts. Choose an end after the start."))
        content = revision.content
        edition = Edition.objects.create(
            article=article,
            revision=revision,
            kind=kind,
            created_by=by,
            created_at=now,
            starts_at=start,
            expires_at=end,
            typed_start=typed.start,
            typed_end=typed.end,
            zone=typed.zone,
            language=content["language"],
            translation_group=content["translation_group"],
            path=path_of(article, content["language"], content["slug"], start),
            section_id=content["section"],
            kicker=content["kicker"],
            headline=content["headline"],
            standfirst=content["standfirst"],
            lead_image_id=compiling.lead_image(content),
            published_at=article.published_at or start,
            updated_at=article.updated_at,
            compiler=0,
        )
        compiling.write(edition)
        if kind == Kind.CORRECTION:
            Correction.objects.create(article=article, edition=edition, notice=notice, by=by, at=now)
        lay(article, now)
        edition.refresh_from_db()
    return edition


def path_of(article: Article, language: str, slug: str, start: datetime) -> str:
    """The address that an edition starting at `start` has: dated by the first publication, in the site's zone."""
    day = article.first_published_on or (article.published_at or start).astimezone(_site_zone()).date()
    prefix = "" if language == settings.LANGUAGE_CODE else f"/{language}"
    return f"{prefix}/{day:%Y/%m/%d}/{slug}/"


def address_taken(article: Article, path: str) -> bool:
    """Whether `path` belongs to another article, for good."""
    return Address.objects.filter(path=path).exclude(article=article).exists()


def _reserve(article: Article, path: str, now: datetime) -> None:
    try:
        with transaction.atomic():
            address, _made = Address.objects.get_or_create(path=path, defaults={"article": article, "made_at": now})
    except IntegrityError:
        address = Address.objects.get(path=path)
    if address.article_id != article.pk:
        raise Refused(_("Another article has the address %(path)s already. Choose another slug.") % {"path": path})


def _site_zone() -> tzinfo:
    return timezone.get_default_timezone()


def _future(edition: Edition, now: datetime) -> EditionQuerySet:
    not_begun = Q(live_from__gt=now) | Q(live_from=None, starts_at__gt=now)
    return Edition.objects.active().filter(not_begun, pk=edition.pk)
