"""What the doctor finds."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from django.utils import timezone


class State(StrEnum):
    """How a thing stands."""

    FINE = "fine"
    LOOK = "look"  # somebody should have a look, and may find it right
    WRONG = "wrong"  # something does not work


@dataclass(frozen=True)
class Finding:
    """One line: what it is about, how it stands, and what to do where something is to be done."""

    state: State
    subject: str
    sentence: str


def fine(subject: str, sentence: str) -> Finding:
    return Finding(State.FINE, subject, sentence)


def look(subject: str, sentence: str) -> Finding:
    return Finding(State.LOOK, subject, sentence)


def wrong(subject: str, sentence: str) -> Finding:
    return Finding(State.WRONG, subject, sentence)


def at(moment: datetime) -> str:
    """ "2026-11-27 07:00 CET", in the zone that is current."""
    return f"{timezone.localtime(moment):%Y-%m-%d %H:%M %Z}"
