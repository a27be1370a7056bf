"""Static pages in the admin: about, privacy, contact."""

import re
from typing import Any

import django.contrib.flatpages.admin  # noqa: F401  (its registration comes first, and ours replaces it)
from django import forms
from django.conf import settings
from django.contrib import admin
from django.contrib.flatpages.models import FlatPage
from django.contrib.sites.models import Site
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from articles.editor import BodyField, EditorAdminMixin
from newsroom import pagecache
from newsroom.lib.html import clean

# First parts of addresses that belong to something else, now or by contract.
RESERVED = {
    ".well-known", "admin", "archive", "article", "author", "comments", "corrections", "favicon.ico", "feed",
    "feed.json", "healthz", "images", "latest", "mail", "news-sitemap.xml", "newsletter", "oembed", "readyz",
    "robots.txt", "search", "section", "seen", "share", "sitemap.xml", "static", "theme.css", "topic",
}  # fmt: skip
PATH = re.compile(r"/(?:[\w~][-\w.~]*/)+")
YEAR = re.compile(r"[0-9]{4}")


class PageForm(forms.ModelForm):
    url = forms.CharField(
        label=_("address"),
        max_length=100,
        help_text=_("The path after the site's name, such as /about/ or /about/contact/."),
    )
    content = BodyField(_("text"), blank=True).formfield()

    class Meta:
        model = FlatPage
        fields = ("url", "title", "content")

    def clean_url(self) -> str:
        """A path of letters, digits and hyphens that nothing else of the site answers at."""
        url = "/" + self.cleaned_data["url"].strip().strip("/") + "/"
        if not PATH.fullmatch(url):
            raise ValidationError(_("Use letters, digits and hyphens between slashes, such as /about/contact/."))
        first = _first_part(url)
        if first.lower() in RESERVED or YEAR.fullmatch(first) or not first:
            raise ValidationError(
                _("Addresses that begin with /%(word)s/ belong to another part of the site. Choose another word."),
                params={"word": first or url.strip("/")},
            )
        if FlatPage.objects.filter(url=url).exclude(pk=self.instance.pk).exists():
            raise ValidationError(_("There is a page at this address already. Change that one, or choose another."))
        return url

    def clean_content(self) -> str:
        return clean(self.cleaned_data["content"])


def _first_part(url: str) -> str:
    """What comes first in a path, after a language: "de" of /de/about/ is one, and "about" is meant."""
    parts = url.strip("/").split("/")
    if parts[0] in dict(settings.LANGUAGES):
        parts = [*parts[1:], ""]
    return parts[0]


admin.site.unregister(FlatPage)


@admin.register(FlatPage)
class PageAdmin(EditorAdminMixin, admin.ModelAdmin):
    form = PageForm
    fields = ("title", "url", "content")
    list_display = ("title", "url")
    ordering = ("url",)
    search_fields = ("url", "title")

    def view_on_site(self, obj: FlatPage) -> str:
        return obj.get_absolute_url()

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """The site is one, so a page is a page of it."""
        super().save_related(request, form, formsets, change)
        form.instance.sites.set([Site.objects.get_current()])
        transaction.on_commit(pagecache.drop)

    def delete_model(self, request: HttpRequest, obj: FlatPage) -> None:
        super().delete_model(request, obj)
        transaction.on_commit(pagecache.drop)

    def delete_queryset(self, request: HttpRequest, queryset: Any) -> None:
        super().delete_queryset(request, queryset)
        transaction.on_commit(pagecache.drop)
