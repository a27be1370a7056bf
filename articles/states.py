"""The two axes of an article, which never mix: the working copy's status, and what readers meet.

Besides, what bars a picture.
"""

from enum import Enum

from django.db import models
from django.utils.translation import gettext_lazy as _


class Status(models.TextChoices):
    """The working copy. Moved by articles.workflow; an edit voids a review (articles.revisions), an import approves."""

    DRAFT = "draft", _("draft")
    IN_REVIEW = "in_review", _("in review")
    CHANGES_REQUESTED = "changes_requested", _("changes requested")
    APPROVED = "approved", _("approved")
    PARKED = "parked", _("parked")


class Public(models.TextChoices):
    """What readers meet: derived from editions, withdrawals and the clock, and stored nowhere."""

    UNPUBLISHED = "unpublished", _("unpublished")
    SCHEDULED = "scheduled", _("scheduled")
    LIVE = "live", _("live")
    LIVE_UPDATE = "live_update", _("live, update scheduled")
    EXPIRED = "expired", _("expired")
    WITHDRAWN = "withdrawn", _("withdrawn")


class Kind(models.TextChoices):
    """What an edition is to the one before it."""

    FIRST = "first", _("first publication")
    UPDATE = "update", _("update")
    MINOR = "minor", _("minor change")
    CORRECTION = "correction", _("correction")


class Bar(Enum):
    """What forbids to publish a picture (articles.models.Image.bar)."""

    KILLED = "killed"
    DENIED = "denied"
    ENDED = "ended"
