"""Moderation in numbers: how long comments wait, what is decided and taken back; of nobody by name."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import time_machine

from articles.factories import make_live
from articles.models import Edition
from comments import moderation, statistics
from comments.admin.statistics import length
from comments.factories import make_comment, make_published
from comments.models import Appeal, Comment, Report
from comments.readers import appeals
from comments.states import State
from comments.tests.moderating import LIST, content
from newsroom.lib import clock
from newsroom.models import User
from newsroom.testing import CAST, client_of, make_user

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 3, 10, 12, 0, tzinfo=UTC)
PAGE = f"{LIST}statistics/"


def decided_after(edition: Edition, by: User, decision: str = "approve", **waited: float) -> Comment:
    comment = make_comment(edition, created_at=clock.now() - timedelta(**waited))
    moderation.decide(comment, decision, by=by, reason="abuse", expected=comment.versions)
    return comment


@time_machine.travel(NOW, tick=False)
def test_the_waits_of_a_day_are_told_by_their_middle_and_by_nine_of_ten(erik: User) -> None:
    edition = make_live()
    for minutes in range(1, 11):
        decided_after(edition, erik, minutes=minutes)
    (day,) = statistics.waits()
    assert (day.day, day.decided) == (date(2026, 3, 10), 10)
    assert (day.median, day.p90) == (timedelta(minutes=5, seconds=30), timedelta(minutes=9))


def test_a_comment_that_was_put_back_waits_from_then_on(erik: User) -> None:
    with time_machine.travel(NOW, tick=False) as travel:
        comment = decided_after(make_live(), erik, "spam", hours=5)
        travel.shift(timedelta(days=1))
        moderation.decide(comment, "reopen", by=erik, expected=comment.versions)
        travel.shift(timedelta(minutes=10))
        moderation.decide(comment, "hold", by=erik, expected=comment.versions)
        travel.shift(timedelta(minutes=10))
        moderation.decide(comment, "approve", by=erik, expected=comment.versions)
        assert [(day.day.day, day.median) for day in statistics.waits()] == [
            (11, timedelta(minutes=20)),
            (10, timedelta(hours=5)),
        ]


@time_machine.travel(NOW, tick=False)
def test_what_did_not_stand_is_counted_once(erik: User, charlie: User) -> None:
    edition = make_live()
    decided_after(edition, erik, minutes=1)
    undone = decided_after(edition, erik, minutes=1)
    moderation.undo(undone, by=charlie, expected=undone.versions)
    overturned = decided_after(edition, erik, "reject", minutes=1)
    appeal = Appeal.objects.create(
        action=overturned.actions.first(), comment=overturned, text="Why?", created_at=clock.now()
    )
    appeals.answer(appeal, by=charlie, granted=True, answer="Sorry.")
    decided_after(edition, erik, "reject", minutes=1)
    found = statistics.taken_back()
    assert (found.decided, found.undone, found.overturned, found.share) == (4, 1, 1, 50)
    kinds = {kind.name: (kind.people, kind.rules) for kind in statistics.kinds()}
    assert kinds == {"approve": (2, 0), "reject": (2, 0), "undo": (1, 0), "grant": (1, 0)}


def test_what_is_older_than_the_days_that_are_looked_at_is_left_out(erik: User) -> None:
    with time_machine.travel(NOW, tick=False) as travel:
        decided_after(make_live(), erik, minutes=1)
        travel.shift(timedelta(days=statistics.DAYS))
        assert statistics.waits() == statistics.kinds() == []
        assert statistics.taken_back().share is None


@time_machine.travel(NOW, tick=False)
def test_what_is_open_is_counted_with_its_oldest(erik: User, monkeypatch: pytest.MonkeyPatch) -> None:
    edition = make_live()
    for hours in (1, 3, 2):
        Report.objects.create(
            comment=make_published(edition), reason="abuse", created_at=clock.now() - timedelta(hours=hours)
        )
        make_comment(edition, state=State.HELD)
    assert statistics.open_reports() == statistics.Open(3, clock.now() - timedelta(hours=3))
    assert statistics.open_appeals() == statistics.Open(0, None)
    monkeypatch.setattr(statistics, "COUNTED", 2)
    assert statistics.waiting().number == 2


@pytest.mark.parametrize(
    "time, said",
    [
        (timedelta(seconds=45), "45 s"),
        (timedelta(minutes=12), "12 min"),
        (timedelta(hours=3, minutes=30), "3.5 h"),
        (timedelta(days=3), "3.0 days"),
    ],
)
def test_times_are_told_by_their_largest_unit(time: timedelta, said: str) -> None:
    assert length(time) == said


@pytest.mark.parametrize("name", CAST)
def test_the_numbers_name_nobody_and_are_for_those_who_read_all_comments(name: str) -> None:
    decider = make_user("decider", "moderator")
    decided_after(make_live(), decider, minutes=1)
    response = client_of(make_user(name, CAST[name])).get(PAGE)
    assert response.status_code == (200 if name in {"erik", "charlie", "bob", "berta"} else 403)
    assert "Decider" not in content(response)


def test_the_numbers_cost_the_same_for_one_decision_and_for_many(
    erik: User, django_assert_max_num_queries: Any
) -> None:
    edition, client = make_live(), client_of(erik)
    for count in (1, 20):
        for _ in range(count):
            decided_after(edition, erik, minutes=1)
        with django_assert_max_num_queries(10):  # four for who asks, and six numbers
            client.get(PAGE)
