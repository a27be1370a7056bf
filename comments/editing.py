"""How a reader mends their own comment shortly after they wrote it."""

from datetime import timedelta

from django.utils.translation import gettext as _

from comments import moderation, policy, posting
from comments.models import Comment
from comments.states import State
from newsroom.lib import addresses, clock

# As long as a slip of typing is noticed, and too short to turn a comment around under its replies.
EDIT_FOR = timedelta(minutes=5)
EDITABLE = (State.AWAITING_EMAIL, State.PENDING, State.HELD, State.PUBLISHED)


class Refused(Exception):
    """The text cannot be changed. As text: why, and what to do."""


class Banned(Refused):
    """The network that the change comes from may change nothing."""


def may_edit(comment: Comment) -> bool:
    """Whether its author may still change the text. Whether the article is open is asked when they do."""
    return comment.state in EDITABLE and clock.now() < comment.created_at + EDIT_FOR


def edit(comment: Comment, *, name: str, body: str, expected: tuple[int, int], address: str = "") -> None:
    """Put new words, as comments.forms leaves them, in the place of those that `expected` (versions) had.

    They are judged as new ones are, and the comment is then what they deserve; only what a moderator holds
    stays held, and what awaits an address goes on waiting. `address` is where the change comes from: a network
    that is banned changes nothing. Raises Refused when it is too late, decided, or changed elsewhere;
    posting.Closed when the article is not live, posting.Refused when a rule takes no comments from this reader
    or there.
    """
    if (name, body) == (comment.display_name, comment.body):
        return  # nothing new, or a second click
    if comment.versions != expected:
        raise Refused(_changed(comment))
    if not may_edit(comment):
        raise Refused(_("The time to change this comment is over. It stays as it is."))
    if not posting.is_open(comment.article_id):
        raise posting.Closed
    if ban := policy.ban_of(None, addresses.prefix(address)):
        raise Banned(_("You cannot change comments here: %(reason)s") % {"reason": ban.reason})
    judged, judgement = posting.judge_again(comment, display_name=name, body=body)
    try:
        moderation.take_edit(
            comment,
            judgement,
            to=_state_after(comment, judgement.state),
            display_name=name,
            body=body,
            body_html=judged.body_html,
            score=judged.score,
            signals=judged.signals,
            words=judged.words,
        )
    except moderation.Stale as stale:
        comment.refresh_from_db()
        raise Refused(_changed(comment)) from stale


def _state_after(comment: Comment, judged: State) -> State:
    """New words do not take a comment out of a moderator's hands, nor confirm its author's address."""
    if comment.state == State.AWAITING_EMAIL:
        return State.AWAITING_EMAIL
    return State.HELD if _held_by_somebody(comment) else judged


def _held_by_somebody(comment: Comment) -> bool:
    last = comment.actions.exclude(decision=moderation.EDIT).first()
    return comment.state == State.HELD and last is not None and last.by_id is not None


def _changed(comment: Comment) -> str:
    """Who decided is not the reader's to know; what was decided stands on the same page."""
    if comment.state in EDITABLE:
        return _("Your comment has changed since you opened this page. Look at it below, then change it again.")
    return _("Your comment was decided on in the meantime, so your change was not kept. Copy it if you need it.")
