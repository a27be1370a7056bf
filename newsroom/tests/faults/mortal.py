"""The site's WSGI application, except that a request may name the step of the database at which the server dies.

A step is a statement that is about to be sent, a commit about to be made, or one just made. The header
"Die-At: 3" kills the server, all its workers included, at the third step of the request; the answer to a
request that is survived tells in "Steps" how many there were. "Die-At: commit" kills the one worker that has the
request, as soon as its first transaction is committed and before anybody is told.
"""

import os
import signal
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from newsroom.wsgi import application as newsroom  # sets Django up

from django.db import connection  # isort: skip


class Steps:
    """Counts, and ends it all at the step number `last`."""

    def __init__(self, last: str) -> None:
        self.last, self.count = last, 0

    def step(self) -> None:
        self.count += 1
        if str(self.count) == self.last:
            os.killpg(os.getpgrp(), signal.SIGKILL)

    def statement(self, execute: Callable[..., Any], *arguments: Any) -> Any:
        self.step()
        return execute(*arguments)

    @contextmanager
    def counting(self) -> Iterator[None]:
        commit = connection._commit

        def counted() -> None:
            self.step()
            commit()
            if self.last == "commit":
                os.kill(os.getpid(), signal.SIGKILL)
            self.step()

        connection._commit = counted
        try:
            with connection.execute_wrapper(self.statement):
                yield
        finally:
            del connection._commit


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    if "HTTP_DIE_AT" not in environ:
        return newsroom(environ, start_response)
    steps = Steps(environ["HTTP_DIE_AT"])

    def start(status: str, headers: list[tuple[str, str]], *more: Any) -> Any:
        return start_response(status, [*headers, ("Steps", str(steps.count))], *more)

    with steps.counting():
        return newsroom(environ, start)
