"""Pages of an issue besides its form: what may happen to it, how it looks, and a mail to try it out."""

from collections.abc import Callable
from email.header import decode_header, make_header
from email.utils import make_msgid, parseaddr
from typing import Any

from csp.constants import NONE, SELF, UNSAFE_INLINE
from csp.decorators import csp_replace
from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import translation
from django.utils.decorators import method_decorator
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.clickjacking import xframe_options_sameorigin

from articles.admin.moments import MomentField
from newsroom.lib import throttle
from newsroom.lib.emails import mailbox, parse
from subscribers import consent
from subscribers.admin.rights import who
from subscribers.issues import composing, mailing, rendering, workflow
from subscribers.issues.workflow import TRANSITIONS, Refused, Stale, Transition
from subscribers.models import Issue, Subscriber
from subscribers.sending.handover import words

TESTS_AN_HOUR = 20
AN_HOUR = 3600
# A link that looks like a reader's own and opens nothing: nobody acts for a reader by looking at a preview.
NOBODYS = "preview"

# Nothing runs, pictures come from this site alone, and links open in a window of their own.
FRAME_POLICY = {
    "default-src": [NONE],
    "script-src": [NONE],
    "img-src": [settings.SITE_URL + settings.MEDIA_URL],
    "style-src": [UNSAFE_INLINE],
    "base-uri": [NONE],
    "form-action": [NONE],
    "frame-ancestors": [SELF],
    "sandbox": ["allow-popups", "allow-popups-to-escape-sandbox"],
}


class AskForm(forms.Form):
    """Asks what a transition asks for."""

    seen = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, row: Transition, issue: Issue, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["seen"].initial = seen(issue)
        if "starts_at" in row.asks:
            self.fields["starts_at"] = MomentField(label=_("Send at"), required=False, initial=issue.starts_at)
        if "note" in row.asks:
            widget = forms.Textarea(attrs={"rows": 3, "dir": "auto", "class": "vLargeTextField"})
            self.fields["note"] = forms.CharField(
                label=_("Note"),
                required=False,
                widget=widget,
                help_text=_("For your colleagues. Readers do not see it."),
            )
        self.refusals: list[tuple[str, str]] = []

    def refuse(self, refusal: Refused) -> None:
        """Say each problem at its field, or above the form."""
        for problem in refusal.problems:
            if problem.field in self.fields:
                self.add_error(problem.field, problem.sentence)
            else:
                self.refusals.append((problem.sentence, ""))


class IssueViews(admin.ModelAdmin):
    """The part of the issue's admin that carries out transitions, shows previews and sends test mails."""

    def get_urls(self) -> list[Any]:
        views: dict[str, tuple[str, Callable[..., HttpResponse]]] = {
            "do/<slug:name>": ("transition", self.transition_view),
            "preview": ("preview", self.preview_view),
            "preview/html": ("preview_html", self.preview_html_view),
            "test": ("test", self.test_view),
        }
        own = [
            path(f"<path:object_id>/{end}/", self.admin_site.admin_view(view), name=f"subscribers_issue_{name}")
            for end, (name, view) in views.items()
        ]
        return [*own, *super().get_urls()]

    # Transitions --------------------------------------------------------------------------

    def transition_view(self, request: HttpRequest, object_id: str, name: str) -> HttpResponse:
        """GET asks; POST carries it out, says why not, or says who was faster."""
        row, issue = TRANSITIONS.get(name), self._issue(request, object_id)
        if row is None:
            raise Http404
        if not row.allowed(who(request)):
            raise PermissionDenied
        form = AskForm(row, issue, request.POST if request.method == "POST" else None)
        if request.method == "POST" and form.is_valid():
            if self.carried_out(request, issue, row, form):
                return HttpResponseRedirect(change_address(issue))
        elif request.method != "POST" and row not in workflow.open_transitions(who(request), issue):
            self.message_user(request, str(workflow.wrong_state(row, issue)), messages.WARNING)
            return HttpResponseRedirect(change_address(issue))
        context = {
            "title": str(row.label).rstrip("…"),
            "row": row,
            "form": form,
            "recipients": composing.number(composing.recipients(issue)) if name in ("schedule", "send_now") else "",
            "media": self.media + form.media,
        }
        return self._page(request, issue, "transition", context)

    def carried_out(self, request: HttpRequest, issue: Issue, row: Transition, form: AskForm | None = None) -> bool:
        """Whether it is done, or a colleague was faster; either is told. False: what stands in the way is told."""
        asked = {name: form.cleaned_data[name] for name in row.asks} if form else {}
        if form:
            as_seen(issue, form.cleaned_data["seen"])
        try:
            workflow.change(issue, row.name, by=who(request), **asked)
        except Refused as refusal:
            if form:
                form.refuse(refusal)
            else:
                for problem in refusal.problems:
                    self.message_user(request, str(problem), messages.ERROR)
            return False
        except Stale as stale:
            self.message_user(request, str(stale), messages.ERROR)
            return True
        self.message_user(request, str(row.done), messages.SUCCESS)
        return True

    # Preview ------------------------------------------------------------------------------

    def preview_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """The mail as a subscriber gets it, in two widths and as text."""
        issue = self._issue(request, object_id)
        reader, said = self._reader(request, issue)
        content, trouble = _content(issue)
        to = mailbox(reader.email, reader.email_norm) if reader else ""
        context = {
            "title": gettext("Preview"),
            "content": content,
            "sender": str(make_header(decode_header(content["from_email"]))) if content else "",
            "trouble": trouble or said,
            "warnings": list(composing.too_long(content or {})),
            "typed": request.GET.get("as", ""),
            "to": to,
            "dark": "dark" in request.GET,
            "query": request.GET.urlencode(),
            "text": mailing.filled(content["text"], nobodys_links(reader)) if content else "",
            "own_address": who(request).email,
            "frozen": bool(issue.content),
            "may_test": who(request).has_perm(workflow.PERMISSION),
        }
        return self._page(request, issue, "preview", context)

    @method_decorator(xframe_options_sameorigin)
    @method_decorator(csp_replace(FRAME_POLICY))
    def preview_html_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """The HTML part alone. It runs no script and is treated as another site's."""
        issue = self._issue(request, object_id)
        reader, _said = self._reader(request, issue)
        content, trouble = _content(issue)
        if content is None:
            return HttpResponse(trouble, content_type="text/plain; charset=utf-8")
        head, end, body = mailing.filled(content["html"], nobodys_links(reader)).partition("</style>")
        # As asked, whatever the editor's own machine prefers; and links leave the frame.
        head = head.replace("(prefers-color-scheme: dark)", "all" if "dark" in request.GET else "not all")
        return HttpResponse(head.replace("<head>", '<head><base target="_blank">', 1) + end + body)

    def _reader(self, request: HttpRequest, issue: Issue) -> tuple[Subscriber | None, str]:
        """Whose mail is shown, and what is wrong with the address that was asked for."""
        typed = request.GET.get("as", "").strip()
        if not typed:
            return None, ""
        if not who(request).has_perm("subscribers.view_subscriber"):
            raise PermissionDenied
        try:
            norm = parse(typed).norm
        except ValidationError as error:
            return None, error.messages[0]
        reader = Subscriber.objects.filter(email_norm=norm, subscriptions__newsletter=issue.newsletter_id).first()
        return reader, "" if reader else gettext(
            "No subscriber of this newsletter has this address. Check its spelling."
        )

    # A test mail --------------------------------------------------------------------------

    def test_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Send one mail, marked as a test, and say what became of it. It is no delivery."""
        issue = self._issue(request, object_id)
        if not who(request).has_perm(workflow.PERMISSION):
            raise PermissionDenied
        if request.method == "POST":
            level, sentence = self._test(request, issue)
            self.message_user(request, sentence, level)
        return HttpResponseRedirect(reverse("admin:subscribers_issue_preview", args=[issue.pk]))

    def _test(self, request: HttpRequest, issue: Issue) -> tuple[int, str]:
        try:
            address = parse(request.POST.get("address", "").strip() or who(request).email)
        except ValidationError as error:
            return messages.ERROR, error.messages[0]
        if consent.suppressed(address.norm, issue.newsletter):
            return messages.ERROR, gettext("This address asked not to be mailed. Choose another one.")
        if not throttle.allow(f"newsletter test {who(request).pk}", TESTS_AN_HOUR, AN_HOUR):
            return messages.ERROR, gettext("You have sent many test mails. Wait an hour before you send more.")
        content, trouble = _content(issue)
        if content is None:
            return messages.ERROR, trouble
        marked = {**content, "subject": gettext("[Test] %(subject)s") % {"subject": content["subject"]}}
        _name, sender = parseaddr(content["from_email"])
        headers = {"Message-ID": make_msgid(domain=sender.rpartition("@")[2] or "localhost")}
        mail = mailing.assemble(marked, mailbox(address.typed, address.norm), nobodys_links(None), headers)
        try:
            mail.send()
        except Exception as error:  # mail backends raise what they like
            workflow.logger.warning("A test mail of issue %s was not taken.", issue.pk, exc_info=True)
            said = gettext(
                "The mail server did not take the test mail. It said: “%(error)s”. Try again in a minute; if it says "
                "so again, tell whoever looks after this site."
            )
            return messages.ERROR, said % {"error": words(error)}
        workflow.record(issue, "test", by=who(request))
        return messages.SUCCESS, gettext("A test mail is on its way to %(address)s.") % {"address": address.typed}

    # The frame of these pages -------------------------------------------------------------

    def _issue(self, request: HttpRequest, object_id: str) -> Issue:
        issue = self.get_object(request, unquote(object_id))
        if issue is None:
            raise Http404
        if not self.has_view_permission(request, issue):
            raise PermissionDenied
        return issue

    def _page(self, request: HttpRequest, issue: Issue, template: str, context: dict[str, Any]) -> HttpResponse:
        frame = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "issue": issue,
            "change_address": change_address(issue),
            "subtitle": str(issue),
        }
        return TemplateResponse(request, f"admin/subscribers/issue/{template}.html", frame | context)


def change_address(issue: Issue) -> str:
    return reverse("admin:subscribers_issue_change", args=[issue.pk])


def seen(issue: Issue) -> str:
    """What somebody has before them, to be compared when they act."""
    return f"{issue.state}.{issue.version}"


def as_seen(issue: Issue, mark: str) -> None:
    """Make `issue` the one that somebody had before them, so that it is found out if it is not that any more."""
    state, _dot, version = mark.partition(".")
    if state and version.isdecimal() and len(version) < 10:
        issue.state, issue.version = state, int(version)


def nobodys_links(reader: Subscriber | None) -> dict[str, str]:
    """The personal links in the reader's language, with a token that opens nothing."""
    with translation.override(reader.language if reader else settings.LANGUAGE_CODE):
        return {name: settings.SITE_URL + reverse(f"newsletter-{name}", args=[NOBODYS]) for name in rendering.PERSONAL}


def _content(issue: Issue) -> tuple[dict[str, Any] | None, str]:
    """What is sent, or would be; or why it cannot be laid out."""
    if issue.content:
        return issue.content, ""
    try:
        return rendering.content_of(issue), ""
    except Exception:
        workflow.logger.exception("Issue %s cannot be laid out.", issue.pk)
        return None, gettext(
            "The issue cannot be laid out. Tell whoever looks after this site; the reason stands in its log."
        )
