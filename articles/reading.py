"""The queries behind public pages. Nothing here can name an article that no live edition names."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib.flatpages.models import FlatPage
from django.db.models import (
    BooleanField,
    CharField,
    Count,
    DateTimeField,
    Exists,
    F,
    IntegerField,
    OuterRef,
    Prefetch,
    Q,
    QuerySet,
    Subquery,
    TextField,
    Value,
    prefetch_related_objects,
)
from django.db.models.functions import Cast, Coalesce

from articles.models import (
    Author,
    Correction,
    Edition,
    EditionByline,
    EditionImage,
    EditionTag,
    Section,
)
from newsroom.lib import clock

PAGE = 20
LATEST = 6
PINNED = 3
# The lead story, the ones beside it, and the short list under them.
TOP, BESIDE, RIVER = 1, 3, 6
IN_SECTION = 4


# Lists ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Page:
    """One page of a list. `following` is the number of the next one, or None."""

    editions: list[Edition]
    number: int = 1
    following: int | None = None

    @property
    def preceding(self) -> int | None:
        return self.number - 1 if self.number > 1 else None


def newest(language: str) -> QuerySet[Edition]:
    """What lists in `language` are made from, with all that a card shows but the bylines."""
    return (
        Edition.objects.live()
        .filter(language=language)
        .newest()
        .select_related("section", "lead_image")
        .defer("section__description", "lead_image__caption", "typed_start", "typed_end")
    )


def page(editions: QuerySet[Edition], number: int) -> Page:
    """Page `number` of a list, found by fetching one more than it shows. Costs two queries."""
    start = (number - 1) * PAGE
    found = list(editions[start : start + PAGE + 1])
    return Page(editions=with_bylines(found[:PAGE]), number=number, following=number + 1 if len(found) > PAGE else None)


def with_bylines(editions: Iterable[Edition]) -> list[Edition]:
    """The editions with their bylines loaded, by one query for all of them."""
    found = list(editions)
    prefetch_related_objects(found, Prefetch("bylines", EditionByline.objects.select_related("author")))
    return found


# The front page ---------------------------------------------------------------------------


@dataclass(frozen=True)
class Block:
    """A section's part of the front page."""

    section: "MenuSection"
    editions: list[Edition]


@dataclass(frozen=True)
class Front:
    """What the front page shows. No article stands in it twice."""

    lead: Edition | None = None
    beside: list[Edition] = field(default_factory=list)
    river: list[Edition] = field(default_factory=list)
    blocks: list[Block] = field(default_factory=list)


def front(language: str, sections: list["MenuSection"]) -> Front:
    """Pinned articles first, then the newest, then the newest of each section. Costs four queries."""
    wanted = TOP + BESIDE + RIVER
    pinned = list(newest(language).filter(article__pinned_at__isnull=False).order_by("-article__pinned_at")[:PINNED])
    seen = {edition.pk for edition in pinned}
    rest = [edition for edition in newest(language)[:wanted] if edition.pk not in seen]
    top = (pinned + rest)[:wanted]
    below = _newest_of_each(language, sections, [edition.pk for edition in top])
    with_bylines(top[: TOP + BESIDE] + [edition for block in below for edition in block.editions[:1]])
    return Front(lead=top[0] if top else None, beside=top[TOP : TOP + BESIDE], river=top[TOP + BESIDE :], blocks=below)


def _newest_of_each(language: str, sections: list["MenuSection"], besides: list[int]) -> list[Block]:
    if not sections:
        return []
    wanted = Q()
    for section in sections:
        ranked = newest(language).filter(section=section.pk).exclude(pk__in=besides).select_related(None)
        wanted |= Q(pk__in=ranked.values("pk")[:IN_SECTION])
    found = list(newest(language).filter(wanted))
    blocks = [Block(section, [e for e in found if e.section_id == section.pk]) for section in sections]
    return [block for block in blocks if block.editions]


# One article ------------------------------------------------------------------------------


@dataclass(frozen=True)
class Companions:
    """What stands around an article's text, as of today."""

    bylines: list[dict[str, Any]]
    topics: list[dict[str, Any]]
    corrections: list[dict[str, Any]]
    translations: list[dict[str, Any]]


def edition_at(path: str) -> Edition | None:
    """The live edition at exactly this path, ready for its page. Costs two queries.

    Annotated with `has_past`: whether readers saw another one before it.
    """
    now = clock.now()
    older = Edition.objects.ever_seen(now).filter(article=OuterRef("article"), live_from__lt=OuterRef("live_from"))
    return whole(Edition.objects.live_at(now).filter(path=path)).annotate(has_past=Exists(older)).first()


def whole(editions: QuerySet[Edition]) -> QuerySet[Edition]:
    """The editions with all that stands in an article's page of their own: section, body and pictures."""
    pictures = Prefetch("image_uses", EditionImage.objects.select_related("image"))
    return editions.select_related("section", "body").prefetch_related(pictures)


def companions(edition: Edition, moment: datetime | None = None) -> Companions:
    """Bylines, topics, corrections and translations of an edition, now or at `moment`, by one query."""
    moment = moment or clock.now()
    # Corrections come first: their `at` gives the column its type where the others have none.
    rows = _corrections(edition, moment).union(
        _rows("byline", _bylines(edition), "author__name", "author__slug", "author__role", "position"),
        _rows("topic", EditionTag.objects.filter(edition=edition), "tag__name", "tag__slug", None, None),
        _rows("translation", _translations(edition, moment), "headline", "path", "language", None),
        all=True,
    )
    parts: dict[str, list[dict[str, Any]]] = {"byline": [], "topic": [], "correction": [], "translation": []}
    for part, name, slug, extra, position, at in rows:
        parts[part].append({"name": name, "slug": slug, "extra": extra, "position": position, "at": at})
    return Companions(
        bylines=sorted(parts["byline"], key=lambda row: row["position"]),
        topics=sorted(parts["topic"], key=lambda row: row["name"].casefold()),
        corrections=sorted(parts["correction"], key=lambda row: row["at"], reverse=True),
        translations=sorted(parts["translation"], key=lambda row: row["extra"]),
    )


def latest_besides(edition: Edition) -> list[Edition]:
    """The newest articles in the edition's language, without its own."""
    others = newest(edition.language).exclude(article=edition.article_id).select_related(None)
    return list(others.defer(None).only("headline", "path", "published_at", "kicker")[:LATEST])


def _bylines(edition: Edition) -> QuerySet[EditionByline]:
    return EditionByline.objects.filter(edition=edition)


def _translations(edition: Edition, moment: datetime) -> QuerySet[Edition]:
    live = Edition.objects.live_at(moment).filter(translation_group=edition.translation_group)
    return live.exclude(article=edition.article_id)


def _corrections(edition: Edition, moment: datetime) -> QuerySet[Any, Any]:
    """What was told with this edition and those before it; when readers were told is when it came out."""
    told = corrections_told(moment).filter(article=edition.article_id)
    return _rows("correction", told, "notice", "pk", None, None, at=F("edition__live_from"))


def _rows(
    part: str,
    queryset: QuerySet[Any],
    name: str,
    slug: str | None,
    extra: str | None,
    position: str | None,
    at: Any = None,
) -> QuerySet[Any, Any]:
    """The queryset in the columns that all parts of a union share."""
    columns = {
        "row_part": Value(part, CharField()),
        "row_name": Cast(F(name), TextField()),
        "row_slug": Cast(F(slug) if slug else Value(""), TextField()),
        "row_extra": Cast(F(extra) if extra else Value(""), TextField()),
        "row_position": Cast(F(position) if position else Value(0), IntegerField()),
        "row_at": at or Cast(Value(None), DateTimeField()),
    }
    return queryset.order_by().annotate(**columns).values_list(*columns)


# The menu ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class MenuSection:
    """A section that has something live in the menu's language."""

    pk: int
    name: str
    slug: str


@dataclass(frozen=True)
class MenuPage:
    """A static page."""

    title: str
    path: str


@dataclass(frozen=True)
class Menu:
    """Where a reader can go from every page. `languages` are those that have something live."""

    sections: list[MenuSection]
    pages: list[MenuPage]
    languages: list[str]


def menu(language: str) -> Menu:
    """The sections, static pages and languages that can be read now, by one query."""
    codes = [code for code, _name in settings.LANGUAGES]
    columns = ["part", "key", "label", "place", "order", *(f"in_{code}" for code in codes)]
    union = _menu_sections(codes).values_list(*columns).union(_menu_pages(codes).values_list(*columns), all=True)
    rows = [dict(zip(columns, row, strict=True)) for row in union]
    rows.sort(key=lambda row: (row["order"], row["label"].casefold()))
    sections = [row for row in rows if row["part"] == SECTION]
    pages = [row for row in rows if row["part"] == PAGE_PART and language_of(row["place"]) == language]
    always = {language, settings.LANGUAGE_CODE}
    return Menu(
        sections=[MenuSection(row["key"], row["label"], row["place"]) for row in sections if row[f"in_{language}"]],
        pages=[MenuPage(row["label"], row["place"]) for row in pages],
        languages=[code for code in codes if code in always or any(row[f"in_{code}"] for row in sections)],
    )


SECTION, PAGE_PART = 0, 1


def _menu_sections(codes: list[str]) -> QuerySet[Section]:
    """Sections, each with a flag for every language: whether it has something live in it."""
    live = Edition.objects.live().filter(section=OuterRef("pk"))
    flags = {f"in_{code}": Exists(live.filter(language=code)) for code in codes}
    return Section.objects.order_by().annotate(
        part=Value(SECTION, IntegerField()),
        key=F("pk"),
        label=Cast("name", TextField()),
        place=Cast("slug", TextField()),
        order=Cast("position", IntegerField()),
        **flags,
    )


def _menu_pages(codes: list[str]) -> QuerySet[FlatPage]:
    return static_pages().annotate(
        part=Value(PAGE_PART, IntegerField()),
        key=F("pk"),
        label=Cast("title", TextField()),
        place=Cast("url", TextField()),
        order=Value(0, IntegerField()),
        **{f"in_{code}": Value(False, BooleanField()) for code in codes},
    )


def language_of(path: str) -> str:
    """The language that a path of this site speaks: its prefix, else the site's own."""
    first = path.split("/")[1] if path.startswith("/") and "/" in path[1:] else ""
    return first if first in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE


def static_pages() -> QuerySet[FlatPage]:
    """The static pages that anybody may read."""
    return FlatPage.objects.filter(sites=settings.SITE_ID, registration_required=False).order_by()


def static_page_at(path: str) -> FlatPage | None:
    return static_pages().filter(url=path).first()


# What is named by something live -----------------------------------------------------------


def section_at(slug: str) -> Section | None:
    return Section.objects.live().filter(slug=slug).first()


def author_at(slug: str) -> Author | None:
    return Author.objects.live().filter(slug=slug).select_related("portrait").first()


def corrections_told(moment: datetime) -> QuerySet[Correction]:
    """Corrections that readers got until `moment`: the edition came out and is not hidden from the record."""
    return Correction.objects.filter(edition__live_from__lte=moment, edition__history_hidden="")


def corrections(language: str, moment: datetime) -> QuerySet[Any]:
    """Corrections that readers got, of articles live at `moment`, newest first.

    Each with `told_at`, `headline` and `path` of today, and `newer`: how many editions of its article
    readers saw after the one that it came with.
    """
    live = Edition.objects.live_at(moment).filter(article=OuterRef("article"), language=language)
    later = Edition.objects.ever_seen(moment).filter(article=OuterRef("article"), live_from__gt=OuterRef("told_at"))
    newer = later.order_by().values("article").annotate(number=Count("pk")).values("number")
    return (
        corrections_told(moment)
        .annotate(
            told_at=F("edition__live_from"),
            headline=live.values("headline")[:1],
            path=live.values("path")[:1],
            newer=Coalesce(Subquery(newer), 0),
        )
        .filter(path__isnull=False)
        .order_by("-told_at", "-pk")
    )
