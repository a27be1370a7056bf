"""Copies of public files that caches in front of the server keep: they are asked to forget what may not be seen.

A file of a picture says of itself that it never changes, so a cache would hand it out for a year after it was deleted
here. Varnish, nginx with its purge module, Squid and Fastly forget an address that PURGE is sent to.
"""

import http.client
import urllib.error
import urllib.request
from urllib.parse import urlsplit

from django.conf import settings
from huey.contrib.djhuey import db_task

from newsroom.lib import turns

TIMEOUT = 10  # seconds
# What says that there is no copy there now. (Varnish answers 200, others 204, or 404 where they had none.)
FORGOTTEN = (200, 202, 204, 404, 410)


class Kept(Exception):
    """A cache did not forget. As text: which, and what it said."""


def forget(paths: list[str]) -> None:
    """Have each cache that settings.PURGE_URLS names forget these paths of renditions, by a job."""
    if paths and settings.PURGE_URLS:
        purge(paths)


@db_task(retries=12, retry_delay=60, retry_backoff=1.5, priority=turns.FIRST)
def purge(paths: list[str]) -> None:
    """Ask each cache for each path, and all caches before it is said that one kept something. May run twice.

    One that cannot be reached is not asked again until the next time, so that other jobs get their turn.
    """
    failed = [said for cache in settings.PURGE_URLS for said in _asked_all(cache, paths)]
    if failed:
        raise Kept(f"{len(failed)} copies of pictures are still kept, or more: {failed[0]}")


def _asked_all(cache: str, paths: list[str]) -> list[str]:
    """What went wrong, for each path until the cache is out of reach."""
    failed = []
    for path in paths:
        try:
            if said := _asked(cache, path):
                failed.append(said)
        except (OSError, http.client.HTTPException) as error:
            return [*failed, f"{cache}: {error}"]
    return failed


def _asked(cache: str, path: str) -> str:
    """What went wrong; "" where nothing did. Raises OSError or HTTPException where the cache cannot be reached."""
    address = cache.rstrip("/") + settings.MEDIA_URL + path
    if not address.startswith(("http://", "https://")):
        return f"{address} is no address of a cache. Mend PURGE_URLS."
    request = urllib.request.Request(  # noqa: S310
        address, method="PURGE", headers={"Host": urlsplit(settings.SITE_URL).netloc}
    )
    try:
        with urllib.request.urlopen(request, timeout=TIMEOUT) as answer:  # noqa: S310
            status = answer.status
    except urllib.error.HTTPError as refusal:
        status = refusal.code
    return "" if status in FORGOTTEN else f"{address} answered {status}"
