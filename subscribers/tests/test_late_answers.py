"""Answers of the mail server that come after the worker's batch was taken from it, and what was decided meanwhile."""

import time
from datetime import timedelta

from django.db import connection
from pytest import fixture, mark

from newsroom.lib import clock
from subscribers.factories import make_newsletter
from subscribers.issues import workflow
from subscribers.models import Batch, Delivery, Issue, Sending
from subscribers.sending import claiming, materialising, outcomes, worker
from subscribers.tests.mailserver import CUT, mail_server
from subscribers.tests.sendings import make_issue, make_readers, states

pytestmark = mark.django_db(transaction=True)


@fixture
def server(settings):
    with mail_server(settings) as running:
        yield running


# What happens while the mail server thinks ------------------------------------------------------


def lost(issue):
    Batch.objects.filter(issue=issue).update(lease_until=clock.now() - timedelta(seconds=1))
    assert outcomes.recover() == 1
    assert states(issue) == {"uncertain": 1}


def finished(issue):
    lost(issue)
    worker._finish(Issue.objects.get(pk=issue.pk))
    assert Issue.objects.get(pk=issue.pk).state == "sent"


def resent(issue):
    lost(issue)
    assert outcomes.resend_uncertain(issue) == 1


def claimed_by_another(issue):
    resent(issue)
    return claiming.claim(issue, "another", 10)


def sent_by_another(issue):
    claim = claimed_by_another(issue)
    assert claiming.begin(claim.batch, claim.parcels[0])
    assert outcomes.close(claim.batch, answered=True)


def left(issue):
    resent(issue)
    Delivery.objects.get(issue=issue).subscriber.subscriptions.update(state="unsubscribed")
    claiming.claim(issue, "another", 10)


def settled(issue):
    lost(issue)
    assert outcomes.take_uncertain_for_sent(issue) == 1


MEANWHILE = (lost, finished, resent, claimed_by_another, sent_by_another, left, settled)


@mark.parametrize(
    ("answer", "becomes"),
    [
        (None, ["handed_over", "handed_over", "handed_over", "claimed", "handed_over", "handed_over", "handed_over"]),
        ("451 Later", ["deferred", "deferred", "queued", "claimed", "handed_over", "skipped", "handed_over"]),
        ("554 5.7.1 Never", ["bounced", "bounced", "bounced", "claimed", "handed_over", "skipped", "bounced"]),
        (CUT, ["uncertain", "uncertain", "queued", "claimed", "handed_over", "skipped", "handed_over"]),
        ("down", ["queued", "queued", "queued", "claimed", "handed_over", "skipped", "handed_over"]),
    ],
    ids=["taken", "later", "never", "unknown", "down"],
)
def test_what_a_late_answer_changes_and_what_it_leaves(server, answer, becomes):
    found = [_answered_late(server, answer, meanwhile) for meanwhile in MEANWHILE]
    assert [state for state, _attempts in found] == becomes
    # Each message that the server was asked to take is one attempt, however often it was written down.
    for (state, attempts), meanwhile in zip(found, MEANWHILE, strict=True):
        asked = 2 if meanwhile is sent_by_another else 1
        assert attempts == (asked - 1 if (answer, state, meanwhile) in NOT_ASKED else asked), meanwhile


NOT_ASKED = {("down", "queued", lost), ("down", "queued", finished)}


def _answered_late(server, answer, meanwhile):
    """The state and the attempts of a delivery whose answer comes when `meanwhile` is over."""
    issue = _begun(meanwhile.__name__.replace("_", "-"))
    (reader,) = Delivery.objects.filter(issue=issue).values_list("subscriber__email", flat=True)

    def reply(_address):
        meanwhile(issue)
        connection.close()
        if answer != "down":
            return answer
        server.sender, server.rcpt[reader] = "421 Going down", CUT
        return CUT

    (server.rcpt if answer == "down" else server.data)[reader] = reply
    worker.Worker("slow", time.monotonic() + 20).batch(issue)
    server.sender = ""
    (state,) = states(issue)
    _sums_are_right(issue)
    wants_more = state in ("deferred", "queued", "claimed")
    assert Issue.objects.get(pk=issue.pk).state == ("sent" if meanwhile is finished and not wants_more else "sending")
    return state, Delivery.objects.get(issue=issue).attempts


def _begun(name):
    newsletter = make_readers(1, make_newsletter(slug=name), domain=f"{name}.example")
    issue = workflow.change(make_issue(newsletter), "materialise")
    materialising.materialise(issue)
    return Issue.objects.select_related("newsletter").get(pk=issue.pk)


def _sums_are_right(issue):
    before = Sending.objects.values().get(pk=issue.pk)
    outcomes.count_again(issue)
    assert Sending.objects.values().get(pk=issue.pk) == before
