"""Addresses that can be recognised and not read: what is kept of one that was erased while it is banned."""

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.crypto import salted_hmac

from newsroom.lib.emails import parse


def digest_of(email: str) -> str:
    """The digest under which something new is kept of an address."""
    return _digest(email, settings.SECRET_KEY)


def digests(email: str) -> list[str]:
    """All under which something may be kept of it: SECRET_KEY may have changed since."""
    return [_digest(email, secret) for secret in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)]


def norm(email: str) -> str:
    """The address as it is compared; what is none as it stands."""
    try:
        return parse(email).norm
    except ValidationError:
        return email.strip().lower()


def _digest(email: str, secret: str | bytes) -> str:
    return salted_hmac("comments.digests", norm(email), secret=secret, algorithm="sha256").hexdigest()
