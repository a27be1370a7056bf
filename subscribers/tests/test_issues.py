"""The table of transitions of an issue: what leads where, who may, what stands in the way, and who was faster."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.template import TemplateSyntaxError

from articles import publishing
from articles.factories import make_live
from newsroom.models import User
from subscribers.factories import make_issue, make_newsletter, make_subscriber
from subscribers.issues import workflow
from subscribers.issues.workflow import TRANSITIONS, Refused, Stale
from subscribers.models import Delivery, Issue
from subscribers.states import IssueState as S

pytestmark = pytest.mark.django_db

# What leads from where to where. Every other pair is refused.
LEADS = {
    (S.DRAFT, "ready"): S.READY,
    (S.DRAFT, "skip"): S.CANCELLED,
    (S.DRAFT, "cancel"): S.CANCELLED,
    (S.READY, "schedule"): S.SCHEDULED,
    (S.READY, "send_now"): S.SCHEDULED,
    (S.READY, "edit"): S.DRAFT,
    (S.READY, "recall"): S.DRAFT,
    (S.READY, "cancel"): S.CANCELLED,
    (S.SCHEDULED, "schedule"): S.SCHEDULED,
    (S.SCHEDULED, "send_now"): S.SCHEDULED,
    (S.SCHEDULED, "edit"): S.DRAFT,
    (S.SCHEDULED, "recall"): S.DRAFT,
    (S.SCHEDULED, "materialise"): S.MATERIALISING,
    (S.SCHEDULED, "cancel"): S.CANCELLED,
    (S.MATERIALISING, "send"): S.SENDING,
    (S.MATERIALISING, "fail"): S.FAILED,
    (S.MATERIALISING, "cancel"): S.CANCELLED,
    (S.SENDING, "pause"): S.PAUSED,
    (S.SENDING, "finish"): S.SENT,
    (S.SENDING, "fail"): S.FAILED,
    (S.SENDING, "cancel"): S.CANCELLED,
    (S.PAUSED, "resume"): S.SENDING,
    (S.PAUSED, "fail"): S.FAILED,
    (S.PAUSED, "cancel"): S.CANCELLED,
    (S.FAILED, "retry"): S.MATERIALISING,
    (S.FAILED, "cancel"): S.CANCELLED,
    (S.SENT, "send_rest"): S.SENDING,
    (S.CANCELLED, "reopen"): S.DRAFT,
}
NOW = datetime(2026, 5, 4, 7, tzinfo=UTC)


@pytest.fixture(autouse=True)
def clock() -> Any:
    with time_machine.travel(NOW, tick=False) as travelling:
        yield travelling


def in_state(state: S) -> Issue:
    """An issue that has been made ready, put into the state without asking."""
    issue = workflow.change(make_issue(make_live()), "ready")
    draft = {"content": None, "content_hash": ""} if state == S.DRAFT else {}
    Issue.objects.filter(pk=issue.pk).update(state=state, starts_at=NOW, **draft)
    return fresh(issue)


def fresh(issue: Issue) -> Issue:
    return Issue.objects.select_related("newsletter").get(pk=issue.pk)


def refusal(issue: Issue, name: str, **asked: Any) -> str:
    with pytest.raises(Refused) as refused:
        workflow.change(issue, name, **asked)
    assert fresh(issue).state == issue.state
    return str(refused.value)


@pytest.mark.parametrize("state", list(S))
def test_each_transition_starts_from_its_states_alone_and_leads_to_its_own(state: S) -> None:
    issue = in_state(state)
    for name in TRANSITIONS:
        if target := LEADS.get((state, name)):
            changed = workflow.change(issue, name, starts_at=NOW + timedelta(hours=1))
            assert (changed.state, changed.version) == (target, issue.version + 1)
            event = changed.events.first()
            assert event and (event.verb, event.from_state, event.to_state) == (name, state, target)
            # As it was, for the next one.
            back = {f: getattr(issue, f) for f in ("content", "content_hash", "ready_at", "starts_at", "finished_at")}
            Issue.objects.filter(pk=issue.pk).update(state=state, version=issue.version, **back)
        else:
            assert "is not possible now" in refusal(issue, name)


def test_whoever_saw_an_older_state_or_version_changes_nothing_and_is_told_who_was_faster(nora: User) -> None:
    issue = in_state(S.READY)
    workflow.change(issue, "schedule", by=nora, starts_at=NOW + timedelta(hours=1))
    for name in ("schedule", "cancel", "edit"):
        with pytest.raises(Stale) as stale:
            workflow.change(issue, name, by=nora)
        assert "Nora was faster: “Schedule”, just now." in str(stale.value)
    assert fresh(issue).state == S.SCHEDULED


def test_only_a_newsletter_editor_changes_issues_by_hand(nora: User, alice: User, charlie: User, mallory: User) -> None:
    issue = in_state(S.READY)
    for outsider in (alice, charlie, mallory):
        assert "You may not do this" in refusal(issue, "edit", by=outsider)
        assert workflow.open_transitions(outsider, issue) == []
    assert [row.name for row in workflow.open_transitions(nora, issue)] == ["schedule", "send_now", "edit", "cancel"]


@pytest.mark.parametrize("name", [row.name for row in TRANSITIONS.values() if not row.people])
def test_what_is_the_sites_own_to_do_nobody_does_by_hand(nora: User, name: str) -> None:
    state = next(state for state, verb in LEADS if verb == name)
    assert "You may not do this" in refusal(in_state(state), name, by=nora)


def test_what_happened_is_never_changed_nor_deleted() -> None:
    event = in_state(S.READY).events.get()
    with pytest.raises(TypeError):
        event.save()
    with pytest.raises(TypeError):
        event.delete()


# To be ready ------------------------------------------------------------------------------


def test_an_issue_is_frozen_and_hashed_when_it_is_made_ready_and_thawed_to_be_edited() -> None:
    issue = make_issue(make_live(headline="Ferry stops"), subject="News")
    ready = workflow.change(issue, "ready")
    assert ready.content and ready.content["subject"] == "News"
    assert len(ready.content_hash) == 64
    assert ready.ready_at == NOW
    draft = workflow.change(ready, "edit")
    assert (draft.content, draft.content_hash, draft.ready_at) == (None, "", None)


def test_the_same_issue_made_ready_twice_is_the_same_to_the_last_byte() -> None:
    issue = make_issue(make_live(), intro="Hello")
    first = workflow.change(issue, "ready")
    assert workflow.change(workflow.change(first, "edit"), "ready").content_hash == first.content_hash


def test_an_issue_without_subject_or_without_anything_in_it_is_not_made_ready() -> None:
    for nothing in ("", " ", "\u202e\u2028"):
        assert "The subject is missing" in refusal(make_issue(make_live(), subject=nothing), "ready")
    assert "The issue is empty" in refusal(make_issue(), "ready")
    assert workflow.change(make_issue(intro="Only words"), "ready").state == S.READY


def test_an_article_that_readers_cannot_see_is_refused_by_name() -> None:
    edition = make_live(headline="Ferry stops")
    issue = make_issue(edition, make_live())
    publishing.withdraw(edition.article, by=None, notice="Wrong", reason="error")
    assert "Readers cannot see “Ferry stops” now." in refusal(issue, "ready")


def test_a_reserved_word_as_key_is_refused_whoever_chose_it() -> None:
    issue = make_issue(make_live())
    for word in ("feed", "Confirm", "unsubscribe"):
        Issue.objects.filter(pk=issue.pk).update(key=word)
        assert "is an address of the site" in refusal(fresh(issue), "ready")


def test_a_day_is_the_key_of_a_digest_alone_or_that_day_would_have_none() -> None:
    issue = make_issue(make_live(), key="2026-05-04")
    assert "A day alone is the key of a digest" in refusal(issue, "ready")


def test_an_error_in_a_template_is_met_when_the_issue_is_made_ready_and_by_no_recipient(monkeypatch: Any) -> None:
    def broken(*args: Any) -> str:
        raise TemplateSyntaxError("Unclosed tag")

    monkeypatch.setattr("subscribers.issues.rendering.render_to_string", broken)
    assert "cannot be laid out" in refusal(make_issue(make_live()), "ready")


def test_a_header_that_cannot_be_sent_is_met_when_the_issue_is_made_ready() -> None:
    newsletter = make_newsletter(sender_address="a@b.example\nBcc: everybody@example.org")
    assert "cannot be laid out" in refusal(make_issue(make_live(), newsletter=newsletter), "ready")


# To be sent -------------------------------------------------------------------------------


def test_a_schedule_needs_a_time_ahead() -> None:
    issue = in_state(S.READY)
    assert "Say when" in refusal(issue, "schedule")
    assert "has passed" in refusal(issue, "schedule", starts_at=NOW - timedelta(seconds=1))
    assert workflow.change(issue, "schedule", starts_at=NOW + timedelta(days=1)).starts_at == NOW + timedelta(days=1)


def test_nothing_begins_before_its_time(clock: Any) -> None:
    issue = workflow.change(in_state(S.READY), "schedule", starts_at=NOW + timedelta(hours=1))
    assert "Its time has not come yet" in refusal(issue, "materialise")
    assert not Issue.objects.due(NOW).exists()
    clock.move_to(NOW + timedelta(hours=1))
    assert list(Issue.objects.due(NOW + timedelta(hours=1))) == [issue]
    assert workflow.change(issue, "materialise").state == S.MATERIALISING


def test_sending_now_is_being_scheduled_for_this_second() -> None:
    issue = workflow.change(in_state(S.READY), "send_now")
    assert list(Issue.objects.due(NOW)) == [issue]


def test_what_was_tampered_with_after_it_was_made_ready_is_not_sent() -> None:
    issue = in_state(S.SCHEDULED)
    assert issue.content
    Issue.objects.filter(pk=issue.pk).update(content={**issue.content, "subject": "Buy now"})
    assert "not what was made ready" in refusal(fresh(issue), "materialise")


def test_an_article_that_ends_before_the_issue_goes_out_is_refused_in_time() -> None:
    edition = make_live(headline="Ferry stops")
    type(edition).objects.filter(pk=edition.pk).update(live_until=NOW + timedelta(hours=1))
    issue = workflow.change(make_issue(edition), "ready")
    said = refusal(issue, "schedule", starts_at=NOW + timedelta(hours=2))
    assert "Readers cannot see “Ferry stops” at the time when this is sent. Choose “Edit again”, and remove it." in said


def test_a_cancelled_issue_is_taken_up_again_as_long_as_nobody_got_it() -> None:
    issue = in_state(S.CANCELLED)
    reopened = workflow.change(issue, "reopen")
    assert reopened.state == S.DRAFT
    issue = in_state(S.CANCELLED)
    reader = make_subscriber("", issue.newsletter)
    Delivery.objects.create(issue=issue, subscriber=reader, changed_at=NOW)
    assert "were being prepared when it was cancelled" in refusal(issue, "reopen")
    issue.deliveries.update(state="delivered")
    assert "have got this issue already" in refusal(issue, "reopen")
