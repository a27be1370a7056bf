"""The spam filter learns from what people decide, once, and unlearns what they take back."""

from typing import Any

import pytest

from articles.factories import make_live
from comments import moderation
from comments.factories import make_comment, make_published
from comments.models import Comment, Lesson, MarkCount, ModerationAction
from comments.spam import bayes, learning
from comments.states import State
from newsroom.lib import clock
from newsroom.models import User

pytestmark = pytest.mark.django_db

BODY = "Golden ducks for everybody"


@pytest.fixture(autouse=True)
def committed(django_capture_on_commit_callbacks: Any) -> Any:
    """Jobs are done when a decision is committed; tests decide within `with committed():`."""
    return lambda: django_capture_on_commit_callbacks(execute=True)


def decide(committed: Any, comment: Comment, decision: str, by: User, reason: str = "") -> None:
    with committed():
        if decision == "undo":
            moderation.undo(comment, by=by, expected=comment.versions)
        else:
            moderation.decide(comment, decision, by=by, reason=reason, expected=comment.versions)


def learnt() -> dict[str, tuple[int, int]]:
    """Counts of all comments, of a word and of all rows taken together."""
    rows = {row.key: (row.spam, row.good) for row in MarkCount.objects.all()}
    return {"all": rows.get(MarkCount.ALL, (0, 0)), "ducks": rows.get(bayes.key("ducks"), (0, 0))}


@pytest.mark.parametrize(
    "state, decision, reason, counts",
    [
        (State.PENDING, "spam", "", (1, 0)),
        (State.PUBLISHED, "spam", "", (1, 0)),
        (State.PENDING, "reject", "advertising", (1, 0)),
        (State.PENDING, "reject", "abuse", (0, 0)),
        (State.PENDING, "approve", "", (0, 1)),
        (State.HELD, "approve", "", (0, 1)),
        (State.PENDING, "hold", "", (0, 0)),
    ],
)
def test_what_a_decision_teaches(
    state: str, decision: str, reason: str, counts: tuple[int, int], erik: User, committed: Any
) -> None:
    comment = make_comment(make_live(), state=state, body=BODY)
    decide(committed, comment, decision, erik, reason)
    assert learnt() == {"all": counts, "ducks": counts}


def test_learning_again_changes_nothing(erik: User, committed: Any) -> None:
    comment = make_comment(make_live(), body=BODY)
    decide(committed, comment, "spam", erik)
    for _ in range(3):
        learning.learn(comment.pk)
    assert learnt() == {"all": (1, 0), "ducks": (1, 0)}


def test_an_undo_unlearns_and_an_undo_of_the_undo_learns_again(erik: User, committed: Any) -> None:
    comment = make_comment(make_live(), body=BODY)
    for decision, counts in (("spam", (1, 0)), ("undo", (0, 0)), ("undo", (1, 0)), ("undo", (0, 0))):
        decide(committed, comment, decision, erik)
        assert learnt()["ducks"] == counts
    assert list(MarkCount.objects.values_list("pk", flat=True)) == [MarkCount.ALL]
    assert not Lesson.objects.exists()


def test_another_decision_replaces_what_was_learnt(erik: User, committed: Any) -> None:
    comment = make_comment(make_live(), body=BODY)
    decide(committed, comment, "approve", erik)
    decide(committed, comment, "spam", erik)
    assert learnt() == {"all": (1, 0), "ducks": (1, 0)}
    decide(committed, comment, "undo", erik)
    assert learnt() == {"all": (0, 1), "ducks": (0, 1)}


def test_what_a_rule_decided_teaches_nothing() -> None:
    comment = make_published(make_live(), body=BODY)
    ModerationAction.objects.create(
        comment=comment,
        decision="approve",
        from_state=State.PENDING,
        to_state=State.PUBLISHED,
        automated=True,
        rule="trust",
        text_version=1,
        state_version=1,
        at=clock.now(),
    )
    learning.learn(comment.pk)
    assert not Lesson.objects.exists()


def test_a_text_that_was_changed_after_the_decision_teaches_what_was_decided_on(erik: User, committed: Any) -> None:
    comment = make_comment(make_live(), body=BODY)
    decide(committed, comment, "approve", erik)
    Comment.objects.update(body="Silver geese", text_version=2)
    learning.learn(comment.pk)
    assert learnt()["ducks"] == (0, 1)
    comment.refresh_from_db()
    decide(committed, comment, "spam", erik)
    assert learnt() == {"all": (1, 0), "ducks": (0, 0)}
    assert MarkCount.objects.get(pk=bayes.key("geese")).spam == 1


def test_a_text_that_was_changed_before_it_was_learnt_teaches_nothing(erik: User) -> None:
    comment = make_comment(make_live(), body=BODY)
    moderation.decide(comment, "approve", by=erik, expected=comment.versions)
    Comment.objects.update(body="Silver geese", text_version=2)
    learning.learn(comment.pk)
    assert not Lesson.objects.exists()


def test_what_is_erased_is_unlearnt(erik: User, committed: Any) -> None:
    comment = make_comment(make_live(), body=BODY)
    decide(committed, comment, "spam", erik)
    Comment.objects.update(state=State.ERASED, body="")
    learning.learn(comment.pk)
    assert learnt() == {"all": (0, 0), "ducks": (0, 0)}


def test_decisions_change_how_the_next_comment_is_judged(erik: User, committed: Any) -> None:
    edition = make_live()
    before = bayes.judge(BODY, learning.counts(BODY)).weight
    for number in range(5):
        decide(committed, make_comment(edition, body=f"{BODY} {number}"), "spam", erik)
    after = bayes.judge(BODY, learning.counts(BODY))
    assert after.weight >= bayes.HOLD_FROM > before
    assert "golden ducks" in after.marks


def test_what_is_known_of_a_text_costs_one_query(django_assert_num_queries: Any) -> None:
    bayes.prior()
    with django_assert_num_queries(1):
        learning.counts(BODY * 100)
