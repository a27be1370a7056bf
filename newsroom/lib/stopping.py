"""Whether this process is to end. Long work asks between its steps, and leaves the rest to the next process."""

import threading

_told = threading.Event()


def tell() -> None:
    """The process is about to end."""
    _told.set()


def told() -> bool:
    return _told.is_set()


def sleep(seconds: float) -> None:
    """Wait so long, or until the process is told to end."""
    _told.wait(seconds)
