"""Which revision stands on which: the family tree of an article's text."""

from collections.abc import Iterator

from articles.models import Article


class Lineage:
    """The revisions of one article and what each came from, by one query."""

    def __init__(self, article: Article) -> None:
        rows = article.revisions.order_by("number").values_list("pk", "number", "author", "parent", "merged")
        self._parents = {pk: tuple(filter(None, parents)) for pk, _number, _author, *parents in rows}
        # Those that nobody wrote: {(parent, merged): what was made of the two}.
        self._merges = {(parent, merged): pk for pk, _number, author, parent, merged in rows if author is None}
        self.last_number = max((number for _pk, number, *_rest in rows), default=0)

    def holds(self, revision: int, other: int) -> bool:
        """Whether `revision` stands on `other`, and so contains all that was meant to stay of it."""
        return other in self._line(revision)

    def common(self, one: int, other: int) -> int | None:
        """The latest revision that both stand on; None where they have nothing in common."""
        return max(self._line(one) & self._line(other), default=None)

    def merge_of(self, mine: int, theirs: int) -> int | None:
        """The revision that was made of the two by merging `theirs` into `mine`, if there is one."""
        return self._merges.get((mine, theirs))

    def add_merge(self, revision: int, mine: int, theirs: int) -> None:
        """Count in one more, whose key is greater than all others."""
        self._parents[revision] = (mine, theirs)
        self._merges[mine, theirs] = revision

    def _line(self, revision: int) -> set[int]:
        """The revision and all that it stands on."""
        return set(self._walk(revision))

    def _walk(self, revision: int) -> Iterator[int]:
        seen, ahead = set(), [revision]
        while ahead:
            if (here := ahead.pop()) not in seen:
                seen.add(here)
                yield here
                ahead.extend(self._parents.get(here, ()))
