"""A second look at a decision, asked for by the comment's author and taken by somebody else than who decided."""

from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from comments import moderation
from comments.mails import letters
from comments.models import Appeal, Comment, ModerationAction
from comments.states import TURNED_DOWN
from newsroom.lib import clock
from newsroom.models import User

TEXT_LIMIT = 2_000
APPEALABLE = TURNED_DOWN


class Refused(Exception):
    """There is nothing to object to, or it was objected to already. As text: why."""


def waiting() -> QuerySet[Appeal]:
    """What nobody has answered yet, with comment and decision, the oldest first."""
    return Appeal.objects.filter(closed_at=None).select_related("comment", "action__by").order_by("pk")


def decision_on(comment: Comment) -> ModerationAction | None:
    """The decision that keeps the comment from readers, if its author can object to it now."""
    if comment.state not in APPEALABLE:
        return None
    action = comment.actions.first()
    if action is None or Appeal.objects.filter(Q(action=action) | Q(comment=comment, closed_at=None)).exists():
        return None
    return action


def make(comment: Comment, text: str) -> Appeal:
    """Object to the decision that keeps the comment from readers. Raises Refused.

    A ban does not stand in the way: it keeps from writing, and what was decided before can still be wrong. One
    objection to a decision is all that it lets through.
    """
    action = decision_on(comment)
    if action is None:
        raise Refused(_("There is no decision on this comment that you can object to now. Its state stands above."))
    try:
        with transaction.atomic():
            return Appeal.objects.create(action=action, comment=comment, text=text, created_at=clock.now())
    except IntegrityError as error:
        raise Refused(_("You have objected to this decision already. Somebody will answer you.")) from error


def may_answer(user: User, appeal: Appeal) -> bool:
    """Whether `user` is a second person to the decision. What a rule decided, any moderator may look at."""
    return user.has_perm(moderation.MODERATE) and appeal.action.by_id != user.pk


def answer(appeal: Appeal, *, by: User, granted: bool, answer: str) -> None:
    """Answer the appeal: `granted`, the comment is published again; else the decision stands, and `answer` says why.

    The author reads `answer` on the comment's page, and by mail if they want that. Raises moderation.Refused if
    `by` may not or says nothing, moderation.Stale if somebody was faster.
    """
    moderation.require(by)
    if not may_answer(by, appeal):
        raise moderation.Refused(_("You made this decision yourself. Leave the appeal to a colleague."))
    if not granted and not answer.strip():
        raise moderation.Refused(_("Tell the author why the decision stands, then refuse the appeal."))
    with transaction.atomic():
        open_ones = Appeal.objects.filter(pk=appeal.pk, closed_at=None)
        if not open_ones.update(closed_at=clock.now(), closed_by=by, granted=granted, answer=answer):
            raise moderation.Stale(_who_was_faster(appeal))
        appeal.refresh_from_db()
        if granted:
            # The mail that it is published tells the answer as well.
            moderation.grant(Comment.objects.get(pk=appeal.comment_id), by=by, notice=answer)
        else:
            letters.appeal_refused(appeal)


def _who_was_faster(appeal: Appeal) -> str:
    appeal.refresh_from_db()
    who = appeal.closed_by or _("a colleague")
    when = moderation.ago(appeal.closed_at) if appeal.closed_at else ""
    return _("This appeal was answered by %(who)s %(ago)s. Nothing was changed.") % {"who": who, "ago": when}
