"""Every state and kind of the newsletters' tables, in one place."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Rhythm(TextChoices):
    """When a newsletter's issues are made."""

    COMPOSED = "composed", _("composed by hand")
    DAILY = "daily", _("daily digest")
    WEEKLY = "weekly", _("weekly digest")


class SubscriptionState(TextChoices):
    """Whether a subscriber gets a newsletter. Back to active only by new consent."""

    ACTIVE = "active", _("active")
    PAUSED = "paused", _("paused")
    UNSUBSCRIBED = "unsubscribed", _("unsubscribed")


class ConsentKind(TextChoices):
    """What happened between a reader and a newsletter."""

    REQUESTED = "requested", _("requested")
    CONFIRMED = "confirmed", _("confirmed")
    WITHDRAWN = "withdrawn", _("withdrawn")
    IMPORTED = "imported", _("imported")
    COMPLAINED = "complained", _("complained")


class SuppressionReason(TextChoices):
    """Why an address is never mailed."""

    ASKED = "asked", _("asked for it")
    COMPLAINED = "complained", _("complained about a mail")
    BOUNCED = "bounced", _("mails come back")
    ERASED = "erased", _("was erased")
    IMPORTED = "imported", _("brought from another system")


class ImportState(TextChoices):
    """How far an import has come."""

    WAITING = "waiting", _("waiting")
    RUNNING = "running", _("running")
    DONE = "done", _("done")
    FAILED = "failed", _("stopped")


class IssueState(TextChoices):
    """From the first words to the last delivery."""

    DRAFT = "draft", _("draft")
    READY = "ready", _("ready")
    SCHEDULED = "scheduled", _("scheduled")
    MATERIALISING = "materialising", _("preparing deliveries")
    SENDING = "sending", _("sending")
    PAUSED = "paused", _("paused")
    SENT = "sent", _("sent")
    CANCELLED = "cancelled", _("cancelled")
    FAILED = "failed", _("failed")


class DeliveryState(TextChoices):
    """One issue on its way to one subscriber."""

    QUEUED = "queued", _("queued")
    CLAIMED = "claimed", _("being sent")
    HANDED_OVER = "handed_over", _("handed over")
    DELIVERED = "delivered", _("delivered")
    DEFERRED = "deferred", _("tried again later")
    FAILED = "failed", _("failed")
    BOUNCED = "bounced", _("bounced")
    COMPLAINED = "complained", _("complained")
    SKIPPED = "skipped", _("skipped")
    UNCERTAIN = "uncertain", _("uncertain")


class BounceKind(TextChoices):
    """What a mail tells that comes back. A delay is told by servers that go on trying."""

    HARD = "hard", _("will never arrive")
    SOFT = "soft", _("did not arrive this time")
    DELAY = "delay", _("is still being tried")
    COMPLAINT = "complaint", _("complaint")
