"""How a reader mends their own comment shortly after they wrote it."""

from datetime import timedelta

from django.utils.translation import gettext as _

from comments import moderation, posting, text
from comments.models import Comment
from comments.states import State
from newsroom.lib import clock

# As long as a slip of typing is noticed, and too short to turn a comment around under its replies.
EDIT_FOR = timedelta(minutes=5)
EDITABLE = (State.AWAITING_EMAIL, State.PENDING, State.HELD, State.PUBLISHED)


class Refused(Exception):
    """The text cannot be changed. As text: why, and what to do."""


def may_edit(comment: Comment) -> bool:
    """Whether its author may still change the text. Whether the article is open is asked when they do."""
    return comment.state in EDITABLE and clock.now() < comment.created_at + EDIT_FOR


def edit(comment: Comment, *, name: str, body: str, expected: tuple[int, int]) -> None:
    """Put new words, as comments.forms leaves them, in the place of those that `expected` (versions) had.

    They are judged as new ones are, and the comment is then what they deserve; only what a moderator holds
    stays held. Raises Refused when it is too late, decided, or changed elsewhere; posting.Closed when the
    article is not live, posting.Refused when a rule takes no comments from this reader or there.
    """
    if (name, body) == (comment.display_name, comment.body):
        return  # nothing new, or a second click
    if comment.versions != expected:
        raise Refused(_changed(comment))
    if not may_edit(comment):
        raise Refused(_("The time to change this comment is over. It stays as it is."))
    if not posting.is_open(comment.article_id):
        raise posting.Closed
    judged = Comment(
        article_id=comment.article_id,
        commenter_id=comment.commenter_id,
        display_name=name,
        body=body,
        body_html=text.to_html(body),
        address_prefix=comment.address_prefix,
        address_hmac=comment.address_hmac,
    )
    judgement = posting.judge(judged)
    try:
        moderation.take_edit(
            comment,
            judgement,
            to=State.HELD if _held_by_somebody(comment) else judgement.state,
            display_name=name,
            body=body,
            body_html=judged.body_html,
            score=judged.score,
            signals=judged.signals,
        )
    except moderation.Stale as stale:
        comment.refresh_from_db()
        raise Refused(_changed(comment)) from stale


def _held_by_somebody(comment: Comment) -> bool:
    last = comment.actions.exclude(decision=moderation.EDIT).first()
    return comment.state == State.HELD and last is not None and last.by_id is not None


def _changed(comment: Comment) -> str:
    """Who decided is not the reader's to know; what was decided stands on the same page."""
    if comment.state in EDITABLE:
        return _("Your comment has changed since you opened this page. Look at it below, then change it again.")
    return _("Your comment was decided on in the meantime, so your change was not kept. Copy it if you need it.")
