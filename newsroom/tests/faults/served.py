"""The site in processes of its own, as `manage.py serve` starts it, on the database of the test that asks.

What the test makes with factories the server sees, and the other way round: tests of this folder commit
(`django_db(transaction=True)`). The server can be killed at any moment and started again at the same address.
"""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import suppress
from pathlib import Path
from urllib.parse import quote

from django.conf import settings
from django.db import connection, connections

from newsroom.management.commands.serve import web_command

PATIENCE = 60  # seconds until a started server must answer
# What a log of a healthy server never holds.
BAD_SIGNS = ("Traceback", "database is locked", "Internal Server Error", "deadlock detected", "OperationalError")


class Served:
    """A web server without a worker: nothing that is tested here may need one."""

    def __init__(self, folder: Path, *, workers: int = 2, application: str = "newsroom.wsgi:application") -> None:
        self.folder, self.workers, self.application = folder, workers, application
        self.port = _free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.log = folder / "server.log"
        self.environment = _environment(folder, self.url)
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start the server and wait until it answers."""
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                web_command("127.0.0.1", self.port, self.workers, self.application),
                cwd=settings.BASE_DIR,
                env=self.environment,
                stdout=log,
                stderr=log,
                process_group=0,
            )
        deadline = time.monotonic() + PATIENCE
        while not self._answers():
            assert self.process.poll() is None, self.log.read_text()
            assert time.monotonic() < deadline, f"No answer in {PATIENCE} s. {self.log.read_text()}"
            time.sleep(0.03)

    def kill(self) -> None:
        """End the server and all its workers at once, as a power cut does: nobody can tidy up."""
        if self.process is None:
            return
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        self.process = None
        _wait_until_database_is_ours()

    def wait_until_dead(self) -> None:
        """For a server that kills itself."""
        assert self.process is not None
        self.process.wait(timeout=PATIENCE)
        self.kill()

    def troubles(self) -> list[str]:
        """The lines of the log that no healthy server writes."""
        lines = self.log.read_text(errors="replace").splitlines() if self.log.exists() else []
        return [line for line in lines if any(sign in line for sign in BAD_SIGNS)]

    def _answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.url}/readyz", timeout=2):
                return True
        except urllib.error.HTTPError:
            return True
        except OSError:
            return False


def let_go() -> None:
    """Close this process's connections: a server that comes back must recover the files by itself."""
    connections.close_all()


def collect_static(folder: Path) -> None:
    """Fill the folder that servers take their static files from."""
    environment = os.environ | {"DATA_DIR": str(folder), "DEBUG": "0", "DEMO": "0"}
    command = [sys.executable, "manage.py", "collectstatic", "--noinput", "--verbosity", "0"]
    subprocess.run(command, cwd=settings.BASE_DIR, env=environment, check=True)


def _environment(folder: Path, url: str) -> dict[str, str]:
    """Settings of the server: its own folder, the test's database, a corner of the cache for itself."""
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "DATA_DIR": str(folder),
        "SITE_URL": url,
        "SECRET_KEY": settings.SECRET_KEY,
        "DATABASE_URL": _database_url(),
        "DEBUG": "0",
        "DEMO": "0",
    }
    if cache := os.environ.get("CACHE_URL"):
        environment["CACHE_URL"] = f"{cache}{'&' if '?' in cache else '?'}key_prefix={folder.name}-{os.getpid()}"
    return environment


def _database_url() -> str:
    described = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{described['NAME']}"
    user, password = quote(described["USER"], safe=""), quote(described["PASSWORD"], safe="")
    place = f"{described['HOST']}:{described['PORT']}" if described["PORT"] else described["HOST"]
    return f"postgres://{user}:{password}@{place}/{quote(described['NAME'], safe='')}"


def _wait_until_database_is_ours() -> None:
    """PostgreSQL ends what a dead client had asked for in its own time."""
    if connection.vendor != "postgresql":
        return
    others = (
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND state <> 'idle' AND pid <> %s"
    )
    deadline = time.monotonic() + PATIENCE
    while True:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid()")
            own = cursor.fetchone()[0]
            cursor.execute(others, [own])
            busy = cursor.fetchone()[0]
        if not busy:
            return
        assert time.monotonic() < deadline, f"{busy} connections of a dead server are still busy."
        time.sleep(0.02)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
