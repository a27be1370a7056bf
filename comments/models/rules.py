"""What the rules for comments are made of: reasons, openings, words, bans."""

from datetime import datetime

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from articles.models import Article, Section
from comments.models.commenter import Commenter
from comments.states import Mode, Reason


class RejectionReason(models.Model):
    """A rule that a comment can break. Comments and decisions keep its code, so its words can be mended.

    Those that come with the newsroom (comments.states.Reason) have words in every language of the interface,
    which stand where the fields here are empty.
    """

    code = models.SlugField(_("code"), max_length=20, unique=True)
    label = models.CharField(_("label"), max_length=80, blank=True)
    explanation = models.TextField(
        _("explanation"), blank=True, help_text=_("What the author of a rejected comment is told.")
    )
    clause = models.CharField(
        _("policy clause"), max_length=80, blank=True, help_text=_("Where your rules for comments say so, such as § 4.")
    )
    spam = models.BooleanField(
        _("teaches the spam filter"), default=False, help_text=_("Comments rejected for it count as spam there.")
    )
    active = models.BooleanField(
        _("active"), default=True, help_text=_("Whether moderators and readers can choose it. Old decisions keep it.")
    )
    position = models.PositiveSmallIntegerField(_("position"), default=100)

    class Meta:
        verbose_name = _("reason to reject a comment")
        verbose_name_plural = _("reasons to reject a comment")
        ordering = ["position", "code"]
        # A reason that decisions name is not deleted, but taken out of use.
        default_permissions = ("view", "add", "change")

    def __str__(self) -> str:
        return str(self.label or (Reason(self.code).label if self.code in Reason.values else self.code))


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
    # The code of a RejectionReason.
    reason = models.CharField(_("reason"), max_length=20, default=Reason.ABUSE)
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
