"""A reader changes their own comment within five minutes, and everything is judged anew."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine

from articles import publishing
from articles.factories import make_author, make_live
from comments import editing, moderation, posting
from comments.factories import make_comment, make_published
from comments.models import Comment
from comments.states import State
from newsroom.models import User

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def clock() -> Iterator[Any]:
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


def edit(comment: Comment, body: str = "Better said.", name: str = "Rita", **kwargs: Any) -> None:
    editing.edit(comment, name=name, body=body, **{"expected": comment.versions} | kwargs)


def test_a_changed_text_is_a_new_version_of_it_and_of_its_html() -> None:
    comment = make_comment(make_live())
    edit(comment, body="Better <b>.")
    assert (comment.body, comment.display_name, comment.text_version) == ("Better <b>.", "Rita", 2)
    assert comment.body_html == '<p dir="auto">Better &lt;b&gt;.</p>'
    assert (comment.state, comment.edited_at) == (State.PENDING, NOON)


def test_a_published_comment_waits_again_and_keeps_its_number(django_capture_on_commit_callbacks: Any) -> None:
    edition = make_live()
    make_published(edition)
    comment = make_published(edition)
    edit(comment)
    assert (comment.state, comment.number, comment.published_at) == (State.PENDING, 2, NOON)


def test_the_signs_of_spam_are_looked_for_again() -> None:
    comment = make_comment(make_live(authors=[make_author("Ada Writer")]))
    edit(comment, name="Ada Writer")
    assert "staff_name" in [sign["name"] for sign in comment.signals]
    imitating = comment.score
    edit(comment, name="Rita")
    assert "staff_name" not in [sign["name"] for sign in comment.signals]
    assert comment.score < imitating


def test_what_a_moderator_holds_stays_held(erik: User) -> None:
    comment = make_comment(make_live())
    moderation.decide(comment, "hold", by=erik, expected=comment.versions)
    edit(comment)
    edit(comment, body="Once more.")
    assert (comment.state, comment.body) == (State.HELD, "Once more.")


def test_the_same_words_again_change_nothing() -> None:
    comment = make_published(make_live(), display_name="Rita", body="As it was.")
    edit(comment, body="As it was.")
    assert (comment.state, comment.text_version) == (State.PUBLISHED, 1)
    assert not comment.actions.exists()


def test_after_five_minutes_it_stays_as_it_is(clock: Any) -> None:
    comment = make_comment(make_live())
    clock.shift(timedelta(minutes=4, seconds=59))
    assert editing.may_edit(comment)
    clock.shift(1)
    with pytest.raises(editing.Refused, match="The time to change this comment is over"):
        edit(comment)
    assert Comment.objects.get().text_version == 1


@pytest.mark.parametrize("state", [State.REJECTED, State.SPAM, State.WITHDRAWN, State.ERASED])
def test_what_is_decided_or_taken_away_is_changed_no_more(state: State) -> None:
    comment = make_comment(make_live(), state=state)
    with pytest.raises(editing.Refused):
        edit(comment)


def test_an_article_that_has_closed_takes_no_change(charlie: User) -> None:
    edition = make_live()
    comment = make_comment(edition)
    publishing.withdraw(edition.article, by=charlie, notice="Withdrawn.", reason="error")
    with pytest.raises(posting.Closed):
        edit(comment)


def test_a_moderator_who_was_faster_is_not_overruled_and_not_named(erik: User) -> None:
    comment = make_comment(make_live())
    seen = Comment.objects.get(pk=comment.pk)
    moderation.decide(comment, "reject", by=erik, reason="abuse", expected=comment.versions)
    with pytest.raises(editing.Refused) as refused:
        edit(seen)
    assert "was decided on in the meantime" in str(refused.value)
    assert "rik" not in str(refused.value)
    comment.refresh_from_db()
    assert (comment.state, comment.text_version, comment.edited_at) == (State.REJECTED, 1, None)


def test_a_text_that_was_approved_while_the_author_changed_it_is_shown_to_them_first(erik: User) -> None:
    comment = make_comment(make_live())
    before = comment.versions
    moderation.decide(comment, "approve", by=erik, expected=before)
    with pytest.raises(editing.Refused, match="has changed since you opened this page"):
        edit(comment, expected=before)
    assert comment.state == State.PUBLISHED


def test_a_moderator_who_saw_the_old_text_does_not_approve_the_new_one(erik: User) -> None:
    comment = make_comment(make_live())
    seen = Comment.objects.get(pk=comment.pk)
    edit(comment)
    with pytest.raises(moderation.Stale, match="Its text was changed by its author"):
        moderation.decide(seen, "approve", by=erik, expected=seen.versions)
    assert Comment.objects.get().state == State.PENDING


def test_undoing_does_not_bring_an_unread_text_to_readers(erik: User) -> None:
    comment = make_comment(make_live())
    moderation.decide(comment, "approve", by=erik, expected=comment.versions)
    edit(comment)
    with pytest.raises(moderation.Refused, match="no decision on this comment to undo"):
        moderation.undo(comment, by=erik, expected=comment.versions)
    assert comment.state == State.PENDING


def test_every_change_is_in_the_log_with_both_states() -> None:
    comment = make_published(make_live())
    edit(comment)
    edit(comment, body="And again.")
    log = comment.actions.values_list("decision", "from_state", "to_state", "by", "state_version")
    assert list(log) == [("edit", "pending", "pending", None, 3), ("edit", "published", "pending", None, 2)]


def test_the_page_that_is_kept_loses_the_old_text_with_the_change(
    client: Any, django_capture_on_commit_callbacks: Any
) -> None:
    edition = make_live()
    comment = make_published(edition, body="Quagga")
    assert "Quagga" in client.get(edition.path).content.decode()
    with django_capture_on_commit_callbacks(execute=True):
        edit(comment, body="Okapi")
    page = client.get(edition.path).content.decode()
    assert "Quagga" not in page and "Okapi" not in page
