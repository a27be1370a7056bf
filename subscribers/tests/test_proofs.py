"""Proof is found again after the secret key has changed, never altered, and does not show an address."""

from django.db import IntegrityError, transaction
from django.db.models import ProtectedError
from pytest import mark, raises

from subscribers import consent, notices, proofs
from subscribers.factories import make_newsletter, make_subscriber
from subscribers.models import ConsentEvent, ConsentText, Suppression
from subscribers.states import ConsentKind, SuppressionReason

READER = "reader@example.org"


def rotate(settings):
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    settings.SECRET_KEY = f"key {len(settings.SECRET_KEY_FALLBACKS)}"


def test_an_hmac_does_not_show_the_address_and_differs_for_others():
    assert "reader" not in proofs.hmac_of(READER)
    assert proofs.hmac_of(READER) != proofs.hmac_of("other@example.org")
    assert len(proofs.hmac_of(READER)) == proofs.LENGTH


def test_consent_and_suppression_outlive_a_change_of_the_secret_key(newsletter, settings):
    consent.record(ConsentKind.REQUESTED, READER, newsletter)
    consent.suppress(READER, reason=SuppressionReason.COMPLAINED)
    rotate(settings)
    rotate(settings)
    assert consent.events_of(READER).count() == 1
    assert not consent.may_ask(READER)
    assert consent.suppressed(READER, newsletter)
    assert consent.unreadable() == 0
    consent.suppress(READER, reason=SuppressionReason.ASKED)
    assert Suppression.objects.count() == 1


def test_suppressions_that_no_key_can_read_are_noticed(newsletter, settings):
    consent.suppress(READER, reason=SuppressionReason.COMPLAINED)
    settings.SECRET_KEY = "another"
    assert consent.unreadable() == 1


def test_suppression_of_one_newsletter_leaves_the_others(newsletter):
    consent.suppress(READER, reason=SuppressionReason.BOUNCED, newsletter=newsletter)
    assert consent.suppressed(READER, newsletter)
    assert not consent.suppressed(READER, make_newsletter())
    assert not consent.suppressed("other@example.org", newsletter)


def test_suppression_outlives_the_subscriber(newsletter):
    subscriber = make_subscriber(READER, newsletter)
    consent.suppress(READER, reason=SuppressionReason.ERASED)
    subscriber.delete()
    assert consent.suppressed(READER, newsletter)
    assert consent.events_of(READER).exists()


@mark.parametrize("scoped", [True, False])
def test_the_database_holds_one_suppression_for_each_scope(newsletter, scoped):
    first = consent.suppress(READER, reason=SuppressionReason.ASKED, newsletter=newsletter if scoped else None)
    with raises(IntegrityError), transaction.atomic():
        Suppression.objects.create(email_hmac=first.email_hmac, newsletter=first.newsletter, at=first.at)


def test_consent_events_are_never_changed_or_deleted(newsletter):
    event = consent.record(ConsentKind.CONFIRMED, READER, newsletter)
    for attempt in (event.save, event.delete, ConsentEvent.objects.all().delete):
        with raises(TypeError):
            attempt()
    with raises(TypeError):
        ConsentEvent.objects.update(kind=ConsentKind.WITHDRAWN)


def test_a_consent_text_never_changes_and_stays_as_long_as_its_newsletter(newsletter):
    text = newsletter.consent_texts.get()
    text.text = "Other words."
    with raises(TypeError):
        text.save()
    with raises(ProtectedError):
        newsletter.delete()


def test_other_words_are_another_version_for_that_language(newsletter):
    notices.write(newsletter, "Zweite Fassung.", language="de")
    notices.write(newsletter, "Second wording.", language="en")
    current = ConsentText.objects.filter(newsletter=newsletter).current()
    assert {(text.language, text.version, text.text) for text in current} == {
        ("en", 2, "Second wording."),
        ("de", 1, "Zweite Fassung."),
    }
    assert newsletter.consent_texts.count() == 3


def test_the_same_words_again_make_no_version(newsletter):
    text = newsletter.consent_texts.get()
    assert notices.write(newsletter, f"{text.text}\r\n", language="en") == text
