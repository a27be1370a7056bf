"""What should have been finished, and what is due soon."""

from datetime import timedelta

from django.utils.translation import gettext as _

from articles.admin.showing import moment, person
from newsroom.dashboard.cards import ROWS, Block, row
from newsroom.dashboard.desks import unfinished
from newsroom.lib import clock
from newsroom.models import User

SOON = timedelta(hours=24)


def overdue(user: User) -> Block | None:
    """What should have been finished: the user's own, and for editors all of their desks."""
    if not user.has_perm("articles.change_article"):
        return None
    late = unfinished(user).filter(due__lt=clock.now()).order_by("due")
    said = _("overdue since %(time)s, %(who)s")
    return Block(
        name="overdue",
        title=_("Overdue"),
        rows=[
            row(article, said % {"time": moment(article.due), "who": person(article.assignee)}, True)
            for article in late[:ROWS]
        ],
    )


def due(user: User) -> Block | None:
    """What is due within a day: the user's own, and for editors all of their desks."""
    if not user.has_perm("articles.change_article"):
        return None
    now = clock.now()
    found = unfinished(user).filter(due__gte=now, due__lt=now + SOON).order_by("due")
    said = _("%(time)s, %(who)s")
    return Block(
        name="due",
        title=_("Due"),
        rows=[
            row(article, said % {"time": moment(article.due), "who": person(article.assignee)})
            for article in found[:ROWS]
        ],
        empty=_("Nothing is due within a day."),
    )
