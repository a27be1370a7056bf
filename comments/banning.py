"""How a ban comes in from the queue: once, however often the button is pressed."""

from datetime import timedelta

from django.db import transaction

from comments.models import Ban, Comment
from newsroom.lib import clock

# Two bans that end so close to each other are one that was asked for twice.
AS_GOOD_AS = timedelta(hours=1)


@transaction.atomic
def put_in_force(ban: Ban, comment: Comment) -> tuple[Ban, bool]:
    """Save the ban on who wrote the comment, or where it came from, unless one in force lasts as long.

    Returns the ban in force, and whether it is new. A longer one is put beside the shorter.
    """
    # Whoever presses at the same instant waits here.
    Comment.objects.select_for_update(of=("self",)).get(pk=comment.pk)
    on_the_same = Ban.objects.in_force(clock.now()).filter(commenter=ban.commenter, network=ban.network)
    for earlier in on_the_same.select_related("commenter"):
        if _lasts_as_long(earlier, ban):
            return earlier, False
    ban.save()
    return ban, True


def _lasts_as_long(earlier: Ban, ban: Ban) -> bool:
    if earlier.ends_at is None or ban.ends_at is None:
        return earlier.ends_at is None
    return earlier.ends_at > ban.ends_at - AS_GOOD_AS
