"""Many pictures at once: taking them in without a script, and typing what they lack, one after the other."""

from typing import Any, cast

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.html import format_html
from django.utils.http import urlencode
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from articles import library
from articles.admin.library_list import card
from articles.models import Image

# As many as one page shows for typing, or one change reaches.
MOST = 100
WORDS = ("alt", "decorative", "caption", "credit")
# What many pictures of one upload have in common.
FOR_ALL = ("credit", "creator", "copyright")


def named(request: HttpRequest) -> list[int]:
    """The keys that the address names with `id`, each once, in its order."""
    keys = [int(key) for key in request.GET.getlist("id") if key.isascii() and key.isdigit()]
    return list(dict.fromkeys(keys))[:MOST]


def address_of(name: str, keys: list[int], kept: str = "") -> str:
    """The address of a page about these pictures; `kept` are the filters of the list to go back to."""
    query = urlencode({"id": keys}, doseq=True)
    return f"{reverse(f'admin:articles_image_{name}')}?{query}{'&' + kept if kept else ''}"


def in_order(keys: list[int]) -> list[Image]:
    found = Image.objects.in_bulk(keys)
    return [found[key] for key in keys if key in found]


class WordsForm(forms.ModelForm):
    """The words of one picture among many.

    Each field carries what it showed: only what was typed is saved, and undoes no colleague's change beside it.
    """

    class Meta:
        model = Image
        fields = WORDS
        widgets = {"caption": forms.Textarea(attrs={"rows": 2})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            field.show_hidden_initial = True
            if name != "decorative":
                field.widget.attrs["dir"] = "auto"

    def typed(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in self.changed_data}


class ForAllForm(forms.ModelForm):
    """What every picture of the page gets that has nothing there."""

    class Meta:
        model = Image
        fields = FOR_ALL
        help_texts = {"credit": _("Who made or owns it."), "creator": "", "copyright": ""}


class UploadViews(admin.ModelAdmin):
    """The part of the library's admin that takes in many."""

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view
        return [
            path("upload/", view(self.upload_view), name="articles_image_upload"),
            path("words/", view(self.words_view), name="articles_image_words"),
            *super().get_urls(),
        ]

    def upload_view(self, request: HttpRequest) -> HttpResponse:
        """POST: take all files in, say of each what became of it, and go on to their words."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        if request.method != "POST":
            return HttpResponseRedirect(reverse("admin:articles_image_changelist"))
        files = request.FILES.getlist("file")
        if not files:
            self.message_user(request, gettext("No file arrived. Choose pictures and try again."), messages.ERROR)
        taken = [image.pk for file in files if (image := self._taken(request, file))]
        if not taken:
            return HttpResponseRedirect(reverse("admin:articles_image_changelist"))
        said = ngettext(
            "%(count)d picture is new in the library.", "%(count)d pictures are new in the library.", len(taken)
        )
        self.message_user(request, said % {"count": len(taken)}, messages.SUCCESS)
        return HttpResponseRedirect(address_of("words", taken))

    def _taken(self, request: HttpRequest, file: Any) -> Image | None:
        """The picture, if it is new; else the user is told why not."""
        try:
            image, made = library.add(file, name=file.name or "", by=request.user)
        except library.Refused as refusal:
            said = gettext("“%(name)s” was not taken: %(sentence)s") % {"name": file.name, "sentence": refusal}
            self.message_user(request, said, messages.ERROR)
            return None
        if made:
            return image
        self.message_user(request, held_already(file.name, image), messages.WARNING)
        return None

    def words_view(self, request: HttpRequest) -> HttpResponse:
        """One row for each picture named; POST saves what was typed and goes back to the list."""
        if not (self.has_add_permission(request) or self.has_change_permission(request)):
            raise PermissionDenied
        asked = in_order(named(request))
        images = [image for image in asked if self.has_change_permission(request, image)]
        if not images:
            return self._none_to_type(request)
        data = request.POST if request.method == "POST" else None
        rows = [WordsForm(data, instance=image, prefix=f"p{image.pk}") for image in images]
        for_all = ForAllForm(data, prefix="all")
        if data is not None and all([for_all.is_valid(), *(row.is_valid() for row in rows)]):
            self._save_words(request, rows, for_all.cleaned_data)
            return HttpResponseRedirect(reverse("admin:articles_image_changelist"))
        # The instances of bound forms hold what was typed, which the cards must not show as saved.
        shown = [card(image) for image in in_order([image.pk for image in images])]
        context = {
            **self.admin_site.each_context(request),
            "title": gettext("Words of the pictures"),
            "opts": self.opts,
            "rows": list(zip(shown, rows, strict=True)),
            "for_all": for_all,
            "wrong": any(row.errors for row in rows) or bool(for_all.errors),
            "left_out": len(asked) - len(images),
        }
        return TemplateResponse(request, "admin/articles/image/words.html", context)

    def _save_words(self, request: HttpRequest, rows: list[WordsForm], for_all: dict[str, Any]) -> None:
        changed = set()
        for row in rows:
            if library.use_words([row.instance], by=request.user, **row.typed()):
                changed.add(row.instance.pk)
        for name, value in for_all.items():
            lacking = _without(name, [row.instance.pk for row in rows]) if value else []
            if lacking and library.use_words(lacking, by=request.user, verb="bulk", **{name: value}):
                changed |= {image.pk for image in lacking}
        said = ngettext("%(count)d picture was changed.", "%(count)d pictures were changed.", len(changed))
        self.message_user(request, said % {"count": len(changed)}, messages.SUCCESS)

    def _none_to_type(self, request: HttpRequest) -> HttpResponse:
        said = gettext("None of these pictures is open to you for changes. Choose pictures that you uploaded.")
        self.message_user(request, said, messages.WARNING)
        return HttpResponseRedirect(reverse("admin:articles_image_changelist"))


def held_already(name: str, image: Image) -> Any:
    """That the library has these bytes, with a link to the picture that has them."""
    if image.killed_at:
        said = gettext("The library has “%(name)s” already, and it was taken down.")
    else:
        said = gettext("The library has “%(name)s” already.")
    address = reverse("admin:articles_image_change", args=[image.pk])
    return format_html('{} <a href="{}">{}</a>', said % {"name": name}, address, gettext("Open that picture"))


def _without(name: str, keys: list[int]) -> QuerySet[Image]:
    return cast("QuerySet[Image]", Image.objects.filter(**{"pk__in": keys, name: ""}))
