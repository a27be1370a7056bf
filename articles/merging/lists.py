"""Lists of keys that grew out of one: bylines and the order of a gallery."""

from collections.abc import Hashable
from typing import TypeVar

Key = TypeVar("Key", bound=Hashable)


def merged_order(base: list[Key], mine: list[Key], theirs: list[Key]) -> list[Key] | None:
    """All that either side put in, without what either took out, in the order of whoever changed the order.

    None where that cannot be told: both put different keys in the place of the same one, or both
    changed the order in different ways. No list names a key twice.
    """
    if mine == theirs or theirs == base:
        return mine
    if mine == base:
        return theirs
    if _replaced_alike(set(base), set(mine), set(theirs)):
        return None
    everywhere = set(base) & set(mine) & set(theirs)
    orders = [[key for key in side if key in everywhere] for side in (base, mine, theirs)]
    if orders[0] not in orders[1:] and orders[1] != orders[2]:
        return None
    leading, other = (theirs, mine) if orders[1] == orders[0] else (mine, theirs)
    kept = everywhere | set(mine) - set(base) | set(theirs) - set(base)
    return _with_newcomers([key for key in leading if key in kept], [key for key in other if key in kept])


def _replaced_alike(base: set[Key], mine: set[Key], theirs: set[Key]) -> bool:
    gone = base - mine - theirs
    return bool(gone) and mine - base != theirs - base and bool(mine - base) and bool(theirs - base)


def _with_newcomers(leading: list[Key], other: list[Key]) -> list[Key]:
    """`leading` with what only `other` has, each behind the one that it stands behind there."""
    merged = list(leading)
    for at, key in enumerate(other):
        if key not in merged:
            merged.insert(merged.index(other[at - 1]) + 1 if at else 0, key)
    return merged


def joined(mine: list[Key], theirs: list[Key]) -> list[Key]:
    """Both, one after the other, each key once."""
    return list(dict.fromkeys([*mine, *theirs]))
