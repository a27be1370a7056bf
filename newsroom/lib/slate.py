"""Small values that all processes of the site share for a while, changed one after another, and gone by themselves.

They live in settings.PRESENCE_FILE, or in the cache where that is None (Redis): the content database is not
written to for what is forgotten a minute later.
"""

import json
import logging
import math
import secrets
import sqlite3
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from os import PathLike
from typing import Any, TypeVar

from django.conf import settings
from django.core.cache import cache
from redis import Redis, RedisError, WatchError

from newsroom.lib import sidefile

log = logging.getLogger(__name__)

T = TypeVar("T")
# What to do with a value (None where there is none): its next value, the seconds to keep that (0: wipe it), and
# what to tell the caller. It may be called again, where another process was faster.
Alter = Callable[[Any], tuple[Any, float, T]]

PURGE_EVERY = 200  # changes, on average
TRIES = 500

_TABLE = "CREATE TABLE IF NOT EXISTS slates (key TEXT PRIMARY KEY, value TEXT NOT NULL, ends REAL NOT NULL)"
_WRITE = (
    "INSERT INTO slates VALUES (?, ?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value, ends = excluded.ends"
)


class Unavailable(Exception):
    """The place where slates are kept does not answer. What asked can do without."""


def change(key: str, alter: Alter[T]) -> T:
    """Alter the value at `key` in one step, which no other process or thread comes between. Raises Unavailable."""
    with _told_as_unavailable():
        if settings.PRESENCE_FILE is None:
            return _change_in_redis(_redis(), _name(key), alter)
        return _change_in_file(settings.PRESENCE_FILE, key, alter)


def read(keys: Iterable[str]) -> dict[str, Any]:
    """The values that there are at `keys`, in one read. Raises Unavailable."""
    wanted = list(keys)
    if not wanted:
        return {}
    with _told_as_unavailable():
        if settings.PRESENCE_FILE is None:
            found: Any = zip(wanted, _redis().mget([_name(key) for key in wanted]), strict=True)
        else:
            found = _rows(settings.PRESENCE_FILE, wanted)
        return {key: json.loads(value) for key, value in found if value is not None}


@contextmanager
def _told_as_unavailable() -> Iterator[None]:
    try:
        yield
    except (sqlite3.Error, RedisError, OSError) as error:
        log.warning("What is shared for a while cannot be kept: %s", error)
        raise Unavailable from error


# In a file ---------------------------------------------------------------------------------


def _change_in_file(path: str | PathLike[str], key: str, alter: Alter[T]) -> T:
    now = time.time()
    with sidefile.opened(path, _TABLE) as connection:
        connection.execute("BEGIN IMMEDIATE")  # closing without COMMIT undoes it
        row = connection.execute("SELECT value FROM slates WHERE key = ? AND ends > ?", [key, now]).fetchone()
        value, seconds, told = alter(json.loads(row[0]) if row else None)
        if seconds > 0:
            connection.execute(_WRITE, [key, json.dumps(value), now + seconds])
        elif row:
            connection.execute("DELETE FROM slates WHERE key = ?", [key])
        if secrets.randbelow(PURGE_EVERY) == 0:
            connection.execute("DELETE FROM slates WHERE ends <= ?", [now])
        connection.execute("COMMIT")
    return told


def _rows(path: str | PathLike[str], keys: list[str]) -> list[tuple[str, str]]:
    places = ", ".join("?" * len(keys))
    query = f"SELECT key, value FROM slates WHERE ends > ? AND key IN ({places})"  # noqa: S608
    with sidefile.opened(path, _TABLE) as connection:
        return connection.execute(query, [time.time(), *keys]).fetchall()


# In Redis ----------------------------------------------------------------------------------


def _redis() -> Redis:
    """The connection of Django's cache, for steps that its own interface has no words for."""
    backend: Any = cache
    client: Redis = backend._cache.get_client(write=True)
    return client


def _name(key: str) -> str:
    return cache.make_key(f"slate:{key}")


def _change_in_redis(redis: Redis, name: str, alter: Alter[T]) -> T:
    for _attempt in range(TRIES):
        with redis.pipeline() as pipeline:
            pipeline.watch(name)
            stored: Any = pipeline.get(name)
            value, seconds, told = alter(json.loads(stored) if stored else None)
            pipeline.multi()
            if seconds > 0:
                pipeline.set(name, json.dumps(value), ex=math.ceil(seconds))
            else:
                pipeline.delete(name)
            try:
                pipeline.execute()
            except WatchError:
                continue
            return told
    raise Unavailable
