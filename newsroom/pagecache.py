"""Whole pages for readers without a session.

A page is kept by the process that made it, compressed, together with the token of the generation it
belongs to. The generation stands in the cache that all processes share: dropping it makes every kept page
stale at once, everywhere. It also knows when the timeline changes next, so that no page outlives that
second though nothing ran then. A hit costs one look at the shared cache and touches no database.
"""

import gzip
import hashlib
import secrets
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from threading import Lock

import brotli
from django.apps import apps
from django.conf import settings
from django.core.cache import cache
from django.db import transaction
from django.db.models.signals import post_delete, post_save
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.cache import patch_vary_headers

from newsroom.lib import clock

MAX_PAGES = 1000
MAX_PAGE_BYTES = 2_000_000
KEPT_STATUSES = {200, 301, 410}
# Other query strings are answered afresh, so that nobody can fill the cache with ?a=1, ?a=2, ...
KEPT_QUERY = {"page"}
# Each page of comments has one address; what is asked for otherwise is redirected there, or unknown.
KEPT_QUERY_OF_COMMENTS = {"sort", "after", "thread"}
# Its address carries a version; answers to wrong ones, which nobody links to, are not kept.
VERSIONED = "/theme.css"
# What is no page for readers, or is kept by browsers already.
ELSEWHERE = ("/admin/", "/mail/", "/images/", "/static/", "/healthz", "/readyz")
GENERATION = "pagecache:generation"

# Set by articles: the next moment after the given one at which an edition begins or ends.
next_change: Callable[[datetime], datetime | None] = lambda moment: None  # noqa: E731
# Set by comments: the next one at which an article stops taking them by its age.
next_end_of_comments: Callable[[datetime], datetime | None] = lambda moment: None  # noqa: E731


@dataclass(frozen=True)
class Generation:
    """Pages made under one token are right until `until` (None: until something is dropped)."""

    token: str
    until: datetime | None


@dataclass(frozen=True)
class Page:
    """One answer, ready to be sent, in each encoding."""

    token: str
    status: int
    headers: dict[str, str]
    etag: str
    bodies: dict[str, bytes]


_pages: OrderedDict[str, Page] = OrderedDict()
_present = Generation("", None)
_lock = Lock()


def drop() -> None:
    """Make every kept page stale, in every process. To be called on commit."""
    cache.set(GENERATION, secrets.token_hex(8), timeout=None)


def drop_page(path: str) -> None:
    """Make the page at `path` stale. The simplest rule that is exact: every page is."""
    drop()


def follow(*models: str) -> None:
    """Drop at the commit of every change of these models ("app.Model"), whose names stand on pages."""
    for name in models:
        for signal in (post_save, post_delete):
            signal.connect(_changed, sender=apps.get_model(name), dispatch_uid=f"pagecache:{name}")


def _changed(**kwargs: object) -> None:
    transaction.on_commit(drop)


def forget() -> None:
    """Drop everything and free the memory of this process."""
    drop()
    with _lock:
        _pages.clear()


def generation() -> Generation:
    """The present generation; a new one where the last was dropped or its time has come.

    When a generation ends is asked after its token was read, and kept with that token alone: whoever
    changes the timeline in between drops the token, and what was found out for it counts no more.

    A process begins with a new one: that which it stands in for may have died between a commit and its drop.
    """
    global _present
    now = clock.now()
    present = _present
    if not present.token:
        drop()
    if (token := cache.get(GENERATION)) != present.token or token is None:
        present = Generation(token or _begin(), _until(now))
    if present.until and present.until <= now:
        present = Generation(_begin(), _until(now))
    _present = present
    return present


def _until(moment: datetime) -> datetime | None:
    """When pages next look different though nobody did anything."""
    return min(filter(None, (next_change(moment), next_end_of_comments(moment))), default=None)


def _begin() -> str:
    drop()
    return str(cache.get(GENERATION))


class PageCacheMiddleware:
    """Answers from the cache where it can, and keeps what public views make."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if not _may_be_kept(request):
            return self.get_response(request)
        key, now = request.build_absolute_uri(), generation()
        page = _found(key)
        if page is None or page.token != now.token:
            response = self.get_response(request)
            page = _page(request, response, now.token)
            if page is None:
                return response
            _keep(key, page)
        return _answer(request, page)


def _may_be_kept(request: HttpRequest) -> bool:
    return (
        request.method in ("GET", "HEAD")
        and settings.SESSION_COOKIE_NAME not in request.COOKIES
        and not request.path_info.startswith(ELSEWHERE)
        and request.GET.keys() <= _kept_query(request.path_info)
    )


def _kept_query(path: str) -> set[str]:
    if path == VERSIONED:
        return {"v"}
    return KEPT_QUERY_OF_COMMENTS if path.endswith("/comments/") else KEPT_QUERY


def _found(key: str) -> Page | None:
    with _lock:
        if page := _pages.get(key):
            _pages.move_to_end(key)
    return page


def _page(request: HttpRequest, response: HttpResponseBase, token: str) -> Page | None:
    """The answer as it is kept, or None where it must not be."""
    kept = (
        isinstance(response, HttpResponse)
        and request.method == "GET"
        and response.status_code in KEPT_STATUSES
        and not response.cookies
        and ("v" not in request.GET or "immutable" in response.get("Cache-Control", ""))
        and "Cookie" not in response.get("Vary", "")
        and not {"no-store", "private"} & set(response.get("Cache-Control", "").replace(" ", "").split(","))
        and len(response.content) <= MAX_PAGE_BYTES
    )
    if not kept or not isinstance(response, HttpResponse):
        return None
    patch_vary_headers(response, ["Accept-Encoding"])
    response.headers.setdefault("Cache-Control", "no-cache")
    headers = {name: value for name, value in response.items() if name not in ("Content-Length", "ETag")}
    body = response.content
    digest = hashlib.sha256(body).hexdigest()[:32]
    bodies = {"": body}
    if len(body) > 500:
        bodies |= {"br": brotli.compress(body, quality=5), "gzip": gzip.compress(body, 6, mtime=0)}
    return Page(token, response.status_code, headers, digest, bodies)


def _keep(key: str, page: Page) -> None:
    with _lock:
        _pages[key] = page
        _pages.move_to_end(key)
        while len(_pages) > MAX_PAGES:
            _pages.popitem(last=False)


def _answer(request: HttpRequest, page: Page) -> HttpResponse:
    accepted = request.headers.get("Accept-Encoding", "")
    encoding = next((name for name in ("br", "gzip") if name in accepted and name in page.bodies), "")
    etag = f'"{page.etag}{"-" + encoding if encoding else ""}"'
    if page.status == 200 and etag in request.headers.get("If-None-Match", ""):
        response = HttpResponse(status=304)
        del response.headers["Content-Type"]
        for name in {"Cache-Control", "Vary"} & page.headers.keys():
            response.headers[name] = page.headers[name]
    else:
        response = HttpResponse(page.bodies[encoding], status=page.status, headers=page.headers)
        response.headers["Content-Length"] = str(len(page.bodies[encoding]))
        if encoding:
            response.headers["Content-Encoding"] = encoding
    response.headers["ETag"] = etag
    return response
