"""Authors who want it are mailed what became of their comments: once, a little later, and what stands then."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.test import Client

from articles.factories import make_live
from articles.models import Edition
from comments import following, moderation
from comments.factories import make_comment, make_published
from comments.mails import outcomes
from comments.models import Comment, Commenter, Opening, RejectionReason
from comments.readers import appeals, identity
from comments.states import Mode, State
from comments.tests.readers import RITA, link, make_commenter, tell, write
from newsroom.models import User

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
reader = Client()


@pytest.fixture(autouse=True)
def clock() -> Iterator[Any]:
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


@pytest.fixture
def rita() -> Commenter:
    return make_commenter()


@pytest.fixture
def edition() -> Edition:
    return make_live(headline="Rain ahead")


@pytest.fixture
def later(clock: Any, django_capture_on_commit_callbacks: Any) -> Callable[..., list[Any]]:
    """So much later, with what the worker did by then: the mails that went out."""

    def act(span: timedelta = following.TOLD_AFTER) -> list[Any]:
        clock.shift(span)
        before = len(mail.outbox)
        with django_capture_on_commit_callbacks(execute=True):
            tell()
        return mail.outbox[before:]

    return act


def decide(comment: Comment, decision: str, by: User, **said: Any) -> None:
    moderation.decide(comment, decision, by=by, expected=comment.versions, **said)


def test_a_published_comment_is_told_with_its_text_and_a_link(
    rita: Commenter, edition: Edition, erik: User, later: Any
) -> None:
    comment = make_comment(edition, commenter=rita, body="Well said.")
    decide(comment, "approve", erik)
    (message,) = later()
    assert message.to == [RITA]
    assert message.subject == "Your comment is published: Rain ahead"
    assert "Well said." in message.body
    assert "is shown under the article" in reader.get(link("status")).content.decode()
    assert later() == []


def test_a_rejection_is_told_with_rule_explanation_clause_and_notice_and_without_names_and_notes(
    rita: Commenter, edition: Edition, erik: User, later: Any
) -> None:
    RejectionReason.objects.filter(code="abuse").update(explanation="Attack the point.", clause="§ 4")
    comment = make_comment(edition, commenter=rita, body="Quagga")
    decide(comment, "reject", erik, reason="abuse", note="secret", notice="Please be kind.")
    (message,) = later()
    for words in ("abuse or hatred", "§ 4", "Attack the point.", "Please be kind.", "A moderator decided", "Quagga"):
        assert words in message.body, words
        assert words in message.alternatives[0].content
    assert "secret" not in message.body and "rik" not in message.body
    assert "Object to the decision" in reader.get(link("status")).content.decode()


def test_what_was_published_and_is_removed_later_is_told_as_that(
    rita: Commenter, edition: Edition, erik: User, later: Any
) -> None:
    comment = make_comment(edition, commenter=rita)
    decide(comment, "approve", erik)
    later()
    decide(comment, "reject", erik, reason="abuse")
    (message,) = later(timedelta(days=3))
    assert message.subject.startswith("Your comment was taken off the page")


def test_a_decision_that_is_taken_back_at_once_sends_nothing_and_one_instead_is_told(
    rita: Commenter, edition: Edition, erik: User, later: Any, clock: Any
) -> None:
    comment = make_comment(edition, commenter=rita)
    decide(comment, "reject", erik, reason="abuse")
    clock.shift(timedelta(seconds=50))
    assert later(timedelta(seconds=1)) == []
    moderation.undo(comment, by=erik, expected=comment.versions)
    assert later() == []
    decide(comment, "spam", erik)
    decide_again = moderation.undo(comment, by=erik, expected=comment.versions)
    assert decide_again.to_state == State.PENDING
    decide(comment, "approve", erik)
    (message,) = later()
    assert "published" in message.subject


def test_a_published_one_that_is_rejected_and_brought_back_within_a_minute_is_not_told_again(
    rita: Commenter, edition: Edition, erik: User, later: Any
) -> None:
    comment = make_comment(edition, commenter=rita)
    decide(comment, "approve", erik)
    later()
    decide(comment, "reject", erik, reason="abuse")
    moderation.undo(comment, by=erik, expected=comment.versions)
    assert later() == []


def test_whoever_was_told_of_a_rejection_is_told_that_it_was_taken_back(
    rita: Commenter, edition: Edition, erik: User, later: Any
) -> None:
    comment = make_published(edition, commenter=rita)
    decide(comment, "reject", erik, reason="abuse")
    assert len(later()) == 1
    moderation.undo(comment, by=erik, expected=comment.versions)
    (message,) = later()
    assert "published" in message.subject


def test_a_job_that_runs_twice_at_once_mails_once(
    rita: Commenter, edition: Edition, erik: User, clock: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    comment = make_comment(edition, commenter=rita)
    decide(comment, "approve", erik)
    clock.shift(following.TOLD_AFTER)
    real = outcomes.outcome

    def meanwhile(*said: Any) -> str:
        monkeypatch.setattr(outcomes, "outcome", real)
        assert outcomes.tell_due() == 1
        return real(*said)

    monkeypatch.setattr(outcomes, "outcome", meanwhile)
    assert outcomes.tell_due() == 0


def test_picks_and_decisions_for_the_same_rule_again_tell_nothing_new(
    rita: Commenter, edition: Edition, adam: User, erik: User, later: Any
) -> None:
    comment = make_comment(edition, commenter=rita)
    decide(comment, "approve", erik)
    later()
    decide(comment, "pick", erik)
    assert later() == []


def test_a_pick_before_the_mail_goes_out_takes_nothing_from_what_is_told(
    rita: Commenter, edition: Edition, charlie: User, erik: User, later: Any
) -> None:
    comment = make_comment(edition, commenter=rita)
    decide(comment, "reject", erik, reason="abuse")
    appeals.answer(appeals.make(comment, "No."), by=charlie, granted=True, answer="You are right.")
    comment.refresh_from_db()
    decide(comment, "pick", erik)
    (letter,) = later()
    assert "Your objection was heard" in letter.body and "You are right." in letter.body


@pytest.mark.parametrize("changed", [{"wants_outcome": False}, {"email": ""}, {"verified_at": None}])
def test_who_did_not_ask_or_did_not_confirm_is_not_mailed(
    edition: Edition, erik: User, later: Any, changed: dict[str, Any]
) -> None:
    comment = make_comment(edition, commenter=make_commenter(**{"email": RITA} | changed))
    decide(comment, "approve", erik)
    assert later() == []


def test_an_anonymous_author_costs_nothing(edition: Edition, erik: User, later: Any) -> None:
    comment = make_comment(edition)
    decide(comment, "approve", erik)
    assert later() == [] and comment.tell_at is None


def test_what_the_answer_to_the_form_has_said_is_not_mailed_as_well(
    rita: Commenter, edition: Edition, later: Any
) -> None:
    Opening.objects.create(article=edition.article, mode=Mode.POST)
    write(reader, edition, identity=identity.make(rita))
    assert Comment.objects.get().state == State.PUBLISHED
    assert later() == []


def test_a_comment_that_is_waiting_again_is_told_again(
    rita: Commenter, edition: Edition, erik: User, later: Any
) -> None:
    comment = make_comment(edition, commenter=rita)
    decide(comment, "reject", erik, reason="abuse")
    assert len(later()) == 1
    decide(comment, "reopen", erik)
    assert later() == []
    decide(comment, "reject", erik, reason="abuse")
    assert len(later()) == 1


def test_a_mail_holds_text_as_text_and_headers_of_one_line(edition: Edition, erik: User, later: Any) -> None:
    rita = make_commenter()
    comment = make_comment(
        edition,
        commenter=rita,
        display_name="Rita\r\nBcc: all@example.org",
        body='<script>alert(1)</script> <img src=x onerror="x"> {{ settings }}',
    )
    decide(comment, "reject", erik, reason="abuse", notice="<a href='javascript:x'>here</a>\r\nBcc: all@example.org")
    (message,) = later()
    html = message.alternatives[0].content
    assert "<script" not in html and "<img" not in html and "<a href='java" not in html
    assert "&lt;script&gt;" in html and "{{ settings }}" in html
    assert message.recipients() == [RITA]
    assert not any("\n" in f"{name}{value}" for name, value in message.extra_headers.items())
    assert message.message()["Bcc"] is None


def test_the_mail_is_written_in_the_readers_language_with_links_to_its_pages(
    edition: Edition, erik: User, later: Any
) -> None:
    comment = make_comment(edition, commenter=make_commenter(language="de"))
    decide(comment, "reject", erik, reason="abuse")
    (message,) = later()
    assert message.subject.startswith("Ihr Kommentar ist nicht zu sehen")
    assert "Beleidigung oder Hass" in message.body
    assert link("status").startswith("/de/comments/status/")
    assert 'lang="de"' in message.alternatives[0].content


def test_an_address_that_cannot_be_mailed_keeps_back_nobody_elses(
    rita: Commenter, edition: Edition, erik: User, later: Any
) -> None:
    broken = make_commenter("imported, broken@example.org")
    for commenter in (broken, rita):
        decide(make_comment(edition, commenter=commenter), "approve", erik)
    assert [message.to for message in later()] == [[RITA]]


# Ending the mails ---------------------------------------------------------------------------------


def test_one_click_ends_the_mails_and_the_page_with_a_button_does_too(
    rita: Commenter, edition: Edition, erik: User, later: Any
) -> None:
    decide(make_comment(edition, commenter=rita), "approve", erik)
    (message,) = later()
    off = message.extra_headers["List-Unsubscribe"].strip("<>")
    assert message.extra_headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    path = link("mails")
    assert off.endswith(path)
    assert reader.get(path).status_code == 200
    rita.refresh_from_db()
    assert rita.wants_outcome
    strict = Client(enforce_csrf_checks=True)
    answer = strict.post(path, {"List-Unsubscribe": "One-Click"}, headers={"Origin": "https://mail.example"})
    assert answer.status_code == 200 and not answer.cookies
    rita.refresh_from_db()
    assert (rita.wants_outcome, rita.wants_replies) == (False, True)
    decide(make_comment(edition, commenter=rita), "approve", erik)
    assert later() == []
    Commenter.objects.update(wants_outcome=True, token_version=7)  # old links end mails too
    assert reader.post(path, {"off": "yes"}).status_code == 200
    rita.refresh_from_db()
    assert not rita.wants_outcome


@pytest.mark.parametrize("token", ["x", "x" * 5000, "é"])
def test_a_link_that_ends_nothing_is_answered_kindly_to_programs(token: str) -> None:
    assert reader.get(f"/comments/mails/{token}/").status_code == 404
    assert reader.post(f"/comments/mails/{token}/", {"List-Unsubscribe": "One-Click"}).status_code == 200
