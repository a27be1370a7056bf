"""A form that was sent after its editor had been signed out, from a page without scripts.

The form carries a signed mark of whose it is. What was typed goes into that editor's own autosave slot, as their
scripts would have sent it while they typed, and nowhere else: nothing of it stands on the page of the login, and no
other account can open it. After signing in the form is shown with it, and saved by whoever is signed in then.
"""

import secrets
import string
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib import admin, messages
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import SuspiciousOperation
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.urls import Resolver404, path, resolve, reverse
from django.utils.translation import gettext
from django.views.csrf import csrf_failure

from articles import autosave
from articles.admin.people import who
from articles.admin.writing import LONGEST, WINDOW
from articles.autosave import Verdict
from articles.models import Article, Autosave
from newsroom.lib import throttle, tokens
from newsroom.models import User

PURPOSE = "article-form"
# How many forms of one editor are kept in an hour.
MANY, HOUR = 60, 3600
# What is no part of the text: see typed.js. Buttons begin with "_".
APART = {"csrfmiddlewaretoken", "window", "restored", "based_on", "writer", "typed_again"}
NO_TEXT = ("_", "choice-")
FORMS = ("articles_article_add", "articles_article_change")


def mark(user: User, article: Article | None) -> str:
    """What a form carries so that it is known whose it is, and of which article, without a session."""
    return tokens.make(PURPOSE, [user.pk, article.pk if article else 0, _password_of(user), _new_window()])


def keep(request: HttpRequest, object_id: str | None) -> tuple[User, str] | None:
    """Keep what was typed for the editor that the form was made for; who that is, and the window that it is kept as.

    None where the form carries no mark that is good, or its text is too long: then nothing is kept.
    """
    try:
        age = timedelta(seconds=settings.SESSION_COOKIE_AGE)
        author_key, article_key, password, own = tokens.read(PURPOSE, request.POST.get("writer", ""), max_age=age)
    except tokens.Invalid:
        return None
    author = User.objects.filter(pk=author_key, is_active=True, is_staff=True).first()
    article = Article.objects.filter(pk=article_key).first() if article_key else None
    same = str(article_key or "") == (object_id or "") and bool(article) == bool(article_key)
    if author is None or not same or password != _password_of(author):
        return None
    typed, given = _typed(request.POST), request.POST.get("window", "")
    window = given if WINDOW.fullmatch(given) else own
    if sum(len(name) + len(value) for name, value in typed) > LONGEST or not _is_allowed(author):
        return None
    based_on = request.POST.get("based_on", "")
    if _keep(author, article, window, typed, based_on) != Verdict.KEPT:
        # The window saved before, and its editor went back to it.
        window = _new_window()
        _keep(author, article, window, typed, based_on)
    return author, window


def _keep(author: User, article: Article | None, window: str, typed: autosave.Typed, based_on: str) -> Verdict:
    before = autosave.slots_of(author, article).filter(window=window).values_list("number", flat=True).first() or 0
    known = int(based_on) if based_on.isdecimal() and len(based_on) < 19 else None
    return autosave.keep(author, article, window=window, number=before + 1, typed=typed, based_on=known)


def _new_window() -> str:
    return "".join(secrets.choice(string.ascii_lowercase) for _letter in range(20))


def _typed(sent: QueryDict) -> autosave.Typed:
    return [
        [name, value.replace("\x00", "").encode("utf-8", "replace").decode()]
        for name, values in sent.lists()
        if name not in APART and not name.startswith(NO_TEXT) and "password" not in name and "__prefix__" not in name
        for value in values
    ]


def _password_of(user: User) -> str:
    """So that forms are good for no longer than sessions are: not after another password was set."""
    return user.get_session_auth_hash()[:16]


def _is_allowed(author: User) -> bool:
    return throttle.allow(f"signed-out-form:{author.pk}", MANY, HOUR)


def csrf_failed(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Somebody signed in since the page was opened. If it is its editor, the form is shown anew with what was typed."""
    try:
        found = resolve(request.path_info)
    except Resolver404:
        return csrf_failure(request, reason)
    if found.url_name in FORMS and (kept := keep(request, found.kwargs.get("object_id"))):
        author, window = kept
        if request.user == author or not request.user.is_authenticated:
            return HttpResponseRedirect(f"{request.path}?typed={window}")
    return csrf_failure(request, reason)


class SignedOutViews(admin.ModelAdmin):
    """The part of the article's admin for it."""

    def get_urls(self) -> list[Any]:
        info = "articles_article"
        return [
            path("add/", self._or_kept(self.add_view), name=f"{info}_add"),
            path("<path:object_id>/change/", self._or_kept(self.change_view), name=f"{info}_change"),
            *super().get_urls(),
        ]

    def _or_kept(self, view: Any) -> Any:
        """The view, and before it a look whether a form would end at the login."""
        guarded = self.admin_site.admin_view(view)

        def kept_first(request: HttpRequest, object_id: str | None = None) -> HttpResponse:
            if request.method == "POST" and not self.admin_site.has_permission(request):
                return self._to_login(request, object_id)
            return guarded(request, object_id) if object_id is not None else guarded(request)

        return kept_first

    def _to_login(self, request: HttpRequest, object_id: str | None) -> HttpResponse:
        kept = keep(request, object_id)
        if kept:
            said = gettext("You were signed out. What you typed is kept: sign in, and it stands in the form again.")
            messages.info(request, said)
            back = f"{request.path}?typed={kept[1]}"
        else:
            said = gettext("You were signed out, and nothing was saved. Go back in your browser, and copy your text.")
            messages.warning(request, said)
            back = request.path
        return redirect_to_login(back, reverse("admin:login"))

    # The form, shown again --------------------------------------------------------------------

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        """With ?typed=<window> the form as it was sent from that window of the user's own. Saves nothing."""
        if request.method == "GET" and (slot := self._slot(request, object_id)):
            _as_sent(request, slot)
            form_url = form_url or request.path
        return super().changeform_view(request, object_id, form_url, extra_context)

    def get_form(self, request: HttpRequest, obj: Article | None = None, change: bool = False, **kwargs: Any) -> Any:
        form: Any = super().get_form(request, obj, change, **kwargs)
        form.shown_again = getattr(request, "shown_again", False)
        return form

    def save_form(self, request: HttpRequest, form: Any, change: bool) -> Any:
        """Whatever the form says of itself: what is only shown again is never saved."""
        if form.shown_again:
            raise SuspiciousOperation("A form that is only shown again was about to be saved.")
        return super().save_form(request, form, change)

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
        form, article = context["adminform"].form, context["original"]
        context["writer"] = mark(who(request), article if getattr(article, "pk", None) else None)
        if getattr(form, "shown_again", False) and not form.stale:
            said = gettext("You were signed out before this was saved. Look at what you typed, and save it.")
            messages.warning(request, said)
            if set(form.errors) == {"__all__"}:
                context["errors"] = []  # there is none but that nobody has saved it yet
        return super().render_change_form(request, context, *args, **kwargs)

    def _slot(self, request: HttpRequest, object_id: str | None) -> Autosave | None:
        window = request.GET.get("typed", "")
        if not WINDOW.fullmatch(window):
            return None
        article = self.get_object(request, object_id) if object_id else None
        allowed = self.has_change_permission(request, article) if article else self.has_add_permission(request)
        if not allowed or (object_id and article is None):
            return None
        slot = autosave.slots_of(who(request), article).filter(window=window).first()
        # Without the counts of its rows no form can be made of it.
        return slot if slot and any(name.endswith("-TOTAL_FORMS") for name, *_value in slot.typed) else None


def _as_sent(request: Any, slot: Autosave) -> None:
    """Let the request look to the form as the one that was not taken."""
    sent = QueryDict(mutable=True)
    for name, value, *_label in slot.typed:
        sent.appendlist(name, value)
    sent["window"], sent["based_on"] = slot.window, str(slot.based_on_id or "")
    request.FILES  # noqa: B018  (reads what came, which is nothing, before something else is said to have come)
    request.method, request.POST, request.shown_again = "POST", sent, True
