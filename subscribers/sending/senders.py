"""Who sends: one sender in each process, known by a lock on a file that the system takes back when it dies.

Whoever sees the lock free knows at once that the process is gone; a process that shares no folder with the
dead one waits until the lease of its batches has run out.
"""

import fcntl
import os
import re
import secrets
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from django.conf import settings

_turn = threading.Lock()
_UNFIT = re.compile(r"[^A-Za-z0-9-]")


@contextmanager
def alone() -> Iterator[str | None]:
    """The name of this process's sender while it sends; None if another thread of the process does already.

    So a killed process leaves one begun message at most, and one thread stays free for other jobs.
    """
    if not _turn.acquire(blocking=False):
        yield None
        return
    try:
        name = f"{_UNFIT.sub('-', socket.gethostname())[:30]}-{os.getpid()}-{secrets.token_hex(4)}"
        with _locked(name):
            yield name
    finally:
        _turn.release()


def is_dead(name: str) -> bool:
    """Whether this sender is certainly gone. False also where it cannot be told from here."""
    try:
        file = os.open(_file(name), os.O_RDWR | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    finally:
        os.close(file)
    return True


def forget(name: str) -> None:
    """Take the lock file of a dead sender away."""
    with suppress(OSError):
        _file(name).unlink()


def tidy() -> None:
    """Take away all files of the dead."""
    folder = settings.DATA_DIR / "senders"
    for path in folder.iterdir() if folder.is_dir() else ():
        if is_dead(path.name):
            forget(path.name)


@contextmanager
def _locked(name: str) -> Iterator[None]:
    path = _file(name)
    path.parent.mkdir(parents=True, exist_ok=True)
    file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
        forget(name)
    finally:
        os.close(file)


def _file(name: str) -> Path:
    return settings.DATA_DIR / "senders" / name
