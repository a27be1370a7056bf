"""Newsletters in the admin: what the newsletter editor can do, and what nobody can."""

from django.urls import reverse
from pytest import fixture, mark

from newsroom.lib import clock
from newsroom.testing import client_of
from subscribers import consent, leaving, proofs
from subscribers.factories import make_issue, make_newsletter, make_notice, make_subscriber
from subscribers.models import (
    Bounce,
    ConsentEvent,
    ConsentText,
    Delivery,
    Import,
    Newsletter,
    Subscription,
    Suppression,
)
from subscribers.states import ConsentKind, SubscriptionState, SuppressionReason

MODELS = [
    "newsletter",
    "consenttext",
    "subscriber",
    "consentevent",
    "suppression",
    "bounce",
    "import",
    "domainlimit",
]


def address(model, page="changelist", *args):
    return reverse(f"admin:subscribers_{model}_{page}", args=args)


@fixture
def editor(nora):
    return client_of(nora)


@mark.parametrize("model", MODELS)
def test_others_are_refused(model, mallory, alice, erik, adam):
    for user in (mallory, alice, erik, adam):
        assert client_of(user).get(address(model)).status_code == 403


@mark.parametrize("model", MODELS)
def test_the_newsletter_editor_opens_every_list(editor, model, newsletter):
    make_subscriber("reader@example.org", newsletter)
    consent.suppress("never@example.org", reason=SuppressionReason.ASKED)
    assert editor.get(address(model)).status_code == 200


@mark.parametrize("model", ["subscriber", "consentevent", "consenttext", "suppression", "bounce", "import"])
@mark.parametrize("rows", [0, 60])
def test_lists_cost_the_same_however_long_they_are_and_count_nothing(
    editor, nora, model, newsletter, rows, django_assert_max_num_queries
):
    issue = make_issue(newsletter=newsletter)
    for n in range(rows):
        reader = make_subscriber(f"reader{n}@example.org", newsletter)
        make_notice(newsletter, f"Wording {n}.")
        consent.suppress(f"never{n}@example.org", reason=SuppressionReason.ASKED, by=nora)
        delivery = Delivery.objects.create(issue=issue, subscriber=reader, changed_at=clock.now())
        Bounce.objects.create(subscriber=reader, delivery=delivery, kind="hard", source=str(n), at=clock.now())
        Import.objects.create(newsletter=newsletter, by=nora, created_at=clock.now(), changed_at=clock.now())
    with django_assert_max_num_queries(10) as queries:
        assert editor.get(address(model)).status_code == 200
    assert not [query["sql"] for query in queries if "COUNT(" in query["sql"]]


def test_a_newsletter_is_made_together_with_its_notice(editor, nora, client):
    page = editor.get(address("newsletter", "add"))
    assert "The Newsroom uses your address only" in page.text
    data = {
        "name": "Morning",
        "slug": "morning",
        "language": "en",
        "offered": "on",
        "position": "1",
        "rhythm": "daily",
        "weekday": "1",
        "send_at": "07:00",
        "least_articles": "1",
        "per_minute": "0",
        "notice": "We send it each morning.",
    }
    assert editor.post(address("newsletter", "add"), data).status_code == 302
    text = Newsletter.objects.get(slug="morning").consent_texts.get()
    assert (text.text, text.version, text.created_by) == ("We send it each morning.", 1, nora)
    assert "We send it each morning." in client.get("/newsletter/").text


def test_a_newsletter_is_changed_without_touching_its_notice(editor, newsletter):
    page = editor.get(address("newsletter", "change", newsletter.pk))
    assert 'name="notice"' not in page.text
    data = {name: value for name, value in page.context["adminform"].form.initial.items() if value is not None}
    assert editor.post(address("newsletter", "change", newsletter.pk), data | {"name": "New name"}).status_code == 302
    newsletter.refresh_from_db()
    assert newsletter.name == "New name"
    assert newsletter.consent_texts.count() == 1


@mark.parametrize("slug", ["confirm", "unsubscribe", "Preferences", "almost-there"])
def test_an_address_of_the_site_is_no_slug(editor, slug):
    page = editor.post(address("newsletter", "add"), {"name": "X", "slug": slug})
    assert "is an address of the site" in page.text


@mark.parametrize(
    ("field", "value"),
    [
        ("sender_name", "X\r\nBcc: a@example.org"),
        ("sender_name", "X <a@b.org>"),
        ("list_id", "a b"),
        ("list_id", "<x.y>"),
    ],
)
def test_what_would_break_out_of_a_mail_header_is_refused(editor, field, value):
    page = editor.post(address("newsletter", "add"), {"name": "X", "slug": "x", field: value})
    assert field in page.context["adminform"].form.errors


def test_changing_a_notice_writes_the_next_version_and_keeps_the_old_one(editor, nora, newsletter):
    old = newsletter.consent_texts.get()
    page = editor.get(address("consenttext", "change", old.pk))
    assert "Save as new version" in page.text
    answer = editor.post(address("consenttext", "change", old.pk), {"text": "Other words."}, follow=True)
    assert "This is version 2." in answer.text
    old.refresh_from_db()
    new = ConsentText.objects.get(version=2)
    assert (old.text, old.version) == ("We keep your address until you unsubscribe.", 1)
    assert (new.text, new.language, new.newsletter, new.created_by) == ("Other words.", "en", newsletter, nora)


def test_a_notice_in_another_language_is_added(editor, newsletter):
    data = {"newsletter": newsletter.pk, "language": "de", "text": "Auf Deutsch."}
    assert editor.post(address("consenttext", "add"), data).status_code == 302
    assert newsletter.consent_texts.get(language="de").version == 1


def test_proof_cannot_be_made_changed_or_deleted_even_by_a_superuser(root, newsletter):
    subscriber = make_subscriber("reader@example.org", newsletter)
    event, text, client = ConsentEvent.objects.get(), newsletter.consent_texts.get(), client_of(root)
    assert client.post(address("consentevent", "change", event.pk), {"kind": "withdrawn"}).status_code == 403
    assert client.get(address("consentevent", "add")).status_code == 403
    assert client.get(address("subscriber", "add")).status_code == 403
    for model, row in (("consentevent", event), ("consenttext", text), ("subscriber", subscriber)):
        assert client.post(address(model, "delete", row.pk), {"post": "yes"}).status_code == 403
        chosen = {"action": "delete_selected", "_selected_action": row.pk, "post": "yes"}
        client.post(address(model), chosen)
    assert ConsentEvent.objects.get().kind == ConsentKind.CONFIRMED
    assert newsletter.subscribers.exists()


def test_a_subscriber_is_found_by_the_beginning_of_the_address_and_shown_with_the_evidence(editor, newsletter):
    reader = make_subscriber("Reader@example.org", newsletter)
    make_subscriber("other@example.org", newsletter)
    page = editor.get(address("subscriber"), {"q": " READER@"})
    assert [row.pk for row in page.context["cl"].result_list] == [reader.pk]
    page = editor.get(address("subscriber", "change", reader.pk))
    assert "We keep your address until you unsubscribe." in page.text
    assert "confirmed" in page.text
    assert 'name="_save"' not in page.text and 'name="_continue"' not in page.text  # nothing is written to


def test_newsletter_and_state_are_filtered_as_those_of_one_subscription(editor, newsletter):
    other = make_newsletter()
    both = make_subscriber("both@example.org", newsletter, other)
    leaving.leave(both.subscriptions.get(newsletter=other), way="page")
    make_subscriber("none@example.org")

    def found(**chosen):
        return list(editor.get(address("subscriber"), chosen).context["cl"].result_list)

    assert found(newsletter=newsletter.pk, state="unsubscribed") == []
    assert found(newsletter=newsletter.pk, state="active") == [both]
    assert found(newsletter=other.pk, state="unsubscribed") == [both]
    assert found(state="unsubscribed") == found(newsletter=other.pk) == [both]
    assert len(found()) == 2
    for nonsense in ("x", "0", "active' --"):
        assert found(newsletter=nonsense) == found(state=nonsense) == []


def test_the_address_of_a_subscriber_is_not_changed_by_a_forged_form(editor, newsletter):
    reader = make_subscriber("reader@example.org", newsletter)
    data = {
        "email": "x@example.org",
        "subscriptions-TOTAL_FORMS": "1",
        "subscriptions-INITIAL_FORMS": "1",
        "subscriptions-0-id": reader.subscriptions.get().pk,
        "subscriptions-0-state": "unsubscribed",
    }
    editor.post(address("subscriber", "change", reader.pk), data)
    reader.refresh_from_db()
    assert reader.email == "reader@example.org"
    assert reader.subscriptions.get().state == SubscriptionState.ACTIVE


def test_unsubscribing_somebody_is_recorded_with_who_did_it(editor, nora, newsletter):
    reader = make_subscriber("reader@example.org", newsletter)
    editor.post(address("subscriber"), {"action": "unsubscribe", "_selected_action": reader.pk})
    assert Subscription.objects.get().state == SubscriptionState.UNSUBSCRIBED
    event = consent.events_of("reader@example.org")[0]
    assert (event.kind, event.by, event.way) == (ConsentKind.WITHDRAWN, nora, "admin")


def test_proof_is_found_by_the_whole_address_after_the_subscriber_is_gone(editor, newsletter):
    make_subscriber("reader@example.org", newsletter).delete()
    make_subscriber("other@example.org", newsletter)
    page = editor.get(address("consentevent"), {"q": "READER@example.org"})
    assert len(page.context["cl"].result_list) == 1
    assert editor.get(address("consentevent"), {"q": "reader@"}).context["cl"].result_list.count() == 0


def test_an_address_is_suppressed_without_being_kept(editor, nora):
    data = {"email": "Never@example.org", "newsletter": "", "reason": "asked"}
    for _ in range(2):
        assert editor.post(address("suppression", "add"), data).status_code == 302
    entry = Suppression.objects.get()
    assert entry.email_hmac == proofs.hmac_of("never@example.org")
    assert entry.by == nora
    assert len(editor.get(address("suppression"), {"q": "never@example.org"}).context["cl"].result_list) == 1
    assert editor.post(address("suppression", "delete", entry.pk), {"post": "yes"}).status_code == 302
    assert not Suppression.objects.exists()
