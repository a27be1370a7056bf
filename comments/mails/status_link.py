"""The addresses of one comment: where everybody reads it, and its own page for who wrote it."""

from datetime import timedelta

from django.urls import reverse

from comments.models import Comment
from newsroom.lib import tokens

PURPOSE = "comment-status"
GOOD_FOR = timedelta(days=90)


def permalink(comment: Comment) -> str:
    """Leads to the comment's place on the page that shows it."""
    return reverse("comments:permalink", args=[comment.public_id])


def address(comment: Comment) -> str:
    """The signed link to the comment's page for its author.

    It holds the right to change the comment while there is time: it is given to nobody but who posted it.
    """
    return reverse("comments:status", args=[tokens.make(PURPOSE, comment.public_id)])


def find(token: str) -> Comment | None:
    """The comment that the link leads to; None for a link that is not ours or too old."""
    try:
        public_id = tokens.read(PURPOSE, token, max_age=GOOD_FOR)
    except tokens.Invalid:
        return None
    return Comment.objects.filter(public_id=public_id).first() if isinstance(public_id, str) else None
