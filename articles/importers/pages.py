"""Static pages: an imported page becomes a flat page."""

import unicodedata
from urllib.parse import unquote

from django.conf import settings
from django.contrib.flatpages.models import FlatPage
from django.urls import Resolver404, resolve
from django.utils.text import slugify
from django.utils.translation import gettext as _

from articles.importers.items import Item
from articles.importers.report import Outcome

LONGEST_ADDRESS, LONGEST_TITLE = 100, 200
# The name of the view that answers where nothing else does, with pages and old addresses.
FALLBACK = "elsewhere"


def present(item: Item) -> tuple[str, FlatPage | None]:
    """The address that the page gets, and what is there already."""
    address = _address(item)
    return address, FlatPage.objects.filter(url=address, sites=settings.SITE_ID).first()


def write(item: Item, body: str, address: str, page: FlatPage | None) -> Outcome:
    """Keep the page, and say what was done. A different one at its address is left as it is."""
    title = " ".join(item.title.split())[:LONGEST_TITLE] or address.strip("/")
    if page is None:
        FlatPage.objects.create(url=address, title=title, content=body).sites.add(settings.SITE_ID)
        return Outcome.CREATED
    if (page.title, page.content) == (title, body):
        return Outcome.UNCHANGED
    sentence = _("A different page is at %(address)s already, and was left as it is.")
    item.note("page", sentence % {"address": address}, lost=True)
    return Outcome.EDITED


def _address(item: Item) -> str:
    """Where it was, if that is free for pages; else its slug."""
    slug = slugify(unicodedata.normalize("NFC", item.slug or item.title), allow_unicode=True)[:80] or "page"
    for old in item.old_paths:
        path = unicodedata.normalize("NFC", unquote(old))
        if "?" not in path and len(path) <= LONGEST_ADDRESS and _free(_closed(path)):
            return _closed(path)
    if item.old_paths:
        item.note(
            "address", _("The page could not keep its address %(path)s.") % {"path": item.old_paths[0]}, lost=True
        )
    return f"/{slug}/" if _free(f"/{slug}/") else f"/{slug}-page/"


def _closed(path: str) -> str:
    return path if path.endswith("/") else f"{path}/"


def _free(path: str) -> bool:
    """Whether nothing of the newsroom itself answers there."""
    try:
        return resolve(path).url_name == FALLBACK
    except Resolver404:
        return path != "/"
