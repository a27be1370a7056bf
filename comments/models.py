"""Readers' comments, who wrote them, and what moderators decided."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils.crypto import get_random_string
from django.utils.text import Truncator
from django.utils.translation import gettext_lazy as _

from articles.models import Article, Section
from comments.states import SHOWN, WAITING, Mode, Reason, State

MAX_DEPTH = 4


def new_public_id() -> str:
    """An address that nobody can guess or count: 12 letters and digits, 71 bits."""
    return get_random_string(12)


class Commenter(models.Model):
    """A reader whose email address or account is known. Most comments have none.

    A name and an address that were only typed earn nothing: all trust hangs on `verified_at`.
    """

    email = models.EmailField(_("email"), blank=True)
    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="commenter",
        verbose_name=_("account"),
    )
    name = models.CharField(_("name"), max_length=60, blank=True)
    verified_at = models.DateTimeField(_("verified"), null=True, blank=True)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)

    class Meta:
        verbose_name = _("commenter")
        verbose_name_plural = _("commenters")
        constraints = [
            models.UniqueConstraint(Lower("email"), condition=~Q(email=""), name="commenter_email_once"),
        ]

    def __str__(self) -> str:
        return self.name or self.email or f"#{self.pk}"


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
    reason = models.CharField(_("reason"), max_length=20, choices=Reason.choices, blank=True)
    score = models.IntegerField(_("spam score"), default=0)
    # [{"name": "staff_name", "weight": 40, "detail": "Erik Example"}, ...]; weights add up to the score.
    signals = models.JSONField(_("signals"), default=list, blank=True)
    picked_at = models.DateTimeField(_("picked by the editors"), null=True, blank=True)

    created_at = models.DateTimeField(_("written"))
    edited_at = models.DateTimeField(_("edited"), null=True, editable=False)
    published_at = models.DateTimeField(_("first published"), null=True, editable=False)
    state_at = models.DateTimeField(_("in this state since"))

    address_prefix = models.CharField(_("network"), max_length=50, blank=True)
    address_hmac = models.CharField(max_length=64, blank=True, editable=False)
    submit_key = models.CharField(max_length=64, unique=True, editable=False)

    objects = CommentQuerySet.as_manager()

    class Meta:
        verbose_name = _("comment")
        verbose_name_plural = _("comments")
        ordering = ["-pk"]
        # Nobody adds, changes or deletes a comment in the admin: it is read and decided on.
        default_permissions = ("view",)
        permissions = [("moderate_comment", _("Can approve, reject and hold comments"))]
        constraints = [
            models.UniqueConstraint(fields=["article", "number"], name="comment_numbered_once"),
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
            models.Index(fields=["state", "state_at"], name="comment_queue"),
            models.Index(fields=["address_prefix", "created_at"], name="comment_network"),
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


class ModerationAction(models.Model):
    """Append-only: who or which rule decided what on a comment, when and why."""

    comment = models.ForeignKey(Comment, on_delete=models.PROTECT, related_name="actions", verbose_name=_("comment"))
    decision = models.CharField(_("decision"), max_length=20)
    from_state = models.CharField(max_length=20, choices=State.choices)
    to_state = models.CharField(max_length=20, choices=State.choices)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("by")
    )
    rule = models.CharField(_("rule"), max_length=80, blank=True)
    automated = models.BooleanField(_("automated"), default=False)
    # What each step of comments.policy found, in their order: [{"step": "words", "found": "casino"}, ...].
    steps = models.JSONField(default=list, blank=True)
    reason = models.CharField(_("reason"), max_length=20, choices=Reason.choices, blank=True)
    clause = models.CharField(_("policy clause"), max_length=80, blank=True)
    note = models.TextField(_("note to colleagues"), blank=True)
    notice = models.TextField(_("note to the reader"), blank=True)
    text_version = models.PositiveIntegerField()
    state_version = models.PositiveIntegerField()
    at = models.DateTimeField(_("time"))

    class Meta:
        verbose_name = _("moderation")
        verbose_name_plural = _("moderations")
        ordering = ["-pk"]
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["comment", "state_version"], name="moderation_of_state_once"),
        ]

    def __str__(self) -> str:
        return f"{self.decision} {self.comment_id}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if self.pk and not self._state.adding:
            raise TypeError("A moderation never changes. Decide again.")
        super().save(*args, **kwargs)


class MarkCount(models.Model):
    """In how many comments that moderators found spam, and found good, a mark of comments.bayes occurs.

    The row with the key ALL counts the comments themselves. Written by comments.learning alone.
    """

    ALL = 0

    key = models.BigIntegerField(primary_key=True)
    spam = models.PositiveIntegerField(default=0)
    good = models.PositiveIntegerField(default=0)

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.key}: {self.spam}/{self.good}"


class Lesson(models.Model):
    """What was learnt from a decision on a comment, so that it is learnt once and can be unlearnt."""

    comment = models.OneToOneField(Comment, on_delete=models.PROTECT, primary_key=True, related_name="lesson")
    spam = models.BooleanField()
    text_version = models.PositiveIntegerField()
    keys = models.JSONField()

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.comment_id}: {'spam' if self.spam else 'good'}"


class Opening(models.Model):
    """How an article or a section takes comments. The article's own wins; without either it is pre-moderated."""

    article = models.OneToOneField(
        Article, on_delete=models.CASCADE, null=True, blank=True, related_name="opening", verbose_name=_("article")
    )
    section = models.OneToOneField(
        Section, on_delete=models.CASCADE, null=True, blank=True, related_name="opening", verbose_name=_("section")
    )
    mode = models.CharField(_("mode"), max_length=10, choices=Mode.choices, default=Mode.PRE)
    closes_after = models.PositiveSmallIntegerField(
        _("closes after days"),
        null=True,
        blank=True,
        help_text=_("Days from the article’s first publication. Empty: it stays open."),
    )

    class Meta:
        verbose_name = _("opening for comments")
        verbose_name_plural = _("openings for comments")
        constraints = [
            models.CheckConstraint(
                condition=Q(article__isnull=True) ^ Q(section__isnull=True),
                name="opening_of_article_or_section",
                violation_error_message=_("Choose either an article or a section."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.article or self.section}: {self.get_mode_display()}"


class WordRule(models.Model):
    """Words that no comment is shown with before a moderator has seen it, or at all."""

    HOLD, REJECT = "hold", "reject"

    words = models.CharField(
        _("words"),
        max_length=100,
        unique=True,
        help_text=_("Whole words, in any case and with any accents. End with * for words that begin so."),
    )
    then = models.CharField(
        _("then"), max_length=10, choices=[(HOLD, _("hold it")), (REJECT, _("reject it"))], default=HOLD
    )
    reason = models.CharField(_("reason"), max_length=20, choices=Reason.choices, default=Reason.ABUSE)
    active = models.BooleanField(
        _("active"),
        default=False,
        help_text=_("Save it first, see below what it would have caught, then switch it on."),
    )

    class Meta:
        verbose_name = _("word rule")
        verbose_name_plural = _("word rules")
        ordering = ["words"]

    def __str__(self) -> str:
        return self.words


class BanQuerySet(models.QuerySet["Ban"]):
    def in_force(self, now: datetime) -> "BanQuerySet":
        return self.filter(Q(ends_at__isnull=True) | Q(ends_at__gt=now))


class Ban(models.Model):
    """Somebody, or a network, that may not write, change or report comments for a time."""

    commenter = models.ForeignKey(
        Commenter, on_delete=models.CASCADE, null=True, blank=True, related_name="bans", verbose_name=_("commenter")
    )
    network = models.CharField(
        _("network"), max_length=50, blank=True, help_text=_("An address: its whole network (/24 or /48) is banned.")
    )
    reason = models.CharField(_("reason"), max_length=200, help_text=_("The reader is told it."))
    made_at = models.DateTimeField(_("made"), auto_now_add=True)
    ends_at = models.DateTimeField(_("ends"), null=True, blank=True)

    objects = BanQuerySet.as_manager()

    class Meta:
        verbose_name = _("ban")
        verbose_name_plural = _("bans")
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(commenter__isnull=False, network="") | (Q(commenter__isnull=True) & ~Q(network="")),
                name="ban_of_somebody_or_a_network",
                violation_error_message=_("Name either a commenter or a network."),
            ),
            models.CheckConstraint(
                condition=Q(network="") | Q(ends_at__isnull=False),
                name="ban_of_a_network_ends",
                violation_error_message=_("Say when the ban of a network ends: others will use it one day."),
            ),
        ]

    def __str__(self) -> str:
        return str(self.commenter or self.network)
