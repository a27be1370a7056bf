"""When articles stop taking comments by themselves: so many days after their first publication."""

from datetime import datetime, timedelta

from django.db.models import Min, Q

from articles.models import Edition
from comments.models import Opening


def end(published_at: datetime, closes_after: int | None) -> datetime | None:
    """From when an article of that age takes no more comments; None if it stays open."""
    return None if closes_after is None else published_at + timedelta(days=closes_after)


def next_end(moment: datetime) -> datetime | None:
    """The next time after `moment` at which an article that is live stops taking comments by its age.

    One query, and one more for each number of days that is in use.
    """
    limited = Opening.objects.exclude(closes_after=None)
    ends = [_next_end(moment, days) for days in set(limited.values_list("closes_after", flat=True)) if days is not None]
    return min(filter(None, ends), default=None)


def _next_end(moment: datetime, days: int) -> datetime | None:
    by_article = Q(article__opening__closes_after=days)
    by_section = Q(article__opening=None, article__section__opening__closes_after=days)
    young = Edition.objects.live_at(moment).filter(
        by_article | by_section, published_at__gt=moment - timedelta(days=days)
    )
    first = young.aggregate(first=Min("published_at"))["first"]
    return end(first, days) if first else None
