"""Public forms without a CSRF token.

They stand on pages that are cached for everyone and act without a cookie, so there is no login
that a foreign page could abuse. What it could do is make our readers' browsers send forms in
their name; the browser itself tells where a form came from, and that is checked here.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseForbidden
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})


def same_origin(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Refuse (403) what a browser sends to `view` from a page of another site; no CSRF token is asked for.

    Use it only where nothing depends on cookies: a client that sends neither header is let in.
    """

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.method not in SAFE_METHODS and not comes_from_here(request):
            sentence = _("This form was sent from another website. Please open it on this site and send it again.")
            return HttpResponseForbidden(sentence, content_type="text/plain; charset=utf-8")
        return view(request, *args, **kwargs)

    return csrf_exempt(guarded)


def comes_from_here(request: HttpRequest) -> bool:
    """Whether the browser says that a page of this site sent the request, or says nothing.

    Sec-Fetch-Site cannot be set by a page and is believed first: under "Referrer-Policy: no-referrer"
    a form of our own carries the Origin "null".
    """
    if site := request.headers.get("Sec-Fetch-Site"):
        return site in ("same-origin", "none")
    origin = request.headers.get("Origin")
    if origin is None:
        return True
    ours = {request.get_host(), *(urlsplit(trusted).netloc for trusted in settings.CSRF_TRUSTED_ORIGINS)}
    try:
        return urlsplit(origin).netloc in ours - {""}
    except ValueError:  # such as "http://["
        return False
