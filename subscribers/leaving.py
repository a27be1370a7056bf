"""Out of a newsletter, by the link that stands in every mail."""

from django.db import transaction

from newsroom.lib import clock, tokens
from newsroom.models import User
from subscribers import consent, letters
from subscribers.models import Subscriber, Subscription
from subscribers.states import ConsentKind, SubscriptionState

LEAVABLE = (SubscriptionState.ACTIVE, SubscriptionState.PAUSED)


def subscription_of(token: str) -> Subscription | None:
    """The subscription that `token` can end, ended or not; None if it is not ours or has died."""
    try:
        key, version = map(int, tokens.read(letters.UNSUBSCRIBE, token))
    except (tokens.Invalid, TypeError, ValueError):
        return None
    found = Subscription.objects.select_related("subscriber", "newsletter")
    return found.filter(pk=key, subscriber__token_version=version).first()


@transaction.atomic
def leave(subscription: Subscription, *, way: str, address_prefix: str = "", by: User | None = None) -> bool:
    """Unsubscribe, from this newsletter only. Returns False if that was so already."""
    changed = Subscription.objects.filter(pk=subscription.pk, state__in=LEAVABLE).update(
        state=SubscriptionState.UNSUBSCRIBED, since=clock.now(), paused_until=None
    )
    if changed:
        consent.record(
            ConsentKind.WITHDRAWN,
            subscription.subscriber.email_norm,
            subscription.newsletter,
            way=way,
            by=by,
            address_prefix=address_prefix,
        )
    return bool(changed)


def hold(email_norm: str) -> Subscriber | None:
    """The subscriber of this address, who is neither forgotten nor comes back before this transaction ends."""
    return Subscriber.objects.select_for_update().filter(email_norm=email_norm).first()
