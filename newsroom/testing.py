"""The cast of the tests: people with roles, and the outsider who must be refused."""

import secrets
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.test import Client

from newsroom import pagecache
from newsroom.models import User

# Login and role; None has an account and no role.
CAST: dict[str, str | None] = {
    "alice": "reporter",
    "anton": "reporter",
    "bob": "section editor",
    "berta": "section editor",
    "charlie": "duty editor",
    "dora": "picture editor",
    "erik": "moderator",
    "nora": "newsletter editor",
    "adam": "administrator",
    "mallory": None,
}


def make_user(name: str, role: str | None = None, **fields: object) -> User:
    """An account that may enter the admin, in the group of its role."""
    user = User.objects.create(
        username=name, first_name=name.capitalize(), email=f"{name}@newsroom.example", is_staff=True, **fields
    )
    if role:
        user.groups.add(Group.objects.get(name=role))
    return user


def _member(name: str) -> Callable[..., User]:
    @pytest.fixture(name=name)
    def member(db: None) -> User:
        return make_user(name, CAST[name])

    return member


alice, anton, bob, berta, charlie, dora, erik, nora, adam, mallory = map(_member, CAST)


@pytest.fixture
def root(db: None) -> User:
    """The first account, for setting up: a superuser."""
    return make_user("root", is_superuser=True)


def client_of(user: User) -> Client:
    """A browser in which `user` is signed in."""
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.fixture(autouse=True)
def nothing_kept(settings: Any) -> None:
    """No page, no count and nobody present of one test is met in another, nor in a process beside it."""
    prefix = secrets.token_hex(4)
    settings.CACHES = {"default": settings.CACHES["default"] | {"KEY_PREFIX": prefix}}
    if settings.COUNTERS_FILE:
        settings.COUNTERS_FILE = settings.DATA_DIR / f"counters-{prefix}.sqlite3"
    if settings.PRESENCE_FILE:
        settings.PRESENCE_FILE = settings.DATA_DIR / f"presence-{prefix}.sqlite3"
    pagecache.forget()
