"""Digests over weeks as they come: clocks are changed, settings are changed, and workers are away."""

from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.urls import reverse

from articles.factories import make_live
from newsroom.models import User
from newsroom.testing import client_of
from subscribers.factories import make_newsletter
from subscribers.issues import digest, jobs
from subscribers.models import Issue, Newsletter
from subscribers.states import IssueState, Rhythm

pytestmark = [pytest.mark.once, pytest.mark.django_db]

BERLIN = ZoneInfo("Europe/Berlin")
DAY, HOUR = timedelta(days=1), timedelta(hours=1)


@pytest.fixture
def clock() -> Any:
    with time_machine.travel(datetime(2026, 1, 1, tzinfo=UTC), tick=False) as travelling:
        yield travelling


def walk(clock: Any, start: datetime, end: datetime, *, step: timedelta = HOUR, does: Callable[[], Any]) -> None:
    """Let time pass; the job runs a minute after each step."""
    moment = start
    while moment < end:
        clock.move_to(moment)
        does()
        clock.move_to(moment + timedelta(minutes=1))
        jobs.make_digests.call_local()
        moment += step


def numbered() -> Callable[[], Any]:
    """Publishes an article with the next number."""
    count = iter(range(10_000))
    return lambda: make_live(headline=f"{next(count):04}")


def told() -> list[tuple[str, list[str]]]:
    """The digests that go out: their keys, and what they tell, the oldest first."""
    issues = Issue.objects.reaching_readers().order_by("period_until").prefetch_related("items__article")
    return [(issue.key, [item.article.headline for item in issue.items.all()][::-1]) for issue in issues]


def change(nora: User, newsletter: Newsletter, **fields: Any) -> None:
    """Save the newsletter's form in the admin."""
    names = ("name", "slug", "language", "position", "weekday", "per_minute", "least_articles", "zone", "rhythm")
    newsletter.refresh_from_db()
    form = {name: getattr(newsletter, name) for name in names}
    form |= {"send_at": newsletter.send_at.strftime("%H:%M"), "offered": "on", "description": "", "list_id": ""}
    page = reverse("admin:subscribers_newsletter_change", args=[newsletter.pk])
    assert client_of(nora).post(page, form | fields).status_code == 302


def everything_once(first: int, last: int) -> None:
    assert [one for _key, headlines in told() for one in headlines] == [f"{n:04}" for n in range(first, last + 1)]


@pytest.mark.parametrize(
    "change_of_clocks", [datetime(2026, 3, 29, tzinfo=BERLIN), datetime(2026, 10, 25, tzinfo=BERLIN)]
)
@pytest.mark.parametrize("at", [time(2, 30), time(7)])
def test_when_clocks_are_changed_each_day_has_its_digest_and_no_article_is_lost_or_told_twice(
    clock: Any, change_of_clocks: datetime, at: time
) -> None:
    make_newsletter(rhythm=Rhythm.DAILY, send_at=at, zone="Europe/Berlin")
    start = change_of_clocks.astimezone(UTC) - DAY
    walk(clock, start, start + 3 * DAY, step=8 * HOUR, does=numbered())
    days = [(change_of_clocks + n * DAY).date().isoformat() for n in range(-1, 2)]
    assert [key for key, _headlines in told()] == days
    everything_once(0, sum(len(headlines) for _key, headlines in told()) - 1)


def test_the_ends_of_months_and_of_a_leap_february_are_days_like_others(clock: Any) -> None:
    make_newsletter(rhythm=Rhythm.DAILY, send_at=time(7), zone="UTC")
    walk(
        clock,
        datetime(2028, 2, 27, 6, tzinfo=UTC),
        datetime(2028, 3, 3, 6, tzinfo=UTC),
        step=12 * HOUR,
        does=numbered(),
    )
    assert [key[5:] for key, _headlines in told()] == ["02-27", "02-28", "02-29", "03-01", "03-02"]


def test_a_digest_of_the_last_day_of_a_year_is_followed_by_that_of_the_first(clock: Any) -> None:
    make_newsletter(rhythm=Rhythm.WEEKLY, weekday=4, send_at=time(7), zone="Asia/Tokyo")
    walk(clock, datetime(2026, 12, 20, tzinfo=UTC), datetime(2027, 1, 8, tzinfo=UTC), step=DAY, does=numbered())
    assert [key for key, _headlines in told()] == ["2026-12-24", "2026-12-31", "2027-01-07"]
    # The first one reaches back a week, and nothing was published before.
    everything_once(0, sum(len(headlines) for _key, headlines in told()) - 1)


@pytest.mark.parametrize(
    ("zone", "seconds"), [("America/New_York", 30), ("Pacific/Auckland", 5), ("Pacific/Kiritimati", -10)]
)
def test_a_zone_that_is_changed_while_a_digest_is_due_loses_nothing_and_makes_no_day_twice(
    clock: Any, nora: User, zone: str, seconds: int
) -> None:
    newsletter, publish = make_newsletter(rhythm=Rhythm.DAILY, send_at=time(7), zone="Europe/Berlin"), numbered()
    due = datetime(2026, 5, 4, 7, tzinfo=BERLIN).astimezone(UTC)
    walk(clock, due - 2 * DAY, due - HOUR, step=12 * HOUR, does=publish)
    clock.move_to(due + timedelta(seconds=seconds))
    jobs.make_digests.call_local()
    change(nora, newsletter, zone=zone)
    jobs.make_digests.call_local()
    walk(clock, due + HOUR, due + 3 * DAY, step=12 * HOUR, does=publish)
    keys = [key for key, _headlines in told()]
    assert len(keys) == len(set(keys)) and keys[-1] >= "2026-05-06"
    everything_once(0, sum(len(headlines) for _key, headlines in told()) - 1)


def test_from_weekly_to_daily_the_first_day_tells_what_came_since_the_last_week(clock: Any, nora: User) -> None:
    newsletter, publish = make_newsletter(rhythm=Rhythm.WEEKLY, weekday=1, send_at=time(7), zone="UTC"), numbered()
    monday = datetime(2026, 5, 4, 7, tzinfo=UTC)
    walk(clock, monday - DAY - HOUR, monday + 2 * DAY, step=DAY, does=publish)
    change(nora, newsletter, rhythm="daily")
    walk(clock, monday + 2 * DAY + HOUR, monday + 4 * DAY + 2 * HOUR, step=DAY, does=publish)
    days = [("2026-05-04", ["0000", "0001"]), ("2026-05-06", ["0002", "0003"]), ("2026-05-07", ["0004"])]
    assert told() == [*days, ("2026-05-08", ["0005"])]


def test_when_the_least_is_raised_articles_gather_until_there_are_enough(clock: Any, nora: User) -> None:
    newsletter, publish = make_newsletter(rhythm=Rhythm.DAILY, send_at=time(7), zone="UTC"), numbered()
    start = datetime(2026, 5, 4, 6, tzinfo=UTC)
    walk(clock, start, start + 2 * DAY, step=DAY, does=publish)
    change(nora, newsletter, least_articles=3)
    walk(clock, start + 2 * DAY, start + 6 * DAY, step=DAY, does=publish)
    assert [headlines for _key, headlines in told()] == [["0000"], ["0001", "0002", "0003"]]


@pytest.mark.parametrize(("days", "first"), [(10, "0000"), (100, "0010")])
def test_a_newsletter_that_was_switched_off_makes_none_and_begins_anew_after_long(
    clock: Any, nora: User, days: int, first: str
) -> None:
    """After a few days what was published meanwhile is still news; after months it is not."""
    newsletter, publish = make_newsletter(rhythm=Rhythm.DAILY, send_at=time(7), zone="UTC"), numbered()
    monday = datetime(2026, 5, 4, 7, tzinfo=UTC)
    clock.move_to(monday + timedelta(minutes=1))
    jobs.make_digests.call_local()  # a skipped one
    clock.move_to(monday + HOUR)
    change(nora, newsletter, rhythm="composed")
    walk(clock, monday + 2 * HOUR, monday + days * DAY, step=days * DAY / 10, does=publish)
    assert told() == []
    change(nora, newsletter, rhythm="daily")
    walk(clock, monday + days * DAY + HOUR, monday + (days + 2) * DAY, step=DAY, does=publish)
    assert told()[0][1][0] == first


def test_a_worker_that_was_dead_for_a_week_makes_one_digest_of_all_of_it(clock: Any) -> None:
    make_newsletter(rhythm=Rhythm.DAILY, send_at=time(7), zone="UTC")
    publish, start = numbered(), datetime(2026, 5, 4, 6, tzinfo=UTC)
    walk(clock, start, start + 2 * DAY, step=12 * HOUR, does=publish)
    for hours in range(48, 48 + 7 * 24, 24):
        clock.move_to(start + hours * HOUR)
        publish()
    walk(clock, start + 9 * DAY + HOUR, start + 11 * DAY, step=12 * HOUR, does=publish)
    assert [key for key, _headlines in told()] == ["2026-05-04", "2026-05-05", "2026-05-13", "2026-05-14"]
    everything_once(0, sum(len(headlines) for _key, headlines in told()) - 1)


def test_what_is_switched_off_while_it_is_due_is_not_made(clock: Any, nora: User) -> None:
    newsletter = make_newsletter(rhythm=Rhythm.DAILY, send_at=time(7), zone="UTC")
    clock.move_to(datetime(2026, 5, 4, 7, 0, 10, tzinfo=UTC))
    make_live()
    change(nora, newsletter, rhythm="composed")
    clock.move_to(datetime(2026, 5, 4, 7, 1, tzinfo=UTC))
    jobs.make_digests.call_local()
    assert not Issue.objects.exclude(state=IssueState.DRAFT).exists()
    assert digest.next_due(newsletter, datetime(2026, 5, 4, 8, tzinfo=UTC)).key == "2026-05-05"
