"""The mail of an issue to one subscriber: what was frozen, with the links that are this subscriber's own."""

from collections.abc import Mapping
from typing import Any

from django.core.mail import EmailMultiAlternatives
from django.utils.html import escape

from newsroom.lib.emails import mailbox
from subscribers import letters
from subscribers.models import Issue, Subscription


def message(issue: Issue, subscription: Subscription, *, message_id: str) -> EmailMultiAlternatives:
    """The mail to the subscriber, ready to be sent. Costs no query where `subscription.subscriber` is loaded.

    Made from `issue.content` by putting strings together: no template is run, so that what was laid out for
    one is laid out for all. ValueError where the issue has not been made ready.
    """
    if not issue.content:
        raise ValueError("An issue is sent once it was made ready, which freezes its content.")
    subscriber = subscription.subscriber
    headers = {**letters.leave_headers(subscription), "Message-ID": message_id}
    return assemble(issue.content, mailbox(subscriber.email, subscriber.email_norm), links_of(subscription), headers)


def links_of(subscription: Subscription) -> dict[str, str]:
    """The personal links by their names in frozen content."""
    return {
        "unsubscribe": letters.unsubscribe_link(subscription),
        "preferences": letters.preferences_link(subscription.subscriber),
    }


def assemble(
    content: Mapping[str, Any], to: str, links: Mapping[str, str], headers: Mapping[str, str]
) -> EmailMultiAlternatives:
    """Frozen content as a mail to `to`, with these links and, besides those of every newsletter, these headers."""
    found = EmailMultiAlternatives(
        subject=content["subject"],
        body=filled(content["text"], links),
        from_email=content["from_email"],
        to=[to],
        headers={**_of_newsletters(content), **headers},
    )
    quoted = {name: escape(link) for name, link in links.items()}
    found.attach_alternative(filled(content["html"], quoted), "text/html")
    return found


def filled(parts: list[str | dict[str, str]], links: Mapping[str, str]) -> str:
    """The parts of a frozen text with the links between them."""
    return "".join(part if isinstance(part, str) else links[part["link"]] for part in parts)


def _of_newsletters(content: Mapping[str, Any]) -> dict[str, str]:
    """Headers that say what this is: List-Id (RFC 2919), List-Archive (RFC 2369), and that nobody waits for an answer.

    `Precedence: bulk` keeps notes of absence away (RFC 3834, 2). `Auto-Submitted` is said of what no human has put
    together (RFC 3834, 5), which is a digest.
    """
    headers = {
        "List-Id": f"<{content['list_id']}>",
        "List-Archive": f"<{content['archive']}>",
        "Precedence": "bulk",
        "Content-Language": content["language"],
    }
    return headers | ({"Auto-Submitted": "auto-generated"} if content["automatic"] else {})
