"""Issues of newsletters that are on their way."""

from django.urls import reverse
from django.utils.translation import gettext as _

from newsroom.dashboard.cards import ROWS, Block, Row
from newsroom.models import User
from subscribers.admin.issues import on_their_way
from subscribers.issues.workflow import PERMISSION


def on_the_way(user: User) -> Block | None:
    """Issues that somebody composes, that wait for their time, or that stand still."""
    if not user.has_perm(PERMISSION):
        return None
    return Block(
        name="issues",
        title=_("Issues on their way"),
        address=reverse("admin:subscribers_issue_changelist"),
        rows=[Row(*row) for row in on_their_way(ROWS)],
        empty=_("No issue of a newsletter is on its way."),
    )
