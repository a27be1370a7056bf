"""For search engines: what is live, and where they need not look."""

from collections import defaultdict
from typing import Any
from xml.sax.saxutils import XMLGenerator

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import translation
from django.views.decorators.http import require_safe

from articles.links import absolute
from articles.models import Edition

# https://www.sitemaps.org/protocol.html: a sitemap holds at most 50,000 addresses.
MOST = 49_000
SITEMAP = "http://www.sitemaps.org/schemas/sitemap/0.9"
XHTML = "http://www.w3.org/1999/xhtml"


@require_safe
def sitemap(request: HttpRequest) -> HttpResponse:
    """The front pages and every live article, newest first, with their translations. Costs one query."""
    columns = ("path", "language", "translation_group", "published_at", "updated_at")
    rows = list(Edition.objects.live().newest().values(*columns)[:MOST])
    translations = defaultdict(list)
    for row in rows:
        translations[row["translation_group"]].append(row)
    response = HttpResponse(content_type="application/xml; charset=utf-8")
    xml = XMLGenerator(response, "utf-8", short_empty_elements=True)
    xml.startDocument()
    xml.startElement("urlset", {"xmlns": SITEMAP, "xmlns:xhtml": XHTML})  # type: ignore[arg-type]
    for path in _fronts({row["language"] for row in rows}):
        _entry(xml, path)
    for row in rows:
        group = translations[row["translation_group"]]
        _entry(xml, row["path"], row["updated_at"] or row["published_at"], group if len(group) > 1 else [])
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


def _entry(xml: XMLGenerator, path: str, changed: Any = None, translations: list[dict[str, Any]] | None = None) -> None:
    xml.startElement("url", {})  # type: ignore[arg-type]
    _element(xml, "loc", absolute(path))
    if changed:
        _element(xml, "lastmod", changed.isoformat(timespec="seconds"))
    for row in translations or []:
        link = {"rel": "alternate", "hreflang": row["language"], "href": absolute(row["path"])}
        xml.startElement("xhtml:link", link)  # type: ignore[arg-type]
        xml.endElement("xhtml:link")
    xml.endElement("url")


def _element(xml: XMLGenerator, name: str, text: str) -> None:
    xml.startElement(name, {})  # type: ignore[arg-type]
    xml.characters(text)
    xml.endElement(name)
