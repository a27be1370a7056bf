"""Issues in the admin: composed from articles, and taken from draft to sent."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import ValidationError
from django.db.models import Case, QuerySet, When
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.text import slugify
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from articles.admin.showing import moment, tag
from newsroom.lib.paging import LongList
from subscribers import names
from subscribers.admin.issue_items import ItemInline, PickerViews, picker
from subscribers.admin.issue_views import IssueViews, as_seen, change_address, seen
from subscribers.admin.issue_writing import WritingViews
from subscribers.admin.rights import who
from subscribers.admin.sending import SendingViews, shown
from subscribers.issues import composing, workflow
from subscribers.issues.rendering import path_of
from subscribers.issues.workflow import TRANSITIONS, Stale
from subscribers.models import Issue
from subscribers.states import IssueState

SHOWN_EVENTS = 50
CHANGELIST = "subscribers_issue_changelist"


class IssueForm(forms.ModelForm):
    seen = forms.CharField(widget=forms.HiddenInput, required=False)

    class Meta:
        model = Issue
        fields = ("newsletter", "subject", "key", "intro")
        widgets = {
            "subject": forms.TextInput(attrs={"dir": "auto", "class": "vTextField"}),
            "intro": forms.Textarea(attrs={"rows": 6, "dir": "auto", "class": "vLargeTextField"}),
        }
        help_texts = {
            "intro": _(
                "Stands before the articles. An empty line begins a paragraph; **bold**, *slanted*, "
                "[words of a link](https://example.org/), and lines that begin with “- ” for a list."
            ),
            "key": _("The last part of its address on the web. Empty: made from the subject."),
            "subject": _("The line that subscribers see first."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "key" in self.fields:
            self.fields["key"].required = False
        if "subject" in self.fields:
            self.fields["subject"].required = True
            self.fields["subject"].error_messages["required"] = _("Write the line that subscribers see first.")
        if "newsletter" in self.fields:
            said = _("Choose the newsletter whose subscribers are to get it.")
            self.fields["newsletter"].error_messages["required"] = said
        if self.instance.pk:
            self.fields["seen"].initial = seen(self.instance)

    def clean_subject(self) -> str:
        subject = names.visible(self.cleaned_data["subject"])
        if not subject:
            raise ValidationError(_("Nothing of this subject can be seen. Write the line that subscribers see first."))
        return subject

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        mark = self.data.get("seen", "")
        if self.instance.pk and mark and mark != seen(self.instance):
            raise ValidationError(str(Stale(self.instance)))
        if "key" in self.fields and "key" not in self.errors:
            self._settle_key(data)
        return data

    def _settle_key(self, data: dict[str, Any]) -> None:
        """A key of one's own, or one made of the subject; no other issue of the newsletter has it."""
        key = data.get("key") or slugify(data.get("subject", ""))[:80].strip("-")
        newsletter = data.get("newsletter") or (self.instance.newsletter if self.instance.pk else None)
        try:
            names.validate_slug(key)
        except ValidationError as error:
            self.add_error("key", error)
            return
        others = Issue.objects.filter(newsletter=newsletter, key=key).exclude(pk=self.instance.pk)
        if not key:
            self.add_error("key", _("Write a key of small Latin letters and digits, such as spring-2026."))
        elif names.is_day(key) and not self.instance.is_digest:
            self.add_error("key", names.KEPT_FOR_A_DIGEST)
        elif newsletter and others.exists():
            self.add_error("key", _("Another issue of this newsletter has this key. Choose another one."))
        data["key"] = key
        self.instance.key = key


@admin.register(Issue)
class IssueAdmin(WritingViews, PickerViews, IssueViews, SendingViews, LongList, admin.ModelAdmin):
    form = IssueForm
    inlines = (ItemInline,)
    list_display = ("__str__", "newsletter", "state_shown", "starts", "owner", "key")
    list_filter = ("state", "newsletter")
    list_select_related = ("newsletter", "owner")
    search_fields = ("subject", "key")
    ordering = ("-pk",)
    change_form_template = "admin/subscribers/issue/change_form.html"

    class Media:
        css = {"all": ["subscribers/issues/composing.css"]}

    def get_queryset(self, request: HttpRequest) -> QuerySet[Issue]:
        found = super().get_queryset(request).select_related("newsletter", "owner")
        match = request.resolver_match
        return found.defer("content", "intro") if match and match.url_name == CHANGELIST else found

    def get_fields(self, request: HttpRequest, obj: Issue | None = None) -> Any:
        return ("newsletter", "subject", "key") if obj is None else ("newsletter", "subject", "key", "intro", "seen")

    def get_readonly_fields(self, request: HttpRequest, obj: Issue | None = None) -> Any:
        """The newsletter says in which language it is written; a digest's key says which day it is of."""
        if obj is None:
            return ()
        return ("newsletter", "key") if obj.is_digest else ("newsletter",)

    def get_inlines(self, request: HttpRequest, obj: Issue | None) -> Any:
        """A new issue is given a newsletter first, which says what can stand in it."""
        return super().get_inlines(request, obj) if obj else ()

    def has_change_permission(self, request: HttpRequest, obj: Issue | None = None) -> bool:
        """What is not a draft is looked at, until it is one again."""
        return super().has_change_permission(request, obj) and (obj is None or obj.state == IssueState.DRAFT)

    def has_view_permission(self, request: HttpRequest, obj: Issue | None = None) -> bool:
        return who(request).has_perm("subscribers.view_issue")

    def has_delete_permission(self, request: HttpRequest, obj: Issue | None = None) -> bool:
        return False

    # Writing ------------------------------------------------------------------------------

    def changeform_view(self, request: HttpRequest, object_id: Any = None, *args: Any, **kwargs: Any) -> HttpResponse:
        closed = self._closed(request, object_id) if request.method == "POST" and object_id else None
        if closed:
            return closed
        try:
            return super().changeform_view(request, object_id, *args, **kwargs)
        except Stale:
            # A colleague saved in this very moment: the form finds it out now, and shows what was typed.
            return super().changeform_view(request, object_id, *args, **kwargs)

    def _closed(self, request: HttpRequest, object_id: str) -> HttpResponse | None:
        """The answer to whoever saves what a colleague has taken out of the drafts meanwhile; None for a draft."""
        issue = self.get_object(request, unquote(object_id))
        if issue is None or issue.state == IssueState.DRAFT or not super().has_change_permission(request, issue):
            return None
        self.message_user(request, str(Stale(issue)), messages.ERROR)
        self.message_user(request, _("What you typed is kept in this browser, and offered when this is a draft again."))
        return HttpResponseRedirect(change_address(issue))

    def save_model(self, request: HttpRequest, obj: Issue, form: Any, change: bool) -> None:
        if not change:
            obj.owner = who(request)
            super().save_model(request, obj, form, change)
            return
        as_seen(obj, form.cleaned_data.get("seen", ""))
        typed = [name for name in ("subject", "key", "intro") if name in form.cleaned_data]
        composing.take(obj, by=who(request), **{name: getattr(obj, name) for name in typed})

    def response_add(self, request: HttpRequest, obj: Issue, post_url_continue: Any = None) -> HttpResponse:
        self.message_user(request, _("The issue is begun. Choose its articles now."), messages.SUCCESS)
        return HttpResponseRedirect(change_address(obj))

    def response_change(self, request: HttpRequest, obj: Issue) -> HttpResponse:
        if "_ready" in request.POST:
            self.carried_out(request, Issue.objects.get(pk=obj.pk), TRANSITIONS["ready"])
        elif "_preview" in request.POST:
            return HttpResponseRedirect(reverse("admin:subscribers_issue_preview", args=[obj.pk]))
        else:
            self.message_user(request, _("The draft is saved."), messages.SUCCESS)
        return HttpResponseRedirect(change_address(obj))

    # Looking ------------------------------------------------------------------------------

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        issue: Issue | None = context.get("original")
        if issue:
            rows = workflow.open_transitions(who(request), issue)
            context |= {
                "issue": issue,
                "progress": shown(issue),
                "state_tag": tag(IssueState(issue.state)),
                "may_send": TRANSITIONS["ready"].allowed(who(request)),
                "transitions": [row for row in rows if row.name != "ready"],
                "in_the_way": composing.standing_in_the_way(issue),
                "warnings": composing.warnings(issue),
                "recipients": composing.number(composing.recipients(issue)),
                "starts": moment(issue.starts_at),
                "events": _events(issue),
                "picker": picker(issue),
                "on_the_web": _web_address(issue),
            }
        return super().render_change_form(request, context, *args, **kwargs)

    @admin.display(description=_("state"), ordering="state")
    def state_shown(self, issue: Issue) -> SafeString:
        return tag(IssueState(issue.state))

    @admin.display(description=_("sent from"), ordering="starts_at")
    def starts(self, issue: Issue) -> str:
        return moment(issue.starts_at)


def on_their_way(most: int) -> list[tuple[str, str, str, bool]]:
    """Issues that are neither sent nor cancelled: what they are called, their address, how they stand, and whether
    somebody must look at them. One query; what stands still comes first.
    """
    done = (IssueState.SENT, IssueState.CANCELLED)
    found = Issue.objects.exclude(state__in=done).select_related("newsletter").defer("content", "intro")
    stuck = (IssueState.FAILED, IssueState.PAUSED)
    return [
        (
            str(issue),
            change_address(issue),
            ", ".join(filter(None, [issue.newsletter.name, issue.get_state_display(), moment(issue.starts_at)])),
            issue.state in stuck,
        )
        for issue in found.order_by(Case(When(state__in=stuck, then=0), default=1), "-pk")[:most]
    ]


def _events(issue: Issue) -> list[dict[str, str]]:
    return [
        {
            "what": workflow.label_of(event.verb),
            "by": str(event.by or gettext("the site")),
            "at": moment(event.at),
            "note": event.note,
        }
        for event in issue.events.select_related("by")[:SHOWN_EVENTS]
    ]


def _web_address(issue: Issue) -> str:
    return path_of(issue) if Issue.objects.readable().filter(pk=issue.pk).exists() else ""
