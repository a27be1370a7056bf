"""Mail servers that defer, stall, go away and cut the line; workers that die or are slow: nobody is lost."""

from datetime import timedelta
from itertools import pairwise
from threading import Barrier, Event, Thread

import time_machine
from django.conf import settings
from django.db import connection
from pytest import fixture, mark

from newsroom.lib import clock
from subscribers.factories import make_newsletter
from subscribers.issues import workflow
from subscribers.models import (
    Batch,
    Bounce,
    DatabaseRun,
    Delivery,
    DomainLimit,
    Issue,
    Sending,
    Subscriber,
    Subscription,
)
from subscribers.sending import claiming, durability, late, materialising, outcomes, worker
from subscribers.states import DeliveryState, IssueState
from subscribers.tests.mailserver import CUT, free_port, mail_server, use
from subscribers.tests.sendings import make_issue, make_readers, send, state_of, states

pytestmark = mark.django_db


@fixture
def server(settings):
    with mail_server(settings) as running:
        yield running


@fixture
def newsletter():
    return make_newsletter(name="The Week", slug="week")


def started(newsletter):
    """An issue whose deliveries are made."""
    issue = workflow.change(make_issue(newsletter), "materialise")
    assert materialising.materialise(issue)
    return Issue.objects.select_related("newsletter").get(pk=issue.pk)


# Later --------------------------------------------------------------------------------------


def test_what_is_deferred_is_tried_again_ever_more_seldom_and_given_up_after_three_days(server, newsletter):
    make_readers(1, newsletter)
    tries = []
    server.rcpt["*"] = lambda address: tries.append(clock.now()) or "451 Try again later"
    issue = make_issue(newsletter)
    with time_machine.travel("2036-05-04T07:00Z", tick=False) as traveller:
        Issue.objects.update(starts_at=clock.now())
        began = clock.now()
        while worker.work(5):
            due = Delivery.objects.get().next_try_at
            traveller.move_to(due - timedelta(seconds=3))
            seen = len(tries)
            send()
            assert len(tries) == seen  # not before its time
            traveller.move_to(due)
    waits = [(later - earlier) / timedelta(minutes=1) for earlier, later in pairwise(tries)]
    assert waits[:4] == [5, 10, 20, 40]
    assert max(waits) == 480
    assert tries[-1] - began == timedelta(hours=72)
    assert states(issue) == {"failed": 1}
    assert Issue.objects.get().state == IssueState.SENT


def test_what_was_deferred_arrives_once_the_server_takes_it(server, newsletter):
    make_readers(3, newsletter)
    server.rcpt["reader1@example.org"] = "450 Mailbox busy"
    issue = make_issue(newsletter)
    again = send()
    assert timedelta(seconds=30) < again - clock.now() <= timedelta(minutes=1)
    assert Issue.objects.get().state == IssueState.SENDING
    server.rcpt.clear()
    with time_machine.travel(clock.now() + timedelta(minutes=6)):
        send()
    assert states(issue) == {"handed_over": 3}
    assert server.twice() == []


# Lost lines ---------------------------------------------------------------------------------


def test_a_line_cut_before_the_message_was_sent_is_no_harm(server, newsletter):
    make_readers(5, newsletter)
    cuts = iter([CUT])
    server.rcpt["reader2@example.org"] = lambda address: next(cuts, None)
    issue = make_issue(newsletter)
    send()
    assert states(issue) == {"handed_over": 5}
    assert server.twice() == []


def test_a_line_that_is_always_cut_before_the_message_defers_it(server, newsletter):
    make_readers(5, newsletter)
    server.rcpt["reader2@example.org"] = CUT
    issue = make_issue(newsletter)
    send()
    assert states(issue) == {"handed_over": 4, "deferred": 1}


def test_a_line_cut_after_the_message_and_before_the_answer_leaves_it_uncertain(server, newsletter):
    """The server has it here; it might as well have lost it. Nobody knows, so nobody sends it again by himself."""
    make_readers(5, newsletter)
    server.data["reader2@example.org"] = CUT
    issue = make_issue(newsletter)
    send()
    with time_machine.travel(clock.now() + timedelta(days=4)):
        send()
    assert states(issue) == {"handed_over": 4, "uncertain": 1}
    assert state_of("reader2@example.org") == DeliveryState.UNCERTAIN
    assert server.twice() == []
    assert Issue.objects.get().state == IssueState.SENT


@mark.parametrize(("place", "state"), [("rcpt", "deferred"), ("data", "uncertain")])
def test_a_server_that_stalls_is_not_waited_for_forever(server, newsletter, settings, place, state):
    settings.EMAIL_TIMEOUT = 0.3
    make_readers(3, newsletter)
    over = Event()
    getattr(server, place)["reader1@example.org"] = lambda address: over.wait(20) and "451 Too late"
    issue = make_issue(newsletter)
    send()
    over.set()
    assert states(issue) == {"handed_over": 2, state: 1}


def test_a_server_that_ends_connections_after_some_messages_is_called_again(server, newsletter):
    make_readers(30, newsletter)
    said = set()

    def ends_each_tenth(address):
        number = len(server.taken)
        if number % 10 == 9 and number not in said:
            said.add(number)
            return "421 4.7.0 Too many messages"
        return None

    server.rcpt["*"] = ends_each_tenth
    issue = make_issue(newsletter)
    send()
    assert states(issue) == {"handed_over": 30}
    assert server.connections == 4


# No server ----------------------------------------------------------------------------------


def test_without_a_mail_server_the_issue_waits_and_nobody_is_lost(server, newsletter, settings):
    make_readers(5, newsletter)
    issue = make_issue(newsletter)
    port = server.controller.port
    settings.EMAIL_PORT = free_port()
    again = send()
    assert timedelta(seconds=20) < again - clock.now() <= timedelta(seconds=30)
    assert states(issue) == {"queued": 5}
    sums = Sending.objects.get()
    assert "refused" in sums.trouble.lower()
    assert not Delivery.objects.filter(attempts__gt=0)
    send()
    assert Sending.objects.get().refusals == 1  # it is left alone meanwhile
    use(settings, port)
    with time_machine.travel(clock.now() + timedelta(minutes=1)):
        send()
    assert states(issue) == {"handed_over": 5}
    assert Sending.objects.get().trouble == ""


def test_a_server_that_does_not_want_us_loses_nobody(server, newsletter):
    make_readers(5, newsletter)
    server.sender = "550 5.7.1 You may not send here"
    issue = make_issue(newsletter)
    send()
    assert states(issue) == {"queued": 5}
    assert Sending.objects.get().trouble == "550 5.7.1 You may not send here"


def test_a_server_that_dies_on_the_way_loses_nobody(server, newsletter):
    make_readers(30, newsletter)
    server.rcpt["reader9@example.org"] = lambda address: setattr(server, "sender", "421 Going down") or CUT
    issue = make_issue(newsletter)
    send()
    assert states(issue) == {"handed_over": 9, "queued": 21}
    server.sender = ""
    server.rcpt.clear()
    with time_machine.travel(clock.now() + timedelta(minutes=11)):
        send()
    assert states(issue) == {"handed_over": 30}
    assert server.twice() == []


# Dead and slow workers ----------------------------------------------------------------------


def test_a_dead_worker_leaves_one_message_uncertain_and_the_rest_to_others(server, newsletter):
    make_readers(10, newsletter)
    issue = started(newsletter)
    claim = claiming.claim(issue, "gone-1-abc", 10)
    for parcel in claim.parcels[:4]:
        assert claiming.begin(claim.batch, parcel)  # it died while the fourth was on its way
    send()
    assert states(issue) == {"claimed": 10}  # it may be alive
    with time_machine.travel(clock.now() + timedelta(minutes=6)):
        send()
    assert states(issue) == {"handed_over": 9, "uncertain": 1}
    assert len(server.taken) == 6
    assert not {parcel.to for parcel in claim.parcels[:4]} & set(server.taken)


def test_a_worker_that_died_before_its_first_message_leaves_nothing_uncertain(server, newsletter):
    make_readers(10, newsletter)
    issue = started(newsletter)
    claiming.claim(issue, "gone-1-abc", 10)
    with time_machine.travel(clock.now() + timedelta(minutes=6)):
        send()
    assert states(issue) == {"handed_over": 10}


def test_after_a_power_cut_nobody_knows_what_became_of_the_rest_of_a_batch(server, newsletter):
    """The writes before each message may be lost then; what nobody knows is not sent again by itself."""
    make_readers(30, newsletter)
    issue = started(newsletter)
    claim = claiming.claim(issue, "gone-1-abc", 10)
    for parcel in claim.parcels[:4]:
        assert claiming.begin(claim.batch, parcel)
    _cut_the_power()
    with time_machine.travel(clock.now() + timedelta(minutes=6)):
        send()
    assert states(issue) == {"handed_over": 23, "uncertain": 7}
    assert not {parcel.to for parcel in claim.parcels} & set(server.taken)


def _cut_the_power():
    """What is left of it afterwards: PostgreSQL has emptied the table, or the machine has started anew."""
    DatabaseRun.objects.all().delete()
    Batch.objects.filter(run=durability.boot()).update(run="before")


@mark.skipif("postgresql" not in settings.DATABASES["default"]["ENGINE"], reason="About PostgreSQL.")
def test_the_table_that_tells_of_a_crash_is_one_that_a_crash_empties():
    with connection.cursor() as cursor:
        cursor.execute("SELECT relpersistence FROM pg_class WHERE relname = %s", [DatabaseRun._meta.db_table])
        assert cursor.fetchone()[0] == "u"


def test_a_worker_that_was_too_slow_cannot_go_on_with_what_was_taken_from_it(server, newsletter):
    make_readers(10, newsletter)
    issue = started(newsletter)
    claim = claiming.claim(issue, "slow-1-abc", 10)
    assert claiming.begin(claim.batch, claim.parcels[0])
    with time_machine.travel(clock.now() + timedelta(minutes=6)):
        send()
    assert not claiming.begin(claim.batch, claim.parcels[1])
    assert not outcomes.close(claim.batch, answered=True)
    assert states(issue) == {"handed_over": 9, "uncertain": 1}
    late.write(claim.batch, claim.parcels[0], DeliveryState.HANDED_OVER)  # its answer came after all
    assert states(issue) == {"handed_over": 10}


@mark.django_db(transaction=True)
def test_several_workers_at_once_send_no_mail_twice(server, newsletter, settings, monkeypatch):
    monkeypatch.setattr("subscribers.sending.worker.SMALLEST", 5)
    monkeypatch.setattr("subscribers.sending.worker.LARGEST", 20)
    make_readers(120, newsletter)
    issue = started(newsletter)
    server.pause = 0.01  # so that no worker is done before the others have begun
    if connection.vendor == "postgresql":  # with room for three, whatever threads of other tests have kept
        connection.close()
        connection.close_pool()
    start = Barrier(3, timeout=30)

    def work(name):
        try:
            connection.ensure_connection()
            start.wait()
            worker.Worker(name, worker.time.monotonic() + 20).run()
        finally:
            connection.close()

    threads = [Thread(target=work, args=[f"worker-{number}"]) for number in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    send()
    assert server.twice() == []
    assert states(issue) == {"handed_over": 120}
    assert len(set(Batch.objects.values_list("worker", flat=True))) > 1


def test_a_second_thread_of_the_process_leaves_the_sending_to_the_first(server, newsletter):
    make_readers(3, newsletter)
    found = []

    def second(address):
        found.append(worker.work(1))
        connection.close()

    server.data["reader1@example.org"] = second
    issue = make_issue(newsletter)
    send()
    assert found == [None]
    assert states(issue) == {"handed_over": 3}


# Uncertain ----------------------------------------------------------------------------------


@mark.parametrize(
    ("decide", "state", "mails"),
    [(outcomes.resend_uncertain, "handed_over", 6), (outcomes.take_uncertain_for_sent, "handed_over", 5)],
)
def test_what_is_uncertain_is_sent_again_or_taken_for_sent_when_somebody_says_so(
    server, newsletter, nora, decide, state, mails
):
    make_readers(5, newsletter)
    cuts = iter([CUT])
    server.data["reader2@example.org"] = lambda address: next(cuts, None)
    issue = make_issue(newsletter)
    send()
    assert decide(Issue.objects.get(), by=nora) == 1
    assert decide(Issue.objects.get(), by=nora) == 0
    send()
    assert states(issue) == {state: 5}
    assert len(server.taken) == mails
    assert Issue.objects.get().state == IssueState.SENT
    assert issue.events.filter(by=nora, verb__in=["resend", "settle"]).count() == 1


# Storms -------------------------------------------------------------------------------------


def test_a_storm_of_bounces_pauses_the_issue_and_its_owner_hears_of_it(
    server, newsletter, nora, django_capture_on_commit_callbacks
):
    make_readers(160, newsletter)
    server.rcpt["*"] = lambda address: None if address == nora.email else "550 5.1.1 No such user"
    issue = make_issue(newsletter, owner=nora)
    with django_capture_on_commit_callbacks(execute=True):
        send()
    assert Issue.objects.get().state == IssueState.PAUSED
    bounced = states(issue)["bounced"]
    assert 50 <= bounced <= 100
    last = server.envelopes[-1]  # to the owner, over the same server
    assert last.rcpt_tos == [nora.email]
    assert f"Of {bounced} mails {bounced} came back".encode() in last.content
    server.rcpt.clear()
    workflow.change(Issue.objects.get(), "resume", by=nora)
    send()
    assert Issue.objects.get().state == IssueState.SENT  # whoever resumes has seen them


def test_some_bounces_are_no_storm(server, newsletter):
    make_readers(40, newsletter)
    for number in range(0, 40, 4):
        server.rcpt[f"reader{number}@example.org"] = "550 5.1.1 No such user"
    issue = make_issue(newsletter)
    send()
    assert states(issue) == {"handed_over": 30, "bounced": 10}
    assert Bounce.objects.filter(kind="hard", status="5.1.1").count() == 10


# Not too fast -------------------------------------------------------------------------------


def test_in_no_minute_more_than_the_newsletter_allows(server, newsletter):
    newsletter.per_minute = 30
    newsletter.save()
    make_readers(70, newsletter)
    issue = started(newsletter)
    sent = _by_second(issue, seconds=150)
    assert sum(sent) == 70
    assert max(sum(sent[start : start + 60]) for start in range(len(sent))) == 30


def test_a_domain_gets_no_more_than_its_limit_from_all_newsletters_together(server, newsletter):
    DomainLimit.objects.create(domain="slow.example", per_minute=120)
    make_readers(50, newsletter, domain="slow.example")
    make_readers(30, newsletter)
    other = make_newsletter(slug="other")
    for subscriber in Subscriber.objects.filter(email__endswith="slow.example"):
        Subscription.objects.create(subscriber=subscriber, newsletter=other, since=clock.now())
    both = [started(newsletter), started(other)]
    hosts = []
    with time_machine.travel(clock.now(), tick=False) as traveller:
        for second in range(10):
            for issue in both[:: -1 if second % 2 else 1]:
                claim = claiming.claim(issue, "tester", 500)
                hosts += [parcel.to.partition("@")[2] for parcel in claim.parcels] if claim else []
            traveller.shift(timedelta(seconds=1))
    assert hosts.count("example.org") == 30  # nobody waits for another's server
    assert 10 <= hosts.count("slow.example") <= 20


def _by_second(issue, seconds):
    """How many were claimed in each second."""
    counts = []
    with time_machine.travel(clock.now(), tick=False) as traveller:
        for _second in range(seconds):
            claim = claiming.claim(issue, "tester", 500)
            counts.append(len(claim.parcels) if claim else 0)
            traveller.shift(timedelta(seconds=1))
    return counts
