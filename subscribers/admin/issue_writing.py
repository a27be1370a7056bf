"""What is typed into an issue and not saved yet: the browser keeps it, and offers it back."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import path, reverse
from django.utils.translation import gettext

from articles.admin import writing
from articles.admin.writing_words import words
from subscribers.models import Issue

# In the session: the windows of which all was saved, so that nothing of them is offered any more.
SAVED = "issue_windows_saved"
REMEMBERED = 50


class WritingViews(admin.ModelAdmin):
    """The part of the issue's admin for it. The scripts are those of the article's form (newsroom/admin/writing/)."""

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view(self.writing_view)
        return [path("writing/", view, name="subscribers_issue_writing"), *super().get_urls()]

    def writing_view(self, request: HttpRequest) -> JsonResponse:
        """Who is signed in, a token for their forms, and which of the windows named in `window` are settled."""
        saved = request.session.get(SAVED, [])
        return writing.session(request, [name for name in writing.asked_windows(request) if name in saved])

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        issue: Issue | None = context.get("original")
        if issue and self.has_change_permission(request, issue):
            context["writing"] = _offer(request, issue, context["adminform"].form)
        return super().render_change_form(request, context, *args, **kwargs)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        window = request.POST.get("window", "")
        if writing.WINDOW.fullmatch(window):
            request.session[SAVED] = [*request.session.get(SAVED, []), window][-REMEMBERED:]


def _offer(request: HttpRequest, issue: Issue, form: Any) -> dict[str, Any]:
    return writing.window(request, form) | {
        "kind": "issues",
        "article": str(issue.pk),
        "heading": "subject",
        "session": reverse("admin:subscribers_issue_writing"),
        "words": words() | _words(),
        "slots": [],
    }


def _words() -> dict[str, str]:
    """What is said differently, since the server keeps nothing of it before it is saved."""
    return {
        "kept": gettext("What you type is kept in this browser. It is not saved yet."),
        "older": gettext(
            "The issue was saved since. Compare both before you restore this: it takes the place of what is saved."
        ),
    }
