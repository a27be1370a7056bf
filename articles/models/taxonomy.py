"""Where an article belongs and who wrote it: sections, topics, authors."""

from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from articles.models.querysets import LiveNamesQuerySet, SectionQuerySet


class Named(models.Model):
    """A name with an address of its own."""

    name = models.CharField(_("name"), max_length=120)
    slug = models.SlugField(_("slug"), max_length=120, unique=True, allow_unicode=True)
    description = models.TextField(_("description"), blank=True)

    # How an edition names one of these.
    live_lookup: ClassVar[str]

    objects: ClassVar[Any] = LiveNamesQuerySet.as_manager()

    class Meta:
        abstract = True
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class Section(Named):
    """An article's one editorial home. Its desk are the people responsible for it."""

    live_lookup = "section"

    position = models.PositiveSmallIntegerField(_("position in the menu"), default=100)
    editors = models.ManyToManyField(
        settings.AUTH_USER_MODEL,
        verbose_name=_("desk"),
        blank=True,
        related_name="desks",
        help_text=_("The people who work on this section. Empty: everyone whose role allows it."),
    )

    objects: ClassVar[Any] = SectionQuerySet.as_manager()

    class Meta(Named.Meta):
        verbose_name = _("section")
        verbose_name_plural = _("sections")
        ordering = ["position", "name"]


class Author(Named):
    """Somebody credited in a byline, with a login or without."""

    live_lookup = "bylines__author"

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, verbose_name=_("account")
    )
    role = models.CharField(_("role"), max_length=120, blank=True, help_text=_("Such as “Reporter, Berlin”."))
    portrait = models.ForeignKey(
        "articles.Image", on_delete=models.PROTECT, null=True, blank=True, verbose_name=_("portrait"), related_name="+"
    )

    class Meta(Named.Meta):
        verbose_name = _("author")
        verbose_name_plural = _("authors")


class Tag(Named):
    """A topic: any number of them on an article."""

    live_lookup = "tags__tag"

    class Meta(Named.Meta):
        verbose_name = _("topic")
        verbose_name_plural = _("topics")
