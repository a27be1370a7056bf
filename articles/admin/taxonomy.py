"""Sections, authors and topics in the admin."""

from typing import Any, ClassVar

from django.contrib import admin
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from articles.admin.showing import thumbnail
from articles.models import Author, Section, Tag
from newsroom import pagecache
from newsroom.lib.paging import LongList


class NamedAdmin(admin.ModelAdmin):
    """Something with a name and an address. Pages name it as it is called today, so a change makes them stale."""

    prepopulated_fields = {"slug": ("name",)}
    search_fields: ClassVar[tuple[str, ...]] = ("name", "slug")

    def get_prepopulated_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """An address that readers may know does not follow a change of the name."""
        return {} if obj else super().get_prepopulated_fields(request, obj)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        transaction.on_commit(pagecache.drop)

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        super().delete_model(request, obj)
        transaction.on_commit(pagecache.drop)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        super().delete_queryset(request, queryset)
        transaction.on_commit(pagecache.drop)


@admin.register(Section)
class SectionAdmin(NamedAdmin):
    list_display = ("name", "slug", "position", "desk")
    ordering = ("position", "name")
    autocomplete_fields = ("editors",)
    fieldsets = (
        (None, {"fields": ("name", "slug", "description", "position")}),
        (_("Desk"), {"fields": ("editors",)}),
    )

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).prefetch_related("editors")

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> tuple[Any, bool]:
        """Where a form asks for a section, those are offered whose desk is open to the writer."""
        if request.path == reverse("admin:autocomplete") and not request.user.has_perm("articles.publish_anything"):
            queryset = queryset.filter(pk__in=Section.objects.open_to(request.user).values("pk"))
        return super().get_search_results(request, queryset, search_term)

    @admin.display(description=_("desk"))
    def desk(self, section: Section) -> str:
        return ", ".join(map(str, section.editors.all())) or str(_("everyone"))


@admin.register(Author)
class AuthorAdmin(LongList, NamedAdmin):
    list_display = ("picture", "name", "role", "user")
    list_display_links = ("name",)
    list_select_related = ("portrait", "user")
    ordering = ("name",)
    search_fields = ("name", "slug", "role")
    autocomplete_fields = ("user", "portrait")
    fieldsets = (
        (None, {"fields": ("name", "slug", "role", "description", "portrait")}),
        (_("Login"), {"fields": ("user",)}),
    )

    @admin.display(description=_("portrait"))
    def picture(self, author: Author) -> str:
        return thumbnail(author.portrait)


@admin.register(Tag)
class TagAdmin(LongList, NamedAdmin):
    list_display = ("name", "slug")
    ordering = ("name",)
    fields = ("name", "slug", "description")
