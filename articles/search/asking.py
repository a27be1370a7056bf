"""What a reader asks of the search page, taken from the address; what is wrong with it, in a sentence each."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import QueryDict
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext

from articles import reading
from articles.models import Edition, EditionByline
from articles.search import index, query
from articles.search.query import Clause

NAMES = ("q", "section", "author", "from", "to")
LONGEST_NAME = 100
# Far enough for any archive, and near enough for every zone.
FIRST_YEAR, LAST_YEAR = 1000, 9998


@dataclass(frozen=True)
class Asked:
    """The words and filters of a search in `language`. With `problems` it finds nothing."""

    typed: dict[str, str]
    language: str
    clauses: list[Clause] = field(default_factory=list)
    section: int | None = None
    since: datetime | None = None
    until: datetime | None = None
    problems: list[str] = field(default_factory=list)

    @property
    def nothing(self) -> bool:
        """Whether nothing was asked: the form alone."""
        return not any(self.typed.values())

    @property
    def filtered(self) -> bool:
        return any(self.typed[name] for name in NAMES if name != "q")


def asked(address: QueryDict, language: str, sections: Iterable[reading.MenuSection]) -> Asked:
    """What the query string of an address asks for; `sections` are those that may be chosen."""
    typed = {name: address.get(name, "").replace("\0", " ").strip() for name in NAMES}
    problems: list[str] = []
    clauses = _clauses(typed["q"], language, problems)
    section = next((section.pk for section in sections if section.slug == typed["section"]), None)
    if typed["section"] and section is None:
        problems.append(gettext("This section has nothing to search in. Choose one from the list."))
    if len(typed["author"]) > LONGEST_NAME:
        problems.append(gettext("This is too long for an author’s name. Type a shorter one."))
    since, until = _day(typed["from"], problems), _day(typed["to"], problems)
    if since and until and since > until:
        problems.append(gettext("The first day lies after the last one. Exchange them."))
    if problems:
        # What cannot be searched for is not carried on either, but for a length that is bearable.
        typed = {name: value[: query.LONGEST] for name, value in typed.items()}
    return Asked(
        typed=typed,
        language=language,
        clauses=clauses,
        section=section,
        since=_midnight(since),
        until=_midnight(until + timedelta(days=1)) if until else None,
        problems=problems,
    )


def find(asked: Asked) -> QuerySet[Edition]:
    """The live editions that are asked for, with their text; the best first, of those alike the newest."""
    editions = reading.newest(asked.language).select_related("section", "lead_image", "body")
    editions = editions.defer("body__html", "body__headings")
    if asked.section:
        editions = editions.filter(section=asked.section)
    if name := asked.typed["author"]:
        editions = editions.filter(_by(name))
    if asked.since:
        editions = editions.filter(published_at__gte=asked.since)
    if asked.until:
        editions = editions.filter(published_at__lt=asked.until)
    if asked.clauses:
        editions = index.matching(editions, asked.clauses)
    return editions


def _by(name: str) -> Exists:
    """Written by somebody of this name or slug, or a part of it."""
    named = Q(author__slug=name) | Q(author__name__icontains=name)
    if slug := slugify(name, allow_unicode=True):
        named |= Q(author__slug__contains=slug)
    return Exists(EditionByline.objects.filter(named, edition=OuterRef("pk")))


def _clauses(typed: str, language: str, problems: list[str]) -> list[Clause]:
    if len(typed) > query.LONGEST:
        problems.append(
            gettext("This is too long to search for. Type at most %(number)s letters.") % {"number": query.LONGEST}
        )
        return []
    clauses = query.understood(typed, language)
    if typed and not clauses:
        problems.append(gettext("There is no word in this to search for. Type a word or a name."))
    if sum(len(clause.words) for clause in clauses) > query.MOST:
        problems.append(
            gettext("These are too many words to search for. Type at most %(number)s.") % {"number": query.MOST}
        )
    return clauses


def _day(typed: str, problems: list[str]) -> date | None:
    if not typed:
        return None
    try:
        day = date.fromisoformat(typed)
    except ValueError:
        day = None
    if day is None or not FIRST_YEAR <= day.year <= LAST_YEAR:
        problems.append(
            gettext("“%(typed)s” is not a day of the calendar. Write it like %(example)s.")
            % {"typed": typed[:20], "example": timezone.localdate().isoformat()}
        )
        return None
    return day


def _midnight(day: date | None) -> datetime | None:
    """The beginning of a day in the site's zone."""
    return datetime.combine(day, time.min, timezone.get_default_timezone()) if day else None
