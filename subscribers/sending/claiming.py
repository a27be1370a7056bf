"""Taking deliveries to send: each goes to one worker, and only to readers who still want it.

A claim is one transaction. What stands in it was queued or due again at that moment, its reader is subscribed and
not suppressed, and newsletter and domain may send it now.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import F, Min

from newsroom.lib import clock
from newsroom.lib.emails import mailbox
from subscribers import proofs
from subscribers.models import Batch, Delivery, DomainLimit, Issue, Sending, Subscription, Suppression
from subscribers.models.newsletter import Newsletter
from subscribers.sending import durability, pacing
from subscribers.states import DeliveryState, IssueState, SubscriptionState

# Longer than the mail server may take over one message, with every step of it at the limit of EMAIL_TIMEOUT.
LEASE = timedelta(minutes=5)
# In the order in which they are taken: new ones first, so that nobody waits for those who are hard to reach.
TO_SEND = (DeliveryState.QUEUED, DeliveryState.DEFERRED)


# Of a subscription to make its mail; dates would take longer to read than all of this.
NEEDED = ("newsletter", *(f"subscriber__{name}" for name in ("email", "email_norm", "language", "token_version")))


@dataclass(frozen=True)
class Parcel:
    """A claimed delivery, and the subscription that it goes to, with its subscriber."""

    delivery: int
    attempts: int
    subscription: Subscription
    hmacs: tuple[str, ...]  # of its address, to look for a suppression

    @property
    def to(self) -> str:
        subscriber = self.subscription.subscriber
        return mailbox(subscriber.email, subscriber.email_norm)


@dataclass(frozen=True)
class Claim:
    """A batch and what is in it, in the order in which it is sent."""

    batch: Batch
    parcels: list[Parcel]


@transaction.atomic
def claim(issue: Issue, worker: str, most: int) -> Claim | None:
    """Take up to `most` deliveries of `issue` for `worker`. None if there is nothing to send at this moment."""
    now = clock.now()
    keys = _take_keys(issue, most, now)
    if not keys:
        return None
    batch = Batch.objects.create(
        issue=issue, worker=worker, run=durability.run(), started_at=now, lease_until=now + LEASE
    )
    taken = Delivery.objects.filter(pk__in=keys, state__in=TO_SEND)
    before = dict(taken.values_list("pk", "state"))
    taken.update(state=DeliveryState.CLAIMED, batch=batch, changed_at=now)
    parcels = _wanted(issue, batch)
    skipped = Delivery.objects.filter(batch=batch).exclude(pk__in=[parcel.delivery for parcel in parcels])
    unwanted = skipped.update(state=DeliveryState.SKIPPED, batch=None, changed_at=now)
    deferred = sum(state == DeliveryState.DEFERRED for state in before.values())
    Sending.objects.filter(pk=issue.pk).update(
        queued=F("queued") - (len(before) - deferred),
        deferred=F("deferred") - deferred,
        claimed=F("claimed") + len(parcels),
        skipped=F("skipped") + unwanted,
    )
    return Claim(batch, parcels)


def _take_keys(issue: Issue, most: int, now: datetime) -> list[int]:
    """Keys of what may go now, locked against other workers. Each lane has its own limit besides the newsletter's."""
    newsletter = pacing.allowance(pacing.of_newsletter(issue.newsletter_id), issue.newsletter.per_minute, now)
    room, keys = min(most, newsletter.room), list[int]()
    for lane, per_minute in _lanes(issue):
        domain = pacing.allowance(pacing.of_domain(lane), per_minute, now)
        found = _keys_in(issue, lane, min(room, domain.room), now)
        domain.used(len(found))
        keys += found
        room -= len(found)
    newsletter.used(len(keys))
    return keys


def _lanes(issue: Issue) -> list[tuple[str, int]]:
    """The domains told apart when the deliveries were made, and how many a minute each gets now (0: no limit)."""
    lanes = Sending.objects.values_list("lanes", flat=True).get(pk=issue.pk)
    limits = dict(DomainLimit.objects.filter(domain__in=lanes).values_list("domain", "per_minute")) if lanes[1:] else {}
    return [(lane, limits.get(lane, 0)) for lane in lanes]


def _keys_in(issue: Issue, lane: str, room: int, now: datetime) -> list[int]:
    keys: list[int] = []
    for state in TO_SEND:
        if len(keys) < room:
            due = Delivery.objects.filter(issue=issue, state=state, lane=lane, next_try_at__lte=now)
            free = due.select_for_update(skip_locked=True, of=("self",)).order_by("next_try_at")
            keys += free.values_list("pk", flat=True)[: room - len(keys)]
    return keys


def _wanted(issue: Issue, batch: Batch) -> list[Parcel]:
    """What of the batch goes to readers who are subscribed and not suppressed at this moment."""
    deliveries = list(batch.deliveries.order_by("pk").values_list("pk", "attempts", "subscriber"))
    active = (
        Subscription.objects.select_related("subscriber")
        .only(*NEEDED)
        .filter(
            newsletter=issue.newsletter_id,
            state=SubscriptionState.ACTIVE,
            subscriber__in=[subscriber for _key, _attempts, subscriber in deliveries if subscriber],
        )
    )
    by_subscriber = {subscription.subscriber_id: subscription for subscription in active}
    parcels = [
        Parcel(key, attempts, to, tuple(proofs.hmacs(to.subscriber.email_norm)))
        for key, attempts, subscriber in deliveries
        if subscriber and (to := by_subscriber.get(subscriber))
    ]
    barred = _suppressed({hmac for parcel in parcels for hmac in parcel.hmacs}, issue.newsletter)
    return [parcel for parcel in parcels if barred.isdisjoint(parcel.hmacs)]


def _suppressed(hmacs: set[str], newsletter: Newsletter) -> set[str]:
    """Those of these addresses that must not be mailed."""
    found = Suppression.objects.filter(email_hmac__in=hmacs).values_list("email_hmac", "newsletter")
    return {hmac for hmac, scope in found if scope in (None, newsletter.pk)}


# Once for each message, and so without the ORM, which takes longer than the database.
_BEGIN = """
UPDATE {batch} SET begun = %s, lease_until = %s WHERE id = %s AND closed_at IS NULL
AND EXISTS (SELECT 1 FROM {issue} WHERE id = %s AND state = %s)
AND EXISTS (SELECT 1 FROM {subscription} WHERE id = %s AND state = %s)
AND NOT EXISTS (
    SELECT 1 FROM {suppression} WHERE email_hmac IN ({hmacs}) AND (newsletter_id IS NULL OR newsletter_id = %s)
)
"""
_BEGIN_HERE = _BEGIN.format(
    batch=Batch._meta.db_table,
    issue=Issue._meta.db_table,
    subscription=Subscription._meta.db_table,
    suppression=Suppression._meta.db_table,
    hmacs="{hmacs}",
)
# The lease is part of an index, which grows with each message whose lease ends at another moment.
LEASE_STEP = 30


def begin(batch: Batch, parcel: Parcel) -> bool:
    """Write down that the message is handed over from now on, and that those before it in the batch were taken.

    False, and nothing is written, if the batch is not ours any more, the issue is not being sent any more, or the
    reader has left or must not be mailed any more since the claim: `may_go_on` tells which.
    """
    statement = _BEGIN_HERE.format(hmacs=", ".join(["%s"] * len(parcel.hmacs))) + durability.without_waiting()
    lease = connection.ops.adapt_datetimefield_value(_lease())
    still: list[Any] = [
        batch.pk,
        batch.issue_id,
        IssueState.SENDING.value,
        parcel.subscription.pk,
        SubscriptionState.ACTIVE.value,
        *parcel.hmacs,
        parcel.subscription.newsletter_id,
    ]
    with connection.cursor() as cursor:
        cursor.execute(statement, [parcel.delivery, lease, *still])
        return bool(cursor.rowcount)


def _lease() -> datetime:
    """The end of a lease from now on, not earlier than it should be."""
    now = clock.now().timestamp()
    return datetime.fromtimestamp(now - now % -LEASE_STEP, UTC) + LEASE


def may_go_on(batch: Batch) -> bool:
    """Whether the batch is still ours and its issue still being sent."""
    return Batch.objects.filter(pk=batch.pk, closed_at=None, issue__state=IssueState.SENDING).exists()


def next_due(issue: Issue) -> datetime | None:
    """When the next delivery of the issue may be sent; None if none waits. Reads only the ends of an index."""
    now, found = clock.now(), list[datetime]()
    with transaction.atomic():
        newsletter = pacing.allowance(pacing.of_newsletter(issue.newsletter_id), issue.newsletter.per_minute, now)
        for lane, per_minute in _lanes(issue):
            domain = pacing.allowance(pacing.of_domain(lane), per_minute, now)
            waiting = (
                Delivery.objects.filter(issue=issue, state=state, lane=lane).aggregate(first=Min("next_try_at"))[
                    "first"
                ]
                for state in TO_SEND
            )
            found += [max(first, newsletter.opens_at, domain.opens_at) for first in waiting if first]
    return min(found, default=None)
