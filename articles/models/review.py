"""What colleagues say of a text before it is published, or after an emergency."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from articles.models.article import Article, Revision
from articles.models.edition import Edition


class Note(models.Model):
    """An editor's remark to colleagues. A blocking one keeps the text from being published until it is resolved."""

    article = models.ForeignKey(Article, on_delete=models.CASCADE, related_name="notes")
    revision = models.ForeignKey(Revision, on_delete=models.SET_NULL, null=True, related_name="+")
    text = models.TextField(_("note"))
    blocking = models.BooleanField(
        _("blocks publication"), default=False, help_text=_("Nothing of it is published until this is resolved.")
    )
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField()
    resolved_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    resolved_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("note")
        verbose_name_plural = _("notes")
        ordering = ["-at", "-pk"]
        indexes = [models.Index(fields=["article", "resolved_at"], name="note_open_of_article")]

    def __str__(self) -> str:
        return self.text


class EmergencyReview(models.Model):
    """A second pair of eyes owed to an edition that was published without them. Another person closes it."""

    article = models.ForeignKey(Article, on_delete=models.PROTECT, related_name="emergency_reviews")
    edition = models.OneToOneField(Edition, on_delete=models.PROTECT, related_name="emergency_review")
    reason = models.TextField(_("reason"))
    opened_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    opened_at = models.DateTimeField()
    vouched = models.BooleanField(_("vouched for"), null=True)
    finding = models.TextField(_("finding"), blank=True)
    closed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    closed_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("emergency review")
        verbose_name_plural = _("emergency reviews")
        ordering = ["-opened_at", "-pk"]
        indexes = [
            models.Index(fields=["opened_at"], condition=Q(closed_at__isnull=True), name="emergency_review_open")
        ]

    def __str__(self) -> str:
        return self.reason
