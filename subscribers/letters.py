"""The mails of subscribing, and the links in them."""

from collections.abc import Iterable
from datetime import timedelta
from functools import cache

from django.conf import settings
from django.urls import reverse
from django.utils import translation

from newsroom.lib import mail, tokens
from newsroom.lib.emails import mailbox
from newsroom.models import SiteSettings
from subscribers.models import Newsletter, Subscriber, SubscribeRequest, Subscription

UNSUBSCRIBE = "newsletter.unsubscribe"
PREFERENCES = "newsletter.preferences"
OWN = "newsletter.own"
FRESH_FOR = timedelta(hours=1)


def ask_to_confirm(requests: list[SubscribeRequest], token: str) -> None:
    """Send the link of double opt-in. Nothing that a stranger typed stands in this mail."""
    first = requests[0]
    mail.send(
        "newsletter-confirm",
        mailbox(first.email, first.email_norm),
        {
            "site": SiteSettings.current().name,
            "newsletters": [request.newsletter.name for request in requests],
            "link": _link("newsletter-confirm", first.language, token),
            "hours": SubscribeRequest.OPEN_FOR // timedelta(hours=1),
        },
        first.language,
    )


def welcome(subscriber: Subscriber, newsletters: Iterable[Newsletter]) -> None:
    """Tell a new subscriber that all went well, and how to leave each newsletter."""
    subscriptions = list(subscriber.subscriptions.filter(newsletter__in=newsletters).select_related("newsletter"))
    links = [(subscription.newsletter.name, unsubscribe_link(subscription)) for subscription in subscriptions]
    mail.send(
        "newsletter-welcome",
        mailbox(subscriber.email, subscriber.email_norm),
        {
            "site": SiteSettings.current().name,
            "links": links,
            "preferences": preferences_link(subscriber),
        },
        subscriber.language,
        headers=leave_headers(subscriptions[0]) if len(subscriptions) == 1 else None,
    )


def unsubscribe_link(subscription: Subscription) -> str:
    """The whole address of the page to leave. Good as long as the subscriber's token version stands."""
    token = tokens.make(UNSUBSCRIBE, [subscription.pk, subscription.subscriber.token_version])
    return _link("newsletter-unsubscribe", subscription.subscriber.language, token)


def preferences_link(subscriber: Subscriber) -> str:
    """The whole address of the page to pause, leave and choose a language: fit for mails that may be forwarded."""
    return _of_subscriber(PREFERENCES, subscriber)


def own_link(subscriber: Subscriber) -> None:
    """Mail the link that does everything, to whoever reads this mailbox now."""
    mail.send(
        "newsletter-link",
        mailbox(subscriber.email, subscriber.email_norm),
        {
            "site": SiteSettings.current().name,
            "link": _of_subscriber(OWN, subscriber),
            "minutes": FRESH_FOR // timedelta(minutes=1),
        },
        subscriber.language,
    )


def leave_headers(subscription: Subscription) -> dict[str, str]:
    """What lets mail programs show a button to leave (RFC 2369, RFC 8058)."""
    return {
        "List-Unsubscribe": f"<{unsubscribe_link(subscription)}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }


def _of_subscriber(purpose: str, subscriber: Subscriber) -> str:
    token = tokens.make(purpose, [subscriber.pk, subscriber.token_version])
    return _link("newsletter-preferences", subscriber.language, token)


def _link(name: str, language: str, token: str) -> str:
    before, after = _around(name, language)
    return f"{settings.SITE_URL}{before}{token}{after}"


@cache
def _around(name: str, language: str) -> tuple[str, str]:
    """What stands before and after a token in the address of a page: an issue needs it for each of its readers."""
    with translation.override(language):
        before, _token, after = reverse(name, args=["token-of-a-reader"]).partition("token-of-a-reader")
    return before, after
