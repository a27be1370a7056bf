"""In which order comments are looked at, page by page. A page costs the same wherever it begins: nothing is counted.

Keys come first, a query for each group that the page needs, each along an index; what is shown of them is loaded
by comments.admin.cards.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Optional

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from comments.models import Appeal, Comment, Report
from comments.states import State

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

# As many comments are on a page.
PAGE = 25
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_PLACE = re.compile(r"([a-z]{1,10})-([0-9]{1,17})-([0-9]{1,18})")

Narrow = Callable[[Any], Any]


@dataclass(frozen=True)
class Place:
    """Where a page ended: the group, and the moment and key of its last row. As text: part of an address."""

    group: str
    at: datetime
    key: int

    def __str__(self) -> str:
        return f"{self.group}-{(self.at - _EPOCH) // timedelta(microseconds=1)}-{self.key}"

    @classmethod
    def read(cls, written: str) -> Optional["Place"]:
        """What `str` made; None for anything else."""
        match = _PLACE.fullmatch(written)
        if match is None:
            return None
        return cls(match[1], _EPOCH + timedelta(microseconds=int(match[2])), int(match[3]))


@dataclass(frozen=True)
class Group:
    """One kind of comments. `rows` gives them all; `at` is what they are sorted by, `comment` their comment's key."""

    name: str
    label: "_StrPromise"
    rows: Callable[[Narrow | None], QuerySet[Any]]
    at: str
    comment: str
    newest_first: bool = False

    def ahead(self, narrow: Narrow | None, after: Place | None, limit: int) -> list[tuple[int, Place]]:
        """Comments' keys with their places, at most `limit` of those that come after the place. One query."""
        rows = self.rows(narrow)
        if after is not None:
            rows = rows.filter(self._beyond(after))
        sign = "-" if self.newest_first else ""
        rows = rows.order_by(f"{sign}{self.at}", f"{sign}pk").values_list(self.comment, self.at, "pk")
        return [(comment, Place(self.name, at, key)) for comment, at, key in rows[:limit]]

    def _beyond(self, place: Place) -> Q:
        than = "lt" if self.newest_first else "gt"
        later = Q(**{f"{self.at}__{than}": place.at}) | Q(**{f"pk__{than}": place.key})
        return Q(**{f"{self.at}__{than}e": place.at}) & later


# Groups -------------------------------------------------------------------------------------


def open_reports(comment: str) -> QuerySet[Report]:
    """Of the outer query's comment, whose key is in that field there."""
    return Report.objects.order_by().filter(closed_at=None, comment=OuterRef(comment))


def open_appeals(comment: str) -> QuerySet[Appeal]:
    return Appeal.objects.order_by().filter(closed_at=None, comment=OuterRef(comment))


def _of(rows: QuerySet[Any], narrow: Narrow | None) -> QuerySet[Any]:
    """Asked of each row: there are few, and words are looked for in no other comments than theirs."""
    if narrow is None:
        return rows
    return rows.filter(Exists(narrow(Comment.objects.order_by().filter(pk=OuterRef("comment")))))


def _reported(narrow: Narrow | None) -> QuerySet[Any]:
    """The oldest open report of each comment that readers see.

    Asked of each report and not by a join, which SQLite may begin at the other end: with all published comments.
    """
    seen = Comment.objects.order_by().filter(pk=OuterRef("comment"), state=State.PUBLISHED)
    rows = Report.objects.filter(Exists(seen), closed_at=None)
    return _of(rows.filter(~Exists(open_reports("comment").filter(pk__lt=OuterRef("pk")))), narrow)


def _appealed(narrow: Narrow | None) -> QuerySet[Any]:
    """The oldest open appeal of each comment that does not stand among the reported ones."""
    rows = Appeal.objects.filter(closed_at=None)
    rows = rows.filter(~Exists(open_appeals("comment").filter(pk__lt=OuterRef("pk"))))
    return _of(rows.exclude(Q(comment__state=State.PUBLISHED) & Exists(open_reports("comment"))), narrow)


def _waiting(state: State) -> Callable[[Narrow | None], QuerySet[Any]]:
    def rows(narrow: Narrow | None) -> QuerySet[Any]:
        found = Comment.objects.filter(state=state).filter(~Exists(open_appeals("pk")))
        return narrow(found) if narrow else found

    return rows


def _every(narrow: Narrow | None) -> QuerySet[Any]:
    return narrow(Comment.objects.all()) if narrow else Comment.objects.all()


# The order of the queue: at most risk first, and in each group what waits longest.
WAITING_GROUPS = (
    Group("reported", _("reported, and readers see them"), _reported, "created_at", "comment_id"),
    Group("appealed", _("appeals"), _appealed, "created_at", "comment_id"),
    Group("held", _("held"), _waiting(State.HELD), "state_at", "pk"),
    Group("pending", _("pending"), _waiting(State.PENDING), "state_at", "pk"),
)
# All others are a list: the newest first.
EVERY_GROUP = (Group("every", _("all"), _every, "created_at", "pk", newest_first=True),)


# Pages --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Page:
    """Keys of comments in their order, each with its group's name; `after` leads to the next page, if there is one."""

    keys: list[int]
    groups: dict[int, str]
    after: str = ""


def page(groups: Iterable[Group], narrow: Narrow | None = None, after: str = "", size: int = PAGE) -> Page:
    """The page that follows the place `after`; the first one where that is "" or names none of the groups."""
    groups = tuple(groups)
    place = Place.read(after)
    begin = next((at for at, group in enumerate(groups) if place and group.name == place.group), None)
    if begin is None:
        begin, place = 0, None
    found: list[tuple[int, Place]] = []
    for at, group in enumerate(groups[begin:]):
        if len(found) > size:
            break
        found += group.ahead(narrow, place if at == 0 else None, size + 1 - len(found))
    shown = found[:size]
    return Page(
        keys=[key for key, _place in shown],
        groups={key: place.group for key, place in shown},
        after=str(shown[-1][1]) if len(found) > size else "",
    )


def waiting(group: Group, limit: int) -> int:
    """How many stand in the group, counted up to `limit`: a flood costs no more than that. One query."""
    return len(group.rows(None).order_by().values_list("pk", flat=True)[:limit])
