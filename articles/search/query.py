"""What readers type, understood: words, phrases in quotes, words that are not written to their end."""

import re
from dataclasses import dataclass

from articles.search.terms import Token, groups, whole_stems

LONGEST = 200  # letters
MOST = 30  # words
# Beginnings shorter than this are searched for as whole words: half of all articles have a word with "a".
SHORTEST_BEGINNING = 2

QUOTES = str.maketrans(dict.fromkeys("“”„‟«»＂「」『』", '"'))
CHUNK = re.compile(r'"([^"]*)"?|([^"\s]+)')


@dataclass(frozen=True)
class Clause:
    """One thing that must be found: `words` one after another.

    The last may be the beginning of a word if `open`. One of the `stems` will do as well.
    """

    words: tuple[str, ...]
    open: bool = False
    stems: frozenset[str] = frozenset()

    @property
    def closed(self) -> "Clause":
        """The same for whole words alone."""
        return Clause(self.words, all(len(word) == 1 for word in self.words) and self.open, self.stems)


def understood(typed: str, language: str) -> list[Clause]:
    """The clauses of a query in `language`, all of which must be found. Empty where it holds no word."""
    clauses = []
    for chunk in CHUNK.finditer(typed.translate(QUOTES)):
        phrase, loose = chunk.groups()
        if phrase is not None:
            clauses.append(_phrase([token for group in groups(phrase, language) for token in group]))
        else:
            clauses += [_loose(group, loose, language) for group in groups(loose, language)]
    return [clause for clause in dict.fromkeys(clauses) if clause.words]


def _phrase(tokens: list[Token]) -> Clause:
    """Exactly these words in a row; ideographs at the end may go on."""
    return Clause(_row(tokens), open=bool(tokens) and tokens[-1].alone)


def _loose(group: list[Token], text: str, language: str) -> Clause:
    """A word, its beginning, or a relative of it."""
    row = _row(group)
    if any(token.paired for token in group):
        return Clause(row, open=not group[-1].last or group[-1].alone)
    stems = whole_stems(group, text, language)
    return Clause(row, open=len(row[-1]) >= SHORTEST_BEGINNING, stems=frozenset(stems))


def _row(tokens: list[Token]) -> tuple[str, ...]:
    """The words, without the single letter that ends a run of pairs: in the text the run may go on."""
    if tokens and tokens[-1].last and not tokens[-1].alone:
        tokens = tokens[:-1]
    return tuple(token.word for token in tokens)
