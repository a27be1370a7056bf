"""What waits for somebody, on the first page of the admin.

Each block is one query, and is asked only of those whom it concerns.
"""

from collections.abc import Callable

from newsroom.dashboard import articles, comments, deadlines, editions, newsletters, pictures
from newsroom.dashboard.cards import Block
from newsroom.models import User

Maker = Callable[[User], Block | None]

# In the order in which they press. Alarms are shown only where there is one.
ALARMS: tuple[Maker, ...] = (
    editions.emergencies,
    articles.blocking,
    editions.held,
    deadlines.overdue,
    pictures.rights,
    articles.unsaved,
)
WAITING: tuple[Maker, ...] = (
    deadlines.due,
    articles.to_approve,
    articles.mine,
    editions.scheduled,
    comments.waiting_comments,
    newsletters.on_the_way,
)


def blocks(user: User) -> list[Block]:
    """The blocks that concern `user`, alarms first."""
    alarms = [block for make in ALARMS if (block := make(user)) and block.rows]
    return alarms + [block for make in WAITING if (block := make(user))]
