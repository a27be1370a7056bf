"""SQLite with a queue for its writers.

SQLite lets whoever asks at the right moment write next, and those who wait look again ever more seldom: with many
editors at once somebody waits until the timeout though others were served ten times meanwhile. Here a transaction
waits for a lock of the operating system, which knows who came first, wakes them in that order and takes the lock back
from a process that dies.
"""

import fcntl
import os
from contextlib import suppress
from typing import Any

from django.db.backends.sqlite3 import base


class DatabaseWrapper(base.DatabaseWrapper):
    """Django's own, except that transactions queue up."""

    _queue: int | None = None
    _first = False

    def _start_transaction_under_autocommit(self) -> None:
        self._queue_up()
        try:
            super()._start_transaction_under_autocommit()  # type: ignore[misc]
        except BaseException:
            self._step_back()
            raise

    def _commit(self) -> None:
        try:
            super()._commit()  # type: ignore[misc]
        finally:
            self._step_back()

    def _rollback(self) -> None:
        try:
            super()._rollback()  # type: ignore[misc]
        finally:
            self._step_back()

    def _close(self) -> None:
        try:
            super()._close()  # type: ignore[misc]
        finally:
            self._step_back()
            if self._queue is not None:
                os.close(self._queue)
                self._queue = None

    def _queue_up(self) -> None:
        name: Any = self.settings_dict["NAME"]
        if self._first or self.is_in_memory_db():
            return
        if self._queue is None:
            self._queue = os.open(f"{name}-queue", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        fcntl.flock(self._queue, fcntl.LOCK_EX)
        self._first = True

    def _step_back(self) -> None:
        if self._first and self._queue is not None:
            with suppress(OSError):
                fcntl.flock(self._queue, fcntl.LOCK_UN)
        self._first = False
