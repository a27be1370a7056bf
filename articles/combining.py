"""Merges of an article's revisions, each pair once, made in memory and stored together.

Whatever the number of editions that wait, the texts are read, and what is made of them is written, by a
handful of queries.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from articles.lineage import Lineage
from articles.merging import merge
from articles.models import Approval, Article, Revision
from articles.revisions import hash_of

# Merges that are not stored yet have keys from here on: greater than those of all revisions that are.
UNSTORED = 1 << 62


class Clash(Exception):
    """Two revisions cannot be merged. As text: a sentence for the editor."""


@dataclass(frozen=True)
class Merge:
    """What `theirs` merged into `mine` gives, not stored yet. Both are keys."""

    mine: int
    theirs: int
    content: dict[str, Any]
    content_hash: str


class Combining:
    """Merges revisions of one article; a merge that was made before is found again.

    `likely` are keys of revisions whose texts will be asked for if any is, and are read together.
    """

    def __init__(self, article: Article, now: datetime, likely: Iterable[int]) -> None:
        self._article, self._now, self._likely = article, now, set(likely)
        self._family: Lineage | None = None
        self._approved: set[str] | None = None
        self._found: dict[int, Revision] = {}
        self._made: dict[int, Merge] = {}
        self._tried: dict[tuple[int, int], int | Clash] = {}

    def __call__(self, mine: int, theirs: int) -> int:
        """The key of a revision that holds `mine` and all that `theirs` changed, stored or not. Raises Clash."""
        if mine == theirs:
            return mine
        self._family = family = self._family or Lineage(self._article)
        if family.holds(mine, theirs):
            return mine
        if family.holds(theirs, mine):
            return theirs
        if (mine, theirs) not in self._tried:
            self._tried[mine, theirs] = family.merge_of(mine, theirs) or self._merged(mine, theirs, family)
        found = self._tried[mine, theirs]
        if isinstance(found, Clash):
            raise found
        return found

    def store(self, keys: Iterable[int]) -> dict[int, Revision]:
        """Store those of `keys` that are merges, with what they were made of: {key: revision}."""
        keys = set(keys)
        stored: dict[int, Revision] = {}
        waiting = self._made_for(keys)
        while waiting:
            ready = [key for key in waiting if not {self._made[key].mine, self._made[key].theirs} & set(waiting)]
            revisions = Revision.objects.bulk_create([self._revision(self._made[key], stored) for key in ready])
            stored |= dict(zip(ready, revisions, strict=True))
            waiting = [key for key in waiting if key not in stored]
        # Made of two approved ones, they inherit their approval.
        Approval.objects.bulk_create(
            [
                Approval(article=self._article, content_hash=revision.content_hash, by=None, at=self._now)
                for revision in stored.values()
            ]
        )
        self._read(keys - self._made.keys())
        return {key: stored.get(key) or self._found[key] for key in keys}

    def _merged(self, mine: int, theirs: int, family: Lineage) -> int | Clash:
        base = family.common(mine, theirs)
        self._read([*self._likely, *filter(None, (mine, theirs, base))])
        merged = merge(self._content(base) if base else None, self._content(mine), self._content(theirs))
        if merged.content is None:
            places = ", ".join(dict.fromkeys(str(clash.label) for clash in merged.clashes))
            return Clash(_("Both change the same: %(places)s.") % {"places": places})
        digest = hash_of(merged.content)
        for parent in (mine, theirs):
            if self._hash(parent) == digest:
                return parent
        if not self._is_approved(mine):
            return Clash(_("This text was never approved, so nothing can be taken into it."))
        if not self._is_approved(theirs):
            return Clash(_("The other one was published without approval and is not reviewed yet."))
        key = UNSTORED + len(self._made)
        self._made[key] = Merge(mine, theirs, merged.content, digest)
        family.add_merge(key, mine, theirs)
        return key

    def _read(self, keys: Iterable[int]) -> None:
        """Have the revisions with these keys at hand, by one query at most."""
        missing = {key for key in keys if key not in self._made and key not in self._found}
        if missing:
            self._found |= Revision.objects.in_bulk(missing)

    def _content(self, key: int) -> dict[str, Any]:
        return self._made[key].content if key in self._made else self._found[key].content

    def _hash(self, key: int) -> str:
        return self._made[key].content_hash if key in self._made else self._found[key].content_hash

    def _is_approved(self, key: int) -> bool:
        if self._approved is None:
            self._approved = set(self._article.approvals.values_list("content_hash", flat=True))
        return key in self._made or self._hash(key) in self._approved

    def _made_for(self, keys: Iterable[int]) -> list[int]:
        """The merges among `keys` and those that they were made of, the earliest first."""
        needed, ahead = set(), [key for key in keys if key in self._made]
        while ahead:
            key = ahead.pop()
            needed.add(key)
            ahead.extend(other for other in (self._made[key].mine, self._made[key].theirs) if other in self._made)
        return sorted(needed)

    def _revision(self, made: Merge, stored: dict[int, Revision]) -> Revision:
        """A revision by nobody, whose parents are stored."""
        assert self._family is not None
        mine, theirs = (stored.get(key) or self._found[key] for key in (made.mine, made.theirs))
        self._family.last_number += 1
        said = _("Revision %(mine)s with what was published meanwhile (%(theirs)s).")
        return Revision(
            article=self._article,
            number=self._family.last_number,
            content=made.content,
            content_hash=made.content_hash,
            author=None,
            at=self._now,
            reason=said % {"mine": mine.number, "theirs": theirs.number},
            parent=mine,
            merged=theirs,
        )
