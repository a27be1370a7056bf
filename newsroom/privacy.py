"""All that the newsroom keeps about the holder of an address, in all its rooms: handed over, or erased.

Whoever asks has shown that the address is theirs, or a member of the staff has made sure of it.
"""

from dataclasses import dataclass, field

from django.db import transaction

import articles.privacy
import comments.privacy
import subscribers.privacy
from newsroom import accounts
from newsroom.accounts import Refused
from newsroom.lib.personal import Tables

__all__ = ["Erasure", "Refused", "erase", "export", "rehearse"]


@dataclass
class Erasure:
    """How many rows of each table were erased or emptied, and how many still name an account that is empty now."""

    done: dict[str, int] = field(default_factory=dict)
    kept: dict[str, int] = field(default_factory=dict)

    def add(self, room: str, done: dict[str, int]) -> None:
        for table, number in done.items():
            name = f"{room}.{table}"
            self.done[name] = self.done.get(name, 0) + number


def export(email: str) -> Tables:
    """Everything that is kept about an address: "room.table" and its rows, as JSON can hold them."""
    found: Tables = {}
    _add(found, "comments", comments.privacy.export(email))
    _add(found, "subscribers", subscribers.privacy.export(email))
    for user in accounts.of(email):
        _add(found, "newsroom", accounts.export(user))
        _add(found, "articles", articles.privacy.export(user))
    return found


def erase(email: str) -> Erasure:
    """Erase all of it, room by room. Raises Refused, before anything is erased, for the last administrator.

    An account is emptied and closed. What must outlive it names nobody: the log of decisions names the empty
    account, proof of consent, suppressions and bans know the address as a digest.
    """
    users = list(accounts.of(email))
    for user in users:
        accounts.may_be_erased(user)
    erasure = Erasure()
    # Before the account is emptied: a commenter may be known by its address alone.
    erasure.add("comments", comments.privacy.erase(email))
    erasure.add("subscribers", subscribers.privacy.erase(email))
    for user in users:
        with transaction.atomic():
            erasure.add("articles", articles.privacy.erase(user))
            erasure.add("newsroom", accounts.erase(user))
        for row in accounts.named_in(user):
            erasure.kept[row["table"]] = erasure.kept.get(row["table"], 0) + row["rows"]
    return erasure


def rehearse(email: str) -> Erasure:
    """What `erase` would do: it is done, and taken back. Raises as `erase` does."""
    with transaction.atomic():
        erasure = erase(email)
        transaction.set_rollback(True)
    return erasure


def _add(found: Tables, room: str, tables: Tables) -> None:
    for table, rows in tables.items():
        found.setdefault(f"{room}.{table}", []).extend(rows)
