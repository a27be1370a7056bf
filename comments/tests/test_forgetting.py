"""Where comments and reports came from is forgotten after thirty days, and addresses that nobody confirmed in time."""

from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
import time_machine
from django.core.management import call_command

from articles.factories import make_live
from comments import forgetting, jobs
from comments.factories import make_comment
from comments.models import Ban, Comment, Commenter, Confirmation, Report
from comments.states import State
from newsroom.lib import clock, throttle

pytestmark = pytest.mark.django_db


def days_ago(days: int) -> Any:
    return clock.now() - timedelta(days=days)


def make_report(days: int, **fields: Any) -> Report:
    return Report.objects.create(
        comment=make_comment(make_live()),
        reason="abuse",
        address_prefix="192.0.2.0/24",
        address_hmac="abc",
        created_at=days_ago(days),
        **fields,
    )


def run(*args: str) -> list[str]:
    out = StringIO()
    call_command("forget_addresses", *args, stdout=out)
    return out.getvalue().splitlines()


@pytest.mark.parametrize("days, kept", [(29, True), (31, False)])
def test_the_network_is_forgotten_after_thirty_days_and_the_comment_stays(days: int, kept: bool) -> None:
    comment = make_comment(make_live(), created_at=days_ago(days), address_hmac="abc")
    jobs.forget.call_local()
    comment.refresh_from_db()
    assert bool(comment.address_prefix) == bool(comment.address_hmac) == kept
    assert comment.body


@pytest.mark.parametrize("days, kept", [(29, True), (31, False)])
def test_the_same_of_a_report(days: int, kept: bool) -> None:
    report = make_report(days, text="Look")
    jobs.forget.call_local()
    report.refresh_from_db()
    assert bool(report.address_prefix) == bool(report.address_hmac) == kept
    assert report.text


@pytest.mark.parametrize("days, kept", [(29, True), (31, False)])
def test_a_reporter_who_was_not_told_is_not_kept_for_ever(days: int, kept: bool) -> None:
    report = make_report(60, email="rosa@example.org", closed_at=days_ago(days), upheld=True)
    forgetting.forget()
    report.refresh_from_db()
    assert bool(report.email) == kept


def test_a_reporter_who_still_waits_is_kept() -> None:
    report = make_report(60, email="rosa@example.org")
    forgetting.forget()
    report.refresh_from_db()
    assert report.email


@pytest.mark.parametrize("days, kept", [(1, True), (3, False)])
def test_an_address_that_nobody_confirmed_goes_and_the_words_that_waited_go_on(days: int, kept: bool) -> None:
    comment = make_comment(make_live(), state=State.AWAITING_EMAIL, body="Waiting", created_at=days_ago(days))
    Confirmation.objects.create(comment=comment, email="rosa@example.org", created_at=days_ago(days))
    forgetting.forget()
    comment.refresh_from_db()
    assert Confirmation.objects.exists() == kept
    assert comment.state == (State.AWAITING_EMAIL if kept else State.PENDING)
    assert comment.body == "Waiting"


@pytest.mark.parametrize("days, kept", [(29, True), (31, False)])
def test_a_network_s_ban_goes_thirty_days_after_its_end(days: int, kept: bool) -> None:
    Ban.objects.create(network="192.0.2.0/24", reason="Flood", ends_at=days_ago(days))
    forgetting.forget()
    assert Ban.objects.exists() == kept


@pytest.mark.parametrize("ends_in, kept", [(None, True), (1, True), (-1, False)])
def test_a_digest_of_an_erased_address_goes_with_the_ban(ends_in: int | None, kept: bool) -> None:
    commenter = Commenter.objects.create(digest="d" * 64)
    ends = clock.now() + timedelta(days=ends_in) if ends_in else None
    Ban.objects.create(commenter=commenter, reason="Threats", ends_at=ends)
    forgetting.forget()
    commenter.refresh_from_db()
    assert bool(commenter.digest) == kept


def test_counters_of_networks_are_thrown_away_when_they_have_ended(settings: Any) -> None:
    if settings.COUNTERS_FILE is None:
        pytest.skip("Redis throws its counters away by itself.")
    with time_machine.travel(clock.now(), tick=False) as now:
        throttle.allow("one", 1, 60)
        throttle.allow("two", 1, 600)
        now.shift(timedelta(seconds=61))
        assert forgetting.forget()["counters"] == 1
        assert not throttle.allow("two", 1, 600)


def test_a_rehearsal_says_the_same_and_changes_nothing() -> None:
    make_comment(make_live(), created_at=days_ago(31))
    make_report(31)
    before = list(Comment.objects.order_by("pk").values()) + list(Report.objects.order_by("pk").values())
    rehearsed = run("--dry-run")
    assert list(Comment.objects.order_by("pk").values()) + list(Report.objects.order_by("pk").values()) == before
    assert rehearsed == [*run(), "This was a rehearsal: nothing was changed."]
    assert rehearsed[:2] == [
        "1 comment is older than 30 days: its network was forgotten.",
        "1 report is older than 30 days: its network was forgotten.",
    ]
    assert run() == ["There is nothing to forget."]
