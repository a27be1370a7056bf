"""The library's pictures."""

from datetime import datetime, timedelta

from django.conf import settings
from django.core.files.storage import Storage, storages
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from articles.models.querysets import ImageQuerySet
from articles.states import Bar

# Rights that end within this time are looked after now.
RIGHTS_SOON = timedelta(days=30)


def originals() -> Storage:
    return storages["originals"]


def original_name(image: "Image", filename: str) -> str:
    """Where an original is kept: by its content, so that a name typed by somebody never becomes a path."""
    return f"{image.sha256[:2]}/{image.sha256}"


class Image(models.Model):
    """An asset of the library: a private original with its words and rights, and its public renditions.

    `renditions` lists what readers can be sent, smallest first:
    [{"width": 480, "height": 320, "type": "image/webp", "path": "ab/ab12.../v2-480.webp"}, ...], crops besides with
    their shape as "crop": "16x9". It is filled by a job (articles.renditions) and only ever names files that exist;
    of a picture that readers may not see it names none.
    """

    original = models.FileField(_("file"), storage=originals, upload_to=original_name, max_length=200)
    file_name = models.CharField(_("file name"), max_length=255, blank=True)
    sha256 = models.CharField(max_length=64, unique=True, editable=False)
    media_type = models.CharField(max_length=40, editable=False)
    width = models.PositiveIntegerField(editable=False)
    height = models.PositiveIntegerField(editable=False)
    frames = models.PositiveIntegerField(default=1, editable=False)  # more than one: readers get the first as a still
    renditions = models.JSONField(default=list, editable=False)

    alt = models.CharField(
        _("alt text"),
        max_length=500,
        blank=True,
        help_text=_("What the picture shows, for those who do not see it."),
    )
    decorative = models.BooleanField(
        _("decorative"), default=False, help_text=_("The picture says nothing that the text does not say.")
    )
    caption = models.TextField(_("caption"), blank=True)
    credit = models.CharField(_("credit"), max_length=255, blank=True, help_text=_("Who made or owns it."))
    creator = models.CharField(
        _("creator"), max_length=255, blank=True, help_text=_("Who took or drew it, where the credit does not say so.")
    )
    copyright = models.CharField(_("copyright"), max_length=255, blank=True)
    source = models.CharField(_("source"), max_length=255, blank=True)
    # What else the file says of itself, a line each ("Keywords: ..."), to be read and searched, never published.
    file_words = models.TextField(_("words in the file"), blank=True, editable=False)
    rights_until = models.DateTimeField(_("may be used until"), null=True, blank=True)
    rights_denied = models.CharField(
        _("may not be used because"), max_length=255, blank=True, help_text=_("Empty: it may be used.")
    )
    focal_x = models.FloatField(
        _("focal point, from the left"), default=0.5, validators=[MinValueValidator(0), MaxValueValidator(1)]
    )
    focal_y = models.FloatField(
        _("focal point, from the top"), default=0.5, validators=[MinValueValidator(0), MaxValueValidator(1)]
    )
    taken_at = models.DateTimeField(_("taken"), null=True, blank=True)
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
        verbose_name=_("uploaded by"),
    )
    uploaded_at = models.DateTimeField(_("uploaded"), auto_now_add=True)
    killed_at = models.DateTimeField(_("taken down"), null=True, editable=False)
    kill_notice = models.CharField(
        _("notice in its place"), max_length=300, blank=True, editable=False, help_text=_("Readers see it.")
    )
    import_source = models.CharField(max_length=80, blank=True, editable=False)

    objects = ImageQuerySet.as_manager()

    class Meta:
        verbose_name = _("image")
        verbose_name_plural = _("images")
        ordering = ["-uploaded_at", "-pk"]
        permissions = [("kill_image", "Can take an image down everywhere, and bring it back")]
        indexes = [
            models.Index(
                fields=["rights_until"], condition=models.Q(rights_until__isnull=False), name="image_end_of_rights"
            )
        ]

    def __str__(self) -> str:
        return self.file_name or self.alt or f"#{self.pk}"

    def bar(self, moment: datetime) -> Bar | None:
        """What forbids to publish it at `moment`, the gravest first; ImageQuerySet.usable asks the database for the
        same."""
        if self.killed_at:
            return Bar.KILLED
        if self.rights_denied:
            return Bar.DENIED
        return Bar.ENDED if self.rights_until and self.rights_until <= moment else None


class ImageEvent(models.Model):
    """What was done to a picture as a whole: append-only.

    `data` of a "replace" names the file before: {"sha256", "original", "media_type", "width", "height"}.
    """

    image = models.ForeignKey(Image, on_delete=models.CASCADE, related_name="events")
    verb = models.CharField(max_length=20)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField()
    note = models.TextField(blank=True)
    data = models.JSONField(default=dict)

    class Meta:
        ordering = ["-at", "-pk"]

    def __str__(self) -> str:
        return f"{self.image_id}: {self.verb}"


class Place(models.TextChoices):
    """Where in an article an image is used."""

    LEAD = "lead", _("lead image")
    TEXT = "text", _("in the text")
    GALLERY = "gallery", _("gallery")


class ImageUse(models.Model):
    """An image as used in one place, with the words of its own that differ from the asset's."""

    image = models.ForeignKey(Image, on_delete=models.PROTECT, verbose_name=_("image"))
    place = models.CharField(_("place"), max_length=10, choices=Place.choices, default=Place.LEAD)
    position = models.PositiveSmallIntegerField(_("position"), default=0)
    caption = models.TextField(_("caption"), blank=True, help_text=_("Empty: the library's caption."))
    alt = models.CharField(_("alt text"), max_length=500, blank=True, help_text=_("Empty: the library's alt text."))
    credit = models.CharField(_("credit"), max_length=255, blank=True, help_text=_("Empty: the library's credit."))

    class Meta:
        abstract = True
        ordering = ["place", "position", "pk"]

    def words(self) -> tuple[str, str, str]:
        """Caption, alt text and credit as readers get them: the use's own, else the asset's."""
        return (
            self.caption or self.image.caption,
            self.alt or self.image.alt,
            self.credit or self.image.credit,
        )
