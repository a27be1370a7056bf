"""The signed links that readers are mailed. Each is good for one thing, and names whom it was mailed to.

Only the link to a comment's own page stands elsewhere (comments.mails.status_link): it is given to who writes it.
"""

from datetime import timedelta
from enum import StrEnum
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils import translation

from comments.digests import digest_of
from comments.models import Commenter, Confirmation
from newsroom.lib import tokens

CONFIRM = "comment-confirm"
MINE = "comment-mine"
ERASE = "comment-erase"
OFF = "comment-mails-off"
# As long as a comment waits for its author's address.
CONFIRM_FOR = timedelta(hours=48)
MINE_FOR = timedelta(hours=24)
ERASE_FOR = timedelta(hours=1)


class Kind(StrEnum):
    """What a commenter is mailed about; each is ended by itself."""

    OUTCOME = "outcome"
    REPLIES = "replies"


def to_confirm(confirmation: Confirmation) -> str:
    """It names the address that it is mailed to: where the author gives another one, it confirms nothing."""
    named = [confirmation.comment.public_id, digest_of(confirmation.email)]
    return whole("confirm", confirmation.language, tokens.make(CONFIRM, named))


def to_mine(commenter: Commenter) -> str:
    return whole("mine", commenter.language, mine_token(commenter))


def mine_token(commenter: Commenter) -> str:
    return tokens.make(MINE, _named(commenter))


def to_erase(commenter: Commenter) -> str:
    return whole("erase", commenter.language, tokens.make(ERASE, _named(commenter)))


def to_turn_off(commenter: Commenter, kind: Kind) -> str:
    token = tokens.make(OFF, [*_named(commenter), kind.value])
    return whole("mails", commenter.language, token)


def confirmed_by(token: str) -> tuple[str, str]:
    """The public id of the comment whose author was mailed this token, and the digest of the address that it went to.

    Raises tokens.Invalid.
    """
    try:
        public_id, digest = tokens.read(CONFIRM, token, max_age=CONFIRM_FOR)
    except (TypeError, ValueError) as error:
        raise tokens.Invalid from error
    return _text(public_id), _text(digest)


def commenter_of(purpose: str, token: str, max_age: timedelta) -> Commenter | None:
    """Whom the token was mailed to, if it is neither too old nor dead (`token_version`)."""
    try:
        return _living(tokens.read(purpose, token, max_age=max_age))
    except tokens.Invalid:
        return None


def turned_off_by(token: str) -> tuple[Commenter, Kind] | None:
    """Whom the token was mailed to and what it ends.

    However old it is, and though all other links are dead: nobody is to look for the newest mail to get none.
    """
    try:
        key, _version, kind = tokens.read(OFF, token)
        commenter = Commenter.objects.filter(pk=int(key)).first()
        return (commenter, Kind(kind)) if commenter else None
    except (tokens.Invalid, TypeError, ValueError):
        return None


def whole(name: str, language: str, token: str) -> str:
    """The whole address of a page in the reader's language."""
    with translation.override(language or settings.LANGUAGE_CODE):
        return settings.SITE_URL + reverse(f"comments:{name}", args=[token])


def _named(commenter: Commenter) -> list[int]:
    return [commenter.pk, commenter.token_version]


def _living(value: Any) -> Commenter | None:
    try:
        key, version = map(int, value)
    except (TypeError, ValueError):
        return None
    found = Commenter.objects.filter(pk=key, token_version=version, verified_at__isnull=False)
    return found.exclude(email="").first()


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise tokens.Invalid
    return value
