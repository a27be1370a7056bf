"""What outlives the address itself: proof of consent, and whom never to mail. Both know an HMAC only."""

from typing import Any, NoReturn

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from subscribers.models.imports import Import
from subscribers.models.newsletter import ConsentText, Newsletter
from subscribers.proofs import LENGTH
from subscribers.states import ConsentKind, SuppressionReason


class AppendOnlyQuerySet(models.QuerySet[Any]):
    """Rows are added and read."""

    def update(self, **kwargs: Any) -> NoReturn:
        raise TypeError("Consent events are proof: they are never changed.")

    def delete(self) -> NoReturn:
        raise TypeError("Consent events are proof: they are never deleted.")

    def of(self, hmacs: list[str]) -> "AppendOnlyQuerySet":
        """The events of one address, given as subscribers.proofs.hmacs makes them; the newest first."""
        return self.filter(email_hmac__in=hmacs)


class ConsentEvent(models.Model):
    """Append-only: what an address asked for, agreed to or withdrew, to which words, on which page."""

    email_hmac = models.CharField(max_length=LENGTH, db_index=True)
    newsletter = models.ForeignKey(Newsletter, on_delete=models.PROTECT, verbose_name=_("newsletter"), related_name="+")
    kind = models.CharField(_("kind"), max_length=12, choices=ConsentKind.choices)
    consent_text = models.ForeignKey(
        ConsentText, on_delete=models.PROTECT, null=True, verbose_name=_("consent text"), related_name="+"
    )
    page = models.CharField(_("page"), max_length=400, blank=True)
    at = models.DateTimeField(_("time"))
    address_prefix = models.CharField(_("network"), max_length=50, blank=True)
    way = models.CharField(_("way"), max_length=40, blank=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, verbose_name=_("by"), related_name="+"
    )
    # What an import says of itself: who claimed the consent, in which words, and when it is said to have been given.
    imported = models.ForeignKey(
        Import, on_delete=models.PROTECT, null=True, verbose_name=_("import"), related_name="events"
    )
    claimed_at = models.DateTimeField(_("claimed time"), null=True)

    objects = AppendOnlyQuerySet.as_manager()

    class Meta:
        verbose_name = _("consent event")
        verbose_name_plural = _("consent events")
        ordering = ["-at", "-pk"]
        # The list of all events, and the sums of each month.
        indexes = [models.Index(fields=["at", "kind", "newsletter"], name="consent_event_time")]

    def __str__(self) -> str:
        return f"{self.newsletter_id}: {self.get_kind_display()}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise TypeError("Consent events are proof: they are never changed.")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise TypeError("Consent events are proof: they are never deleted.")


class Suppression(models.Model):
    """Never mail this address: from one newsletter, or from any (`newsletter` empty)."""

    email_hmac = models.CharField(max_length=LENGTH)
    newsletter = models.ForeignKey(
        Newsletter,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        verbose_name=_("newsletter"),
        related_name="+",
        help_text=_("Empty: no mail from any newsletter."),
    )
    reason = models.CharField(
        _("reason"), max_length=12, choices=SuppressionReason.choices, default=SuppressionReason.ASKED
    )
    at = models.DateTimeField(_("since"))
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, verbose_name=_("by"), related_name="+"
    )

    class Meta:
        verbose_name = _("suppression")
        verbose_name_plural = _("suppressions")
        ordering = ["-at", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["email_hmac", "newsletter"], name="suppressed_once_for_a_newsletter"),
            models.UniqueConstraint(
                fields=["email_hmac"], condition=Q(newsletter__isnull=True), name="suppressed_once_for_all"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.email_hmac[-12:]}: {self.get_reason_display()}"
