"""What is published at once is carried into what waits, so that no planned edition takes it back.

An editor publishes an urgent fix while an update waits that was written before it. When the update comes
true the fix must still be there: the two are merged block by block, from the revision that both stand on.
Where they clash, or where one of them was never approved, the waiting edition is held and its owner told;
the live one runs on. In the same way a new edition takes in what readers see when it is made, if its text
does not stand on that. Editions that were planned for times to come leave each other alone: each of them
was approved for its time, as it is.

All this is derived from the intents each time that spans are laid: cancelling the fix gives the waiting
edition back exactly as it was.
"""

from dataclasses import dataclass
from datetime import datetime
from functools import partial

from django.db import transaction
from django.utils.translation import gettext as _

from articles import addresses, compiling, jobs
from articles.combining import Clash, Combining
from articles.events import Happened, record_all
from articles.models import Article, Edition, Revision
from articles.spans import Span, begun, spans_of


@dataclass(frozen=True)
class Hold:
    """Why a waiting edition cannot come: it clashes with `other`, which readers meet before it."""

    edition: Edition
    other: Edition
    sentence: str


@dataclass(frozen=True)
class Carried:
    """What is left of an article's editions: those that stay on the timeline, and those held back."""

    staying: list[Edition]
    holds: list[Hold]


def carry(article: Article, editions: list[Edition], now: datetime) -> Carried:
    """Give each waiting edition the revision that holds all that readers meet before it, or hold it.

    `editions` are the article's, sorted by start: active ones, and those held for a clash. Called within
    the transaction that takes the timeline, before spans are written.
    """
    staying, holds = list(editions), []
    combine = Combining(article, now, _likely(editions, now))
    while True:
        wanted, hold = _read(staying, combine, now)
        if hold is None:
            break
        holds.append(hold)
        staying.remove(hold.edition)
    events = _let_go(staying) + _point_at(article, staying, wanted, combine) + _hold(holds, now)
    record_all(article, events)
    return Carried(staying, holds)


def _read(editions: list[Edition], combine: Combining, now: datetime) -> tuple[dict[int, int], Hold | None]:
    """Go along the timeline: {edition: the revision it must show}, and the first that cannot."""
    wanted: dict[int, int] = {}
    spans = spans_of(editions, now)
    row = sorted((e for e in editions if e.pk in spans), key=lambda e: spans[e.pk][0])
    for place, edition in enumerate(row):
        shows = edition.revision_id
        if not begun(edition, now):
            shows = edition.before_merge_id or edition.revision_id
            for other in _taken_in(edition, row[:place], spans):
                try:
                    shows = combine(shows, wanted[other.pk])
                except Clash as clash:
                    return wanted, Hold(edition, other, str(clash))
        wanted[edition.pk] = shows
    return wanted, None


def _taken_in(edition: Edition, before: list[Edition], spans: dict[int, Span]) -> list[Edition]:
    """Of the editions `before` it on the timeline, those that `edition` must not take back."""
    seen = [other for other in before if spans[other.pk][0] <= edition.created_at]
    later = [other for other in before if other.at_once and other not in seen]
    if edition.at_once and before and before[-1] not in (*seen, *later):
        later.append(before[-1])  # a planned one came true within the time to undo, and stays
    return [*seen[-1:], *later]


def _likely(editions: list[Edition], now: datetime) -> set[int]:
    """Keys of the revisions that are merged wherever anything is."""
    waiting = [edition for edition in editions if not begun(edition, now)]
    return {key for edition in waiting for key in (edition.revision_id, edition.before_merge_id) if key}


def _let_go(editions: list[Edition]) -> list[Happened]:
    """What they clashed with is gone: those of `editions` that are held for it take their places again."""
    freed = [edition for edition in editions if edition.held_for_id]
    for edition in freed:
        edition.held_at = edition.held_for = None
    Edition.objects.bulk_update(freed, ["held_at", "held_for"])
    note = _("What it clashed with is gone.")
    return [Happened("release", edition=edition, note=note) for edition in freed]


def _point_at(article: Article, editions: list[Edition], wanted: dict[int, int], combine: Combining) -> list[Happened]:
    """Let waiting editions show the revisions `wanted`, and remember which one was approved for each."""
    moved = [edition for edition in editions if wanted.get(edition.pk, edition.revision_id) != edition.revision_id]
    revisions = combine.store(wanted[edition.pk] for edition in moved)
    for edition in moved:
        _show(article, edition, revisions[wanted[edition.pk]])
    Edition.objects.bulk_update(moved, ["revision", "before_merge", "path", *compiling.HEADERS])
    compiling.write(*moved)
    taken_in, as_it_was = _("What was published meanwhile is part of it now."), _("It is again as it was approved.")
    return [
        Happened(
            "merge",
            edition=edition,
            revision=edition.revision_id,
            note=taken_in if edition.before_merge_id else as_it_was,
        )
        for edition in moved
    ]


def _show(article: Article, edition: Edition, revision: Revision) -> None:
    intended = edition.before_merge_id or edition.revision_id
    edition.before_merge_id = None if revision.pk == intended else intended
    edition.revision, content = revision, revision.content
    for name, value in compiling.headers_of(content).items():
        setattr(edition, name, value)
    edition.path = addresses.path_of(article, content["language"], content["slug"], edition.starts_at)


def _hold(holds: list[Hold], now: datetime) -> list[Happened]:
    """Take editions off the timeline; whoever owns one that was not held for the same is told."""
    news = [hold for hold in holds if hold.edition.held_for_id != hold.other.pk]
    for hold in holds:
        edition = hold.edition
        edition.live_from = edition.live_until = None
        edition.held_at, edition.held_for = edition.held_at or now, hold.other
    names = ["held_at", "held_for", "live_from", "live_until"]
    Edition.objects.bulk_update([hold.edition for hold in holds], names)
    for hold in news:
        transaction.on_commit(partial(jobs.tell_held, hold.edition.pk))
    return [
        Happened("hold", edition=hold.edition, revision=hold.edition.revision_id, note=hold.sentence) for hold in news
    ]
