"""The timeline of an article: spans laid from the intents of its editions."""

from datetime import datetime

from django.db import transaction

from articles import addresses, carrying
from articles.events import Stale
from articles.models import Article, Edition
from articles.spans import Span, begun, spans_of
from articles.states import Kind
from newsroom import pagecache
from newsroom.lib import clock


def lay(article: Article, now: datetime | None = None) -> dict[int, str]:
    """Lay all spans from `now` on again from the intents; those in the past are never touched.

    What is published is carried into what waits behind it (articles.carrying). Returns the editions that are
    held because they clash with something, with a sentence for each: {key: why}. Raises Stale where a
    colleague has changed the timeline since `article` was loaded.
    """
    with transaction.atomic():
        now = now or clock.now()
        _take_timeline(article)
        editions = list(article.editions.open_to_lay(now).order_by("starts_at", "pk"))
        carried = carrying.carry(article, editions, now)
        spans = spans_of(carried.staying, now)
        _write_spans(carried.staying, spans, now)
        _settle_dates(article, carried.staying, spans, now)
    transaction.on_commit(pagecache.drop)
    return {hold.edition.pk: hold.sentence for hold in carried.holds}


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
    ahead = [e for e in changed if not begun(e, now)]
    Edition.objects.filter(pk__in=[e.pk for e in ahead]).update(live_from=None, live_until=None)
    for edition in changed:
        edition.live_from, edition.live_until = spans.get(edition.pk, (None, None))
    for some in ([e for e in changed if e not in ahead], ahead):
        Edition.objects.bulk_update(some, ["live_from", "live_until"])


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
    ahead = [e for e in row if spans[e.pk][0] >= now]
    _settle_addresses(article, ahead, ever, now)
    Edition.objects.bulk_update(ahead, ["kind", "published_at", "updated_at", "path"])


def _settle_addresses(article: Article, ahead: list[Edition], ever: Edition | None, now: datetime) -> None:
    """The address is dated by the first publication: fixed once readers saw it, and free to move until then."""
    if not ever:
        first = article.published_at or (ahead[0].starts_at if ahead else None)
        article.first_published_on = first.astimezone(addresses.site_zone()).date() if first and ahead else None
        Article.objects.filter(pk=article.pk).update(first_published_on=article.first_published_on)
    for edition in ahead:
        slug = edition.path.rstrip("/").rpartition("/")[2]
        edition.path = addresses.path_of(article, edition.language, slug, edition.starts_at)
    addresses.reserve(article, [edition.path for edition in ahead], now)
