"""The queue of jobs, in the embedded default and in Redis: whose turn it is, and what a killed worker loses."""

import os

import pytest

from newsroom.tests.test_worker import manage

TURNS = """
from huey.contrib.djhuey import HUEY
from articles.jobs import make_renditions
from subscribers.jobs import take_in, take_up
from subscribers.sending.jobs import send
for job in (lambda: make_renditions(1), lambda: take_in(1), send, lambda: take_up([1]), lambda: take_up([2])):
    job()
print([(HUEY.dequeue().name) for _ in range(5)])
"""
DELIVER = """
import os
from django.core.mail import EmailMultiAlternatives
from huey.contrib.djhuey import HUEY
from newsroom.lib import mail
EmailMultiAlternatives.send = lambda self: print("handed over", flush=True) or {then}
mail.SPARE_AFTER = 0
mail.deliver("reader@example.org", "Please confirm", "The link", "<p>The link", {{}})
HUEY.execute(HUEY.dequeue())
print("done")
"""
KILLED, WELL = DELIVER.format(then="os._exit(0)"), DELIVER.format(then="1")
LATER = """
from huey.contrib.djhuey import HUEY
from newsroom.lib import mail
print([task.args[0] for task in HUEY.read_schedule() if not HUEY.is_revoked(task, peek=False)])
"""


@pytest.fixture(params=["embedded", "redis"])
def site(request, empty_site):
    if request.param == "embedded":
        return empty_site
    if "CACHE_URL" not in os.environ:
        pytest.skip("No Redis: name one by CACHE_URL.")
    return {**empty_site, "JOBS_URL": os.environ["CACHE_URL"]}


def test_a_reader_who_waits_for_a_mail_comes_before_pictures_and_lists(site):
    first = ["take_up", "take_up", "send", "make_renditions", "take_in"]
    assert manage(site, "shell", "-c", TURNS) == [str(first)]


def test_a_mail_whose_worker_is_killed_over_it_is_sent_all_the_same(site):
    assert manage(site, "shell", "-c", KILLED) == ["handed over"]
    assert manage(site, "shell", "-c", LATER) == ["['reader@example.org']"]


def test_a_mail_that_was_handed_over_is_not_sent_again(site):
    assert manage(site, "shell", "-c", WELL) == ["done"]
    assert manage(site, "shell", "-c", LATER) == ["[]"]
