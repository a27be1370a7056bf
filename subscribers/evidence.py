"""The evidence sheet: all that can be said of one address before a court or an authority."""

from dataclasses import dataclass
from datetime import datetime

from newsroom.lib import clock
from subscribers import consent, proofs
from subscribers.models import ConsentEvent, Subscriber, Subscription, Suppression

MOST_EVENTS = 1000


@dataclass(frozen=True)
class Sheet:
    """What is known of an address at a moment, also after it was erased: then the address is that of who asks."""

    email: str
    made_at: datetime
    subscriber: Subscriber | None
    subscriptions: list[Subscription]
    events: list[ConsentEvent]
    suppressions: list[Suppression]


def sheet(email_norm: str) -> Sheet:
    """The sheet of an address, given as newsroom.lib.emails makes it. Events stand in the order in which they happened.

    Of more than MOST_EVENTS the newest are there. Four queries.
    """
    subscriber = Subscriber.objects.filter(email_norm=email_norm).first()
    subscriptions = subscriber.subscriptions.select_related("newsletter") if subscriber else []
    suppressions = Suppression.objects.filter(email_hmac__in=proofs.hmacs(email_norm))
    events = consent.events_of(email_norm).select_related("newsletter", "consent_text", "by", "imported")
    return Sheet(
        email=subscriber.email if subscriber else email_norm,
        made_at=clock.now(),
        subscriber=subscriber,
        subscriptions=list(subscriptions),
        events=list(reversed(events[:MOST_EVENTS])),
        suppressions=list(suppressions.select_related("newsletter", "by")),
    )
