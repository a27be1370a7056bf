"""Public pages. They need nothing but the address, so that each can be kept whole for everyone."""

import unicodedata
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.shortcuts import render
from django.urls import resolve
from django.utils.encoding import iri_to_uri
from django.utils.http import escape_leading_slashes
from django.utils.translation import get_language, gettext
from django.views.decorators.http import require_safe

from articles import gone, jsonld, reading
from articles.history import record
from articles.models import Edition, Place, Section, Tag
from articles.pictures import address, shared
from newsroom.lib import clock
from newsroom.models import SiteSettings

# A list ends somewhere: behind it lie the section, author and topic pages.
LAST_PAGE = 500
# How WordPress asks for an article by its number.
WORDPRESS = {"p", "page_id"}


# The front page and lists -----------------------------------------------------------------


@require_safe
def front(request: HttpRequest) -> HttpResponse:
    """The front page; where the address asks for an article as WordPress numbered it, that article."""
    if WORDPRESS & request.GET.keys() and (answer := _old_address(request)):
        return answer
    language = spoken()
    menu = reading.menu(language)
    context = {"menu": menu, "front": reading.front(language, menu.sections)}
    return render(request, "articles/front.html", context)


@require_safe
def latest(request: HttpRequest) -> HttpResponse:
    """Everything, newest first."""
    return _list(request, reading.newest(spoken()), title=gettext("Latest news"))


@require_safe
def section(request: HttpRequest, slug: str) -> HttpResponse:
    found = _or_404(reading.section_at(slug))
    return _list(request, reading.newest(spoken()).filter(section=found), title=found.name, subject=found)


@require_safe
def author(request: HttpRequest, slug: str) -> HttpResponse:
    found = _or_404(reading.author_at(slug))
    editions = reading.newest(spoken()).filter(bylines__author=found)
    return _list(request, editions, title=found.name, subject=found, template="articles/author.html")


@require_safe
def topic(request: HttpRequest, slug: str) -> HttpResponse:
    found = _or_404(Tag.objects.live().filter(slug=slug).first())
    editions = reading.newest(spoken()).filter(tags__tag=found)
    return _list(request, editions, title=found.name, subject=found, kicker=gettext("Topic"))


@require_safe
def corrections(request: HttpRequest) -> HttpResponse:
    """What was wrong and is mended, newest first."""
    number = page_number(request)
    start = (number - 1) * reading.PAGE
    found = list(reading.corrections(spoken(), clock.now())[start : start + reading.PAGE + 1])
    if not found and number > 1:
        raise Http404
    context = {
        "corrections": found[: reading.PAGE],
        "page": reading.Page([], number, number + 1 if len(found) > reading.PAGE else None),
    }
    return render(request, "articles/corrections.html", context)


def _list(
    request: HttpRequest,
    editions: Any,
    *,
    title: str,
    subject: Any = None,
    kicker: str = "",
    template: str = "articles/list.html",
) -> HttpResponse:
    page = reading.page(editions, page_number(request))
    if not page.editions and (subject or page.number > 1):
        raise Http404
    context = {"page": page, "title": title, "subject": subject, "kicker": kicker}
    if isinstance(subject, Section):
        context |= {"section_pk": subject.pk, "in_section": True}
    return render(request, template, context)


def page_number(request: HttpRequest) -> int:
    """Which page of a list the address asks for; 404 for what is no number of one."""
    written = request.GET.get("page", "1")
    if not (written.isascii() and written.isdigit() and len(written) < 10 and 1 <= int(written) <= LAST_PAGE):
        raise Http404
    return int(written)


# One article ------------------------------------------------------------------------------


@require_safe
def article(request: HttpRequest, **parts: Any) -> HttpResponse:
    """What is live at this address. Its parts are not asked for singly: the path is looked up whole."""
    edition = reading.edition_at(request.path_info)
    if edition is None:
        return elsewhere(request)
    companions = reading.companions(edition)
    site = SiteSettings.current()
    context = {
        "edition": edition,
        "companions": companions,
        "latest": reading.latest_besides(edition),
        "site": site,
        "share_image": _share_image(edition),
        "structured": jsonld.script(jsonld.article(edition, companions, site), jsonld.breadcrumbs(edition)),
    }
    return render(request, "articles/article.html", context)


@require_safe
def history(request: HttpRequest, **parts: Any) -> HttpResponse:
    """What readers saw of the article at the address above, edition by edition."""
    number = page_number(request)
    path = unicodedata.normalize("NFC", request.path_info.removesuffix("history/"))
    moment = clock.now()
    edition = Edition.objects.live_at(moment).filter(path=path).select_related("section").first()
    if edition is None:
        return _or_404(_whereabouts(request, [path], end="history/"))
    page = record(edition.article_id, number, moment)
    if not page.entries:
        raise Http404
    return render(request, "articles/history.html", {"edition": edition, "page": page})


def _share_image(edition: Edition) -> dict[str, Any] | None:
    """The lead image as other sites show it beside a link."""
    use = next((use for use in edition.image_uses.all() if use.place == Place.LEAD), None)
    found = shared(use.image) if use else None
    return {**found, "address": address(found), "alt": use.alt} if use and found else None


# Everything else --------------------------------------------------------------------------


@require_safe
def elsewhere(request: HttpRequest) -> HttpResponse:
    """A path at which no article is live: a static page, an old address, something gone, or nothing at all."""
    path = request.path_info
    if "\0" in path:  # PostgreSQL cannot even be asked for it
        raise Http404
    if page := reading.static_page_at(path):
        return render(request, "flatpages/default.html", {"page": page})
    if answer := _old_address(request):
        return answer
    if not path.endswith("/") and _answers(f"{path}/"):
        return HttpResponsePermanentRedirect(escape_leading_slashes(request.get_full_path(force_append_slash=True)))
    raise Http404


def _old_address(request: HttpRequest) -> HttpResponse | None:
    """Where the article that had this address is now, or that it is gone; None for an unknown address."""
    path = unicodedata.normalize("NFC", request.path_info)
    query = request.META.get("QUERY_STRING", "")
    bare = path.rstrip("/")
    variants = [f"{path}?{query}"] if query else []
    variants += [f"{path}?{name}={request.GET[name]}" for name in sorted(WORDPRESS & request.GET.keys())]
    variants += [bare, f"{bare}/"] if bare else []
    return _whereabouts(request, variants)


def _whereabouts(request: HttpRequest, paths: list[str], end: str = "") -> HttpResponse | None:
    """Where the article is that had one of `paths`, with `end` behind its address; or that it is gone."""
    match gone.whereabouts(paths):
        case gone.Moved(path=new):
            return HttpResponsePermanentRedirect(iri_to_uri(new + end) or "/")
        case gone.Gone(notice=notice):
            latest = reading.newest(spoken())[: reading.LATEST]
            return render(request, "410.html", {"notice": notice, "latest": latest}, status=410)
    return None


def _answers(path: str) -> bool:
    """Whether another view than `elsewhere`, or a static page, stands at `path`."""
    return resolve(path).func is not elsewhere or reading.static_page_at(path) is not None


def spoken() -> str:
    """The language of the page."""
    return get_language() or settings.LANGUAGE_CODE


def _or_404(found: Any) -> Any:
    if found is None:
        raise Http404
    return found
