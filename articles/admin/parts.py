"""Inlines of the article's form: byline, lead image and gallery."""

import json
from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin.helpers import InlineAdminFormSet
from django.contrib.admin.widgets import AutocompleteSelect, RelatedFieldWidgetWrapper
from django.db.models import QuerySet
from django.forms.models import BaseInlineFormSet
from django.http import HttpRequest
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from articles import workflow
from articles.admin.people import who
from articles.models import Byline

# Fields beside which a new row may be made in a popup.
MAY_ADD = {"tags", "author"}


def keep_to_writing(field: Any) -> None:
    """Take the buttons away that change, delete or show what a field points to."""
    widget = getattr(field, "widget", None)
    if isinstance(widget, RelatedFieldWidgetWrapper):
        widget.can_change_related = widget.can_delete_related = widget.can_view_related = False
        name = getattr(widget.rel, "field", None)
        widget.can_add_related = widget.can_add_related and name is not None and name.name in MAY_ADD
        if getattr(widget.widget, "allow_multiple_selected", False):
            # Each choice has a button to take it away; select2's "clear all" is no valid part of its list.
            widget.widget.is_required = True


def inner(field: forms.Field) -> Any:
    """The select itself, without the buttons that the admin puts around it."""
    return getattr(field.widget, "widget", field.widget)


class KnownSelect(AutocompleteSelect):
    """Completes names like Django's, but asks no database for the name of a row that is at hand."""

    known: Any = None

    def optgroups(self, name: str, value: Any, attr: Any = None) -> Any:
        if self.known is None or [str(key) for key in value] != [str(self.known.pk)]:
            return super().optgroups(name, value, attr)
        options = [] if self.is_required else [self.create_option(name, "", "", False, 0)]
        options.append(self.create_option(name, self.known.pk, str(self.known), True, len(options)))
        return [(None, options, 0)]


class PartOfArticle(admin.options.InlineModelAdmin):
    """An inline whose rows are part of the text: whoever may change the article may change them."""

    extra = 0
    # What the button says that adds a row.
    add_text: Any = ""

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return True  # the form itself is shown to readers of the draft alone

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return obj is None or workflow.contributes(who(request), obj)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.has_change_permission(request, obj)

    has_delete_permission = has_change_permission

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name in self.autocomplete_fields:
            kwargs["widget"] = KnownSelect(db_field, self.admin_site)
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        keep_to_writing(field)
        return field


class Rows(InlineAdminFormSet):
    """The rows of an inline, as its template shows them."""

    def shown(self) -> list[Any]:
        """Those that are stored or sent."""
        return [row for row in self if not _is_blank(row)]

    def blank(self) -> list[Any]:
        """The one from which scripts make another row, where rows may be added."""
        return [row for row in self if _is_blank(row)]

    def inline_formset_data(self) -> str:
        """With the inline's own words on the button that adds a row: Django makes some of the model's name."""
        data = json.loads(super().inline_formset_data())
        data["options"]["addText"] = str(self.opts.add_text)
        return json.dumps(data)


def _is_blank(row: Any) -> bool:
    return "__prefix__" in (row.form.prefix or "")


class BylineFormSet(BaseInlineFormSet):
    """In a table the column's heading is the label to the eye; these are for the ear."""

    def add_fields(self, form: Any, index: int | None) -> None:
        super().add_fields(form, index)
        if form.instance.pk and "author" in form.fields:
            inner(form.fields["author"]).known = form.instance.author
        labels = {"author": gettext("Author"), "position": gettext("Position"), "DELETE": gettext("Delete")}
        for name in labels.keys() & form.fields.keys():
            inner(form.fields[name]).attrs["aria-label"] = labels[name]


class BylineInline(PartOfArticle, admin.TabularInline):
    model = Byline
    formset = BylineFormSet
    fields = ("author", "position")
    autocomplete_fields = ("author",)
    verbose_name_plural = _("byline")
    add_text = _("Add an author")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Byline]:
        return super().get_queryset(request).select_related("author")

    def get_extra(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> int:
        return 0 if obj else 1
