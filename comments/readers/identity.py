"""How a browser shows that it belongs to a reader who has confirmed an address: by a signed token that it keeps.

The page on which the address is confirmed hands it over; the page's script sends it with what is written next.
It is no cookie, so that pages stay the same for everybody. A name or an address that is only typed earns nothing.
"""

from datetime import timedelta

from comments.mails import links
from comments.models import Commenter
from newsroom.lib import tokens

PURPOSE = "comment-identity"
GOOD_FOR = timedelta(days=180)


def make(commenter: Commenter) -> str:
    """The token for a browser that has just used a link mailed to the commenter."""
    return tokens.make(PURPOSE, [commenter.pk, commenter.token_version])


def read(token: str) -> Commenter | None:
    """Whose browser holds the token; None for one that is not ours, too old, or dead since all were signed out."""
    return links.commenter_of(PURPOSE, token, GOOD_FOR) if token else None
