"""The mark of a delivery: what a mail carries so that an answer to it is known, and nobody can make one up.

It stands in the Message-ID, in the envelope's sender where BOUNCE_ADDRESS is set (VERP), and in what mail
services give back. It is signed: a forged bounce must not unsubscribe anybody.
"""

import re
from dataclasses import dataclass
from email.utils import parseaddr
from functools import lru_cache

from django.conf import settings
from django.utils.crypto import constant_time_compare, salted_hmac

_MARK = re.compile(r"news-(\d{1,18})-(\d{1,18})-([0-9a-f]{20})(?![0-9a-f])", re.IGNORECASE)
MOST_LOOKED_AT = 200  # marks in one mail; whoever sends more wants to keep us busy


@dataclass(frozen=True)
class Marked:
    """The keys of the issue and of the subscriber that a mark names."""

    issue: int
    subscriber: int


def make(issue: int, subscriber: int) -> str:
    """The mark of this issue to this subscriber: letters, digits and hyphens, the same each time."""
    keys = f"{issue}-{subscriber}"
    return f"news-{keys}-{_tag(settings.SECRET_KEY, keys)}"


def message_id(mark: str) -> str:
    """The Message-ID with its angle brackets."""
    return f"<{mark}@{_domain(settings.DEFAULT_FROM_EMAIL)}>"


def sender(mark: str) -> str:
    """The envelope's sender that bounces come back to; empty where the site has no address for them."""
    if not settings.BOUNCE_ADDRESS:
        return ""
    local, _at, domain = settings.BOUNCE_ADDRESS.rpartition("@")
    return f"{local}+{mark}@{domain}"


def find(text: str) -> Marked | None:
    """The first mark in `text` that was made by us; None where there is none."""
    for number, match in enumerate(_MARK.finditer(text)):
        if number >= MOST_LOOKED_AT:
            break
        issue, subscriber, tag = match.groups()
        if _is_ours(f"{issue}-{subscriber}", tag.lower()):
            return Marked(int(issue), int(subscriber))
    return None


def _is_ours(keys: str, tag: str) -> bool:
    secrets = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    return any(constant_time_compare(_tag(secret, keys), tag) for secret in secrets)


def _tag(secret: str, keys: str) -> str:
    return salted_hmac("subscribers.marks", keys, secret=secret, algorithm="sha256").hexdigest()[:20]


@lru_cache(maxsize=4)
def _domain(address: str) -> str:
    return parseaddr(address)[1].rpartition("@")[2] or "localhost"
