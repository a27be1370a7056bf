"""What follows from a decision, in its own transaction: reports are closed, appeals settled, a mail falls due.

Called by comments.moderation alone. What is mailed, and when, is for comments.mails.outcomes and comments.reports.
"""

from datetime import timedelta
from typing import Any

from django.db import IntegrityError, transaction

from comments.decisions import IMPORT
from comments.models import Appeal, Comment, ModerationAction, Report
from comments.states import GONE, GRANT, TOMBSTONES, TURNED_DOWN, UNDO, State

# Whoever takes a decision back within this time, takes it back before anybody was mailed about it.
TOLD_AFTER = timedelta(minutes=2)
# The ends that an author is told of.
OUTCOMES = (State.PUBLISHED, State.REJECTED, State.SPAM)


def outcome(state: str, reason: str) -> str:
    """What an author has been told, in a word that changes whenever they are to be told something else."""
    return f"{state} {reason}".strip() if state in OUTCOMES else ""


def mail_due(action: ModerationAction, *, authored: bool) -> dict[str, Any]:
    """The comment's fields that say when its author is mailed.

    A comment that a rule publishes at once was sent, changed or confirmed this moment by its author, who is
    told so by the answer.
    """
    if not authored or action.decision == IMPORT:  # by nobody whose address is known, or long ago
        return {"tell_at": None}
    if action.to_state == State.PUBLISHED and action.automated:
        return {"told": outcome(action.to_state, action.reason), "tell_at": None}
    if action.to_state == action.from_state:
        return {}
    return {"tell_at": action.at + TOLD_AFTER}


def settle(comment: Comment, action: ModerationAction) -> None:
    """Close what the decision answers, and open again what it leaves unanswered."""
    if action.decision == UNDO:
        _reopen(comment, action)
    if action.from_state in TURNED_DOWN and action.decision != GRANT:
        _close_appeals(comment, action)
    if action.to_state in TURNED_DOWN:
        close_reports(comment, action, upheld=True)
    elif action.to_state in (*TOMBSTONES, *GONE) or _was_looked_at(action):
        close_reports(comment, action, upheld=False)


def close_reports(comment: Comment, action: ModerationAction, *, upheld: bool) -> None:
    """Answer all that readers have reported about the comment until now."""
    open_ones = Report.objects.filter(comment=comment, closed_at=None)
    open_ones.update(closed_at=action.at, closed_by=action.by, upheld=upheld)


def _was_looked_at(action: ModerationAction) -> bool:
    """Whether a person found a comment good that was not shown."""
    shown_anew = action.to_state == State.PUBLISHED != action.from_state
    return shown_anew and action.by_id is not None and action.decision != UNDO


def _close_appeals(comment: Comment, action: ModerationAction) -> None:
    """The decision that was objected to does not stand any more."""
    open_ones = Appeal.objects.filter(comment=comment, closed_at=None)
    open_ones.update(closed_at=action.at, closed_by=action.by, granted=True)


def _reopen(comment: Comment, action: ModerationAction) -> None:
    undone = comment.actions.exclude(pk=action.pk).first()
    if undone is None:
        return
    for report in Report.objects.filter(comment=comment, closed_at=undone.at):
        try:
            with transaction.atomic():
                Report.objects.filter(pk=report.pk).update(closed_at=None, closed_by=None, upheld=None, told_at=None)
        except IntegrityError:
            continue  # the same sender has reported it again meanwhile
    appeals = Appeal.objects.filter(comment=comment, closed_at=undone.at, answer="")
    appeals.update(closed_at=None, closed_by=None, granted=None)
