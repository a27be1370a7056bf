"""Who is in a room just now, who types there, and since when.

A room is anything with a name; a seat in it is one window of one person. Whoever types first holds the room's
soft lock, which only tells: it keeps nobody from typing or saving. Everything here ends by itself, so that nothing
is shown that is not so any more: a seat when its window is heard of no longer, the lock when its holder stops
typing.
"""

import secrets
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, TypeVar

from newsroom.lib import clock, slate

T = TypeVar("T")
# What is kept of a room: {"seats": {key of the window: ...}, "lock": ... or None, "told": {key of the window: ...}}.
_State = dict[str, Any]

# Seconds. A seat ends this long after the last beat of its window; one in the background, whose timers browsers
# slow down to one a minute, later; one that was left, unless the same window comes back (a page loaded again).
SEAT = 45
SEAT_AWAY = 150
SEAT_LEFT = 5
# The lock ends this long after its holder last typed, and with her beats: SEAT, whether away or not.
LOCK = 120
# Somebody is shown as typing for this long.
TYPING = 30
# Whoever lost the lock is told of it for this long, unless she has heard.
TOLD = 4 * 60 * 60

MOST_SEATS = 100
MOST_SEATS_OF_ONE = 8
MOST_LETTERS = 150  # of a name


class Faster(Exception):
    """The lock cannot be taken over: somebody else has it by now, or the window has no seat."""


@dataclass(frozen=True)
class Window:
    """One window of a browser: whose it is, its own name, and when its page was loaded (by the browser's clock)."""

    person: str
    name: str
    id: str
    loaded: int = 0

    @property
    def key(self) -> str:
        return f"{self.person}:{self.id}"


@dataclass(frozen=True)
class Seat:
    person: str
    name: str
    window: str
    since: datetime
    typing: bool
    away: bool


@dataclass(frozen=True)
class Lock:
    """`key` names exactly this lock: it changes with whoever holds it."""

    key: str
    person: str
    name: str
    window: str
    since: datetime


@dataclass(frozen=True)
class Told:
    """Who took a window's lock over, and when."""

    key: str
    person: str
    name: str
    at: datetime


@dataclass(frozen=True)
class Room:
    """What there is at one moment. `told` is what the window that asked is to be told."""

    seats: tuple[Seat, ...] = ()
    lock: Lock | None = None
    told: Told | None = None


def beat(room: str, window: Window, *, typing: bool = False, away: bool = False, heard: str = "") -> Room:
    """Say that `window` is there, that somebody typed in it since its last beat, or that it is in the background.

    `heard` is the key of a Told which the person has taken note of. A beat of a page that the same window has
    loaded anew since, or closed, changes nothing. Raises slate.Unavailable.
    """
    now = clock.now().timestamp()

    def alter(state: _State) -> Room:
        if _sit(state, window, away, now):
            if typing:
                _type(state, window, now)
            if heard and state["told"].get(window.key, {}).get("key") == heard:
                del state["told"][window.key]
        return _seen_by(state, window, now)

    return _change(room, alter, now)


def leave(room: str, window: Window) -> None:
    """Say that the page of `window` is closed. Raises slate.Unavailable."""
    now = clock.now().timestamp()

    def alter(state: _State) -> None:
        seat = state["seats"].get(window.key)
        if seat and seat["loaded"] == window.loaded:
            seat["ends"] = min(seat["ends"], now + SEAT_LEFT)
            seat["left"] = True

    _change(room, alter, now)


def rest(room: str, person: str) -> None:
    """Say that what `person` typed is saved: nobody need wait for her any more. Raises slate.Unavailable."""
    now = clock.now().timestamp()

    def alter(state: _State) -> None:
        own = {key: seat for key, seat in state["seats"].items() if seat["person"] == person}
        for seat in own.values():
            seat["typed"] = None
        if state["lock"] and state["lock"]["seat"] in own:
            state["lock"] = None

    _change(room, alter, now)


def take_over(room: str, window: Window, held: str) -> Lock | None:
    """Give the lock to `window`, and tell the one that held it.

    `held` is the key of the lock that the person saw. Returns the lock that was taken away; None where it had
    ended by itself, or is the window's own. Raises Faster and slate.Unavailable.
    """
    now = clock.now().timestamp()

    def alter(state: _State) -> Lock | None:
        before = state["lock"]
        if (before and before["key"] != held) or not _sit(state, window, False, now):
            raise Faster
        taken = None
        if before and before["seat"] != window.key:
            taken = _lock(state)
            _tell(state, before["seat"], window, now)
            state["lock"] = None
        _type(state, window, now)
        return taken

    return _change(room, alter, now)


def present(room: str) -> Room:
    """Who is in `room`. Raises slate.Unavailable."""
    return present_in([room])[room]


def present_in(rooms: Iterable[str]) -> dict[str, Room]:
    """Who is in each of `rooms`, in one read. Raises slate.Unavailable."""
    now = clock.now().timestamp()
    wanted = list(rooms)
    found = slate.read(_key(room) for room in wanted)
    return {room: _seen(_pruned(found.get(_key(room)), now), now) for room in wanted}


def _key(room: str) -> str:
    return f"presence:{room}"


def _change(room: str, alter: Callable[[_State], T], now: float) -> T:
    def altered(stored: _State | None) -> tuple[_State, float, T]:
        state = _pruned(stored, now)
        told = alter(state)
        ends = [part["ends"] for group in ("seats", "told") for part in state[group].values()]
        return state, max(ends, default=now) - now, told

    return slate.change(_key(room), altered)


def _pruned(state: _State | None, now: float) -> _State:
    """What has not ended of `state`."""
    if state is None:
        return {"seats": {}, "lock": None, "told": {}}
    seats = {key: seat for key, seat in state["seats"].items() if seat["ends"] > now}
    told = {key: each for key, each in state["told"].items() if each["ends"] > now}
    lock = state["lock"]
    holder = lock and seats.get(lock["seat"])
    if not holder or lock["typed"] + LOCK <= now or holder["seen"] + SEAT <= now:
        lock = None
    return {"seats": seats, "lock": lock, "told": told}


def _sit(state: _State, window: Window, away: bool, now: float) -> bool:
    """Give the window its seat, or keep it; False where it has none: the room is full, or the page gone."""
    seats, key = state["seats"], window.key
    seat = seats.get(key)
    if seat and (seat["loaded"] > window.loaded or (seat["left"] and seat["loaded"] == window.loaded)):
        return False  # a beat of a page that is gone, overtaken on its way
    if not seat and not _has_place(state, window.person):
        return False
    seats[key] = {
        "person": window.person,
        "name": window.name[:MOST_LETTERS],
        "window": window.id,
        "since": seat["since"] if seat else now,
        "typed": seat["typed"] if seat else None,
        "loaded": window.loaded,
        "seen": now,
        "away": away,
        "left": False,
        "ends": now + (SEAT_AWAY if away else SEAT),
    }
    if state["told"].get(key, {"loaded": window.loaded})["loaded"] != window.loaded:
        del state["told"][key]  # another page stands in the window now, without what was typed then
    return True


def _has_place(state: _State, person: str) -> bool:
    """Whether there is a place for one more window of `person`; her own oldest makes room for her newest."""
    seats = state["seats"]
    own = [key for key, seat in seats.items() if seat["person"] == person]
    if len(own) >= MOST_SEATS_OF_ONE:
        holder = state["lock"] and state["lock"]["seat"]
        del seats[min((key for key in own if key != holder), key=lambda key: seats[key]["seen"])]
    return len(seats) < MOST_SEATS


def _type(state: _State, window: Window, now: float) -> None:
    """Note that somebody typed in the window, which holds the lock from now on if nobody does."""
    if window.key not in state["seats"]:
        return
    state["seats"][window.key]["typed"] = now
    lock = state["lock"]
    if lock is None:
        state["lock"] = {"key": secrets.token_hex(4), "seat": window.key, "since": now, "typed": now}
        state["told"].pop(window.key, None)  # she has it again
    elif lock["seat"] == window.key:
        lock["typed"] = now


def _tell(state: _State, key: str, by: Window, now: float) -> None:
    """Let the window at `key` hear that `by` has its lock."""
    told = {"key": secrets.token_hex(4), "person": by.person, "name": by.name[:MOST_LETTERS], "at": now}
    state["told"].pop(key, None)
    state["told"][key] = told | {"loaded": state["seats"][key]["loaded"], "ends": now + TOLD}
    while len(state["told"]) > MOST_SEATS:
        del state["told"][next(iter(state["told"]))]


def _seen_by(state: _State, window: Window, now: float) -> Room:
    told = state["told"].get(window.key)
    if told is None or told["loaded"] != window.loaded:
        return _seen(state, now)
    return replace(_seen(state, now), told=Told(told["key"], told["person"], told["name"], _moment(told["at"])))


def _seen(state: _State, now: float) -> Room:
    seats = sorted(state["seats"].values(), key=lambda seat: (seat["since"], seat["person"], seat["window"]))
    return Room(
        seats=tuple(
            Seat(
                person=seat["person"],
                name=seat["name"],
                window=seat["window"],
                since=_moment(seat["since"]),
                typing=seat["typed"] is not None and seat["typed"] + TYPING > now,
                away=seat["away"],
            )
            for seat in seats
        ),
        lock=_lock(state),
    )


def _lock(state: _State) -> Lock | None:
    lock = state["lock"]
    if lock is None:
        return None
    seat = state["seats"][lock["seat"]]
    return Lock(lock["key"], seat["person"], seat["name"], seat["window"], _moment(lock["since"]))


def _moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
