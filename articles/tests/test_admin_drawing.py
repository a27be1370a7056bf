"""The drawing of a timeline: what stands where, from seconds to years."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from articles.admin.drawing import APART, DRAWN, LEAST, Drawing, draw
from articles.models import Edition, Withdrawal

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
YEAR = timedelta(days=365)


def edition(key: int, begins: timedelta | None, ends: timedelta | None = None, **fields: Any) -> Edition:
    """An edition that readers meet in the span, counted from now; with no `begins`, one that they do not."""
    start = NOW + (begins or timedelta())
    laid = {"live_from": start, "live_until": NOW + ends if ends is not None else None} if begins is not None else {}
    return Edition(pk=key, **({"starts_at": start} | laid | fields))


def drawn(*editions: Edition, withdrawals: tuple[Withdrawal, ...] = ()) -> Drawing:
    drawing = draw(editions, withdrawals, NOW)
    assert drawing is not None
    return drawing


def row(drawing: Drawing) -> list[tuple[str, int | None]]:
    return [(bar.state, bar.edition.pk if bar.edition else None) for bar in drawing.bars]


H, D = timedelta(hours=1), timedelta(days=1)


def test_where_nothing_is_planned_nothing_is_drawn() -> None:
    assert draw([], [], NOW) is None


def test_what_was_is_and_will_be_live_stands_in_order_with_now_between() -> None:
    drawing = drawn(edition(3, 5 * H), edition(1, -3 * H, -H), edition(2, -H, 5 * H))
    assert row(drawing) == [("over", 1), ("live", 2), ("waiting", 3)]
    live = drawing.bars[1]
    assert live.start < drawing.now < live.start + live.width


def test_what_has_no_end_runs_to_the_edge_and_what_expires_leaves_a_gap() -> None:
    last = drawn(edition(1, -H)).bars[-1]
    assert (last.state, last.start + last.width) == ("live", 100)
    assert row(drawn(edition(1, -2 * H, -H))) == [("over", 1), ("gap", None)]


def test_between_two_editions_and_before_the_first_there_may_be_a_gap() -> None:
    assert row(drawn(edition(1, -5 * H, -4 * H), edition(2, H))) == [("over", 1), ("gap", None), ("waiting", 2)]
    drawing = drawn(edition(1, D))
    assert row(drawing) == [("gap", None), ("waiting", 1)]
    assert drawing.bars[0].start == drawing.now


def test_a_withdrawal_hides_from_its_beginning_to_its_end_or_to_the_edge() -> None:
    lifted = Withdrawal(at=NOW - 2 * H, lifted_at=NOW - H)
    drawing = drawn(edition(1, -3 * H), withdrawals=(lifted,))
    cover, live = drawing.hidden[0], drawing.bars[0]
    assert live.start < cover.start < cover.start + cover.width < drawing.now
    open_one = drawn(edition(1, -3 * H), withdrawals=(Withdrawal(at=NOW - H, lifted_at=None),))
    assert open_one.hidden[0].start + open_one.hidden[0].width == 100


def test_a_withdrawal_that_was_lifted_before_the_first_drawn_edition_is_left_out() -> None:
    former = Withdrawal(at=NOW - 3 * D, lifted_at=NOW - 2 * D)
    assert drawn(edition(1, -H), withdrawals=(former,)).hidden == []


def test_held_and_cancelled_ones_stand_apart_at_their_own_time() -> None:
    held = edition(2, None, starts_at=NOW + H, held_at=NOW)
    cancelled = edition(3, None, starts_at=NOW - H, cancelled_at=NOW - 2 * H)
    drawing = drawn(edition(1, -2 * H, 3 * H), held, cancelled)
    assert [mark.edition.pk for mark in drawing.apart] == [3, 2]
    assert drawing.apart[0].at < drawing.now < drawing.apart[1].at
    assert row(drawing) == [("live", 1), ("gap", None)]


def test_only_held_ones_are_drawn_without_a_row() -> None:
    drawing = drawn(edition(1, None, starts_at=NOW + H, held_at=NOW))
    assert drawing.bars == []
    assert drawing.apart[0].at > drawing.now


def test_twenty_seconds_can_be_seen_beside_years() -> None:
    drawing = drawn(
        edition(1, -3 * YEAR, timedelta(seconds=-20)),
        edition(2, timedelta(seconds=-20), 10 * YEAR),
        edition(3, 10 * YEAR),
    )
    assert min(bar.width for bar in drawing.bars) >= LEAST
    assert drawing.bars[0].width > drawing.now - drawing.bars[1].start


def test_of_a_long_past_the_latest_are_drawn_and_it_is_said_that_there_was_more() -> None:
    past = [edition(key, -(100 - key) * H, -(99 - key) * H) for key in range(1, 31)]
    undone = [edition(key, None, starts_at=NOW - H, cancelled_at=NOW - H) for key in range(40, 50)]
    drawing = drawn(*past, *undone)
    assert [bar.edition.pk for bar in drawing.bars if bar.edition] == list(range(31 - DRAWN, 31))
    assert drawing.goes_back
    assert [mark.edition.pk for mark in drawing.apart] == list(range(50 - APART, 50))
    assert not drawn(*past[:DRAWN]).goes_back


def test_marks_at_one_moment_are_set_apart() -> None:
    undone = [edition(key, None, starts_at=NOW - H, cancelled_at=NOW - H) for key in range(4)]
    places = [mark.at for mark in drawn(edition(9, -D), *undone).apart]
    assert all(later - earlier >= 5 for earlier, later in pairwise(places))


seconds = st.integers(-(10**9), 10**9)


@given(
    cuts=st.lists(seconds, min_size=1, max_size=24, unique=True),
    gaps=st.sets(st.integers(0, 24)),
    held=st.lists(seconds, max_size=8),
    withdrawn=st.lists(st.tuples(seconds, st.integers(1, 10**8)), max_size=3),
)
def test_whatever_the_timeline_everything_stands_within_and_in_order(
    cuts: list[int], gaps: set[int], held: list[int], withdrawn: list[tuple[int, int]]
) -> None:
    cuts.sort()
    spans = [*pairwise(cuts), (cuts[-1], None)]
    editions = [
        edition(key, timedelta(seconds=a), timedelta(seconds=b) if b is not None else None)
        for key, (a, b) in enumerate(spans)
        if key not in gaps
    ]
    editions += [
        edition(100 + key, None, starts_at=NOW + timedelta(seconds=at), held_at=NOW) for key, at in enumerate(held)
    ]
    covers = [
        Withdrawal(at=NOW + timedelta(seconds=at), lifted_at=NOW + timedelta(seconds=at + length))
        for at, length in withdrawn
    ]
    drawing = draw(editions, covers, NOW)
    if drawing is None:
        assert not editions
        return
    for bar in (*drawing.bars, *drawing.hidden):
        assert bar.start >= 0
        assert bar.width > 0
        assert bar.start + bar.width <= 100.01
    for earlier, later in pairwise(drawing.bars):
        assert abs(earlier.start + earlier.width - later.start) < 0.03
    assert 0 <= drawing.now <= 100
    assert all(0 <= mark.at <= 100 for mark in drawing.apart)
