"""Comments of an import, kept on disk until all are read: then they are taken out article by article, in order."""

import json
import sqlite3
import tempfile
from collections.abc import Iterator
from dataclasses import asdict
from datetime import datetime
from types import TracebackType
from typing import Any

from comments.importers.items import Said, Thread
from comments.states import State

_TABLES = """
CREATE TABLE threads (key TEXT PRIMARY KEY, fields TEXT);
CREATE TABLE said (source TEXT PRIMARY KEY, thread TEXT, at TEXT, fields TEXT);
CREATE INDEX said_in_order ON said (thread, at);
"""


class Spool:
    """A context: what is in it is gone when it ends."""

    def __enter__(self) -> "Spool":
        self._folder = tempfile.TemporaryDirectory(prefix="newsroom-comments-")
        self._base = sqlite3.connect(f"{self._folder.name}/spool.sqlite3", isolation_level=None)
        self._base.execute("PRAGMA journal_mode=OFF")
        self._base.execute("PRAGMA synchronous=OFF")
        self._base.executescript(_TABLES)
        self._base.execute("BEGIN")
        return self

    def __exit__(self, kind: type[BaseException] | None, error: Any, trace: TracebackType | None) -> None:
        self._base.close()
        self._folder.cleanup()

    def add_thread(self, thread: Thread) -> None:
        """One that is met again is the same."""
        self._base.execute("INSERT OR IGNORE INTO threads VALUES (?, ?)", (thread.key, json.dumps(asdict(thread))))

    def add(self, said: Said) -> None:
        """A comment that is met again, in a part of the same export, is the same."""
        fields = asdict(said) | {"at": said.at.isoformat()}
        row = (said.source, said.thread, fields["at"], json.dumps(fields))
        self._base.execute("INSERT OR IGNORE INTO said VALUES (?, ?, ?, ?)", row)

    def threads(self) -> Iterator[tuple[Thread | None, list[Said]]]:
        """Each thread with its comments, the oldest first; None for one that the export does not describe."""
        keys = "SELECT DISTINCT said.thread, threads.fields FROM said LEFT JOIN threads ON threads.key = said.thread"
        for key, fields in self._base.execute(f"{keys} ORDER BY said.thread").fetchall():
            rows = self._base.execute("SELECT fields FROM said WHERE thread = ? ORDER BY at, rowid", (key,))
            yield _thread(fields), [_said(row[0]) for row in rows]


def _thread(fields: str | None) -> Thread | None:
    if fields is None:
        return None
    found = json.loads(fields)
    return Thread(**found | {"paths": tuple(found["paths"])})


def _said(fields: str) -> Said:
    found = json.loads(fields)
    return Said(**found | {"at": datetime.fromisoformat(found["at"]), "state": State(found["state"])})
