"""The pages that say that something is not here, not allowed, not readable, or broken."""

from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest, HttpResponseServerError
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


def unreadable(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """For what Django does not even hand on: too many fields or files, a request cut off, a name that is not ours."""
    return HttpResponseBadRequest(_bare("400.html"))


def broken(request: HttpRequest) -> HttpResponse:
    return HttpResponseServerError(_bare("500.html"))


def _bare(template: str) -> str:
    """A page that asks nothing of what may be broken: no database, no menu, and no stylesheet if there is none."""
    try:
        stylesheet = static("site/site.css")
    except ValueError:  # static files have not been collected
        stylesheet = ""
    return render_to_string(template, {"stylesheet": stylesheet})
