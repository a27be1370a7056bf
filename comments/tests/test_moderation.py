"""The moderators' decisions: the whole table, by everybody, against a colleague who is faster."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.db import IntegrityError, transaction

from articles.factories import make_live
from comments import moderation
from comments.factories import make_comment, make_published
from comments.models import Comment, ModerationAction, RejectionReason
from comments.states import State
from newsroom.lib import clock
from newsroom.models import User
from newsroom.testing import CAST, make_user

pytestmark = pytest.mark.django_db

APPROVE, REJECT, SPAM, HOLD, REOPEN = "approve", "reject", "spam", "hold", "reopen"
PICK, UNPICK = "pick", "unpick"

# The specification, written a second time: all that is not here is refused.
ALLOWED = {
    (State.PENDING, APPROVE): State.PUBLISHED,
    (State.PENDING, REJECT): State.REJECTED,
    (State.PENDING, SPAM): State.SPAM,
    (State.PENDING, HOLD): State.HELD,
    (State.HELD, APPROVE): State.PUBLISHED,
    (State.HELD, REJECT): State.REJECTED,
    (State.HELD, SPAM): State.SPAM,
    (State.PUBLISHED, REJECT): State.REJECTED,
    (State.PUBLISHED, SPAM): State.SPAM,
    (State.REJECTED, APPROVE): State.PUBLISHED,
    (State.REJECTED, REOPEN): State.PENDING,
    (State.SPAM, REOPEN): State.PENDING,
    (State.PUBLISHED, PICK): State.PUBLISHED,
    (State.PUBLISHED, UNPICK): State.PUBLISHED,
}
MODERATORS = {"moderator", "duty editor"}
PICKERS = MODERATORS | {"section editor"}
EVERYBODY = sorted(set(CAST.values()), key=str)


def decide(comment: Comment, decision: str, by: User) -> ModerationAction:
    return moderation.decide(comment, decision, by=by, reason="abuse", expected=comment.versions)


def test_the_table_is_the_specification() -> None:
    table = {(state, row.name): row.to for row in moderation.DECISIONS.values() for state in row.froms}
    assert table == ALLOWED


def make_for(decision: str, state: str) -> Comment:
    """A comment in that state; a picked one where the decision ends that."""
    return make_comment(make_live(), state=state, picked_at=clock.now() if decision == UNPICK else None)


@pytest.mark.once
@pytest.mark.parametrize("role", EVERYBODY)
@pytest.mark.parametrize("state", State.values)
def test_every_decision_in_every_state_by_every_role(state: str, role: str | None) -> None:
    user = make_user("somebody", role)
    for decision in moderation.DECISIONS:
        comment = make_for(decision, state)
        offered = decision in {row.name for row in moderation.open_decisions(user, comment)}
        may = PICKERS if decision in (PICK, UNPICK) else MODERATORS
        expected = ALLOWED.get((State(state), decision)) if role in may else None
        assert offered == bool(expected)
        if expected:
            decide(comment, decision, user)
        else:
            with pytest.raises(moderation.Refused):
                decide(comment, decision, user)
        comment.refresh_from_db()
        assert comment.state == (expected or state)
        assert comment.actions.count() == bool(expected)


def test_a_decision_is_one_step_with_one_row_of_the_log(erik: User) -> None:
    comment = make_comment(make_live())
    with time_machine.travel(datetime(2026, 3, 1, 12, 0, tzinfo=UTC), tick=False):
        moderation.decide(
            comment, REJECT, by=erik, reason="abuse", note="third time", notice="Mind your words.", expected=(1, 1)
        )
    action = ModerationAction.objects.get()
    assert (action.from_state, action.to_state, action.by) == (State.PENDING, State.REJECTED, erik)
    assert (action.reason, action.note, action.notice) == ("abuse", "third time", "Mind your words.")
    assert (action.state_version, action.text_version, action.automated) == (2, 1, False)
    assert (comment.state, comment.reason, comment.state_version) == (State.REJECTED, "abuse", 2)
    assert comment.state_at == action.at == datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


def test_the_log_only_grows(erik: User) -> None:
    action = decide(make_comment(make_live()), APPROVE, erik)
    with pytest.raises(TypeError):
        action.save()


def test_rejecting_needs_a_rule(erik: User) -> None:
    comment = make_comment(make_live())
    with pytest.raises(moderation.Refused, match="Choose the rule"):
        moderation.decide(comment, REJECT, by=erik, expected=comment.versions)
    with pytest.raises(moderation.Refused, match="Choose the rule"):
        moderation.decide(comment, REJECT, by=erik, reason="because", expected=comment.versions)


def test_who_is_second_is_told_who_was_first_and_when(erik: User, charlie: User) -> None:
    comment = make_comment(make_live())
    on_screen = Comment.objects.get(pk=comment.pk)
    with time_machine.travel(datetime(2026, 3, 1, 12, 0, tzinfo=UTC), tick=False) as clock:
        decide(comment, REJECT, erik)
        clock.shift(timedelta(seconds=4))
        with pytest.raises(moderation.Stale, match=r"It was rejected by Erik 4 seconds ago\."):
            decide(on_screen, APPROVE, charlie)
        clock.shift(timedelta(minutes=3))
        with pytest.raises(moderation.Stale, match="rejected by Erik 3\xa0minutes ago"):
            decide(on_screen, APPROVE, charlie)
    comment.refresh_from_db()
    assert (comment.state, comment.actions.count()) == (State.REJECTED, 1)


def test_a_form_from_before_the_last_decision_is_stale_though_the_comment_was_loaded_afresh(
    erik: User, charlie: User
) -> None:
    comment = make_comment(make_live())
    seen = comment.versions
    decide(comment, HOLD, erik)
    with pytest.raises(moderation.Stale, match="It was held by Erik"):
        moderation.decide(Comment.objects.get(), APPROVE, by=charlie, expected=seen)


def test_a_text_that_was_edited_while_it_was_approved_is_not_approved(erik: User) -> None:
    comment = make_comment(make_live())
    on_screen = Comment.objects.get(pk=comment.pk)
    now = datetime.now(UTC)
    Comment.objects.filter(pk=comment.pk).update(text_version=2, body="worse", edited_at=now)
    with pytest.raises(moderation.Stale, match="Its text was changed by its author"):
        decide(on_screen, APPROVE, erik)
    assert Comment.objects.get().state == State.PENDING


def test_numbers_are_given_in_the_order_of_publication_and_never_again(erik: User) -> None:
    edition = make_live()
    first, second, third = (make_comment(edition) for _ in range(3))
    decide(second, APPROVE, erik)
    decide(first, APPROVE, erik)
    published_at = second.published_at
    decide(second, REJECT, erik)
    decide(third, APPROVE, erik)
    decide(second, APPROVE, erik)
    assert [second.number, first.number, third.number] == [1, 2, 3]
    assert second.published_at == published_at


def test_each_article_counts_for_itself(erik: User) -> None:
    one, other = make_comment(make_live()), make_comment(make_live())
    decide(one, APPROVE, erik)
    decide(other, APPROVE, erik)
    assert (one.number, other.number) == (1, 1)


def test_a_number_taken_at_the_same_instant_is_tried_again(erik: User, monkeypatch: pytest.MonkeyPatch) -> None:
    edition = make_live()
    make_published(edition)
    comment, real, calls = make_comment(edition), moderation._number, []

    def taken_once(comment: Comment) -> object:
        calls.append(comment)
        return 1 if len(calls) == 1 else real(comment)

    monkeypatch.setattr(moderation, "_number", taken_once)
    decide(comment, APPROVE, erik)
    assert comment.number == 2
    assert comment.actions.count() == 1


def test_the_database_takes_no_number_twice_and_no_published_comment_without_one() -> None:
    edition = make_live()
    make_published(edition)
    with pytest.raises(IntegrityError), transaction.atomic():
        make_published(edition, number=1)
    with pytest.raises(IntegrityError), transaction.atomic():
        make_published(edition, number=None)


@pytest.mark.parametrize("state, decision", list(ALLOWED))
def test_undo_brings_back_the_state_before(state: State, decision: str, erik: User) -> None:
    comment = make_for(decision, state)
    picked = comment.picked_at is not None
    decide(comment, decision, erik)
    number = comment.number
    moderation.undo(comment, by=erik, expected=comment.versions)
    assert (comment.state, comment.number, comment.picked_at is not None) == (state, number, picked)
    assert comment.actions.count() == 2


def test_what_was_rejected_is_rejected_for_the_same_rule_when_its_approval_is_undone(erik: User) -> None:
    RejectionReason.objects.filter(code="abuse").update(clause="§ 4")
    comment = make_comment(make_live())
    decide(comment, REJECT, erik)
    decide(comment, APPROVE, erik)
    assert comment.reason == ""
    moderation.undo(comment, by=erik, expected=comment.versions)
    assert (comment.state, comment.reason) == (State.REJECTED, "abuse")
    assert [action.clause for action in comment.actions.all()] == ["§ 4", "", "§ 4"]


def test_a_pick_is_logged_and_nobody_picks_what_is_picked(erik: User, charlie: User) -> None:
    comment = make_published(make_live())
    on_screen = Comment.objects.get(pk=comment.pk)
    with time_machine.travel(datetime(2026, 3, 1, 12, 0, tzinfo=UTC), tick=False):
        decide(comment, PICK, erik)
        assert comment.picked_at == datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
        assert [(action.decision, action.by) for action in comment.actions.all()] == [(PICK, erik)]
        with pytest.raises(moderation.Stale, match=r"It was picked by Erik 1 second ago\."):
            decide(on_screen, PICK, charlie)
        with pytest.raises(moderation.Refused, match="is not open"):
            decide(comment, PICK, charlie)


def test_an_undo_of_an_undone_pick_picks_again(erik: User) -> None:
    comment = make_published(make_live())
    decide(comment, PICK, erik)
    for picked in (False, True):
        moderation.undo(comment, by=erik, expected=comment.versions)
        assert (comment.picked_at is not None) == picked


def test_undo_after_a_colleague_is_refused(erik: User, charlie: User) -> None:
    comment = make_comment(make_live())
    decide(comment, APPROVE, erik)
    seen = comment.versions
    decide(Comment.objects.get(), SPAM, charlie)
    with pytest.raises(moderation.Stale, match="marked as spam by Charlie"):
        moderation.undo(Comment.objects.get(), by=erik, expected=seen)


def test_there_is_nothing_to_undo_before_the_first_decision(erik: User) -> None:
    comment = make_comment(make_live())
    with pytest.raises(moderation.Refused, match="no decision"):
        moderation.undo(comment, by=erik, expected=comment.versions)


def test_an_outsider_undoes_nothing(erik: User, mallory: User, bob: User) -> None:
    comment = make_comment(make_live())
    decide(comment, APPROVE, erik)
    for outsider in (mallory, bob):
        with pytest.raises(moderation.Refused):
            moderation.undo(comment, by=outsider, expected=comment.versions)
    assert Comment.objects.get().state == State.PUBLISHED


# Rows that no moderator is offered ------------------------------------------------------------


@pytest.mark.once
@pytest.mark.parametrize("role", EVERYBODY)
@pytest.mark.parametrize("state", State.values)
def test_an_appeal_is_granted_by_moderators_and_only_where_readers_do_not_see_the_comment(
    state: str, role: str | None
) -> None:
    comment, user = make_comment(make_live(), state=state), make_user("somebody", role)
    expected = role in MODERATORS and state in (State.REJECTED, State.SPAM)
    if expected:
        moderation.grant(comment, by=user, notice="You are right.")
    else:
        with pytest.raises(moderation.Refused):
            moderation.grant(comment, by=user, notice="You are right.")
    comment.refresh_from_db()
    assert comment.state == (State.PUBLISHED if expected else state)
    assert comment.actions.count() == expected


@pytest.mark.parametrize("state", State.values)
def test_authors_withdraw_what_waits_or_is_published_and_nothing_else(state: str) -> None:
    comment = make_comment(make_live(), state=state)
    may = state in ("awaiting_email", "pending", "held", "published")
    if may:
        moderation.withdraw(comment, expected=comment.versions)
    else:
        with pytest.raises(moderation.Refused):
            moderation.withdraw(comment, expected=comment.versions)
    comment.refresh_from_db()
    assert comment.state == (State.WITHDRAWN if may else state)


@pytest.mark.parametrize("decision", sorted(moderation.NO_DECISIONS))
def test_no_moderator_undoes_what_was_no_decision_of_theirs(decision: str, erik: User) -> None:
    comment = make_comment(make_live())
    ModerationAction.objects.create(
        comment=comment,
        decision=decision,
        from_state=State.HELD,
        to_state=State.PENDING,
        text_version=1,
        state_version=1,
        at=clock.now(),
    )
    with pytest.raises(moderation.Refused, match="no decision"):
        moderation.undo(comment, by=erik, expected=comment.versions)
    assert not moderation.undoable(list(comment.actions.all()))
