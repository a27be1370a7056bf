"""Two contents that grew out of one, made one again: field by field, the body block by block.

Pure: contents (as articles.revisions.content_of makes them) in, a content or the clashes out. Where
both sides changed the same thing in different ways nobody but an editor can say what is right, and
nothing is lost without being asked.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.text import capfirst
from django.utils.translation import gettext as _

from articles.merging.bodies import merged_text
from articles.merging.clashes import BOTH, MINE, THEIRS, Clash, Undecided, key_of
from articles.merging.images import at, beside_text, in_text, merged_gallery, merged_lead
from articles.merging.lists import joined, merged_order
from articles.models import Article, Place
from newsroom.lib.html import clean

__all__ = ["BOTH", "MINE", "THEIRS", "Clash", "Merge", "Undecided", "merge"]

Content = dict[str, Any]
Part = Any  # A value, or a Clash in its place.

# In the order in which an article is read, which is the order of the clashes.
_ORDER = (
    "kicker",
    "headline",
    "standfirst",
    "lead",
    "body",
    "gallery",
    "bylines",
    "section",
    "language",
    "tags",
    "slug",
)


@dataclass(frozen=True)
class Merge:
    """What became of it: `content` where nothing clashed, else `clashes` to be decided in `resolved`."""

    # Field -> its parts in order; but for the body each has one. "lead" and "gallery" stand for "images".
    parts: dict[str, list[Part]]
    base: Content
    mine: Content
    theirs: Content

    @property
    def clashes(self) -> list[Clash]:
        """What has to be decided, in the order of reading."""
        found: dict[str, Clash] = {}
        for name in sorted(self.parts, key=lambda name: _ORDER.index(name) if name in _ORDER else len(_ORDER)):
            for part in self.parts[name]:
                if isinstance(part, Clash):
                    found.setdefault(part.key, part)
        return list(found.values())

    @property
    def content(self) -> Content | None:
        """The merged content; None while there are clashes."""
        return None if self.clashes else self.resolved({})

    def resolved(self, choices: Mapping[str, str]) -> Content:
        """The merged content with each clash decided: {key of the clash: "mine", "theirs" or "both"}.

        Raises Undecided where a choice is missing or is not among what its clash offers.
        """
        whole = self._one_side()
        if whole is not None:
            return whole
        values = {name: [_chosen(part, choices) for part in parts] for name, parts in self.parts.items()}
        content = {name: parts[0] for name, parts in values.items() if name not in ("body", "lead", "gallery")}
        body = clean("".join(values["body"]))
        beside = beside_text(values["lead"][0], values["gallery"][0])
        images = beside + in_text(body, self.base, self.mine, self.theirs)
        schema = max(side.get("schema", 1) for side in (self.mine, self.theirs))
        return content | {"schema": schema, "body": body, "images": images}

    def _one_side(self) -> Content | None:
        """Where only one side did anything, exactly what it did."""
        if self.mine == self.theirs or self.theirs == self.base:
            return dict(self.mine)
        return dict(self.theirs) if self.mine == self.base else None


def merge(base: Content | None, mine: Content, theirs: Content) -> Merge:
    """What both `mine` and `theirs` made of `base`, their common ancestor (None: they have none).

    What one side alone changed is taken from it. With no ancestor, what only one side has is kept.
    """
    before = base or {}
    apart = {"schema", "body", "images", "bylines", "tags"}
    names = [name for name in {**before, **mine, **theirs} if name not in apart]
    parts: dict[str, list[Part]] = {
        name: [_merged_value(name, *(side.get(name) for side in (before, mine, theirs)))] for name in names
    }
    parts["bylines"] = [_merged_bylines(*(side.get("bylines", []) for side in (before, mine, theirs)))]
    parts["tags"] = [_merged_set(*(set(side.get("tags", [])) for side in (before, mine, theirs)))]
    parts["body"] = list(merged_text(*(side.get("body", "") for side in (before, mine, theirs))))
    parts["lead"] = [merged_lead(*(at(Place.LEAD, side) for side in (before, mine, theirs)))]
    parts["gallery"] = [merged_gallery(*(at(Place.GALLERY, side) for side in (before, mine, theirs)))]
    return Merge(parts, before, mine, theirs)


def label_of(field: str) -> str:
    """What editors call a field of a content."""
    named = {"bylines": _("Byline"), "lead": _("Lead image"), "gallery": _("Gallery"), "tags": _("Topics")}
    if field in named:
        return named[field]
    about: Any = Article._meta.get_field(field)
    return capfirst(str(about.verbose_name))


def _chosen(part: Part, choices: Mapping[str, str]) -> Any:
    return part.value(choices) if isinstance(part, Clash) else part


def _merged_value(field: str, base: Any, mine: Any, theirs: Any) -> Part:
    if mine == theirs or theirs == base or (base is None and theirs == ""):
        return mine
    if mine == base or (base is None and mine == ""):
        return theirs
    both = f"{mine} {theirs}" if field == "standfirst" and mine and theirs else None
    return _clash(field, base, mine, theirs, both)


def _merged_bylines(base: list[int], mine: list[int], theirs: list[int]) -> Part:
    merged = merged_order(base, mine, theirs)
    return merged if merged is not None else _clash("bylines", base, mine, theirs, joined(mine, theirs))


def _merged_set(base: set[int], mine: set[int], theirs: set[int]) -> list[int]:
    return sorted((mine & theirs) | (mine - base) | (theirs - base))


def _clash(field: str, base: Any, mine: Any, theirs: Any, both: Any = None) -> Clash:
    return Clash(key_of(field, base, mine, theirs), field, label_of(field), base, mine, theirs, both)
