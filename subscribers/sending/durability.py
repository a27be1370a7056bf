"""What outlasts a power cut, and finding out afterwards what may not have.

Batches are claimed so that it is never lost. What is written before each message outlasts a killed process only, for
waiting for the disk takes longer than sending. So each batch says in which run of the machine (SQLite) or of the
database (PostgreSQL) it was claimed. Whoever finds it open in another run, be it that its end was not kept, calls
all that was left of it uncertain (outcomes.recover), so that nobody gets anything twice.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from secrets import token_hex

from django.db import connection

from subscribers.models import Batch, DatabaseRun

# A condition of a statement of its own: true, and PostgreSQL does not wait for the disk when it commits.
_WITHOUT_WAITING = {"postgresql": "AND set_config('synchronous_commit', 'off', true) = 'off'"}


def run() -> str:
    """A name for the time since anything committed may have been lost; "" where nothing is ever written lazily."""
    if connection.vendor == "postgresql":
        known, _new = DatabaseRun.objects.get_or_create(pk=1, defaults={"name": token_hex(8)})
        return known.name
    return boot()


def may_have_forgotten(batch: Batch) -> bool:
    """Whether the database may have lost what was written before the messages of this batch."""
    return batch.run != run()


def without_waiting() -> str:
    """SQL to be added to the conditions of an UPDATE outside a transaction, which then does not wait for the disk."""
    return _WITHOUT_WAITING.get(connection.vendor, "")


@contextmanager
def durable() -> Iterator[None]:
    """What is written in here outlasts a power cut. PostgreSQL does that by itself; SQLite is told so."""
    if connection.vendor != "sqlite" or connection.in_atomic_block:
        yield
        return
    _synchronous("FULL")
    try:
        yield
    finally:
        _synchronous("NORMAL" if boot() else "FULL")


@cache
def boot() -> str:
    """A name for the time since this machine was started; "" where that cannot be told."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text().strip().replace("-", "")[:12]
    except OSError:
        return ""


def _synchronous(how: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"PRAGMA synchronous={how}")
