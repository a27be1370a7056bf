"""The demo's people with a login, one for each role, and the file that holds their passwords."""

import os
import secrets
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.contrib.auth.models import Group

from newsroom import roles
from newsroom.models import User

# Without letters and digits that look alike.
ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"


@dataclass(frozen=True)
class Account:
    name: str
    family_name: str
    role: str


ACCOUNTS = (
    Account("alice", "Marsh", roles.REPORTER),
    Account("bob", "Keller", roles.SECTION_EDITOR),
    Account("charlie", "Okafor", roles.DUTY_EDITOR),
    Account("dora", "Lindqvist", roles.PICTURE_EDITOR),
    Account("erik", "Solberg", roles.MODERATOR),
    Account("nora", "Benali", roles.NEWSLETTER_EDITOR),
    Account("adam", "Wright", roles.ADMINISTRATOR),
)


def file() -> Path:
    return settings.DATA_DIR / "demo-accounts.txt"


def make() -> tuple[dict[str, User], str]:
    """The accounts by login, each with a new random password, and the list of them to be kept.

    Accounts that exist get a new password and keep all else.
    """
    roles.apply()
    people, lines = {}, []
    for account in ACCOUNTS:
        user, _new = User.objects.get_or_create(
            username=account.name,
            defaults={
                "first_name": account.name.capitalize(),
                "last_name": account.family_name,
                "email": f"{account.name}@averley.example",
                "is_staff": True,
            },
        )
        user.groups.add(Group.objects.get(name=account.role))
        password = _password()
        user.set_password(password)
        user.save(update_fields=["password"])
        people[account.name] = user
        lines.append(f"  {account.name:<9} {password:<16} {account.role}\n")
    return people, "".join(lines)


def write(accounts: str) -> None:
    """Keep the list for the next start, readable by its owner only."""
    draft = file().with_suffix(f".{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as open_file:
        open_file.write(accounts)
    draft.replace(file())


def _password() -> str:
    """Twelve letters and digits, 59 bits, in three groups that can be typed."""
    return "-".join("".join(secrets.choice(ALPHABET) for _ in range(4)) for _ in range(3))
