"""What moderators decide, and what readers say to it: decisions, reports, appeals."""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from comments.models.comment import Comment
from comments.states import State


class ModerationAction(models.Model):
    """Append-only: who or which rule decided what on a comment, when and why.

    Where the comment is erased, that stays, without what may quote its words: steps, note, notice.
    """

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
    # The code of a RejectionReason.
    reason = models.CharField(_("reason"), max_length=20, blank=True)
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
        indexes = [models.Index(fields=["at"], name="moderation_time")]

    def __str__(self) -> str:
        return f"{self.decision} {self.comment_id}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if self.pk and not self._state.adding:
            raise TypeError("A moderation never changes. Decide again.")
        super().save(*args, **kwargs)


class Report(models.Model):
    """A reader's notice that a comment breaks a rule. Each sender has one open at a time for a comment and a rule.

    `address_hmac` tells senders apart, by network and by the mailbox that is to be told (comments.readers.reports).
    """

    comment = models.ForeignKey(Comment, on_delete=models.PROTECT, related_name="reports", verbose_name=_("comment"))
    # The code of a RejectionReason.
    reason = models.CharField(_("reason"), max_length=20)
    text = models.TextField(_("what is wrong"), blank=True)
    # Where its sender wants to be told what comes of it; forgotten once nothing more can (comments.readers.telling).
    email = models.EmailField(_("email"), blank=True)
    # When they were mailed that it was received, and what was decided.
    receipt_at = models.DateTimeField(null=True, editable=False)
    told_at = models.DateTimeField(null=True, editable=False)
    language = models.CharField(_("language"), max_length=12, blank=True)
    address_prefix = models.CharField(_("network"), max_length=50, blank=True)
    address_hmac = models.CharField(max_length=64, blank=True, editable=False)
    created_at = models.DateTimeField(_("reported"))
    closed_at = models.DateTimeField(_("closed"), null=True)
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("closed by")
    )
    # Whether the comment was taken off for it; empty while nobody has decided.
    upheld = models.BooleanField(_("upheld"), null=True)

    class Meta:
        verbose_name = _("report")
        verbose_name_plural = _("reports")
        ordering = ["-pk"]
        default_permissions = ("view",)
        constraints = [
            models.UniqueConstraint(
                fields=["comment", "address_hmac"],
                condition=Q(closed_at__isnull=True) & ~Q(address_hmac=""),
                name="report_from_a_sender_once",
            ),
            models.CheckConstraint(
                condition=Q(closed_at__isnull=True, upheld__isnull=True)
                | Q(closed_at__isnull=False, upheld__isnull=False),
                name="report_closed_has_outcome",
            ),
        ]
        indexes = [
            models.Index(fields=["created_at"], condition=Q(closed_at__isnull=True), name="report_open"),
            models.Index(fields=["email"], name="report_to_tell"),
        ]

    def __str__(self) -> str:
        return f"{self.comment_id}: {self.reason}"


class Appeal(models.Model):
    """An author's objection to a decision. Somebody else than who made the decision answers it, once."""

    action = models.OneToOneField(
        ModerationAction, on_delete=models.PROTECT, related_name="appeal", verbose_name=_("decision")
    )
    comment = models.ForeignKey(Comment, on_delete=models.PROTECT, related_name="appeals", verbose_name=_("comment"))
    text = models.TextField(_("objection"))
    created_at = models.DateTimeField(_("made"))
    closed_at = models.DateTimeField(_("answered"), null=True)
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("answered by")
    )
    granted = models.BooleanField(_("granted"), null=True)
    # Told to the author.
    answer = models.TextField(_("answer"), blank=True)

    class Meta:
        verbose_name = _("appeal")
        verbose_name_plural = _("appeals")
        ordering = ["pk"]
        default_permissions = ("view",)
        constraints = [
            models.CheckConstraint(
                condition=Q(closed_at__isnull=True, closed_by__isnull=True, granted__isnull=True)
                | Q(closed_at__isnull=False, granted__isnull=False),
                name="appeal_closed_has_outcome",
            ),
        ]
        indexes = [models.Index(fields=["created_at"], condition=Q(closed_at__isnull=True), name="appeal_open")]

    def __str__(self) -> str:
        return f"{self.comment_id}: {self.text[:80]}"
