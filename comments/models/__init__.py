"""The tables of comments: who wrote them, what was decided, and by which rules."""

from comments.models.comment import MAX_DEPTH, Comment, CommentQuerySet, Confirmation, new_public_id
from comments.models.commenter import Commenter
from comments.models.learnt import Lesson, MarkCount
from comments.models.moderation import Appeal, ModerationAction, Report
from comments.models.rules import Ban, BanQuerySet, Opening, RejectionReason, WordRule

__all__ = [
    "MAX_DEPTH",
    "Appeal",
    "Ban",
    "BanQuerySet",
    "Comment",
    "CommentQuerySet",
    "Commenter",
    "Confirmation",
    "Lesson",
    "MarkCount",
    "ModerationAction",
    "Opening",
    "RejectionReason",
    "Report",
    "WordRule",
    "new_public_id",
]
