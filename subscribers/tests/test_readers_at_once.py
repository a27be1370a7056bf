"""A reader, a job and an importer at one address in the same instant, each with a connection of their own."""

import hashlib
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from io import BytesIO
from threading import Barrier, Event, Thread
from time import sleep

from django.db import OperationalError, connection
from pytest import mark

from newsroom.lib import clock
from newsroom.lib.emails import parse
from subscribers import consent, privacy, subscribing
from subscribers.factories import make_newsletter, make_subscriber
from subscribers.lists import runs
from subscribers.marks import Marked
from subscribers.models import (
    ConsentEvent,
    Delivery,
    Sending,
    Subscriber,
    SubscribeRequest,
    Subscription,
    Suppression,
)
from subscribers.sending import returned
from subscribers.sending.returned import Report
from subscribers.states import BounceKind
from subscribers.tests.sendings import make_issue

pytestmark = mark.django_db(transaction=True)
TOKEN = "t" * subscribing.TOKEN_LENGTH


def together(*acts):
    """What each of these gave, begun in the same instant."""
    start = Barrier(len(acts))

    def one(act):
        try:
            start.wait(timeout=20)
            return act()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(one, acts))


def asked(email, newsletter):
    """Somebody was mailed a link with TOKEN."""
    text = newsletter.consent_texts.get()
    made = subscribing.take(parse(email), [text], language="en")
    hashed = hashlib.sha256(TOKEN.encode()).hexdigest()
    SubscribeRequest.objects.filter(pk=made[0].pk).update(token_hash=hashed, mailed_at=clock.now())


def test_whoever_comes_back_while_the_gone_are_forgotten_is_subscribed(monkeypatch):
    newsletter, long_ago = make_newsletter(slug="week"), clock.now() - timedelta(days=90)
    reader = make_subscriber("reader@example.org", newsletter)
    Subscriber.objects.update(created_at=long_ago)
    Subscription.objects.update(state="unsubscribed", since=long_ago)
    asked(reader.email, newsletter)
    answers = []

    def confirm():
        answers.append(subscribing.confirm(TOKEN))
        connection.close()

    coming, suppress = Thread(target=confirm), consent.suppress

    def slow(*args, **fields):
        coming.start()
        coming.join(timeout=0.5)
        return suppress(*args, **fields)

    monkeypatch.setattr(consent, "suppress", slow)
    assert privacy.forget_the_gone() == 1
    coming.join()
    assert answers == [subscribing.Answer.SUBSCRIBED]
    assert Subscription.objects.get(subscriber__email_norm="reader@example.org").state == "active"
    assert not Suppression.objects.exists()


def test_whoever_is_erased_while_their_mail_comes_back_is_erased(monkeypatch):
    newsletter = make_newsletter(slug="week")
    reader, issue = make_subscriber("reader@example.org", newsletter), make_issue(newsletter)
    Sending.objects.create(issue=issue, lanes=[""], handed_over=1)
    Delivery.objects.create(issue=issue, subscriber=reader, state="handed_over", changed_at=clock.now())
    marked, find = Marked(issue.pk, reader.pk), returned._find
    erasing, errors = Event(), []

    def slow(mark):
        delivery = find(mark)
        erasing.wait(timeout=5)
        sleep(0.3)  # the erasure waits for a row of ours by now
        return delivery

    def erase():
        try:
            with connection.execute_wrapper(lambda execute, *args: (erasing.set(), execute(*args))[1]):
                privacy.erase("reader@example.org")
        except OperationalError as error:
            errors.append(error)
        finally:
            connection.close()

    monkeypatch.setattr(returned, "_find", slow)
    other = Thread(target=erase)
    other.start()
    returned.file(Report(BounceKind.HARD, "mail", "one", "5.1.1", "550 No such user", marked))
    other.join()
    assert errors == []
    assert not Subscriber.objects.exists()


def test_a_list_imported_twice_at_once_is_one_consent_for_each():
    newsletter = make_newsletter(slug="week")
    file = "\n".join(["email", *(f"reader{number}@example.org" for number in range(50))]).encode()

    def bring():
        return list(runs.at_once(newsletter, BytesIO(file), file_name="list.csv", claim="Fair", dry_run=False))

    assert [len(findings) for findings in together(bring, bring)] == [50, 50]
    assert Subscription.objects.count() == ConsentEvent.objects.filter(kind="imported").count() == 50
