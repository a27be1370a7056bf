"""What subscribers decide for themselves, by links in their mails.

Two links lead to one page. The lasting one stands in every mail, which may be forwarded: it pauses and
leaves. The fresh one is mailed on demand and good for an hour: it also subscribes, hands over and erases,
since whoever holds it reads that mailbox now.
"""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction
from django.db.models import F, QuerySet

from newsroom.lib import clock, throttle, tokens
from newsroom.lib.emails import mailbox_key
from subscribers import consent, leaving, letters
from subscribers.leaving import LEAVABLE
from subscribers.models import ConsentText, Newsletter, Subscriber, Subscription, Suppression
from subscribers.proofs import hmacs
from subscribers.states import ConsentKind, SubscriptionState

LINKS_TO_A_MAILBOX = 3  # in 24 hours, whatever dots and plus tags its address is spelled with
LONGEST_PAUSE = timedelta(days=366)


@dataclass(frozen=True)
class Visitor:
    """Whose link it is. `fresh` tells that it was mailed on demand within the last hour."""

    subscriber: Subscriber
    fresh: bool


def visitor(token: str) -> Visitor | None:
    """Who holds this link; None if it is not ours, too old, or has died with the token version."""
    for purpose, max_age, fresh in ((letters.OWN, letters.FRESH_FOR, True), (letters.PREFERENCES, None, False)):
        try:
            key, version = map(int, tokens.read(purpose, token, max_age=max_age))
        except (tokens.Invalid, TypeError, ValueError):
            continue
        found = Subscriber.objects.filter(pk=key, token_version=version).first()
        return Visitor(found, fresh) if found else None
    return None


def mail_link(email_norm: str) -> bool:
    """Mail a subscriber the fresh link; nobody else is mailed anything. Returns whether a mail went out."""
    subscriber = Subscriber.objects.filter(email_norm=email_norm).first()
    if subscriber is None or Suppression.objects.filter(newsletter=None, email_hmac__in=hmacs(email_norm)).exists():
        return False
    if not throttle.allow(f"newsletter link {mailbox_key(email_norm)}", LINKS_TO_A_MAILBOX, 24 * 3600):
        return False
    letters.own_link(subscriber)
    return True


def pause(subscription: Subscription, until: date | None) -> bool:
    """Send nothing before the day `until` begins (None: before the reader says so). Only what is sent can be paused."""
    ends = _beginning(until, subscription.subscriber) if until else None
    same = {"state": SubscriptionState.PAUSED, "paused_until": ends}
    changing = Subscription.objects.filter(pk=subscription.pk, state__in=LEAVABLE).exclude(**same)
    return bool(changing.update(**same, since=clock.now()))


def resume(subscription: Subscription) -> bool:
    """End a pause. The consent from before still stands."""
    return _resume(Subscription.objects.filter(pk=subscription.pk)) > 0


def resume_due() -> int:
    """End the pauses whose time is over. Returns how many."""
    return _resume(Subscription.objects.filter(paused_until__lte=clock.now()))


@transaction.atomic
def agree(subscriber: Subscriber, text: ConsentText, *, page: str, address_prefix: str = "") -> bool:
    """Subscribe the holder of a fresh link to one more newsletter: a new consent, to these words.

    Returns False where the address must not get it, or gets it already.
    """
    newsletter = text.newsletter
    if not newsletter.offered or consent.unwelcome(subscriber.email_norm, newsletter):
        return False
    if leaving.hold(subscriber.email_norm) is None:  # erased a moment ago
        return False
    now = clock.now()
    row, new = Subscription.objects.get_or_create(subscriber=subscriber, newsletter=newsletter, defaults={"since": now})
    left = Subscription.objects.filter(pk=row.pk, state=SubscriptionState.UNSUBSCRIBED)
    if not new and not left.update(state=SubscriptionState.ACTIVE, since=now, paused_until=None):
        return False
    consent.welcome_back(subscriber.email_norm, newsletter)
    consent.record(
        ConsentKind.CONFIRMED,
        subscriber.email_norm,
        newsletter,
        at=now,
        consent_text=text,
        page=page,
        way="preferences",
        address_prefix=address_prefix,
    )
    return True


def leave_all(subscriber: Subscriber, *, way: str, address_prefix: str = "") -> int:
    """End every subscription. Returns how many there were."""
    rows = subscriber.subscriptions.filter(state__in=LEAVABLE).select_related("subscriber", "newsletter")
    return sum(leaving.leave(row, way=way, address_prefix=address_prefix) for row in rows)


def end_links(subscriber: Subscriber) -> None:
    """Make the links in all mails so far useless, this one included: some were forwarded, or read by others."""
    Subscriber.objects.filter(pk=subscriber.pk).update(token_version=F("token_version") + 1)


def gets(subscriber: Subscriber) -> list[tuple[Newsletter, Subscription | None]]:
    """The newsletters on offer and those once subscribed to, each with the subscription where there is one."""
    rows = list(subscriber.subscriptions.select_related("newsletter"))
    known = {row.newsletter_id for row in rows}
    others = Newsletter.objects.filter(offered=True, consent_texts__isnull=False).exclude(pk__in=known).distinct()
    pairs: list[tuple[Newsletter, Subscription | None]] = [(row.newsletter, row) for row in rows]
    pairs += [(newsletter, None) for newsletter in others]
    return sorted(pairs, key=lambda pair: (pair[0].position, pair[0].name, pair[0].pk))


def _resume(rows: QuerySet[Subscription]) -> int:
    return rows.filter(state=SubscriptionState.PAUSED).update(
        state=SubscriptionState.ACTIVE, paused_until=None, since=clock.now()
    )


def _beginning(day: date, subscriber: Subscriber) -> datetime:
    return datetime.combine(day, time(), tzinfo=ZoneInfo(subscriber.time_zone or settings.TIME_ZONE))
