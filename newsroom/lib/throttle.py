"""Counting what comes in, across all processes of the site."""

import hashlib
import secrets
import time
from contextlib import suppress
from os import PathLike

from django.conf import settings
from django.core.cache import cache

from newsroom.lib import sidefile

PURGE_EVERY = 200  # calls, on average

_TABLE = "CREATE TABLE IF NOT EXISTS counters (key TEXT PRIMARY KEY, count INTEGER NOT NULL, ends REAL NOT NULL)"
_COUNT = """
INSERT INTO counters (key, count, ends) VALUES (:key, 1, :now + :seconds)
ON CONFLICT (key) DO UPDATE SET
    count = CASE WHEN ends <= :now THEN 1 ELSE count + 1 END,
    ends = CASE WHEN ends <= :now THEN excluded.ends ELSE ends END
RETURNING count
"""


def allow(key: str, limit: int, seconds: int) -> bool:
    """True for the first `limit` calls with this key, counted from the first one for `seconds`.

    Exact across processes and threads: each call is one atomic step in settings.COUNTERS_FILE,
    or in the cache where that is None (Redis). A refused call does not lengthen the wait.
    The key is kept as a hash only, since it often holds an address.
    """
    digest = hashlib.sha256(key.encode(errors="surrogatepass")).hexdigest()
    if settings.COUNTERS_FILE is None:
        return _count_in_cache(f"throttle:{digest}", seconds) <= limit
    return _count_in_file(settings.COUNTERS_FILE, digest, seconds) <= limit


def give_back(key: str) -> None:
    """Count one call less, since nothing came of what it allowed."""
    digest = hashlib.sha256(key.encode(errors="surrogatepass")).hexdigest()
    if settings.COUNTERS_FILE is None:
        with suppress(ValueError):  # it ended
            cache.decr(f"throttle:{digest}")
        return
    with sidefile.opened(settings.COUNTERS_FILE, _TABLE) as connection:
        connection.execute("UPDATE counters SET count = count - 1 WHERE key = ? AND count > 0", [digest])


def forget() -> int:
    """Throw away the counters that have ended; how many there were. Redis does so by itself."""
    if settings.COUNTERS_FILE is None:
        return 0
    with sidefile.opened(settings.COUNTERS_FILE, _TABLE) as connection:
        return int(connection.execute("DELETE FROM counters WHERE ends <= ?", [time.time()]).rowcount)


def _count_in_cache(key: str, seconds: int) -> int:
    cache.add(key, 0, seconds)
    try:
        return cache.incr(key)
    except ValueError:  # it ended between the two steps
        cache.add(key, 1, seconds)
        return 1


def _count_in_file(path: str | PathLike[str], key: str, seconds: int) -> int:
    now = time.time()
    with sidefile.opened(path, _TABLE) as connection:
        row = connection.execute(_COUNT, {"key": key, "now": now, "seconds": seconds}).fetchone()
        if secrets.randbelow(PURGE_EVERY) == 0:
            connection.execute("DELETE FROM counters WHERE ends <= ?", [now])
    return int(row[0])
