"""Readers' comments, in threads, with their state and their place among the published ones."""

from django.db import models
from django.db.models import Q
from django.utils.crypto import get_random_string
from django.utils.text import Truncator
from django.utils.translation import gettext_lazy as _

from articles.models import Article
from comments.models.commenter import Commenter
from comments.states import SHOWN, WAITING, State

MAX_DEPTH = 4


def new_public_id() -> str:
    """An address that nobody can guess or count: 12 letters and digits, 71 bits."""
    return get_random_string(12)


class CommentQuerySet(models.QuerySet["Comment"]):
    def shown(self) -> "CommentQuerySet":
        """Those that take a place on the page, tombstones included. What stands under a hidden one
        is left out by comments.threads, which sees whole threads."""
        return self.filter(state__in=SHOWN)

    def published(self) -> "CommentQuerySet":
        return self.filter(state=State.PUBLISHED)

    def waiting(self) -> "CommentQuerySet":
        """Those that a moderator still has to look at."""
        return self.filter(state__in=WAITING)


class Comment(models.Model):
    """A reader's comment on an article.

    `state`, `state_version` and `number` are written by comments.moderation, all else by
    comments.posting. `state_version` grows with every decision and `text_version` with every edit:
    who decides says which of them was on the screen.
    """

    public_id = models.CharField(max_length=12, unique=True, default=new_public_id, editable=False)
    article = models.ForeignKey(Article, on_delete=models.PROTECT, related_name="comments", verbose_name=_("article"))
    parent = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="replies", verbose_name=_("answers")
    )
    # The first comment of its thread; a first comment's is itself. Null only until it has a key.
    root = models.ForeignKey("self", on_delete=models.PROTECT, null=True, editable=False, related_name="thread")
    depth = models.PositiveSmallIntegerField(default=0, editable=False)
    commenter = models.ForeignKey(
        Commenter,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="comments",
        verbose_name=_("commenter"),
    )
    display_name = models.CharField(_("name"), max_length=60, blank=True)
    body = models.TextField(_("comment"), blank=True)
    body_html = models.TextField(blank=True, editable=False)
    text_version = models.PositiveIntegerField(default=1, editable=False)

    state = models.CharField(_("state"), max_length=20, choices=State.choices, default=State.PENDING, editable=False)
    state_version = models.PositiveIntegerField(default=1, editable=False)
    number = models.PositiveIntegerField(_("number"), null=True, editable=False)
    # The code of a RejectionReason.
    reason = models.CharField(_("reason"), max_length=20, blank=True)
    score = models.IntegerField(_("spam score"), default=0)
    # [{"name": "staff_name", "weight": 40, "detail": "Erik Example"}, ...]; weights add up to the score.
    signals = models.JSONField(_("signals"), default=list, blank=True)
    # The same for the same words (comments.spam.repeats), as long as they are somebody's own.
    words = models.BigIntegerField(null=True, editable=False)
    picked_at = models.DateTimeField(_("picked by the editors"), null=True, blank=True)

    created_at = models.DateTimeField(_("written"))
    edited_at = models.DateTimeField(_("edited"), null=True, editable=False)
    published_at = models.DateTimeField(_("first published"), null=True, editable=False)
    state_at = models.DateTimeField(_("in this state since"))

    # Mails to its author: when the next may go out, and what the last one said (comments.following).
    tell_at = models.DateTimeField(null=True, editable=False)
    told = models.CharField(max_length=41, blank=True, editable=False)
    # When the author of the comment that it answers was mailed about it.
    announced_at = models.DateTimeField(null=True, editable=False)

    address_prefix = models.CharField(_("network"), max_length=50, blank=True)
    address_hmac = models.CharField(max_length=64, blank=True, editable=False)
    submit_key = models.CharField(max_length=64, unique=True, editable=False)
    # Where an imported comment comes from, such as "wordpress:example.org:17": it is imported once.
    source = models.CharField(_("source"), max_length=200, blank=True, editable=False)

    objects = CommentQuerySet.as_manager()

    class Meta:
        verbose_name = _("comment")
        verbose_name_plural = _("comments")
        ordering = ["-pk"]
        # Nobody adds, changes or deletes a comment in the admin: it is read and decided on.
        default_permissions = ("view",)
        permissions = [
            ("moderate_comment", _("Can approve, reject and hold comments")),
            ("pick_comment", _("Can pick comments for readers")),
        ]
        constraints = [
            models.UniqueConstraint(fields=["article", "number"], name="comment_numbered_once"),
            models.UniqueConstraint(fields=["source"], condition=~Q(source=""), name="comment_imported_once"),
            models.CheckConstraint(
                condition=~Q(state=State.PUBLISHED) | Q(number__isnull=False, published_at__isnull=False),
                name="comment_published_has_number",
            ),
            models.CheckConstraint(condition=Q(depth__lte=MAX_DEPTH), name="comment_depth_capped"),
            models.CheckConstraint(
                condition=Q(parent__isnull=True, depth=0) | Q(parent__isnull=False, depth__gt=0),
                name="comment_depth_of_reply",
            ),
        ]
        indexes = [
            models.Index(fields=["article", "root", "id"], name="comment_threads"),
            models.Index(fields=["article", "state"], name="comment_states"),
            models.Index(fields=["state", "state_at"], name="comment_queue"),
            models.Index(fields=["created_at"], name="comment_age"),
            # The moderators' lists of one state, the newest first.
            models.Index(fields=["state", "created_at"], name="comment_listed"),
            # What somebody wrote before, and what became of it.
            models.Index(fields=["commenter", "state", "state_at"], name="comment_history"),
            models.Index(fields=["address_prefix", "created_at"], name="comment_network"),
            models.Index(fields=["words", "created_at"], condition=Q(words__isnull=False), name="comment_repeats"),
            models.Index(fields=["tell_at"], condition=Q(tell_at__isnull=False), name="comment_to_tell"),
        ]

    def __str__(self) -> str:
        return f"{self.display_name}: {self.excerpt}"

    @property
    def excerpt(self) -> str:
        """The first words, on one line."""
        return Truncator(" ".join(self.body[:400].split())).chars(80)

    @property
    def versions(self) -> tuple[int, int]:
        """What a decision says it has seen: state version, text version."""
        return self.state_version, self.text_version


class Confirmation(models.Model):
    """The link by which the author of a comment shows that an email address is theirs.

    Until it is used, the address that was typed stands here and nowhere else: it earns nothing, and no mail but
    the one with the link goes there. The row goes when the link is used or too old.
    """

    comment = models.OneToOneField(Comment, on_delete=models.PROTECT, related_name="confirmation")
    email = models.EmailField(_("email"))
    language = models.CharField(_("language"), max_length=12, blank=True)
    wants_outcome = models.BooleanField(default=False)
    wants_replies = models.BooleanField(default=False)
    created_at = models.DateTimeField(_("asked"))
    mailed_at = models.DateTimeField(_("mailed"), null=True)

    class Meta:
        default_permissions = ()
        indexes = [models.Index(fields=["created_at"], name="confirmation_age")]

    def __str__(self) -> str:
        return f"{self.comment_id}: {self.email}"
