"""What a comment can be, and why a moderator turned it down."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class State(models.TextChoices):
    """Set by comments.moderation alone, after comments.posting gave the first one."""

    AWAITING_EMAIL = "awaiting_email", _("awaiting confirmation by email")
    PENDING = "pending", _("pending")
    HELD = "held", _("held")
    PUBLISHED = "published", _("published")
    REJECTED = "rejected", _("rejected")
    SPAM = "spam", _("spam")
    WITHDRAWN = "withdrawn", _("withdrawn by its author")
    ERASED = "erased", _("erased")
    # Of what was rejected or spam: erasing it brings nothing that stands under it into sight.
    ERASED_HIDDEN = "erased_hidden", _("erased after it was rejected")


# What a moderator still has to look at.
WAITING = (State.PENDING, State.HELD)
# What a moderator, or a rule, has turned down.
TURNED_DOWN = (State.REJECTED, State.SPAM)
# What nothing is left of; final.
GONE = (State.ERASED, State.ERASED_HIDDEN)
# What leaves only its place in the thread, so that replies stand.
TOMBSTONES = (State.WITHDRAWN, State.ERASED)
# What its author may take away: nobody has turned it down.
WITHDRAWABLE = (State.AWAITING_EMAIL, *WAITING, State.PUBLISHED)
# What takes a place on the article's page.
SHOWN = (State.PUBLISHED, *TOMBSTONES)


# The name in the log of a decision that takes the last one back.
UNDO = "undo"
# And of one that a second person made on an appeal.
GRANT = "grant"


class Reason(models.TextChoices):
    """The rule that a rejected comment breaks."""

    ABUSE = "abuse", _("abuse or hatred")
    OFF_TOPIC = "off_topic", _("not about the article")
    ADVERTISING = "advertising", _("advertising")
    IMPERSONATION = "impersonation", _("under somebody else’s name")
    PERSONAL_DATA = "personal_data", _("personal data of others")
    UNLAWFUL = "unlawful", _("unlawful")
    OTHER = "other", _("other")


class Mode(models.TextChoices):
    """Who is shown without a moderator, on an article or in a section."""

    CLOSED = "closed", _("closed")
    PRE = "pre", _("pre-moderated")
    TRUSTED = "trusted", _("trusted readers free")
    POST = "post", _("post-moderated")
