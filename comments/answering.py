"""What the forms for comments have in common: how they are answered to a script, and what is not even read."""

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.cache import add_never_cache_headers
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

# A comment of 5,000 characters has some 60 kB at most on its way.
MAX_BYTES = 500_000
TOO_LARGE = gettext_lazy("Your comment was too long to be received. Go back to find it, shorten it, and send it again.")


def too_large(request: HttpRequest) -> bool:
    """Whether more is sent than is worth reading."""
    length = request.headers.get("Content-Length", "")
    return length.isdecimal() and int(length) > MAX_BYTES


def wants_json(request: HttpRequest) -> bool:
    """Whether the page's script asks, rather than a reader who follows a form."""
    return "application/json" in request.headers.get("Accept", "")


def said(form: forms.Form, status: int) -> JsonResponse:
    """What is wrong, field by field, for the script, and the `answers` and `identity` that the form goes on with."""
    fields = {name: " ".join(map(str, errors)) for name, errors in form.errors.items()}
    others = [fields.pop(name) for name in ("__all__", "answers", "key", "versions", "identity") if name in fields]
    kept = {name: form.data.get(name, "") for name in ("answers", "identity")}
    data = {"errors": fields, "message": " ".join(others), **kept}
    return JsonResponse(data, status=status)


def page(request: HttpRequest, template: str, context: dict[str, Any], status: int = 200) -> HttpResponse:
    """A page that only whoever has its link is to see: kept by nobody, in no search engine, told to no other site."""
    return private(render(request, template, context, status=status))


def message(request: HttpRequest, title: str, *sentences: str, status: int = 200) -> HttpResponse:
    """A page that says something, and what to do next."""
    return page(request, "comments/message.html", {"title": title, "sentences": sentences}, status)


def dead_link(request: HttpRequest) -> HttpResponse:
    """The link in a mail is too old, was used up, or is not one of ours."""
    sentences = [
        _("It may be too old, copied in part, or used before. Ask for a new one where you got it."),
        _("If you have confirmed an address for a comment, we mail you a link to all comments of that address."),
    ]
    context = {"title": _("This link cannot be used any more"), "sentences": sentences, "ask": True}
    return page(request, "comments/message.html", context, 404)


def private(response: HttpResponse) -> HttpResponse:
    """Keep what stands behind a signed link out of caches, search engines and other sites' logs."""
    add_never_cache_headers(response)
    response["X-Robots-Tag"] = "noindex, nofollow"
    response["Referrer-Policy"] = "same-origin"
    return response
