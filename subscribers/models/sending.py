"""How the sending of an issue goes: its sums, who has taken what to send, how fast it may go, what came back."""

from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from subscribers.models.issue import Delivery, Issue
from subscribers.models.subscriber import Subscriber
from subscribers.names import validate_domain
from subscribers.states import BounceKind


class Sending(models.Model):
    """The sums of an issue's deliveries by state, kept in the transaction that changes the states.

    They cost one row to read where counting a million deliveries takes a quarter of a second.
    """

    issue = models.OneToOneField(Issue, on_delete=models.CASCADE, primary_key=True, related_name="sending")
    queued = models.IntegerField(default=0)
    claimed = models.IntegerField(default=0)
    handed_over = models.IntegerField(default=0)
    delivered = models.IntegerField(default=0)
    deferred = models.IntegerField(default=0)
    failed = models.IntegerField(default=0)
    bounced = models.IntegerField(default=0)
    complained = models.IntegerField(default=0)
    skipped = models.IntegerField(default=0)
    uncertain = models.IntegerField(default=0)

    # The domains with limits of their own when the deliveries were made, besides "" for all others.
    lanes = models.JSONField(default=list)
    # While the mail server does not take anything: when it is tried again, how often it was, and what it said.
    waits_until = models.DateTimeField(null=True)
    refusals = models.PositiveIntegerField(default=0)
    trouble = models.CharField(max_length=400, blank=True)
    # How many had come back or failed when the last storm was looked at (subscribers.sending.storms).
    weathered = models.PositiveIntegerField(default=0)

    def __str__(self) -> str:
        return str(self.issue_id)


class Batch(models.Model):
    """Deliveries that one worker has taken to send, in the order of their keys, until `lease_until`.

    `begun` is the delivery whose message is being handed over. It is written before that begins, and says at
    the same time that all deliveries before it which are still in the batch were taken by the mail server. So one
    small write for each message is enough for whoever finds the batch after its worker died.
    """

    issue = models.ForeignKey(Issue, on_delete=models.PROTECT, related_name="batches", db_index=False)
    worker = models.CharField(max_length=64)
    run = models.CharField(max_length=32, default="")  # of machine or database (subscribers.sending.durability)
    begun = models.BigIntegerField(null=True)
    lease_until = models.DateTimeField()
    started_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)
    sent = models.PositiveIntegerField(default=0)

    class Meta:
        indexes = [
            models.Index(fields=["issue", "closed_at"], name="batch_of_issue"),
            models.Index(fields=["lease_until"], name="batch_open", condition=Q(closed_at__isnull=True)),
        ]

    def __str__(self) -> str:
        return f"{self.issue_id}: {self.worker}"


class DatabaseRun(models.Model):
    """One row, which PostgreSQL empties away when it comes up after a crash, or as a standby that takes over.

    Its table is UNLOGGED there. While the name stays the same, nothing that was committed has been lost.
    """

    name = models.CharField(max_length=32)

    def __str__(self) -> str:
        return self.name


class Pace(models.Model):
    """When the next mail of this kind (a newsletter, a domain) may go. Written by subscribers.pacing."""

    key = models.CharField(max_length=270, unique=True)
    next_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.key


class DomainLimit(models.Model):
    """How many mails a minute the servers of a domain get from all newsletters together."""

    domain = models.CharField(
        _("domain"),
        max_length=255,
        unique=True,
        validators=[validate_domain],
        help_text=_("What stands behind the @, such as example.org."),
    )
    per_minute = models.PositiveIntegerField(
        _("mails a minute"),
        validators=[MinValueValidator(1)],
        help_text=_("Applies to issues that are started from now on; a changed number also to those under way."),
    )

    class Meta:
        verbose_name = _("limit for a domain")
        verbose_name_plural = _("limits for domains")
        ordering = ["domain"]

    def __str__(self) -> str:
        return self.domain


class Bounce(models.Model):
    """A mail that came back, or a complaint about one. Each report is kept once, however often it is told."""

    subscriber = models.ForeignKey(Subscriber, on_delete=models.CASCADE, related_name="bounces")
    delivery = models.ForeignKey(Delivery, on_delete=models.SET_NULL, null=True, related_name="bounces")
    kind = models.CharField(_("kind"), max_length=10, choices=BounceKind.choices)
    status = models.CharField(_("status"), max_length=12, blank=True, help_text=_("As of RFC 3463, such as 5.1.1."))
    said = models.CharField(_("what the server said"), max_length=400, blank=True)
    way = models.CharField(_("way"), max_length=40)
    source = models.CharField(max_length=64, unique=True)
    at = models.DateTimeField(_("time"))

    class Meta:
        verbose_name = _("bounce")
        verbose_name_plural = _("bounces")
        ordering = ["-at", "-pk"]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.status}".strip()
