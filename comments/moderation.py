"""The moderators' decisions: the table of what is allowed, and the only writer of `Comment.state`."""

from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any

from django.db import IntegrityError, transaction
from django.db.models import F, Subquery, Value
from django.db.models.functions import Coalesce
from django.utils.timesince import timesince
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy

from articles.models import Edition
from comments import following, learning, reasons
from comments.models import Comment, ModerationAction
from comments.policy import Judgement
from comments.states import GRANT, SHOWN, UNDO, State
from newsroom import pagecache
from newsroom.lib import clock
from newsroom.models import User

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

MODERATE = "comments.moderate_comment"
# No decision of a moderator: its author changed the text, and it was judged anew.
EDIT = "edit"
# Nor these: what the rules made of a new comment, that it waits for its author to confirm an address, and what
# the rules made of it after that.
POLICY = "policy"
AWAIT = "await"
CONFIRM = "confirm"
# What its author did with a published one.
WITHDRAW = "withdraw"
# Nor this: its author, or the law, has it forgotten. Final.
ERASE = "erase"
NO_DECISIONS = frozenset({EDIT, POLICY, AWAIT, CONFIRM, WITHDRAW, GRANT, ERASE})
# Moderators of one article who publish at the same instant try for the next number this often.
NUMBERING_TRIES = 50
# Nobody decides on one comment this often while it is being erased.
ERASING_TRIES = 20


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
    )
}

# Rows that no moderator is offered: an author's own, and what a granted appeal brings about.
WITHDRAWAL = Decision(
    WITHDRAW,
    pgettext_lazy("decision on a comment", "Withdraw"),
    gettext_lazy("Its author takes it away."),
    frozenset({State.PUBLISHED}),
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


class Refused(Exception):
    """The decision is not open. As text: a sentence that says why."""


class Stale(Refused):
    """Somebody was faster. As text: who, what and how long ago."""


def open_decisions(user: User, comment: Comment) -> list[Decision]:
    """What `user` may decide on the comment as it stands."""
    return [row for row in DECISIONS.values() if comment.state in row.froms and user.has_perm(row.permission)]


def decide(
    comment: Comment,
    decision: str,
    *,
    by: User,
    expected: tuple[int, int],
    reason: str = "",
    note: str = "",
    notice: str = "",
) -> ModerationAction:
    """Carry out a row of DECISIONS on exactly what `by` has seen: `expected` is its state and text version.

    One compare-and-set and one ModerationAction, in one transaction; `comment` is then as the
    database has it. Raises Stale if the comment has changed since, else Refused if the table, the
    permission or a missing reason stands in the way.
    """
    row = DECISIONS[decision]
    if not by.has_perm(row.permission):
        raise Refused(_("You may not decide on comments. Ask an administrator for the role of a moderator."))
    if expected != comment.versions:
        raise Stale(_what_happened(comment))
    if comment.state not in row.froms:
        raise Refused(_not_open(comment, row))
    if row.asks_reason and not reasons.is_open(reason):
        raise Refused(_("Choose the rule that the comment breaks, then reject it."))
    action = ModerationAction(decision=row.name, to_state=row.to, by=by, reason=reason, note=note, notice=notice)
    return _carry_out(comment, action)


def undo(comment: Comment, *, by: User, expected: tuple[int, int]) -> ModerationAction:
    """Bring the comment back to the state before its last decision. Raises as `decide` does."""
    if not by.has_perm(MODERATE):
        raise Refused(_("You may not decide on comments. Ask an administrator for the role of a moderator."))
    if expected != comment.versions:
        raise Stale(_what_happened(comment))
    last = comment.actions.first()
    if last is None or last.to_state != comment.state or last.decision in NO_DECISIONS:
        raise Refused(_("There is no decision on this comment to undo."))
    return _carry_out(comment, ModerationAction(decision=UNDO, to_state=last.from_state, by=by, reason=""))


def undoable(history: list[ModerationAction]) -> bool:
    """Whether the newest of a comment's actions, which come first, is a decision that can be taken back."""
    return bool(history) and history[0].decision not in NO_DECISIONS


def take_up(comment: Comment, judgement: Judgement) -> ModerationAction:
    """Bring a comment that was just written to the state that the rules give it, and log which of them did."""
    return _carry_out(comment, _by_rule(POLICY, judgement))


def _by_rule(decision: str, judgement: Judgement) -> ModerationAction:
    return ModerationAction(
        decision=decision,
        to_state=judgement.state,
        automated=True,
        rule=judgement.rule[:80],
        reason=judgement.reason,
        steps=judgement.steps,
    )


def take_edit(comment: Comment, judgement: Judgement, *, to: State, **words: Any) -> ModerationAction:
    """Keep what its author made of the text (`words`: fields of Comment), and bring the comment to the state `to`.

    `judgement` is what the rules say of the new words, and is logged.

    Compared and set like a decision, on the versions of `comment`: raises Stale if a moderator, or the
    author in another window, was faster.
    """
    now = clock.now()
    action = _by_rule(EDIT, judgement)
    action.to_state = to
    return _carry_out(comment, action, text_version=F("text_version") + 1, edited_at=now, **words)


def erase(comment: Comment) -> None:
    """Leave the comment's place only: its words, its author, and where it came from are gone, for good.

    That and when it was decided on stays, without what may quote it. What the filter learnt of it is unlearnt.
    Where it was imported from stays, so that it is not imported again. Nothing stands in the way of it: what
    happens at the same instant happens before. An erased comment stays as it is.
    """
    for _try in range(ERASING_TRIES):
        if comment.state == State.ERASED:
            return
        try:
            _erase(comment)
        except Stale:
            comment.refresh_from_db()
        else:
            return
    raise Stale(_what_happened(comment))


@transaction.atomic
def _erase(comment: Comment) -> None:
    action = ModerationAction(decision=ERASE, to_state=State.ERASED, automated=True, rule="erasure")
    _carry_out(
        comment,
        action,
        body="",
        body_html="",
        display_name="",
        commenter=None,
        score=0,
        signals=[],
        edited_at=None,
        picked_at=None,
        address_prefix="",
        address_hmac="",
        submit_key=f"erased {comment.public_id}",
    )
    comment.actions.update(steps=[], note="", notice="")


def _carry_out(comment: Comment, action: ModerationAction, **words: Any) -> ModerationAction:
    for tries_left in reversed(range(NUMBERING_TRIES)):
        try:
            with transaction.atomic():
                return _compare_and_set(comment, action, words)
        except IntegrityError:
            # On PostgreSQL a colleague may have given the same number at the same instant.
            if not tries_left or action.to_state != State.PUBLISHED:
                raise
    raise AssertionError("unreachable")


def _compare_and_set(comment: Comment, action: ModerationAction, words: dict[str, Any]) -> ModerationAction:
    now = clock.now()
    seen = Comment.objects.filter(pk=comment.pk, state_version=comment.state_version, text_version=comment.text_version)
    authored = (words["commenter"] if "commenter" in words else comment.commenter_id) is not None
    action.at = now
    changes = words | {"state": action.to_state, "reason": action.reason}
    changes |= following.mail_due(action, authored=authored)
    if action.to_state != comment.state:
        changes["state_at"] = now
    if action.to_state == State.PUBLISHED:
        changes |= {"number": _number(comment), "published_at": Coalesce("published_at", Value(now))}
    if not seen.update(state_version=F("state_version") + 1, **changes):
        raise Stale(_what_happened(comment))
    action.comment, action.from_state = comment, comment.state
    action.state_version, action.text_version = comment.state_version + 1, comment.text_version
    action.save(force_insert=True)
    following.settle(comment, action)
    comment.refresh_from_db()
    _drop_page_on_commit(comment.article_id, {action.from_state, action.to_state})
    if action.decision != POLICY:  # people teach the filter, not its own rules
        transaction.on_commit(partial(learning.learn_soon, comment.pk))
    return action


def _number(comment: Comment) -> Coalesce:
    """The number it has, else the article's next: the highest ever given, and one."""
    numbered = Comment.objects.filter(article=comment.article_id, number__isnull=False)
    return Coalesce(F("number"), Subquery(numbered.order_by("-number").values("number")[:1]) + 1, Value(1))


def _drop_page_on_commit(article_id: int, states: set[str]) -> None:
    if not states & set(SHOWN):
        return  # readers saw it neither before nor now

    def drop() -> None:
        for path in Edition.objects.live().filter(article=article_id).values_list("path", flat=True):
            pagecache.drop_page(path)

    transaction.on_commit(drop)


# What to say when somebody was faster -------------------------------------------------------


_DONE = {
    State.PUBLISHED: gettext_lazy("It was approved by %(who)s %(ago)s."),
    State.REJECTED: gettext_lazy("It was rejected by %(who)s %(ago)s."),
    State.SPAM: gettext_lazy("It was marked as spam by %(who)s %(ago)s."),
    State.HELD: gettext_lazy("It was held by %(who)s %(ago)s."),
    State.PENDING: gettext_lazy("It was put back among the waiting by %(who)s %(ago)s."),
    State.ERASED: gettext_lazy("It was erased %(ago)s."),
}


def _what_happened(comment: Comment) -> str:
    now = Comment.objects.only("state", "text_version", "edited_at").get(pk=comment.pk)
    last = comment.actions.select_related("by").first()
    again = _("Nothing was changed. Look at the comment again before you decide.")
    if last and last.to_state == now.state and now.state in _DONE and not _edited_since(now, last):
        who = last.by or last.rule or _("a rule")
        return f"{_DONE[State(now.state)] % {'who': who, 'ago': ago(last.at)}} {again}"
    if now.edited_at:
        return f"{_('Its text was changed by its author %(ago)s.') % {'ago': ago(now.edited_at)}} {again}"
    return f"{_('It has changed in the meantime.')} {again}"


def _edited_since(comment: Comment, action: ModerationAction) -> bool:
    return action.decision == EDIT or bool(comment.edited_at and comment.edited_at > action.at)


def _not_open(comment: Comment, row: Decision) -> str:
    return _("This comment is %(state)s, so “%(decision)s” is not open. Choose another decision.") % {
        "state": comment.get_state_display(),
        "decision": row.label,
    }


def ago(moment: datetime) -> str:
    """How long ago in words, to the second below a minute: two moderators are often that close."""
    now = clock.now()
    seconds = max(1, int((now - moment).total_seconds()))
    if seconds < 60:
        return ngettext("%(count)d second ago", "%(count)d seconds ago", seconds) % {"count": seconds}
    return _("%(time)s ago") % {"time": timesince(moment, now)}
