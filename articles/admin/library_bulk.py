"""Credit and rights of many pictures at once: only what is marked is changed."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.text import capfirst
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from articles import library
from articles.admin.library_list import card
from articles.admin.library_upload import MOST, address_of, in_order, named
from articles.admin.moments import MomentField, MomentWidget
from articles.admin.showing import moment
from articles.models import Image

FIELDS = ("credit", "creator", "copyright", "source", "rights_until", "rights_denied")
# So many different values are told of what the pictures have now.
VALUES_TOLD = 3


class BulkForm(forms.Form):
    """For each of FIELDS its new value and a box that says whether it is changed at all."""

    def __init__(self, images: list[Image], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in FIELDS:
            self.fields[f"change_{name}"] = forms.BooleanField(
                label=gettext("Change “%(field)s”") % {"field": _label(name)}, required=False
            )
            self.fields[name] = _field(name)
            self.fields[name].help_text = _now(name, images)

    def rows(self) -> list[tuple[Any, Any]]:
        """The box and the value of each field, for the template."""
        return [(self[f"change_{name}"], self[name]) for name in FIELDS]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        marked = [name for name in FIELDS if cleaned.get(f"change_{name}")]
        for name in FIELDS:
            if name not in marked and cleaned.get(name):
                said = _("This is typed, but not marked to be changed. Mark it, or empty the field.")
                self.add_error(f"change_{name}", said)
        if not marked and not self.errors:
            raise forms.ValidationError(_("Nothing is marked to be changed. Mark at least one field."))
        return cleaned

    def changes(self) -> dict[str, Any]:
        """The values to be set, by name; an empty one empties the field."""
        return {name: self.cleaned_data[name] for name in FIELDS if self.cleaned_data[f"change_{name}"]}


def _field(name: str) -> Any:
    kinds: Any = {"form_class": MomentField, "widget": MomentWidget} if name == "rights_until" else {}
    column: Any = Image._meta.get_field(name)
    field: Any = column.formfield(**kinds)
    field.required = False
    if name != "rights_until":
        field.widget.attrs |= {"class": "vTextField", "dir": "auto"}
    return field


def _label(name: str) -> str:
    column: Any = Image._meta.get_field(name)
    return capfirst(str(column.verbose_name))


def _now(name: str, images: list[Image]) -> str:
    """What the pictures have there now: "Now: “Dora Lens” (3), nothing (2)"."""
    counts: dict[str, int] = {}
    for image in images:
        value = getattr(image, name)
        said = moment(value) if name == "rights_until" else value and f"“{value}”"
        counts[said or gettext("nothing")] = counts.get(said or gettext("nothing"), 0) + 1
    told = sorted(counts.items(), key=lambda item: -item[1])
    values = [f"{value} ({count})" for value, count in told[:VALUES_TOLD]]
    values += [gettext("others (%(count)d)") % {"count": sum(count for _value, count in told[VALUES_TOLD:])}][
        : len(told) > VALUES_TOLD
    ]
    return gettext("Now: %(values)s") % {"values": ", ".join(values)}


class BulkViews(admin.ModelAdmin):
    """The part of the library's admin that changes many."""

    actions = ["change_selected", "type_words_of_selected"]

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view(self.bulk_view)
        return [path("bulk/", view, name="articles_image_bulk"), *super().get_urls()]

    @admin.action(description=_("Change credit and rights of the selected pictures"), permissions=["change"])
    def change_selected(self, request: HttpRequest, queryset: Any) -> HttpResponse:
        return HttpResponseRedirect(address_of("bulk", _keys(queryset), self.get_preserved_filters(request)))

    @admin.action(
        description=_("Type alt text, caption and credit of the selected pictures"), permissions=["add", "change"]
    )
    def type_words_of_selected(self, request: HttpRequest, queryset: Any) -> HttpResponse:
        return HttpResponseRedirect(address_of("words", _keys(queryset)))

    def bulk_view(self, request: HttpRequest) -> HttpResponse:
        """Ask what is to be changed; POST changes it, logs it, and says how many it was."""
        if not self.has_change_permission(request):
            raise PermissionDenied
        images = in_order(named(request))
        back = _back(request)
        if not images:
            self.message_user(request, gettext("No picture is chosen. Mark some in the list first."), messages.WARNING)
            return HttpResponseRedirect(back)
        form = BulkForm(images, request.POST if request.method == "POST" else None)
        if form.is_bound and form.is_valid():
            changed = library.use_words(images, by=request.user, verb="bulk", **form.changes())
            self.message_user(request, _result(changed, len(images)), messages.SUCCESS)
            return HttpResponseRedirect(back)
        context = {
            **self.admin_site.each_context(request),
            "title": gettext("Change credit and rights"),
            "subtitle": ngettext("%(count)d picture", "%(count)d pictures", len(images)) % {"count": len(images)},
            "opts": self.opts,
            "form": form,
            "cards": [card(image) for image in images],
            "back": back,
            "media": self.media + form.media,
        }
        return TemplateResponse(request, "admin/articles/image/bulk.html", context)


def _keys(queryset: Any) -> list[int]:
    return list(queryset.values_list("pk", flat=True)[:MOST])


def _back(request: HttpRequest) -> str:
    """The list as it was left."""
    filters = request.GET.get("_changelist_filters", "")
    return reverse("admin:articles_image_changelist") + (f"?{filters}" if filters else "")


def _result(changed: int, chosen: int) -> str:
    said = ngettext(
        "%(changed)d picture of %(chosen)d was changed.", "%(changed)d pictures of %(chosen)d were changed.", changed
    )
    same = chosen - changed
    more = ngettext("%(same)d picture had these values already.", "%(same)d pictures had these values already.", same)
    return said % {"changed": changed, "chosen": chosen} + (f" {more % {'same': same}}" if same else "")
