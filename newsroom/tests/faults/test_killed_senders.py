"""`kill -9` of two workers at any point of sending an issue: nobody gets it twice, nobody is lost."""

import logging
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from contextlib import suppress
from pathlib import Path
from threading import Lock, Thread

import pytest
from django.conf import settings as site_settings
from django.db import connection
from django.db.models import Count

from newsroom.lib import clock
from newsroom.tests.faults.served import _environment, let_go
from subscribers.factories import make_newsletter
from subscribers.models import Batch, Delivery, Issue, Sending, Subscriber, Subscription
from subscribers.states import DeliveryState, IssueState
from subscribers.tests.mailserver import mail_server
from subscribers.tests.sendings import make_issue, states

pytestmark = pytest.mark.django_db(transaction=True)

log = logging.getLogger(__name__)

# A life's steps: making the deliveries, a claim, and as many messages as it needs to be killed so often.
STEPS_OF_A_MESSAGE = 16
STEPS_BEFORE = 90
PATIENCE = 120
MOST_ISSUES = 5


class Nursery:
    """One place where workers are born, one after the other."""

    def __init__(self, environment, port):
        self.port = port
        self.log = Path(environment["DATA_DIR"], "nursery.log")
        self.process = subprocess.Popen(
            [sys.executable, "-m", "subscribers.tests.nursery"],
            cwd=site_settings.BASE_DIR,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self.log.open("ab"),
            text=True,
        )

    def life(self, kind, last=0, killed_after=None):
        """Whether the worker was killed before it had nothing to do any more."""
        self.process.stdin.write(f"{kind} {last} {self.port}\n")
        self.process.stdin.flush()
        child = int(self.process.stdout.readline())
        if killed_after is not None:
            time.sleep(killed_after)
            with suppress(ProcessLookupError):
                os.kill(child, signal.SIGKILL)
        return int(self.process.stdout.readline()) == -signal.SIGKILL

    def close(self):
        self.process.stdin.close()
        self.process.wait(timeout=PATIENCE)


class Killer:
    """Two workers at once, each killed again and again, until it was often enough or all is sent."""

    def __init__(self, environment, port, kills, readers):
        self.environment, self.port, self.wanted = environment, port, kills
        self.most_steps = STEPS_BEFORE + 2 * STEPS_OF_A_MESSAGE * max(readers // kills, 1)
        self.counts, self.lock = Counter(), Lock()

    def run(self):
        lanes = [Thread(target=self._lane, args=[kind]) for kind in ("steps", "worker")]
        for lane in lanes:
            lane.start()
        for lane in lanes:
            lane.join()

    def _lane(self, kind):
        nursery = Nursery(self.environment, self.port)
        try:
            while self._may_go_on(kind):
                killed = (
                    nursery.life("steps", random.randint(1, self.most_steps))
                    if kind == "steps"
                    else nursery.life("worker", killed_after=random.uniform(0.05, 0.4))
                )
                with self.lock:
                    self.counts[kind] += killed
        finally:
            nursery.close()
            connection.close()

    def _may_go_on(self, kind):
        with self.lock:
            enough = self.counts[kind] >= (self.wanted + 1) // 2
        return not enough and Issue.objects.exclude(state=IssueState.SENT).exists()


@pytest.mark.parametrize(
    ("readers", "kills"),
    [pytest.param(120, 10, id="short"), pytest.param(2000, 200, id="drill", marks=pytest.mark.drill)],
)
def test_killed_at_any_point_no_address_gets_it_twice_and_none_is_lost(settings, tmp_path, readers, kills):
    newsletter = make_newsletter(name="The Week", slug="week")
    _many(readers, newsletter)
    environment = _environment(tmp_path, site_settings.SITE_URL)
    killed = 0
    with mail_server(settings) as server:
        server.pause = 0.002
        for number in range(MOST_ISSUES):
            server.taken.clear()
            issue = make_issue(newsletter, key=f"issue-{number}")
            killed += _killed_while_sending(issue, environment, server, kills - killed, readers)
            if killed >= kills:
                return
    raise AssertionError(f"Only {killed} of {kills} were killed while they sent.")


def _killed_while_sending(issue, environment, server, kills, readers):
    """Send the issue; how many workers were killed over it."""
    let_go()
    killer = Killer(environment, server.controller.port, kills, readers)
    killer.run()
    last = Nursery(environment, server.controller.port)
    before, deadline = None, 0.0
    while not Issue.objects.filter(pk=issue.pk, state=IssueState.SENT).exists():
        if (standing := _standing(issue)) != before:  # slowly, on a busy machine, is well enough
            before, deadline = standing, time.monotonic() + PATIENCE
        assert time.monotonic() < deadline, f"The issue is never sent: {_everything(issue)}\n{last.log.read_text()}"
        _let_time_pass(issue)
        let_go()
        last.life("steps", 0)
    last.close()
    killed = sum(killer.counts.values())
    uncertain = set(_addresses(issue, DeliveryState.UNCERTAIN))
    log.info("%s killed %s: %s, on %s", killed, dict(killer.counts), states(issue), connection.vendor)
    assert server.twice() == []
    everybody = set(Subscriber.objects.values_list("email", flat=True))
    assert set(server.taken) | uncertain == everybody
    assert set(_addresses(issue, DeliveryState.HANDED_OVER)) <= set(server.taken)
    assert set(states(issue)) <= {"handed_over", "uncertain"}
    assert len(uncertain) <= killed
    return killed


def _standing(issue):
    """How far it is."""
    rows = Delivery.objects.filter(issue=issue).values_list("state").annotate(count=Count("pk")).order_by("state")
    return Issue.objects.values_list("state", flat=True).get(pk=issue.pk), list(rows)


def _everything(issue):
    """All that could tell why it does not go on."""
    open_batches = Batch.objects.filter(issue=issue, closed_at=None)
    return _standing(issue), list(Sending.objects.filter(issue=issue).values()), list(open_batches.values())


def _let_time_pass(issue):
    """What waits for minutes waits no more: a lease, or a mail server that was too slow for once on a busy machine."""
    now = clock.now()
    issue.deliveries.filter(next_try_at__gt=now).update(next_try_at=now)
    Sending.objects.filter(pk=issue.pk).update(waits_until=None)
    Batch.objects.filter(issue=issue, closed_at=None).update(lease_until=now)


def _many(count, newsletter):
    now = clock.now()
    addresses = [f"reader{number}@example.org" for number in range(count)]
    made = Subscriber.objects.bulk_create(
        Subscriber(email=address, email_norm=address, created_at=now) for address in addresses
    )
    Subscription.objects.bulk_create(Subscription(subscriber=one, newsletter=newsletter, since=now) for one in made)


def _addresses(issue, state):
    return Delivery.objects.filter(issue=issue, state=state).values_list("subscriber__email", flat=True)
