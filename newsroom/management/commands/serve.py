"""`manage.py serve`: the web server and a worker, together, as they are deployed."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from argparse import ArgumentParser
from contextlib import suppress
from typing import Any

from django.conf import settings
from django.core.management import BaseCommand, CommandError

PATIENCE = 60  # seconds until the server must answer
WORKER_PAUSE = 2  # seconds before a worker that died is replaced


class Command(BaseCommand):
    help = "Serve the site with granian and run a worker beside it, until Ctrl-C."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--host", default="127.0.0.1")
        parser.add_argument("--port", type=int, default=8000)
        parser.add_argument("--workers", type=int, default=min(os.cpu_count() or 1, 4))

    def handle(self, *args: Any, host: str, port: int, workers: int, **options: Any) -> None:
        _refuse_if_taken(host, port)
        # Also where a shell started us in the background, and so with Ctrl-C switched off.
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, _interrupt)
        # Links in mails and feeds lead here, unless the site says that it is known by another address.
        os.environ["SITE_URL"] = os.environ.get("SITE_URL") or f"http://{host}:{port}"
        web, worker = _web(host, port, workers), _worker()
        try:
            self._greet(web, host, port)
            while web.poll() is None:
                time.sleep(0.5)
                if worker.poll() is not None:
                    # Readers need no worker: the site stays open while there is none.
                    self.stderr.write("The worker ended by itself. Starting another one.")
                    time.sleep(WORKER_PAUSE)
                    worker = _worker()
            raise CommandError("The web server ended by itself. The lines above say why.")
        except KeyboardInterrupt:
            self.stdout.write("Stopping.")
        finally:
            _end([web, worker])

    def _greet(self, web: subprocess.Popen[bytes], host: str, port: int) -> None:
        address = f"http://{host}:{port}"
        if not _answers(web, address):
            raise CommandError(f"The server does not answer on {address}. The lines above say why.")
        self.stdout.write(f"\nThe newsroom is open on {address} (admin: {address}/admin/). Ctrl-C stops it.")
        accounts = settings.DATA_DIR / "demo-accounts.txt"
        if settings.DEMO and accounts.exists():
            self.stdout.write(f"Mails that would have been sent: {address}/mail/\n\nSign in as\n")
            self.stdout.write(accounts.read_text())
        self.stdout.flush()


def _refuse_if_taken(host: str, port: int) -> None:
    """granian shares a port with whoever has it, and readers would get the one or the other site."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise CommandError(
                f"Port {port} of {host} is taken ({error.strerror}). "
                f"End the program that has it, or choose another: make run PORT={port + 1}"
            ) from error


def web_command(host: str, port: int, workers: int, application: str = "newsroom.wsgi:application") -> list[str]:
    """The command line of the web server, as it is deployed."""
    granian = shutil.which("granian", path=os.path.dirname(sys.executable)) or "granian"
    options = ["--interface", "wsgi", "--host", host, "--port", str(port), "--workers", str(workers)]
    options += ["--blocking-threads", "4", "--no-ws", "--log-level", "warning", "--respawn-failed-workers"]
    return [granian, *options, application]


def _web(host: str, port: int, workers: int) -> subprocess.Popen[bytes]:
    return subprocess.Popen(web_command(host, port, workers), cwd=settings.BASE_DIR, process_group=0)  # noqa: S603


def _worker() -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, settings.BASE_DIR / "manage.py", "worker"], process_group=0)  # noqa: S603


def _answers(web: subprocess.Popen[bytes], address: str) -> bool:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline and web.poll() is None:
        try:
            with urllib.request.urlopen(f"{address}/healthz", timeout=2):  # noqa: S310  (our own server)
                time.sleep(0.2)
                return web.poll() is None
        except urllib.error.HTTPError:
            return True
        except OSError:
            time.sleep(0.1)
    return False


def _end(processes: list[subprocess.Popen[bytes]]) -> None:
    """End the processes, each with all that it started: kindly, and after a while by force."""
    for process in processes:
        if process.poll() is None:
            process.send_signal(signal.SIGINT if process is processes[-1] else signal.SIGTERM)
    for process in processes:
        with suppress(subprocess.TimeoutExpired):
            process.wait(timeout=8)
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _interrupt(number: int, frame: object) -> None:
    raise KeyboardInterrupt
