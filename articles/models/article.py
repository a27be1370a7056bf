"""The working copy that editors edit, its snapshots and their approvals."""

import secrets
from typing import Any

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from articles.editor import BodyField
from articles.models.image import ImageUse
from articles.models.querysets import ArticleQuerySet
from articles.models.taxonomy import Author, Section, Tag
from articles.states import Status
from newsroom.models import site_language


def new_group() -> str:
    """A key that ties an article to its translations."""
    return secrets.token_hex(8)


# What an UPDATE of the domain modules sets, and save() leaves alone.
STATE = {"status", "revision", "timeline_version", "first_published_on", "pinned_at"}


class Article(models.Model):
    """The working copy. Editing it never changes what readers see.

    Content (what a revision holds) is saved by articles.revisions, `status` is set by
    articles.workflow, and what concerns the timeline by articles.publishing.
    """

    section = models.ForeignKey(
        Section, on_delete=models.PROTECT, null=True, blank=True, verbose_name=_("section"), related_name="articles"
    )
    language = models.CharField(_("language"), max_length=12, choices=settings.LANGUAGES, default=site_language)
    translation_group = models.CharField(max_length=32, default=new_group, editable=False, db_index=True)
    kicker = models.CharField(_("kicker"), max_length=80, blank=True, help_text=_("A short label above the headline."))
    headline = models.CharField(_("headline"), max_length=200)
    slug = models.SlugField(
        _("slug"),
        max_length=120,
        blank=True,
        allow_unicode=True,
        help_text=_("The last part of the address. Empty: made from the headline."),
    )
    standfirst = models.TextField(_("standfirst"), blank=True, help_text=_("The summary under the headline."))
    body = BodyField(_("body"), blank=True)
    tags = models.ManyToManyField(Tag, verbose_name=_("topics"), blank=True, related_name="articles")
    authors = models.ManyToManyField(Author, through="Byline", related_name="articles")
    images = models.ManyToManyField("articles.Image", through="ArticleImage", related_name="articles")

    status = models.CharField(
        _("status"), max_length=20, choices=Status.choices, default=Status.DRAFT, editable=False, db_index=True
    )
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        verbose_name=_("owner"),
        related_name="articles_owned",
    )
    assignee = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        verbose_name=_("assigned to"),
        related_name="articles_assigned",
    )
    due = models.DateTimeField(_("due"), null=True, blank=True)
    embargo = models.DateTimeField(
        _("embargo until"), null=True, blank=True, help_text=_("Nothing of it is published before this time.")
    )

    revision = models.ForeignKey(
        "Revision", on_delete=models.PROTECT, null=True, editable=False, related_name="+", verbose_name=_("revision")
    )
    timeline_version = models.PositiveIntegerField(default=0, editable=False)
    first_published_on = models.DateField(_("first published on"), null=True, editable=False)
    published_at = models.DateTimeField(_("published"), null=True, editable=False)
    updated_at = models.DateTimeField(_("updated"), null=True, editable=False)
    pinned_at = models.DateTimeField(_("pinned"), null=True, editable=False)
    import_source = models.CharField(max_length=80, blank=True, editable=False)
    import_id = models.CharField(max_length=255, blank=True, editable=False)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)

    objects = ArticleQuerySet.as_manager()

    class Meta:
        verbose_name = _("article")
        verbose_name_plural = _("articles")
        ordering = ["-pk"]
        # One for each verb of articles.workflow; newsroom.roles gives them out.
        permissions = [
            ("submit_article", _("Can submit articles")),
            ("approve_article", _("Can approve articles or request changes")),
            ("publish_article", _("Can publish, schedule and cancel")),
            ("publish_anything", _("Can work on every section")),
            ("emergency_article", _("Can publish without approval in an emergency")),
            ("withdraw_article", _("Can withdraw articles")),
            ("reinstate_article", _("Can reinstate withdrawn articles")),
            ("pin_article", _("Can pin articles to the front page")),
        ]
        indexes = [
            models.Index(fields=["pinned_at"], condition=models.Q(pinned_at__isnull=False), name="article_pinned"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["import_source", "import_id"],
                condition=~models.Q(import_id=""),
                name="article_imported_once",
            ),
            models.UniqueConstraint(fields=["translation_group", "language"], name="article_translated_once"),
        ]

    def __str__(self) -> str:
        return self.headline

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Write what editors edit. State is written by compare-and-set alone, never over a colleague's."""
        if not self._state.adding and kwargs.get("update_fields") is None:
            fields = {field.name for field in self._meta.concrete_fields if not field.primary_key}
            kwargs["update_fields"] = fields - STATE
        super().save(*args, **kwargs)


class Byline(models.Model):
    """One credit of an article's byline."""

    article = models.ForeignKey(Article, on_delete=models.CASCADE, related_name="bylines")
    author = models.ForeignKey(Author, on_delete=models.PROTECT, verbose_name=_("author"), related_name="bylines")
    position = models.PositiveSmallIntegerField(_("position"), default=0)

    class Meta:
        verbose_name = _("byline")
        verbose_name_plural = _("bylines")
        ordering = ["position", "pk"]
        constraints = [models.UniqueConstraint(fields=["article", "author"], name="byline_names_author_once")]

    def __str__(self) -> str:
        return self.author.name


class ArticleImage(ImageUse):
    """A picture of the working copy. Those in the text follow the body at every save."""

    article = models.ForeignKey(Article, on_delete=models.CASCADE, related_name="image_uses")

    class Meta(ImageUse.Meta):
        verbose_name = _("image of the article")
        verbose_name_plural = _("images of the article")
        constraints = [
            models.UniqueConstraint(
                fields=["article"], condition=models.Q(place="lead"), name="article_has_one_lead_image"
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_place_display()}: {self.image}"


class Revision(models.Model):
    """An immutable snapshot of the content, one for each deliberate save.

    `content` is what readers would see, relations included, as articles.revisions.content_of makes it;
    `content_hash` is taken over exactly that.
    """

    article = models.ForeignKey(Article, on_delete=models.CASCADE, related_name="revisions")
    number = models.PositiveIntegerField(_("number"))
    content = models.JSONField()
    content_hash = models.CharField(max_length=64, db_index=True)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("saved by")
    )
    at = models.DateTimeField(_("saved"))
    reason = models.CharField(_("reason"), max_length=255, blank=True)
    # Where its text comes from: what the editor started from, or what was restored; and what was merged into that.
    parent = models.ForeignKey("self", on_delete=models.SET_NULL, null=True, related_name="+")
    merged = models.ForeignKey("self", on_delete=models.SET_NULL, null=True, related_name="+")

    class Meta:
        verbose_name = _("revision")
        verbose_name_plural = _("revisions")
        ordering = ["-number"]
        constraints = [models.UniqueConstraint(fields=["article", "number"], name="revision_numbered_once")]

    def __str__(self) -> str:
        return f"{self.article_id}/{self.number}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if self.pk and not self._state.adding:
            raise TypeError("A revision never changes. Save a new one.")
        super().save(*args, **kwargs)


class Approval(models.Model):
    """Somebody vouches for exactly this content."""

    article = models.ForeignKey(Article, on_delete=models.CASCADE, related_name="approvals")
    content_hash = models.CharField(max_length=64)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("approval")
        verbose_name_plural = _("approvals")
        indexes = [models.Index(fields=["article", "content_hash"], name="approval_of_content")]

    def __str__(self) -> str:
        return f"{self.article_id}: {self.by}"
