"""A reader fills in the form, gets a mail, presses a button, and is a subscriber. And everyone else is not."""

from datetime import UTC, datetime, timedelta
from threading import Barrier, Thread

import time_machine
from django.core import mail
from django.db import OperationalError, connection
from pytest import fixture, mark

from newsroom.lib.emails import parse
from newsroom.lib.mail import deliver
from subscribers import consent, subscribing
from subscribers.factories import make_newsletter, make_notice, make_subscriber
from subscribers.models import ConsentEvent, Subscriber, SubscribeRequest
from subscribers.states import ConsentKind, SubscriptionState, SuppressionReason
from subscribers.tests.mails import link, to

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
VICTIM = "victim@example.org"


@fixture
def clock():
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


def test_a_reader_subscribes_confirms_with_a_button_and_a_consent_event_stands(client, subscribe, press, newsletter):
    answer = subscribe("Reader@Example.org", headers={"X-Forwarded-For": "6.6.6.6"}, REMOTE_ADDR="203.0.113.9")
    assert (answer.status_code, answer["Location"]) == (303, "/newsletter/almost-there/")
    assert "Almost there: we have sent you a link to confirm" in client.get(answer["Location"]).text
    assert not Subscriber.objects.exists()
    assert to() == ["Reader@example.org"]

    page = client.get(link("confirm"))
    assert page.status_code == 200
    assert "The Week" in page.text
    assert not Subscriber.objects.exists()

    answer = press(link("confirm"), REMOTE_ADDR="198.51.100.1")
    assert (answer.status_code, answer["Location"]) == (303, "/newsletter/confirmed/")
    assert "You have successfully subscribed to the newsletter" in client.get(answer["Location"]).text
    subscriber = Subscriber.objects.get()
    assert (subscriber.email, subscriber.email_norm) == ("Reader@example.org", "reader@example.org")
    assert subscriber.subscriptions.get().state == SubscriptionState.ACTIVE

    confirmed, requested = consent.events_of("reader@example.org")
    assert (requested.kind, confirmed.kind) == (ConsentKind.REQUESTED, ConsentKind.CONFIRMED)
    assert (requested.address_prefix, confirmed.address_prefix) == ("203.0.113.0/24", "198.51.100.0/24")
    for event in (requested, confirmed):
        assert event.newsletter == newsletter
        assert event.page == "/2026/05/04/flood/"
        assert event.consent_text.text == "We keep your address until you unsubscribe."


def test_a_new_subscriber_is_told_how_to_leave(subscribe, press):
    subscribe()
    press(link("confirm"))
    welcome = mail.outbox[-1]
    assert "You have successfully subscribed to the newsletter" in welcome.body
    assert welcome.extra_headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert link("unsubscribe") in welcome.extra_headers["List-Unsubscribe"]


def test_the_proof_names_the_wording_that_stood_on_the_page_even_if_there_is_a_newer_one(subscribe, press, newsletter):
    seen = newsletter.consent_texts.get()
    make_notice(newsletter, "Other words.")
    subscribe(data={"consent": seen.pk})
    press(link("confirm"))
    assert {event.consent_text for event in ConsentEvent.objects.all()} == {seen}


def test_one_mail_confirms_several_newsletters(subscribe, press, newsletter):
    other = make_newsletter()
    texts = [newsletter.consent_texts.get().pk, other.consent_texts.get().pk]
    subscribe(data={"consent": texts})
    assert len(mail.outbox) == 1
    press(link("confirm"))
    assert Subscriber.objects.get().newsletters.count() == 2


# Refusals -----------------------------------------------------------------------------------


@mark.parametrize("email", ["", "  ", "reader", "reader@", "reader＠example.org", "a@b.org\r\nBcc: victim@example.org"])
def test_an_error_keeps_what_was_typed(subscribe, email):
    answer = subscribe(email)
    assert answer.status_code == 422
    assert 'aria-invalid="true"' in answer.text
    assert email.split("\r")[0].strip() in answer.text
    assert 'value="/2026/05/04/flood/"' in answer.text
    assert not SubscribeRequest.objects.exists()


def test_a_script_typed_as_an_address_is_shown_as_text(subscribe):
    assert "<script>alert" not in subscribe('"><script>alert(1)</script>').text


@mark.parametrize("value", ["", "0", "x", "9" * 40, "-1", "1\0", ["1", "x"]])
def test_a_consent_text_that_nobody_offers_is_refused(subscribe, value):
    answer = subscribe(data={"consent": value})
    assert answer.status_code == 422
    assert not SubscribeRequest.objects.exists()


def test_a_newsletter_that_is_offered_no_more_cannot_be_asked_for(subscribe, newsletter):
    newsletter.offered = False
    newsletter.save()
    assert subscribe().status_code == 422


@mark.parametrize("page", ["https://evil.example/", "//evil.example/", "x", "/a\nb", "/\u2028", "/" + "x" * 5000])
def test_a_page_that_is_no_path_of_ours_does_not_get_into_the_proof(subscribe, page):
    subscribe(data={"page": page})
    kept = SubscribeRequest.objects.get().page
    assert kept == "" or (len(kept) == 400 and kept.startswith("/x"))


def test_a_form_of_another_site_is_refused(subscribe):
    assert subscribe(headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403
    assert not SubscribeRequest.objects.exists()


def test_a_failure_says_the_promised_sentence_and_keeps_what_was_typed(subscribe, monkeypatch):
    def broken(*args, **kwargs):
        raise OperationalError("database is locked")

    monkeypatch.setattr(subscribing, "take", broken)
    answer = subscribe("reader@example.org")
    assert answer.status_code == 503
    assert "There was an error while trying to send your request. Please try again." in answer.text
    assert 'value="reader@example.org"' in answer.text


def test_many_requests_from_one_network_are_refused_and_other_networks_are_not(subscribe):
    answers = [subscribe(f"a{n}@example.org", REMOTE_ADDR=f"203.0.113.{n}").status_code for n in range(22)]
    assert answers == [303] * 20 + [429] * 2
    assert subscribe("other@example.org", REMOTE_ADDR="198.51.100.1").status_code == 303


def test_the_network_cannot_be_forged(subscribe):
    for n in range(20):
        subscribe(f"a{n}@example.org")
    assert subscribe("b@example.org", headers={"X-Forwarded-For": "198.51.100.1"}).status_code == 429


# With JavaScript ----------------------------------------------------------------------------


def test_a_script_gets_the_same_words_as_json(subscribe, monkeypatch):
    ask = {"headers": {"Accept": "application/json"}}
    assert subscribe(**ask).json() == {"message": "Almost there: we have sent you a link to confirm"}
    wrong = subscribe("x", **ask)
    assert wrong.status_code == 422
    assert "name@example.org" in wrong.json()["errors"]["email"]
    monkeypatch.setattr(subscribing, "take", None)
    failed = subscribe("b@example.org", **ask)
    assert failed.status_code == 503
    assert failed.json() == {"message": "There was an error while trying to send your request. Please try again."}


# The same answer for everyone ---------------------------------------------------------------


def strangers(newsletter):
    """A new address, one that was asked already, a subscriber, one who left, and two who must not be mailed."""
    make_subscriber("active@example.org", newsletter)
    consent.record(ConsentKind.REQUESTED, "pending@example.org", newsletter)
    left = make_subscriber("left@example.org", newsletter)
    left.subscriptions.update(state=SubscriptionState.UNSUBSCRIBED)
    consent.suppress("never@example.org", reason=SuppressionReason.COMPLAINED)
    consent.suppress("not-this@example.org", reason=SuppressionReason.BOUNCED, newsletter=newsletter)
    return ["new", "pending", "active", "left", "never", "not-this"]


@mark.parametrize("accept", ["text/html", "application/json"])
def test_the_answer_is_the_same_for_every_address(
    client, newsletter, subscribe, accept, django_assert_num_queries, django_capture_on_commit_callbacks
):
    seen, worker = set(), []
    text = newsletter.consent_texts.get()
    for name in strangers(newsletter):
        data = {"email": f"{name}@example.org", "consent": text.pk}
        # Four queries each (savepoint, row, savepoint, consent text): no work that tells one from another.
        with django_assert_num_queries(4), django_capture_on_commit_callbacks() as jobs:
            answer = client.post("/newsletter/", data, headers={"Accept": accept})
        worker += jobs
        seen.add((answer.status_code, answer.content, tuple(sorted(answer.items()))))
        assert not answer.cookies
    assert len(seen) == 1
    with django_capture_on_commit_callbacks(execute=True):
        for job in worker:
            job()
    assert to() == ["new@example.org", "left@example.org"]
    assert SubscribeRequest.objects.count() == 2


@mark.parametrize("page", ["/newsletter/", "/newsletter/almost-there/", "/newsletter/confirmed/"])
def test_no_page_sets_a_cookie_or_holds_a_token(client, newsletter, page):
    answer = client.get(page)
    assert answer.status_code == 200
    assert not answer.cookies
    assert "csrf" not in answer.text
    assert "Cookie" not in answer.get("Vary", "")


# One victim ---------------------------------------------------------------------------------


def test_one_victim_asked_for_a_thousand_times_gets_one_mail(
    subscribe, newsletter, clock, django_capture_on_commit_callbacks
):
    spellings = [VICTIM, VICTIM.upper(), " Victim@EXAMPLE.org ", "vIcTiM@example.ORG"]
    for n in range(20):
        subscribe(spellings[n % 4], REMOTE_ADDR=f"10.0.{n}.1")
    with django_capture_on_commit_callbacks(execute=True):
        for n in range(980):
            taken = subscribing.take(parse(spellings[n % 4]), newsletter.consent_texts.all(), language="en")
            subscribing.take_up([row.pk for row in taken])
    assert to() == [VICTIM]
    assert ConsentEvent.objects.count() == 1
    assert SubscribeRequest.objects.count() == 1


def test_plus_tags_and_dots_do_not_flood_a_mailbox(subscribe, clock):
    for n in range(30):
        subscribe(f"vic{'.' * (n % 2)}tim+{n}@example.org", REMOTE_ADDR=f"10.0.{n}.1")
    assert len(mail.outbox) == subscribing.MAILS_TO_A_MAILBOX


def test_three_mails_without_an_answer_are_all_there_will_ever_be(subscribe, clock):
    for day in range(30):
        clock.move_to(NOON + timedelta(days=day * 2))
        subscribe(VICTIM)
        subscribing.purge()
    assert to() == [VICTIM] * 3


def test_a_mail_is_not_sent_again_within_a_day_and_is_after_it(subscribe, clock):
    subscribe(VICTIM)
    clock.shift(timedelta(hours=23, minutes=59))
    subscribe(VICTIM)
    assert len(mail.outbox) == 1
    clock.shift(timedelta(minutes=1))
    subscribe(VICTIM)
    assert len(mail.outbox) == 2


def test_asking_again_does_not_spoil_the_link_that_was_mailed(subscribe, press):
    subscribe()
    first = link("confirm")
    subscribe()
    assert press(first)["Location"] == "/newsletter/confirmed/"


def test_no_word_of_a_stranger_stands_in_the_mail(subscribe):
    subscribe("buy-now+http.evil.example@example.org", data={"page": "/evil/", "name": "Click http://evil.example"})
    message = mail.outbox[0]
    written = message.subject + message.body + message.alternatives[0][0]
    assert "evil" not in written
    assert "buy-now" not in written


# The mail server ----------------------------------------------------------------------------


def test_a_mail_server_that_is_down_keeps_the_request_and_the_mail_is_tried_again(subscribe, press, monkeypatch):
    kept = []
    monkeypatch.setattr("newsroom.lib.mail.deliver", lambda *parts: kept.append(parts))
    assert subscribe().status_code == 303  # the worker could not deliver
    assert mail.outbox == []
    assert SubscribeRequest.objects.get().token_hash
    monkeypatch.undo()
    deliver.call_local(*kept[0])
    assert press(link("confirm"))["Location"] == "/newsletter/confirmed/"


def test_a_request_that_no_job_took_up_is_found_later(client, newsletter, clock, django_capture_on_commit_callbacks):
    text = newsletter.consent_texts.get()
    client.post("/newsletter/", {"email": VICTIM, "consent": text.pk})  # and the worker is killed
    assert subscribing.forgotten() == []
    clock.shift(timedelta(minutes=11))
    (keys,) = subscribing.forgotten()
    with django_capture_on_commit_callbacks(execute=True):
        assert subscribing.take_up(keys)
    assert to() == [VICTIM]
    assert subscribing.forgotten() == []


def test_a_job_that_runs_twice_sends_one_mail(client, newsletter, django_capture_on_commit_callbacks):
    client.post("/newsletter/", {"email": VICTIM, "consent": newsletter.consent_texts.get().pk})
    keys = [SubscribeRequest.objects.get().pk]
    with django_capture_on_commit_callbacks(execute=True):
        assert subscribing.take_up(keys)
        assert not subscribing.take_up(keys)
    assert len(mail.outbox) == 1


def test_requests_are_forgotten_after_a_week(subscribe, clock):
    subscribe()
    clock.shift(timedelta(days=7, seconds=1))
    assert subscribing.purge() == 1
    assert not SubscribeRequest.objects.exists()


@mark.django_db(transaction=True)
def test_workers_that_take_up_one_victim_at_once_send_one_mail(newsletter):
    waiting = [subscribing.take(parse(VICTIM), newsletter.consent_texts.all(), language="en")[0].pk for _ in range(4)]
    together, sent = Barrier(len(waiting)), []

    def work(key):
        together.wait()
        sent.append(subscribing.take_up([key]))
        connection.close()

    workers = [Thread(target=work, args=[key]) for key in waiting]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert sorted(sent) == [False, False, False, True]
    assert to() == [VICTIM]
