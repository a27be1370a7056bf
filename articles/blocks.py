"""A body as a row of blocks: paragraphs, headings, lists, tables, figures. What is compared and merged first."""

import re
from collections import Counter
from dataclasses import dataclass
from functools import cached_property

from articles.figures import TAG, Figure, figures
from newsroom.lib import alignment
from newsroom.lib.balance import VOID
from newsroom.lib.html import to_text

# From here on two blocks are told as one that was changed, not as one gone and another come.
LEAST_LIKENESS = 0.4

# One of these in the place of another is compared part by part, and never with anything else.
STRUCTURED = frozenset(["ul", "ol", "dl", "table"])

# Words; where no spaces part them (Chinese, Japanese, Thai, Lao, Khmer, Burmese), characters with their marks.
_UNSPACED = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3005-\u3007\u3040-\u30ff\u31f0-\u31ff"
    "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
)
_MARKS = (
    "\u0e31\u0e34-\u0e3a\u0e47-\u0e4e\u0eb1\u0eb4-\u0ebc\u0ec8-\u0ecd\u102b-\u103e\u1056-\u1059"
    "\u17b4-\u17d3\u3099\u309a\ufe00-\ufe0f\U000e0100-\U000e01ef"
)
_PUNCTUATION = (
    "\u0000-\u002f\u003a-\u0040\u005b-\u0060\u007b-\u00a9\u00ab-\u00b1\u00b4\u00b6-\u00b8\u00bb\u00bf"
    "\u055a-\u055f\u0589\u058a\u05be\u05c0\u05c3\u05f3\u05f4\u060c\u061b\u061e\u061f\u066a-\u066d\u06d4"
    "\u0964\u0965\u0e2f\u0e4f\u0e5a\u0e5b\u104a-\u104f\u17d4-\u17da"
    "\u2010-\u2027\u2030-\u205e\u3000-\u3004\u3008-\u3020\u3030\u303d\u30fb\ufe10-\ufe1f\ufe30-\ufe6f\uff01-\uff0f"
    "\uff1a-\uff20\uff3b-\uff40\uff5b-\uff65"
)
_LETTER = rf"[^\s{_PUNCTUATION}{_UNSPACED}]"
TOKEN = re.compile(
    rf"(?P<word>(?:{_LETTER}+(?:['’]{_LETTER}+|(?<=\d)[.,:]\d+)*)"
    rf"|[\u0e40-\u0e44\u0ec0-\u0ec4]?(?![{_PUNCTUATION}])[{_UNSPACED}][{_MARKS}]*)"
    r"|\s+|.",
    re.DOTALL,
)


@dataclass(frozen=True)
class Block:
    """One block of a body: `name` is its element, or "" for loose text, which only spaces can be."""

    name: str
    html: str

    @cached_property
    def text(self) -> str:
        return to_text(self.html)

    @cached_property
    def words(self) -> Counter[str]:
        return Counter(words(self.text))

    @cached_property
    def figure(self) -> Figure | None:
        """The figure that the block is; None if it is another block."""
        found = figures(self.html) if self.name == "figure" else []
        return found[0] if found else None


def blocks(body: str) -> list[Block]:
    """The blocks of `body`, as newsroom.lib.html.clean returns it; "".join of their HTML is `body` again."""
    found: list[Block] = []
    depth = done = 0
    for tag in TAG.finditer(body):
        closing, name = tag[1], tag[2]
        if not depth and tag.start() > done:
            found.append(Block("", body[done : tag.start()]))
            done = tag.start()
        if name not in VOID:
            depth = max(depth - 1, 0) if closing else depth + 1
        if not depth:
            found.append(Block(name, body[done : tag.end()]))
            done = tag.end()
    if done < len(body):
        found.append(Block("", body[done:]))
    return found


def words(text: str) -> list[str]:
    """The words of plain text, without spaces and punctuation."""
    return [found[0] for found in TOKEN.finditer(text) if found["word"]]


def likeness(one: Block, other: Block) -> float:
    """How much of two blocks is the same, 0 to 1: what share of their words, taken together, both have."""
    if one.figure or other.figure:
        return _figure_likeness(one.figure, other.figure)
    if (one.name in STRUCTURED or other.name in STRUCTURED) and one.name != other.name:
        return 0.0
    total = one.words.total() + other.words.total()
    if not total:
        return float(one.name == other.name)
    common = sum(min(number, other.words[word]) for word, number in one.words.items() if word in other.words)
    share = 2 * common / total
    return max(share, LEAST_LIKENESS) if one.name in STRUCTURED else share


def _figure_likeness(one: Figure | None, other: Figure | None) -> float:
    if one is None or other is None:
        return 0.0
    if one.image_id == other.image_id:
        return 1.0
    return 0.5 if one.caption and one.caption == other.caption else 0.0


def pairs(before: list[Block], after: list[Block]) -> alignment.Pairs:
    """Which blocks belong together: first those that are equal, then between them those that are like."""
    same = alignment.equal([block.html for block in before], [block.html for block in after])
    found = list(same)
    for left, right, top, bottom in alignment.gaps(same, len(before), len(after)):
        found += [(left + i, top + j) for i, j in _alike(before[left:right], after[top:bottom])]
    return sorted(found)


def _alike(before: list[Block], after: list[Block]) -> alignment.Pairs:
    if len(before) == len(after) == 1 and (before[0].name == after[0].name != "figure"):
        return [(0, 0)]  # One rewritten from end to end is still the same place.
    return alignment.like(before, after, likeness, LEAST_LIKENESS)
