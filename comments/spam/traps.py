"""When the form was shown to who sends it: programs do not read the page, or answer it at once.

Pages are kept and sent to everybody, so the token in them names the article and the hour in which the page was
made, and nobody. The page's script fetches a token of its own when somebody begins to write, good to the second.
A token is signed; without a good one a comment is no worse than suspicious.
"""

import time

from django.core import signing
from django.utils.translation import gettext_noop

from comments.spam.signs import Signal

# The page's token changes no more often, so that a page that is made again is the same, byte for byte.
PAGE_TIME = 3600
GOOD_FOR = 14 * 24 * 3600
# Nobody has read, written and sent a comment in less.
QUICK = 3

NO_FORM, TOO_QUICK = "no_form", "quick"
LABELS = {
    NO_FORM: gettext_noop("Sent without the page’s form, or with a very old one"),
    TOO_QUICK: gettext_noop("Sent at once after the form was shown"),
}


def page_token(article_id: int) -> str:
    """For a page that is kept for everybody."""
    return _sign(article_id, int(time.time()) // PAGE_TIME * PAGE_TIME)


def own_token(article_id: int) -> str:
    """For somebody who begins to write."""
    return _sign(article_id, int(time.time()))


def signals(token: str, article_id: int) -> list[Signal]:
    """What the form's token says against a comment on this article."""
    shown = _read(token, article_id)
    age = time.time() - shown
    if not 0 <= age <= GOOD_FOR:
        return [{"name": NO_FORM, "weight": 15, "detail": ""}]
    if age < QUICK and shown % PAGE_TIME:
        return [{"name": TOO_QUICK, "weight": 20, "detail": ""}]
    return []


def _read(token: str, article_id: int) -> int:
    """When the form was shown, in seconds of Unix time; 0 for a token that is not ours or another article's."""
    try:
        article, shown = _signer().unsign(token[:200]).split("-")
        return int(shown) if int(article) == article_id else 0
    except (signing.BadSignature, ValueError):
        return 0


def _sign(article_id: int, moment: int) -> str:
    return _signer().sign(f"{article_id}-{moment}")


def _signer() -> signing.Signer:
    return signing.Signer(salt="comments.traps", sep=".")
