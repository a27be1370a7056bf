"""What readers see, over spans of time, and what hides, corrects and addresses it."""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from articles.models.article import Article, Revision
from articles.models.image import Image, ImageUse
from articles.models.querysets import EditionQuerySet
from articles.models.taxonomy import Author, Section, Tag
from articles.states import Kind


class Edition(models.Model):
    """One revision, compiled, over a span of time. Written by articles.publishing alone.

    What an editor wants is the intent (`starts_at`, `expires_at`, cancelled, held); what readers get
    is the span [live_from, live_until) laid from the intents of all editions of the article.
    """

    article = models.ForeignKey(Article, on_delete=models.PROTECT, related_name="editions")
    revision = models.ForeignKey(Revision, on_delete=models.PROTECT, related_name="editions")
    # The revision that was approved for it, where what was published meanwhile has been merged into it since.
    before_merge = models.ForeignKey(Revision, on_delete=models.PROTECT, null=True, related_name="+")
    kind = models.CharField(_("kind"), max_length=12, choices=Kind.choices)
    # Published then and there, not for a time to come: what waits behind it takes it in.
    at_once = models.BooleanField(default=False)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField()

    starts_at = models.DateTimeField(_("starts"))
    expires_at = models.DateTimeField(_("expires"), null=True)
    typed_start = models.CharField(max_length=40, blank=True)
    typed_end = models.CharField(max_length=40, blank=True)
    zone = models.CharField(max_length=63, blank=True)
    cancelled_at = models.DateTimeField(null=True)
    held_at = models.DateTimeField(null=True)
    # Held because it clashes with this one; null where a colleague holds it.
    held_for = models.ForeignKey("self", on_delete=models.SET_NULL, null=True, related_name="+")
    live_from = models.DateTimeField(null=True)
    live_until = models.DateTimeField(null=True)

    language = models.CharField(max_length=12)
    translation_group = models.CharField(max_length=32)
    path = models.CharField(max_length=400)
    section = models.ForeignKey(Section, on_delete=models.PROTECT, related_name="editions")
    kicker = models.CharField(max_length=80, blank=True)
    headline = models.CharField(max_length=200)
    standfirst = models.TextField(blank=True)
    lead_image = models.ForeignKey(Image, on_delete=models.PROTECT, null=True, related_name="+")
    published_at = models.DateTimeField()
    updated_at = models.DateTimeField(null=True)
    compiler = models.PositiveSmallIntegerField()

    history_hidden = models.TextField(blank=True)
    history_hidden_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    history_hidden_at = models.DateTimeField(null=True)

    objects = EditionQuerySet.as_manager()

    class Meta:
        verbose_name = _("edition")
        verbose_name_plural = _("editions")
        ordering = ["article", "starts_at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["article", "live_from"], condition=Q(live_from__isnull=False), name="edition_one_at_a_time"
            ),
            models.UniqueConstraint(
                fields=["article"],
                condition=Q(live_from__isnull=False, live_until__isnull=True),
                name="edition_one_open_end",
            ),
            models.CheckConstraint(
                condition=Q(live_until__isnull=True) | Q(live_until__gt=F("live_from")), name="edition_span_forward"
            ),
            models.CheckConstraint(
                condition=Q(live_from__isnull=False) | Q(live_until__isnull=True), name="edition_end_needs_start"
            ),
            models.CheckConstraint(
                condition=Q(live_from__isnull=True) | Q(cancelled_at__isnull=True, held_at__isnull=True),
                name="edition_cancelled_or_held_has_no_span",
            ),
            models.CheckConstraint(
                condition=Q(expires_at__isnull=True) | Q(expires_at__gt=F("starts_at")), name="edition_expires_later"
            ),
        ]
        indexes = [
            models.Index(fields=["language", "-published_at", "-id"], name="edition_newest"),
            models.Index(fields=["section", "language", "-published_at", "-id"], name="edition_of_section"),
            models.Index(fields=["live_from"], name="edition_next_start"),
            models.Index(fields=["live_until"], name="edition_next_end"),
            models.Index(fields=["path"], name="edition_at_path"),
            models.Index(fields=["translation_group"], name="edition_translations"),
            models.Index(
                fields=["held_at"], condition=Q(held_at__isnull=False, cancelled_at__isnull=True), name="edition_held"
            ),
        ]

    def __str__(self) -> str:
        return self.headline

    def get_absolute_url(self) -> str:
        return self.path

    def intent(self) -> dict[str, Any]:
        """What an editor wants of it, as JSON: spans follow from the intents of all editions."""
        return {
            "edition": self.pk,
            "revision": self.revision_id,
            "starts_at": self.starts_at.isoformat(),
            "expires_at": self.expires_at.isoformat() if self.expires_at else None,
            "cancelled": self.cancelled_at is not None,
            "held": self.held_at is not None,
        }


class EditionBody(models.Model):
    """The wide part of an edition: HTML that passed the allow-list, with slots for figures, and its text."""

    edition = models.OneToOneField(Edition, on_delete=models.CASCADE, primary_key=True, related_name="body")
    html = models.TextField()
    text = models.TextField()
    words = models.PositiveIntegerField()
    headings = models.JSONField(default=list)

    def __str__(self) -> str:
        return str(self.edition)


class EditionByline(models.Model):
    edition = models.ForeignKey(Edition, on_delete=models.CASCADE, related_name="bylines")
    author = models.ForeignKey(Author, on_delete=models.PROTECT, related_name="+")
    position = models.PositiveSmallIntegerField()

    class Meta:
        ordering = ["position"]
        constraints = [models.UniqueConstraint(fields=["edition", "author"], name="edition_credits_author_once")]

    def __str__(self) -> str:
        return str(self.author)


class EditionTag(models.Model):
    edition = models.ForeignKey(Edition, on_delete=models.CASCADE, related_name="tags")
    tag = models.ForeignKey(Tag, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["edition", "tag"], name="edition_tagged_once")]

    def __str__(self) -> str:
        return str(self.tag)


class EditionImage(ImageUse):
    """A picture of an edition, with the words it was compiled with.

    `caption` is inline HTML that passed the allow-list. `position` of a picture in the text is the
    number of its slot in the body. What can change later (renditions, rights, a kill) is the image's.
    """

    image = models.ForeignKey(Image, on_delete=models.PROTECT, related_name="edition_uses")
    edition = models.ForeignKey(Edition, on_delete=models.CASCADE, related_name="image_uses")
    layout = models.CharField(max_length=20, blank=True)

    def __str__(self) -> str:
        return f"{self.get_place_display()}: {self.image_id}"


class Correction(models.Model):
    """A mended error, told to readers: what was wrong and what is right. Shown with every later edition too."""

    article = models.ForeignKey(Article, on_delete=models.PROTECT, related_name="corrections")
    edition = models.OneToOneField(Edition, on_delete=models.PROTECT, related_name="correction")
    notice = models.TextField(_("notice"))
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("correction")
        verbose_name_plural = _("corrections")
        ordering = ["-at"]

    def __str__(self) -> str:
        return self.notice


class Reason(models.TextChoices):
    """Why an article was withdrawn, for the newsroom's own count."""

    ERROR = "error", _("serious error")
    LEGAL = "legal", _("legal")
    PRIVACY = "privacy", _("privacy")
    OTHER = "other", _("other")


class Withdrawal(models.Model):
    """Hides all editions of an article, past and future, until it is lifted."""

    article = models.ForeignKey(Article, on_delete=models.PROTECT, related_name="withdrawals")
    notice = models.TextField(_("notice"))
    reason = models.CharField(_("reason"), max_length=10, choices=Reason.choices, default=Reason.OTHER)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField()
    lifted_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    lifted_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("withdrawal")
        verbose_name_plural = _("withdrawals")
        ordering = ["-at"]
        constraints = [
            models.UniqueConstraint(fields=["article"], condition=Q(lifted_at__isnull=True), name="withdrawal_one_open")
        ]

    def __str__(self) -> str:
        return self.notice


class Address(models.Model):
    """A path that belongs to an article for good: its own ones, and those it had elsewhere.

    The current one is the path of the edition that is live; every other one leads there by 301.
    """

    path = models.CharField(max_length=400, unique=True)
    article = models.ForeignKey(Article, on_delete=models.PROTECT, related_name="addresses")
    made_at = models.DateTimeField()

    class Meta:
        verbose_name = _("address")
        verbose_name_plural = _("addresses")

    def __str__(self) -> str:
        return self.path


class Event(models.Model):
    """Append-only: who did what to an article, and when."""

    article = models.ForeignKey(Article, on_delete=models.SET_NULL, null=True, related_name="events")
    verb = models.CharField(max_length=30)
    from_state = models.CharField(max_length=40, blank=True)
    to_state = models.CharField(max_length=40, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField()
    note = models.TextField(blank=True)
    # What the verb changed besides the status, so that the log alone tells how things came to be.
    data = models.JSONField(default=dict)
    revision = models.ForeignKey(Revision, on_delete=models.SET_NULL, null=True, related_name="+")
    edition = models.ForeignKey(Edition, on_delete=models.SET_NULL, null=True, related_name="+")

    class Meta:
        verbose_name = _("event")
        verbose_name_plural = _("events")
        ordering = ["-at", "-pk"]
        indexes = [models.Index(fields=["article", "-at"], name="event_of_article")]

    def __str__(self) -> str:
        return f"{self.verb} {self.article_id}"
