"""Jobs have their turns: in the queue of the embedded default, and in that of Redis."""

import os

import pytest

from newsroom.tests.test_worker import manage

SCRIPT = """
from huey.contrib.djhuey import HUEY
from articles.jobs import make_renditions
from subscribers.jobs import take_in, take_up
from subscribers.sending.jobs import send
for job in (lambda: make_renditions(1), lambda: take_in(1), send, lambda: take_up([1]), lambda: take_up([2])):
    job()
print([(HUEY.dequeue().name) for _ in range(5)])
"""


@pytest.mark.parametrize("queue", ["embedded", "redis"])
def test_a_reader_who_waits_for_a_mail_comes_before_pictures_and_lists(empty_site, queue):
    if queue == "redis":
        if "CACHE_URL" not in os.environ:
            pytest.skip("No Redis: name one by CACHE_URL.")
        empty_site = {**empty_site, "JOBS_URL": os.environ["CACHE_URL"]}
    first = ["take_up", "take_up", "send", "make_renditions", "take_in"]
    assert manage(empty_site, "shell", "-c", SCRIPT) == [str(first)]
