"""How many subscribers there are, came and went, and where they came from. The number of queries is always the same."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Case, Count, IntegerField, QuerySet, Value, When
from django.utils import timezone

from newsroom.lib import clock
from subscribers.leaving import LEAVABLE
from subscribers.models import ConsentEvent, Newsletter, Subscription
from subscribers.states import ConsentKind

MONTHS = 24
MOST_SOURCES = 20
CAME = (ConsentKind.CONFIRMED, ConsentKind.IMPORTED)


@dataclass(frozen=True)
class Month:
    """One month: who came, who went, and how many there were at its end (or are now)."""

    begins: datetime
    came: int
    went: int
    total: int


@dataclass(frozen=True)
class Source:
    """A page with the form, or the file of an import, and how many came from it to each newsletter."""

    page: str
    file: str
    counts: list[int]
    total: int


def months(newsletter: Newsletter | None = None) -> list[Month]:
    """The last MONTHS months, the present one last, of one newsletter or of all. Two queries."""
    begins = _beginnings()
    counted = _counted(begins, newsletter)
    rows = Subscription.objects.filter(state__in=LEAVABLE)
    total = (rows.filter(newsletter=newsletter) if newsletter else rows).count()
    found: list[Month] = []
    for at in reversed(range(len(begins))):
        came, went = sum(counted[at, kind] for kind in CAME), counted[at, ConsentKind.WITHDRAWN]
        found.append(Month(begins[at], came, went, total))
        total = max(0, total - came + went)
    return found[::-1]


def states() -> list[tuple[Newsletter, dict[str, int]]]:
    """How many subscriptions of each newsletter are in each state. Two queries."""
    counts: dict[int, dict[str, int]] = defaultdict(dict)
    for key, state, count in (
        Subscription.objects.order_by().values_list("newsletter", "state").annotate(count=Count("pk"))
    ):
        counts[key][state] = count
    return [(newsletter, counts[newsletter.pk]) for newsletter in Newsletter.objects.all()]


def sources(newsletters: Iterable[Newsletter]) -> list[Source]:
    """Where those came from who ever subscribed, the largest sources first. One query."""
    keys = [newsletter.pk for newsletter in newsletters]
    rows = (
        ConsentEvent.objects.filter(kind__in=CAME)
        .order_by()
        .values_list("page", "imported__file_name", "newsletter")
        .annotate(count=Count("pk"))
        .order_by("-count")[: MOST_SOURCES * max(1, len(keys))]
    )
    found: dict[tuple[str, str], Counter[int]] = defaultdict(Counter)
    for page, file, key, count in rows:
        found[page, file or ""][key] += count
    largest = sorted(found.items(), key=lambda pair: (-pair[1].total(), pair[0]))[:MOST_SOURCES]
    return [Source(page, file, [counts[key] for key in keys], counts.total()) for (page, file), counts in largest]


def _counted(begins: list[datetime], newsletter: Newsletter | None) -> Counter[tuple[int, str]]:
    """How many events of each kind happened in each month. Ends that imports only noted are not among them."""
    happened: QuerySet[Any] = ConsentEvent.objects.filter(at__gte=begins[0], kind__in=(*CAME, ConsentKind.WITHDRAWN))
    happened = happened.exclude(kind=ConsentKind.WITHDRAWN, imported__isnull=False)
    if newsletter:
        happened = happened.filter(newsletter=newsletter)
    # Compared, and not cut to months by the database, which takes SQLite ten times as long.
    month = Case(
        *(When(at__lt=end, then=Value(at)) for at, end in enumerate(begins[1:])),
        default=Value(len(begins) - 1),
        output_field=IntegerField(),
    )
    rows = happened.order_by().annotate(month=month).values_list("month", "kind").annotate(count=Count("pk"))
    return Counter({(month, kind): count for month, kind, count in rows})


def _beginnings() -> list[datetime]:
    """The first moments of the last MONTHS months, in the present zone."""
    first = timezone.localtime(clock.now()).replace(day=1, hour=0, minute=0, second=0, microsecond=0, fold=0)
    found = [first]
    while len(found) < MONTHS:
        found.append((found[-1] - timedelta(days=1)).replace(day=1))
    return found[::-1]
