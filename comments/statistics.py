"""How moderation goes: how long readers wait, what is decided, what is taken back. Of nobody by name.

Every number costs one query, however many days and decisions there are.
"""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from statistics import median
from typing import Any

from django.db.models import Count, Exists, F, Min, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone

from comments.decisions import DECISIONS
from comments.models import Appeal, Comment, ModerationAction, Report
from comments.states import UNDO, WAITING
from newsroom.lib import clock

# What is looked at: so many days back, and of them so many of the newest decisions.
DAYS = 28
AT_MOST = 50_000
# Open ones are counted up to here.
COUNTED = 1000


@dataclass(frozen=True)
class Day:
    """How long comments waited that people decided on that day."""

    day: date
    decided: int
    median: timedelta
    p90: timedelta


@dataclass(frozen=True)
class Kind:
    """How often something was decided, by people and by rules."""

    name: str
    people: int
    rules: int


@dataclass(frozen=True)
class Reversed:
    """What became of the decisions of people: taken back by them, or overturned by a second person."""

    decided: int
    undone: int
    overturned: int

    @property
    def share(self) -> float | None:
        """Of one hundred decisions; None where there is none."""
        return 100 * (self.undone + self.overturned) / self.decided if self.decided else None


@dataclass(frozen=True)
class Open:
    """How many wait, counted up to COUNTED, and since when the oldest does."""

    number: int
    since: datetime | None


def since() -> datetime:
    """The beginning of the days that are looked at."""
    first = timezone.localdate(clock.now()) - timedelta(days=DAYS - 1)
    return timezone.make_aware(datetime.combine(first, datetime.min.time()))


def waits() -> list[Day]:
    """For each day on which people decided, newest first: how long comments had waited."""
    of_day: dict[date, list[timedelta]] = defaultdict(list)
    for at, began in _waited().values_list("at", "began")[:AT_MOST]:
        of_day[timezone.localdate(at)].append(max(at - began, timedelta(0)))
    return [Day(day, len(times), half(times), p90(times)) for day, times in sorted(of_day.items(), reverse=True)]


def half(times: list[timedelta]) -> timedelta:
    """The time within which half were decided."""
    return timedelta(seconds=median(time.total_seconds() for time in times))


def p90(times: list[timedelta]) -> timedelta:
    """The time within which nine of ten were decided: the nearest rank."""
    times = sorted(times)
    return times[-(-9 * len(times) // 10) - 1]


def _waited() -> QuerySet[Any]:
    """Decisions of people that ended a wait, newest first, with `began`: when the comment was last put in the queue."""
    put = ModerationAction.objects.filter(
        comment=OuterRef("comment"), state_version__lt=OuterRef("state_version"), to_state__in=WAITING
    ).exclude(from_state__in=WAITING)
    began = Coalesce(Subquery(put.order_by("-state_version").values("at")[:1]), F("comment__created_at"))
    return (
        _by_people().filter(from_state__in=WAITING).exclude(to_state__in=WAITING).annotate(began=began).order_by("-at")
    )


def kinds() -> list[Kind]:
    """What was decided how often, the most frequent first."""
    rows = (
        ModerationAction.objects.order_by()
        .filter(at__gte=since())
        .values_list("decision")
        .annotate(people=Count("pk", filter=Q(by__isnull=False)), rules=Count("pk", filter=Q(automated=True)))
    )
    found = [Kind(name, people, rules) for name, people, rules in rows]
    return sorted(found, key=lambda kind: (-kind.people - kind.rules, kind.name))


def taken_back() -> Reversed:
    """How many decisions of people did not stand."""
    undo = ModerationAction.objects.filter(
        comment=OuterRef("comment"), state_version=OuterRef("state_version") + 1, decision=UNDO
    )
    granted = Appeal.objects.filter(action=OuterRef("pk"), granted=True)
    found = (
        _by_people()
        .filter(decision__in=DECISIONS)
        .aggregate(
            decided=Count("pk"),
            undone=Count("pk", filter=Exists(undo)),
            overturned=Count("pk", filter=Exists(granted) & ~Exists(undo)),
        )
    )
    return Reversed(**found)


def _by_people() -> QuerySet[Any]:
    return ModerationAction.objects.order_by().filter(at__gte=since(), automated=False, by__isnull=False)


def open_reports() -> Open:
    return _open(Report.objects.filter(closed_at=None), "created_at")


def open_appeals() -> Open:
    return _open(Appeal.objects.filter(closed_at=None), "created_at")


def waiting() -> Open:
    return _open(Comment.objects.waiting(), "state_at")


def _open(rows: QuerySet[Any], at: str) -> Open:
    first = rows.order_by(at)[:COUNTED].values(at)
    found = first.aggregate(number=Count("*"), since=Min(at))
    return Open(found["number"], found["since"])
