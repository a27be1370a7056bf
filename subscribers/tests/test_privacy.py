"""What is kept about one person is handed over whole, and erased whole but for the proof."""

import json

from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from pytest import fixture, mark

from newsroom.lib import clock
from newsroom.lib.emails import parse
from subscribers import consent, privacy, subscribing
from subscribers.factories import make_newsletter, make_subscriber
from subscribers.models import Bounce, Delivery, Issue, Subscriber, SubscribeRequest, Subscription, Suppression
from subscribers.states import ConsentKind, DeliveryState, SuppressionReason
from subscribers.tests.mails import link, to


@fixture
def reader(newsletter, nora):
    """A subscriber of whom every table holds something."""
    reader = make_subscriber("Reader@example.org", newsletter)
    subscribing.take(parse("reader@example.org"), newsletter.consent_texts.all(), language="en", page="/a/")
    issue = Issue.objects.create(newsletter=newsletter, key="one", subject="One")
    Delivery.objects.create(
        issue=issue,
        subscriber=reader,
        state=DeliveryState.BOUNCED,
        lane="example.org",
        answer="550 reader@example.org is unknown",
        changed_at=clock.now(),
    )
    Bounce.objects.create(subscriber=reader, kind="hard", said="550 reader@example.org", source="x", at=clock.now())
    LogEntry.objects.create(
        user=nora,
        content_type=ContentType.objects.get_for_model(Subscriber),
        object_id=reader.pk,
        object_repr=str(reader),
        action_flag=CHANGE,
    )
    return reader


def test_everything_is_handed_over_as_json_can_hold_it(reader, newsletter):
    make_subscriber("other@example.org", newsletter)
    found = privacy.export(" READER@example.org")
    assert json.loads(json.dumps(found)) == found
    assert {table: len(rows) for table, rows in found.items()} == {
        "subscribers": 1,
        "subscriptions": 1,
        "subscribe_requests": 1,
        "consent_events": 1,
        "bounces": 1,
        "deliveries": 1,
    }
    assert found["subscribers"][0]["email"] == "Reader@example.org"
    assert found["consent_events"][0]["notice"] == "We keep your address until you unsubscribe."
    assert "other@example.org" not in str(found)


def test_after_an_erasure_no_table_holds_the_address(reader, newsletter):
    make_subscriber("other@example.org", newsletter)
    assert privacy.erase("reader@EXAMPLE.org") == {
        "subscribe_requests": 1,
        "subscribers": 1,
        "subscriptions": 1,
        "bounces": 1,
        "deliveries": 1,
    }
    for model in (Subscriber, Subscription, SubscribeRequest, Bounce, Delivery, LogEntry, Suppression):
        assert "reader@" not in str(list(model.objects.values())).lower()
    assert Subscriber.objects.get().email == "other@example.org"
    assert Delivery.objects.get().state == DeliveryState.BOUNCED  # the issue's sums stay right


def test_proof_and_suppression_outlive_the_erasure(reader, newsletter):
    privacy.erase("reader@example.org")
    kinds = [event.kind for event in consent.events_of("reader@example.org")]
    assert kinds == [ConsentKind.WITHDRAWN, ConsentKind.CONFIRMED]
    assert consent.suppressed("reader@example.org", newsletter)
    assert set(privacy.export("reader@example.org")) == {"consent_events", "suppressions"}


def test_erasing_twice_or_somebody_unknown_erases_nothing(reader):
    privacy.erase("reader@example.org")
    assert privacy.erase("reader@example.org") == {}
    assert privacy.erase("unknown@example.org") == {}
    assert Suppression.objects.count() == 2


@mark.parametrize("text", ["", "no address", "a@b@c", "a\r\n@example.org", "ü@example.org"])
def test_what_is_no_address_has_nothing_and_loses_nothing(reader, text):
    assert privacy.export(text) == {}
    assert privacy.erase(text) == {}
    assert Subscriber.objects.exists()


def test_who_was_erased_comes_back_by_their_own_new_consent(subscribe, press, newsletter):
    make_subscriber("reader@example.org", newsletter)
    privacy.erase("reader@example.org")
    subscribe("reader@example.org")
    assert to() == ["reader@example.org"]
    press(link("confirm"))
    assert Subscriber.objects.get().newsletters.get() == newsletter
    assert not consent.suppressed("reader@example.org", newsletter)


def test_who_complained_does_not_get_a_mail_after_an_erasure_either(subscribe, newsletter):
    consent.suppress("reader@example.org", reason=SuppressionReason.COMPLAINED)
    privacy.erase("reader@example.org")
    subscribe("reader@example.org")
    assert to() == []


def test_an_erasure_of_one_address_leaves_its_likes_alone(newsletter):
    for email in ("rea.der@example.org", "reader+a@example.org", "reader@exаmple.org"):
        make_subscriber(email, newsletter, make_newsletter())
    privacy.erase("reader@example.org")
    assert Subscriber.objects.count() == 3
