"""Past issues on the web: as they were sent, without personal links, and without what may not be read any more."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import translation
from django.utils.feedgenerator import Atom1Feed
from django.utils.safestring import SafeString, mark_safe
from django.views.decorators.http import require_safe

from articles import reading
from articles.links import absolute
from articles.models import Image, Withdrawal
from articles.pictures import Picture, picture
from articles.views import page_number, spoken
from newsroom.lib import clock
from newsroom.lib.html import clean
from newsroom.lib.xml import speakable
from newsroom.models import SiteSettings
from subscribers.issues.blocks import live_paths
from subscribers.models import Issue, Newsletter
from subscribers.models.issue import PUBLIC, IssueQuerySet

ENTRIES = 30


@dataclass(frozen=True)
class Archived:
    """A block of a past issue. `gone`: readers may not read of the article any more, and get `notice` alone."""

    headline: str = ""
    text: str = ""
    section: str = ""
    path: str = ""
    language: str = ""
    direction: str = ""
    picture: Picture | None = None
    credit: str = ""
    gone: bool = False
    notice: str = ""


@require_safe
def issue(request: HttpRequest, slug: str, key: str) -> HttpResponse:
    """One issue, from the first mail on. What was cut short is there for those who got it, and found by nobody else."""
    found = _of(slug).readable().filter(key=key).select_related("newsletter").first()
    if found is None:
        raise Http404
    content = found.content or {}
    listed = found.state in PUBLIC
    page = {
        "listed": listed,
        "has_archive": listed or _public(slug).exists(),
        "issue": found,
        "subject": content["subject"],
        "newsletter": found.newsletter,
        "intro": _intro(content),
        "blocks": blocks_of(content),
    }
    return render(request, "subscribers/issue.html", page)


@require_safe
def issues(request: HttpRequest, slug: str) -> HttpResponse:
    """The issues of a newsletter, the newest first."""
    newsletter = _newsletter(slug)
    number = page_number(request)
    start = (number - 1) * reading.PAGE
    found = list(_listed(_public(slug))[start : start + reading.PAGE + 1])
    if not found:
        raise Http404
    following = number + 1 if len(found) > reading.PAGE else None
    page = {
        "newsletter": newsletter,
        "issues": found[: reading.PAGE],
        "page": reading.Page([], number, following),
    }
    return render(request, "subscribers/issues.html", page)


@require_safe
def feed(request: HttpRequest, slug: str) -> HttpResponse:
    """The newest issues as Atom: their subjects and addresses."""
    newsletter = _newsletter(slug)
    found = list(_listed(_public(slug))[:ENTRIES])
    if not found:
        raise Http404
    site = SiteSettings.current()
    made = Atom1Feed(
        title=speakable(f"{newsletter.name} · {site.name}"),
        link=absolute(reverse("newsletter-archive", args=[slug])),
        description=speakable(newsletter.description),
        language=spoken(),
        feed_url=absolute(request.path),
        author_name=speakable(site.name),
    )
    for one in found:
        address = absolute(reverse("newsletter-issue", args=[slug, one.key]))
        made.add_item(
            title=speakable(one.subject),
            link=address,
            description="",
            pubdate=one.starts_at,
            updateddate=one.starts_at,
            unique_id=address,
        )
    return HttpResponse(made.writeString("utf-8"), content_type=made.content_type)


def archived(language: str) -> list[Newsletter]:
    """The newsletters in `language` that have something to read on the web. One query."""
    public = Issue.objects.public().values("newsletter")
    return list(Newsletter.objects.filter(pk__in=public, language=language))


def blocks_of(content: dict[str, Any], moment: datetime | None = None) -> list[Archived]:
    """The blocks of frozen content, as they may be read at `moment` (now). Costs two queries, and one for notices."""
    moment = moment or clock.now()
    frozen = content.get("blocks", [])
    paths = live_paths([block["article"] for block in frozen], moment)
    pictures = [block["image"]["image"] for block in frozen if block["image"]]
    images = Image.objects.usable(moment).in_bulk(pictures) if pictures else {}
    gone = [block["article"] for block in frozen if block["article"] not in paths]
    withdrawn = Withdrawal.objects.filter(article__in=gone, lifted_at=None) if gone else Withdrawal.objects.none()
    notices = dict(withdrawn.values_list("article", "notice"))
    return [
        _block(block, paths[block["article"]], images)
        if block["article"] in paths
        else Archived(gone=True, notice=notices.get(block["article"], ""))
        for block in frozen
    ]


def _block(block: dict[str, Any], path: str, images: dict[int, Image]) -> Archived:
    shown = block["image"]
    image = images.get(shown["image"]) if shown else None
    return Archived(
        headline=block["headline"],
        text=block["text"],
        section=block["section"],
        path=path,
        language=block["language"],
        direction="rtl" if translation.get_language_info(block["language"])["bidi"] else "ltr",
        picture=picture(image, "text", shown["alt"]) if image else None,
        credit=shown["credit"] if image else "",
    )


def _intro(content: dict[str, Any]) -> SafeString:
    """Cleaned once more, as whatever comes out of the database is that is put into a page unescaped."""
    return mark_safe(clean(content.get("intro", "")))  # noqa: S308


def _newsletter(slug: str) -> Newsletter:
    """The newsletter of this slug, which answers below its own language only."""
    found = Newsletter.objects.filter(slug=slug, language=spoken()).first()
    if found is None:
        raise Http404
    return found


def _of(slug: str) -> IssueQuerySet:
    return Issue.objects.filter(newsletter__slug=slug, newsletter__language=spoken())


def _public(slug: str) -> IssueQuerySet:
    return _of(slug).public()


def _listed(issues: QuerySet[Issue]) -> QuerySet[Issue]:
    return issues.order_by("-starts_at", "-pk").only("key", "subject", "starts_at", "newsletter")
