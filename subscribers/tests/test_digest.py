"""Issues by rule: at the right second all the year round, each article once, none lost, nothing sent twice."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from articles import publishing
from articles.factories import make_live
from articles.models import Edition
from newsroom.models import User
from newsroom.testing import client_of
from subscribers.factories import make_newsletter, make_subscriber
from subscribers.issues import digest, jobs, recalling, workflow
from subscribers.models import Delivery, Issue, Newsletter
from subscribers.states import IssueState, Rhythm

pytestmark = pytest.mark.django_db

MONDAY = datetime(2026, 5, 4, 7, tzinfo=UTC)
DAY, WEEK, MINUTE = timedelta(days=1), timedelta(days=7), timedelta(minutes=1)


@pytest.fixture(autouse=True)
def clock() -> Any:
    with time_machine.travel(MONDAY - 30 * DAY, tick=False) as travelling:
        yield travelling


def daily(**fields: Any) -> Newsletter:
    return make_newsletter(rhythm=Rhythm.DAILY, send_at=time(7), zone="UTC", **fields)


def published(at: datetime, headline: str = "", **fields: Any) -> Edition:
    with time_machine.travel(at, tick=False):
        return make_live(**({"headline": headline} if headline else {}), **fields)


def made_at(clock: Any, newsletter: Newsletter, moment: datetime) -> Issue | None:
    """What the job makes a minute after `moment`."""
    clock.move_to(moment + MINUTE)
    return digest.make(newsletter)


def headlines(issue: Issue | None) -> list[str]:
    assert issue is not None
    return [item.article.headline for item in issue.items.select_related("article")]


# What stands in it ------------------------------------------------------------------------


def test_it_holds_what_was_published_from_the_last_one_until_its_second_newest_first(clock: Any) -> None:
    newsletter = daily()
    published(MONDAY - DAY - timedelta(seconds=1), "Too old")
    published(MONDAY - DAY, "First second")
    published(MONDAY - timedelta(seconds=1), "Last second")
    published(MONDAY, "Next period")
    issue = made_at(clock, newsletter, MONDAY)
    assert headlines(issue) == ["Last second", "First second"]
    assert issue and (issue.key, issue.period_from, issue.period_until) == ("2026-05-04", MONDAY - DAY, MONDAY)
    assert issue.subject == f"{newsletter.name}: Last second"
    assert headlines(made_at(clock, newsletter, MONDAY + DAY)) == ["Next period"]


def test_it_is_frozen_and_scheduled_for_at_once(clock: Any) -> None:
    published(MONDAY - MINUTE)
    issue = made_at(clock, daily(), MONDAY)
    assert issue and issue.state == IssueState.SCHEDULED and issue.content_hash
    assert list(Issue.objects.due(MONDAY + MINUTE)) == [issue]
    assert [event.verb for event in issue.events.order_by("pk")] == ["ready", "send_now"]


def test_it_holds_only_what_readers_can_see_in_its_language(clock: Any) -> None:
    newsletter = daily()
    published(MONDAY - MINUTE, "Kept")
    published(MONDAY - MINUTE, "German", language="de")
    withdrawn = published(MONDAY - MINUTE, "Withdrawn")
    publishing.withdraw(withdrawn.article, by=None, notice="Wrong", reason="error")
    assert headlines(made_at(clock, newsletter, MONDAY)) == ["Kept"]


def test_articles_of_an_import_that_were_published_long_ago_are_no_news(clock: Any) -> None:
    newsletter = daily()
    with time_machine.travel(MONDAY - MINUTE, tick=False):
        make_live(published_at=MONDAY - 1000 * DAY)
        make_live(headline="New")
    assert headlines(made_at(clock, newsletter, MONDAY)) == ["New"]


def test_an_update_of_an_article_that_was_told_is_not_told_again(clock: Any) -> None:
    newsletter = daily()
    edition = published(MONDAY - MINUTE)
    made_at(clock, newsletter, MONDAY)
    Edition.objects.filter(pk=edition.pk).update(updated_at=MONDAY + timedelta(hours=1))
    issue = made_at(clock, newsletter, MONDAY + DAY)
    assert issue and issue.state == IssueState.CANCELLED and headlines(issue) == []


# Too little -------------------------------------------------------------------------------


def test_with_less_than_the_least_it_is_skipped_and_its_articles_come_with_the_next(clock: Any) -> None:
    newsletter = daily(least_articles=3)
    published(MONDAY - MINUTE, "One")
    published(MONDAY - 2 * MINUTE, "Two")
    skipped = made_at(clock, newsletter, MONDAY)
    assert skipped and skipped.state == IssueState.CANCELLED
    assert "There are 2 articles, and at least 3 are asked for" in skipped.events.get().note
    assert made_at(clock, newsletter, MONDAY + DAY) is not None  # still two
    published(MONDAY + DAY + MINUTE, "Three")
    issue = made_at(clock, newsletter, MONDAY + 2 * DAY)
    assert headlines(issue) == ["Three", "One", "Two"]
    assert issue and issue.state == IssueState.SCHEDULED


def test_what_an_editor_cancelled_before_anybody_got_it_comes_with_the_next(clock: Any, nora: User) -> None:
    newsletter = daily()
    published(MONDAY - MINUTE, "One")
    issue = made_at(clock, newsletter, MONDAY)
    assert issue
    workflow.change(issue, "cancel", by=nora)
    assert headlines(made_at(clock, newsletter, MONDAY + DAY)) == ["One"]


def test_what_was_cancelled_after_somebody_got_it_is_not_told_again(clock: Any, nora: User) -> None:
    newsletter = daily()
    published(MONDAY - MINUTE, "One")
    issue = made_at(clock, newsletter, MONDAY)
    assert issue
    reader = make_subscriber("", newsletter)
    Delivery.objects.create(issue=issue, subscriber=reader, state="handed_over", changed_at=MONDAY)
    workflow.change(issue, "cancel", by=nora)
    assert headlines(made_at(clock, newsletter, MONDAY + DAY)) == []


def test_a_skipped_digest_that_is_taken_up_again_tells_nothing_that_the_next_one_told(clock: Any, nora: User) -> None:
    newsletter = daily(least_articles=2)
    published(MONDAY - MINUTE, "One")
    skipped = made_at(clock, newsletter, MONDAY)
    published(MONDAY + MINUTE, "Two")
    made_at(clock, newsletter, MONDAY + DAY)
    assert skipped
    with pytest.raises(workflow.Refused, match=r"“One” stands in the issue “.*” already"):
        workflow.change(workflow.change(skipped, "reopen", by=nora), "ready", by=nora)


# When -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("day", "at", "why"),
    [
        (date(2026, 3, 28), datetime(2026, 3, 28, 1, 30, tzinfo=UTC), "winter"),
        (date(2026, 3, 29), datetime(2026, 3, 29, 1, 30, tzinfo=UTC), "no clock shows 02:30: 03:30 by the clock"),
        (date(2026, 3, 30), datetime(2026, 3, 30, 0, 30, tzinfo=UTC), "summer"),
        (date(2026, 10, 24), datetime(2026, 10, 24, 0, 30, tzinfo=UTC), "summer"),
        (date(2026, 10, 25), datetime(2026, 10, 25, 0, 30, tzinfo=UTC), "clocks show 02:30 twice: the first"),
        (date(2026, 10, 26), datetime(2026, 10, 26, 1, 30, tzinfo=UTC), "winter"),
    ],
)
def test_half_past_two_comes_once_a_day_when_clocks_are_changed(day: date, at: datetime, why: str) -> None:
    newsletter = make_newsletter(rhythm=Rhythm.DAILY, send_at=time(2, 30), zone="Europe/Berlin")
    assert digest.moment_of(newsletter, day) == at, why


@pytest.mark.parametrize("year", [2026, 2027])
@pytest.mark.parametrize("change", [(3, 29), (10, 25)])
def test_a_job_that_runs_every_minute_makes_each_day_once_over_both_changes(
    clock: Any, year: int, change: tuple[int, int]
) -> None:
    newsletter = make_newsletter(rhythm=Rhythm.DAILY, send_at=time(2, 30), zone="Europe/Berlin")
    Newsletter.objects.update(created_at=datetime(2025, 1, 1, tzinfo=UTC))
    newsletter.refresh_from_db()
    day = datetime(year, *change, tzinfo=UTC)
    moment, keys = day - 2 * DAY, []
    while moment < day + 2 * DAY:
        due = digest.last_due(newsletter, moment)
        assert due
        keys += [due.day] if due.day not in keys else []
        moment += 5 * MINUTE
    assert keys == [(day + n * DAY).date() for n in range(-3, 2)]


def test_a_weekly_digest_comes_on_its_day_in_its_own_zone(clock: Any) -> None:
    newsletter = make_newsletter(rhythm=Rhythm.WEEKLY, weekday=1, send_at=time(6), zone="Pacific/Auckland")
    sunday = datetime(2026, 5, 3, 18, tzinfo=UTC)  # Monday, 06:00 in Auckland (NZST, +12)
    published(sunday - WEEK + MINUTE, "A week ago")
    published(sunday - MINUTE, "Now")
    clock.move_to(sunday - MINUTE)
    digest.make(newsletter)
    issue = made_at(clock, newsletter, sunday)
    assert issue and issue.key == "2026-05-04"
    assert headlines(issue) == ["Now", "A week ago"]
    assert made_at(clock, newsletter, sunday + 6 * DAY) is None


def test_a_newsletter_that_is_composed_by_hand_has_none(clock: Any) -> None:
    make_newsletter(rhythm=Rhythm.COMPOSED)
    published(MONDAY - MINUTE)
    clock.move_to(MONDAY + MINUTE)
    jobs.make_digests.call_local()
    assert not Issue.objects.exists()


def test_a_new_newsletter_begins_with_the_next_time_and_not_with_the_last_one(clock: Any) -> None:
    published(MONDAY - MINUTE)
    clock.move_to(MONDAY + timedelta(hours=3))
    newsletter = daily()
    assert digest.make(newsletter) is None
    assert headlines(made_at(clock, newsletter, MONDAY + DAY)) == []


def test_whoever_changes_the_rhythm_does_not_send_at_once(clock: Any, nora: User) -> None:
    newsletter = make_newsletter(rhythm=Rhythm.COMPOSED, send_at=time(7), zone="UTC")
    published(MONDAY - MINUTE)
    clock.move_to(MONDAY + timedelta(hours=3))
    page = reverse("admin:subscribers_newsletter_change", args=[newsletter.pk])
    names = ("name", "slug", "language", "position", "weekday", "per_minute", "least_articles", "zone")
    form = {name: getattr(newsletter, name) for name in names}
    form |= {"rhythm": "daily", "send_at": "07:00", "offered": "on", "description": "", "list_id": ""}
    assert client_of(nora).post(page, form).status_code == 302
    newsletter.refresh_from_db()
    assert newsletter.rhythm == Rhythm.DAILY
    assert digest.make(newsletter) is None
    published(MONDAY + DAY - MINUTE, "New")
    assert headlines(made_at(clock, newsletter, MONDAY + DAY)) == ["New"]


# Once, whatever happens -------------------------------------------------------------------


def test_it_is_made_once_however_often_the_job_runs(clock: Any) -> None:
    newsletter = daily()
    published(MONDAY - MINUTE)
    assert made_at(clock, newsletter, MONDAY)
    for minutes in range(2, 10):
        assert made_at(clock, newsletter, MONDAY + minutes * MINUTE) is None
    assert Issue.objects.count() == 1


def test_after_a_downtime_one_digest_holds_all_that_was_missed_and_is_sent_once(clock: Any) -> None:
    newsletter = daily()
    published(MONDAY - MINUTE, "Monday")
    made_at(clock, newsletter, MONDAY)
    for day in (1, 2, 3):
        published(MONDAY + day * DAY - MINUTE, f"Day {day}")
    clock.move_to(MONDAY + 3 * DAY + timedelta(hours=5))
    jobs.make_digests.call_local()
    assert list(Issue.objects.order_by("pk").values_list("key", flat=True)) == ["2026-05-04", "2026-05-07"]
    assert headlines(Issue.objects.get(key="2026-05-07")) == ["Day 3", "Day 2", "Day 1"]


def test_a_digest_that_cannot_be_laid_out_stays_a_draft_and_editors_are_told(
    clock: Any, nora: User, alice: User, monkeypatch: Any, django_capture_on_commit_callbacks: Any
) -> None:
    def broken(*args: Any) -> str:
        raise ValueError("Template")

    newsletter = daily()
    published(MONDAY - MINUTE)
    monkeypatch.setattr("subscribers.issues.rendering.render_to_string", broken)
    with django_capture_on_commit_callbacks(execute=True):
        issue = made_at(clock, newsletter, MONDAY)
    assert issue and issue.state == IssueState.DRAFT
    assert [sent.to for sent in mail.outbox] == [[nora.email]]
    assert "cannot be laid out" in mail.outbox[0].body
    assert made_at(clock, newsletter, MONDAY + MINUTE) is None


def test_a_digest_of_many_articles_costs_few_queries(clock: Any, django_assert_max_num_queries: Any) -> None:
    newsletter = daily()
    for _number in range(15):
        published(MONDAY - MINUTE)
    clock.move_to(MONDAY + MINUTE)
    with django_assert_max_num_queries(34):
        issue = digest.make(newsletter)
    assert issue and issue.content
    assert [block["brief"] for block in issue.content["blocks"]] == [False] * 12 + [True] * 3


def test_nothing_of_it_depends_on_the_zone_of_whoever_asks(clock: Any) -> None:
    newsletter = daily()
    clock.move_to(MONDAY + MINUTE)
    with timezone.override("Pacific/Kiritimati"):
        due = digest.last_due(newsletter, MONDAY + MINUTE)
    assert due == digest.Due(date(2026, 5, 4), MONDAY)


def test_readers_meet_a_digest_on_the_web_by_its_day(clock: Any) -> None:
    newsletter = daily()
    published(MONDAY - MINUTE, "Ferry stops")
    issue = made_at(clock, newsletter, MONDAY)
    assert issue
    address = f"/newsletter/{newsletter.slug}/2026-05-04/"
    assert Client().get(address).status_code == 404
    workflow.change(workflow.change(issue, "materialise"), "send")
    assert "Ferry stops" in Client().get(address).content.decode()


def test_a_newsletter_whose_digest_fails_does_not_keep_back_the_others(clock: Any, monkeypatch: Any) -> None:
    broken, sound = daily(), daily()
    published(MONDAY - MINUTE)
    draft = digest.draft

    def fail(newsletter: Newsletter, due: digest.Due) -> Issue:
        if newsletter == broken:
            raise ValueError("Broken")
        return draft(newsletter, due)

    monkeypatch.setattr(digest, "draft", fail)
    clock.move_to(MONDAY + MINUTE)
    jobs.make_digests.call_local()
    assert [issue.newsletter for issue in Issue.objects.all()] == [sound]


def test_what_was_taken_back_and_left_as_a_draft_comes_with_the_next_but_for_what_was_withdrawn(clock: Any) -> None:
    newsletter = daily()
    published(MONDAY - MINUTE, "Kept")
    withdrawn = published(MONDAY - 2 * MINUTE, "Withdrawn")
    issue = made_at(clock, newsletter, MONDAY)
    assert issue
    publishing.withdraw(withdrawn.article, by=None, notice="Wrong", reason="error")
    recalling.withdrawn(withdrawn.article_id)
    assert headlines(made_at(clock, newsletter, MONDAY + DAY)) == ["Kept"]
    issue.refresh_from_db()
    event = issue.events.first()
    assert event and issue.state == IssueState.CANCELLED
    assert "its articles come with that one" in event.note


def test_a_draft_that_somebody_composes_is_left_alone_by_digests(clock: Any) -> None:
    newsletter = daily()
    composed = Issue.objects.create(newsletter=newsletter, key="extra", subject="Extra")
    published(MONDAY - MINUTE)
    made_at(clock, newsletter, MONDAY)
    composed.refresh_from_db()
    assert composed.state == IssueState.DRAFT
