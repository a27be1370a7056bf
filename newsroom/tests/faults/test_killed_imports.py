"""`kill -9` of a worker that reads a list of subscribers: what is in stays in, the rest follows, nobody is revived."""

import os
import signal
import subprocess
import sys
import time
from collections import Counter

import pytest
import time_machine
from django.conf import settings as site_settings
from django.core.files.base import ContentFile
from django.db import connection
from django.urls import reverse

from newsroom.lib import clock
from newsroom.testing import client_of
from newsroom.tests.faults.served import _environment, let_go
from subscribers import jobs, leaving, privacy
from subscribers.factories import make_newsletter
from subscribers.lists import runs
from subscribers.models import ConsentEvent, Import, Subscriber, Subscription
from subscribers.states import ConsentKind, ImportState

WORKER = """
import sys, django
django.setup()
from subscribers.lists import runs
runs.work(int(sys.argv[1]))
"""
PATIENCE = 60
LINES = 4000


def kill_in_the_middle(one, after):
    """A process of its own reads the import, and is killed when it has told of so many lines."""
    environment = _environment(site_settings.DATA_DIR, site_settings.SITE_URL)
    environment["DJANGO_SETTINGS_MODULE"] = "newsroom.settings"
    command = [sys.executable, "-c", WORKER, str(one.pk)]
    worker = subprocess.Popen(command, cwd=site_settings.BASE_DIR, env=environment, process_group=0)
    deadline = time.monotonic() + PATIENCE
    while Import.objects.get(pk=one.pk).lines < after:
        assert worker.poll() is None, "It ended before it could be killed."
        assert time.monotonic() < deadline, "It never began."
        time.sleep(0.01)
    os.killpg(worker.pid, signal.SIGKILL)
    worker.wait()
    let_go()


@pytest.mark.django_db(transaction=True)
def test_a_killed_import_goes_on_by_itself_and_revives_nobody(nora):
    file = ContentFile(("email\n" + "".join(f"reader{n}@example.org\n" for n in range(LINES))).encode(), "list.csv")
    one = runs.begin(make_newsletter(), file, claim="At the fair.", by=nora, dry_run=False)
    editor, address = client_of(nora), reverse("admin:subscribers_import_change", args=[one.pk])
    kill_in_the_middle(one, after=runs.TOLD_EVERY)
    assert 0 < Subscriber.objects.count() < LINES
    leaving.leave(Subscriber.objects.get(email="reader1@example.org").subscriptions.get(), way="page")
    privacy.erase("reader2@example.org")
    assert "It is being read: " in editor.get(address).text
    jobs.take_up_lost_imports.call_local()  # it may live
    assert Import.objects.get().state == ImportState.RUNNING

    with time_machine.travel(clock.now() + 2 * runs.LOST_AFTER):
        assert "its worker was stopped. It goes on by itself within a few minutes" in editor.get(address).text
        jobs.take_up_lost_imports.call_local()
    one.refresh_from_db()
    assert one.state == ImportState.DONE
    assert one.counts == {"subscribed": LINES - 2, "unsubscribed": 1, "suppressed": 1}
    assert Subscription.objects.filter(state="active").count() == LINES - 2
    assert not Subscriber.objects.filter(email="reader2@example.org").exists()
    taken = ConsentEvent.objects.filter(kind=ConsentKind.IMPORTED, imported=one)
    times = Counter(taken.values_list("email_hmac", flat=True))
    assert (len(times), set(times.values())) == (LINES, {1})
    assert runs.report(one).read().count(b"\n") == LINES + 1
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            assert cursor.execute("PRAGMA quick_check").fetchone() == ("ok",)
