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

TIMEOUT = 10  # seconds
# What says that there is no copy there now. (Varnish answers 200, others 204, or 404 where they had none.)
FORGOTTEN = (200, 202, 204, 404, 410)


class Kept(Exception):
    """A cache did not forget. As text: which, and what it said."""


def forget(paths: list[str]) -> None:
    """Have each cache that settings.PURGE_URLS names forget these paths of renditions, by a job."""
    if paths and settings.PURGE_URLS:
        purge(paths)


@db_task(retries=12, retry_delay=60, retry_backoff=1.5)
def purge(paths: list[str]) -> None:
    """Ask each cache for each path, all of them before it is said that one did not answer. May run twice."""
    failed = [said for cache in settings.PURGE_URLS for path in paths if (said := _asked(cache, path))]
    if failed:
        raise Kept(f"{len(failed)} copies of pictures are still kept: {failed[0]}")


def _asked(cache: str, path: str) -> str:
    """What went wrong; "" where nothing did."""
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
    except (OSError, http.client.HTTPException) as error:
        return f"{address}: {error}"
    return "" if status in FORGOTTEN else f"{address} answered {status}"
