"""What newsletters and issues may be called, since their names become parts of addresses and mail headers."""

import re
import unicodedata

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from newsroom.lib.mail import one_line

# First parts below /newsletter/ that mean something else.
RESERVED = frozenset(
    {
        "almost-there",
        "archive",
        "confirm",
        "confirmed",
        "events",
        "feed",
        "latest",
        "page",
        "preferences",
        "preview",
        "unsubscribe",
        "unsubscribed",
    }
)

# An issue that had it would keep the digest of that day from being made.
KEPT_FOR_A_DIGEST = _("A day alone is the key of a digest. Add a word to it, such as 2026-05-04-extra.")

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_LIST_ID = re.compile(r"[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")


def validate_slug(slug: str) -> None:
    """Refuse words that the site's own addresses use."""
    if slug.lower() in RESERVED:
        raise ValidationError(_("“%(slug)s” is an address of the site. Choose another slug."), params={"slug": slug})


def is_day(key: str) -> bool:
    """Whether a key looks like that of a digest."""
    return _DAY.fullmatch(key) is not None


def validate_list_id(text: str) -> None:
    """Accept a dotted name (RFC 2919), without the angle brackets."""
    if not _LIST_ID.fullmatch(text):
        raise ValidationError(_("A List-Id is a dotted name of Latin letters, such as weekly.example.org."))


def validate_sender_name(text: str) -> None:
    """Refuse what could break out of a mail header."""
    if not text.isprintable() or set(text) & set('<>"@'):
        raise ValidationError(_("A sender's name is plain words, without line breaks, <, >, @ and quotation marks."))


def validate_domain(text: str) -> None:
    """Accept a domain as it is compared: small Latin letters, IDNA in ASCII."""
    if text != text.lower() or not _LIST_ID.fullmatch(text):
        raise ValidationError(_("A domain is written in small Latin letters, such as example.org."))


def visible(text: str) -> str:
    """`text` as one line without control characters; "" where nothing of it could be seen."""
    line = one_line(text)
    return line if any(unicodedata.category(letter)[0] not in "CZ" for letter in line) else ""
