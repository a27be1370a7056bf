"""What came back: counted, written to the delivery, and drawn the consequence from.

Hard: the address gets nothing more. Soft: the same after SOFT_DAYS days on which mails came back, within SOFT_WITHIN.
Delay: nothing, for the mail may yet arrive. Complaint: the reader has left everything, and the proof says so.
"""

import hashlib
from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import timedelta

from django.db import IntegrityError, transaction
from django.db.models import Case, F, Q, When

from newsroom.lib import clock
from subscribers import consent
from subscribers.leaving import LEAVABLE
from subscribers.marks import Marked
from subscribers.models import Bounce, Delivery, Issue, Subscriber
from subscribers.sending import codes, outcomes, storms
from subscribers.sending.claiming import Parcel
from subscribers.states import BounceKind, ConsentKind, DeliveryState, SubscriptionState, SuppressionReason

SOFT_DAYS = 5
SOFT_WITHIN = timedelta(days=30)
ARRIVED_AT_ONCE = 500

# What a later word may change; whatever the server said first, a complaint is the last one. A mail service may be
# faster than the worker, which writes down at the end of its batch what it handed over.
_SENT = (DeliveryState.CLAIMED, DeliveryState.HANDED_OVER, DeliveryState.UNCERTAIN)
_OPEN = (*_SENT, DeliveryState.DELIVERED)
_CHANGEABLE = {
    DeliveryState.DELIVERED: _SENT,
    DeliveryState.BOUNCED: _OPEN,
    DeliveryState.COMPLAINED: (*_OPEN, DeliveryState.BOUNCED),
}
# Of what is claimed, only what was begun can have come back. It leaves its batch, and the attempt is counted.
_BEGUN = Q(batch=None) | Q(batch__begun__gte=F("pk"))
_LEAVING = {"attempts": Case(When(batch=None, then=F("attempts")), default=F("attempts") + 1), "batch": None}
_BECOMES = {
    BounceKind.HARD: DeliveryState.BOUNCED,
    BounceKind.SOFT: DeliveryState.BOUNCED,
    BounceKind.COMPLAINT: DeliveryState.COMPLAINED,
}


@dataclass(frozen=True)
class Report:
    """What somebody tells of a mail. `source` is the same each time the same thing is told."""

    kind: BounceKind
    way: str
    source: str
    status: str = ""
    said: str = ""
    marked: Marked | None = None
    address: str = ""  # as compared (emails.parse), where there is no mark

    @property
    def is_proven(self) -> bool:
        """Whether nobody else than a mail server or a mail service can have made it up."""
        return self.way != "mail" or (self.marked is not None and self.marked.of_envelope)


def file(report: Report) -> bool:
    """Keep a report and do what follows. Returns False if it was known, or is about nobody we know."""
    if report.kind == BounceKind.DELAY:
        return False
    with transaction.atomic():
        subscriber = _subscriber(report)  # held before the delivery, as by who erases both
        delivery = _delivery(report)
        if subscriber is None or not _keep(report, subscriber, delivery):
            return False
        if delivery:
            move(delivery, _BECOMES[report.kind], report.said)
        _draw_consequence(report, subscriber)
    if delivery:
        storms.watch(Issue.objects.get(pk=delivery.issue_id))
    return True


def arrived(*told: Marked) -> int:
    """A mail service says that these mails were delivered. Returns of how many that was not known, and can be.

    Most of what services tell is this, in batches of hundreds: a few statements for ARRIVED_AT_ONCE of them.
    """
    of_issues: dict[int, list[int]] = defaultdict(list)
    for marked in told:
        of_issues[marked.issue].append(marked.subscriber)
    return sum(
        _arrived(issue, readers[first : first + ARRIVED_AT_ONCE])
        for issue, readers in of_issues.items()
        for first in range(0, len(readers), ARRIVED_AT_ONCE)
    )


@transaction.atomic
def _arrived(issue: int, readers: list[int]) -> int:
    open_ = Delivery.objects.filter(issue=issue, subscriber__in=readers, state__in=_CHANGEABLE[DeliveryState.DELIVERED])
    # Held in one order, so that two batches that name the same deliveries wait for each other.
    before = dict(open_.filter(_BEGUN).order_by("pk").select_for_update(of=("self",)).values_list("pk", "state"))
    Delivery.objects.filter(pk__in=before).update(state=DeliveryState.DELIVERED, changed_at=clock.now(), **_LEAVING)
    left = {DeliveryState(state): -count for state, count in Counter(before.values()).items()}
    outcomes.add(issue, {**left, DeliveryState.DELIVERED: len(before)})
    return len(before)


def refused(parcel: Parcel, said: str) -> None:
    """The mail server did not take the mail for good. The delivery says so already."""
    status = codes.status_in(said)
    kind = codes.kind_of(status, said)
    subscriber, delivery = parcel.subscription.subscriber, Delivery.objects.get(pk=parcel.delivery)
    report = Report(kind, "smtp", f"smtp:{parcel.delivery}:{delivery.attempts}", status, said)
    with transaction.atomic():
        if _keep(report, subscriber, delivery):
            _draw_consequence(report, subscriber)


def move(delivery: Delivery, state: DeliveryState, said: str) -> bool:
    """Give a delivery that was handed over another state, and keep the sums. False if that may not be."""
    rows = Delivery.objects.filter(_BEGUN, pk=delivery.pk, state=delivery.state, state__in=_CHANGEABLE[state])
    answer = outcomes.answer_of(said)
    fields = {"answer": answer} if answer else {}
    if not rows.update(state=state, changed_at=clock.now(), **_LEAVING, **fields):
        return False
    outcomes.add(delivery.issue_id, {DeliveryState(delivery.state): -1, state: 1})
    return True


def _subscriber(report: Report) -> Subscriber | None:
    found = Subscriber.objects.select_for_update(no_key=True)
    if report.marked:
        return found.filter(pk=report.marked.subscriber).first()
    return found.filter(email_norm=report.address).first() if report.address else None


def _delivery(report: Report) -> Delivery | None:
    return _find(report.marked) if report.marked else None


def _find(marked: Marked) -> Delivery | None:
    found = Delivery.objects.filter(issue=marked.issue, subscriber=marked.subscriber)
    return found.select_for_update(of=("self",)).first()


def _keep(report: Report, subscriber: Subscriber, delivery: Delivery | None) -> bool:
    try:
        with transaction.atomic():
            Bounce.objects.create(
                subscriber=subscriber,
                delivery=delivery,
                kind=report.kind,
                status=report.status,
                said=outcomes.answer_of(report.said),
                way=report.way,
                source=hashlib.sha256(report.source.encode("utf-8", "replace")).hexdigest(),
                at=clock.now(),
            )
    except IntegrityError:
        return False
    return True


def _draw_consequence(report: Report, subscriber: Subscriber) -> None:
    if report.kind == BounceKind.COMPLAINT:
        _complained(subscriber, barring=report.is_proven)
    elif report.kind == BounceKind.HARD or _soft_too_often(subscriber):
        consent.suppress(subscriber.email_norm, reason=SuppressionReason.BOUNCED)


def _soft_too_often(subscriber: Subscriber) -> bool:
    """Whether mails came back on so many days of the last ones; several on one day count once."""
    recent = Bounce.objects.filter(subscriber=subscriber, kind=BounceKind.SOFT, at__gt=clock.now() - SOFT_WITHIN)
    return len({at.date() for at in recent.order_by("-at").values_list("at", flat=True)[:500]}) >= SOFT_DAYS


def _complained(subscriber: Subscriber, *, barring: bool) -> None:
    """A complaint ends everything: whoever calls one newsletter spam wants no other one.

    Barred is the address only by one that is proven: whoever was forwarded a mail can write the other ones, and so
    its reader may subscribe again.
    """
    if barring:
        consent.suppress(subscriber.email_norm, reason=SuppressionReason.COMPLAINED)
    for subscription in subscriber.subscriptions.filter(state__in=LEAVABLE).select_related("newsletter"):
        subscriber.subscriptions.filter(pk=subscription.pk).update(
            state=SubscriptionState.UNSUBSCRIBED, since=clock.now(), paused_until=None
        )
        consent.record(ConsentKind.COMPLAINED, subscriber.email_norm, subscription.newsletter, way="complaint")
