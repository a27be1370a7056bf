"""The timeline as a drawing: where each stretch of time stands, in per cent of the whole. Pure; asks no database.

The scale is compressed: a stretch is as wide as the number of digits of its length, so that a
time to undo of 20 seconds and a run of years can both be seen and pointed at.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from math import log10

from articles.models import Edition, Withdrawal

# Of the editions that readers meet, the latest; of those that they do not, the latest for themselves.
DRAWN, APART = 8, 5
# Before the first moment and behind the last, in per cent: where it comes from, and what stays open. With few
# stretches there is more room for that.
LEAD, TAIL, ROOMY = 4.0, 12.0, 36.0
# The least share of a stretch, and how far apart two marks are set at least, in per cent.
LEAST, BETWEEN = 4.0, 6.0


@dataclass(frozen=True)
class Bar:
    """A stretch of time. `state` is over, live or waiting; gap where readers find nothing; hidden by a withdrawal."""

    state: str
    start: float
    width: float
    begins: datetime | None
    ends: datetime | None
    edition: Edition | None = None

    @property
    def middle(self) -> float:
        return round(self.start + self.width / 2, 2)


@dataclass(frozen=True)
class Mark:
    """A moment at which an edition would have come, or would come if it were released."""

    edition: Edition
    at: float


@dataclass(frozen=True)
class Drawing:
    """All in per cent from where reading begins."""

    bars: list[Bar]
    hidden: list[Bar]
    apart: list[Mark]
    now: float
    # There were editions before the first that is drawn.
    goes_back: bool


def draw(editions: Iterable[Edition], withdrawals: Iterable[Withdrawal], now: datetime) -> Drawing | None:
    """What was, is and will be live of one article; None where there is nothing to draw."""
    editions = sorted(editions, key=lambda e: (e.live_from or e.starts_at, e.pk))
    laid = [e for e in editions if e.live_from]
    others = [e for e in editions if e.cancelled_at or e.held_at][-APART:]
    if not laid and not others:
        return None
    shown = laid[-DRAWN:]
    begin = min([e.live_from for e in shown if e.live_from] + ([] if shown else [now]))
    covers = [w for w in withdrawals if w.lifted_at is None or w.lifted_at > begin]
    moments = [now] + [m for e in shown for m in (e.live_from, e.live_until)]
    moments += [m for w in covers for m in (w.at, w.lifted_at)] + [e.starts_at for e in others if e.held_at]
    place = Scale([m for m in moments if m and m >= min(begin, now)])
    return Drawing(
        bars=list(_bars(shown, place, now)),
        hidden=[_bar("hidden", max(w.at, begin), w.lifted_at, place) for w in covers],
        apart=list(_spread([Mark(e, place(e.starts_at)) for e in others])),
        now=place(now),
        goes_back=len(laid) > len(shown),
    )


class Scale:
    """Where a moment stands: evenly within the stretch between two moments that matter."""

    def __init__(self, moments: Iterable[datetime]) -> None:
        self._moments = sorted(set(moments))
        lengths = [log10(10 + (b - a).total_seconds()) for a, b in pairwise(self._moments)]
        self._tail = max(TAIL, ROOMY - 6 * len(lengths))
        free = 100 - LEAD - self._tail
        least = min(LEAST, free / (len(lengths) or 1))
        self._places = [LEAD]
        for length in lengths:
            share = least + (free - least * len(lengths)) * length / sum(lengths)
            self._places.append(self._places[-1] + share)

    def __call__(self, moment: datetime) -> float:
        after = bisect_right(self._moments, moment)
        if after == 0:
            return LEAD / 2
        if after == len(self._moments):
            return round(self._places[-1] + (0 if moment == self._moments[-1] else self._tail / 2), 2)
        begin, end = self._moments[after - 1], self._moments[after]
        low, high = self._places[after - 1], self._places[after]
        return round(low + (high - low) * ((moment - begin) / (end - begin)), 2)


def _bars(shown: list[Edition], place: Scale, now: datetime) -> Iterator[Bar]:
    """The editions along the timeline, and the gaps between them: none after the last, if it has no end."""
    free_from: datetime | None = now
    for number, edition in enumerate(shown):
        assert edition.live_from is not None
        if free_from is not None and (number or edition.live_from > now) and free_from < edition.live_from:
            yield _bar("gap", free_from, edition.live_from, place)
        yield _bar(_state(edition, now), edition.live_from, edition.live_until, place, edition)
        free_from = edition.live_until
    if shown and free_from is not None:
        yield _bar("gap", free_from, None, place)


def _bar(state: str, begins: datetime, ends: datetime | None, place: Scale, edition: Edition | None = None) -> Bar:
    start = place(begins)
    return Bar(state, start, round((place(ends) if ends else 100) - start, 2), begins, ends, edition)


def _state(edition: Edition, now: datetime) -> str:
    if edition.live_from is None or edition.live_from > now:
        return "waiting"
    return "live" if edition.live_until is None or edition.live_until > now else "over"


def _spread(marks: list[Mark]) -> Iterator[Mark]:
    """The marks in their order, far enough from each other to be told apart."""
    last = -BETWEEN
    for behind, mark in zip(reversed(range(len(marks))), sorted(marks, key=lambda mark: mark.at), strict=True):
        last = min(max(mark.at, last + BETWEEN), 98 - BETWEEN * behind)
        yield Mark(mark.edition, round(last, 2))
