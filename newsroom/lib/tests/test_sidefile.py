"""Files that many processes open at the same moment, while they are new and while others close them."""

import sqlite3
from concurrent.futures import ProcessPoolExecutor

import pytest

from newsroom.lib import sidefile

pytestmark = pytest.mark.once
TABLE = "CREATE TABLE IF NOT EXISTS numbers (number INTEGER)"
PROCESSES, TIMES, FILES = 8, 10, 40


def write(path):
    """Open, write and close again and again; what went wrong."""
    troubles = []
    for number in range(TIMES):
        try:
            with sidefile.opened(path, TABLE) as file:
                file.execute("INSERT INTO numbers VALUES (?)", [number])
        except sqlite3.Error as error:
            troubles.append(str(error))
    return troubles


def test_nobody_is_told_that_it_is_locked_and_nothing_is_lost(tmp_path):
    with ProcessPoolExecutor(PROCESSES) as processes:
        for number in range(FILES):
            path = tmp_path / f"{number}.sqlite3"
            assert list(processes.map(write, [path] * PROCESSES)) == [[]] * PROCESSES
            with sidefile.opened(path, TABLE) as file:
                assert file.execute("SELECT COUNT(*) FROM numbers").fetchone() == (PROCESSES * TIMES,)


def test_what_is_broken_is_said_at_once(tmp_path):
    path = tmp_path / "numbers.sqlite3"
    path.write_bytes(b"This is no database, but long enough to be taken for one. " * 40)
    with pytest.raises(sqlite3.DatabaseError), sidefile.opened(path, TABLE):
        pass
