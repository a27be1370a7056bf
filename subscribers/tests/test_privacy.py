"""What is kept about one person is handed over whole, and erased whole but for the proof."""

import json

from django.apps import apps
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db.models import CharField, JSONField, TextField
from pytest import fixture, mark

from newsroom.lib import clock
from newsroom.lib.emails import parse
from subscribers import consent, privacy, subscribing
from subscribers.factories import make_newsletter, make_subscriber
from subscribers.models import Bounce, Delivery, Issue, Subscriber, SubscribeRequest, Subscription, Suppression
from subscribers.proofs import hmac_of
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
    Bounce.objects.create(
        subscriber=reader,
        delivery=Delivery.objects.get(),
        kind="hard",
        said="550 reader@example.org",
        source="x",
        at=clock.now(),
    )
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
        "log": 1,
    }
    assert found["subscribers"][0]["email"] == "Reader@example.org"
    assert found["consent_events"][0]["notice"] == "We keep your address until you unsubscribe."
    (bounce,) = found["bounces"]
    assert (bounce["newsletter"], bounce["issue"], bounce["said"]) == ("The Week", "One", "550 reader@example.org")
    assert "other@example.org" not in str(found)


# Each table of newsletters says what it holds of a person. What is handed over of it, and which of its fields are not.
TECHNICAL, STAFF, WHOSE = "works for us and says nothing", "is somebody of the staff", "is the person"
HANDED_OVER = {
    "Subscriber": (privacy.OF_SUBSCRIBER, {"token_version": TECHNICAL}),
    "Subscription": (privacy.OF_SUBSCRIPTION, {"subscriber": WHOSE}),
    "SubscribeRequest": (privacy.OF_REQUEST, {"token_hash": "is good for whoever reads that mailbox only"}),
    "ConsentEvent": (privacy.OF_EVENT, {"email_hmac": WHOSE, "by": STAFF}),
    "Suppression": (privacy.OF_SUPPRESSION, {"email_hmac": WHOSE, "by": STAFF}),
    "Bounce": (privacy.OF_BOUNCE, {"subscriber": WHOSE, "source": TECHNICAL}),
    "Delivery": (
        privacy.OF_DELIVERY,
        {"subscriber": WHOSE, "lane": "is a part of the address", "next_try_at": TECHNICAL, "batch": TECHNICAL},
    ),
}
NOTHING_PERSONAL = {
    "Newsletter": "is public",
    "ConsentText": "is public",
    "Issue": "is public once it is sent",
    "IssueItem": "is public once it is sent",
    "IssueEvent": "says what the staff did",
    "Import": "says what the staff claimed; file and report are wiped after a week",
    "Sending": "has sums",
    "Batch": "says what workers did",
    "DatabaseRun": "names what the database did",
    "Pace": "says when a newsletter's or a domain's next mail may go",
    "DomainLimit": "is what the staff set for a domain",
}


@mark.once
def test_every_table_is_handed_over_or_named_as_one_that_holds_nothing_of_a_reader():
    tables = {model.__name__ for model in apps.get_app_config("subscribers").get_models(include_auto_created=True)}
    assert tables == HANDED_OVER.keys() | NOTHING_PERSONAL.keys()
    assert not HANDED_OVER.keys() & NOTHING_PERSONAL.keys()
    of_subscribers = {
        model.__name__
        for model in apps.get_models(include_auto_created=True)
        for field in model._meta.concrete_fields
        if field.related_model is Subscriber or (model._meta.app_label == "subscribers" and "hmac" in field.name)
    }
    assert of_subscribers <= HANDED_OVER.keys()


@mark.once
@mark.parametrize("name", HANDED_OVER)
def test_every_field_of_such_a_table_is_handed_over_or_named_with_the_reason(name):
    handed_over, left_out = HANDED_OVER[name]
    fields = {field.name for field in apps.get_model("subscribers", name)._meta.concrete_fields} - {"id"}
    assert fields == {path.partition("__")[0] for path in handed_over.values()} | left_out.keys()


def rows_about(reader):
    """The names of the tables that hold something of a reader."""
    found = set()
    for model in apps.get_app_config("subscribers").get_models():
        for field in model._meta.concrete_fields:
            of_reader = field.name == "subscriber" or (model is Subscriber and field.primary_key)
            value = reader.pk if of_reader else {"email_hmac": hmac_of(reader.email_norm)}.get(field.name)
            if value is not None and model._base_manager.filter(**{field.name: value}).exists():
                found.add(model.__name__)
            texts = isinstance(field, CharField | TextField | JSONField)
            if texts and model._base_manager.filter(**{f"{field.name}__icontains": reader.email_norm}).exists():
                found.add(model.__name__)
    return found


def test_the_reader_of_these_tests_stands_in_every_table_that_can_hold_one(reader):
    consent.suppress("reader@example.org", reason=SuppressionReason.BOUNCED)
    assert rows_about(reader) == HANDED_OVER.keys()


def test_after_an_erasure_only_proof_and_suppression_are_left_in_any_table(reader):
    privacy.erase("reader@example.org")
    assert rows_about(reader) == {"ConsentEvent", "Suppression"}


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
