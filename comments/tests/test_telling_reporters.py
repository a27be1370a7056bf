"""Who reports a comment with an address is told: it was received, this was decided, the comment came back."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from articles.factories import make_live
from comments import forgetting, moderation, privacy
from comments.factories import make_published
from comments.mails import status_link
from comments.models import Appeal, Comment, Report
from comments.readers import appeals, jobs, reports
from comments.states import State
from comments.tests.readers import make_commenter
from newsroom.models import SiteSettings, User
from newsroom.testing import make_user

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
OTTO = "otto@example.org"
COURT = "certified body that settles disputes out of court"
reader = Client()


@pytest.fixture(autouse=True)
def clock() -> Iterator[Any]:
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


@pytest.fixture
def comment() -> Comment:
    return make_published(make_live(headline="Rain ahead"), commenter=make_commenter(), body="Quagga")


@pytest.fixture
def later(clock: Any, django_capture_on_commit_callbacks: Any) -> Callable[..., list[Any]]:
    def act(span: timedelta = timedelta(minutes=3)) -> list[Any]:
        clock.shift(span)
        before = len(mail.outbox)
        with django_capture_on_commit_callbacks(execute=True):
            jobs.tell.call_local()
        return [message for message in mail.outbox[before:] if message.to == [OTTO]]

    return act


def report(comment: Comment, **said: Any) -> Any:
    form = {"reason": "abuse", "text": "He insults her.", "email": OTTO} | said
    return reader.post(f"/comments/{comment.public_id}/report/", form, REMOTE_ADDR="192.0.2.7")


def reject(comment: Comment, by: User) -> None:
    comment.refresh_from_db()
    moderation.decide(comment, "reject", by=by, reason="abuse", expected=comment.versions)


def grant(comment: Comment, django_capture_on_commit_callbacks: Any) -> None:
    appeal = appeals.make(Comment.objects.get(pk=comment.pk), "It was a quotation.")
    with django_capture_on_commit_callbacks(execute=True):
        appeals.answer(appeal, by=make_user("emma", "moderator"), granted=True, answer="You were right.")


# That it was received -----------------------------------------------------------------------------


def test_a_report_with_an_address_is_answered_by_a_receipt_once_with_nothing_typed_in_it(
    comment: Comment, later: Any
) -> None:
    report(comment)
    report(comment, text="Really.")
    (message,) = later()
    everything = f"{message.subject} {message.body} {message.alternatives}"
    assert "We have received your report" in message.subject
    assert "abuse or hatred" in message.body and "Rain ahead" in message.body
    assert f"/comments/{comment.public_id}/" in message.body
    assert "insults" not in everything and "Quagga" not in everything
    assert later() == []
    assert Report.objects.get().email == OTTO


def test_who_gives_no_address_is_mailed_nothing(comment: Comment, erik: User, later: Any) -> None:
    report(comment, email="")
    assert later() == []
    reject(comment, erik)
    later()
    assert [message for message in mail.outbox if message.to != [comment.commenter.email]] == []  # type: ignore[union-attr]


def test_what_is_decided_before_the_receipt_went_out_is_told_alone(comment: Comment, erik: User, later: Any) -> None:
    report(comment)
    reject(comment, erik)
    (message,) = later()
    assert "was answered" in message.subject


# What was decided ---------------------------------------------------------------------------------


def test_what_was_taken_down_is_told_with_the_rule_and_by_whom_and_what_else_is_open(
    comment: Comment, erik: User, later: Any
) -> None:
    SiteSettings(contact_email="desk@news.example").save()
    report(comment)
    reject(comment, erik)
    (message,) = later()
    for words in ("taken off the page", "abuse or hatred", "A moderator decided so.", COURT, "desk@news.example"):
        assert words in message.body and words in message.alternatives[0].content
    assert "rik" not in message.body
    assert "kept for 90 days at most" in message.body
    assert "Report the comment again" not in message.alternatives[0].content


def test_what_stays_is_told_with_the_way_to_report_it_again(comment: Comment, erik: User, later: Any) -> None:
    report(comment)
    reports.leave(comment, by=erik, seen=Report.objects.values_list("pk", flat=True))
    (message,) = later()
    assert "breaks no rule of this site and stays" in message.body
    assert f"/comments/{comment.public_id}/report/" in message.body and COURT in message.body
    assert "is forgotten now" in message.body
    assert Report.objects.get().email == ""


def test_nobody_is_told_that_it_stays_if_it_was_taken_down_before_the_mail_went_out(
    comment: Comment, erik: User, later: Any
) -> None:
    report(comment)
    reports.leave(comment, by=erik, seen=Report.objects.values_list("pk", flat=True))
    reject(comment, erik)
    (message,) = later()
    assert "was taken off the page" in message.body
    assert "stays" not in message.body
    assert f"/comments/{comment.public_id}/report/" not in message.body


def test_what_a_rule_took_down_is_said_to_be_decided_by_no_person(comment: Comment, later: Any) -> None:
    report(comment)
    judgement = moderation.Judgement(State.REJECTED, "words", reason="abuse")
    moderation.take_edit(comment, judgement, to=State.REJECTED, body="Worse.")
    (message,) = later()
    assert "A rule of this site decided so, not a person." in message.body


@pytest.mark.parametrize(("was_reported", "said"), [(True, "Readers had reported it."), (False, "Nobody had reported")])
def test_the_author_is_told_whether_it_was_reported_and_what_is_open_to_them(
    comment: Comment, erik: User, later: Any, was_reported: bool, said: str
) -> None:
    if was_reported:
        report(comment)
    reject(comment, erik)
    later()
    (message,) = [message for message in mail.outbox if message.to == [comment.commenter.email]]  # type: ignore[union-attr]
    for words in (said, "A moderator decided so.", "abuse or hatred", "You can object on this page", COURT):
        assert words in message.body
    page = reader.get(status_link.address(comment)).content.decode()
    assert said in page and COURT in page


# That it comes back -------------------------------------------------------------------------------


def test_who_reported_is_told_when_the_comment_comes_back_after_an_appeal_and_forgotten_then(
    comment: Comment, erik: User, later: Any, django_capture_on_commit_callbacks: Any
) -> None:
    report(comment)
    reject(comment, erik)
    assert len(later()) == 1
    assert later() == []
    assert Report.objects.get().email == OTTO
    grant(comment, django_capture_on_commit_callbacks)
    (message,) = later()
    assert "is shown again" in message.subject
    assert "Its author objected" in message.body and COURT in message.body
    assert f"/comments/{comment.public_id}/report/" in message.body
    assert Report.objects.get().email == ""
    assert later() == []


def test_who_was_not_told_yet_is_told_once_that_it_is_back(
    comment: Comment, erik: User, later: Any, clock: Any, django_capture_on_commit_callbacks: Any
) -> None:
    report(comment)
    reject(comment, erik)
    clock.shift(timedelta(seconds=10))
    grant(comment, django_capture_on_commit_callbacks)
    (message,) = later()
    assert "is shown again" in message.subject
    assert later() == [] and Report.objects.get().email == ""


def test_a_colleague_who_approves_it_again_is_told_of_without_an_objection(
    comment: Comment, erik: User, later: Any
) -> None:
    report(comment)
    reject(comment, erik)
    later()
    comment.refresh_from_db()
    moderation.decide(comment, "approve", by=erik, expected=comment.versions)
    (message,) = later()
    assert "A moderator has looked at it again" in message.body


def test_a_decision_that_is_undone_late_opens_the_report_and_the_next_one_is_told(
    comment: Comment, erik: User, later: Any
) -> None:
    report(comment)
    reject(comment, erik)
    assert len(later()) == 1
    comment.refresh_from_db()
    moderation.undo(comment, by=erik, expected=comment.versions)
    assert later() == []
    reports.leave(comment, by=erik, seen=Report.objects.values_list("pk", flat=True))
    (message,) = later()
    assert "stays" in message.body
    assert Report.objects.get().email == ""


@pytest.mark.parametrize(("days", "kept"), [(89, True), (91, False)])
def test_the_address_is_kept_as_long_as_the_author_can_object(
    comment: Comment, erik: User, later: Any, clock: Any, days: int, kept: bool
) -> None:
    report(comment)
    reject(comment, erik)
    later()
    clock.shift(timedelta(days=days))
    forgetting.forget()
    assert bool(Report.objects.get().email) == kept


def test_an_objection_that_nobody_has_answered_keeps_it_longer(
    comment: Comment, erik: User, later: Any, clock: Any
) -> None:
    report(comment)
    reject(comment, erik)
    later()
    appeals.make(Comment.objects.get(pk=comment.pk), "It was a quotation.")
    clock.shift(timedelta(days=91))
    forgetting.forget()
    assert Report.objects.get().email == OTTO
    Appeal.objects.update(closed_at=NOON, granted=False, closed_by=erik)
    forgetting.forget()
    assert Report.objects.get().email == ""


def test_of_an_erased_comment_nothing_more_is_told_and_no_address_kept(
    comment: Comment, erik: User, later: Any
) -> None:
    report(comment)
    reject(comment, erik)
    later()
    privacy.erase_comment(Comment.objects.get(pk=comment.pk))
    assert Report.objects.get().email == ""


def test_what_is_due_is_found_by_its_index_and_not_among_all_reports(comment: Comment, later: Any) -> None:
    report(comment)
    with CaptureQueriesContext(connection) as queries:
        later()
    if connection.vendor != "sqlite":
        return  # a small table is read whole there
    asked = [query["sql"] for query in queries if 'FROM "comments_report"' in query["sql"]]
    assert len(asked) == 3
    with connection.cursor() as cursor:
        for sql in asked:
            cursor.execute(f"EXPLAIN QUERY PLAN {sql}")
            assert "report_to_tell" in str(cursor.fetchall()), sql
