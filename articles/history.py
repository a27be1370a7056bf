"""The public record of an article: every edition that readers saw, newest first, and what changed in each.

Only what readers saw is ever compared: no cancelled, held or planned edition, none that stood behind a
withdrawal for all its time, and none that an editor has hidden from the record.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Prefetch, Q, QuerySet, prefetch_related_objects

from articles import rendering
from articles.diff import Comparison, Names, compare
from articles.figures import Figure, markup, segments
from articles.models import Correction, Edition, EditionByline, EditionImage, Image, Revision, Withdrawal

# Editions on one page of the record: what a page costs does not grow with the record.
PAGE = 10
# Characters of text that one page compares, some 200,000 words; the rest of it says that it does not.
MOST_COMPARED = 1_500_000


@dataclass(frozen=True)
class Period:
    """A time in which readers saw an edition. `ends` is None while they still do."""

    begins: datetime
    ends: datetime | None


@dataclass
class Entry:
    """One edition in the record.

    `before` is the one it is compared with; without it, and not hidden, the edition is shown whole.
    `skipped`: between the two stands one that was hidden from the record.
    """

    edition: Edition
    periods: list[Period]
    before: Edition | None = None
    skipped: bool = False
    # The oldest of all, of which nobody knows what readers saw before it.
    earliest: bool = False
    # None also where the texts are too long to be compared on a page.
    difference: Comparison | None = None
    # Pictures of either that may not be shown any more are left out of both.
    left_out: bool = False

    @property
    def hidden(self) -> str:
        """The notice that stands in the place of an edition hidden from the record; else ""."""
        return str(self.edition.history_hidden)

    @property
    def correction(self) -> Correction | None:
        return getattr(self.edition, "correction", None)

    @property
    def published_before(self) -> bool:
        """Whether the article is older than its record, as after an import."""
        begins = self.edition.live_from
        return self.earliest and begins is not None and self.edition.published_at < begins


@dataclass(frozen=True)
class Record:
    """One page of an article's record, as `articles/pages.html` leafs through it."""

    entries: list[Entry]
    number: int
    following: int | None

    @property
    def preceding(self) -> int | None:
        return self.number - 1 if self.number > 1 else None


def record(article: int, number: int, moment: datetime) -> Record:
    """Page `number` of what readers saw of the article with key `article` until `moment`.

    Without entries where there is no such page. The number of queries does not depend on what is in it.
    """
    seen = editions(article, moment)
    start = (number - 1) * PAGE
    found = list(seen[start : start + PAGE + 1])
    shown, more = found[:PAGE], len(found) > PAGE
    older = _visible_before(seen, shown) if more else []
    entries = [
        Entry(edition, periods, earliest=not more and edition is shown[-1])
        for edition, periods in zip(shown, _periods(article, shown, moment), strict=True)
    ]
    _pair(entries, found[PAGE:], older)
    _load_texts(entries, moment)
    return Record(entries, number, number + 1 if more else None)


def editions(article: int, moment: datetime) -> QuerySet[Edition]:
    """What readers saw of the article until `moment`, newest first, with corrections and without texts."""
    seen: QuerySet[Edition] = Edition.objects.ever_seen(moment).filter(article=article)
    return seen.select_related("correction").order_by("-live_from", "-pk")


def page_of(newer: int) -> int:
    """The page on which an edition stands that has `newer` editions before it."""
    return newer // PAGE + 1


def _visible_before(seen: QuerySet[Edition], shown: list[Edition]) -> list[Edition]:
    """The newest edition in the record that is older than all of `shown` and not hidden."""
    return list(seen.filter(history_hidden="", live_from__lt=shown[-1].live_from)[:1]) if shown else []


def _periods(article: int, shown: list[Edition], moment: datetime) -> Iterable[list[Period]]:
    """When readers saw each of `shown`: its span until now, without the times of withdrawals."""
    lifted = Withdrawal.objects.filter(article=article, lifted_at__isnull=False).order_by("at")
    gaps = [(start, end) for start, end in lifted.values_list("at", "lifted_at") if end]
    return [periods(edition, gaps, moment) for edition in shown]


def periods(edition: Edition, gaps: Iterable[tuple[datetime, datetime]], moment: datetime) -> list[Period]:
    """The parts of the edition's span before `moment` that none of `gaps`, sorted, covers.

    The end of a span that is still ahead is a plan, and no reader's business.
    """
    begins = edition.live_from
    until = edition.live_until if edition.live_until and edition.live_until <= moment else None
    found = []
    for start, end in gaps:
        if begins is None or end <= begins or (until and start >= until):
            continue
        if start > begins:
            found.append(Period(begins, start))
        begins = end if until is None or end < until else None
    if begins is not None:
        found.append(Period(begins, until))
    return found


def _pair(entries: list[Entry], next_page: list[Edition], older: list[Edition]) -> None:
    """Set what each visible entry is compared with: the edition before it that is not hidden."""
    shown = [entry.edition for entry in entries]
    for place, entry in enumerate(entries):
        behind = [*shown, *older][place + 1 :]
        neighbour = [*shown, *next_page][place + 1 : place + 2]
        if not entry.hidden:
            entry.before = next((edition for edition in behind if not edition.history_hidden), None)
            entry.skipped = any(edition.history_hidden for edition in neighbour)


def _load_texts(entries: list[Entry], moment: datetime) -> None:
    """Load what is shown of each entry: the difference to the one before it, or the whole edition."""
    pairs = [(entry, entry.before.revision_id, entry.edition.revision_id) for entry in entries if entry.before]
    keys = {key for _entry, *both in pairs for key in both}
    contents = dict(Revision.objects.filter(pk__in=keys).values_list("pk", "content"))
    named = {use["image"] for content in contents.values() for use in content["images"]}
    usable = Image.objects.usable(moment).in_bulk(named)
    pictures = {key: rendering.thumbnail(image) for key, image in usable.items()}
    shown = {key: _without(content, named - usable.keys()) for key, content in contents.items()}
    names = Names.of(shown.values())
    spent = 0
    for entry, before, after in pairs:
        spent += len(shown[before]["body"]) + len(shown[after]["body"])
        if spent > MOST_COMPARED:
            continue
        entry.difference = compare(shown[before], shown[after], names=names, pictures=pictures)
        entry.left_out = any(shown[key] is not contents[key] for key in (before, after))
    _load_whole([entry.edition for entry in entries if not entry.hidden and entry.before is None])


def _load_whole(editions: list[Edition]) -> None:
    pictures = Prefetch("image_uses", EditionImage.objects.select_related("image"))
    bylines = Prefetch("bylines", EditionByline.objects.select_related("author"))
    prefetch_related_objects(editions, "body", pictures, bylines)


def _without(content: dict[str, Any], gone: set[int]) -> dict[str, Any]:
    """The content without the pictures in `gone`: neither they nor their words may be shown."""
    if not any(use["image"] in gone for use in content["images"]):
        return content
    parts = segments(content["body"])
    kept = [part for part in parts if not (isinstance(part, Figure) and part.image_id in gone)]
    body = "".join(markup(part) if isinstance(part, Figure) else part for part in kept)
    return content | {"body": body, "images": [use for use in content["images"] if use["image"] not in gone]}


@dataclass(frozen=True)
class Seen:
    """What readers met at the article's address at a moment: an edition, or a withdrawal's notice, or nothing."""

    moment: datetime
    edition: Edition | None = None
    withdrawal: Withdrawal | None = None
    # Something had been there before: "no longer available" rather than "not found".
    before: bool = False


def seen_at(article: int, moment: datetime) -> Seen:
    """What readers saw of the article at `moment`, or will see as things stand. For colleagues only.

    Other than `live_at`, which hides every moment of what is withdrawn now, this says what the record
    says: a withdrawal hid the article from when it was opened.
    """
    spans = Edition.objects.filter(article=article)
    still = Q(lifted_at=None) | Q(lifted_at__gt=moment)
    withdrawal = Withdrawal.objects.filter(still, article=article, at__lte=moment).first()
    if withdrawal is None:
        edition = spans.spanning(moment).select_related("created_by", "article").first()
        return Seen(moment, edition=edition, before=spans.filter(live_from__lte=moment).exists())
    # Withdrawn before its first second, it stayed as unknown as it was.
    before = spans.filter(live_from__lte=withdrawal.at).exists()
    return Seen(moment, withdrawal=withdrawal if before else None, before=before)
