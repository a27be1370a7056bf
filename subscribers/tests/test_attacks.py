"""What people try with a form that sends mail."""

from datetime import UTC, datetime, timedelta
from threading import Barrier, Thread

import time_machine
from django.conf import settings
from django.core import mail
from django.db import connection
from pytest import fixture, mark

from newsroom.lib import clock, throttle
from newsroom.lib.emails import parse
from subscribers import consent, leaving, letters, subscribing
from subscribers.factories import make_subscriber
from subscribers.models import ConsentEvent, Delivery, Issue, Subscriber, SubscribeRequest, Subscription
from subscribers.states import ConsentKind, DeliveryState, SubscriptionState

VICTIM = "victim@example.org"

HEADERS = [
    "a@example.org\r\nBcc: victim@example.org",
    "a@example.org\nBcc: victim@example.org",
    "a@example.org\rBcc: victim@example.org",
    "a@example.org%0aBcc: victim@example.org",
    "a@example.org%0d%0aBcc:victim@example.org",
    "a@example.org\u2028Bcc: victim@example.org",
    "a@example.org\x85Bcc: victim@example.org",
    "a\u2028@example.org",
    "a\x0b@example.org",
    "a@example.org, victim@example.org",
    "a@example.org; victim@example.org",
    "a@example.org victim@example.org",
    "A <a@example.org>",
    "<a@example.org>",
    '"a@example.org victim"@example.org',
    "a@example.org>\r\nRCPT TO:<victim@example.org",
    "a＠example.org",
    "a@example.org＠example.net",
    "\u202ea@example.org",
    "a@[127.0.0.1]",
    "a@localhost",
]


@mark.parametrize("typed", HEADERS)
def test_what_would_become_a_header_or_a_second_recipient_sends_nothing(subscribe, typed):
    assert subscribe(typed).status_code == 422
    assert mail.outbox == []
    assert not SubscribeRequest.objects.exists()


@mark.parametrize(
    "typed", ["a%0abcc@example.org", "a@exаmple.org", "a@xn--exmple-4nf.org", "a@EXAMPLE。org", "a@münchen.de"]
)
def test_what_only_looks_strange_is_one_mail_to_one_address_in_ascii(subscribe, typed):
    subscribe(typed)
    (message,) = mail.outbox
    assert message.recipients() == [message.to[0]]
    assert message.to[0].isascii() and message.to[0].isprintable()
    assert "\n" not in message.subject


@mark.parametrize(
    ("name", "value"),
    [
        ("email", "a@example.org\x00"),
        ("page", "/\r\nX: y"),
        ("mark", "x" * 5000),
        ("mark", "<script>"),
        ("consent", "1;"),
    ],
)
def test_hidden_fields_take_no_nonsense(subscribe, name, value):
    subscribe(data={name: value})
    for row in SubscribeRequest.objects.all():
        assert (row.mark, row.page) in {("", "/2026/05/04/flood/"), ("", "")}


def test_a_mark_is_kept_and_shown_to_the_page_that_confirms(subscribe, client, newsletter):
    subscribe(data={"mark": "0123456789abcdef01234567"})
    token = mail.outbox[0].body.split("/confirm/")[1].split("/")[0]
    page = client.get(f"/newsletter/confirm/{token}/").text
    assert 'data-mark="0123456789abcdef01234567"' in page
    assert "subscribers/confirm.js" in page


def test_without_a_mark_the_page_that_confirms_runs_no_script_of_it(subscribe, client):
    subscribe()
    token = mail.outbox[0].body.split("/confirm/")[1].split("/")[0]
    page = client.get(f"/newsletter/confirm/{token}/").text
    assert "data-mark" not in page and "confirm.js" not in page


# One victim -----------------------------------------------------------------------------------


@fixture
def season(monkeypatch):
    """Counters that keep to the frozen clock."""
    monkeypatch.setattr(throttle.time, "time", lambda: clock.now().timestamp())


@mark.skipif(settings.COUNTERS_FILE is None, reason="Redis counts by its own clock, which no test moves")
def test_a_mailbox_gets_nine_mails_in_ninety_days_however_its_address_is_spelled(subscribe, season):
    with time_machine.travel(datetime(2026, 5, 4, 12, tzinfo=UTC), tick=False) as traveller:
        for day in range(12):
            traveller.shift(timedelta(days=1, seconds=1))
            for n in range(4):
                subscribe(f"vic{'.' * (n % 2)}tim+{day}x{n}@example.org", REMOTE_ADDR=f"10.{day}.{n}.1")
    assert len(mail.outbox) == subscribing.MAILS_IN_A_SEASON


def test_asking_for_every_newsletter_at_once_and_one_by_one_is_one_mail(subscribe, newsletter):
    for n in range(10):
        subscribe(VICTIM.upper() if n % 2 else VICTIM, REMOTE_ADDR=f"10.0.{n}.1")
    assert len(mail.outbox) == 1


# At once --------------------------------------------------------------------------------------


def at_once(*deeds):
    """Do things in as many threads at one moment; what each of them answered."""
    together, answers = Barrier(len(deeds)), []

    def work(deed):
        together.wait()
        try:
            answers.append(deed())
        finally:
            connection.close()

    threads = [Thread(target=work, args=[deed]) for deed in deeds]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


@mark.django_db(transaction=True)
def test_leaving_by_every_way_at_once_is_leaving_once(newsletter):
    row = make_subscriber("reader@example.org", newsletter).subscriptions.get()
    answers = at_once(*[lambda way=way: leaving.leave(row, way=way) for way in ("page", "one-click", "preferences")])
    assert sorted(answers) == [False, False, True]
    assert ConsentEvent.objects.filter(kind=ConsentKind.WITHDRAWN).count() == 1


@mark.django_db(transaction=True)
def test_two_confirm_two_links_of_one_address_at_once(newsletter, subscribe):
    """A link from yesterday and one of today, pressed in two windows."""
    tokens = []
    with time_machine.travel(datetime(2026, 5, 4, 12, tzinfo=UTC), tick=False) as traveller:
        for _ in range(2):
            subscribe()
            tokens.append(mail.outbox[-1].body.split("/confirm/")[1].split("/")[0])
            traveller.shift(timedelta(hours=25))
        answers = at_once(*[lambda token=token: subscribing.confirm(token) for token in tokens])
    assert subscribing.Answer.SUBSCRIBED in answers
    assert Subscriber.objects.count() == 1
    assert Subscription.objects.get().state == SubscriptionState.ACTIVE


def test_unsubscribing_while_an_issue_is_sent_is_done_at_once_and_waits_for_nobody(client, newsletter, settings):
    """The sender looks again before it hands a mail over; here the reader's word stands already."""
    reader = make_subscriber("reader@example.org", newsletter)
    issue = Issue.objects.create(newsletter=newsletter, key="one")
    Delivery.objects.create(issue=issue, subscriber=reader, changed_at=clock.now())
    row = reader.subscriptions.get()
    answer = client.post(
        letters.unsubscribe_link(row).removeprefix(settings.SITE_URL), {"List-Unsubscribe": "One-Click"}
    )
    assert answer.status_code == 200
    row.refresh_from_db()
    assert row.state == SubscriptionState.UNSUBSCRIBED
    assert Delivery.objects.get().state == DeliveryState.QUEUED


def test_the_address_of_a_subscriber_is_what_was_confirmed_and_not_what_somebody_typed_later(subscribe, press):
    subscribe("Reader@example.org")
    press("/newsletter/confirm/" + mail.outbox[0].body.split("/confirm/")[1].split("/")[0] + "/")
    subscribe("rEADER@example.org")
    assert Subscriber.objects.get().email == "Reader@example.org"
    assert parse("READER@example.org").norm == Subscriber.objects.get().email_norm
    assert not consent.suppressed("reader@example.org", Subscription.objects.get().newsletter)
