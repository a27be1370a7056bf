"""A block of a body compared with what it was: within lists, tables and quotations part by part, then words.

Takes clean HTML, and gives safe HTML: the tags of the allow-list as they came, <ins> and <del>.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from django.utils.safestring import SafeString, mark_safe

from articles.blocks import Block, blocks, pairs
from articles.diff import figures as diff_figures
from articles.diff import wording
from articles.diff.figures import Pictures
from articles.diff.wording import ADDED, REMOVED, Rendered
from newsroom.lib import alignment
from newsroom.lib.balance import BLOCKS, CELLS

_OPENING = re.compile(r"<[^>\"]*(?:\"[^\"]*\"[^>\"]*)*>")
# Elements whose content is compared part by part, if it is made of parts.
_PARTS = BLOCKS | CELLS | {"li", "dt", "dd", "tr", "thead", "tbody", "tfoot", "caption"}
_LISTS = frozenset(["ul", "ol"])


@dataclass(frozen=True)
class Differ:
    """Compares blocks; `shown` says what to show of a picture."""

    shown: Pictures

    def compared(self, before: Block, after: Block) -> Rendered:
        """The block `after` with what is new in it and what is gone from `before`."""
        if before == after:
            return self.unmarked(after)
        if before.figure or after.figure:
            return self._pictures(before, after)
        old, new = _inner(before), _inner(after)
        parts, others = _parts(new), _parts(old)
        if parts is None and others is None:
            return _within(after, wording.compared(old, new))
        if parts is None or others is None or not _kindred(before, after):
            return _row([self.marked(before, REMOVED), self.marked(after, ADDED)])
        return _within(after, _row(list(self._compared_parts(others, parts))))

    def marked(self, block: Block, change: str) -> Rendered:
        """All of the block as ADDED or REMOVED."""
        if block.figure:
            before, after = (None, block.figure) if change == ADDED else (block.figure, None)
            told = diff_figures.compared(before, after, self.shown)
            return Rendered(told.html, told.added, told.removed, True)
        if block.name == "hr":
            return wording.marked(block.html, change)
        return self._whole(block, lambda html: wording.marked(html, change), lambda part: self.marked(part, change))

    def unmarked(self, block: Block) -> Rendered:
        """The block as it is, its pictures as words."""
        if block.figure:
            return Rendered(diff_figures.compared(block.figure, block.figure, self.shown).html)
        if "<figure" not in block.html:
            return Rendered(_safe(block.html))
        return self._whole(block, lambda html: Rendered(_safe(html)), self.unmarked)

    def _pictures(self, before: Block, after: Block) -> Rendered:
        if before.figure and after.figure:
            told = diff_figures.compared(before.figure, after.figure, self.shown)
            return Rendered(told.html, told.added, told.removed, told.changed)
        return _row([self.marked(before, REMOVED), self.marked(after, ADDED)])

    def _whole(self, block: Block, line: Callable[[str], Rendered], part: Callable[[Block], Rendered]) -> Rendered:
        inner = _inner(block)
        parts = _parts(inner)
        return _within(block, line(inner) if parts is None else _row([part(one) for one in parts]))

    def _compared_parts(self, before: list[Block], after: list[Block]) -> Iterator[Rendered]:
        together = _cells(before, after) or pairs(before, after)
        for at, (left, right, top, bottom) in enumerate(alignment.gaps(together, len(before), len(after))):
            yield from (self.marked(gone, REMOVED) for gone in before[left:right])
            yield from (self.marked(come, ADDED) for come in after[top:bottom])
            if at < len(together):
                yield self.compared(before[together[at][0]], after[together[at][1]])


def _cells(before: list[Block], after: list[Block]) -> alignment.Pairs:
    """Cells of a row belong together by their columns, as long as there are as many."""
    if len(before) != len(after) or not all(part.name in CELLS for part in (*before, *after)):
        return []
    return [(at, at) for at in range(len(after))]


def _kindred(before: Block, after: Block) -> bool:
    return before.name == after.name or {before.name, after.name} <= _LISTS or {before.name, after.name} <= CELLS


def _inner(block: Block) -> str:
    opening = _OPENING.match(block.html)
    end = f"</{block.name}>"
    if not opening or not block.html.endswith(end):
        return block.html
    return block.html[opening.end() : -len(end)]


def _parts(inner: str) -> list[Block] | None:
    """The parts that `inner` is made of; loose text among them is a part. None: it is one line of text."""
    found: list[Block] = []
    line: list[str] = []
    for block in blocks(inner):
        if block.name in _PARTS:
            found += [Block("", "".join(line))] if line else []
            found.append(block)
            line = []
        else:
            line.append(block.html)
    if not found:
        return None
    return found + ([Block("", "".join(line))] if line else [])


def _within(block: Block, inner: Rendered) -> Rendered:
    opening = _OPENING.match(block.html) if block.name else None
    if opening is None:
        return inner
    return Rendered(_safe(f"{opening[0]}{inner.html}</{block.name}>"), inner.added, inner.removed, inner.marks)


def _row(parts: list[Rendered]) -> Rendered:
    return Rendered(
        _safe("".join(part.html for part in parts)),
        sum(part.added for part in parts),
        sum(part.removed for part in parts),
        any(part.marks for part in parts),
    )


def _safe(html: str) -> SafeString:
    return mark_safe(html)  # noqa: S308 - made of clean HTML and of what articles.diff.wording wrote
