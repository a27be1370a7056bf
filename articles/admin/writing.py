"""What is typed and not saved yet, kept by the server and offered back."""

import json
import re
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.middleware.csrf import get_token
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext

from articles import autosave, editor
from articles.admin.people import who
from articles.admin.showing import moment
from articles.admin.writing_words import words
from articles.models import Article, Autosave
from newsroom.lib.html import to_text

# Letters alone: an address of the admin with a long row of digits counts as damaged.
WINDOW = re.compile(r"[a-z]{8,40}")
RESTORED = re.compile(r"([a-z]{8,40})\.([0-9]{1,10})")
LONGEST = 2 * 1024 * 1024  # bytes of one packet
MANY = 100  # windows that one request may name
# Fields that are shown to whoever has no scripts, to be copied.
TEXTS = ("kicker", "headline", "standfirst", "body")


class Unfit(Exception):
    """A packet that is no part of the form. As text: what is wrong."""


class WritingViews(admin.ModelAdmin):
    """The part of the article's admin for it."""

    def get_urls(self) -> list[Any]:
        rooms = [
            ("writing/", self.writing_view, "writing"),
            ("add/autosave/", self.autosave_view, "autosave_new"),
            ("add/autosave/discard/", self.discard_view, "discard_new"),
            ("<path:object_id>/autosave/", self.autosave_view, "autosave"),
            ("<path:object_id>/autosave/discard/", self.discard_view, "discard"),
        ]
        own = [
            path(address, self.admin_site.admin_view(view), name=f"articles_article_{name}")
            for address, view, name in rooms
        ]
        return [*own, *super().get_urls()]

    # Asked by the scripts -----------------------------------------------------------------

    def writing_view(self, request: HttpRequest) -> HttpResponse:
        """Who is signed in, a token for their forms, and which of the windows named in `window` are settled."""
        windows = asked_windows(request)
        return session(request, autosave.settled(who(request), windows) if windows else [])

    def autosave_view(self, request: HttpRequest, object_id: str | None = None) -> HttpResponse:
        """POST keeps what was typed, as JSON: user, window, number, typed, based_on."""
        if request.method != "POST":
            return JsonResponse({}, status=405)
        article, refusal = self._writable(request, object_id)
        if refusal:
            return refusal
        try:
            packet = read_packet(request)
        except RequestDataTooBig:
            return _said(_too_long(), 413)
        except Unfit as unfit:
            return _said(str(unfit), 400)
        if packet.pop("user") != str(who(request).pk):
            return _said(gettext("Somebody else is signed in here now."), 409)
        return JsonResponse({"verdict": autosave.keep(who(request), article, **packet)})

    def discard_view(self, request: HttpRequest, object_id: str | None = None) -> HttpResponse:
        """POST forgets the slots of the windows named in `window`."""
        if request.method != "POST":
            return JsonResponse({}, status=405)
        article, refusal = self._writable(request, object_id)
        if refusal:
            return refusal
        windows = [name for name in request.POST.getlist("window")[:MANY] if WINDOW.fullmatch(name)]
        return JsonResponse({"discarded": autosave.forget(who(request), article, windows)})

    def _writable(self, request: HttpRequest, object_id: str | None) -> tuple[Article | None, HttpResponse | None]:
        """The article, None for a new one, or why its text is not this user's to write."""
        refused = _said(gettext("You may not write this article any more. Copy your text, and ask its owner."), 403)
        if object_id is None:
            return None, None if self.has_add_permission(request) else refused
        article = self.get_object(request, unquote(object_id))
        if article is None:
            gone = gettext("This article is not here any more, or not for you to read. Copy your text before you go.")
            return None, _said(gone, 404)
        return article, None if self.has_change_permission(request, article) else refused

    # The form -----------------------------------------------------------------------------

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
        article = context["original"] if getattr(context["original"], "pk", None) else None
        if self.has_change_permission(request, article) if article else self.has_add_permission(request):
            context["writing"] = offer(request, article, context["adminform"].form)
        return super().render_change_form(request, context, *args, **kwargs)

    def add_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """A new article that is sent twice, since the first answer never came, is one article."""
        window = request.POST.get("window", "")
        article = autosave.saved_as(who(request), window) if WINDOW.fullmatch(window) else None
        if article is None:
            return super().add_view(request, *args, **kwargs)
        self.message_user(request, gettext("This article was saved before. Here it is."), messages.SUCCESS)
        return HttpResponseRedirect(reverse("admin:articles_article_change", args=[article.pk]))

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """What is saved is no longer unsaved: within the transaction of the save, so that both are or neither is."""
        super().save_related(request, form, formsets, change)
        window = request.POST.get("window", "")
        if WINDOW.fullmatch(window):
            restored = read_restored(request.POST.get("restored", ""))
            autosave.settle(who(request), form.instance, window=window, restored=restored)


def read_packet(request: HttpRequest) -> dict[str, Any]:
    """The arguments of autosave.keep, and `user`. Raises Unfit, or RequestDataTooBig."""
    if len(request.body) > LONGEST:
        raise RequestDataTooBig
    try:
        sent = json.loads(request.body)
        packet: dict[str, Any] = {
            "user": str(sent["user"]),
            "window": str(sent["window"]),
            "number": int(sent["number"]),
            "typed": [_field(field) for field in sent["typed"]],
            "based_on": int(sent["based_on"]) if sent.get("based_on") else None,
        }
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError, OverflowError) as error:
        raise Unfit(gettext("The server did not understand what was sent. Load the page again.")) from error
    sound = WINDOW.fullmatch(packet["window"]) and 0 < packet["number"] < autosave.SETTLED
    if not sound or (packet["based_on"] or 0) >= 2**63:
        raise Unfit(gettext("The server did not understand what was sent. Load the page again."))
    return packet


def _field(field: Any) -> list[str]:
    if not isinstance(field, list) or len(field) not in (2, 3) or not all(isinstance(part, str) for part in field):
        raise TypeError("a field is a name, a value and perhaps a label")
    # What no database keeps in JSON: the character zero, and halves of characters.
    return [part.replace("\x00", "").encode("utf-8", "replace").decode() for part in field]


def read_restored(value: str) -> list[tuple[str, int]]:
    """Windows and numbers out of "name.7 other.12"; what is none is left out."""
    return [(found[1], int(found[2])) for word in value.split()[:MANY] if (found := RESTORED.fullmatch(word))]


def offer(request: HttpRequest, article: Article | None, form: Any) -> dict[str, Any]:
    """All that the template and the scripts need to keep what is typed, and to offer what was."""
    slots = list(autosave.slots_of(who(request), article))
    return window(request, form) | {
        "article": str(article.pk) if article else "",
        "heading": "headline",
        "autosave": _address("autosave", article),
        "discarding": _address("discard", article),
        "session": reverse("admin:articles_article_writing"),
        "words": words(),
        "slots": [_slot(slot) for slot in slots],
        "texts": [text for slot in slots if (text := _texts(slot, form))["fields"]],
    }


def window(request: HttpRequest, form: Any) -> dict[str, Any]:
    """What every form says of itself that is kept as it is typed, whatever it is about."""
    user = who(request)
    again = request.POST.get("window", "") if form.is_bound else ""
    return {
        # A form that was refused goes on as the same window; its text is not saved yet.
        "window": again if WINDOW.fullmatch(again) else "",
        "restored": request.POST.get("restored", "") if form.is_bound else "",
        "unsaved": form.is_bound,
        "user": str(user.pk),
        "name": user.get_username(),
        "zone": timezone.get_current_timezone_name(),
        "days": autosave.KEPT_FOR.days,
    }


def session(request: HttpRequest, settled: list[str]) -> JsonResponse:
    """Who is signed in, a token for their forms, and which of the windows they asked about are settled."""
    user = who(request)
    return JsonResponse(
        {"user": str(user.pk), "name": user.get_username(), "token": get_token(request), "settled": settled}
    )


def asked_windows(request: HttpRequest) -> list[str]:
    """The windows that are named in `window`."""
    return [name for name in request.GET.getlist("window")[:MANY] if WINDOW.fullmatch(name)]


def _slot(slot: Autosave) -> dict[str, Any]:
    """A slot for the scripts, with its body cleaned and shown as the form shows it."""
    typed = [
        [name, editor.shown(rest[0]), *rest[1:]] if name == "body" else [name, *rest] for name, *rest in slot.typed
    ]
    return {
        "window": slot.window,
        "number": slot.number,
        "typed": typed,
        "basedOn": slot.based_on_id or "",
        "at": slot.at.isoformat(),
    }


def _texts(slot: Autosave, form: Any) -> dict[str, Any]:
    """For a page without scripts: the plain text of each field that differs from what is saved."""
    typed = {name: value for name, value, *_label in slot.typed if name in TEXTS and name in form.fields}
    differs = {name: value for name, value in typed.items() if _plain(name, value) != _plain(name, form[name].value())}
    fields = [(form.fields[name].label, _plain(name, value)) for name, value in differs.items()]
    return {"at": moment(slot.at), "window": slot.window, "fields": fields}


def _plain(name: str, value: Any) -> str:
    return (to_text(value or "") if name == "body" else str(value or "")).replace("\r\n", "\n").strip()


def _address(name: str, article: Article | None) -> str:
    if article is None:
        return reverse(f"admin:articles_article_{name}_new")
    return reverse(f"admin:articles_article_{name}", args=[article.pk])


def _said(sentence: str, status: int) -> JsonResponse:
    return JsonResponse({"error": sentence}, status=status)


def _too_long() -> str:
    return gettext(
        "This text is longer than the server keeps while you type (%(megabytes)d MB). Save it now, or part it."
    ) % {"megabytes": LONGEST // 1024**2}
