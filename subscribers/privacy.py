"""Everything that newsletters keep about one person: handed over, or erased.

Proof of consent and suppressions stay after an erasure. They know the address as an HMAC only: they tell
whether somebody who comes with an address had agreed, and keep an import from mailing it again.
"""

from datetime import timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from newsroom.lib import clock
from newsroom.lib.emails import parse
from newsroom.lib.personal import Tables, filled, forget_in_log, log_of, rows
from subscribers import consent, proofs
from subscribers.leaving import LEAVABLE
from subscribers.models import Bounce, Delivery, Subscriber, SubscribeRequest, Subscription, Suppression
from subscribers.states import ConsentKind, SuppressionReason

# The name under which it is handed over, and the field. The tests walk all tables and their fields: what is missing
# here is named there, with the reason.
OF_SUBSCRIBER = {
    "email": "email",
    "compared_as": "email_norm",
    "language": "language",
    "zone": "time_zone",
    "since": "created_at",
}
OF_SUBSCRIPTION = {"newsletter": "newsletter__name", "state": "state", "since": "since", "paused_until": "paused_until"}
OF_REQUEST = {
    "email": "email",
    "compared_as": "email_norm",
    "newsletter": "newsletter__name",
    "notice": "consent_text__text",
    "language": "language",
    "page": "page",
    "network": "address_prefix",
    "browser_mark": "mark",
    "requested_at": "requested_at",
    "mailed_at": "mailed_at",
    "confirmed_at": "confirmed_at",
}
OF_EVENT = {
    "newsletter": "newsletter__name",
    "kind": "kind",
    "at": "at",
    "notice": "consent_text__text",
    "page": "page",
    "network": "address_prefix",
    "way": "way",
    "claimed": "imported__claim",
    "claimed_at": "claimed_at",
}
OF_SUPPRESSION = {"newsletter": "newsletter__name", "reason": "reason", "at": "at"}
OF_BOUNCE = {
    "newsletter": "delivery__issue__newsletter__name",
    "issue": "delivery__issue__subject",
    "kind": "kind",
    "status": "status",
    "said": "said",
    "way": "way",
    "at": "at",
}
OF_DELIVERY = {
    "newsletter": "issue__newsletter__name",
    "issue": "issue__subject",
    "state": "state",
    "attempts": "attempts",
    "changed_at": "changed_at",
    "answer": "answer",
}
OF_LOG = {"at": "action_time", "what": "change_message"}

# So long are addresses kept whose owners have left everything: the links in their last mails still tell them so.
GONE_FOR = timedelta(days=30)
FORGOTTEN_AT_ONCE = 500


def export(email: str) -> Tables:
    """All that is kept about an address: the name of a table, and its rows as JSON can hold them.

    Tables without a row, and whatever is no address, are left out.
    """
    norm = _norm(email)
    if not norm:
        return {}
    person, theirs = Subscriber.objects.filter(email_norm=norm), {"subscriber__email_norm": norm}
    return filled(
        {
            "subscribers": rows(person, **OF_SUBSCRIBER),
            "subscriptions": rows(Subscription.objects.filter(**theirs), **OF_SUBSCRIPTION),
            "subscribe_requests": rows(SubscribeRequest.objects.filter(email_norm=norm), **OF_REQUEST),
            "consent_events": rows(consent.events_of(norm), **OF_EVENT),
            "suppressions": rows(Suppression.objects.filter(email_hmac__in=proofs.hmacs(norm)), **OF_SUPPRESSION),
            "bounces": rows(Bounce.objects.filter(**theirs), **OF_BOUNCE),
            "deliveries": rows(Delivery.objects.filter(**theirs), **OF_DELIVERY),
            "log": rows(log_of(Subscriber, person.values_list("pk", flat=True)), **OF_LOG),
        }
    )


@transaction.atomic
def erase(email: str) -> dict[str, int]:
    """Erase an address and what hangs on it: the names of the tables, and how many rows of each.

    Sums of issues stay right: deliveries are counted on, without anybody's name. Whoever is erased is on no
    list that an import could bring back, and comes back by their own new consent only. Calling it for
    somebody who is not there is no error.
    """
    norm = _norm(email)
    if not norm:
        return {}
    # Requests first: a confirmation that runs at this moment holds them, and its subscriber is found after it.
    requests, _all = SubscribeRequest.objects.filter(email_norm=norm).delete()
    subscriber = Subscriber.objects.select_for_update().filter(email_norm=norm).first()
    done = {"subscribe_requests": requests, **(_forget(subscriber) if subscriber else {})}
    consent.suppress(norm, reason=SuppressionReason.ERASED)
    return {table: count for table, count in done.items() if count}


def forget_the_gone() -> int:
    """Erase the subscribers who left everything GONE_FOR ago, as the notice promises. Returns how many.

    Imports do not bring them back to what they have left.
    """
    recent = Subscription.objects.filter(subscriber=OuterRef("pk")).filter(
        Q(state__in=LEAVABLE) | Q(since__gt=clock.now() - GONE_FOR)
    )
    long_ago = Subscriber.objects.filter(created_at__lte=clock.now() - GONE_FOR)
    keys = list(long_ago.filter(~Exists(recent)).values_list("pk", flat=True)[:FORGOTTEN_AT_ONCE])
    return sum(_forget_gone(key, recent) for key in keys)


@transaction.atomic
def _forget_gone(key: int, recent: QuerySet[Subscription]) -> int:
    """Whoever came back since the list was made is let be."""
    subscriber = Subscriber.objects.select_for_update().filter(pk=key).first()
    # Asked while nobody can come back (leaving.hold).
    if subscriber is None or not Subscriber.objects.filter(~Exists(recent), pk=key).exists():
        return 0
    for subscription in subscriber.subscriptions.select_related("newsletter"):
        consent.suppress(subscriber.email_norm, reason=SuppressionReason.ERASED, newsletter=subscription.newsletter)
    _forget(subscriber)
    return 1


def _forget(subscriber: Subscriber) -> dict[str, int]:
    """Delete a subscriber. What was not ended before is withdrawn now, and the proof says so."""
    subscriptions = list(subscriber.subscriptions.select_related("newsletter"))
    for subscription in subscriptions:
        if subscription.state in LEAVABLE:
            consent.record(ConsentKind.WITHDRAWN, subscriber.email_norm, subscription.newsletter, way="erasure")
    # Mail servers repeat the address in their answers, and a domain may be one person's own.
    deliveries = subscriber.deliveries.update(subscriber=None, lane="", answer="")
    bounces = subscriber.bounces.all().delete()[0]
    forget_in_log(Subscriber, [subscriber.pk])  # it names subscribers by their address
    subscriber.delete()
    return {
        "subscribers": 1,
        "subscriptions": len(subscriptions),
        "bounces": bounces,
        "deliveries": deliveries,
    }


def _norm(email: str) -> str:
    try:
        return parse(email).norm
    except ValidationError:
        return ""
