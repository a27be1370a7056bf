"""For search engines: what is live, and where they need not look."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any
from xml.sax.saxutils import XMLGenerator

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import translation
from django.views.decorators.http import require_safe

from articles.links import absolute
from articles.models import Edition, EditionImage, Image
from articles.pictures import address, largest
from newsroom.lib import clock

# https://www.sitemaps.org/protocol.html: a sitemap holds at most 50,000 addresses.
MOST = 49_000
SITEMAP = "http://www.sitemaps.org/schemas/sitemap/0.9"
XHTML = "http://www.w3.org/1999/xhtml"
# https://developers.google.com/search/docs/crawling-indexing/sitemaps/image-sitemaps
IMAGE = "http://www.google.com/schemas/sitemap-image/1.1"
# So many of the newest articles are named with their pictures; those of others are found on their pages.
ILLUSTRATED = 1000
IMAGE_COLUMNS = [f"image__{name}" for name in ("renditions", "killed_at", "rights_denied", "rights_until")]


@require_safe
def sitemap(request: HttpRequest) -> HttpResponse:
    """The front pages and every live article, newest first, with their translations, the newest with pictures.

    Costs two queries.
    """
    columns = ("pk", "path", "language", "translation_group", "published_at", "updated_at")
    rows = list(Edition.objects.live().newest().values(*columns)[:MOST])
    translations = defaultdict(list)
    for row in rows:
        translations[row["translation_group"]].append(row)
    pictures = _pictures([row["pk"] for row in rows[:ILLUSTRATED]])
    response = HttpResponse(content_type="application/xml; charset=utf-8")
    xml = XMLGenerator(response, "utf-8", short_empty_elements=True)
    xml.startDocument()
    xml.startElement("urlset", {"xmlns": SITEMAP, "xmlns:xhtml": XHTML, "xmlns:image": IMAGE})  # type: ignore[arg-type]
    for path in _fronts({row["language"] for row in rows}):
        _entry(xml, path)
    for row in rows:
        group = translations[row["translation_group"]]
        changed = row["updated_at"] or row["published_at"]
        _entry(xml, row["path"], changed, group if len(group) > 1 else [], pictures.get(row["pk"], ()))
    xml.endElement("urlset")
    xml.endDocument()
    return response


@require_safe
def robots(request: HttpRequest) -> HttpResponse:
    lines = ["User-agent: *", "Disallow: /admin/", "", f"Sitemap: {absolute(reverse('sitemap'))}", ""]
    return HttpResponse("\n".join(lines), content_type="text/plain; charset=utf-8")


def _fronts(live: set[str]) -> list[str]:
    paths = []
    for code, _name in settings.LANGUAGES:
        if code == settings.LANGUAGE_CODE or code in live:
            with translation.override(code):
                paths.append(reverse("articles:front"))
    return paths


def _pictures(editions: list[int]) -> dict[int, list[str]]:
    """The paths of the pictures that the editions show now, by the edition's key. Costs one query."""
    found: dict[int, list[str]] = defaultdict(list)
    uses = EditionImage.objects.filter(edition__in=editions, image__in=Image.objects.usable(clock.now()))
    for use in uses.select_related("image").only("edition", "place", "position", *IMAGE_COLUMNS).iterator():
        if rendition := largest(use.image):
            found[use.edition_id].append(address(rendition))
    return found


def _entry(
    xml: XMLGenerator,
    path: str,
    changed: Any = None,
    translations: list[dict[str, Any]] | None = None,
    pictures: Iterable[str] = (),
) -> None:
    xml.startElement("url", {})  # type: ignore[arg-type]
    _element(xml, "loc", absolute(path))
    if changed:
        _element(xml, "lastmod", changed.isoformat(timespec="seconds"))
    for row in translations or []:
        link = {"rel": "alternate", "hreflang": row["language"], "href": absolute(row["path"])}
        xml.startElement("xhtml:link", link)  # type: ignore[arg-type]
        xml.endElement("xhtml:link")
    for picture in dict.fromkeys(pictures):
        xml.startElement("image:image", {})  # type: ignore[arg-type]
        _element(xml, "image:loc", absolute(picture))
        xml.endElement("image:image")
    xml.endElement("url")


def _element(xml: XMLGenerator, name: str, text: str) -> None:
    xml.startElement(name, {})  # type: ignore[arg-type]
    xml.characters(text)
    xml.endElement(name)
