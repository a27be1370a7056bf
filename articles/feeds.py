"""Feeds: Atom for every list, RSS and JSON Feed for the site. Addresses in them are absolute."""

from collections.abc import Iterable
from typing import Any

from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse
from django.utils.feedgenerator import Atom1Feed
from django.utils.translation import gettext
from django.views.decorators.http import require_safe

from articles import enclosures, reading
from articles.links import absolute
from articles.models import Edition, Tag
from articles.pictures import address, shared
from articles.views import spoken
from newsroom.lib import clock
from newsroom.lib.xml import speakable
from newsroom.models import SiteSettings

ENTRIES = 30


@require_safe
def site(request: HttpRequest, kind: str = "atom") -> HttpResponse:
    """Everything new."""
    return _feed(request, kind, reading.newest(spoken()), page=reverse("articles:front"))


@require_safe
def section(request: HttpRequest, slug: str) -> HttpResponse:
    found = reading.section_at(slug)
    if found is None:
        raise Http404
    page = reverse("articles:section", args=[slug])
    return _feed(request, "atom", reading.newest(spoken()).filter(section=found), page=page, name=found.name)


@require_safe
def author(request: HttpRequest, slug: str) -> HttpResponse:
    found = reading.author_at(slug)
    if found is None:
        raise Http404
    page = reverse("articles:author", args=[slug])
    return _feed(request, "atom", reading.newest(spoken()).filter(bylines__author=found), page=page, name=found.name)


@require_safe
def topic(request: HttpRequest, slug: str) -> HttpResponse:
    found = Tag.objects.live().filter(slug=slug).first()
    if found is None:
        raise Http404
    page = reverse("articles:topic", args=[slug])
    return _feed(request, "atom", reading.newest(spoken()).filter(tags__tag=found), page=page, name=found.name)


@require_safe
def corrections(request: HttpRequest) -> HttpResponse:
    """What was wrong and is mended."""
    found = list(reading.corrections(spoken(), clock.now())[:ENTRIES])
    page = reverse("articles:corrections")
    feed = _generator(Atom1Feed, SiteSettings.current(), request.path, page, gettext("Corrections"))
    for correction in found:
        feed.add_item(
            title=speakable(correction.headline),
            link=absolute(correction.path) + f"#correction-{correction.pk}",
            description=speakable(correction.notice),
            pubdate=correction.told_at,
            updateddate=correction.told_at,
            unique_id=absolute(page) + f"#correction-{correction.pk}",
        )
    return _answer(feed)


def _feed(request: HttpRequest, kind: str, editions: QuerySet[Edition], *, page: str, name: str = "") -> HttpResponse:
    """The newest of `editions`. A list that shows nothing in this language has no feed in it either."""
    found = enclosures.with_leads(reading.with_bylines(editions[:ENTRIES]))
    if name and not found:
        raise Http404
    settings = SiteSettings.current()
    if kind == "json":
        return _json(request, settings, found, page)
    feed = _generator(enclosures.Rss if kind == "rss" else enclosures.Atom, settings, request.path, page, name)
    for edition in found:
        feed.add_item(**_item(edition))
    return _answer(feed)


def _generator(kind: Any, settings: SiteSettings, path: str, page: str, name: str = "") -> Any:
    return kind(
        title=speakable(f"{name} · {settings.name}" if name else settings.name),
        link=absolute(page),
        description=speakable(settings.tagline or settings.name),
        language=spoken(),
        feed_url=absolute(path),
        author_name=speakable(settings.name),
    )


def _item(edition: Edition) -> dict[str, Any]:
    names = ", ".join(byline.author.name for byline in edition.bylines.all())
    return {
        "title": speakable(edition.headline),
        "link": absolute(edition.path),
        "description": speakable(edition.standfirst),
        "author_name": speakable(names) or None,
        "categories": [speakable(edition.section.name)],
        "pubdate": edition.published_at,
        "updateddate": edition.updated_at or edition.published_at,
        "unique_id": absolute(edition.path),
        **enclosures.item(edition),
    }


def _json(request: HttpRequest, settings: SiteSettings, found: Iterable[Edition], page: str) -> JsonResponse:
    """https://www.jsonfeed.org/version/1.1/"""
    feed = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": settings.name,
        "description": settings.tagline,
        "language": spoken(),
        "home_page_url": absolute(page),
        "feed_url": absolute(request.path),
        "items": [_json_item(edition) for edition in found],
    }
    response = JsonResponse(feed, json_dumps_params={"ensure_ascii": False})
    response["Content-Type"] = "application/feed+json; charset=utf-8"
    return response


def _json_item(edition: Edition) -> dict[str, Any]:
    item = {
        "id": absolute(edition.path),
        "url": absolute(edition.path),
        "title": edition.headline,
        "summary": edition.standfirst,
        "content_text": edition.standfirst or edition.headline,
        "date_published": edition.published_at.isoformat(timespec="seconds"),
        "date_modified": (edition.updated_at or edition.published_at).isoformat(timespec="seconds"),
        "language": edition.language,
        "tags": [edition.section.name],
        "authors": [{"name": byline.author.name} for byline in edition.bylines.all()],
    }
    if image := shared(edition.lead_image):
        item["image"] = absolute(address(image))
    return item


def _answer(feed: Any) -> HttpResponse:
    return HttpResponse(feed.writeString("utf-8"), content_type=feed.content_type)
