"""The pages that say that something is not here, not allowed, or broken."""

from django.http import HttpRequest, HttpResponse, HttpResponseServerError
from django.shortcuts import render
from django.template.loader import render_to_string
from django.templatetags.static import static

from articles import reading
from articles.views import spoken

SUGGESTED = 5


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Says so, and offers what is new instead."""
    return render(request, "404.html", {"latest": reading.newest(spoken())[:SUGGESTED]}, status=404)


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return render(request, "403.html", status=403)


def broken(request: HttpRequest) -> HttpResponse:
    """A page that asks nothing of what may be broken: no database, no menu, and no stylesheet if there is none."""
    try:
        stylesheet = static("site/site.css")
    except ValueError:  # static files have not been collected
        stylesheet = ""
    return HttpResponseServerError(render_to_string("500.html", {"stylesheet": stylesheet}))
