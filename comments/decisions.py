"""The table of what may be decided on a comment: by whom, and from which state to which."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy, pgettext_lazy

from comments.states import GRANT, WITHDRAWABLE, State

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

MODERATE = "comments.moderate_comment"
PICK = "comments.pick_comment"
# No decision of a moderator: its author changed the text, and it was judged anew.
EDIT = "edit"
# Nor these: what the rules made of a new comment, that it waits for its author to confirm an address, and what
# the rules made of it after that.
POLICY = "policy"
AWAIT = "await"
CONFIRM = "confirm"
# What its author did, before or after it was published.
WITHDRAW = "withdraw"
# Nor this: its author, or the law, has it forgotten. Final.
ERASE = "erase"
# Nor this: it was decided on elsewhere, before it was imported.
IMPORT = "import"
NO_DECISIONS = frozenset({EDIT, POLICY, AWAIT, CONFIRM, WITHDRAW, GRANT, ERASE, IMPORT})


@dataclass(frozen=True)
class Decision:
    """One row of the table: who may bring a comment from where to where."""

    name: str
    label: "_StrPromise"
    help: "_StrPromise"
    froms: frozenset[State]
    to: State
    permission: str = MODERATE
    asks_reason: bool = False
    # Whether it makes the comment an editors' pick, or one no more; None: it leaves that as it is.
    picks: bool | None = None


DECISIONS = {
    decision.name: decision
    for decision in (
        Decision(
            "approve",
            pgettext_lazy("decision on a comment", "Approve"),
            gettext_lazy("Readers see it, with a number, from now on."),
            frozenset({State.PENDING, State.HELD, State.REJECTED}),
            State.PUBLISHED,
        ),
        Decision(
            "reject",
            pgettext_lazy("decision on a comment", "Reject"),
            gettext_lazy("It breaks a rule. Readers do not see it, nor the replies under it."),
            frozenset({State.PENDING, State.HELD, State.PUBLISHED}),
            State.REJECTED,
            asks_reason=True,
        ),
        Decision(
            "spam",
            pgettext_lazy("decision on a comment", "Spam"),
            gettext_lazy("Nobody wrote this for readers of the article."),
            frozenset({State.PENDING, State.HELD, State.PUBLISHED}),
            State.SPAM,
        ),
        Decision(
            "hold",
            pgettext_lazy("decision on a comment", "Hold"),
            gettext_lazy("It needs a second look by a colleague."),
            frozenset({State.PENDING}),
            State.HELD,
        ),
        Decision(
            "reopen",
            pgettext_lazy("decision on a comment", "Reopen"),
            gettext_lazy("It waits for a decision again."),
            frozenset({State.REJECTED, State.SPAM}),
            State.PENDING,
        ),
        Decision(
            "pick",
            pgettext_lazy("decision on a comment", "Pick"),
            gettext_lazy("Readers find it among the editors’ picks."),
            frozenset({State.PUBLISHED}),
            State.PUBLISHED,
            permission=PICK,
            picks=True,
        ),
        Decision(
            "unpick",
            pgettext_lazy("decision on a comment", "Pick no more"),
            gettext_lazy("It stands among all others again."),
            frozenset({State.PUBLISHED}),
            State.PUBLISHED,
            permission=PICK,
            picks=False,
        ),
    )
}

# Rows that no moderator is offered: an author's own, and what a granted appeal brings about.
WITHDRAWAL = Decision(
    WITHDRAW,
    pgettext_lazy("decision on a comment", "Withdraw"),
    gettext_lazy("Its author takes it away."),
    frozenset(WITHDRAWABLE),
    State.WITHDRAWN,
    permission="",
)
GRANTING = Decision(
    GRANT,
    pgettext_lazy("decision on a comment", "Grant the appeal"),
    gettext_lazy("Readers see it, with a number, from now on."),
    frozenset({State.REJECTED, State.SPAM}),
    State.PUBLISHED,
)
