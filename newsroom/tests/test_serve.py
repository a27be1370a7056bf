"""`manage.py serve`: the site as people start it, in processes of its own."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from threading import Timer

import pytest
from django.conf import settings

pytestmark = pytest.mark.once


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def serve(environment, port):
    return subprocess.Popen(
        [sys.executable, "manage.py", "serve", "--port", str(port)],
        cwd=settings.BASE_DIR,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )


@pytest.fixture
def opened(empty_site):
    """The site as it is served: its process and its address."""
    port = free_port()
    process = serve(empty_site, port)
    killer = Timer(90, os.killpg, (process.pid, signal.SIGKILL))
    killer.start()
    said = ""
    while "is open on" not in said:
        line = process.stdout.readline()
        assert line, said
        said += line
    yield process, f"http://127.0.0.1:{port}"
    process.terminate()  # it ends the web server and the worker, which have groups of their own
    process.wait(timeout=40)
    killer.cancel()


def get(address):
    with urllib.request.urlopen(address, timeout=20) as answer:
        return answer.read().decode()


@pytest.mark.parametrize("end", [signal.SIGINT, signal.SIGTERM])
def test_it_says_where_it_is_open_and_ends_all_it_started(opened, end):
    process, address = opened
    assert "<main" in get(f"{address}/")
    process.send_signal(end)
    said = process.communicate(timeout=40)[0]
    assert (process.returncode, "Stopping." in said, "Traceback" in said) == (0, True, False), said
    with pytest.raises(OSError, match="refused"):
        get(f"{address}/")


def test_links_lead_to_the_port_that_was_chosen(opened):
    _process, address = opened
    assert f"Sitemap: {address}/sitemap.xml" in get(f"{address}/robots.txt")


def test_the_site_stays_open_when_the_worker_dies_and_another_one_is_started(opened):
    process, address = opened
    worker = worker_of(process)
    os.kill(worker, signal.SIGKILL)
    while "Starting another one" not in process.stdout.readline():
        assert process.poll() is None
    assert "<main" in get(f"{address}/")
    deadline = time.monotonic() + 30
    while worker_of(process) in (None, worker):
        assert time.monotonic() < deadline
        time.sleep(0.1)


def worker_of(process):
    """The key of the worker among the processes that `process` started."""
    listed = subprocess.run(["ps", "-o", "pid=,args=", "--ppid", str(process.pid)], capture_output=True, text=True)
    return next(
        (int(line.split()[0]) for line in listed.stdout.splitlines() if line.endswith("manage.py worker")), None
    )


def test_a_port_that_is_taken_is_refused_with_what_to_do(empty_site):
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        process = serve(empty_site, port)
        said = process.communicate(timeout=60)[0]
    assert process.returncode == 1
    assert f"Port {port} of 127.0.0.1 is taken" in said
    assert f"make run PORT={port + 1}" in said
    assert "Traceback" not in said
