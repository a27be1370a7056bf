"""One number of a newsletter, what became of it, and its way to each subscriber."""

from datetime import datetime
from typing import Any, NoReturn

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from articles.models import Article
from subscribers.models.newsletter import Newsletter
from subscribers.models.subscriber import Subscriber
from subscribers.names import validate_slug
from subscribers.states import DeliveryState, IssueState

# Where an issue waits to be sent: what is withdrawn meanwhile calls it back.
QUEUED = (IssueState.READY, IssueState.SCHEDULED)
# From the first mail on, since the mail's own link leads to the archive.
PUBLIC = (IssueState.SENDING, IssueState.PAUSED, IssueState.SENT)
# What readers got or are sure to get, or what is frozen and waits for somebody to decide. A draft may never be sent.
TOLD = (*QUEUED, IssueState.MATERIALISING, *PUBLIC, IssueState.FAILED)
# Deliveries of which a mail has left, or may have.
WENT_OUT = (
    DeliveryState.CLAIMED,
    DeliveryState.HANDED_OVER,
    DeliveryState.DELIVERED,
    DeliveryState.BOUNCED,
    DeliveryState.COMPLAINED,
    DeliveryState.UNCERTAIN,
)


class IssueQuerySet(models.QuerySet["Issue"]):
    def public(self) -> "IssueQuerySet":
        """Those that the archive lists."""
        return self.filter(state__in=PUBLIC)

    def readable(self) -> "IssueQuerySet":
        """Those that readers may read on the web: the listed ones, and those cut short that somebody has got."""
        return self.filter(Q(state__in=PUBLIC) | Exists(_gone_out()))

    def queued(self) -> "IssueQuerySet":
        """Those that are ready or scheduled."""
        return self.filter(state__in=QUEUED)

    def due(self, moment: datetime) -> "IssueQuerySet":
        """Scheduled ones whose time has come at `moment`, the one that waited longest first."""
        return self.filter(state=IssueState.SCHEDULED, starts_at__lte=moment).order_by("starts_at", "pk")

    def reaching_readers(self) -> "IssueQuerySet":
        """Those that somebody got or is to get: what stands in one of them need not be sent again."""
        return self.filter(Q(state__in=TOLD) | Exists(_gone_out()))


def _gone_out() -> "models.QuerySet[Delivery]":
    return Delivery.objects.filter(issue=OuterRef("pk"), state__in=WENT_OUT)


class Issue(models.Model):
    """What is sent at once. Its content is frozen and hashed when it is made ready.

    `state` is set by subscribers.issues.workflow alone, and what it holds by .composing; both count
    `version` on, so that of two who work on one issue nobody overwrites the other.
    """

    newsletter = models.ForeignKey(
        Newsletter, on_delete=models.PROTECT, verbose_name=_("newsletter"), related_name="issues"
    )
    key = models.SlugField(
        _("key"),
        max_length=80,
        validators=[validate_slug],
        help_text=_("The last part of its address: the period of a digest, such as 2026-05-04, or a slug."),
    )
    state = models.CharField(
        _("state"), max_length=14, choices=IssueState.choices, default=IssueState.DRAFT, editable=False
    )
    subject = models.CharField(_("subject"), max_length=150, blank=True)
    intro = models.TextField(_("introduction"), blank=True)
    # A digest holds what was published in [period_from, period_until), and what another issue was to tell before.
    period_from = models.DateTimeField(null=True, editable=False)
    period_until = models.DateTimeField(null=True, editable=False)
    articles = models.ManyToManyField(Article, through="IssueItem", related_name="+")

    content = models.JSONField(null=True, editable=False)
    content_hash = models.CharField(max_length=64, blank=True, editable=False)
    version = models.PositiveIntegerField(default=0, editable=False)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        verbose_name=_("owner"),
        related_name="issues",
    )
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    ready_at = models.DateTimeField(_("ready"), null=True, editable=False)
    starts_at = models.DateTimeField(_("sent from"), null=True, blank=True)
    finished_at = models.DateTimeField(_("sent"), null=True, editable=False)
    # How far deliveries are made: the last subscriber's key, so that a killed worker goes on from there.
    materialised_to = models.BigIntegerField(default=0, editable=False)

    objects = IssueQuerySet.as_manager()

    class Meta:
        verbose_name = _("issue")
        verbose_name_plural = _("issues")
        ordering = ["-pk"]
        permissions = [("send_issue", _("Can make issues ready, send, stop and cancel them"))]
        constraints = [
            models.UniqueConstraint(fields=["newsletter", "key"], name="issue_key_once"),
            models.CheckConstraint(
                condition=Q(state__in=["draft", "cancelled", "failed"]) | ~Q(content_hash=""),
                name="issue_frozen_when_ready",
            ),
        ]
        indexes = [models.Index(fields=["state", "starts_at"], name="issue_due")]

    def __str__(self) -> str:
        return self.subject or self.key

    @property
    def is_digest(self) -> bool:
        """Whether it was made by rule."""
        return self.period_until is not None

    def has_gone_out(self) -> bool:
        """Whether a mail of it has left, or may have. One query."""
        return self.deliveries.filter(state__in=WENT_OUT).exists()


class IssueEvent(models.Model):
    """Append-only: what was done to an issue, by whom (nobody: the site itself), and when."""

    issue = models.ForeignKey(Issue, on_delete=models.CASCADE, related_name="events")
    verb = models.CharField(_("what"), max_length=20)
    from_state = models.CharField(max_length=14, choices=IssueState.choices)
    to_state = models.CharField(_("state"), max_length=14, choices=IssueState.choices)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("by")
    )
    at = models.DateTimeField(_("time"))
    note = models.TextField(_("note"), blank=True)
    # What the verb changed besides the state, such as the hash of the content or the time to be sent at.
    data = models.JSONField(default=dict)

    class Meta:
        verbose_name = _("event of an issue")
        verbose_name_plural = _("events of issues")
        ordering = ["-at", "-pk"]

    def __str__(self) -> str:
        return f"{self.verb} {self.issue_id}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise TypeError("What happened to an issue is never changed.")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise TypeError("What happened to an issue is never deleted.")


class IssueItem(models.Model):
    """An article in an issue, in its place and perhaps in other words."""

    issue = models.ForeignKey(Issue, on_delete=models.CASCADE, related_name="items")
    article = models.ForeignKey(Article, on_delete=models.PROTECT, verbose_name=_("article"), related_name="+")
    position = models.PositiveSmallIntegerField(_("position"), default=0)
    headline = models.CharField(_("headline"), max_length=200, blank=True, help_text=_("Empty: the article's own."))
    text = models.TextField(_("text"), blank=True, help_text=_("Empty: the article's standfirst."))

    class Meta:
        verbose_name = _("article of the issue")
        verbose_name_plural = _("articles of the issue")
        ordering = ["position", "pk"]
        constraints = [models.UniqueConstraint(fields=["issue", "article"], name="issue_names_article_once")]

    def __str__(self) -> str:
        return self.headline or f"#{self.article_id}"


class Delivery(models.Model):
    """One issue to one subscriber: the pair is unique, and the Message-ID is derived from it (subscribers.marks).

    `state` is written by subscribers.materialising, .claiming, .outcomes and .returned, which keep the sums of
    the issue (models.Sending) in step.
    """

    issue = models.ForeignKey(Issue, on_delete=models.PROTECT, related_name="deliveries", db_index=False)
    # Empty once the subscriber is erased; the sums stay right.
    subscriber = models.ForeignKey(Subscriber, on_delete=models.SET_NULL, null=True, related_name="deliveries")
    state = models.CharField(
        _("state"), max_length=12, choices=DeliveryState.choices, default=DeliveryState.QUEUED, editable=False
    )
    # The recipient's domain where that has a limit of its own (models.DomainLimit), so that those whose turn it
    # is are found without passing by those who must wait.
    lane = models.CharField(max_length=255, blank=True)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    next_try_at = models.DateTimeField(_("next attempt"), default=timezone.now)
    batch = models.ForeignKey(
        "Batch", on_delete=models.PROTECT, null=True, related_name="deliveries", db_index=False, editable=False
    )
    answer = models.CharField(_("answer of the mail server"), max_length=400, blank=True)
    changed_at = models.DateTimeField(_("changed"))

    class Meta:
        verbose_name = _("delivery")
        verbose_name_plural = _("deliveries")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["issue", "subscriber"], name="delivery_once"),
            models.CheckConstraint(
                condition=Q(state="claimed", batch__isnull=False) | (~Q(state="claimed") & Q(batch__isnull=True)),
                name="delivery_claimed_in_batch",
            ),
        ]
        indexes = [
            models.Index(fields=["issue", "state", "lane", "next_try_at"], name="delivery_to_send"),
            models.Index(fields=["batch"], name="delivery_in_batch", condition=Q(batch__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"{self.issue_id}: {self.get_state_display()}"
