"""The library of pictures in the admin."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.options import IS_POPUP_VAR
from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from articles import library, renditions
from articles.admin.library_views import library_urls
from articles.admin.moments import MOMENTS
from articles.admin.showing import moment, preview, thumbnail
from articles.models import Article, ArticleImage, Author, Image
from articles.models.edition import EditionImage
from newsroom import pagecache
from newsroom.lib import clock
from newsroom.lib.paging import LongList

# What the picture editor answers for; whoever uploaded a picture may only change its words.
RIGHTS = ("rights_until", "rights_denied", "focal_x", "focal_y")


def in_use() -> Q:
    """Pictures that a working copy, an edition of any time or an author names."""
    return (
        Q(Exists(ArticleImage.objects.filter(image=OuterRef("pk"))))
        | Q(Exists(EditionImage.objects.filter(image=OuterRef("pk"))))
        | Q(Exists(Author.objects.filter(portrait=OuterRef("pk"))))
    )


# Name in the address, label, and what it finds.
FILTERS: list[tuple[str, Any, Callable[[HttpRequest], Q]]] = [
    ("alt", _("without alt text"), lambda request: Q(alt="", decorative=False)),
    ("credit", _("without credit"), lambda request: Q(credit="")),
    ("ending", _("rights ending"), lambda request: Q(rights_until__lt=clock.now() + timedelta(days=30))),
    ("barred", _("may not be used"), lambda request: ~Q(rights_denied="") | Q(rights_until__lte=clock.now())),
    ("unused", _("unused"), lambda request: ~in_use()),
    ("mine", _("uploaded by me"), lambda request: Q(uploaded_by=request.user)),
]


class LibraryFilter(admin.SimpleListFilter):
    title = _("what to look after")
    parameter_name = "show"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [(name, label) for name, label, _finds in FILTERS]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Image]) -> QuerySet[Image]:
        for name, _label, finds in FILTERS:
            if name == self.value():
                return queryset.filter(finds(request))
        return queryset


class NewImageForm(forms.ModelForm):
    """Takes a file into the library, or finds that it is there already."""

    file = forms.FileField(
        label=_("File"),
        widget=forms.FileInput(attrs={"accept": "image/*,.heic,.heif,.avif,.tif,.tiff"}),
        help_text=_("A picture in JPEG, PNG, WebP, AVIF, GIF or TIFF."),
    )
    by: Any = None

    class Meta:
        model = Image
        fields = ("alt", "decorative", "caption", "credit", "copyright", "source", "taken_at", *RIGHTS)

    def _post_clean(self) -> None:
        """The file is taken in once all else is right: after the model's own validators, too."""
        super()._post_clean()  # type: ignore[misc]  # its stubs leave it out
        if not self.errors:
            self._take_in()

    def _take_in(self) -> None:
        words = {name: value for name, value in self.cleaned_data.items() if name != "file"}
        file = self.cleaned_data["file"]
        try:
            self.instance, made = library.add(file, name=file.name, by=self.by, **words)
            self.instance.was_known = not made
        except library.Refused as refusal:
            self.add_error("file", str(refusal))

    def save(self, commit: bool = True) -> Image:
        """The library has saved it already."""
        return self.instance

    def save_m2m(self) -> None:
        """A picture has nothing of the kind."""


@admin.register(Image)
class ImageAdmin(LongList, admin.ModelAdmin):
    """Originals are private: nothing here links to them. What is shown is what readers would get."""

    formfield_overrides = MOMENTS
    list_display = ("picture", "name", "words", "credit", "rights")
    list_display_links = ("name",)
    list_filter = (LibraryFilter,)
    list_per_page = 60
    ordering = ("-uploaded_at", "-pk")
    sortable_by = ()
    search_fields = ("alt", "caption", "credit", "copyright", "source", "file_name")
    search_help_text = _("Finds words of the alt text, caption, credit, copyright, source and file name.")
    facts = ("shown", "where_used", "file_name", "measure", "uploaded_by", "uploaded_at", "killed_at")
    words_fieldset = (_("Words"), {"fields": ("alt", "decorative", "caption", "credit", "copyright", "source")})
    rights_fieldset = (_("Rights and crop"), {"fields": (*RIGHTS, "taken_at")})

    def get_urls(self) -> list[Any]:
        return [*library_urls(self.admin_site.admin_view), *super().get_urls()]

    # The form -----------------------------------------------------------------------------

    def get_fieldsets(self, request: HttpRequest, obj: Image | None = None) -> Any:
        if obj is None:
            return [(None, {"fields": ("file",)}), self.words_fieldset, self.rights_fieldset]
        return [
            (None, {"fields": ("shown", "where_used")}),
            self.words_fieldset,
            self.rights_fieldset,
            (_("File"), {"fields": [name for name in self.facts if name not in ("shown", "where_used")]}),
        ]

    def get_readonly_fields(self, request: HttpRequest, obj: Image | None = None) -> tuple[str, ...]:
        if obj is None:
            return ()
        return self.facts if self._answers_for_rights(request) else (*self.facts, *RIGHTS)

    def get_form(self, request: HttpRequest, obj: Image | None = None, change: bool = False, **kwargs: Any) -> Any:
        if obj is None:
            kwargs["form"] = NewImageForm
        form: Any = super().get_form(request, obj, change, **kwargs)
        form.by = request.user
        return form

    def save_model(self, request: HttpRequest, obj: Image, form: Any, change: bool) -> None:
        """A new picture was saved when its file was taken in; one that was known keeps its words."""
        if change:
            super().save_model(request, obj, form, change)
            transaction.on_commit(pagecache.drop)
        elif getattr(obj, "was_known", False):
            said = gettext("The library has this picture already. It is shown here with the words it has.")
            self.message_user(request, said, messages.WARNING)

    def response_add(self, request: HttpRequest, obj: Image, post_url_continue: str | None = None) -> HttpResponse:
        """Whoever uploads what was there already is led to it; a popup takes it as it is."""
        if getattr(obj, "was_known", False) and IS_POPUP_VAR not in request.POST:
            return HttpResponseRedirect(reverse("admin:articles_image_change", args=[obj.pk]))
        return super().response_add(request, obj, post_url_continue)

    # Who may ------------------------------------------------------------------------------

    def _answers_for_rights(self, request: HttpRequest) -> bool:
        return bool(request.user.has_perm("articles.change_image"))

    def has_change_permission(self, request: HttpRequest, obj: Image | None = None) -> bool:
        own = obj is not None and obj.uploaded_by_id == request.user.pk
        return self._answers_for_rights(request) or (own and self.has_add_permission(request))

    def has_delete_permission(self, request: HttpRequest, obj: Image | None = None) -> bool:
        if obj is not None and Image.objects.filter(in_use(), pk=obj.pk).exists():
            return False
        return super().has_delete_permission(request, obj)

    def delete_model(self, request: HttpRequest, obj: Image) -> None:
        """The row goes, and after the commit its files."""
        original, store = str(obj.original.name), obj.original.storage
        obj.delete()
        transaction.on_commit(lambda: renditions.delete(obj))
        transaction.on_commit(lambda: store.delete(original))

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Image]) -> None:
        for image in queryset:
            self.delete_model(request, image)

    # What is shown ------------------------------------------------------------------------

    @admin.display(description=_("picture"))
    def picture(self, image: Image) -> str:
        return thumbnail(image) or gettext("not ready yet")

    @admin.display(description=_("picture"))
    def shown(self, image: Image) -> str:
        if image.killed_at:
            return gettext("This picture was taken down.")
        return preview(image) or gettext("The picture is being made ready. Load the page again in a moment.")

    @admin.display(description=_("file"))
    def name(self, image: Image) -> str:
        return str(image)

    @admin.display(description=_("alt text"))
    def words(self, image: Image) -> str:
        if image.decorative:
            return gettext("decorative")
        return image.alt or format_html('<span class="lacks">{}</span>', gettext("no alt text"))

    @admin.display(description=_("size"))
    def measure(self, image: Image) -> str:
        return f"{image.width} × {image.height}"

    @admin.display(description=_("size and rights"))
    def rights(self, image: Image) -> str:
        """Its size, and what stands in the way of using it."""
        if image.killed_at or image.rights_denied:
            return format_html('<span class="lacks">{}</span>', image.rights_denied or gettext("taken down"))
        if image.rights_until:
            return gettext("%(size)s, until %(moment)s") % {
                "size": self.measure(image),
                "moment": moment(image.rights_until),
            }
        return self.measure(image)

    @admin.display(description=_("used in"))
    def where_used(self, image: Any) -> str:
        articles = _articles_using(image).readable_by(image.seen_by)[:20]
        authors = Author.objects.filter(portrait=image)[:5]
        rows = [
            *((reverse("admin:articles_article_change", args=[row.pk]), row.headline) for row in articles),
            *((reverse("admin:articles_author_change", args=[row.pk]), row.name) for row in authors),
        ]
        if not Image.objects.filter(in_use(), pk=image.pk).exists():
            return gettext("Nothing yet.")
        return format_html(
            '<ul class="where-used">{}</ul><p class="quiet">{}</p>',
            format_html_join("", '<li><a href="{}">{}</a></li>', rows),
            gettext("A picture that is used cannot be deleted. Drafts that are not open to you are not listed."),
        )

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        """The picture, which also knows for whom it is shown: where it is used is not for everyone."""
        image = super().get_object(request, object_id, from_field)
        if image is not None:
            image.seen_by = request.user
        return image


def _articles_using(image: Image) -> Any:
    named = Q(Exists(ArticleImage.objects.filter(article=OuterRef("pk"), image=image)))
    shown = Q(Exists(EditionImage.objects.filter(edition__article=OuterRef("pk"), image=image)))
    return Article.objects.filter(named | shown).only("pk", "headline").order_by("-pk")
