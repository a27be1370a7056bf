"""Readers who want it are mailed that somebody answered: in bundles, of what is shown, and never of their own."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.core import mail

from articles import publishing
from articles.factories import make_live
from comments import following, moderation
from comments.factories import make_comment, make_published
from comments.mails import replies
from comments.models import Comment, Commenter
from comments.states import State
from comments.tests.readers import RITA, make_commenter, tell
from newsroom.models import User

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
SETTLED = following.TOLD_AFTER


@pytest.fixture(autouse=True)
def clock() -> Iterator[Any]:
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


@pytest.fixture
def rita() -> Commenter:
    return make_commenter(wants_outcome=False)


@pytest.fixture
def mine(rita: Commenter) -> Comment:
    return make_published(make_live(headline="Rain ahead"), commenter=rita)


@pytest.fixture
def later(clock: Any, django_capture_on_commit_callbacks: Any) -> Callable[..., list[Any]]:
    def act(span: timedelta = SETTLED) -> list[Any]:
        clock.shift(span)
        before = len(mail.outbox)
        with django_capture_on_commit_callbacks(execute=True):
            tell()
        return mail.outbox[before:]

    return act


def answer(parent: Comment, **fields: Any) -> Comment:
    return make_published(parent.article, parent=parent, **fields)


def test_an_answer_is_told_once_it_is_published_with_name_words_and_permalink(
    mine: Comment, erik: User, later: Any
) -> None:
    reply = make_comment(mine.article, parent=mine, display_name="Otto", body="I do not agree.")
    assert later() == []
    moderation.decide(reply, "approve", by=erik, expected=reply.versions)
    assert later(timedelta(seconds=30)) == []
    (message,) = later()
    assert message.to == [RITA]
    assert message.subject == "1 answer to your comment: Rain ahead"
    for words in ("Otto", "I do not agree.", f"/comments/{reply.public_id}/"):
        assert words in message.body
    assert message.extra_headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert later(timedelta(hours=1)) == []


def test_a_burst_makes_one_mail_and_the_next_comes_a_quarter_of_an_hour_later(mine: Comment, later: Any) -> None:
    for _ in range(3):
        answer(mine)
    (message,) = later()
    assert message.subject.startswith("3 answers")
    answer(mine)
    answer(mine)
    assert later() == []
    assert later(timedelta(minutes=5)) == []
    (message,) = later(timedelta(minutes=10))
    assert message.subject.startswith("2 answers")


def test_two_discussions_are_two_mails_and_the_author_of_each_answered_comment_gets_theirs(
    mine: Comment, rita: Commenter, later: Any
) -> None:
    other = make_published(mine.article, commenter=rita)
    otto = answer(mine, commenter=make_commenter("otto@example.org"))
    answer(other)
    answer(otto)
    assert sorted(message.to[0] for message in later()) == ["otto@example.org", RITA, RITA]


@pytest.mark.parametrize("state", [State.REJECTED, State.SPAM, State.WITHDRAWN, State.ERASED, State.HELD])
def test_what_was_hidden_meanwhile_is_not_told(mine: Comment, later: Any, state: State) -> None:
    Comment.objects.filter(pk=answer(mine).pk).update(state=state)
    assert later() == []


def test_what_stands_under_something_hidden_is_not_told(rita: Commenter, later: Any) -> None:
    edition = make_live()
    hidden = make_published(edition)
    below = make_published(edition, parent=hidden, commenter=rita)
    answer(below)
    Comment.objects.filter(pk=hidden.pk).update(state=State.REJECTED)
    assert later() == []


def test_an_article_that_was_withdrawn_is_not_told_of(mine: Comment, charlie: User, later: Any) -> None:
    answer(mine)
    publishing.withdraw(mine.article, by=charlie, notice="Withdrawn.", reason="error")
    assert later() == []


def test_nobody_is_told_of_their_own_answers(mine: Comment, rita: Commenter, later: Any) -> None:
    answer(mine, commenter=rita)
    assert later() == []


@pytest.mark.parametrize("changed", [{"wants_replies": False}, {"email": ""}, {"verified_at": None}])
def test_who_did_not_ask_is_not_told(mine: Comment, later: Any, changed: dict[str, Any]) -> None:
    Commenter.objects.update(**changed)
    answer(mine)
    assert later() == []


def test_what_is_older_than_two_days_is_news_no_more(mine: Comment, later: Any) -> None:
    answer(mine)
    assert later(timedelta(days=2, minutes=1)) == []


def test_two_workers_mail_once(mine: Comment, clock: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    answer(mine)
    clock.shift(SETTLED)
    real = replies._told_lately

    def meanwhile(parent: Comment) -> bool:
        monkeypatch.setattr(replies, "_told_lately", real)
        assert replies.tell_due() == 1
        return False

    monkeypatch.setattr(replies, "_told_lately", meanwhile)
    assert replies.tell_due() == 0


def test_the_words_of_others_stay_text(mine: Comment, later: Any) -> None:
    answer(mine, display_name="<b>Otto", body="<script>x</script> " + "y" * 5000)
    (message,) = later()
    html = message.alternatives[0].content
    assert "<script" not in html and "<b>" not in html
    assert "y" * 301 not in html
