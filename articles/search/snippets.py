"""The words of a text that were searched for, and the place where most of them stand together."""

from collections.abc import Iterable
from dataclasses import dataclass

from articles.search.query import Clause
from articles.search.terms import Token, tokens

LENGTH = 240  # letters of a snippet, about
BEFORE = 60  # of them in front of the first word found
# In a longer text, what stands further down is found but not shown.
LOOKED_AT = 60_000
ENOUGH = 60  # places
# Where a snippet may be cut: at a space, and in scripts without spaces anywhere.
CUT = 24
DOTS = "…"


@dataclass(frozen=True)
class Part:
    """A piece of a text; `found` if it was searched for."""

    text: str
    found: bool = False


@dataclass(frozen=True)
class Hit:
    """The place of a clause in a text."""

    start: int
    end: int
    clause: Clause


def marked(text: str, clauses: list[Clause], language: str) -> list[Part]:
    """The whole text in parts."""
    return _parts(text, 0, len(text), hits(text, clauses, language))


def snippet(texts: Iterable[str], clauses: list[Clause], language: str) -> list[Part]:
    """Some words of the first of `texts` in which something is found; else the first words of the first one."""
    texts = [" ".join(text[:LOOKED_AT].split()) for text in texts]
    for text in texts:
        if found := hits(text, clauses, language):
            start, end = _window(text, _best(found))
            break
    else:
        text, found = next(filter(None, texts), ""), []
        start, end = 0, _edge(text, LENGTH, forward=True)
    parts = _parts(text, start, end, found)
    before, after = [Part(DOTS + " ")] if start else [], [Part(" " + DOTS)] if end < len(text) else []
    return before + parts + after


def hits(text: str, clauses: list[Clause], language: str) -> list[Hit]:
    """The places of the clauses, in order of their beginnings; at most ENOUGH of them."""
    row = list(tokens(text, language))
    beginnings: dict[tuple[str, frozenset[str]], list[Clause]] = {}
    found: list[Hit] = []
    for i, token in enumerate(row):
        # Few words of a text are different, and each is looked at once.
        if (term := (token.word, token.stems)) not in beginnings:
            beginnings[term] = [clause for clause in clauses if _begins(clause, token)]
        for clause in beginnings[term]:
            here = row[i : i + len(clause.words)]
            if len(clause.words) == 1 or _stands_at(clause, here):
                found.append(Hit(token.start, here[-1].end, clause))
        if len(found) >= ENOUGH:
            break
    return found


def _begins(clause: Clause, token: Token) -> bool:
    """Whether the clause, or the first word of its several, may stand here."""
    first, *more = clause.words
    if more:
        return token.word == first
    return _last(clause, token) or not clause.stems.isdisjoint(token.stems)


def _stands_at(clause: Clause, here: list[Token]) -> bool:
    if len(here) < len(clause.words):
        return False
    return all(map(str.__eq__, (token.word for token in here[:-1]), clause.words)) and _last(clause, here[-1])


def _last(clause: Clause, token: Token) -> bool:
    word = clause.words[-1]
    return token.word.startswith(word) if clause.open else token.word == word


def _best(found: list[Hit]) -> Hit:
    """The place behind which, within a snippet, most different clauses stand."""

    def near(first: Hit) -> int:
        return len({hit.clause for hit in found if first.start <= hit.start < first.start + LENGTH - BEFORE})

    return max(found, key=near)


def _window(text: str, first: Hit) -> tuple[int, int]:
    start = _edge(text, first.start - BEFORE, forward=True) if first.start > BEFORE else 0
    start = min(start, first.start)
    return start, _edge(text, start + LENGTH, forward=False)


def _edge(text: str, at: int, *, forward: bool) -> int:
    """A place near `at` where no word is cut apart."""
    if at >= len(text):
        return len(text)
    if forward:
        space = text.find(" ", at, at + CUT)
        return at if space < 0 else space + 1
    space = text.rfind(" ", at - CUT, at)
    return at if space < 0 else space


def _parts(text: str, start: int, end: int, found: list[Hit]) -> list[Part]:
    """`text[start:end]` in parts; places that overlap are one."""
    parts, here = [], start
    for hit in found:
        begin, stop = max(hit.start, here), min(hit.end, end)
        if stop <= begin:
            continue
        if begin > here:
            parts.append(Part(text[here:begin]))
            parts.append(Part(text[begin:stop], found=True))
        elif parts and parts[-1].found:
            parts[-1] = Part(parts[-1].text + text[begin:stop], found=True)
        else:
            parts.append(Part(text[begin:stop], found=True))
        here = stop
    if here < end:
        parts.append(Part(text[here:end]))
    return parts
