"""The mark of a delivery: what a mail carries so that an answer to it is known, and nobody can make one up.

It stands in the Message-ID and in what mail services give back; and, signed in another way, in the envelope's sender
where BOUNCE_ADDRESS is set (VERP). A forged bounce must not bar anybody: a Message-ID goes along when a mail is
forwarded or answered, so whoever names it proves less than a mail server that returns a mail to its sender.
"""

import re
from dataclasses import dataclass
from email.utils import parseaddr
from functools import lru_cache
from itertools import islice

from django.conf import settings
from django.utils.crypto import constant_time_compare, salted_hmac

_MARK = re.compile(r"news-(\d{1,18})-(\d{1,18})-([0-9a-f]{20})(?![0-9a-f])", re.IGNORECASE)
# Each is signed for its own place.
IN_THE_MAIL, ON_THE_ENVELOPE = "subscribers.marks", "subscribers.marks.envelope"
MOST_LOOKED_AT = 200  # marks in one mail; whoever sends more wants to keep us busy


@dataclass(frozen=True)
class Marked:
    """The keys of the issue and of the subscriber that a mark names, and whether it is that of the envelope."""

    issue: int
    subscriber: int
    of_envelope: bool = False


def make(issue: int, subscriber: int) -> str:
    """The mark of this issue to this subscriber: letters, digits and hyphens, the same each time."""
    keys = f"{issue}-{subscriber}"
    return f"news-{keys}-{_tag(settings.SECRET_KEY, keys, IN_THE_MAIL)}"


def message_id(mark: str) -> str:
    """The Message-ID with its angle brackets."""
    return f"<{mark}@{_domain(settings.DEFAULT_FROM_EMAIL)}>"


def sender(issue: int, subscriber: int) -> str:
    """The envelope's sender that bounces come back to; empty where the site has no address for them."""
    if not settings.BOUNCE_ADDRESS:
        return ""
    keys = f"{issue}-{subscriber}"
    local, _at, domain = settings.BOUNCE_ADDRESS.rpartition("@")
    return f"{local}+news-{keys}-{_tag(settings.SECRET_KEY, keys, ON_THE_ENVELOPE)}@{domain}"


def find(text: str) -> Marked | None:
    """The first mark in `text` that was made by us, one of an envelope before others; None where there is none."""
    found = None
    for match in islice(_MARK.finditer(text), MOST_LOOKED_AT):
        issue, subscriber, tag = match.groups()
        keys = f"{issue}-{subscriber}"
        if _is_ours(keys, tag.lower(), ON_THE_ENVELOPE):
            return Marked(int(issue), int(subscriber), of_envelope=True)
        if found is None and _is_ours(keys, tag.lower(), IN_THE_MAIL):
            found = Marked(int(issue), int(subscriber))
    return found


def _is_ours(keys: str, tag: str, place: str) -> bool:
    secrets = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    return any(constant_time_compare(_tag(secret, keys, place), tag) for secret in secrets)


def _tag(secret: str, keys: str, place: str) -> str:
    return salted_hmac(place, keys, secret=secret, algorithm="sha256").hexdigest()[:20]


@lru_cache(maxsize=4)
def _domain(address: str) -> str:
    return parseaddr(address)[1].rpartition("@")[2] or "localhost"
