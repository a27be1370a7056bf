"""Counting is exact, across processes, and forgets."""

import sqlite3
import subprocess
import sys
from contextlib import closing
from datetime import UTC, datetime, timedelta

import time_machine
from django.conf import settings as configured
from pytest import fixture

from newsroom.lib import throttle
from newsroom.lib.throttle import allow


@fixture(autouse=True)
def counters(settings, tmp_path):
    settings.COUNTERS_FILE = tmp_path / "counters.sqlite3"
    return settings.COUNTERS_FILE


def test_the_first_calls_are_allowed_and_the_next_refused():
    assert [allow("a", 3, 60) for _ in range(5)] == [True, True, True, False, False]


def test_keys_are_counted_apart():
    assert allow("a", 1, 60)
    assert allow("b", 1, 60)
    assert not allow("a", 1, 60)


def test_a_refused_call_does_not_lengthen_the_wait():
    with time_machine.travel(datetime(2026, 1, 1, tzinfo=UTC), tick=False) as clock:
        assert allow("a", 1, 60)
        clock.shift(timedelta(seconds=59))
        assert not allow("a", 1, 60)
        clock.shift(timedelta(seconds=1))
        assert allow("a", 1, 60)


def test_what_is_given_back_is_allowed_again_and_never_more():
    throttle.give_back("a")
    assert allow("a", 1, 60)
    throttle.give_back("a")
    assert [allow("a", 1, 60) for _ in range(2)] == [True, False]


def test_old_rows_are_purged(counters, monkeypatch):
    monkeypatch.setattr(throttle, "PURGE_EVERY", 1)
    with time_machine.travel(datetime(2026, 1, 1, tzinfo=UTC), tick=False) as clock:
        allow("old", 1, 60)
        clock.shift(timedelta(minutes=2))
        allow("new", 1, 60)
    with closing(sqlite3.connect(counters)) as connection:
        assert connection.execute("SELECT count(*) FROM counters").fetchone() == (1,)


def test_no_address_stands_in_the_file(counters):
    allow("someone@example.org", 1, 60)
    assert b"someone" not in counters.read_bytes()


def test_odd_keys_are_counted_too():
    assert allow("\ud800 \0 " + "x" * 100_000, 1, 60)


def test_the_cache_counts_where_there_is_no_file(settings):
    settings.COUNTERS_FILE = None
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": "counters"}}
    assert [allow("a", 2, 60) for _ in range(3)] == [True, True, False]


COUNTER = """
from django.conf import settings
settings.configure(COUNTERS_FILE={path!r})
from newsroom.lib.throttle import allow
print(sum(allow("victim", 70, 600) for _ in range(50)))
"""


def test_processes_that_count_at_once_never_let_one_more_through(counters):
    code = COUNTER.format(path=str(counters))
    command = [sys.executable, "-c", code]
    started = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=configured.BASE_DIR) for _ in range(4)]
    assert sum(int(process.communicate(timeout=60)[0]) for process in started) == 70
