"""Two lines of text compared word by word, with their inline formatting kept.

Takes inline HTML that passed newsroom.lib.html.clean, and writes its tags as they are, <ins> and <del>,
and escaped text, each closed in its place.
"""

import html as entities
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, pgettext

from articles.blocks import TOKEN
from articles.figures import TAG
from newsroom.lib import alignment

ADDED, REMOVED = "added", "removed"
# An equal stretch of so few words between longer changes says nothing: "the" in two different sentences.
_CHANCE = 2


@dataclass(frozen=True)
class Rendered:
    """Safe HTML, and how many words are marked in it. `marks`: anything is marked at all."""

    html: SafeString
    added: int = 0
    removed: int = 0
    marks: bool = False


class _Token(NamedTuple):
    text: str
    is_word: bool
    # Where it leads: a link that leads elsewhere is another word.
    link: str
    source: str
    # The tags that are open around it, outermost first.
    inside: tuple[str, ...]


class _Run(NamedTuple):
    """Tokens that both have, or else those of one side that stand in the place of those of the other."""

    same: list[_Token]
    removed: list[_Token]
    added: list[_Token]


def compared(before: str, after: str) -> Rendered:
    """`after` with what is new in it marked, and with what is gone from `before` in its place."""
    old, new = list(_tokens(before)), list(_tokens(after))
    pieces: list[tuple[str, list[_Token]]] = []
    for run in _tidied(_runs(old, new)):
        pieces += [("", run.same)] if run.same else [(REMOVED, run.removed), (ADDED, run.added)]
    return _rendered(pieces)


def marked(html: str, change: str) -> Rendered:
    """All of inline `html` as ADDED or REMOVED."""
    return _rendered([(change, list(_tokens(html)))])


def replaced(before: str, after: str) -> SafeString:
    """One plain text in the place of another, whole."""
    return _rendered([(REMOVED, _plain(before)), (ADDED, _plain(after))]).html


def _plain(text: str) -> list[_Token]:
    return list(_tokens(escape(text)))


def _tokens(html: str) -> Iterator[_Token]:
    inside: list[str] = []
    done = 0
    for tag in TAG.finditer(html):
        yield from _words(html[done : tag.start()], tuple(inside))
        done = tag.end()
        if tag[2] in ("br", "hr", "img"):
            yield _Token(tag[2], False, "", tag[0], tuple(inside))
        elif tag[1]:
            del inside[-1:]
        else:
            inside.append(tag[0])
    yield from _words(html[done:], tuple(inside))


def _words(source: str, inside: tuple[str, ...]) -> Iterator[_Token]:
    link = next((tag for tag in reversed(inside) if tag.startswith("<a ")), "")
    for found in TOKEN.finditer(entities.unescape(source)):
        text = found[0]
        yield _Token(
            " " if text.isspace() else text, bool(found["word"]), link, entities.escape(text, quote=False), inside
        )


def _runs(old: list[_Token], new: list[_Token]) -> Iterator[_Run]:
    same = alignment.equal([(token.text, token.link) for token in old], [(token.text, token.link) for token in new])
    kept: list[_Token] = []
    for at, (left, right, top, bottom) in enumerate(alignment.gaps(same, len(old), len(new))):
        if left < right or top < bottom:
            if kept:
                yield _Run(kept, [], [])
                kept = []
            yield _Run([], old[left:right], new[top:bottom])
        if at < len(same):
            kept.append(new[same[at][1]])
    if kept:
        yield _Run(kept, [], [])


def _tidied(runs: Iterable[_Run]) -> list[_Run]:
    """The runs without the few words between two changes that are equal by chance."""
    tidy: list[_Run] = []
    rows = _slid(list(runs))
    for at, run in enumerate(rows):
        previous = tidy[-1] if tidy else None
        following = rows[at + 1] if at + 1 < len(rows) else None
        if run.same and previous and following and _by_chance(run.same, previous, following):
            tidy[-1] = _Run([], previous.removed + run.same, previous.added + run.same)
        elif previous and not previous.same and not run.same:
            tidy[-1] = _Run([], previous.removed + run.removed, previous.added + run.added)
        else:
            tidy.append(run)
    return tidy


def _slid(rows: list[_Run]) -> list[_Run]:
    """The same runs, where one insertion or removal is in two parts only for a space that could be its edge."""
    slid: list[_Run] = []
    waiting = rows[::-1]
    while waiting:
        run = waiting.pop()
        before = slid[-1] if slid else None
        after = waiting[-1] if waiting else None
        if before and after and len(run.same) == 1 and run.same[0].text == " " and _one_sided(before, after):
            first, second = before.removed or before.added, after.removed or after.added
            if second[-1].text == " ":
                slid[-1] = _with(before, [*first, run.same[0], *second[:-1]])
                waiting[-1] = _Run([run.same[0]], [], [])
                if len(waiting) > 1 and waiting[-2].same:
                    waiting[-2] = _Run([*waiting.pop().same, *waiting[-1].same], [], [])
                continue
        slid.append(run)
    return slid


def _one_sided(before: _Run, after: _Run) -> bool:
    """Whether both only put words in, or both only take words out."""
    if before.same or after.same:
        return False
    return not (before.removed or after.removed) or not (before.added or after.added)


def _with(run: _Run, tokens: list[_Token]) -> _Run:
    return _Run([], tokens, []) if run.removed else _Run([], [], tokens)


def _by_chance(same: list[_Token], previous: _Run, following: _Run) -> bool:
    words, letters = sum(token.is_word for token in same), _length(same)
    if words > _CHANCE:
        return False
    around = [max(_length(run.removed), _length(run.added)) for run in (previous, following)]
    replaces = all(run.removed and run.added for run in (previous, following))
    return replaces and (not words or letters <= min(around))


def _length(tokens: list[_Token]) -> int:
    return sum(len(token.text) for token in tokens)


def _rendered(pieces: list[tuple[str, list[_Token]]]) -> Rendered:
    writer = _Writer()
    counted = {"": 0, ADDED: 0, REMOVED: 0}
    marks = False
    for change, tokens in pieces:
        for token in tokens:
            writer.write(change, token)
            counted[change] += token.is_word
            marks = marks or bool(change)
    return Rendered(writer.html(), counted[ADDED], counted[REMOVED], marks)


class _Writer:
    """Opens and closes tags so that each token stands in its own, and in the mark of its change."""

    def __init__(self) -> None:
        self.parts: list[str] = []
        self.open: list[str] = []
        self.marks: dict[str, list[str]] = {"": []}

    def write(self, change: str, token: _Token) -> None:
        if change not in self.marks:
            self.marks[change] = [_mark(change)]
        wanted = [*token.inside, *self.marks[change]]
        if wanted != self.open:
            self._reach(wanted)
        self.parts.append(token.source)

    def html(self) -> SafeString:
        self._reach([])
        return mark_safe("".join(self.parts))  # noqa: S308 - tags of clean HTML, own tags, and escaped text

    def _reach(self, wanted: list[str]) -> None:
        shared = next((n for n, (a, b) in enumerate(zip(self.open, wanted, strict=False)) if a != b), None)
        if shared is None:
            shared = min(len(self.open), len(wanted))
        while len(self.open) > shared:
            tag = self.open.pop()
            self.parts.append(f"</{tag[1:].split('>')[0].split()[0]}>")
        for tag in wanted[shared:]:
            self.open.append(tag)
            self.parts.append(tag)


def _mark(change: str) -> str:
    """The start of a mark, with a word for those who do not see it.

    The word has a direction of its own, so that it does not decide that of the text around it.
    """
    said = pgettext("before words", "added:") if change == ADDED else pgettext("before words", "removed:")
    name = "ins" if change == ADDED else "del"
    language = escape(get_language() or "en")
    spoken = f'<span class="visually-hidden unseen" lang="{language}" dir="auto"> {escape(said)} </span>'
    return f'<{name} class="{change}">{spoken}'
