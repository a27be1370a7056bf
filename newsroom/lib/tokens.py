"""Signed tokens for links in mails: each is good for one purpose and, where asked, for some time."""

from datetime import timedelta
from typing import Any

from django.core import signing

LONGEST = 1000  # characters; ours are far shorter, and nobody makes us check a megabyte


class Invalid(Exception):
    """The token was not made by us, or for another purpose."""


class Expired(Invalid):
    """The token was ours, and is too old."""


def make(purpose: str, value: Any) -> str:
    """A token that gives `value` (anything JSON can hold) back to `read` for the same purpose only.

    It is signed, not secret: whoever holds it can read the value. Fit for an address without quoting.
    """
    return _signer(purpose).sign_object(value)


def read(purpose: str, token: str, *, max_age: timedelta | None = None) -> Any:
    """The value that `make` was given for this purpose. Raises Expired or Invalid.

    Tokens signed with a key in SECRET_KEY_FALLBACKS stay good.
    """
    if len(token) > LONGEST:
        raise Invalid
    try:
        return _signer(purpose).unsign_object(token, max_age=max_age)
    except signing.SignatureExpired as error:
        raise Expired from error
    except signing.BadSignature as error:
        raise Invalid from error


def _signer(purpose: str) -> signing.TimestampSigner:
    # A full stop parts the pieces, for ":" is quoted by some mail programs.
    return signing.TimestampSigner(salt=f"newsroom.lib.tokens.{purpose}", sep=".")
