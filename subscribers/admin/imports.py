"""Imports in the admin: a file, a dry run, a report for each line, and the same file for real."""

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import path, reverse
from django.utils import formats
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from newsroom.lib.paging import LongList
from subscribers import jobs
from subscribers.admin.rights import ReadOnly, who
from subscribers.lists import runs
from subscribers.models import Import

LARGEST = 300 * 1024 * 1024


class ImportForm(forms.ModelForm):
    """A file, what it is for, and how these people agreed."""

    file = forms.FileField(
        label=_("File"),
        help_text=_(
            "A CSV file of another newsletter service or of an export here, in UTF-8 or UTF-16. One column is called "
            "“email”. Columns for the state, for days and for the language are found by their usual names."
        ),
    )
    dry_run = forms.BooleanField(
        label=_("Dry run"),
        required=False,
        initial=True,
        help_text=_("Report what would be done, and write nothing. You can do it for real afterwards."),
    )

    class Meta:
        model = Import
        fields = ("newsletter", "claim")
        help_texts = {
            "claim": _("Where and when they agreed to be written to, and to which words. It is kept as what you claim.")
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "claim" in self.fields:
            self.fields["claim"].required = True

    def clean_file(self) -> UploadedFile:
        file: UploadedFile = self.cleaned_data["file"]
        if (file.size or 0) > LARGEST:
            raise ValidationError(
                gettext("This file is larger than 300 MB. Import it with manage.py import_subscribers.")
            )
        return file


@admin.register(Import)
class ImportAdmin(ReadOnly, LongList, admin.ModelAdmin):
    """What was brought along, by whom, and what they said of it."""

    form = ImportForm
    list_display = ("file_name", "newsletter", "how_far", "earnest", "lines_read", "by", "created_at")
    list_filter = ("newsletter", "dry_run", "state")
    list_select_related = ("newsletter", "by")
    fields = ("newsletter", "file", "claim", "dry_run")
    change_form_template = "admin/subscribers/import/change_form.html"

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm("subscribers.add_import")

    def get_fields(self, request: HttpRequest, obj: Import | None = None) -> Any:
        return self.fields if obj is None else ("newsletter", "file_name", "file_hash", "claim", "by", "created_at")

    def get_urls(self) -> list[Any]:
        wrap = self.admin_site.admin_view
        return [
            path("<int:pk>/report/", wrap(self.report_view), name="subscribers_import_report"),
            path("<int:pk>/repeat/", wrap(require_POST(self.repeat_view)), name="subscribers_import_repeat"),
            *super().get_urls(),
        ]

    def save_model(self, request: HttpRequest, obj: Import, form: Any, change: bool) -> None:
        data = form.cleaned_data
        made = runs.begin(obj.newsletter, data["file"], claim=obj.claim, by=who(request), dry_run=data["dry_run"])
        obj.pk, obj.file_name, obj.created_at = made.pk, made.file_name, made.created_at
        obj._state.adding = False
        _enqueue(made)

    def response_add(self, request: HttpRequest, obj: Import, post_url_continue: Any = None) -> HttpResponse:
        return HttpResponseRedirect(_address(obj))

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
        one = context.get("original")
        if one is not None:
            may_read = self.has_add_permission(request)
            context |= {
                "one": one,
                "sums": runs.sums(one),
                "lost": runs.is_lost(one),
                "running": one.state in runs.OPEN and not runs.is_lost(one),
                "may_repeat": may_read and runs.may_repeat(one),
                "may_go_on": may_read and runs.may_go_on(one),
            }
        return super().render_change_form(request, context, *args, **kwargs)

    @admin.display(description=_("state"), ordering="state")
    def how_far(self, one: Import) -> str:
        return gettext("stands still") if runs.is_lost(one) else one.get_state_display()

    @admin.display(description=_("dry run"), ordering="dry_run")
    def earnest(self, one: Import) -> str:
        return gettext("dry run") if one.dry_run else gettext("for real")

    @admin.display(description=_("lines"), ordering="lines")
    def lines_read(self, one: Import) -> str:
        return formats.number_format(one.lines, force_grouping=True)

    def repeat_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The same file once more: for real after a dry run, or from where a worker was stopped."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        old = get_object_or_404(Import, pk=pk)
        with transaction.atomic():
            if runs.may_go_on(old) and runs.go_on(old):
                made = old
            elif runs.may_repeat(old):
                made = runs.repeat(old, by=who(request), dry_run=False)
            else:
                raise Http404
            _enqueue(made)
        return HttpResponseRedirect(_address(made))

    def report_view(self, request: HttpRequest, pk: int) -> FileResponse:
        """The report for each line, as a list that a spreadsheet opens."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        one = get_object_or_404(Import, pk=pk)
        if not one.report:
            raise Http404
        return FileResponse(runs.report(one), as_attachment=True, filename=f"import-{one.pk}-report.csv")


def _enqueue(one: Import) -> None:
    # Robust: if the queue fails, the import stands and a periodic job finds it.
    transaction.on_commit(lambda: jobs.take_in(one.pk), robust=True)


def _address(one: Import) -> str:
    return reverse("admin:subscribers_import_change", args=[one.pk])
