"""What waits for moderators."""

from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from comments import decisions
from comments.admin.queue import WAITING_GROUPS, waiting
from newsroom.dashboard.cards import Block, Row
from newsroom.models import User

COUNTED = 100
PRESSING = ("reported", "appealed")
QUEUE_FILTERS = {"reported": "reported=on", "appealed": "appealed=on", "held": "state=held", "pending": "state=pending"}


def waiting_comments(user: User) -> Block | None:
    """What waits for moderators, by kind. Counted up to a limit, so that a flood costs no more than a page."""
    if not user.has_perm(decisions.MODERATE):
        return None
    queue = reverse("admin:comments_comment_changelist")
    found = [(group, waiting(group, COUNTED + 1)) for group in WAITING_GROUPS]
    said = [f"{COUNTED}+" if number > COUNTED else str(number) for _group, number in found]
    return Block(
        name="comments",
        title=_("Comments waiting"),
        address=queue,
        rows=[
            # What readers see although it was reported, and what somebody objects to, does not wait quietly.
            Row(capfirst(str(group.label)), f"{queue}?{QUEUE_FILTERS[group.name]}", many, group.name in PRESSING)
            for (group, number), many in zip(found, said, strict=True)
            if number
        ],
        empty=_("No comment waits."),
    )
