"""The only writer of `Comment.state`: decisions as comments.decisions allows them, by compare-and-set, and logged."""

from datetime import datetime
from functools import partial
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F, Subquery, Value
from django.db.models.functions import Coalesce
from django.utils.timesince import timesince
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from articles.models import Edition
from comments import following, reasons
from comments.decisions import (
    AWAIT,
    CONFIRM,
    DECISIONS,
    EDIT,
    ERASE,
    GRANTING,
    IMPORT,
    MODERATE,
    NO_DECISIONS,
    POLICY,
    WITHDRAW,
    WITHDRAWAL,
    Decision,
)
from comments.models import Comment, Commenter, ModerationAction
from comments.policy import Judgement
from comments.spam import learning
from comments.states import GONE, GRANT, SHOWN, TURNED_DOWN, UNDO, Reason, State
from newsroom import pagecache
from newsroom.lib import clock
from newsroom.models import User

# Moderators of one article who publish at the same instant try for the next number this often.
NUMBERING_TRIES = 50
# Nobody decides on one comment this often while it is being erased.
ERASING_TRIES = 20


class Refused(Exception):
    """The decision is not open. As text: a sentence that says why."""


class Stale(Refused):
    """Somebody was faster. As text: who, what and how long ago."""


def require(user: User, permission: str = MODERATE) -> None:
    """Raises Refused for who may not decide."""
    if not user.has_perm(permission):
        raise Refused(_("You may not decide on comments. Ask an administrator for the role of a moderator."))


def open_decisions(user: User, comment: Comment) -> list[Decision]:
    """What `user` may decide on the comment as it stands."""
    return [row for row in DECISIONS.values() if _is_open(row, comment) and user.has_perm(row.permission)]


def _is_open(row: Decision, comment: Comment) -> bool:
    """Whether its state, and for picks whether it is one, allow for the row."""
    return comment.state in row.froms and row.picks != (comment.picked_at is not None)


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
    require(by, row.permission)
    if expected != comment.versions:
        raise Stale(what_happened(comment))
    if not _is_open(row, comment):
        raise Refused(_not_open(comment, row))
    action = ModerationAction(decision=row.name, to_state=row.to, by=by, note=note, notice=notice)
    if row.asks_reason:
        broken = reasons.find(reason)
        if broken is None or not broken.active:
            raise Refused(_("Choose the rule that the comment breaks, then reject it."))
        action.reason, action.clause = broken.code, broken.clause
    return _carry_out(comment, action, **_picked(row.picks))


def _picked(picks: bool | None) -> dict[str, Any]:
    """The comment's field that a pick changes."""
    return {} if picks is None else {"picked_at": clock.now() if picks else None}


def undo(comment: Comment, *, by: User, expected: tuple[int, int]) -> ModerationAction:
    """Bring the comment back to the state before its last decision. Raises as `decide` does."""
    require(by)
    if expected != comment.versions:
        raise Stale(what_happened(comment))
    log = list(comment.actions.all()[:2])
    last = log[0] if log else None
    if last is None or last.to_state != comment.state or last.decision in NO_DECISIONS:
        raise Refused(_("There is no decision on this comment to undo."))
    action = ModerationAction(decision=UNDO, to_state=last.from_state, by=by)
    for before in log[1:]:  # what was rejected is rejected for the same rule again
        action.reason, action.clause = before.reason, before.clause
    picks = comment.picked_at is None if last.from_state == last.to_state else None
    return _carry_out(comment, action, **_picked(picks))


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


def take_import(comment: Comment, state: State) -> ModerationAction:
    """Bring a comment of another system to the state that it had there. Nobody is told, and nothing learnt."""
    reason = Reason.OTHER.value if state == State.REJECTED else ""
    action = ModerationAction(decision=IMPORT, to_state=state, automated=True, rule="import", reason=reason)
    return _carry_out(comment, action)


def await_email(comment: Comment, steps: list[dict[str, str]]) -> ModerationAction:
    """Keep a comment that was just written until its author has confirmed an address.

    `steps` are those of the rules that cannot be walked again then.
    """
    action = ModerationAction(decision=AWAIT, to_state=State.AWAITING_EMAIL, automated=True, steps=steps)
    return _carry_out(comment, action)


def take_confirmed(
    comment: Comment, judgement: Judgement, *, commenter: Commenter | None, notice: str = ""
) -> ModerationAction:
    """Bring a comment that awaited its author's address to where the rules want it, now that it is known whose it is.

    `commenter` is None where nobody confirmed; `notice` is what they are told. Raises Stale if it was done meanwhile.
    """
    action = _by_rule(CONFIRM, judgement)
    action.notice = notice
    return _carry_out(comment, action, commenter=commenter)


def withdraw(comment: Comment, *, expected: tuple[int, int]) -> ModerationAction:
    """Let its author take away what waits or is published; its place stays where replies stand on it.

    The caller knows that it is its author. Raises as `decide` does.
    """
    if expected != comment.versions:
        raise Stale(what_happened(comment))
    if comment.state not in WITHDRAWAL.froms:
        raise Refused(_not_open(comment, WITHDRAWAL))
    return _carry_out(comment, ModerationAction(decision=WITHDRAW, to_state=WITHDRAWAL.to), picked_at=None)


def grant(comment: Comment, *, by: User, notice: str) -> ModerationAction:
    """Publish what was turned down, on an appeal (comments.readers.appeals asks who may). Raises as `decide` does."""
    require(by, GRANTING.permission)
    if comment.state not in GRANTING.froms:
        raise Refused(_not_open(comment, GRANTING))
    return _carry_out(comment, ModerationAction(decision=GRANT, to_state=GRANTING.to, by=by, notice=notice))


def erase(comment: Comment) -> None:
    """Leave the comment's place only: its words, its author, and where it came from are gone, for good.

    That and when it was decided on stays, without what may quote it. What the filter learnt of it is unlearnt.
    Where it was imported from stays, so that it is not imported again. Nothing stands in the way of it: what
    happens at the same instant happens before. An erased comment stays as it is. Replies stay in sight or out of it.
    """
    for _try in range(ERASING_TRIES):
        if comment.state in GONE:
            return
        try:
            _erase(comment)
        except Stale:
            comment.refresh_from_db()
        else:
            return
    raise Stale(what_happened(comment))


@transaction.atomic
def _erase(comment: Comment) -> None:
    to = State.ERASED_HIDDEN if comment.state in TURNED_DOWN else State.ERASED
    action = ModerationAction(decision=ERASE, to_state=to, automated=True, rule="erasure")
    _carry_out(
        comment,
        action,
        body="",
        body_html="",
        display_name="",
        commenter=None,
        score=0,
        signals=[],
        words=None,
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
    authored = words.get("commenter", comment.commenter_id) is not None
    action.from_state, action.at = comment.state, now
    changes = words | {"state": action.to_state, "reason": action.reason}
    changes |= following.mail_due(action, authored=authored)
    if action.to_state != comment.state:
        changes["state_at"] = now
    if action.to_state == State.PUBLISHED:
        changes |= {"number": _number(comment), "published_at": Coalesce("published_at", Value(now))}
    if not seen.update(state_version=F("state_version") + 1, **changes):
        raise Stale(what_happened(comment))
    action.comment = comment
    action.state_version, action.text_version = comment.state_version + 1, comment.text_version
    action.save(force_insert=True)
    following.settle(comment, action)
    comment.refresh_from_db()
    if comment.number is not None or action.from_state in SHOWN:  # else readers never saw it, nor do they now
        _drop_page_on_commit(comment.article_id, {action.from_state, action.to_state})
    if action.decision not in (POLICY, IMPORT):  # people teach the filter, not its own rules
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
    State.WITHDRAWN: gettext_lazy("Its author took it away %(ago)s."),
    State.ERASED: gettext_lazy("It was erased %(ago)s."),
    State.ERASED_HIDDEN: gettext_lazy("It was erased %(ago)s."),
}
_PICKED = {
    "pick": gettext_lazy("It was picked by %(who)s %(ago)s."),
    "unpick": gettext_lazy("It was taken out of the picks by %(who)s %(ago)s."),
}


def what_happened(comment: Comment) -> str:
    """Who did what to it last, and how long ago, for whom it has changed under their hands."""
    now = Comment.objects.only("state", "text_version", "edited_at").get(pk=comment.pk)
    last = comment.actions.select_related("by").first()
    again = _("Nothing was changed. Look at the comment again before you decide.")
    done = last and (_PICKED.get(last.decision) or _DONE.get(State(now.state)))
    if last and done and last.to_state == now.state and not _edited_since(now, last):
        who = last.by or last.rule or _("a rule")
        return f"{done % {'who': who, 'ago': ago(last.at)}} {again}"
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
