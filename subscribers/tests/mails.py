"""Finding one's way in the mails that were sent."""

import re

from django.conf import settings
from django.core import mail


def link(kind: str, number: int = -1) -> str:
    """The path of the link of this kind ("confirm", "unsubscribe") in a mail, the last one if not said otherwise."""
    return re.search(rf"{settings.SITE_URL}(\S*/newsletter/{kind}/\S+)", mail.outbox[number].body)[1]


def to() -> list[str]:
    return [message.to[0] for message in mail.outbox]
