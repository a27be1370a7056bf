"""Addresses that may be recognised but not read: the HMACs of consent events and suppressions.

The key is derived from SECRET_KEY, and an HMAC begins with eight digits that name the key it was made
with. After SECRET_KEY has changed, old proof is found as long as the key before stands in
SECRET_KEY_FALLBACKS; without it nobody could say any more who must not be mailed, so that
`subscribers.consent.unreadable()` counts what cannot be read, for `manage.py doctor` to complain about.
"""

import hashlib
import hmac
from functools import lru_cache

from django.conf import settings

LENGTH = 8 + 1 + 64


def hmac_of(email_norm: str) -> str:
    """The HMAC under which something new is kept about an address: "<key>:<64 hex digits>"."""
    return _hmac(settings.SECRET_KEY, email_norm)


def hmacs(email_norm: str) -> list[str]:
    """Every HMAC under which something may be kept about an address."""
    return [_hmac(secret, email_norm) for secret in _secrets()]


def key_names() -> list[str]:
    """The names of the keys at hand, that of the present one first."""
    return [_name(_key(secret)) for secret in _secrets()]


def _secrets() -> list[str]:
    return [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]


def _hmac(secret: str, email_norm: str) -> str:
    key = _key(secret)
    return f"{_name(key)}:{hmac.new(key, email_norm.encode(), 'sha256').hexdigest()}"


@lru_cache(maxsize=16)
def _key(secret: str) -> bytes:
    return hmac.new(secret.encode(), b"subscribers.proofs", "sha256").digest()


def _name(key: bytes) -> str:
    return hashlib.sha256(b"name of " + key).hexdigest()[:8]
