"""What changed between two contents: blocks first, then words within the blocks that changed.

For colleagues and for readers. Whatever the contents hold, the HTML made of them holds elements of the
allow-list, <ins> and <del>, and nothing else.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from itertools import groupby
from typing import Any, TypeVar

from django.conf import settings
from django.utils.html import escape, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import get_language_info, ngettext
from django.utils.translation import gettext as _

from articles.blocks import Block as TextBlock
from articles.blocks import blocks, pairs
from articles.diff import figures as diff_figures
from articles.diff import wording
from articles.diff.bodies import Differ
from articles.diff.figures import Pictures, figure_of, with_words
from articles.diff.wording import ADDED, REMOVED
from articles.figures import Figure
from articles.merging import label_of
from articles.models import Author, Place, Section, Tag
from newsroom.lib import alignment
from newsroom.lib.html import clean

Content = dict[str, Any]
Thing = TypeVar("Thing")

# What readers meet, in the order of reading; and what only colleagues ask about.
FOR_READERS = ("kicker", "headline", "standfirst", "lead", "gallery", "bylines", "section", "tags")
FOR_COLLEAGUES = (*FOR_READERS, "language", "slug", "translation_group")
# Unchanged blocks in a row that are folded away, and those beside a change that are not.
_FOLDED, _BESIDE = 4, 1

# Of a block; ADDED and REMOVED besides.
SAME, CHANGED = "same", "changed"


@dataclass(frozen=True)
class Field:
    """A field that differs. `html` shows the difference; `before` and `after` are plain words."""

    name: str
    label: str
    before: str
    after: str
    html: SafeString
    added: int = 0
    removed: int = 0


@dataclass(frozen=True)
class Block:
    """A block of either body. `name` is its element; `note` says what the words alone do not show."""

    change: str
    name: str
    html: SafeString
    note: str = ""
    added: int = 0
    removed: int = 0


@dataclass(frozen=True)
class Run:
    """Blocks in a row; `folded`: many unchanged ones, of which `title` says how many."""

    blocks: list[Block]
    folded: bool = False

    @property
    def title(self) -> str:
        number = len(self.blocks)
        return ngettext("%(number)d unchanged paragraph", "%(number)d unchanged paragraphs", number) % {
            "number": number
        }


@dataclass(frozen=True)
class Comparison:
    """Two contents side by side. `fields` holds those that differ, `blocks` the whole text."""

    fields: list[Field]
    blocks: list[Block]
    language: str = ""
    words_added: int = field(init=False)
    words_removed: int = field(init=False)

    def __post_init__(self) -> None:
        parts: list[Field | Block] = [*self.fields, *self.blocks]
        object.__setattr__(self, "words_added", sum(part.added for part in parts))
        object.__setattr__(self, "words_removed", sum(part.removed for part in parts))

    @property
    def changed(self) -> bool:
        return bool(self.fields) or self.body_changed

    @property
    def body_changed(self) -> bool:
        return any(block.change != SAME for block in self.blocks)

    @property
    def direction(self) -> str:
        """ "rtl" or "ltr": that of the text, whatever the page around it is written in."""
        if self.language not in dict(settings.LANGUAGES):
            return "auto"
        return "rtl" if get_language_info(self.language)["bidi"] else "ltr"

    @cached_property
    def runs(self) -> list[Run]:
        """The blocks in order, with long stretches of unchanged ones folded."""
        found: list[Run] = []
        groups = [(same, list(group)) for same, group in groupby(self.blocks, key=lambda block: block.change == SAME)]
        for place, (same, group) in enumerate(groups):
            head = _BESIDE if place else 0
            tail = len(group) - (_BESIDE if place < len(groups) - 1 else 0)
            if same and tail - head >= _FOLDED:
                found += [Run(group[:head]), Run(group[head:tail], folded=True), Run(group[tail:])]
            else:
                found.append(Run(group))
        return [run for run in found if run.blocks]

    @property
    def summary(self) -> str:
        """How many words came and went, as a sentence."""
        if not self.changed:
            return _("Nothing differs.")
        if not (self.words_added or self.words_removed):
            return _("No words differ.")
        added = ngettext("%(number)d word added", "%(number)d words added", self.words_added)
        removed = ngettext("%(number)d word removed", "%(number)d words removed", self.words_removed)
        said = {"added": added % {"number": self.words_added}, "removed": removed % {"number": self.words_removed}}
        return _("%(added)s, %(removed)s.") % said


@dataclass(frozen=True)
class Names:
    """What sections, authors and topics are called today. Those that are gone have no name any more."""

    sections: Mapping[int, str] = field(default_factory=dict)
    authors: Mapping[int, str] = field(default_factory=dict)
    tags: Mapping[int, str] = field(default_factory=dict)

    @classmethod
    def of(cls, contents: Iterable[Content | None]) -> "Names":
        """All names that `contents` ask for, in at most three queries."""
        held = [content for content in contents if content]
        sections = {content.get("section") for content in held} - {None}
        authors = {key for content in held for key in content.get("bylines", [])}
        tags = {key for content in held for key in content.get("tags", [])}
        return cls(_names(Section, sections), _names(Author, authors), _names(Tag, tags))


def _names(model: Any, keys: set[Any]) -> dict[int, str]:
    return dict(model.objects.filter(pk__in=keys).values_list("pk", "name")) if keys else {}


def compare(
    before: Content | None,
    after: Content,
    *,
    names: Names | None = None,
    pictures: Pictures | None = None,
    fields: tuple[str, ...] = FOR_READERS,
) -> Comparison:
    """What `after` is to `before` (None: nothing; all of it is new).

    `names` is asked what keys are called; without it the database is, by up to three queries, for those
    that differ. `pictures` says what to show of an image: {key: safe HTML}; without it words alone.
    """
    old, new = before or {}, after
    changed = [name for name in fields if _value(old, name) != _value(new, name)]
    known = names or Names.of([_only(old, changed), _only(new, changed)])
    shown = pictures or {}
    told = [_field(name, old, new, known, shown) for name in changed]
    return Comparison(told, _body(old, new, shown), new.get("language", ""))


def _only(content: Content, names: list[str]) -> Content:
    return {name: content[name] for name in names if name in content}


# Fields -------------------------------------------------------------------------------------


def _value(content: Content, name: str) -> Any:
    if name in (Place.LEAD, Place.GALLERY):
        uses = [use for use in content.get("images", []) if use["place"] == name]
        return [figure_of(use) for use in sorted(uses, key=lambda use: use["position"])]
    return content.get(name) or ([] if name in ("bylines", "tags") else "")


def _field(name: str, before: Content, after: Content, names: Names, shown: Pictures) -> Field:
    old, new = _value(before, name), _value(after, name)
    label = label_of(name)
    if name in (Place.LEAD, Place.GALLERY):
        return _picture_field(name, label, old, new, shown)
    if name in ("bylines", "tags"):
        called = names.authors if name == "bylines" else names.tags
        return _list_field(name, label, *([called.get(key, _("(deleted)")) for key in side] for side in (old, new)))
    if name in ("section", "language"):
        one, other = (_choice(name, value, names) for value in (old, new))
        return Field(name, label, one, other, wording.replaced(one, other))
    told = wording.compared(escape(old), escape(new))
    return Field(name, label, str(old), str(new), told.html, told.added, told.removed)


def _choice(name: str, value: Any, names: Names) -> str:
    if not value:
        return ""
    if name == "section":
        return names.sections.get(value, _("(deleted)"))
    return str(dict(settings.LANGUAGES).get(value, value))


def _list_field(name: str, label: str, before: list[str], after: list[str]) -> Field:
    pieces = [
        wording.replaced(gone or "", come or "") if gone != come else escape(gone)
        for gone, come in _beside_each_other(before, after, before, after)
    ]
    return Field(
        name, label, ", ".join(before), ", ".join(after), format_html_join(" · ", "{}", ((piece,) for piece in pieces))
    )


def _picture_field(name: str, label: str, before: list[Figure], after: list[Figure], shown: Pictures) -> Field:
    rows = _beside_each_other(before, after, *([figure.image_id for figure in side] for side in (before, after)))
    if len(before) == len(after) == 1:
        rows = [(before[0], after[0])]
    told = [diff_figures.compared(gone, come, shown) for gone, come in rows if gone != come]
    old, new = (" · ".join(figure.alt or figure.caption_text for figure in side) for side in (before, after))
    html = format_html_join("", "{}", ((picture.html,) for picture in told))
    if before and after and not told:
        html = escape(_("Only their order changed."))
    return Field(name, label, old, new, html, sum(one.added for one in told), sum(one.removed for one in told))


def _beside_each_other(
    before: list[Thing], after: list[Thing], keys_before: list[Any], keys_after: list[Any]
) -> list[tuple[Thing | None, Thing | None]]:
    """Both lists in one: what has the same key as a pair, what only one has alone."""
    same = alignment.equal(keys_before, keys_after)
    rows: list[tuple[Thing | None, Thing | None]] = []
    for at, (left, right, top, bottom) in enumerate(alignment.gaps(same, len(before), len(after))):
        rows += [(gone, None) for gone in before[left:right]]
        rows += [(None, come) for come in after[top:bottom]]
        rows += [(before[same[at][0]], after[same[at][1]])] if at < len(same) else []
    return rows


# The text -----------------------------------------------------------------------------------


def _body(before: Content, after: Content, shown: Pictures) -> list[Block]:
    # A body was cleaned when it was saved, perhaps by a more lenient table than today's.
    old, new = (blocks(with_words(clean(side.get("body", "")), side)) for side in (before, after))
    differ = Differ(shown)
    together = pairs(old, new)
    found: list[Block] = []
    for at, (left, right, top, bottom) in enumerate(alignment.gaps(together, len(old), len(new))):
        found += [_alone(gone, REMOVED, differ) for gone in old[left:right]]
        found += [_alone(come, ADDED, differ) for come in new[top:bottom]]
        if at < len(together):
            found.append(_pair(old[together[at][0]], new[together[at][1]], differ))
    return [block for block in found if block.name]


def _alone(block: TextBlock, change: str, differ: Differ) -> Block:
    told = differ.marked(block, change)
    return Block(change, block.name, told.html, "", told.added, told.removed)


def _pair(old: TextBlock, new: TextBlock, differ: Differ) -> Block:
    if old == new:
        return Block(SAME, new.name, differ.unmarked(new).html)
    told = differ.compared(old, new)
    note = "" if told.marks else _("Only its form changed.")
    return Block(CHANGED, new.name, told.html, note, told.added, told.removed)
