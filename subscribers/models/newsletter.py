"""What readers are offered, and to which words they agree."""

from typing import Any

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from newsroom.models import site_language, validate_zone
from subscribers.names import validate_list_id, validate_sender_name, validate_slug
from subscribers.states import Rhythm


class Newsletter(models.Model):
    """A series of issues to those who agreed to get it."""

    name = models.CharField(_("name"), max_length=120)
    slug = models.SlugField(
        _("slug"),
        max_length=80,
        unique=True,
        validators=[validate_slug],
        help_text=_("Its part of the address of the archive. Do not change it after the first issue."),
    )
    description = models.CharField(
        _("description"),
        max_length=255,
        blank=True,
        help_text=_("One sentence for readers: what comes, and how often."),
    )
    language = models.CharField(_("language"), max_length=12, choices=settings.LANGUAGES, default=site_language)
    offered = models.BooleanField(
        _("offered to readers"),
        default=True,
        help_text=_("Whether the form on every page offers it. It needs a notice as well."),
    )
    position = models.PositiveSmallIntegerField(_("position in the form"), default=100)

    sender_name = models.CharField(
        _("sender's name"),
        max_length=80,
        blank=True,
        validators=[validate_sender_name],
        help_text=_("Empty: the newsletter's name."),
    )
    sender_address = models.EmailField(
        _("sender's address"), blank=True, help_text=_("Empty: the site's own sender address.")
    )
    list_id = models.CharField(
        _("List-Id"),
        max_length=200,
        blank=True,
        validators=[validate_list_id],
        help_text=_("How mail programs know this newsletter, such as weekly.example.org. Empty: made from the slug."),
    )

    rhythm = models.CharField(_("rhythm"), max_length=10, choices=Rhythm.choices, default=Rhythm.COMPOSED)
    weekday = models.PositiveSmallIntegerField(
        _("weekday"), default=1, validators=[MinValueValidator(1), MaxValueValidator(7)], help_text=_("1 is Monday.")
    )
    send_at = models.TimeField(_("time of day"), default="07:00")
    zone = models.CharField(
        _("time zone"), max_length=63, blank=True, validators=[validate_zone], help_text=_("Empty: the site's zone.")
    )
    # Digests of times before it are none: whoever changes the rhythm does not send at once.
    digests_since = models.DateTimeField(null=True, editable=False)
    least_articles = models.PositiveSmallIntegerField(
        _("least number of articles"), default=1, help_text=_("A digest with fewer articles is not sent.")
    )
    per_minute = models.PositiveIntegerField(
        _("mails a minute"),
        default=0,
        help_text=_("How fast it is sent at most. 0: as fast as the mail server takes it."),
    )
    created_at = models.DateTimeField(_("created"), auto_now_add=True)

    class Meta:
        verbose_name = _("newsletter")
        verbose_name_plural = _("newsletters")
        ordering = ["position", "name"]
        constraints = [
            models.CheckConstraint(condition=Q(weekday__gte=1, weekday__lte=7), name="newsletter_weekday_iso"),
        ]

    def __str__(self) -> str:
        return self.name


class ConsentTextQuerySet(models.QuerySet["ConsentText"]):
    def current(self) -> "ConsentTextQuerySet":
        """The newest version for each newsletter and language."""
        newer = ConsentText.objects.filter(
            newsletter=OuterRef("newsletter"), language=OuterRef("language"), version__gt=OuterRef("version")
        )
        return self.filter(~Exists(newer))

    def offered(self) -> "ConsentTextQuerySet":
        """Any version, of newsletters that readers are offered. Old ones may stand on pages still open."""
        return self.filter(newsletter__offered=True).select_related("newsletter")


class ConsentText(models.Model):
    """One wording of the notice under the form. It never changes: another wording is another version."""

    newsletter = models.ForeignKey(
        Newsletter, on_delete=models.PROTECT, verbose_name=_("newsletter"), related_name="consent_texts"
    )
    language = models.CharField(_("language"), max_length=12, choices=settings.LANGUAGES, default=site_language)
    version = models.PositiveIntegerField(_("version"), editable=False)
    text = models.TextField(
        _("notice"),
        max_length=4000,
        help_text=_("Who sends the newsletter, what for, how long the address is kept, and how to leave."),
    )
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        editable=False,
        related_name="+",
        verbose_name=_("written by"),
    )
    created_at = models.DateTimeField(_("written"), auto_now_add=True)

    objects = ConsentTextQuerySet.as_manager()

    class Meta:
        verbose_name = _("consent text")
        verbose_name_plural = _("consent texts")
        ordering = ["newsletter", "language", "-version"]
        constraints = [
            models.UniqueConstraint(fields=["newsletter", "language", "version"], name="consent_text_numbered_once"),
        ]

    def __str__(self) -> str:
        return f"{self.newsletter} ({self.language}, {self.version})"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise TypeError("A consent text never changes. Save a new version.")
        super().save(*args, **kwargs)
