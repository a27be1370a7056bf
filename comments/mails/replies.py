"""Tells readers that somebody has answered them: one mail for all in a discussion, and no other for a while."""

from collections.abc import Iterable
from datetime import timedelta
from itertools import groupby

from django.db import transaction
from django.db.models import F, QuerySet

from comments import threads
from comments.following import TOLD_AFTER
from comments.mails import letters
from comments.models import Comment
from comments.states import State
from newsroom.lib import clock

# At most one mail about a discussion to one reader in this time.
BUNDLED_FOR = timedelta(minutes=15)
# What was not told by then, because nothing ran, is news no more.
TOLD_WITHIN = timedelta(days=2)


def tell_due() -> int:
    """Mail readers about published answers to them. Returns how many mails went out."""
    sent = 0
    for (_reader, _discussion), found in groupby(_untold(), key=lambda reply: (_answered(reply), reply.root_id)):
        sent += letters.attempted(_tell, list(found))
    return sent


def _untold() -> Iterable[Comment]:
    """Answers to readers who want to know, that are published for long enough not to be taken back at once."""
    now = clock.now()
    found: QuerySet[Comment] = Comment.objects.published().filter(
        state_at__gt=now - TOLD_WITHIN,
        state_at__lte=now - TOLD_AFTER,
        announced_at=None,
        parent__commenter__wants_replies=True,
        parent__commenter__verified_at__isnull=False,
    )
    others = found.exclude(commenter=F("parent__commenter")).exclude(parent__commenter__email="")
    return others.select_related("parent__commenter").order_by("parent__commenter", "root", "pk")[:2000]


def _answered(reply: Comment) -> int | None:
    return reply.parent.commenter_id if reply.parent else None


def _tell(found: list[Comment]) -> bool:
    """One mail to one reader about one discussion, if it is time for one."""
    parent = found[0].parent
    assert parent is not None and parent.commenter is not None
    if _told_lately(parent):
        return False
    shown = {comment.pk for comment in threads.shown_of_thread(parent.root_id or parent.pk)}
    headline = letters.headline(parent)
    with transaction.atomic():
        claimed = [reply for reply in found if reply.pk in shown and headline and _claim(reply)]
        if claimed:
            letters.replies(parent.commenter, claimed, headline)
    return bool(claimed)


def _told_lately(parent: Comment) -> bool:
    since = clock.now() - BUNDLED_FOR
    in_discussion = Comment.objects.filter(root=parent.root_id, parent__commenter=parent.commenter_id)
    return in_discussion.filter(announced_at__gt=since).exists()


def _claim(reply: Comment) -> bool:
    """Whether it falls to us to tell of the reply, which is still shown."""
    mine = Comment.objects.filter(pk=reply.pk, announced_at=None, state=State.PUBLISHED)
    return bool(mine.update(announced_at=clock.now()))
