"""Leaving: by a button, or by the mail program's own (RFC 8058)."""

from django.test import Client
from pytest import fixture, mark

from newsroom.lib import tokens
from subscribers import consent, letters
from subscribers.factories import make_newsletter, make_subscriber
from subscribers.models import ConsentEvent, Subscription
from subscribers.states import ConsentKind, SubscriptionState

ONE_CLICK = {"List-Unsubscribe": "One-Click"}


@fixture
def subscription(newsletter):
    return make_subscriber("reader@example.org", newsletter).subscriptions.get()


@fixture
def address(subscription, settings):
    return letters.unsubscribe_link(subscription).removeprefix(settings.SITE_URL)


def state(subscription):
    return Subscription.objects.get(pk=subscription.pk).state


@mark.parametrize("method", ["get", "head", "options"])
def test_a_scanner_that_follows_the_link_unsubscribes_nobody(client, address, subscription, method):
    getattr(client, method)(address)
    assert state(subscription) == SubscriptionState.ACTIVE


def test_a_reader_leaves_by_a_button_and_the_proof_says_so(client, address, subscription):
    assert "The Week" in client.get(address).text
    answer = client.post(address, {"leave": "yes"}, REMOTE_ADDR="203.0.113.9")
    assert answer.status_code == 200
    assert "You have been unsubscribed" in answer.text
    assert state(subscription) == SubscriptionState.UNSUBSCRIBED
    event = consent.events_of("reader@example.org")[0]
    assert (event.kind, event.way, event.address_prefix) == (ConsentKind.WITHDRAWN, "page", "203.0.113.0/24")
    assert "is not sent to you" in client.get(address).text


def test_a_mail_program_leaves_with_one_post_from_anywhere(address, subscription):
    strict = Client(enforce_csrf_checks=True)
    headers = {"Origin": "https://mail.example", "Sec-Fetch-Site": "cross-site"}
    answer = strict.post(address, ONE_CLICK, headers=headers)
    assert answer.status_code == 200
    assert not answer.cookies
    assert state(subscription) == SubscriptionState.UNSUBSCRIBED
    assert consent.events_of("reader@example.org")[0].way == "one-click"


def test_one_click_may_be_sent_as_multipart_or_as_a_form(address, subscription):
    body, kind = "List-Unsubscribe=One-Click", "application/x-www-form-urlencoded"
    assert Client().post(address, body, content_type=kind).status_code == 200
    assert state(subscription) == SubscriptionState.UNSUBSCRIBED


def test_leaving_twice_is_leaving_once(client, address, subscription):
    for _ in range(3):
        assert client.post(address, ONE_CLICK).status_code == 200
    assert ConsentEvent.objects.filter(kind=ConsentKind.WITHDRAWN).count() == 1


def test_a_post_that_says_nothing_changes_nothing(client, address, subscription):
    client.post(address)
    assert state(subscription) == SubscriptionState.ACTIVE


@mark.parametrize("token", ["x", "a.b.c", "%00", "%ED%A0%80", "é", "A" * 5000])
def test_an_unknown_token_answers_200_to_a_mail_program_and_404_to_a_reader(client, db, token):
    assert client.post(f"/newsletter/unsubscribe/{token}/", ONE_CLICK).status_code == 200
    assert client.get(f"/newsletter/unsubscribe/{token}/").status_code == 404


@mark.parametrize("value", [None, 1, "x", [], [1], [1, 1, 1], ["a", "b"], {"a": 1}, [10**30, 1]])
def test_a_token_of_ours_with_another_value_leaves_nothing(client, db, value):
    token = tokens.make(letters.UNSUBSCRIBE, value)
    assert client.post(f"/newsletter/unsubscribe/{token}/", ONE_CLICK).status_code == 200


def test_a_token_made_for_another_purpose_is_refused(client, subscription):
    token = tokens.make("newsletter.preferences", [subscription.pk, 1])
    client.post(f"/newsletter/unsubscribe/{token}/", ONE_CLICK)
    assert state(subscription) == SubscriptionState.ACTIVE


def test_links_die_with_the_token_version(client, address, subscription):
    subscription.subscriber.token_version += 1
    subscription.subscriber.save()
    assert client.post(address, ONE_CLICK).status_code == 200
    assert state(subscription) == SubscriptionState.ACTIVE
    assert client.get(address).status_code == 404


def test_a_forwarded_mail_ends_one_newsletter_only_and_wipes_nothing(client, address, subscription):
    other = Subscription.objects.create(
        subscriber=subscription.subscriber, newsletter=make_newsletter(), since=subscription.since
    )
    client.post(address, ONE_CLICK)
    assert state(other) == SubscriptionState.ACTIVE
    assert Subscription.objects.count() == 2


def test_a_paused_subscription_can_be_left_as_well(client, address, subscription):
    Subscription.objects.update(state=SubscriptionState.PAUSED)
    client.post(address, ONE_CLICK)
    assert state(subscription) == SubscriptionState.UNSUBSCRIBED


def test_the_page_of_a_token_stays_out_of_caches_search_engines_and_logs(client, address):
    for answer in (client.get(address), client.post(address, ONE_CLICK), client.get("/newsletter/unsubscribe/x/")):
        assert answer["Cache-Control"] == "no-store"
        assert "noindex" in answer["X-Robots-Tag"]
        assert answer["Referrer-Policy"] == "no-referrer"
        assert "reader@example.org" not in answer.text
