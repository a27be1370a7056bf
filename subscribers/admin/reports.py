"""What the list of subscribers leads to: a file of them, their growth, and the evidence for one of them."""

from typing import Any, cast

from django import forms
from django.contrib import admin
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import path
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from newsroom.lib.emails import parse
from subscribers import evidence, growth
from subscribers.admin.rights import who
from subscribers.lists import exporting
from subscribers.models import Newsletter, Subscriber
from subscribers.states import SubscriptionState

MAY_EXPORT = "subscribers.export_subscriber"
CHART_HEIGHT = 200
BAR = 30


class ExportForm(forms.Form):
    """Of which newsletter, and in which states."""

    newsletter = forms.ModelChoiceField(
        label=_("Newsletter"), queryset=Newsletter.objects.all(), required=False, empty_label=_("all")
    )
    states = forms.MultipleChoiceField(
        label=_("States"),
        choices=SubscriptionState.choices,
        initial=SubscriptionState.values,
        widget=forms.CheckboxSelectMultiple,
    )


class Reports(admin.ModelAdmin):
    """Mixin for the admin of subscribers."""

    change_list_template = "admin/subscribers/subscriber/change_list.html"

    def get_urls(self) -> list[Any]:
        wrap = self.admin_site.admin_view
        return [
            path("export/", wrap(self.export_view), name="subscribers_subscriber_export"),
            path("growth/", wrap(self.growth_view), name="subscribers_subscriber_growth"),
            path("<int:pk>/evidence/", wrap(self.evidence_view), name="subscribers_subscriber_evidence"),
            path("evidence/", wrap(self.evidence_of_view), name="subscribers_evidence"),
            *super().get_urls(),
        ]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        more = {
            "may_export": request.user.has_perm(MAY_EXPORT),
            "may_import": request.user.has_perm("subscribers.add_import"),
        }
        return super().changelist_view(request, {**more, **(extra_context or {})})

    def export_view(self, request: HttpRequest) -> HttpResponseBase:
        """A form, and the file that it asks for, sent while it is written. Who took it is noted."""
        if not request.user.has_perm(MAY_EXPORT):
            raise PermissionDenied
        form = ExportForm(request.POST or None)
        if request.method != "POST" or not form.is_valid():
            return self._page(request, "export.html", _("Export subscribers"), form=form)
        newsletter: Newsletter | None = form.cleaned_data["newsletter"]
        _note_export(request, newsletter)
        lines = exporting.lines(newsletter, form.cleaned_data["states"])
        answer = StreamingHttpResponse(_with_mark(lines), content_type="text/csv; charset=utf-8")
        name = newsletter.slug if newsletter else "all"
        answer["Content-Disposition"] = f'attachment; filename="subscribers-{name}.csv"'
        return answer

    def growth_view(self, request: HttpRequest) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        states = growth.states()
        newsletters = [newsletter for newsletter, _counts in states]
        chosen = next((one for one in newsletters if str(one.pk) == request.GET.get("newsletter")), None)
        months = growth.months(chosen)
        rows = [(one, [counts.get(state, 0) for state in SubscriptionState]) for one, counts in states]
        return self._page(
            request,
            "growth.html",
            _("Growth"),
            newsletters=newsletters,
            chosen=chosen,
            months=months[::-1],
            chart=_chart(months),
            states=SubscriptionState.labels,
            rows=rows,
            sources=growth.sources(newsletters),
        )

    def evidence_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        self._check_proof(request)
        return self._sheet(request, get_object_or_404(Subscriber, pk=pk).email_norm)

    def evidence_of_view(self, request: HttpRequest) -> HttpResponse:
        """The sheet of an address that is typed: its owner may have been erased, and asks."""
        self._check_proof(request)
        typed = request.POST.get("email", "")
        if request.method == "POST":
            try:
                return self._sheet(request, parse(typed).norm)
            except ValidationError as error:
                return self._page(request, "evidence_of.html", _("Evidence"), typed=typed, failure=error.messages[0])
        return self._page(request, "evidence_of.html", _("Evidence"), typed=typed)

    def _sheet(self, request: HttpRequest, email_norm: str) -> HttpResponse:
        return self._page(request, "sheet.html", gettext("Evidence"), sheet=evidence.sheet(email_norm))

    def _check_proof(self, request: HttpRequest) -> None:
        if not (self.has_view_permission(request) and request.user.has_perm("subscribers.view_consentevent")):
            raise PermissionDenied

    def _page(self, request: HttpRequest, template: str, title: Any, **context: Any) -> TemplateResponse:
        context |= {**self.admin_site.each_context(request), "title": title, "opts": self.opts}
        return TemplateResponse(request, f"admin/subscribers/subscriber/{template}", context)


def _with_mark(lines: Any) -> Any:
    """Spreadsheets take UTF-8 for something else without a mark."""
    yield "\ufeff"
    yield from lines


def _note_export(request: HttpRequest, newsletter: Newsletter | None) -> None:
    LogEntry.objects.create(
        user=who(request),
        content_type=ContentType.objects.get_for_model(Subscriber),
        object_repr=str(newsletter or gettext("all newsletters"))[:200],
        action_flag=CHANGE,
        change_message=gettext("Exported the subscribers."),
    )


def _chart(months: list[growth.Month]) -> list[dict[str, Any]]:
    """A bar for each month, in the units of the picture: the highest one fills it."""
    highest = max((month.total for month in months), default=0) or 1
    bars = []
    for at, month in enumerate(months):
        height = round(cast(float, month.total * CHART_HEIGHT / highest))
        bars.append(
            {"month": month, "x": at * BAR, "y": CHART_HEIGHT - height, "height": height, "middle": at * BAR + 12}
        )
    return bars
