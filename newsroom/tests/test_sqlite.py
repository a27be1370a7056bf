"""Writers of SQLite queue up: each has its turn, and nobody who leaves, however it is, keeps the others waiting."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.conf import settings
from django.db import connection, transaction

from newsroom.models import SiteSettings

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(settings.DATABASES["default"]["ENGINE"] != "newsroom.lib.sqlite", reason="About SQLite."),
]


def elsewhere(act):
    """What `act()` gives in a thread with a connection of its own."""

    def one():
        try:
            return act()
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        return pool.submit(one).result(timeout=60)


def write():
    with transaction.atomic():
        SiteSettings(tagline="written").save()
    return SiteSettings.objects.get().tagline


def test_who_commits_lets_the_next_one_write():
    write()
    assert elsewhere(write) == "written"


def test_who_fails_lets_the_next_one_write():
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        SiteSettings(tagline="lost").save()
        raise ZeroDivisionError
    assert elsewhere(write) == "written"


def test_who_closes_the_connection_lets_the_next_one_write():
    with transaction.atomic():
        SiteSettings(tagline="lost").save()
        connection.close()
    assert elsewhere(write) == "written"


def test_many_who_count_at_once_lose_no_count():
    SiteSettings(undo_seconds=0).save()

    def count(_number):
        try:
            for _ in range(10):
                with transaction.atomic():
                    row = SiteSettings.objects.get()
                    row.undo_seconds += 1
                    row.save()
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(count, range(8)))
    assert SiteSettings.objects.get().undo_seconds == 80


KILLED = """
import os, signal, django
django.setup()
from django.db import transaction
from newsroom.models import SiteSettings
with transaction.atomic():
    SiteSettings(tagline="lost").save()
    os.kill(os.getpid(), signal.SIGKILL)
"""


def test_a_process_that_is_killed_lets_the_next_one_write(tmp_path):
    environment = {
        "DATABASE_URL": f"sqlite:///{connection.settings_dict['NAME']}",
        "DATA_DIR": str(tmp_path),
        "DJANGO_SETTINGS_MODULE": "newsroom.settings",
    }
    command = [sys.executable, "-c", KILLED]
    assert subprocess.run(command, cwd=settings.BASE_DIR, env=environment, timeout=60).returncode == -9
    assert write() == "written"
