"""SQLite files beside the content database, for what many processes count or share, and a power cut may take away."""

import random
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from os import PathLike

PATIENCE = 10.0  # seconds


@contextmanager
def opened(path: str | PathLike[str], table: str) -> Iterator[sqlite3.Connection]:
    """The file at `path` with its `table` (CREATE TABLE IF NOT EXISTS), made where it is missing; closed afterwards."""
    with closing(_open(path, table)) as connection:
        yield connection


def _open(path: str | PathLike[str], table: str) -> sqlite3.Connection:
    """Whoever opens a file while it is new, or while the last one closes it, is told "locked" without being made to
    wait (https://sqlite.org/wal.html, 9), and so tries again.
    """
    deadline = time.monotonic() + PATIENCE
    while True:
        connection = sqlite3.connect(path, timeout=PATIENCE, isolation_level=None)
        try:
            connection.execute("PRAGMA journal_mode=WAL")
            connection.execute("PRAGMA synchronous=OFF")  # nothing waits for the disk
            connection.execute(table)
            return connection
        except sqlite3.OperationalError as error:
            connection.close()
            busy = error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_BUSY
            if not busy or time.monotonic() > deadline:
                raise
        time.sleep(random.uniform(0.001, 0.02))  # noqa: S311
