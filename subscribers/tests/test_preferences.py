"""The preference centre: two links, one page, and nothing that a forwarded mail could wipe."""

import json
import re
from datetime import UTC, date, datetime, timedelta

import time_machine
from django.core import mail
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pytest import fixture, mark

from newsroom.lib import throttle, tokens
from subscribers import consent, jobs, letters, preferring, privacy
from subscribers.factories import make_newsletter, make_subscriber
from subscribers.models import Subscriber, Subscription
from subscribers.states import ConsentKind, SubscriptionState, SuppressionReason
from subscribers.tests.mails import link, to

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)


@fixture
def clock():
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


@fixture
def reader(newsletter):
    return make_subscriber("Reader@example.org", newsletter)


@fixture
def row(reader):
    return reader.subscriptions.get()


@fixture
def lasting(reader, settings):
    """The link that stands in every mail."""
    return letters.preferences_link(reader).removeprefix(settings.SITE_URL)


@fixture
def fresh(reader, django_capture_on_commit_callbacks):
    """The link that is mailed on demand."""
    with django_capture_on_commit_callbacks(execute=True):
        preferring.mail_link(reader.email_norm)
    return link("preferences")


def choice(row, state, until="", **more):
    key = row.newsletter_id
    chosen = {f"{key}-state": state, f"{key}-until": until}
    return {"do": "save", "language": "en", "time_zone": "", **chosen, **more}


# What both links do ---------------------------------------------------------------------------


@mark.parametrize("method", ["get", "head", "options"])
def test_looking_changes_nothing(client, lasting, fresh, row, method):
    before = list(Subscription.objects.values()), list(Subscriber.objects.values())
    for address in (lasting, fresh):
        getattr(client, method)(address, {"do": "leave"}, headers={"Sec-Purpose": "prefetch"})
    assert (list(Subscription.objects.values()), list(Subscriber.objects.values())) == before


def test_a_reader_pauses_until_a_day_and_gets_it_again_from_that_day_on(client, clock, lasting, row):
    answer = client.post(lasting, choice(row, "paused", "2026-06-01", time_zone="Europe/Berlin"))
    assert (answer.status_code, answer["Location"]) == (303, f"{lasting}?done=saved")
    row.refresh_from_db()
    assert (row.state, row.paused_until) == (SubscriptionState.PAUSED, datetime(2026, 5, 31, 22, tzinfo=UTC))
    assert 'value="2026-06-01"' in client.get(lasting).text
    clock.move_to(row.paused_until - timedelta(seconds=1))
    assert preferring.resume_due() == 0
    clock.move_to(row.paused_until)
    assert preferring.resume_due() == 1
    row.refresh_from_db()
    assert (row.state, row.paused_until) == (SubscriptionState.ACTIVE, None)


def test_a_pause_without_an_end_lasts_until_the_reader_ends_it(client, lasting, row):
    client.post(lasting, choice(row, "paused"))
    assert preferring.resume_due() == 0
    row.refresh_from_db()
    assert row.state == SubscriptionState.PAUSED
    client.post(lasting, choice(row, "active"))
    row.refresh_from_db()
    assert row.state == SubscriptionState.ACTIVE
    assert [event.kind for event in consent.events_of("reader@example.org")] == [ConsentKind.CONFIRMED]


@mark.parametrize("until", ["2026-05-04", "2020-01-01", "2027-06-01", "tomorrow", "0000-00-00", "9" * 30])
def test_a_pause_ends_after_today_and_within_a_year(client, clock, lasting, row, until):
    answer = client.post(lasting, choice(row, "paused", until))
    assert answer.status_code == 422
    assert f'value="{until}"' in answer.text
    row.refresh_from_db()
    assert row.state == SubscriptionState.ACTIVE


@mark.parametrize(
    ("zone", "now", "until", "status"),
    [
        ("Pacific/Honolulu", "2026-05-04 23:30+02:00", "2026-05-05", 303),  # there it is noon
        ("Pacific/Honolulu", "2026-05-05 00:30+02:00", "2026-05-05", 303),  # there it is still the 4th
        ("Pacific/Auckland", "2026-05-04 18:00+02:00", "2026-05-05", 422),  # there the 5th has begun
        ("Pacific/Auckland", "2026-05-04 18:00+02:00", "2026-05-06", 303),
    ],
)
def test_today_is_that_of_the_reader(client, clock, lasting, row, zone, now, until, status):
    Subscriber.objects.update(time_zone=zone)
    clock.move_to(datetime.fromisoformat(now))
    assert f'min="{until}"' in client.get(lasting).text or status == 422
    assert client.post(lasting, choice(row, "paused", until, time_zone=zone)).status_code == status


def test_a_reader_leaves_one_newsletter_and_the_proof_says_so(client, lasting, row):
    client.post(lasting, choice(row, "unsubscribed"), REMOTE_ADDR="203.0.113.9")
    row.refresh_from_db()
    assert row.state == SubscriptionState.UNSUBSCRIBED
    event = consent.events_of("reader@example.org")[0]
    assert (event.kind, event.way, event.address_prefix) == (ConsentKind.WITHDRAWN, "preferences", "203.0.113.0/24")


def test_a_reader_leaves_everything_with_one_press(client, lasting, reader):
    Subscription.objects.create(
        subscriber=reader, newsletter=make_newsletter(), since=NOON, state=SubscriptionState.PAUSED
    )
    answer = client.post(lasting, {"do": "leave"}, follow=True)
    assert "You have been unsubscribed from everything." in answer.text
    assert {row.state for row in reader.subscriptions.all()} == {SubscriptionState.UNSUBSCRIBED}


def test_a_reader_chooses_a_language_and_the_page_speaks_it(client, lasting, row, reader):
    answer = client.post(lasting, choice(row, "active", language="ar", time_zone="Africa/Cairo"))
    assert answer["Location"].startswith("/ar/newsletter/preferences/")
    reader.refresh_from_db()
    assert (reader.language, reader.time_zone) == ("ar", "Africa/Cairo")
    assert 'dir="rtl"' in client.get(answer["Location"]).text


@mark.parametrize("bad", [{"language": "xx"}, {"time_zone": "Mars/Olympus"}, {"time_zone": "../etc"}])
def test_a_language_or_zone_that_there_is_not_is_refused(client, lasting, row, reader, bad):
    assert client.post(lasting, choice(row, "active", **bad)).status_code == 422
    reader.refresh_from_db()
    assert (reader.language, reader.time_zone) == ("en", "")


def test_the_page_costs_the_same_however_many_newsletters_there_are(client, lasting):
    client.get(lasting)  # what is kept of the site is kept now
    costs = []
    for number in (0, 8):
        for _ in range(number):
            make_newsletter()
        with CaptureQueriesContext(connection) as queries:
            assert client.get(lasting).status_code == 200
        costs.append(len(queries))
    assert costs[0] == costs[1] < 12


def test_every_field_has_a_label_of_its_own(client, fresh):
    make_newsletter()
    page = client.get(fresh).text
    fields = re.findall(r'<(?:input|select)[^>]* id="([^"]+)"', page.split("<main")[1].split("</main")[0])
    assert len(fields) == len(set(fields)) == 7  # three choices, a day, a notice, a language and a zone
    for field in fields:
        assert f'for="{field}"' in page


def test_the_page_stays_out_of_caches_search_engines_and_logs_and_sets_no_cookie(client, lasting, fresh):
    for address in (lasting, fresh, "/newsletter/preferences/guessed/"):
        answer = client.get(address)
        assert answer["Cache-Control"] == "no-store"
        assert "noindex" in answer["X-Robots-Tag"]
        assert answer["Referrer-Policy"] == "no-referrer"
        assert not answer.cookies
        assert "csrf" not in answer.text


@mark.parametrize("do", ["", "x", "SAVE", "__class__"])
def test_a_button_that_there_is_not_does_nothing(client, fresh, row, do):
    assert client.post(fresh, {"do": do, "confirm": "yes"}).status_code == 400
    assert Subscription.objects.get().state == SubscriptionState.ACTIVE


# What only the fresh link does ----------------------------------------------------------------


def test_a_forwarded_mail_neither_shows_the_address_nor_wipes_subscribes_or_takes_anything_along(
    client, lasting, row, newsletter
):
    other = make_newsletter()
    assert "Reader@example.org" not in client.get(lasting).text
    for do in ("export", "erase", "end-links"):
        answer = client.post(lasting, {"do": do, "confirm": "yes"})
        assert answer.status_code == 403
        assert "Please ask for a fresh link first." in answer.text
    client.post(lasting, choice(row, "unsubscribed"))
    texts = {f"{n.pk}-consent": n.consent_texts.get().pk for n in (other, newsletter)}
    client.post(lasting, choice(row, "active", **texts))
    assert [row.state for row in Subscription.objects.all()] == [SubscriptionState.UNSUBSCRIBED]


def test_a_fresh_link_is_mailed_to_the_address_and_nowhere_else(client, lasting, press):
    answer = press(lasting, {"do": "link", "email": "mallory@example.org"}, follow=True)
    assert "We have sent you a fresh link." in answer.text
    assert to() == ["Reader@example.org"]
    assert "Download everything" in client.get(link("preferences")).text


def test_a_fresh_link_is_good_for_an_hour(client, reader, clock, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        preferring.mail_link(reader.email_norm)
    address = link("preferences")
    clock.shift(timedelta(minutes=60))
    assert client.get(address).status_code == 200
    clock.shift(timedelta(seconds=1))
    assert client.get(address).status_code == 404
    assert client.post(address, {"do": "erase", "confirm": "yes"}).status_code == 404
    assert Subscriber.objects.exists()


def test_who_holds_a_fresh_link_subscribes_by_new_consent_to_the_words_shown(client, fresh, row, newsletter):
    client.post(fresh, choice(row, "unsubscribed"))
    text = newsletter.consent_texts.get()
    assert text.text in client.get(fresh).text
    client.post(fresh, choice(row, "active"))  # a forged radio is no consent
    row.refresh_from_db()
    assert row.state == SubscriptionState.UNSUBSCRIBED
    client.post(fresh, {"do": "save", "language": "en", f"{newsletter.pk}-consent": text.pk})
    row.refresh_from_db()
    assert row.state == SubscriptionState.ACTIVE
    event = consent.events_of("reader@example.org")[0]
    assert (event.kind, event.consent_text, event.way) == (ConsentKind.CONFIRMED, text, "preferences")


def test_who_complained_is_not_subscribed_by_a_fresh_link(client, fresh, newsletter, row):
    client.post(fresh, choice(row, "unsubscribed"))
    consent.suppress("reader@example.org", reason=SuppressionReason.COMPLAINED, newsletter=newsletter)
    texts = {f"{newsletter.pk}-consent": newsletter.consent_texts.get().pk}
    client.post(fresh, {"do": "save", "language": "en", **texts})
    row.refresh_from_db()
    assert row.state == SubscriptionState.UNSUBSCRIBED


def test_the_notice_of_another_newsletter_is_no_consent_to_this_one(client, fresh, row, newsletter):
    other = make_newsletter()
    texts = {f"{other.pk}-consent": newsletter.consent_texts.get().pk}
    assert client.post(fresh, choice(row, "active", **texts)).status_code == 422
    assert not other.subscriptions.exists()


def test_everything_is_downloaded_as_a_file(client, fresh):
    answer = client.post(fresh, {"do": "export"})
    assert answer["Content-Disposition"] == 'attachment; filename="newsletter.json"'
    assert answer["Cache-Control"] == "no-store"
    assert json.loads(answer.content) == privacy.export("reader@example.org")


def test_erasing_asks_first_and_then_erases(client, fresh):
    page = client.post(fresh, {"do": "erase"})
    assert "It cannot be undone." in page.text
    assert Subscriber.objects.exists()
    answer = client.post(fresh, {"do": "erase", "confirm": "yes"})
    assert "Everything about you is erased" in answer.text
    assert not Subscriber.objects.exists()
    assert client.get(fresh).status_code == 404


def test_a_reader_ends_all_links(client, fresh, lasting, row):
    client.post(fresh, {"do": "end-links"})
    for address in (fresh, lasting):
        assert client.get(address).status_code == 404
        assert client.post(address, {"do": "leave"}).status_code == 404
    assert Subscription.objects.get().state == SubscriptionState.ACTIVE


# Tokens ---------------------------------------------------------------------------------------


@mark.parametrize("purpose", [letters.UNSUBSCRIBE, "newsletter", "comment-status", ""])
def test_a_token_for_another_purpose_opens_nothing(client, reader, purpose):
    token = tokens.make(purpose, [reader.pk, reader.token_version])
    assert client.get(f"/newsletter/preferences/{token}/").status_code == 404
    assert client.post(f"/newsletter/preferences/{token}/", {"do": "leave"}).status_code == 404
    assert reader.subscriptions.get().state == SubscriptionState.ACTIVE


@mark.parametrize("token", ["x", "a.b.c", "%00", "%ED%A0%80", "é", "A" * 5000, "' OR 1=1 --"])
def test_a_guessed_token_is_nobodys(client, reader, token):
    assert client.get(f"/newsletter/preferences/{token}/").status_code == 404
    assert client.post(f"/newsletter/preferences/{token}/", {"do": "leave"}).status_code == 404


@mark.parametrize("value", [None, 1, "x", [], [1], [1, 1, 1], ["a", "b"], {"a": 1}, [10**30, 1], [1, -1]])
def test_a_token_of_ours_with_another_value_is_nobodys(client, reader, value):
    token = tokens.make(letters.OWN, value)
    assert client.get(f"/newsletter/preferences/{token}/").status_code == 404


def test_the_link_of_somebody_else_with_one_letter_changed_is_nobodys(client, lasting):
    token = lasting.rstrip("/").split("/")[-1]
    for at in (0, len(token) // 2, len(token) - 1):
        forged = token[:at] + ("A" if token[at] != "A" else "B") + token[at + 1 :]
        assert client.get(lasting.replace(token, forged)).status_code == 404


# Mail me my link ------------------------------------------------------------------------------


def test_the_answer_is_the_same_for_every_address(client, reader, press, django_assert_num_queries):
    consent.suppress("never@example.org", reason=SuppressionReason.ASKED)
    make_subscriber("never@example.org")
    seen = set()
    for email in ("reader@example.org", "unknown@example.org", "never@example.org", "READER@example.org"):
        answer = press("/newsletter/preferences/", {"email": email})
        seen.add((answer.status_code, answer.content, tuple(sorted(answer.items()))))
        assert not answer.cookies
    assert len(seen) == 1
    assert "If this address gets a newsletter" in client.get("/newsletter/preferences/sent/").text
    assert to() == ["Reader@example.org"] * 2


def test_a_mailbox_gets_three_links_a_day_whatever_its_spelling(reader, press):
    for n in range(12):
        email = ("reader@example.org", "READER@EXAMPLE.org", "Reader@example.ORG ")[n % 3]
        press("/newsletter/preferences/", {"email": email}, REMOTE_ADDR=f"10.0.{n}.1")
    assert len(mail.outbox) == 3


def test_a_network_asks_twenty_times_an_hour(reader, press):
    answers = [press("/newsletter/preferences/", {"email": f"a{n}@example.org"}).status_code for n in range(22)]
    assert answers == [303] * 20 + [429] * 2


def test_whoever_asks_for_a_link_while_nothing_can_be_counted_keeps_what_they_typed(client, db, monkeypatch):
    def full(*args):
        raise OSError("No space left on device")

    monkeypatch.setattr(throttle, "allow", full)
    answer = client.post("/newsletter/preferences/", {"email": "reader@example.org"})
    assert (answer.status_code, "Please try again." in answer.text) == (503, True)
    assert 'value="reader@example.org"' in answer.text


def test_whoever_cannot_be_mailed_a_link_now_is_told_so(client, press, lasting, reader, monkeypatch):
    def away(*args):
        raise OSError

    monkeypatch.setattr(jobs, "mail_link", away)
    for email in (reader.email, "nobody@example.org"):
        answer = press("/newsletter/preferences/", {"email": email})
        assert (answer.status_code, email in answer.text) == (503, True)
        assert "There was an error while trying to send your request. Please try again." in answer.text
    assert client.post(lasting, {"do": "link"}).status_code == 503


@mark.parametrize("email", ["", "x", "a@b.org\r\nBcc: victim@example.org", "a@b.org%0aBcc:x@y.org", "a＠b.org"])
def test_what_is_no_address_is_said_to_be_none_and_kept_in_its_field(press, db, email):
    answer = press("/newsletter/preferences/", {"email": email})
    assert answer.status_code == 422
    assert 'aria-invalid="true"' in answer.text
    assert mail.outbox == []


def test_a_form_of_another_site_is_refused(press, reader):
    answer = press(
        "/newsletter/preferences/", {"email": "reader@example.org"}, headers={"Sec-Fetch-Site": "cross-site"}
    )
    assert answer.status_code == 403
    assert mail.outbox == []


# Those who are gone ---------------------------------------------------------------------------


def test_who_left_everything_is_forgotten_after_thirty_days_and_no_import_may_bring_them_back(newsletter, clock):
    for name in ("left", "back", "paused"):
        make_subscriber(f"{name}@example.org", newsletter)
    left = Subscription.objects.get(subscriber__email="left@example.org")
    Subscription.objects.filter(subscriber__email="paused@example.org").update(state=SubscriptionState.PAUSED)
    Subscription.objects.filter(pk=left.pk).update(state=SubscriptionState.UNSUBSCRIBED)
    clock.shift(timedelta(days=30) - timedelta(seconds=1))
    assert privacy.forget_the_gone() == 0
    clock.shift(timedelta(seconds=1))
    assert privacy.forget_the_gone() == 1
    assert {row.email for row in Subscriber.objects.all()} == {"back@example.org", "paused@example.org"}
    assert consent.suppressed("left@example.org", newsletter)
    assert not consent.suppressed("left@example.org", make_newsletter())


def test_a_pause_begins_its_last_day_in_the_zone_of_the_site_where_the_reader_chose_none(reader, row, clock):
    preferring.pause(row, date(2026, 6, 1))
    row.refresh_from_db()
    assert row.paused_until == datetime(2026, 6, 1, tzinfo=UTC)
