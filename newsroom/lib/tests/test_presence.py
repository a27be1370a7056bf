"""Who is in a room: shown while it is so, and not a moment longer; one of many who type at once holds the lock."""

import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import pytest
import time_machine
from django.conf import settings as configured
from django.core.cache import cache

from newsroom.lib import presence, slate
from newsroom.lib.presence import Faster, Window, beat, leave, present, present_in, take_over

ON_REDIS = "RedisCache" in configured.CACHES["default"]["BACKEND"]
NOON = datetime(2026, 11, 22, 12, 3, tzinfo=UTC)
ALICE = Window("1", "Alice", "window-a", 10)
BOB = Window("2", "Bob", "window-b", 10)
CHARLIE = Window("3", "Charlie", "window-c", 10)


@pytest.fixture(params=["file", "redis"] if ON_REDIS else ["file"], autouse=True)
def store(request: Any, settings: Any, tmp_path: Path) -> str:
    """Every test here is of the file, and of Redis as well where that is the cache."""
    settings.PRESENCE_FILE = tmp_path / "presence.sqlite3" if request.param == "file" else None
    return str(request.param)


@pytest.fixture
def clock() -> Iterator[Any]:
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


def names(room: presence.Room) -> list[str]:
    return [seat.name for seat in room.seats]


def holder(room: presence.Room) -> str:
    return room.lock.name if room.lock else ""


# Being there -------------------------------------------------------------------------------


def test_whoever_is_heard_of_is_there_since_the_first_time(clock: Any) -> None:
    assert names(beat("a", ALICE)) == ["Alice"]
    clock.shift(timedelta(seconds=30))
    room = beat("a", BOB)
    assert names(room) == ["Alice", "Bob"]
    beat("a", ALICE)
    assert [seat.since for seat in present("a").seats] == [NOON, NOON + timedelta(seconds=30)]


def test_rooms_know_nothing_of_one_another(clock: Any) -> None:
    beat("a", ALICE, typing=True)
    assert present("b") == presence.Room()


def test_whoever_is_heard_of_no_longer_is_gone_by_themselves(clock: Any) -> None:
    beat("a", ALICE)
    clock.shift(timedelta(seconds=presence.SEAT - 1))
    assert names(present("a")) == ["Alice"]
    clock.shift(timedelta(seconds=1))
    assert names(present("a")) == []


def test_a_window_in_the_background_is_waited_for_longer(clock: Any) -> None:
    beat("a", ALICE, away=True)
    clock.shift(timedelta(seconds=presence.SEAT_AWAY - 1))
    assert [seat.away for seat in present("a").seats] == [True]
    clock.shift(timedelta(seconds=1))
    assert names(present("a")) == []


def test_a_beat_that_its_page_s_end_has_overtaken_brings_nobody_back(clock: Any) -> None:
    beat("a", BOB)
    leave("a", BOB)
    beat("a", BOB, typing=True)
    clock.shift(timedelta(seconds=presence.SEAT_LEFT))
    assert names(present("a")) == []


def test_a_page_that_was_left_is_gone_within_seconds_unless_loaded_again(clock: Any) -> None:
    beat("a", ALICE, typing=True)
    beat("a", BOB)
    leave("a", ALICE)
    leave("a", BOB)
    clock.shift(timedelta(seconds=presence.SEAT_LEFT - 1))
    again = beat("a", Window("1", "Alice", "window-a", 11))
    assert (names(again), holder(again)) == (["Alice", "Bob"], "Alice")
    clock.shift(timedelta(seconds=1))
    assert names(present("a")) == ["Alice"]
    assert present("a").seats[0].since == NOON


def test_the_farewell_of_an_old_page_does_not_take_the_new_one_away(clock: Any) -> None:
    beat("a", ALICE)
    beat("a", Window("1", "Alice", "window-a", 11))
    leave("a", ALICE)
    beat("a", ALICE, away=True)
    clock.shift(timedelta(seconds=presence.SEAT_LEFT))
    assert [seat.away for seat in present("a").seats] == [False]


def test_many_rooms_are_read_at_once(clock: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    beat("a", ALICE)
    beat("b", BOB)
    read = Mock(wraps=slate.read)
    monkeypatch.setattr(slate, "read", read)
    rooms = present_in(["a", "b", "c"])
    assert {name: names(room) for name, room in rooms.items()} == {"a": ["Alice"], "b": ["Bob"], "c": []}
    assert read.call_count == 1
    assert present_in([]) == {}


# Typing and the lock -----------------------------------------------------------------------


def test_whoever_types_first_holds_the_lock(clock: Any) -> None:
    beat("a", ALICE, typing=True)
    clock.shift(timedelta(seconds=10))
    room = beat("a", BOB, typing=True)
    assert holder(room) == "Alice"
    assert room.lock is not None
    assert room.lock.since == NOON
    assert [seat.typing for seat in room.seats] == [True, True]


def test_being_there_is_not_typing(clock: Any) -> None:
    assert beat("a", ALICE).lock is None
    beat("a", ALICE, typing=True)
    clock.shift(timedelta(seconds=presence.TYPING))
    room = beat("a", ALICE)
    assert [seat.typing for seat in room.seats] == [False]
    assert holder(room) == "Alice"


def test_the_lock_ends_when_its_holder_stops_typing(clock: Any) -> None:
    beat("a", ALICE, typing=True)
    for _ in range(11):
        clock.shift(timedelta(seconds=10))
        assert holder(beat("a", ALICE)) == "Alice"
    clock.shift(timedelta(seconds=10))
    assert holder(present("a")) == ""
    assert holder(beat("a", BOB, typing=True)) == "Bob"


@pytest.mark.parametrize("away", [False, True])
def test_the_lock_ends_when_its_holder_is_heard_of_no_longer(clock: Any, away: bool) -> None:
    beat("a", ALICE, typing=True, away=away)
    clock.shift(timedelta(seconds=presence.SEAT - 1))
    assert holder(present("a")) == "Alice"
    clock.shift(timedelta(seconds=1))
    assert holder(present("a")) == ""


def test_the_lock_lasts_as_long_as_its_holder_types(clock: Any) -> None:
    for _ in range(60):
        beat("a", ALICE, typing=True)
        clock.shift(timedelta(seconds=12))
    lock = present("a").lock
    assert lock is not None
    assert lock.since == NOON


def test_ones_own_second_window_does_not_get_the_lock_by_typing(clock: Any) -> None:
    beat("a", ALICE, typing=True)
    room = beat("a", Window("1", "Alice", "second-one"), typing=True)
    assert room.lock is not None
    assert (room.lock.person, room.lock.window) == ("1", "window-a")


# Taking over -------------------------------------------------------------------------------


def held(room: str = "a") -> str:
    lock = present(room).lock
    assert lock is not None
    return lock.key


def test_a_lock_is_taken_over_and_the_other_is_told_until_she_has_heard(clock: Any) -> None:
    beat("a", ALICE, typing=True)
    clock.shift(timedelta(seconds=10))
    taken = take_over("a", BOB, held())
    assert taken is not None
    assert taken.name == "Alice"
    assert holder(present("a")) == "Bob"
    told = beat("a", ALICE, typing=True).told
    assert told is not None
    assert (told.name, told.at) == ("Bob", NOON + timedelta(seconds=10))
    assert beat("a", ALICE).told == told
    assert beat("a", BOB).told is None
    assert beat("a", ALICE, heard=told.key).told is None
    assert beat("a", ALICE).told is None


def test_she_is_told_even_where_her_machine_slept_meanwhile(clock: Any) -> None:
    beat("a", ALICE, typing=True)
    take_over("a", BOB, held())
    clock.shift(timedelta(hours=1))
    assert present("a").seats == ()
    assert beat("a", ALICE).told is not None
    clock.shift(timedelta(hours=4))
    assert beat("a", ALICE).told is None


def test_a_page_loaded_since_is_not_told_of_the_one_before(clock: Any) -> None:
    beat("a", ALICE, typing=True)
    take_over("a", BOB, held())
    assert beat("a", Window("1", "Alice", "window-a", 11)).told is None


def test_only_the_lock_that_was_seen_is_taken_over(clock: Any) -> None:
    beat("a", ALICE, typing=True)
    seen = held()
    take_over("a", BOB, seen)
    with pytest.raises(Faster):
        take_over("a", CHARLIE, seen)
    assert holder(present("a")) == "Bob"
    assert beat("a", BOB).told is None


def test_a_lock_that_ended_meanwhile_is_taken_from_nobody(clock: Any) -> None:
    beat("a", ALICE, typing=True)
    seen = held()
    clock.shift(timedelta(seconds=presence.LOCK))
    assert take_over("a", BOB, seen) is None
    assert holder(present("a")) == "Bob"
    assert beat("a", ALICE).told is None


def test_ones_own_lock_needs_no_taking_over(clock: Any) -> None:
    beat("a", ALICE, typing=True)
    key = held()
    assert take_over("a", ALICE, key) is None
    assert held() == key
    assert beat("a", ALICE).told is None


def test_whoever_gets_the_lock_back_need_not_be_told_any_more(clock: Any) -> None:
    beat("a", ALICE, typing=True)
    take_over("a", BOB, held())
    take_over("a", ALICE, held())
    assert beat("a", ALICE).told is None
    assert beat("a", BOB).told is not None


# Bounds ------------------------------------------------------------------------------------


def test_one_person_has_a_bounded_number_of_seats_and_pushes_out_nobody_else(clock: Any) -> None:
    beat("a", BOB)
    beat("a", ALICE, typing=True)
    for number in range(50):
        clock.shift(timedelta(milliseconds=1))
        beat("a", Window("1", "Alice", f"window-{number}"))
    room = present("a")
    assert names(room).count("Alice") == presence.MOST_SEATS_OF_ONE
    assert "Bob" in names(room)
    assert holder(room) == "Alice"


def test_a_full_room_keeps_those_who_are_there(clock: Any) -> None:
    for number in range(presence.MOST_SEATS + 5):
        room = beat("a", Window(str(number), f"Somebody {number}", "window"), typing=True)
    assert len(room.seats) == presence.MOST_SEATS
    assert holder(room) == "Somebody 0"
    with pytest.raises(Faster):
        take_over("a", ALICE, held())


def test_names_are_cut(clock: Any) -> None:
    room = beat("a", Window("1", "\ud800" + "x" * 100_000, "window"))
    assert len(room.seats[0].name) == presence.MOST_LETTERS


def test_what_has_ended_is_purged(clock: Any, store: str, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    if store == "redis":
        pytest.skip("Redis purges by itself.")
    monkeypatch.setattr(slate, "PURGE_EVERY", 1)
    for number in range(20):
        beat(f"room {number}", ALICE)
    clock.shift(timedelta(seconds=presence.SEAT))
    beat("a", BOB)
    with closing(sqlite3.connect(settings.PRESENCE_FILE)) as connection:
        assert connection.execute("SELECT count(*) FROM slates").fetchone() == (1,)


@pytest.mark.skipif(not ON_REDIS, reason="The cache is not Redis. Name one in CACHE_URL to test presence there too.")
def test_redis_is_told_when_a_room_ends(store: str) -> None:
    if store == "file":
        pytest.skip("A file has no ends of its own.")
    beat("a", ALICE)
    backend: Any = cache
    ends = backend._cache.get_client().ttl(cache.make_key("slate:presence:a"))
    assert presence.SEAT - 5 < ends <= presence.SEAT


def test_where_nothing_can_be_kept_the_caller_is_told_so(store: str, settings: Any, tmp_path: Path) -> None:
    if store == "redis":
        pytest.skip("A matter of the file.")
    settings.PRESENCE_FILE = tmp_path / "no folder" / "presence.sqlite3"
    with pytest.raises(slate.Unavailable):
        beat("a", ALICE)
    damaged = settings.PRESENCE_FILE = tmp_path / "damaged.sqlite3"
    damaged.write_bytes(b"no database " * 100)
    with pytest.raises(slate.Unavailable):
        present("a")


# At once -----------------------------------------------------------------------------------


def test_of_many_threads_that_begin_to_type_at_once_exactly_one_holds_the_lock() -> None:
    def begin(number: int) -> bool:
        room = beat("a", Window(str(number), f"Somebody {number}", "window"), typing=True)
        return bool(room.lock and room.lock.person == str(number))

    with ThreadPoolExecutor(8) as threads:
        assert sum(threads.map(begin, range(40))) == 1
    assert len(present("a").seats) == 40


def test_of_many_who_take_over_the_same_lock_exactly_one_gets_it() -> None:
    beat("a", ALICE, typing=True)
    seen = held()

    def take(number: int) -> bool:
        try:
            return take_over("a", Window(str(number), f"Somebody {number}", "window"), seen) is not None
        except Faster:
            return False

    with ThreadPoolExecutor(8) as threads:
        assert sum(threads.map(take, range(100, 120))) == 1


TYPIST = """
import sys
from django.conf import settings
settings.configure(PRESENCE_FILE={path!r}, CACHES={caches!r}, USE_TZ=True)
from newsroom.lib.presence import Window, beat
won = 0
for round in range(30):
    room = beat(f"room {{round}}", Window(sys.argv[1], "Somebody", "window"), typing=True)
    won += room.lock.person == sys.argv[1]
print(won)
"""


def test_of_processes_that_begin_to_type_at_once_exactly_one_holds_each_lock(settings: Any) -> None:
    path = str(settings.PRESENCE_FILE) if settings.PRESENCE_FILE else None
    code = TYPIST.format(path=path, caches={} if path else settings.CACHES)
    started = [
        subprocess.Popen(
            [sys.executable, "-c", code, str(number)],
            stdout=subprocess.PIPE,
            text=True,
            cwd=configured.BASE_DIR,
            env={**os.environ, "DJANGO_SETTINGS_MODULE": ""},
        )
        for number in range(4)
    ]
    assert sum(int(process.communicate(timeout=60)[0]) for process in started) == 30


def test_nobody_waits_for_whoever_has_saved() -> None:
    beat("article 1", ALICE, typing=True)
    presence.rest("article 1", ALICE.person)
    room = present("article 1")
    assert room.lock is None
    assert [seat.typing for seat in room.seats] == [False]
