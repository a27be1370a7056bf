"""Imports, exports, growth and evidence in the admin: who may, and what they get."""

import csv
import io
from datetime import UTC, datetime, timedelta

import time_machine
from django.contrib.admin.models import LogEntry
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from pytest import fixture, mark

from newsroom.lib import clock
from newsroom.testing import client_of
from subscribers import consent, growth, leaving, privacy
from subscribers.factories import make_newsletter, make_subscriber
from subscribers.lists import exporting, runs
from subscribers.models import Import, Subscriber, Subscription
from subscribers.states import ConsentKind, ImportState, SubscriptionState, SuppressionReason


@fixture
def editor(nora):
    return client_of(nora)


def address(name, *args):
    return reverse(f"admin:subscribers_{name}", args=args)


def opened(*keys):
    one = keys[0] if keys else 1
    return [
        address("import_changelist"),
        address("import_add"),
        address("import_change", one),
        address("import_report", one),
        address("subscriber_export"),
        address("subscriber_growth"),
        address("subscriber_evidence", one),
        address("evidence"),
    ]


def test_others_are_refused(mallory, alice, erik, adam, db):
    for user in (mallory, alice, erik, adam):
        for path in opened():
            assert client_of(user).get(path).status_code == 403
        assert client_of(user).post(address("import_repeat", 1)).status_code == 403
        assert client_of(user).post(address("subscriber_export"), {"states": "active"}).status_code == 403


# Import -----------------------------------------------------------------------------------------


@fixture
def upload(editor, newsletter, django_capture_on_commit_callbacks):
    """Send the form of an import, and let the worker read the file."""

    def send(content, **fields):
        file = SimpleUploadedFile("members.csv", content.encode())
        data = {"newsletter": newsletter.pk, "claim": "At the fair.", "file": file, **fields}
        with django_capture_on_commit_callbacks(execute=True):
            answer = editor.post(address("import_add"), data)
        return editor.get(answer["Location"]) if answer.status_code == 302 else answer

    return send


def test_a_file_is_tried_first_and_then_imported_for_real(
    editor, upload, nora, newsletter, django_capture_on_commit_callbacks
):
    page = upload("email\na@example.org\n=1+1\n", dry_run="on")
    assert "This was a dry run: nothing was written." in page.text
    assert not Subscriber.objects.exists()
    rehearsal = Import.objects.get()
    rows = list(csv.reader(io.StringIO(b"".join(editor.get(address("import_report", rehearsal.pk))).decode())))
    assert rows[1][:3] == ["2", "a@example.org", "subscribed"]
    assert rows[2][:3] == ["3", "'=1+1", "invalid"]  # a spreadsheet shows it, and does not calculate
    with django_capture_on_commit_callbacks(execute=True):
        answer = editor.post(address("import_repeat", rehearsal.pk))
    assert "It is done." in editor.get(answer["Location"]).text
    assert Subscriber.objects.get().email == "a@example.org"
    event = consent.events_of("a@example.org").get()
    assert (event.by, event.imported.claim, event.imported.file_name) == (nora, "At the fair.", "members.csv")
    assert Import.objects.first().file_hash == rehearsal.file_hash


def test_a_file_that_is_no_list_is_said_to_be_none(upload):
    page = upload("name,town\nAlice,Bremen\n")
    assert "No column of this file is called “email”." in page.text
    assert Import.objects.get().state == ImportState.FAILED


def test_how_they_agreed_must_be_said(upload):
    upload("email\na@example.org\n", claim="")
    assert not Import.objects.exists()


def test_an_import_that_lost_its_worker_can_be_gone_on_with(editor, upload, django_capture_on_commit_callbacks):
    upload("email\na@example.org\n")
    one = Import.objects.get()
    Import.objects.update(state=ImportState.RUNNING)
    assert editor.post(address("import_repeat", one.pk)).status_code == 404  # somebody reads it
    Import.objects.update(changed_at=clock.now() - runs.LOST_AFTER - timedelta(seconds=1))
    assert "It stands still at line 1: its worker was stopped." in editor.get(address("import_change", one.pk)).text
    assert "stands still" in editor.get(address("import_changelist")).text
    with django_capture_on_commit_callbacks(execute=True):
        editor.post(address("import_repeat", one.pk))
    assert Import.objects.get().counts == {"subscribed": 1}


def test_an_import_is_neither_changed_nor_deleted(root, upload):
    upload("email\na@example.org\n")
    one, client = Import.objects.get(), client_of(root)
    assert client.post(address("import_change", one.pk), {"claim": "x"}).status_code == 403
    assert client.post(address("import_delete", one.pk), {"post": "yes"}).status_code == 403


# Export -----------------------------------------------------------------------------------------


def exported(newsletter=None, states=SubscriptionState.values):
    return list(csv.DictReader(io.StringIO("".join(exporting.lines(newsletter, states)))))


def test_an_export_holds_what_an_import_reads_back(editor, newsletter, nora, tmp_path):
    make_subscriber("Active@example.org", newsletter, language="de", time_zone="Europe/Berlin")
    make_subscriber("paused@bücher.example", newsletter).subscriptions.update(state=SubscriptionState.PAUSED)
    leaving.leave(make_subscriber("left@example.org", newsletter).subscriptions.get(), way="page")
    make_subscriber("complained@example.org", newsletter)
    consent.suppress("complained@example.org", reason=SuppressionReason.COMPLAINED)
    make_subscriber("other@example.org", make_newsletter())
    states = {"newsletter": newsletter.pk, "states": SubscriptionState.values}
    answer = editor.post(address("subscriber_export"), states)
    assert answer.streaming  # it is sent while it is written
    content = b"".join(answer)
    assert answer["Content-Disposition"] == 'attachment; filename="subscribers-week.csv"'
    assert content.startswith("\ufeff".encode())
    rows = {row["email"]: row["state"] for row in csv.DictReader(io.StringIO(content.decode("utf-8-sig")))}
    assert rows == {
        "Active@example.org": "active",
        "paused@bücher.example": "paused",
        "left@example.org": "unsubscribed",
        "complained@example.org": "complained",
    }
    assert LogEntry.objects.get().user == nora

    elsewhere = make_newsletter()
    content = content.replace(b'"week"', f'"{elsewhere.slug}"'.encode())
    list(runs.at_once(elsewhere, io.BytesIO(content), file_name="x", dry_run=False))
    found = {row.subscriber.email: row.state for row in elsewhere.subscriptions.select_related("subscriber")}
    assert found == {
        "Active@example.org": "active",
        "paused@bücher.example": "paused",
        "left@example.org": "unsubscribed",
    }


def test_an_export_of_some_states_holds_no_others(newsletter):
    make_subscriber("a@example.org", newsletter)
    leaving.leave(make_subscriber("b@example.org", newsletter).subscriptions.get(), way="page")
    assert [row["email"] for row in exported(newsletter, ["unsubscribed"])] == ["b@example.org"]


def test_queries_of_an_export_grow_with_chunks_and_not_with_lines(newsletter, django_assert_max_num_queries):
    for n in range(30):
        make_subscriber(f"a{n}@example.org", newsletter)
    with django_assert_max_num_queries(3):
        assert len(exported(newsletter)) == 30


@mark.parametrize("bad", [{}, {"states": "x"}, {"states": "active", "newsletter": "999"}])
def test_a_wrong_order_for_an_export_is_said(editor, bad):
    assert editor.post(address("subscriber_export"), bad)["Content-Type"].startswith("text/html")


# Growth -----------------------------------------------------------------------------------------


def test_growth_counts_who_came_and_who_went_in_each_month(newsletter):
    with time_machine.travel(datetime(2026, 3, 10, tzinfo=UTC), tick=False) as traveller:
        first = make_subscriber("a@example.org", newsletter)
        make_subscriber("b@example.org", newsletter, make_newsletter())
        traveller.move_to(datetime(2026, 4, 30, 23, 59, tzinfo=UTC))
        leaving.leave(first.subscriptions.get(), way="page")
        list(
            runs.at_once(
                newsletter, io.BytesIO(b"email,state\nc@example.org,unsubscribed\n"), file_name="x", dry_run=False
            )
        )
        traveller.move_to(datetime(2026, 5, 1, tzinfo=UTC))
        make_subscriber("d@example.org", newsletter)
        months = growth.months(newsletter)
        assert [(m.begins.month, m.came, m.went, m.total) for m in months[-4:]] == [
            (2, 0, 0, 0),
            (3, 2, 0, 2),
            (4, 0, 1, 1),
            (5, 1, 0, 2),
        ]
        assert len(months) == 24
        assert growth.months()[-1].total == 3


def test_the_page_of_growth_costs_the_same_however_many_there_are(editor, newsletter, django_assert_max_num_queries):
    for n in range(5):
        make_subscriber(f"a{n}@example.org", newsletter, make_newsletter())
    with django_assert_max_num_queries(10):
        page = editor.get(address("subscriber_growth"), {"newsletter": newsletter.pk})
    assert "<svg" in page.text
    assert "style=" not in page.text.split('id="content-main"')[1].split("</footer")[0]
    assert "script-src 'self'" in page["Content-Security-Policy"]


def test_sources_are_pages_and_files(editor, newsletter):
    make_subscriber("a@example.org", newsletter)
    consent.record(ConsentKind.CONFIRMED, "b@example.org", newsletter, page="/2026/05/04/flood/")
    list(
        runs.at_once(
            newsletter, io.BytesIO(b"email\nc@example.org\nd@example.org\n"), file_name="fair.csv", dry_run=False
        )
    )
    found = [(source.page, source.file, source.total) for source in growth.sources([newsletter])]
    assert found == [("", "fair.csv", 2), ("/", "", 1), ("/2026/05/04/flood/", "", 1)]
    assert "fair.csv" in editor.get(address("subscriber_growth")).text


@mark.parametrize("value", ["x", "999", "", "%00"])
def test_growth_of_a_newsletter_that_there_is_not_is_that_of_all(editor, newsletter, value):
    assert editor.get(address("subscriber_growth"), {"newsletter": value}).status_code == 200


# Evidence ---------------------------------------------------------------------------------------


def test_the_sheet_shows_every_event_with_the_words_agreed_to(editor, newsletter, django_assert_max_num_queries):
    reader = make_subscriber("Reader@example.org", newsletter)
    for _ in range(5):
        consent.record(
            ConsentKind.REQUESTED, "reader@example.org", newsletter, consent_text=newsletter.consent_texts.get()
        )
    with django_assert_max_num_queries(11):
        page = editor.get(address("subscriber_evidence", reader.pk))
    assert page.text.count("We keep your address until you unsubscribe.") == 6
    assert "Reader@example.org" in page.text
    assert "no-store" in page["Cache-Control"]


def test_the_sheet_says_what_an_import_claimed_and_who_claimed_it(editor, upload):
    upload("email,optin_time\na@example.org,2018-02-12 10:54:27\n")
    page = editor.get(address("subscriber_evidence", Subscriber.objects.get().pk)).text
    for words in (
        "imported",
        "At the fair.",
        "members.csv",
        "Nora",
        "2018-02-12 10:54:27",
        Import.objects.get().file_hash,
    ):
        assert words in page


def test_the_sheet_of_an_erased_address_is_found_by_typing_it(editor, newsletter):
    make_subscriber("reader@example.org", newsletter)
    privacy.erase("reader@example.org")
    page = editor.post(address("evidence"), {"email": " READER@example.org"}).text
    assert "No subscriber has this address now." in page
    assert "was erased" in page and "withdrawn" in page
    assert "This is not a complete" in editor.post(address("evidence"), {"email": "reader@"}).text


def test_the_sheet_of_somebody_who_is_not_there_is_none(editor, db):
    assert editor.get(address("subscriber_evidence", 999)).status_code == 404
    assert "Nothing is known of this address." in editor.post(address("evidence"), {"email": "x@example.org"}).text
    assert not Subscription.objects.exists()
