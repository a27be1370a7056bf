"""An author objects to a decision once; a second person answers, by publishing the comment or by saying why not."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.test import Client

from articles.factories import make_live
from comments import moderation
from comments.factories import make_comment, make_published
from comments.models import Appeal, Ban, Comment
from comments.policy import Judgement
from comments.readers import appeals, jobs, status
from comments.states import State
from comments.tests.markup import assert_harmless
from comments.tests.readers import make_commenter
from newsroom.models import User
from newsroom.testing import client_of, make_user

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
reader = Client()


@pytest.fixture(autouse=True)
def clock() -> Iterator[Any]:
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


@pytest.fixture
def emma(db: None) -> User:
    return make_user("emma", "moderator")


@pytest.fixture
def rejected(erik: User) -> Comment:
    comment = make_comment(make_live(headline="Rain ahead"), body="Well said.", commenter=make_commenter())
    moderation.decide(comment, "reject", by=erik, reason="abuse", expected=comment.versions)
    return comment


def objects(comment: Comment, text: str = "I only quoted him.") -> Any:
    return reader.post(status.address(comment), {"do": "appeal", "text": text})


def page(comment: Comment) -> str:
    return reader.get(status.address(comment)).content.decode()


def test_the_author_objects_on_the_comments_page_and_reads_there_that_it_is_looked_at(rejected: Comment) -> None:
    assert "Object to the decision" in page(rejected)
    assert objects(rejected).status_code == 303
    told = page(rejected)
    assert "I only quoted him." in told and "will look at your comment again" in told
    assert "Object to the decision" not in told
    (appeal,) = appeals.waiting()
    assert (appeal.comment, appeal.action) == (rejected, rejected.actions.first())


def test_a_second_objection_to_the_same_decision_is_refused(rejected: Comment) -> None:
    assert [objects(rejected).status_code for _ in range(2)] == [303, 409]
    assert Appeal.objects.count() == 1


@pytest.mark.parametrize(
    ("text", "sentence"), [("", "Please say why"), ("\u200b", "Please say why"), ("x" * 2001, "2000")]
)
def test_an_objection_has_words_and_not_too_many(rejected: Comment, text: str, sentence: str) -> None:
    response = objects(rejected, text)
    assert response.status_code == 422
    assert sentence in response.content.decode()
    assert Appeal.objects.count() == 0


@pytest.mark.parametrize("state", [State.AWAITING_EMAIL, State.PENDING, State.HELD, State.PUBLISHED, State.WITHDRAWN])
def test_there_is_nothing_to_object_to_where_nothing_was_turned_down(state: State) -> None:
    comment = make_comment(make_live(), state=state)
    assert "Object to the decision" not in page(comment)
    assert objects(comment).status_code == 409


def test_what_was_removed_after_it_was_published_can_be_objected_to(erik: User) -> None:
    comment = make_published(make_live())
    moderation.decide(comment, "spam", by=erik, expected=comment.versions)
    assert "Your comment was taken off the page." in page(comment)
    assert objects(comment).status_code == 303


def test_a_banned_reader_may_object_since_that_is_no_writing_and_once_only(rejected: Comment) -> None:
    Ban.objects.create(commenter=rejected.commenter, reason="Threats")
    Ban.objects.create(network="127.0.0.0/24", reason="Flood", ends_at=NOON + timedelta(days=1))
    assert [objects(rejected).status_code for _ in range(2)] == [303, 409]


# The answer ---------------------------------------------------------------------------------------


def test_granted_the_comment_is_published_and_it_is_logged_who_did(
    rejected: Comment, emma: User, clock: Any, django_capture_on_commit_callbacks: Any
) -> None:
    objects(rejected)
    appeals.answer(Appeal.objects.get(), by=emma, granted=True, answer="You were right.")
    rejected.refresh_from_db()
    action = rejected.actions.first()
    assert action is not None
    assert (rejected.state, rejected.number, rejected.reason) == (State.PUBLISHED, 1, "")
    assert (action.decision, action.by, action.notice) == ("grant", emma, "You were right.")
    told = page(rejected)
    assert "Your objection was heard." in told and "You were right." in told
    clock.shift(timedelta(minutes=3))
    with django_capture_on_commit_callbacks(execute=True):
        jobs.tell.call_local()
    assert "Your objection was heard: your comment is published." in mail.outbox[-1].body


def test_refused_the_author_reads_why_on_the_page_and_by_mail(
    rejected: Comment, emma: User, django_capture_on_commit_callbacks: Any
) -> None:
    objects(rejected)
    with django_capture_on_commit_callbacks(execute=True):
        appeals.answer(Appeal.objects.get(), by=emma, granted=False, answer="Quoting does not make it better.")
    rejected.refresh_from_db()
    assert rejected.state == State.REJECTED
    for words in ("The decision stands.", "Quoting does not make it better."):
        assert words in page(rejected)
        assert words in mail.outbox[-1].body
    assert objects(rejected).status_code == 409


def test_a_refusal_has_words(rejected: Comment, emma: User) -> None:
    objects(rejected)
    with pytest.raises(moderation.Refused, match="Tell the author why"):
        appeals.answer(Appeal.objects.get(), by=emma, granted=False, answer=" ")


def test_who_decided_does_not_answer(rejected: Comment, erik: User) -> None:
    objects(rejected)
    appeal = Appeal.objects.get()
    assert not appeals.may_answer(erik, appeal)
    for granted in (True, False):
        with pytest.raises(moderation.Refused, match="made this decision yourself"):
            appeals.answer(appeal, by=erik, granted=granted, answer="No.")


@pytest.mark.parametrize("name", ["mallory", "alice", "bob"])
def test_nobody_answers_without_the_permission(rejected: Comment, name: str, request: pytest.FixtureRequest) -> None:
    objects(rejected)
    with pytest.raises(moderation.Refused, match="may not decide"):
        appeals.answer(Appeal.objects.get(), by=request.getfixturevalue(name), granted=True, answer="")


def test_what_a_rule_decided_any_moderator_answers(erik: User) -> None:
    comment = make_comment(make_live())
    moderation.take_up(comment, Judgement(State.REJECTED, "words", "abuse"))
    assert "by a rule of this site, not by a person" in page(comment)
    objects(comment)
    appeals.answer(Appeal.objects.get(), by=erik, granted=True, answer="")
    comment.refresh_from_db()
    assert comment.state == State.PUBLISHED


def test_of_two_who_answer_the_second_is_told_who_was_faster(rejected: Comment, emma: User) -> None:
    objects(rejected)
    first, second = Appeal.objects.get(), Appeal.objects.get()
    appeals.answer(first, by=emma, granted=False, answer="No.")
    with pytest.raises(moderation.Stale, match=r"(?i)emma"):
        appeals.answer(second, by=make_user("ed", "moderator"), granted=True, answer="")
    rejected.refresh_from_db()
    assert rejected.state == State.REJECTED


@pytest.mark.parametrize("decision", ["approve", "reopen", "undo"])
def test_a_decision_that_is_taken_back_settles_the_objection(rejected: Comment, erik: User, decision: str) -> None:
    objects(rejected)
    rejected.refresh_from_db()
    if decision == "undo":
        moderation.undo(rejected, by=erik, expected=rejected.versions)
    else:
        moderation.decide(rejected, decision, by=erik, expected=rejected.versions)
    assert not appeals.waiting().exists()
    assert Appeal.objects.get().granted
    moderation.undo(rejected, by=erik, expected=rejected.versions)
    assert rejected.state == State.REJECTED
    assert [appeal.pk for appeal in appeals.waiting()] == [Appeal.objects.get().pk]


def test_a_new_decision_can_be_objected_to_again(rejected: Comment, erik: User, emma: User) -> None:
    objects(rejected)
    appeals.answer(Appeal.objects.get(), by=emma, granted=True, answer="")
    rejected.refresh_from_db()
    moderation.decide(rejected, "reject", by=erik, reason="off_topic", expected=rejected.versions)
    assert objects(rejected).status_code == 303
    assert Appeal.objects.count() == 2


def test_a_granted_appeal_is_not_undone_in_passing(rejected: Comment, emma: User) -> None:
    objects(rejected)
    appeals.answer(Appeal.objects.get(), by=emma, granted=True, answer="")
    rejected.refresh_from_db()
    with pytest.raises(moderation.Refused):
        moderation.undo(rejected, by=emma, expected=rejected.versions)


def test_what_is_typed_stays_text(rejected: Comment, emma: User, django_capture_on_commit_callbacks: Any) -> None:
    objects(rejected, '<script>alert(1)</script><img src=x onerror="x">')
    with django_capture_on_commit_callbacks(execute=True):
        appeals.answer(Appeal.objects.get(), by=emma, granted=False, answer="<script>2</script>")
    assert_harmless(page(rejected).partition("<main")[2].partition("</main>")[0].partition("<script type")[0])
    assert "<script" not in mail.outbox[-1].alternatives[0].content  # type: ignore[attr-defined]


# Taking away one's own ----------------------------------------------------------------------------


def withdraw(comment: Comment, versions: str = "") -> Any:
    form = {"do": "withdraw", "versions": versions or "{}.{}".format(*comment.versions)}
    return reader.post(status.address(comment), form)


def test_the_author_takes_a_published_comment_away_and_its_place_stays_where_replies_stand() -> None:
    edition = make_live()
    comment = make_published(edition, body="Quagga")
    make_published(edition, parent=comment, body="I see")
    assert withdraw(comment).status_code == 303
    comment.refresh_from_db()
    action = comment.actions.get()
    assert (comment.state, action.decision, action.by) == (State.WITHDRAWN, "withdraw", None)
    shown = reader.get(edition.path).content.decode()
    assert "Quagga" not in shown and "taken away by its author" in shown and "I see" in shown
    assert "You have taken your comment away." in page(comment)
    assert withdraw(comment).status_code == 303
    assert comment.actions.count() == 1


@pytest.mark.parametrize("state", [State.PENDING, State.HELD, State.AWAITING_EMAIL])
def test_what_waits_can_be_taken_away_too_and_stands_in_no_queue_any_more(state: State, erik: User) -> None:
    comment = make_comment(make_live(), state=state, body="Quagga")
    told = page(comment)
    assert "Take my comment away" in told and "Nobody looks at your comment any more" in told
    assert withdraw(comment).status_code == 303
    comment.refresh_from_db()
    assert comment.state == State.WITHDRAWN
    assert "You have taken your comment away." in page(comment)
    queue = client_of(erik).get("/admin/comments/comment/").content.decode()
    assert "Quagga" not in queue
    assert reader.get(comment.article.editions.get().path).content.decode().count("taken away by its author") == 0


def test_a_decision_that_was_made_meanwhile_is_shown_before_it_is_taken_away(erik: User) -> None:
    comment = make_comment(make_live())
    versions = "{}.{}".format(*comment.versions)
    moderation.decide(comment, "approve", by=erik, expected=comment.versions)
    assert withdraw(comment, versions).status_code == 409
    comment.refresh_from_db()
    assert comment.state == State.PUBLISHED


@pytest.mark.parametrize("state", [State.REJECTED, State.SPAM, State.ERASED, State.ERASED_HIDDEN])
def test_what_was_turned_down_or_erased_is_not_taken_away(state: State) -> None:
    comment = make_comment(make_live(), state=state)
    assert "Take my comment away" not in page(comment)
    withdraw(comment)
    comment.refresh_from_db()
    assert comment.state == state


def test_nobody_undoes_for_the_author_what_they_took_away(erik: User) -> None:
    comment = make_published(make_live())
    withdraw(comment)
    comment.refresh_from_db()
    with pytest.raises(moderation.Refused):
        moderation.undo(comment, by=erik, expected=comment.versions)


@pytest.mark.parametrize("versions", ["9.9", "x", "1.1.1", "-1.1"])
def test_what_was_not_on_the_screen_is_not_taken_away(versions: str) -> None:
    comment = make_published(make_live())
    response = withdraw(comment, versions)
    assert response.status_code == 409
    comment.refresh_from_db()
    assert comment.state == State.PUBLISHED


def test_a_banned_network_cannot_change_a_comment_and_can_take_it_away() -> None:
    comment = make_published(make_live(), address_prefix="")
    Ban.objects.create(network="127.0.0.0/24", reason="Flood", ends_at=NOON + timedelta(days=1))
    form = {"name": "Rita", "body": "Changed", "versions": "{}.{}".format(*comment.versions)}
    response = reader.post(status.address(comment), form)
    assert response.status_code == 403
    assert "Flood" in response.content.decode()
    assert withdraw(comment).status_code == 303


def test_a_banned_reader_cannot_change_a_comment_from_another_network(rejected: Comment) -> None:
    comment = make_comment(rejected.article, commenter=rejected.commenter, address_prefix="")
    Ban.objects.create(commenter=rejected.commenter, reason="Threats")
    form = {"name": "Rita", "body": "Changed", "versions": "{}.{}".format(*comment.versions)}
    response = reader.post(status.address(comment), form)
    assert response.status_code == 403
    assert "Threats" in response.content.decode()
    comment.refresh_from_db()
    assert comment.body != "Changed"


# True sentences -----------------------------------------------------------------------------------


def test_a_published_comment_that_nobody_can_come_upon_is_not_said_to_be_shown() -> None:
    edition = make_live()
    parent = make_published(edition)
    reply = make_published(edition, parent=parent)
    Comment.objects.filter(pk=parent.pk).update(state=State.REJECTED)
    told = page(reply)
    assert "is shown under the article" not in told
    assert "published, but not in sight" in told
