"""A list of addresses that somebody brought along, and what they said of it."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from subscribers.models.newsletter import Newsletter
from subscribers.states import ImportState


class Import(models.Model):
    """One run over one file. It stays as the source of the consent that it claims; file and report are wiped."""

    newsletter = models.ForeignKey(
        Newsletter, on_delete=models.PROTECT, verbose_name=_("newsletter"), related_name="imports"
    )
    file_name = models.CharField(_("file"), max_length=255)
    file_hash = models.CharField(_("SHA-256 of the file"), max_length=64, blank=True)
    claim = models.TextField(_("how these people agreed"), max_length=2000, blank=True)
    dry_run = models.BooleanField(_("dry run"), default=False)
    state = models.CharField(_("state"), max_length=10, choices=ImportState.choices, default=ImportState.WAITING)
    lines = models.PositiveIntegerField(_("lines"), default=0)
    counts = models.JSONField(_("counts"), default=dict)
    problem = models.CharField(_("problem"), max_length=400, blank=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, verbose_name=_("by"), related_name="+"
    )
    created_at = models.DateTimeField(_("started"))
    # Moves on while the file is read: an import that stands still has lost its worker.
    changed_at = models.DateTimeField(_("last sign of life"))
    # How many workers have begun to read it. Whoever is not the last one of them writes nothing here any more.
    tries = models.PositiveSmallIntegerField(default=0)
    # Names in the private storage; empty once the files are wiped.
    upload = models.CharField(max_length=100, blank=True)
    report = models.CharField(max_length=100, blank=True)

    class Meta:
        verbose_name = _("import")
        verbose_name_plural = _("imports")
        ordering = ["-pk"]

    def __str__(self) -> str:
        return self.file_name
