"""What is withdrawn or taken down between composing and sending is not sent, and somebody is told."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.core import mail

from articles import library, publishing
from articles.factories import make_image, make_live
from articles.models import Edition, Image
from newsroom.models import User
from subscribers.factories import make_issue
from subscribers.issues import composing, jobs, recalling, workflow
from subscribers.models import Issue
from subscribers.states import IssueState

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 5, 4, 7, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)
RENDITION = {"width": 1200, "height": 800, "type": "image/jpeg", "path": "ab/cd-1200.jpg"}


@pytest.fixture(autouse=True)
def clock() -> Any:
    with time_machine.travel(NOW, tick=False) as travelling:
        yield travelling


@pytest.fixture
def committing(django_capture_on_commit_callbacks: Any) -> Any:
    """A block whose jobs and mails are carried out at its end."""
    return lambda: django_capture_on_commit_callbacks(execute=True)


def waiting(*editions: Edition, owner: User | None = None, at: datetime = LATER) -> Issue:
    return workflow.change(workflow.change(make_issue(*editions, owner=owner), "ready"), "schedule", starts_at=at)


def in_state(issue: Issue, state: IssueState) -> Issue:
    Issue.objects.filter(pk=issue.pk).update(state=state)
    return fresh(issue)


def fresh(issue: Issue) -> Issue:
    return Issue.objects.select_related("newsletter", "owner").get(pk=issue.pk)


def withdraw(edition: Edition) -> None:
    edition.article.refresh_from_db()
    publishing.withdraw(edition.article, by=None, notice="We were wrong.", reason="error")


def test_withdrawing_an_article_returns_a_waiting_issue_to_a_draft_and_tells_its_owner(
    nora: User, committing: Any
) -> None:
    edition = make_live(headline="Ferry stops")
    issue, untouched = waiting(edition, owner=nora), waiting(make_live())
    with committing():
        withdraw(edition)
    issue = fresh(issue)
    assert (issue.state, issue.content, issue.starts_at) == (IssueState.DRAFT, None, None)
    assert fresh(untouched).state == IssueState.SCHEDULED
    event = issue.events.first()
    assert event and (event.verb, event.by, event.note) == ("recall", None, "“Ferry stops” was withdrawn.")
    told = mail.outbox[0]
    assert told.to == [nora.email]
    assert "“Ferry stops” was withdrawn." in told.body
    assert f"/admin/subscribers/issue/{issue.pk}/change/" in told.body


def test_where_an_issue_has_no_owner_everybody_who_may_send_it_is_told(
    nora: User, alice: User, root: User, committing: Any
) -> None:
    edition = make_live()
    waiting(edition)
    with committing():
        withdraw(edition)
    assert [told.to for told in mail.outbox] == [[nora.email]]


def test_taking_down_a_picture_returns_the_issue_to_a_draft(nora: User, dora: User, committing: Any) -> None:
    image = make_image(renditions=[RENDITION])
    issue = waiting(make_live(headline="Ferry stops", lead=image), owner=nora)
    with committing():
        library.kill(image, by=dora, notice="Gone", reason="Asked for")
    assert fresh(issue).state == IssueState.DRAFT
    assert "The picture of “Ferry stops” may not be shown any more." in mail.outbox[0].body
    again = workflow.change(fresh(issue), "ready")
    assert again.content and again.content["blocks"][0]["image"] is None


def test_another_caption_of_a_picture_is_no_reason_to_take_an_issue_back(dora: User, committing: Any) -> None:
    image = make_image(renditions=[RENDITION])
    issue = waiting(make_live(lead=image))
    with committing():
        library.use_words([image], by=dora, verb="words", caption="Another")
    assert fresh(issue).state == IssueState.SCHEDULED


@pytest.mark.parametrize("state", [IssueState.SENDING])
def test_an_issue_that_is_being_sent_is_paused(state: IssueState, nora: User, committing: Any) -> None:
    edition = make_live()
    issue = in_state(waiting(edition, owner=nora), state)
    with committing():
        withdraw(edition)
    assert fresh(issue).state == IssueState.PAUSED
    assert "It is “paused” now." in mail.outbox[0].body


def test_one_whose_deliveries_are_being_prepared_is_asked_again_until_it_can_be_paused(nora: User) -> None:
    edition = make_live()
    issue = in_state(waiting(edition, owner=nora), IssueState.MATERIALISING)
    withdraw(edition)
    with pytest.raises(recalling.NotYet):
        recalling.withdrawn(edition.article_id)
    in_state(issue, IssueState.SENDING)
    recalling.withdrawn(edition.article_id)
    assert fresh(issue).state == IssueState.PAUSED


@pytest.mark.parametrize("state", [IssueState.SENT, IssueState.CANCELLED, IssueState.FAILED, IssueState.PAUSED])
def test_an_issue_that_is_not_on_its_way_stays_as_it_is(state: IssueState, committing: Any) -> None:
    edition = make_live()
    issue = in_state(waiting(edition), state)
    with committing():
        withdraw(edition)
    assert fresh(issue).state == state
    assert mail.outbox == []


def test_what_expired_meanwhile_is_found_when_the_time_to_send_has_come(
    clock: Any, nora: User, committing: Any
) -> None:
    edition = make_live(headline="Ferry stops")
    issue = waiting(edition, owner=nora)
    Edition.objects.filter(pk=edition.pk).update(live_until=LATER - timedelta(minutes=1))
    clock.move_to(LATER)
    with committing():
        jobs.take_back_spoilt.call_local()
    assert fresh(issue).state == IssueState.DRAFT
    assert "Readers cannot see “Ferry stops” at the time when this is sent.\n" in mail.outbox[0].body


def test_rights_that_ended_meanwhile_are_found_when_it_is_begun(clock: Any, nora: User) -> None:
    image = make_image(renditions=[RENDITION], rights_until=LATER - timedelta(minutes=1))
    with time_machine.travel(NOW, tick=False):
        issue = workflow.change(make_issue(make_live(lead=image), owner=nora), "ready")
        Issue.objects.filter(pk=issue.pk).update(state=IssueState.SCHEDULED, starts_at=LATER)
    clock.move_to(LATER)
    assert recalling.begin(fresh(issue)).state == IssueState.DRAFT


def test_nothing_spoilt_begins_at_its_time(clock: Any) -> None:
    issue = waiting(make_live())
    clock.move_to(LATER)
    jobs.take_back_spoilt.call_local()
    assert recalling.begin(fresh(issue)).state == IssueState.MATERIALISING


def test_an_article_is_withdrawn_though_the_jobs_cannot_be_reached(monkeypatch: Any, committing: Any) -> None:
    edition = make_live()
    issue = waiting(edition)

    def away(*args: Any) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(jobs, "article_withdrawn", away)
    with committing():
        withdraw(edition)
    assert not Edition.objects.live().filter(pk=edition.pk).exists()
    with time_machine.travel(LATER, tick=False):
        recalling.take_back_spoilt()
    assert fresh(issue).state == IssueState.DRAFT


def test_a_picture_that_may_be_used_again_is_no_reason(dora: User) -> None:
    image = make_image(renditions=[RENDITION])
    issue = waiting(make_live(lead=image))
    recalling.taken_down(image.pk)
    assert fresh(issue).state == IssueState.SCHEDULED
    assert Image.objects.get(pk=image.pk).killed_at is None


def test_whoever_looks_at_a_paused_issue_is_warned_of_what_was_withdrawn_meanwhile(nora: User, committing: Any) -> None:
    issue = in_state(
        waiting(make_live(headline="Ferry stops"), edition := make_live(headline="Wall")), IssueState.PAUSED
    )
    assert "Resume" not in " ".join(map(str, composing.warnings(issue)))
    with committing():
        withdraw(edition)
    said = [str(problem) for problem in composing.warnings(fresh(issue)) if "Resume" in str(problem)]
    assert said == ["Readers cannot see “Wall” any more. “Resume” sends it to the rest all the same."]
