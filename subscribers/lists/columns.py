"""What the columns of a list mean, whichever newsletter service wrote it.

Known are the exports of Beehiiv, Buttondown, Ghost, listmonk, Mailchimp, MailerLite, Medium and Substack, and ours.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import IntEnum

from django.utils.translation import gettext as _

from subscribers.lists.tables import Row, Unreadable


class Standing(IntEnum):
    """What a list says of an address. The higher one counts where it says several things."""

    PENDING = 0
    ACTIVE = 1
    PAUSED = 2
    UNSUBSCRIBED = 3
    BOUNCED = 4
    BLOCKED = 5
    COMPLAINED = 6


class Unknown(Exception):
    """A row says something that nobody can tell the meaning of. Its text is a sentence for whoever brought it."""


@dataclass(frozen=True)
class Claim:
    """What one row claims. `at` is when it says that this came to be; `agreed_at` when the owner agreed."""

    line: int
    email: str
    standing: Standing
    at: datetime | None = None
    agreed_at: datetime | None = None
    paused_until: datetime | None = None
    language: str = ""
    time_zone: str = ""
    newsletter: str = ""


EMAIL = ("email", "emailaddress", "mail", "emailadresse", "subscriberemail", "contactemail", "useremail")
STATE = ("state", "status", "subscriptionstatus", "subscriberstatus", "emailstatus", "memberstatus", "subscribertype")
AGREED = (
    "confirmtime",
    "confirmedat",
    "optintime",
    "optinat",
    "subscribedat",
    "subscribed",
    "since",
    "subscriptiondate",
    "signupdate",
    "createdat",
)
# Columns that hold a day or a yes where it happened, and nothing or a no where not.
HAPPENED = {
    Standing.UNSUBSCRIBED: (
        "unsubscribedat",
        "unsubtime",
        "unsubscribed",
        "unsubscribetime",
        "unsubscribedate",
        "unsubscribeddate",
        "optoutat",
        "optouttime",
        "optedout",
        "optout",
        "unsubscribedfromallemail",
        "donotmail",
        "donotemail",
        "donotcontact",
        "emaildisabled",
        "deletedat",
    ),
    Standing.BOUNCED: ("cleantime", "bouncedat", "bounced", "hardbouncedat"),
    Standing.BLOCKED: ("blocklisted", "blacklisted", "emailblacklisted", "suppressed"),
    Standing.COMPLAINED: ("complainedat", "complained", "markedasspam", "markedasspamat", "abusetime"),
}
# Columns that hold a yes where it is sent.
SENT = ("subscribed", "subscribedtoemails", "emailsubscribed", "active", "enabled", "optedin", "optin")
# Columns that hold a no where its owner has not answered.
CONFIRMED = ("confirmed", "verified", "emailconfirmed", "emailverified", "doubleoptin")

STATES = {
    Standing.PENDING: "pending unconfirmed notconfirmed unactivated awaitingconfirmation nonsubscribed",
    Standing.ACTIVE: "active subscribed confirmed enabled regular premium optedin true yes 1",
    Standing.PAUSED: "paused",
    Standing.UNSUBSCRIBED: "unsubscribed inactive disabled optedout optout removed deleted left cancelled false no 0",
    Standing.BOUNCED: "bounced bounce hardbounced cleaned undeliverable",
    Standing.BLOCKED: "blocklisted blacklisted blocked suppressed erased asked imported",
    Standing.COMPLAINED: "complained complaint spam markedasspam spamcomplaint abuse",
}
_STANDINGS = {word: standing for standing, words in STATES.items() for word in words.split()}
_NO = {"", "false", "no", "0", "n", "never", "null", "none", "nein"}
_NOT_LETTERS = re.compile(r"[\W_]+")


class Columns:
    """Which column is what. Made from the first row of a list; Unreadable where no column holds addresses."""

    def __init__(self, first: Row) -> None:
        self.names = [_plain(cell) for cell in first.cells]
        # A list without a heading is one address a line.
        self.headless = len(self.names) == 1 and _may_be_address(first.cells[0].strip())
        if self.headless:
            self.names = ["email"]
        if not set(self.names) & set(EMAIL):
            raise Unreadable(
                _("No column of this file is called “email”. Name the columns in its first line, and one of them so.")
            )

    def claim(self, row: Row) -> Claim:
        """What the row says. Raises Unknown."""
        if len(row.cells) > len(self.names) and any(cell.strip() for cell in row.cells[len(self.names) :]):
            raise Unknown(_("This line has more cells than the first one names. Put its cells in their columns."))
        # The first of columns of one name counts; spreadsheets leave out the empty cells at the end.
        named = [(name, cell.strip()) for name, cell in zip(self.names, row.cells, strict=False)]
        cells = dict(reversed(named))
        standing, at = _standing(named)
        return Claim(
            line=row.line,
            email=_first(cells, EMAIL),
            standing=standing,
            at=at or (moment(cells.get("since", "")) if standing >= Standing.UNSUBSCRIBED else None),
            agreed_at=next(filter(None, (moment(cells.get(name, "")) for name in AGREED)), None),
            paused_until=moment(cells.get("pauseduntil", "")),
            language=_first(cells, ("language", "lang", "locale"))[:12].lower(),
            time_zone=_first(cells, ("timezone",))[:63],
            newsletter=cells.get("newsletter", ""),
        )


def moment(text: str) -> datetime | None:
    """A moment as services write it, in UTC where they name no zone; None for what is none."""
    text = text.strip().removesuffix(" UTC")
    try:
        found = datetime.fromisoformat(text)
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _standing(named: Sequence[tuple[str, str]]) -> tuple[Standing, datetime | None]:
    """What all cells together say, and since when: any one of them is enough not to be written to."""
    found: list[tuple[Standing, datetime | None]] = [(Standing.ACTIVE, None)]
    for name, cell in named:
        says_no = cell.casefold() in _NO
        if name in STATE and cell:
            found.append((_state(cell), None))
        if name in SENT and cell and says_no:
            found.append((Standing.UNSUBSCRIBED, None))
        if name in CONFIRMED and cell and says_no:
            found.append((Standing.PENDING, None))
        if not says_no:
            found += [(standing, moment(cell)) for standing, names in HAPPENED.items() if name in names]
    strictest = max(found, key=lambda pair: (pair[0], pair[1] is not None))
    if strictest[0] <= Standing.PAUSED and (Standing.PENDING, None) in found:
        return Standing.PENDING, None  # who never confirmed is not subscribed, however active the account is
    return strictest


def _state(word: str) -> Standing:
    standing = _STANDINGS.get(_plain(word))
    if standing is None:
        raise Unknown(
            _("Nobody knows the state “%(word)s”. Use active, unsubscribed, bounced or complained.")
            % {"word": word[:40]}
        )
    return standing


def _may_be_address(text: str) -> bool:
    """Not so for a picture or an archive, which holds an @ as well."""
    return "@" in text and text.isprintable() and "\ufffd" not in text


def _first(cells: Mapping[str, str], names: tuple[str, ...]) -> str:
    return next((cells[name] for name in names if cells.get(name)), "")


def _plain(text: str) -> str:
    """A heading or a state without its spelling: "E-mail Address" and "email_address" are one."""
    return _NOT_LETTERS.sub("", text.casefold())
