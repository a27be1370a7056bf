"""Which revision stands on which: the family tree of an article's text."""

from collections.abc import Iterator

from articles.models import Article


class Lineage:
    """The revisions of one article and what each came from, by one query."""

    def __init__(self, article: Article) -> None:
        rows = article.revisions.values_list("pk", "parent", "merged")
        self._parents = {pk: tuple(filter(None, parents)) for pk, *parents in rows}

    def holds(self, revision: int, other: int) -> bool:
        """Whether `revision` stands on `other`, and so contains all that was meant to stay of it."""
        return other in self._line(revision)

    def common(self, one: int, other: int) -> int | None:
        """The latest revision that both stand on; None where they have nothing in common."""
        return max(self._line(one) & self._line(other), default=None)

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
