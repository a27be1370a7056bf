"""What mail services tell of mails, as they really send it, signed anew with a key of the test."""

import hashlib
import hmac
import json
import os
from base64 import b64encode
from datetime import timedelta
from pathlib import Path

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from pytest import fixture, mark

from newsroom.lib import clock
from subscribers import consent, marks
from subscribers.factories import make_newsletter, make_subscriber
from subscribers.models import Batch, Bounce, ConsentEvent, Delivery, Sending, Subscription
from subscribers.sending import outcomes
from subscribers.states import DeliveryState
from subscribers.tests.sendings import make_issue, states

pytestmark = mark.django_db

KEY, PASSWORD = "key of the test", "service:password of the test"
FILES = Path(os.environ.get("NEWSROOM_TEST_DATA", "/nowhere"), "esp-webhooks")
needs_files = mark.skipif(not FILES.is_dir(), reason="Name the folder of real material by NEWSROOM_TEST_DATA.")


@fixture(autouse=True)
def secrets(settings):
    settings.MAILGUN_WEBHOOK_KEY, settings.MAIL_WEBHOOK_PASSWORD = KEY, PASSWORD


@fixture
def reader():
    return make_subscriber("alice@example.com", make_newsletter(name="The Week", slug="week"))


@fixture
def issue(reader):
    made = make_issue(reader.subscriptions.get().newsletter)
    Sending.objects.create(issue=made, lanes=[""], handed_over=1)
    Delivery.objects.create(issue=made, subscriber=reader, state=DeliveryState.HANDED_OVER, changed_at=clock.now())
    return made


def signed(event, token="t" * 50, key=KEY, at=None):
    """What Mailgun sends."""
    at = str(int((at or clock.now()).timestamp()))
    signature = hmac.new(key.encode(), f"{at}{token}".encode(), hashlib.sha256).hexdigest()
    return {"signature": {"token": token, "timestamp": at, "signature": signature}, "event-data": event}


def mailgun(client, name, mark_="", token="t" * 50, **more):
    event = json.loads((FILES / "mailgun" / f"{name}.json").read_text())["event-data"] | more
    if mark_:
        event.setdefault("message", {}).setdefault("headers", {})["message-id"] = f"{mark_}@news.example"
    return tell(client, "mailgun", signed(event, token))


def tell(client, provider, body, **headers):
    return client.post(f"/newsletter/events/{provider}/", json.dumps(body), content_type="application/json", **headers)


def password(words=PASSWORD):
    return {"HTTP_AUTHORIZATION": "Basic " + b64encode(words.encode()).decode()}


@needs_files
@mark.parametrize(
    ("name", "state", "kind"),
    [
        ("accepted", "handed_over", None),
        ("delivered_messages", "delivered", None),
        ("opens", "handed_over", None),
        ("clicks", "handed_over", None),
        ("temporary_failure", "handed_over", None),
        ("permanent_failure", "bounced", "hard"),
        ("permanent_failure_no_description", "bounced", "hard"),
        ("suppression_failure", "bounced", "soft"),
        ("spam_complaints", "complained", "complaint"),
        ("unsubscribes", "handed_over", None),
    ],
)
def test_each_event_of_mailgun_has_its_consequence(client, issue, reader, name, state, kind):
    mark_ = marks.make(issue.pk, reader.pk)
    for _again in range(2):
        assert mailgun(client, name, mark_).status_code == 200
    assert states(issue) == {state: 1}
    assert list(Bounce.objects.values_list("kind", flat=True)) == ([kind] if kind else [])
    newsletter = issue.newsletter
    assert consent.suppressed("alice@example.com", newsletter) == (kind in ("hard", "complaint"))
    left = Subscription.objects.filter(state="unsubscribed").exists()
    assert left == (name in ("spam_complaints", "unsubscribes"))
    events = ConsentEvent.objects.filter(kind__in=["complained", "withdrawn"])
    assert events.count() == (1 if left else 0)


@needs_files
@mark.parametrize(
    "path", sorted(FILES.rglob("*sendgrid*.json")) + sorted(FILES.glob("sendgrid/*")), ids=lambda p: p.stem
)
def test_no_file_of_sendgrid_breaks_anything(client, issue, path):
    try:
        body = json.loads(path.read_text())
    except ValueError:
        body = path.read_text()
    assert tell(client, "sendgrid", body, **password()).status_code in (200, 400)


def claimed(issue):
    """The delivery, as a worker holds it that has begun its message."""
    delivery, now = Delivery.objects.get(), clock.now()
    batch = Batch.objects.create(issue=issue, worker="w", begun=delivery.pk, started_at=now, lease_until=now)
    Delivery.objects.update(state=DeliveryState.CLAIMED, batch=batch)
    Sending.objects.update(handed_over=0, claimed=1)
    return batch


@needs_files
@mark.parametrize(("name", "state"), [("delivered_messages", "delivered"), ("permanent_failure", "bounced")])
def test_a_service_that_is_faster_than_the_worker_is_heard(client, issue, reader, name, state):
    batch = claimed(issue)
    assert mailgun(client, name, marks.make(issue.pk, reader.pk)).status_code == 200
    assert (states(issue), Delivery.objects.get().attempts) == ({state: 1}, 1)
    assert outcomes.close(batch, answered=True, taken=1)
    assert (states(issue), Batch.objects.get().sent) == ({state: 1}, 1)


@needs_files
def test_of_what_is_claimed_and_not_begun_nothing_has_arrived(client, issue, reader):
    batch = claimed(issue)
    Batch.objects.update(begun=None)
    mailgun(client, "delivered_messages", marks.make(issue.pk, reader.pk))
    assert states(issue) == {"claimed": 1}
    outcomes.close(batch, answered=True)
    assert states(issue) == {"queued": 1}


def test_sendgrid_and_postmark_are_understood(client, issue, reader):
    mark_ = marks.make(issue.pk, reader.pk)
    event = {"email": "alice@example.com", "event": "bounce", "reason": "550 5.1.1 Unknown user", "status": "5.1.1"}
    body = [event | {"sg_event_id": "one", "smtp-id": f"<{mark_}@news.example>", "timestamp": 1600112492}]
    assert tell(client, "sendgrid", body, **password()).status_code == 200
    assert states(issue) == {"bounced": 1}
    body = {"RecordType": "SpamComplaint", "ID": 7, "Type": "SpamComplaint", "Email": "alice@example.com"}
    body |= {"MessageID": "x", "BouncedAt": "2036-01-01T00:00:00Z", "Metadata": {"delivery": mark_}}
    assert tell(client, "postmark", body, **password()).status_code == 200
    assert states(issue) == {"complained": 1}


@needs_files
def test_an_event_without_our_mark_is_about_its_address(client, reader):
    assert mailgun(client, "permanent_failure", recipient="Alice@example.com").status_code == 200
    assert consent.suppressed("alice@example.com", reader.subscriptions.get().newsletter)


@mark.parametrize("said", ["550 no\0such user", "550 half a letter: \ud800"])
@mark.parametrize("name", ["failed", "complained"])
def test_letters_that_no_database_keeps_are_left_out(client, issue, reader, name, said):
    headers = {"message-id": marks.message_id(marks.make(issue.pk, reader.pk)).strip("<>")}
    event = {
        "event": name,
        "id": "one",
        "timestamp": 1661590666,
        "severity": "permanent",
        "message": {"headers": headers},
    }
    event |= {"recipient": "alice@example.com", "delivery-status": {"message": said, "description": said, "code": 550}}
    assert tell(client, "mailgun", signed(event)).status_code == 200
    assert Bounce.objects.count() == 1


@mark.parametrize("value", [7, ["a"], {"a": "b"}, [[]], True, None, "x\0y", "\ud800", "5." * 100_000])
@mark.parametrize("field", ["email", "reason", "status", "sg_event_id", "smtp-id", "timestamp", "event"])
def test_fields_of_another_kind_break_nothing(client, issue, field, value):
    event = {"email": "alice@example.com", "event": "bounce", "reason": "550 5.1.1", "timestamp": 1600112492}
    assert tell(client, "sendgrid", [event | {field: value}], **password()).status_code in (200, 400)


@mark.parametrize("depth", [*range(100, 1000, 100), 950, 980, 100_000])
def test_however_deeply_it_is_nested_it_breaks_nothing(client, issue, depth):
    body = f'[{{"event": "bounce", "email": "alice@example.com", "timestamp": 1, "x": {"[" * depth}{"]" * depth}}}]'
    answer = client.post("/newsletter/events/sendgrid/", body, content_type="application/json", **password())
    assert answer.status_code in (200, 400)


def test_a_batch_of_deliveries_costs_a_few_queries_however_long_it_is(client, issue, django_assert_max_num_queries):
    readers = [make_subscriber(f"reader{n}@example.com", issue.newsletter) for n in range(120)]
    Delivery.objects.bulk_create(
        Delivery(issue=issue, subscriber=reader, state=DeliveryState.HANDED_OVER, changed_at=clock.now())
        for reader in readers
    )
    Sending.objects.update(handed_over=121)
    body = [
        {"email": reader.email, "event": "delivered", "timestamp": 1600112492, "sg_event_id": str(reader.pk)}
        | {"smtp-id": marks.message_id(marks.make(issue.pk, reader.pk))}
        for reader in readers
    ]
    for _again in range(2):
        with django_assert_max_num_queries(6):
            assert tell(client, "sendgrid", body * 2, **password()).status_code == 200
        assert states(issue) == {"handed_over": 1, "delivered": 120}


def test_ten_thousand_events_at_once_are_taken(client, issue, reader):
    opened = {"email": "alice@example.com", "event": "open", "timestamp": 1600112492}
    bounce = opened | {"event": "bounce", "reason": "550 5.1.1 Unknown user", "sg_event_id": "one"}
    assert tell(client, "sendgrid", [*[opened] * 9_990, *[bounce] * 10], **password()).status_code == 200
    assert Bounce.objects.count() == 1
    assert tell(client, "sendgrid", [opened | {"x": "y" * 600}] * 10_000, **password()).status_code == 400  # 6 MB


def by_sendgrid(client, event, key, over=b""):
    """As SendGrid signs it, by ECDSA over a moment and the body."""
    body, at = json.dumps([event]).encode(), "1600112502"
    signature = b64encode(key.sign(at.encode() + body + over, ec.ECDSA(hashes.SHA256()))).decode()
    headers = {"HTTP_X_TWILIO_EMAIL_EVENT_WEBHOOK_SIGNATURE": signature}
    headers["HTTP_X_TWILIO_EMAIL_EVENT_WEBHOOK_TIMESTAMP"] = at
    return client.post("/newsletter/events/sendgrid/", body, content_type="application/json", **headers)


def test_what_sendgrid_signs_is_believed_and_a_password_does_not_do_instead(client, issue, reader, settings):
    key, other = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    shape = serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    settings.SENDGRID_WEBHOOK_KEY = b64encode(key.public_key().public_bytes(*shape)).decode()
    bounce = {"email": "alice@example.com", "event": "bounce", "reason": "550 5.1.1 Unknown", "sg_event_id": "one"}
    bounce |= {"timestamp": 1600112492, "smtp-id": marks.message_id(marks.make(issue.pk, reader.pk))}
    assert by_sendgrid(client, bounce, other).status_code == 403
    assert by_sendgrid(client, bounce, key, over=b" ").status_code == 403
    assert tell(client, "sendgrid", [bounce], **password()).status_code == 403
    assert states(issue) == {"handed_over": 1}
    assert by_sendgrid(client, bounce, key).status_code == 200
    assert states(issue) == {"bounced": 1}
    settings.SENDGRID_WEBHOOK_KEY = "no key"
    assert by_sendgrid(client, bounce, key).status_code == 403


@mark.parametrize("days", [-2, 2])
def test_a_signature_of_another_day_is_refused(client, issue, days):
    old = signed({"event": "complained", "recipient": "alice@example.com"}, at=clock.now() + timedelta(days=days))
    assert tell(client, "mailgun", old).status_code == 403
    assert not Bounce.objects.exists()


@mark.parametrize(
    "content_type", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", ""]
)
@mark.parametrize("body", [b"", b"\xff\0", b"[" * 50_000, b"a=b&" * 3000, b"--x\r\n\r\n--x--"])
def test_no_kind_of_body_breaks_anything(client, issue, content_type, body):
    for provider in ("mailgun", "postmark", "sendgrid", "brevo", "mailjet", "sparkpost"):
        for headers in ({}, password(), {"HTTP_AUTHORIZATION": "Basic !!!"}, {"HTTP_AUTHORIZATION": "Basic"}):
            answer = client.generic(
                "POST", f"/newsletter/events/{provider}/", body, content_type=content_type, **headers
            )
            assert answer.status_code in (200, 400, 403)
            assert not answer.cookies
    assert not Bounce.objects.exists()


def test_what_is_not_signed_by_the_service_is_refused(client, issue):
    assert tell(client, "mailgun", signed({"event": "complained"}, key="another")).status_code == 403
    assert tell(client, "mailgun", {"event-data": {}}).status_code == 403
    assert tell(client, "mailgun", []).status_code == 403
    assert client.post("/newsletter/events/mailgun/", b"\xff", content_type="application/json").status_code == 403
    assert tell(client, "postmark", {}).status_code == 403
    assert tell(client, "postmark", {}, **password("service:guess")).status_code == 403
    assert not Bounce.objects.exists()


def test_what_is_signed_and_makes_no_sense_is_refused(client):
    assert tell(client, "mailgun", signed({})).status_code == 400
    assert tell(client, "postmark", [1], **password()).status_code == 400


def test_what_is_signed_and_unknown_is_ignored(client):
    assert tell(client, "mailgun", signed({"event": "danced"})).status_code == 200


@mark.parametrize("provider", ["mailgun", "postmark", "sendgrid", "nobody"])
def test_without_a_secret_there_is_no_such_page(client, settings, provider):
    settings.MAILGUN_WEBHOOK_KEY = settings.MAIL_WEBHOOK_PASSWORD = ""
    assert tell(client, provider, {}, **password(":")).status_code == 404


@mark.parametrize("method", ["GET", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"])
def test_nothing_is_told_by_asking(client, method):
    assert client.generic(method, "/newsletter/events/mailgun/").status_code == 405
