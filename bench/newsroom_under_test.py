"""A newsroom of its own to measure: a folder, a thousand articles, a web server; all gone afterwards."""

import os
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PORT, BARE_PORT = 18010, 18011


@contextmanager
def folder() -> Iterator[Path]:
    """A fresh data folder, named by DATA_DIR for this process and those it starts."""
    path = Path(tempfile.mkdtemp(prefix="newsroom-bench-"))
    os.environ |= {"DATA_DIR": str(path), "DEMO": "0", "DEBUG": "0", "DJANGO_SETTINGS_MODULE": "newsroom.settings"}
    try:
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)


def manage(*arguments: str) -> None:
    subprocess.run([sys.executable, "manage.py", *arguments], cwd=ROOT, check=True, stdout=subprocess.DEVNULL)


@contextmanager
def server(application: str, port: int, **environment: str) -> Iterator[None]:
    """granian with one worker on 127.0.0.1:`port`."""
    granian = Path(sys.executable).with_name("granian")
    command = [str(granian), "--interface", "wsgi", "--port", str(port), "--workers", "1", "--blocking-threads", "1"]
    process = subprocess.Popen(
        [*command, "--log-level", "warning", application], cwd=ROOT, env=os.environ | environment
    )
    try:
        _wait_for(port)
        yield
    finally:
        process.terminate()
        process.wait(timeout=20)


@contextmanager
def deployed(port: int) -> Iterator[None]:
    """The site on 127.0.0.1:`port` as `manage.py serve` runs it, with a worker of jobs."""
    command = [sys.executable, "manage.py", "serve", "--port", str(port)]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, process_group=0)
    try:
        _wait_for(port)
        yield
    finally:
        process.terminate()
        process.wait(timeout=30)


def _wait_for(port: int) -> None:
    for _attempt in range(200):
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=1)
        except urllib.error.HTTPError:
            return
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise RuntimeError(f"Nothing answers on port {port}.")


def fill(count: int) -> tuple[str, str]:
    """Make `count` live articles; returns the path of the newest and a session cookie of an editor."""
    from django.contrib.sessions.backends.db import SessionStore

    from articles import factories
    from newsroom.models import User

    root = User.objects.create_superuser("bench")
    lead, tag = factories.make_image(), factories.make_tag("Harbour")
    authors = [factories.make_author(f"Author {n}") for n in range(3)]
    sections = [factories.make_section(f"Section {n}") for n in range(6)]
    text = "".join(f"<p>{'The harbour wall is being raised before the autumn storms. ' * 8}</p>" for _ in range(9))
    for number in range(count):
        edition = factories.make_live(
            by=root,
            section=sections[number % 6],
            authors=authors[: 1 + number % 3],
            tags=[tag],
            lead=lead,
            body=text,
        )
    session = SessionStore()
    session["_auth_user_id"] = str(root.pk)
    session["_auth_user_backend"] = "django.contrib.auth.backends.ModelBackend"
    session["_auth_user_hash"] = root.get_session_auth_hash()
    session.save()
    return edition.path, f"sessionid={session.session_key}"
