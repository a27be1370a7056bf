"""SIGTERM and SIGINT for a worker in the middle of an issue: it ends soon, in order, and the next one goes on."""

import os
import signal
import subprocess
import sys
import time

from django.conf import settings as site_settings
from django.db import connections
from pytest import fixture, mark

from newsroom.tests.faults.served import _environment, let_go
from subscribers.models import Batch, Issue
from subscribers.tests.mailserver import mail_server
from subscribers.tests.sendings import make_issue, make_readers, send, states

pytestmark = mark.django_db(transaction=True)


@fixture
def server(settings):
    with mail_server(settings) as running:
        running.pause = 0.1
        yield running


@mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_worker_told_to_end_finishes_the_message_on_its_way_and_leaves_the_rest(server, tmp_path, number):
    issue = make_issue(make_readers(100))
    environment = _environment(tmp_path, site_settings.SITE_URL)
    environment["EMAIL_URL"] = f"smtp://127.0.0.1:{server.controller.port}"
    let_go()
    command = [sys.executable, "-c", STARTED]
    worker = subprocess.Popen(command, cwd=site_settings.BASE_DIR, env=environment, stderr=subprocess.PIPE, text=True)
    try:
        _until(lambda: len(server.taken) >= 5, worker)
        os.kill(worker.pid, number)
        told = time.monotonic()
        _out, said = worker.communicate(timeout=30)
        assert time.monotonic() - told < 5
    finally:
        worker.kill()
    assert (worker.returncode, "Traceback" in said) == (0, False), said
    taken = len(server.taken)
    assert 5 <= taken < 60
    assert states(issue) == {"handed_over": taken, "queued": 100 - taken}
    assert not Batch.objects.filter(closed_at=None).exists()
    server.pause = 0
    send()
    assert (len(server.taken), server.twice(), Issue.objects.get().state) == (100, [], "sent")
    connections.close_all()


# The real worker, with the job that a periodic one would give it within a minute.
STARTED = """
import os
import django
os.environ["DJANGO_SETTINGS_MODULE"] = "newsroom.settings"
django.setup()
from django.core.management import execute_from_command_line
from subscribers.sending import jobs
jobs.send()
execute_from_command_line(["manage.py", "worker"])
"""


def _until(condition, process):
    deadline = time.monotonic() + 60
    while not condition():
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < deadline
        time.sleep(0.02)
