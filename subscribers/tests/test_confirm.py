"""The link in the mail: what it does, and everything that must not happen with it."""

from datetime import UTC, datetime, timedelta
from threading import Barrier, Thread

import time_machine
from django.core import mail
from django.db import connection
from pytest import fixture, mark

from newsroom.lib import tokens
from newsroom.lib.emails import parse
from subscribers import consent, letters, subscribing
from subscribers.factories import make_newsletter
from subscribers.models import ConsentEvent, Subscriber, SubscribeRequest, Subscription
from subscribers.states import ConsentKind, SubscriptionState, SuppressionReason
from subscribers.subscribing import Answer
from subscribers.tests.mails import link

DONE = "/newsletter/confirmed/"


@fixture
def confirm_link(subscribe):
    subscribe()
    return link("confirm")


@mark.parametrize("method", ["get", "head", "options"])
def test_a_scanner_that_follows_the_link_changes_nothing(client, confirm_link, method):
    before = list(SubscribeRequest.objects.values())
    for _ in range(3):
        getattr(client, method)(confirm_link, headers={"Sec-Purpose": "prefetch", "User-Agent": "Scanner/1.0"})
    assert list(SubscribeRequest.objects.values()) == before
    assert not Subscriber.objects.exists()


def test_the_page_of_a_token_stays_out_of_caches_search_engines_and_logs(client, confirm_link):
    for answer in (client.get(confirm_link), client.get("/newsletter/confirm/guessed/"), client.post(confirm_link)):
        assert answer["Cache-Control"] == "no-store"
        assert "noindex" in answer["X-Robots-Tag"]
        assert answer["Referrer-Policy"] == "no-referrer"
        assert not answer.cookies


def test_the_page_does_not_show_the_address(client, confirm_link):
    assert "reader@example.org" not in client.get(confirm_link).text


def test_the_page_names_the_form_without_the_token(client, confirm_link):
    token = confirm_link.split("/")[-2]
    assert token not in client.get(confirm_link).text


@mark.parametrize("token", ["x", "A" * 43, "%00" * 43, "%ED%A0%80" * 43, "é" * 43, "' OR 1=1 --".ljust(43), "A" * 5000])
def test_a_guessed_token_is_nobodys(client, confirm_link, press, token):
    assert client.get(f"/newsletter/confirm/{token}/").status_code == 404
    assert press(f"/newsletter/confirm/{token}/").status_code == 404
    assert not Subscriber.objects.exists()


def test_a_request_that_waits_to_be_mailed_cannot_be_confirmed_without_a_token(client, newsletter):
    subscribing.take(parse("reader@example.org"), newsletter.consent_texts.all(), language="en")
    assert subscribing.confirm("") is Answer.UNKNOWN


def test_a_token_to_leave_does_not_confirm(press, confirm_link):
    token = tokens.make(letters.UNSUBSCRIBE, [1, 1])
    assert press(f"/newsletter/confirm/{token}/").status_code == 404


def test_the_token_itself_is_not_kept(confirm_link):
    token = confirm_link.split("/")[-2]
    assert token not in str(list(SubscribeRequest.objects.values()))


def test_a_link_is_good_for_48_hours(subscribe, client, press):
    with time_machine.travel(datetime(2026, 5, 4, 12, tzinfo=UTC), tick=False) as clock:
        subscribe()
        address = link("confirm")
        clock.shift(timedelta(hours=48))
        assert client.get(address).status_code == 200
        clock.shift(timedelta(seconds=1))
        assert client.get(address).status_code == 410
        answer = press(address)
        assert answer.status_code == 410
        assert "newsletter-email" in answer.text  # the form, to ask for a new one
    assert not Subscriber.objects.exists()


def test_pressing_twice_says_the_same_and_counts_once(press, confirm_link):
    assert press(confirm_link)["Location"] == DONE
    assert press(confirm_link)["Location"] == DONE
    assert ConsentEvent.objects.filter(kind=ConsentKind.CONFIRMED).count() == 1
    assert len(mail.outbox) == 2  # the link, and one welcome


def test_a_used_link_says_that_all_went_well_even_days_later(client, press, subscribe):
    with time_machine.travel(datetime(2026, 5, 4, 12, tzinfo=UTC), tick=False) as clock:
        subscribe()
        address = link("confirm")
        press(address)
        clock.shift(timedelta(days=3))
        answer = client.get(address)
    assert answer.status_code == 200
    assert "You have successfully subscribed" in answer.text
    assert "<form method" not in answer.text and "cannot be used" not in answer.text
    assert answer["Cache-Control"] == "no-store"
    assert len(mail.outbox) == 2


def test_an_old_link_does_not_bring_back_who_has_left(client, press, confirm_link):
    press(confirm_link)
    press(link("unsubscribe"), {"leave": "yes"})
    assert press(confirm_link).status_code == 404
    answer = client.get(confirm_link)
    assert answer.status_code == 404
    assert "from before you unsubscribed" in answer.text
    assert Subscription.objects.get().state == SubscriptionState.UNSUBSCRIBED


def test_who_has_left_comes_back_by_new_consent(press, subscribe, newsletter):
    with time_machine.travel(datetime(2026, 5, 4, 12, tzinfo=UTC), tick=False) as clock:
        subscribe()
        press(link("confirm"))
        press(link("unsubscribe"), {"leave": "yes"})
        clock.shift(timedelta(days=2))
        subscribe()
        press(link("confirm"))
    assert Subscription.objects.get().state == SubscriptionState.ACTIVE
    kinds = [event.kind for event in consent.events_of("reader@example.org")]
    assert kinds == ["confirmed", "requested", "withdrawn", "confirmed", "requested"]


def test_a_subscriber_of_one_newsletter_adds_another(press, subscribe, newsletter):
    with time_machine.travel(datetime(2026, 5, 4, 12, tzinfo=UTC), tick=False) as clock:
        subscribe()
        press(link("confirm"))
        clock.shift(timedelta(days=2))
        other = make_newsletter()
        subscribe("READER@example.org", data={"consent": other.consent_texts.get().pk})
        press(link("confirm"))
    assert Subscriber.objects.get().newsletters.count() == 2


def test_who_must_not_be_mailed_is_not_revived_by_a_link_sent_before(press, confirm_link):
    consent.suppress("reader@example.org", reason=SuppressionReason.COMPLAINED)
    assert press(confirm_link).status_code == 404
    assert not Subscriber.objects.exists()


def test_the_link_speaks_the_language_of_the_page_it_was_asked_on(subscribe, client):
    subscribe(address="/ar/newsletter/")
    assert link("confirm").startswith("/ar/newsletter/confirm/")
    assert 'dir="rtl"' in mail.outbox[0].alternatives[0][0]
    assert 'dir="rtl"' in client.get(link("confirm")).text


@mark.django_db(transaction=True)
def test_two_confirms_at_once_make_one_subscriber(subscribe):
    subscribe()
    token = link("confirm").split("/")[-2]
    together, answers = Barrier(4), []

    def press() -> None:
        together.wait()
        answers.append(subscribing.confirm(token))
        connection.close()

    threads = [Thread(target=press) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == [Answer.SUBSCRIBED] * 4
    assert Subscriber.objects.count() == 1
    assert ConsentEvent.objects.filter(kind=ConsentKind.CONFIRMED).count() == 1
