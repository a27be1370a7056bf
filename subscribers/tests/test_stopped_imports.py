"""Imports that stand still, whose job is lost or whose file is gone. (newsroom/tests/faults kills a real worker.)"""

from datetime import UTC, datetime, timedelta

import time_machine
from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.urls import reverse
from pytest import fixture, raises

from newsroom.lib import clock
from newsroom.testing import client_of
from subscribers import consent, jobs
from subscribers.lists import importing, runs
from subscribers.models import ConsentEvent, Import, Subscriber
from subscribers.states import ConsentKind, ImportState

LATE = runs.LOST_AFTER + timedelta(seconds=1)


@fixture
def begin(newsletter, nora):
    def make(content="email\na@example.org\nb@example.org\n", **options):
        file = ContentFile(content.encode(), "list.csv")
        return runs.begin(newsletter, file, **{"claim": "At the fair.", "by": nora, "dry_run": False, **options})

    return make


@fixture
def page(nora):
    def text(one):
        return client_of(nora).get(reverse("admin:subscribers_import_change", args=[one.pk])).text

    return text


@fixture
def press(nora, django_capture_on_commit_callbacks):
    def go_on(one):
        with django_capture_on_commit_callbacks(execute=True):
            return client_of(nora).post(reverse("admin:subscribers_import_repeat", args=[one.pk]))

    return go_on


def stand_still(one, **fields):
    """As if its worker had been stopped long ago."""
    Import.objects.filter(pk=one.pk).update(changed_at=clock.now() - LATE, **fields)
    one.refresh_from_db()


def told(one):
    one.refresh_from_db()
    return str(one.state), one.counts


def test_an_import_whose_job_is_lost_is_taken_up(begin, page):
    one = begin()
    assert "It waits until a worker is free" in page(one)
    jobs.take_up_lost_imports.call_local()
    assert told(one)[0] == "waiting"
    stand_still(one)
    assert "Nothing has begun to read it." in page(one)
    jobs.take_up_lost_imports.call_local()
    assert told(one) == ("done", {"subscribed": 2})


def test_the_editor_goes_on_at_once(begin, page, press):
    one = begin(dry_run=True)
    stand_still(one, state=ImportState.RUNNING, tries=1)
    assert 'value="Go on"' in page(one)
    press(one)
    assert told(one) == ("done", {"subscribed": 2})
    assert Import.objects.get().dry_run  # what was a rehearsal stays one
    assert not Subscriber.objects.exists()


def test_nobody_goes_on_with_what_is_being_read(begin, page, press):
    one = begin()
    Import.objects.update(state=ImportState.RUNNING)
    assert 'id="repeat"' not in page(one)
    assert press(one).status_code == 404
    assert told(one)[0] == "running"


def test_a_file_that_stops_every_worker_is_left_to_people(begin, page, press):
    one = begin()
    stand_still(one, state=ImportState.RUNNING, tries=runs.MOST_TRIES)
    jobs.take_up_lost_imports.call_local()
    assert told(one)[0] == "failed"
    assert "Its worker was stopped 3 times. What is in so far stays in." in page(one)
    press(one)
    assert told(one) == ("done", {"subscribed": 2})


def test_a_command_that_was_stopped_is_said_to_be(newsletter, page, nora):
    content = "email\n" + "".join(f"reader{n}@example.org\n" for n in range(importing.AT_ONCE * 2))
    options = {"file_name": "list.csv", "by": nora, "dry_run": False}
    findings = runs.at_once(newsletter, ContentFile(content.encode()), **options)
    next(findings)
    one = Import.objects.get()
    assert told(one)[0] == "running"
    stand_still(one)
    assert "whatever read it was stopped. Import the file again." in page(one)
    jobs.take_up_lost_imports.call_local()
    assert told(one)[0] == "failed"
    assert "It was stopped before its end." in page(one)
    assert 'id="repeat"' not in page(one)  # its file is not here
    with raises(runs.Overtaken):
        list(findings)
    assert Subscriber.objects.count() == importing.AT_ONCE


def test_a_command_that_is_stopped_by_a_key_says_so_at_once(newsletter):
    findings = runs.at_once(newsletter, ContentFile(b"email\na@example.org\n"), file_name="list.csv", dry_run=False)
    next(findings)
    with raises(KeyboardInterrupt):
        findings.throw(KeyboardInterrupt)
    assert told(Import.objects.get())[0] == "failed"


def test_a_worker_that_only_slept_ends_where_another_one_has_begun(begin, monkeypatch):
    """A laptop that was closed: both wake up, and one of them reads on."""
    one = begin()
    read = importing.take_in

    def slow(*args, **options):
        monkeypatch.setattr(importing, "take_in", read)
        yield from read(*args, **options)
        stand_still(one)
        jobs.take_up_lost_imports.call_local()

    monkeypatch.setattr(importing, "take_in", slow)
    with raises(runs.Overtaken):
        runs.work(one.pk)
    assert told(one) == ("done", {"subscribed": 2})
    assert one.tries == 2
    assert ConsentEvent.objects.filter(kind=ConsentKind.IMPORTED).count() == 2


def test_a_file_that_is_gone_ends_the_import_with_a_sentence(begin, page):
    one = begin()
    storages["default"].delete(one.upload)
    with raises(FileNotFoundError):
        runs.work(one.pk)
    assert told(one)[0] == "failed"
    assert "Something went wrong here." in page(one)


def test_a_file_that_is_no_list_is_not_kept(begin, page):
    one = begin("name,town\nAlice,Bremen\n")
    upload = one.upload
    runs.work(one.pk)
    assert told(one)[0] == "failed"
    assert not storages["default"].exists(upload)
    assert 'id="repeat"' not in page(one)


def test_where_the_jobs_database_is_away_the_import_stands_and_is_taken_up_later(
    newsletter, nora, monkeypatch, django_capture_on_commit_callbacks
):
    def away(key):
        raise OSError("disk I/O error")

    with monkeypatch.context() as broken:
        broken.setattr(jobs, "take_in", away)
        file = ContentFile(b"email\na@example.org\n", "list.csv")
        data = {"newsletter": newsletter.pk, "claim": "At the fair.", "file": file}
        with django_capture_on_commit_callbacks(execute=True):
            answer = client_of(nora).post(reverse("admin:subscribers_import_add"), data)
    assert answer.status_code == 302
    one = Import.objects.get()
    stand_still(one)
    jobs.take_up_lost_imports.call_local()
    assert told(one) == ("done", {"subscribed": 1})
    assert consent.events_of("a@example.org").count() == 1


def test_a_report_and_its_file_are_wiped_after_a_week(newsletter):
    with time_machine.travel(datetime(2026, 5, 4, tzinfo=UTC), tick=False) as clock:
        one = runs.begin(newsletter, ContentFile(b"email\na@example.org\n", "l.csv"), claim="", dry_run=False)
        assert runs.work(one.pk)
        assert not runs.work(one.pk)  # a second worker finds nothing to do
        one.refresh_from_db()
        assert runs.report(one).read().count(b"\n") == 2
        clock.shift(timedelta(days=7, seconds=1))
        assert runs.wipe_old() == 1
        upload = one.upload
        one.refresh_from_db()
        assert (one.upload, one.report) == ("", "")
        assert not storages["default"].exists(upload)
        assert runs.wipe_old() == 0
