"""Two bodies that grew out of one, merged block by block. Pure: HTML in, HTML and clashes out.

The base is laid out as a row of cells: a gap, a block, a gap, a block ... a gap. Each side kept, changed or
took away the block of a cell, and put its new ones into gaps. What one side alone did is taken from it.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from django.utils.translation import gettext as _

from articles.blocks import Block, blocks, pairs
from articles.figures import Figure, markup
from articles.merging.clashes import Clash, key_of
from newsroom.lib import alignment
from newsroom.lib.balance import BLOCKS

Blocks = list[Block]

# Blocks whose parts are merged by the same rules, where both sides changed them.
_MADE_OF_PARTS = frozenset(["ul", "ol", "blockquote"])
_OPENING = re.compile(r"<[^>]*>")


@dataclass(frozen=True)
class _Cell:
    base: Blocks
    mine: Blocks
    theirs: Blocks

    @property
    def is_still(self) -> bool:
        return not (self.base or self.mine or self.theirs)

    @property
    def was_taken_away(self) -> bool:
        return bool(self.base) and not (self.mine and self.theirs)

    @property
    def settled(self) -> Blocks | None:
        """What it comes to without asking; None: both sides changed it in different ways."""
        if self.mine == self.theirs or self.theirs == self.base:
            return self.mine
        if self.mine == self.base:
            return self.theirs
        return None


@dataclass(frozen=True)
class _Item:
    """A block of the result; `new` names the side that alone put it there."""

    block: Block
    new: str = ""


def merged_text(base: str, mine: str, theirs: str) -> list[str | Clash]:
    """The parts of the merged body in order: HTML, and clashes whose values are HTML."""
    if mine == theirs or theirs == base:
        return [mine]
    if mine == base:
        return [theirs]
    cells = [_by_parts(cell) for cell in _cells(blocks(base), blocks(mine), blocks(theirs))]
    items = [item for region in _regions(cells) for item in region]
    return [item.block.html if isinstance(item, _Item) else item for item in _moved_twice(_told_apart(items))]


def _cells(base: Blocks, mine: Blocks, theirs: Blocks) -> list[_Cell]:
    rows = [_row(base, side) for side in (mine, theirs)]
    originals = [block for one in base for block in ([], [one])] + [[]]
    return [_Cell(*cell) for cell in zip(originals, *rows, strict=True)]


def _row(base: Blocks, side: Blocks) -> list[Blocks]:
    """What `side` has in each cell of `base`; what it put in the place of others comes before their cells."""
    row: list[Blocks] = [[] for _cell in range(2 * len(base) + 1)]
    found = pairs(base, side)
    for left, _right, top, bottom in alignment.gaps(found, len(base), len(side)):
        row[2 * left] = side[top:bottom]
    for i, j in found:
        row[2 * i + 1] = [side[j]]
    return row


def _by_parts(cell: _Cell) -> _Cell:
    """The cell with both changes in it, where they touched different parts of its block."""
    if cell.settled is not None or not (cell.base and cell.mine and cell.theirs):
        return cell
    base, mine, theirs = cell.base[0], cell.mine[0], cell.theirs[0]
    merged = _merged_figure(base, mine, theirs) or _merged_parts(base, mine, theirs)
    return replace(cell, mine=[merged], theirs=[merged]) if merged else cell


def _merged_figure(base: Block, mine: Block, theirs: Block) -> Block | None:
    """A picture whose words were changed by both, but not the same words."""
    first, one, other = base.figure, mine.figure, theirs.figure
    if not (first and one and other):
        return None
    merged: dict[str, Any] = {}
    for name in Figure.__dataclass_fields__:
        before, left, right = (getattr(figure, name) for figure in (first, one, other))
        if left != right and before not in (left, right):
            return None
        merged[name] = right if left == before else left
    if one.image_id != other.image_id:
        kept = other if other.image_id == first.image_id else one
        if any(getattr(kept, name) != getattr(first, name) for name in ("alt", "caption", "credit", "decorative")):
            return None  # Words written for the picture that the other side replaced.
    return Block("figure", markup(Figure(**merged)))


def _merged_parts(base: Block, mine: Block, theirs: Block) -> Block | None:
    """A list or quotation of which the sides changed different items or paragraphs."""
    opening = _OPENING.match(base.html)
    if base.name not in _MADE_OF_PARTS or not opening or not (base.name == mine.name == theirs.name):
        return None
    begin, end = opening[0], f"</{base.name}>"
    if not all(block.html.startswith(begin) for block in (mine, theirs)):
        return None
    inner = [block.html[len(begin) : -len(end)] for block in (base, mine, theirs)]
    if not all(part.name in BLOCKS or part.name == "li" for html in inner for part in blocks(html)):
        return None
    parts = merged_text(*inner)
    if any(isinstance(part, Clash) for part in parts):
        return None
    return Block(base.name, begin + "".join(part for part in parts if isinstance(part, str)) + end)


def _regions(cells: list[_Cell]) -> Iterator[list[_Item | Clash]]:
    clashing = _clashing(cells)
    at = 0
    while at < len(cells):
        end = at
        while end < len(cells) and end in clashing:
            end += 1
        if end > at:
            yield _asked(cells[at:end])
        else:
            cell, end = cells[at], at + 1
            yield [_Item(block, _newcomer(cell)) for block in cell.settled or []]
        at = end


def _newcomer(cell: _Cell) -> str:
    if cell.base or cell.mine == cell.theirs:
        return ""
    return "mine" if cell.mine else "theirs"


def _clashing(cells: list[_Cell]) -> set[int]:
    """The cells that cannot be settled, each with what was put in or taken away right beside it.

    A paragraph that one side parted in two, or joined with the next, is a change of one cell and
    something new or missing beside it: they are chosen together.
    """
    found: set[int] = set()
    for at, cell in enumerate(cells):
        if cell.settled is None or _stands_in_the_void(cells, at):
            found |= {at, *_beside(cells, at, -1), *_beside(cells, at, 1)}
    return found


def _stands_in_the_void(cells: list[_Cell], at: int) -> bool:
    """Whether one side put something beside a block that the other took away: it may have spoken of it."""
    cell = cells[at]
    if cell.base or cell.mine == cell.theirs:
        return False
    around = [cells[near] for near in (at - 1, at + 1) if 0 <= near < len(cells)]
    return any(not (near.theirs if cell.mine else near.mine) for near in around)


def _beside(cells: list[_Cell], at: int, step: int) -> list[int]:
    found: list[int] = []
    passed: list[int] = []
    at += step
    while 0 <= at < len(cells):
        cell = cells[at]
        passed.append(at)
        if cell.was_taken_away or (not cell.base and not cell.is_still):
            found, passed = found + passed, []
        elif not cell.is_still:
            break
        at += step
    return found


def _asked(cells: list[_Cell]) -> list[_Item | Clash]:
    """Clashing cells as one clash, or as several with what both have between them."""
    base, mine, theirs = (
        [block for cell in cells for block in getattr(cell, side)] for side in ("base", "mine", "theirs")
    )
    settled = _Cell(base, mine, theirs).settled
    if settled is not None:
        return [_Item(block) for block in settled]
    head = _common(mine, theirs)
    tail = _common(mine[head:][::-1], theirs[head:][::-1])
    ends = len(mine) - tail, len(theirs) - tail
    inner: list[_Item | Clash]
    if base:
        inner = [_clash(base, mine[head : ends[0]], theirs[head : ends[1]])]
    else:
        inner = _newcomers(mine[head : ends[0]], theirs[head : ends[1]])
    return [*map(_Item, mine[:head]), *inner, *map(_Item, mine[ends[0] :])]


def _common(one: Blocks, other: Blocks) -> int:
    """How many blocks both begin with."""
    shortest = min(len(one), len(other))
    return next((n for n in range(shortest) if one[n] != other[n]), shortest)


def _newcomers(mine: Blocks, theirs: Blocks) -> list[_Item | Clash]:
    """Two rows of new blocks in one place: what both put there stands once, what only one did is kept."""
    found: list[_Item | Clash] = []
    for common, left, right in _runs(mine, theirs):
        found += [_clash([], left, right)] if left and right else [_Item(block) for block in left + right]
        found += [_Item(block) for block in common]
    return found


def _runs(mine: Blocks, theirs: Blocks) -> Iterator[tuple[Blocks, Blocks, Blocks]]:
    """(what follows and is equal, what only mine has, what only theirs has), one after the other."""
    same = alignment.equal([block.html for block in mine], [block.html for block in theirs])
    for at, (left, right, top, bottom) in enumerate(alignment.gaps(same, len(mine), len(theirs))):
        yield ([mine[same[at][0]]] if at < len(same) else []), mine[left:right], theirs[top:bottom]


def _clash(base: Blocks, mine: Blocks, theirs: Blocks) -> Clash:
    both = [block for common, left, right in _runs(mine, theirs) for block in (*left, *right, *common)]
    before, left, right, joined = ("".join(block.html for block in side) for side in (base, mine, theirs, both))
    return Clash(
        key=key_of("body", before, left, right),
        field="body",
        label=_("Text"),
        base=before,
        mine=left,
        theirs=right,
        both=joined if left and right else None,
    )


def _moved_twice(items: list[_Item | Clash]) -> list[_Item | Clash]:
    """A block that the sides moved to different places stands in one of them: which, is asked."""
    new = {
        side: {item.block: at for at, item in enumerate(items) if isinstance(item, _Item) and item.new == side}
        for side in ("mine", "theirs")
    }
    asked = list(items)
    for block in [block for block in new["mine"] if block in new["theirs"] and block.words]:
        key = key_of("body", "moved", block.html, block.html)
        clash = Clash(key, "body", _("A passage that both moved"), block.html, block.html, "")
        asked[new["mine"][block]] = clash
        asked[new["theirs"][block]] = replace(clash, mine="", theirs=block.html)
    return asked


def _told_apart(items: list[_Item | Clash]) -> list[_Item | Clash]:
    """The same three texts can clash in two places: each is asked for itself."""
    seen: dict[str, int] = {}
    told: list[_Item | Clash] = []
    for item in items:
        if isinstance(item, Clash):
            seen[item.key] = seen.get(item.key, 0) + 1
            item = item if seen[item.key] == 1 else replace(item, key=f"{item.key}-{seen[item.key]}")
        told.append(item)
    return told
