"""The page of numbers about moderation, for those who moderate and those who read all comments."""

from datetime import timedelta
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from articles.admin.people import who
from comments import moderation, statistics
from comments.admin.reading import reads_all
from comments.decisions import DECISIONS


class StatisticsView(admin.ModelAdmin):
    """The part of the comments' admin for it."""

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.statistics_view)
        return [path("statistics/", view, name="comments_comment_statistics"), *super().get_urls()]

    def statistics_view(self, request: HttpRequest) -> HttpResponse:
        if not reads_all(who(request)):
            raise PermissionDenied
        taken_back = statistics.taken_back()
        context = {
            **self.admin_site.each_context(request),
            "title": _("Moderation in numbers"),
            "opts": self.opts,
            "days_back": statistics.DAYS,
            "days": [
                {"day": day.day, "decided": day.decided, "median": length(day.median), "p90": length(day.p90)}
                for day in statistics.waits()
            ],
            "kinds": [(_label(kind.name), kind.people, kind.rules) for kind in statistics.kinds()],
            "taken_back": taken_back,
            "share": number_format(taken_back.share, 1) if taken_back.share is not None else "",
            "open": [
                (_("Comments that wait"), *_open(statistics.waiting())),
                (_("Open reports"), *_open(statistics.open_reports())),
                (_("Open appeals"), *_open(statistics.open_appeals())),
            ],
        }
        return TemplateResponse(request, "admin/comments/comment/statistics.html", context)


def length(time: timedelta) -> str:
    """A time in words, by its largest unit and one digit below: "45 s", "12 min", "3.5 h", "2.1 d"."""
    seconds = time.total_seconds()
    if seconds < 60:
        return _("%(number)s s") % {"number": round(seconds)}
    if seconds < 3600:
        return _("%(number)s min") % {"number": round(seconds / 60)}
    if seconds < 48 * 3600:
        return _("%(number)s h") % {"number": number_format(seconds / 3600, 1)}
    return _("%(number)s days") % {"number": number_format(seconds / 86_400, 1)}


def _open(found: statistics.Open) -> tuple[str, str]:
    number = f"{found.number}+" if found.number >= statistics.COUNTED else str(found.number)
    return number, moderation.ago(found.since) if found.since else ""


def _label(decision: str) -> str:
    """What a decision is called, whoever or whatever made it."""
    row = DECISIONS.get(decision)
    return str(row.label) if row else str(_OTHERS.get(decision, decision))


_OTHERS: dict[str, Any] = {
    "undo": gettext_lazy("Undo"),
    "policy": gettext_lazy("Rules, on a new comment"),
    "edit": gettext_lazy("Rules, on a changed text"),
    "await": gettext_lazy("Waits for an address"),
    "confirm": gettext_lazy("Rules, after an address was confirmed"),
    "withdraw": pgettext_lazy("decision on a comment", "Withdraw"),
    "grant": pgettext_lazy("decision on a comment", "Grant the appeal"),
    "erase": gettext_lazy("Erased"),
}
