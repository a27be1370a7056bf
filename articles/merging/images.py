"""The images of two contents that grew out of one: the lead image, the gallery, and those in the text."""

from typing import Any

from django.utils.translation import gettext as _

from articles.figures import Figure, figures
from articles.merging.clashes import Clash, key_of
from articles.merging.lists import joined, merged_order
from articles.models import Place

Use = dict[str, Any]
Content = dict[str, Any]

_WORDS = ("caption", "alt", "credit", "decorative", "layout")


def at(place: str, content: Content) -> list[Use]:
    """The uses of images at `place`, in order."""
    return sorted((use for use in content.get("images", []) if use["place"] == place), key=lambda use: use["position"])


def merged_lead(base: list[Use], mine: list[Use], theirs: list[Use]) -> list[Use] | Clash:
    """The lead image (a list of one or none). Of two, both can be kept: then theirs goes to the gallery."""
    if mine == theirs or theirs == base:
        return mine
    if mine == base:
        return theirs
    merged = _merged_words([*base, None][0], [*mine, None][0], [*theirs, None][0])
    if merged is not None:
        return [merged]
    both = None
    if mine and theirs and mine[0]["image"] != theirs[0]["image"]:
        both = [mine[0], theirs[0] | {"place": str(Place.GALLERY)}]
    return Clash(key_of("lead", base, mine, theirs), "lead", _("Lead image"), base, mine, theirs, both)


def merged_gallery(base: list[Use], mine: list[Use], theirs: list[Use]) -> list[Use] | Clash:
    """The gallery, image by image. Where an image, or the order, was changed by both it is asked for as a whole."""
    if mine == theirs or theirs == base:
        return mine
    if mine == base:
        return theirs
    before, left, right = _by_key(base), _by_key(mine), _by_key(theirs)
    order = merged_order(list(before), list(left), list(right))
    if order is not None:
        merged = [_merged_use(before.get(key), left.get(key), right.get(key)) for key in order]
        taken = [key for key in before if key not in order]
        if None not in merged and not any(_was_changed(before[key], left.get(key), right.get(key)) for key in taken):
            return _numbered([use for use in merged if use])
    keys = joined(list(left), list(right))
    both = _numbered([left.get(key) or right[key] for key in keys]) if mine and theirs else None
    if any(key in left and key in right and _words(left[key]) != _words(right[key]) for key in keys):
        both = None  # It would leave out words of theirs.
    return Clash(key_of("gallery", base, mine, theirs), "gallery", _("Gallery"), base, mine, theirs, both)


def _by_key(uses: list[Use]) -> dict[tuple[int, int], Use]:
    """By image, and where one stands there twice, by how many times it stood there before."""
    found: dict[tuple[int, int], Use] = {}
    for use in uses:
        times = sum(image == use["image"] for image, _times in found)
        found[use["image"], times] = use
    return found


def _merged_use(base: Use | None, mine: Use | None, theirs: Use | None) -> Use | None:
    if mine is None or theirs is None:
        return mine or theirs
    return _merged_words(base, mine, theirs)


def _merged_words(base: Use | None, mine: Use | None, theirs: Use | None) -> Use | None:
    """One use with the words that either side changed; None where both changed the same ones, or the image."""
    if mine is None or theirs is None or mine["image"] != theirs["image"]:
        return None
    before = base if base is not None and base["image"] == mine["image"] else {}
    merged = dict(mine)
    for name in _WORDS:
        if mine[name] == theirs[name]:
            continue
        if before.get(name) not in (mine[name], theirs[name]):
            return None
        merged[name] = theirs[name] if mine[name] == before[name] else mine[name]
    return merged


def _words(use: Use) -> list[Any]:
    return [use[name] for name in _WORDS]


def _was_changed(base: Use, mine: Use | None, theirs: Use | None) -> bool:
    """Whether the side that kept it gave it other words, while the other took it out."""
    return any(side is not None and _words(side) != _words(base) for side in (mine, theirs))


def _numbered(uses: list[Use]) -> list[Use]:
    return [use | {"position": position} for position, use in enumerate(uses)]


def beside_text(lead: list[Use], gallery: list[Use]) -> list[Use]:
    """Lead image and gallery as a content lists them. A lead image that stepped back closes the gallery."""
    stepped_back = [use for use in lead if use["place"] == Place.GALLERY]
    shown = {use["image"] for use in gallery}
    last = max((use["position"] for use in gallery), default=-1)
    added = [use for use in stepped_back if use["image"] not in shown]
    return [
        *gallery,
        *(use | {"position": last + 1 + number} for number, use in enumerate(added)),
        *(use for use in lead if use["place"] == Place.LEAD),
    ]


def in_text(body: str, base: Content, mine: Content, theirs: Content) -> list[Use]:
    """The uses that follow the figures of `body`, with the words that readers get of each.

    Where a figure has none of its own they are the library's, as the later of the sides found them.
    """
    library = [_library_words(content) for content in (base, mine, theirs)]
    known = {use["image"] for content in (mine, theirs) for use in content.get("images", [])}
    return [
        _use(figure, position, *(words.get(figure.image_id, {}) for words in library))
        for position, figure in enumerate(figures(body))
        if figure.image_id in known
    ]


def _library_words(content: Content) -> dict[int, dict[str, Any]]:
    """What the library said of each image when `content` was saved, as far as its uses tell."""
    found: dict[int, dict[str, Any]] = {}
    uses = {use["position"]: use for use in content.get("images", []) if use["place"] == Place.TEXT}
    for position, figure in enumerate(figures(content.get("body", ""))):
        use = uses.get(position)
        if use is None or use["image"] != figure.image_id:
            continue
        words = found.setdefault(figure.image_id, {})
        for name in ("caption", "credit"):
            if not getattr(figure, name):
                words[name] = use[name]
        if not figure.decorative:
            words["decorative"] = use["decorative"]
            if not figure.alt and not use["decorative"]:
                words["alt"] = use["alt"]
    return found


def _use(figure: Figure, position: int, base: Content, mine: Content, theirs: Content) -> Use:
    def library(name: str) -> Any:
        changed = theirs if name in theirs and (name not in mine or mine[name] == base.get(name)) else mine
        return changed.get(name, False if name == "decorative" else "")

    decorative = figure.decorative or library("decorative")
    return {
        "image": figure.image_id,
        "place": str(Place.TEXT),
        "position": position,
        "caption": figure.caption or library("caption"),
        "alt": "" if decorative else figure.alt or library("alt"),
        "credit": figure.credit or library("credit"),
        "decorative": decorative,
        "layout": figure.layout,
    }
