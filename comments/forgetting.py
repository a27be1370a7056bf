"""What comments forget by themselves: where they came from, and addresses that were typed and never confirmed."""

from collections.abc import Callable
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from comments.mails import letters
from comments.models import Appeal, Ban, Comment, Commenter, Report
from comments.readers import confirming
from newsroom.lib import clock, throttle

# Long enough to see where a flood came from, and no longer.
NETWORKS_KEPT = timedelta(days=30)


def forget() -> dict[str, int]:
    """Forget what is older than it may be: what it is, and how many there were. Safe to call at any time."""
    now = clock.now()
    return {name: step(now) for name, step in STEPS.items()}


def rehearse() -> dict[str, int]:
    """What `forget` would do now: it is done, and taken back. Counters are not looked at."""
    now = clock.now()
    with transaction.atomic():
        found = {name: step(now) for name, step in STEPS.items() if step is not _counters}
        transaction.set_rollback(True)
    return found


def _comments(now: datetime) -> int:
    return _without_network(Comment.objects.filter(created_at__lt=now - NETWORKS_KEPT))


def _reports(now: datetime) -> int:
    return _without_network(Report.objects.filter(created_at__lt=now - NETWORKS_KEPT))


def _without_network(found: "QuerySet[Comment] | QuerySet[Report]") -> int:
    return found.exclude(address_prefix="", address_hmac="").update(address_prefix="", address_hmac="")


def _reporters(now: datetime) -> int:
    """Where somebody wanted to be told what came of a report; of a comment that may come back, a while longer."""
    objected = Appeal.objects.filter(comment=OuterRef("comment"), closed_at=None)
    over = Q(closed_at__lt=now - NETWORKS_KEPT) & Q(Q(upheld=False) | Q(told_at=None))
    over |= Q(~Exists(objected), closed_at__lt=now - letters.REPORTERS_KEPT)
    return Report.objects.filter(over).exclude(email="").update(email="")


def _confirmations(now: datetime) -> int:
    """As every few minutes. What was written with them goes on as that of an unknown reader."""
    return confirming.give_up()


def _bans(now: datetime) -> int:
    """A network is nobody's for long; a reader's ban is told in their own data."""
    return Ban.objects.filter(ends_at__lt=now - NETWORKS_KEPT).exclude(network="").delete()[0]


def _digests(now: datetime) -> int:
    banned = Ban.objects.in_force(now).filter(commenter__isnull=False).values("commenter")
    return Commenter.objects.exclude(digest="").exclude(pk__in=banned).update(digest="")


def _counters(now: datetime) -> int:
    return throttle.forget()


STEPS: dict[str, Callable[[datetime], int]] = {
    "comments": _comments,
    "reports": _reports,
    "reporters": _reporters,
    "confirmations": _confirmations,
    "bans": _bans,
    "digests": _digests,
    "counters": _counters,
}
