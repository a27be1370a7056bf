"""Sections, authors and topics in the admin."""

from typing import Any, ClassVar

from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from articles.admin.showing import thumbnail
from articles.models import Article, Author, Edition, Section, Tag
from newsroom import pagecache
from newsroom.lib.paging import LongList


class NamedAdmin(admin.ModelAdmin):
    """Something with a name and an address. Pages name it as it is called today, so a change makes them stale."""

    prepopulated_fields = {"slug": ("name",)}
    search_fields: ClassVar[tuple[str, ...]] = ("name", "slug")
    # How an article names one of these; an edition does by the model's `live_lookup`.
    article_lookup: ClassVar[str]

    def get_prepopulated_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """An address that readers may know does not follow a change of the name."""
        return {} if obj else super().get_prepopulated_fields(request, obj)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        transaction.on_commit(pagecache.drop)

    def is_named(self, obj: Any) -> bool:
        """Whether any article or edition names it, one that nobody sees yet included."""
        return (
            Article.objects.filter(**{self.article_lookup: obj}).exists()
            or Edition.objects.filter(**{self.model.live_lookup: obj}).exists()
        )

    def delete_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        """What an article names stays: say so where the form is, instead of asking whether to delete it."""
        obj = self.get_object(request, unquote(object_id))
        if obj is not None and self.has_delete_permission(request, obj) and self.is_named(obj):
            self.message_user(request, _in_use(obj), messages.ERROR)
            return HttpResponseRedirect(reverse(f"admin:articles_{self.opts.model_name}_change", args=[obj.pk]))
        return super().delete_view(request, object_id, extra_context)

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> tuple[Any, Any, Any, Any]:
        """The same for several at once: Django deletes nothing while something is protected."""
        objs = list(objs)
        protected = [_in_use(obj) for obj in objs if self.is_named(obj)]
        return [str(obj) for obj in objs], {self.opts.verbose_name_plural: len(objs)}, set(), protected

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        super().delete_model(request, obj)
        transaction.on_commit(pagecache.drop)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        super().delete_queryset(request, queryset)
        transaction.on_commit(pagecache.drop)


def _in_use(obj: Any) -> str:
    sentence = gettext("“%(name)s” is named by an article, so it cannot be deleted. Take it off its articles first.")
    return sentence % {"name": obj}


@admin.register(Section)
class SectionAdmin(NamedAdmin):
    article_lookup = "section"
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
    article_lookup = "bylines__author"
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
    article_lookup = "tags"
    list_display = ("name", "slug")
    ordering = ("name",)
    fields = ("name", "slug", "description")
