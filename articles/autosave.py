"""What was typed and not saved yet: one slot for each editor, article and window.

A window is one opened form, named by its browser. As its editor types it writes its slot over; when it saves, or its
text is discarded, the slot is emptied in the same transaction and stays behind as a mark: what comes late from that
window is no news, and copies that a browser still holds of it may go.
"""

from collections.abc import Collection, Iterable
from datetime import timedelta
from enum import StrEnum
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from articles.models import Article, Autosave, Revision
from newsroom.lib import clock
from newsroom.models import User

# How many texts of one editor are kept for one article, and how long each.
SLOTS = 10
KEPT_FOR = timedelta(days=30)
# The number of an emptied slot: nothing that its window sends counts further.
SETTLED = 2**31 - 1

# The form as it stood: [name, value] of each field; [name, value, label] of a choice that was made from a search.
Typed = list[list[str]]


class Verdict(StrEnum):
    """What became of a packet."""

    KEPT = "kept"
    LATE = "late"  # something typed after it was here before
    SETTLED = "settled"  # its window saved, or its text was discarded


def keep(
    user: User, article: Article | None, *, window: str, number: int, typed: Typed, based_on: int | None = None
) -> Verdict:
    """Keep what `user` typed in `window`, unless a packet with a higher number was here before.

    `article` is None while it was never saved; `based_on` is the key of the revision that the form began from.
    Makes no revision, and touches nothing that readers see.
    """
    fields: dict[str, Any] = {
        "typed": typed,
        "based_on_id": _revision_of(article, based_on),
        "number": number,
        "at": clock.now(),
    }
    own = Autosave.objects.filter(author=user, article=article, window=window)
    if own.filter(number__lt=number).update(**fields):
        return Verdict.KEPT
    if not own.exists() and not _is_settled(user, window) and _made(user, article, window, fields):
        return Verdict.KEPT
    # Perhaps made in this very moment by another packet of the same window.
    if own.filter(number__lt=number).update(**fields):
        return Verdict.KEPT
    return Verdict.SETTLED if _is_settled(user, window) else Verdict.LATE


def slots_of(user: User, article: Article | None) -> QuerySet[Autosave]:
    """What `user` typed of `article` and did not save, newest first; of all that were never saved, for None."""
    return Autosave.objects.filter(author=user, article=article).exclude(number=SETTLED)


def unsaved_of(user: User) -> QuerySet[Autosave]:
    """What `user` typed anywhere and did not save, newest first."""
    return Autosave.objects.filter(author=user).exclude(number=SETTLED)


def settle(user: User, article: Article, *, window: str, restored: Iterable[tuple[str, int]] = ()) -> None:
    """`window` saves `article`: empty its slot, and each that it took its text from, by (window, number).

    A restored slot stays where something was typed in its own window since. Called in the transaction of the save.
    """
    now = clock.now()
    Autosave.objects.filter(author=user, article=None, window=window).delete()
    mark = Autosave(author=user, article=article, window=window, number=SETTLED, at=now)
    # One statement: a packet that comes from the same window at the same moment must not fail the save.
    Autosave.objects.bulk_create(
        [mark],
        update_conflicts=True,
        unique_fields=["author", "article", "window"],
        update_fields=["typed", "number", "based_on", "at"],
    )
    for other, number in restored:
        slots = Autosave.objects.filter(author=user, window=other, number__lte=number)
        if not slots.update(typed=[], number=SETTLED, based_on=None, at=now) and not _has_slot(user, other):
            # Only its browser ever had it, and learns by this that it may go.
            Autosave.objects.create(author=user, article=article, window=other, number=SETTLED, at=now)


def forget(user: User, article: Article | None, windows: Collection[str]) -> int:
    """Discard what `user` typed in these windows; how many slots that emptied."""
    slots = slots_of(user, article).filter(window__in=windows)
    return slots.update(typed=[], number=SETTLED, based_on=None, at=clock.now())


def settled(user: User, windows: Collection[str]) -> list[str]:
    """Those of `windows` whose text was saved or discarded."""
    marks = Autosave.objects.filter(author=user, window__in=windows, number=SETTLED)
    return sorted(set(marks.values_list("window", flat=True)))


def saved_as(user: User, window: str) -> Article | None:
    """The article as which `window`, in which a new one was written, was saved already."""
    mark = Autosave.objects.filter(author=user, window=window, number=SETTLED, article__isnull=False)
    found = mark.select_related("article").first()
    return found.article if found else None


def purge() -> int:
    """Delete slots that nobody asked for in KEPT_FOR; how many there were."""
    return Autosave.objects.filter(at__lt=clock.now() - KEPT_FOR).delete()[0]


def _is_settled(user: User, window: str) -> bool:
    """Whether the window saved, be it as another article: one that was new until then."""
    return Autosave.objects.filter(author=user, window=window, number=SETTLED).exists()


def _has_slot(user: User, window: str) -> bool:
    return Autosave.objects.filter(author=user, window=window).exists()


def _revision_of(article: Article | None, key: int | None) -> int | None:
    """`key`, if it is one of the article's own revisions."""
    own = Revision.objects.filter(article=article, pk=key) if article and key else Revision.objects.none()
    return own.values_list("pk", flat=True).first()


def _made(user: User, article: Article | None, window: str, fields: dict[str, Any]) -> bool:
    """Whether a slot of its own was made for the window. The oldest of too many goes."""
    try:
        with transaction.atomic():
            slot = Autosave.objects.create(author=user, article=article, window=window, **fields)
    except IntegrityError:
        return False
    spare = slots_of(user, article).exclude(pk=slot.pk).values_list("pk", flat=True)[SLOTS - 1 :]
    Autosave.objects.filter(pk__in=list(spare)).delete()
    return True
