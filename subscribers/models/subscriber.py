"""Who asked, who agreed, and what they get."""

from datetime import timedelta

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from newsroom.models import site_language, validate_zone
from subscribers.models.newsletter import ConsentText, Newsletter
from subscribers.states import SubscriptionState

EMAIL_LENGTH = 254  # RFC 5321, 4.5.3.1.3, less the angle brackets


class SubscribeRequest(models.Model):
    """Somebody typed an address into the form; nobody is a subscriber before confirming.

    One row for each newsletter asked for. It waits (`token_hash` empty) until a job takes it up, which
    mails a link or drops the row; the link is good for OPEN_FOR and the row is purged after KEPT_FOR.
    """

    OPEN_FOR = timedelta(hours=48)
    KEPT_FOR = timedelta(days=7)

    token_hash = models.CharField(max_length=64, blank=True, db_index=True)
    email = models.CharField(_("email address"), max_length=EMAIL_LENGTH)
    email_norm = models.CharField(max_length=EMAIL_LENGTH, db_index=True)
    newsletter = models.ForeignKey(Newsletter, on_delete=models.PROTECT, verbose_name=_("newsletter"), related_name="+")
    consent_text = models.ForeignKey(ConsentText, on_delete=models.PROTECT, related_name="+")
    language = models.CharField(_("language"), max_length=12)
    page = models.CharField(_("page"), max_length=400, blank=True)
    address_prefix = models.CharField(max_length=50, blank=True)
    # Made up by the browser that sent the form, which presses the button itself when it meets it again.
    mark = models.CharField(max_length=32, blank=True)
    requested_at = models.DateTimeField(_("requested"), db_index=True)
    mailed_at = models.DateTimeField(_("mailed"), null=True)
    confirmed_at = models.DateTimeField(_("confirmed"), null=True)

    class Meta:
        verbose_name = _("request to subscribe")
        verbose_name_plural = _("requests to subscribe")
        ordering = ["pk"]

    def __str__(self) -> str:
        return self.email


class Subscriber(models.Model):
    """A confirmed address. `email_norm` (newsroom.lib.emails) tells whether two are the same.

    Every link in a mail dies when `token_version` grows.
    """

    email = models.CharField(_("email address"), max_length=EMAIL_LENGTH)
    email_norm = models.CharField(max_length=EMAIL_LENGTH, unique=True)
    language = models.CharField(_("language"), max_length=12, choices=settings.LANGUAGES, default=site_language)
    time_zone = models.CharField(_("time zone"), max_length=63, blank=True, validators=[validate_zone])
    token_version = models.PositiveIntegerField(default=1, editable=False)
    newsletters = models.ManyToManyField(Newsletter, through="Subscription", related_name="subscribers")
    created_at = models.DateTimeField(_("subscriber since"))

    class Meta:
        verbose_name = _("subscriber")
        verbose_name_plural = _("subscribers")
        ordering = ["-pk"]
        permissions = [("export_subscriber", _("Can export subscribers"))]

    def __str__(self) -> str:
        return self.email


class Subscription(models.Model):
    """Whether a subscriber gets a newsletter. Written by subscribers.subscribing and .leaving."""

    subscriber = models.ForeignKey(Subscriber, on_delete=models.CASCADE, related_name="subscriptions")
    newsletter = models.ForeignKey(
        Newsletter, on_delete=models.PROTECT, verbose_name=_("newsletter"), related_name="subscriptions"
    )
    state = models.CharField(
        _("state"), max_length=12, choices=SubscriptionState.choices, default=SubscriptionState.ACTIVE
    )
    paused_until = models.DateTimeField(_("paused until"), null=True, blank=True)
    since = models.DateTimeField(_("since"))

    class Meta:
        verbose_name = _("subscription")
        verbose_name_plural = _("subscriptions")
        ordering = ["newsletter"]
        constraints = [
            models.UniqueConstraint(fields=["subscriber", "newsletter"], name="subscription_once"),
            models.CheckConstraint(
                condition=Q(paused_until__isnull=True) | Q(state="paused"), name="subscription_pause_ends"
            ),
        ]
        indexes = [models.Index(fields=["newsletter", "state", "subscriber"], name="subscription_to_send")]

    def __str__(self) -> str:
        return f"{self.newsletter}: {self.get_state_display()}"
