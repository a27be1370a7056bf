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
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from articles import addresses, compiling, jobs
from articles.events import record
from articles.lineage import Lineage
from articles.merging import merge
from articles.models import Approval, Article, Edition, Revision
from articles.revisions import hash_of
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


class Clash(Exception):
    """Two revisions cannot be merged. As text: a sentence for the editor."""


def carry(article: Article, editions: list[Edition], now: datetime) -> Carried:
    """Give each waiting edition the revision that holds all that readers meet before it, or hold it.

    `editions` are the article's, sorted by start: active ones, and those held for a clash. Called within
    the transaction that takes the timeline, before spans are written.
    """
    staying, holds = list(editions), []
    combine = Combining(article, now)
    while True:
        wanted, hold = _read(staying, combine, now)
        if hold is None:
            break
        holds.append(hold)
        staying.remove(hold.edition)
    for edition in staying:
        _let_go(article, edition)
        _point_at(article, edition, wanted.get(edition.pk, edition.revision_id))
    for hold in holds:
        _hold(article, hold, now)
    return Carried(staying, holds)


def _read(editions: list[Edition], combine: "Combining", now: datetime) -> tuple[dict[int, int], Hold | None]:
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


class Combining:
    """Merges revisions of one article, each pair once: a merge that was made before is found again."""

    def __init__(self, article: Article, now: datetime) -> None:
        self._article, self._now = article, now
        self._lineage: Lineage | None = None

    def __call__(self, mine: int, theirs: int) -> int:
        """The key of a revision that holds `mine` and all that `theirs` changed. Raises Clash."""
        if mine == theirs:
            return mine
        self._lineage = self._lineage or Lineage(self._article)
        if self._lineage.holds(mine, theirs):
            return mine
        if self._lineage.holds(theirs, mine):
            return theirs
        made = self._article.revisions.filter(parent=mine, merged=theirs, author=None).first()
        return made.pk if made else self._merged(mine, theirs)

    def _merged(self, mine: int, theirs: int) -> int:
        assert self._lineage is not None
        base = self._lineage.common(mine, theirs)
        found = Revision.objects.in_bulk([key for key in (mine, theirs, base) if key])
        merged = merge(found[base].content if base else None, found[mine].content, found[theirs].content)
        if merged.content is None:
            places = ", ".join(dict.fromkeys(str(clash.label) for clash in merged.clashes))
            raise Clash(_("Both change the same: %(places)s.") % {"places": places})
        digest = hash_of(merged.content)
        for parent in (found[mine], found[theirs]):
            if parent.content_hash == digest:
                return parent.pk
        unapproved = self._unapproved(found[mine], found[theirs])
        if mine in unapproved:
            raise Clash(_("This text was never approved, so nothing can be taken into it."))
        if theirs in unapproved:
            raise Clash(_("The other one was published without approval and is not reviewed yet."))
        self._lineage = None  # it grows by one
        return self._made(found[mine], found[theirs], merged.content, digest).pk

    def _unapproved(self, *parents: Revision) -> set[int]:
        hashes = {parent.content_hash for parent in parents}
        approved = set(self._article.approvals.filter(content_hash__in=hashes).values_list("content_hash", flat=True))
        return {parent.pk for parent in parents if parent.content_hash not in approved}

    def _made(self, mine: Revision, theirs: Revision, content: dict[str, Any], digest: str) -> Revision:
        """A revision by nobody: it is made of two approved ones, and inherits their approval."""
        revision = Revision.objects.create(
            article=self._article,
            number=1 + (self._article.revisions.aggregate(last=Max("number"))["last"] or 0),
            content=content,
            content_hash=digest,
            author=None,
            at=self._now,
            reason=_("Revision %(mine)s with what was published meanwhile (%(theirs)s).")
            % {"mine": mine.number, "theirs": theirs.number},
            parent=mine,
            merged=theirs,
        )
        Approval.objects.create(article=self._article, content_hash=digest, by=None, at=self._now)
        return revision


def _let_go(article: Article, edition: Edition) -> None:
    """What it clashed with is gone: the edition takes its place again."""
    if edition.held_for_id is None:
        return
    edition.held_at = edition.held_for = None
    Edition.objects.filter(pk=edition.pk).update(held_at=None, held_for=None)
    record(article, "release", by=None, edition=edition, note=_("What it clashed with is gone."))


def _point_at(article: Article, edition: Edition, revision: int) -> None:
    """Let a waiting edition show `revision`, and remember which one was approved for it."""
    if revision == edition.revision_id:
        return
    intended = edition.before_merge_id or edition.revision_id
    edition.before_merge_id = None if revision == intended else intended
    edition.revision = Revision.objects.get(pk=revision)
    content = edition.revision.content
    headers = compiling.headers_of(content)
    path = addresses.path_of(article, content["language"], content["slug"], edition.starts_at)
    for name, value in {**headers, "path": path}.items():
        setattr(edition, name, value)
    Edition.objects.filter(pk=edition.pk).update(
        revision=revision, before_merge=edition.before_merge_id, path=path, **headers
    )
    compiling.write(edition)
    merged = edition.before_merge_id is not None
    note = _("What was published meanwhile is part of it now.") if merged else _("It is again as it was approved.")
    record(article, "merge", by=None, edition=edition, revision=edition.revision, note=note)


def _hold(article: Article, hold: Hold, now: datetime) -> None:
    edition = hold.edition
    edition.live_from = edition.live_until = None
    known = edition.held_for_id == hold.other.pk
    edition.held_at, edition.held_for = edition.held_at or now, hold.other
    Edition.objects.filter(pk=edition.pk).update(
        held_at=edition.held_at, held_for=hold.other, live_from=None, live_until=None
    )
    if not known:
        record(article, "hold", by=None, edition=edition, revision=edition.revision, note=hold.sentence)
        transaction.on_commit(lambda: jobs.tell_held(edition.pk))
