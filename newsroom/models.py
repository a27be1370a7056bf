"""People who work here, and what the site says of itself."""

import zoneinfo
from typing import Any

from django.conf import settings
from django.contrib.auth.models import AbstractUser
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _


def validate_zone(name: str) -> None:
    """Accept a time zone that this machine knows, such as "Europe/Berlin"."""
    if name not in zoneinfo.available_timezones():
        raise ValidationError(
            _("There is no time zone “%(zone)s”. Use a name such as Europe/Berlin."), params={"zone": name}
        )


def site_language() -> str:
    """The language of the site's own pages, and of whatever names no other."""
    return settings.LANGUAGE_CODE


class User(AbstractUser):
    """Somebody with a login. Credits to readers are Author's matter, not this model's."""

    time_zone = models.CharField(
        _("time zone"),
        max_length=63,
        blank=True,
        validators=[validate_zone],
        help_text=_("Times in the admin are shown in this zone. Empty: the site's zone."),
    )
    language = models.CharField(
        _("language"),
        max_length=12,
        blank=True,
        choices=settings.LANGUAGES,
        help_text=_("The language of the admin. Empty: the site's language."),
    )
    mail_on_assignment = models.BooleanField(_("mail me when an article is assigned to me"), default=True)
    mail_on_decision = models.BooleanField(_("mail me when an article of mine is decided"), default=True)

    class Meta(AbstractUser.Meta):
        pass

    def __str__(self) -> str:
        return self.get_full_name() or self.username

    def zone(self) -> zoneinfo.ZoneInfo:
        """The zone in which times are shown to them; the site's where they chose none that this machine knows."""
        try:
            return zoneinfo.ZoneInfo(self.time_zone or settings.TIME_ZONE)
        except (zoneinfo.ZoneInfoNotFoundError, ValueError):
            return zoneinfo.ZoneInfo(settings.TIME_ZONE)


class SiteSettings(models.Model):
    """One row: what the site is called and how this newsroom works."""

    name = models.CharField(_("site name"), max_length=80, default="The Newsroom")
    tagline = models.CharField(_("tagline"), max_length=160, blank=True)
    footer = models.CharField(
        _("footer"), max_length=400, blank=True, help_text=_("One line under every page: publisher, address.")
    )
    contact_email = models.EmailField(_("contact address"), blank=True)
    accent = models.CharField(
        _("accent colour"),
        max_length=7,
        default="#9b1c31",
        help_text=_("A colour such as #9b1c31, dark enough to be read on white."),
    )
    undo_seconds = models.PositiveSmallIntegerField(
        _("seconds to undo"),
        default=20,
        validators=[MaxValueValidator(600)],
        help_text=_("A publication waits this long, so that it can be undone before readers see it. 0: at once."),
    )
    four_eyes = models.BooleanField(
        _("four eyes"),
        default=True,
        help_text=_("Whoever approves a revision has written nothing of it. Switch off in a one-person newsroom only."),
    )
    newsletter_dialog = models.BooleanField(
        _("show the newsletter's form in a dialog"),
        default=False,
        help_text=_("Once to each reader, after a while of reading. Whoever closes it does not see it again."),
    )

    class Meta:
        verbose_name = verbose_name_plural = _("site settings")
        constraints = [models.CheckConstraint(condition=models.Q(pk=1), name="site_settings_one_row")]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.pk = 1
        super().save(*args, **kwargs)

    @classmethod
    def current(cls) -> "SiteSettings":
        """The site's settings; the defaults, unsaved, where nobody has saved any."""
        return cls.objects.filter(pk=1).first() or cls(pk=1)
