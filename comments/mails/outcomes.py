"""Tells authors what became of their comments: a little after the decision, so that what is taken back is not told."""

from django.db import transaction
from django.db.models import F

from comments.following import outcome
from comments.mails import letters
from comments.models import Comment
from newsroom.lib import clock


def tell_due() -> int:
    """Mail every author whose comment is now something else than they were told. Returns how many mails went out.

    Told is what stands now, once: whoever else runs this meanwhile finds nothing left to tell.
    """
    now = clock.now()
    due = Comment.objects.filter(tell_at__lte=now).select_related("commenter").order_by("tell_at")
    return sum(letters.attempted(_tell, comment) for comment in due[:500])


def _tell(comment: Comment) -> bool:
    says = outcome(comment.state, comment.reason)
    # Compared with what was read, so that a decision at this instant is told when its own time comes.
    mine = Comment.objects.filter(pk=comment.pk, state_version=comment.state_version, tell_at=comment.tell_at)
    with transaction.atomic():
        if not mine.update(tell_at=None, told=says) or not says or says == comment.told:
            return False
        commenter = comment.commenter
        if commenter is None or not (commenter.wants_outcome and commenter.email and commenter.verified_at):
            return False
        # A pick since then is no decision on where it stands.
        letters.outcome(comment, comment.actions.exclude(from_state=F("to_state")).first())
        return True
