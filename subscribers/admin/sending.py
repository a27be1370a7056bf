"""How the sending of an issue goes, and what is decided about uncertain mails; limits for domains; what came back."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from articles.admin.showing import moment
from newsroom.lib.paging import LongList
from subscribers.admin.rights import ReadOnly, who
from subscribers.issues import workflow
from subscribers.issues.composing import number
from subscribers.models import Bounce, DomainLimit, Issue
from subscribers.sending import outcomes, progress
from subscribers.states import IssueState

DECISIONS = {"resend": outcomes.resend_uncertain, "settle": outcomes.take_uncertain_for_sent}


class SendingViews(admin.ModelAdmin):
    """The part of the issue's admin that shows how its sending goes."""

    def get_urls(self) -> list[Any]:
        views = {"progress": self.progress_view, "uncertain": self.uncertain_view}
        own = [
            path(f"<int:object_id>/{name}/", self.admin_site.admin_view(view), name=f"subscribers_issue_{name}")
            for name, view in views.items()
        ]
        return [*own, *super().get_urls()]

    def progress_view(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """The numbers as a piece of a page, which the issue's page takes in again and again."""
        found = Issue.objects.defer("content", "intro").filter(pk=object_id).first()
        if not self.has_view_permission(request):
            raise PermissionDenied
        if found is None:
            raise Http404
        return TemplateResponse(request, "admin/subscribers/issue/progress.html", {"progress": shown(found)})

    def uncertain_view(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Send uncertain mails again, or take them for sent."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        decide = DECISIONS.get(request.POST.get("decision", ""))
        issue = Issue.objects.filter(pk=object_id).first()
        if not who(request).has_perm(workflow.PERMISSION):
            raise PermissionDenied
        if issue is None or decide is None:
            raise Http404
        try:
            count = decide(issue, by=who(request))
        except workflow.Refused as refused:
            messages.warning(request, str(refused))
        else:
            said = ngettext("It is done for %(count)s mail.", "It is done for %(count)s mails.", count)
            messages.success(request, said % {"count": number(count)})
        return HttpResponseRedirect(reverse("admin:subscribers_issue_change", args=[object_id]))


def shown(issue: Issue) -> dict[str, Any] | None:
    """The progress of an issue in words, for templates; None before its time has come."""
    found = progress.of(issue)
    if found is None:
        return (
            {"issue": issue, "state": issue.state, "moves": True, "said": _("It begins in a moment.")}
            if (progress.begins(issue))
            else None
        )
    rows = [
        (_("Sent"), found.sent, _("Taken by the mail server.")),
        (_("Waiting"), found.waiting, ""),
        (_("Tried again later"), found.deferred, _("The recipient's server asked for it, for up to three days.")),
        (_("Came back"), found.bounced, ""),
        (_("Failed"), found.failed, ""),
        (_("Complaints"), found.complained, ""),
        (_("Left out"), found.skipped, _("They have left, or must not be mailed.")),
        (_("Uncertain"), found.uncertain, _("The connection or a worker broke off: they may have it or not.")),
    ]
    return {
        "issue": issue,
        "state": issue.state,
        "moves": found.moves,
        "said": _said(found, issue),
        "rows": [(label, number(count), help_) for label, count, help_ in rows if count or label == _("Sent")],
        "total": number(found.total),
        "done": found.done,
        "of": max(found.total, 1),
        "per_minute": number(found.per_minute) if found.per_minute else "",
        "ends_at": moment(found.ends_at),
        "trouble": found.trouble,
        "again_at": moment(found.again_at),
        "uncertain": found.uncertain,
    }


def _said(found: progress.Progress, issue: Issue) -> str:
    """How far it is in a sentence, which stays the same while nothing is worth being told aloud."""
    total = {"total": number(found.total), "sent": number(found.sent)}
    if issue.state == IssueState.SENT:
        return gettext("It is sent: of %(total)s mails the mail server took %(sent)s.") % total
    if not found.moves:
        return gettext("No further mail goes out at the moment. So far the mail server took %(sent)s.") % total
    if found.trouble and found.again_at:
        return gettext("The mail server takes nothing at the moment. It is tried again, and nobody is lost.")
    quarters = 4 * found.done // max(found.total, 1)
    sentences = [
        gettext("It is being sent."),
        gettext("A quarter is done."),
        gettext("Half is done."),
        gettext("Three quarters are done."),
        gettext("It is almost done."),
    ]
    return sentences[quarters]


@admin.register(DomainLimit)
class DomainLimitAdmin(admin.ModelAdmin):
    """How many mails a minute the servers of a domain get."""

    list_display = ("domain", "per_minute")
    search_fields = ("domain",)


@admin.register(Bounce)
class BounceAdmin(ReadOnly, LongList, admin.ModelAdmin):
    """What came back, and why."""

    list_display = ("at", "kind", "status", "subscriber", "issue", "said", "way")
    list_filter = ("kind", "delivery__issue__newsletter")
    list_select_related = ("subscriber", "delivery__issue")
    search_fields = ("subscriber__email_norm__startswith",)
    search_help_text = _("Enter the beginning of an email address.")
    fields = ("at", "kind", "status", "said", "way", "subscriber", "issue")
    readonly_fields = ("issue",)

    @admin.display(description=_("issue"))
    def issue(self, bounce: Bounce) -> str:
        return str(bounce.delivery.issue) if bounce.delivery else "–"
