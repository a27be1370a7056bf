"""What the newsletter's pages have in common. None sets a cookie."""

from collections.abc import Iterable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse


def message(request: HttpRequest, title: Any, sentences: Iterable[Any], status: int = 200) -> HttpResponse:
    """A page that says how something went, and leads on."""
    page = {"title": title, "sentences": sentences, "newsletter_form": False}
    return render(request, "subscribers/message.html", page, status=status)


def dead_link(request: HttpRequest, status: int) -> HttpResponse:
    """The link is too old, of a subscription that was left, or not one of ours."""
    page = {"newsletter_page": reverse("newsletter")}
    return render(request, "subscribers/dead_link.html", page, status=status)


def private(response: HttpResponse) -> HttpResponse:
    """Keep a token out of caches, search engines and other sites' logs."""
    response["Cache-Control"] = "no-store"
    response["X-Robots-Tag"] = "noindex, nofollow"
    response["Referrer-Policy"] = "no-referrer"
    return response
