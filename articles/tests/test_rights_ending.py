"""When the rights of a picture end its public files go, and come back when they are given again."""

import urllib.request
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
import time_machine
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from articles import copies, jobs, library, renditions, sweeping
from articles.models import Image, ImageEvent
from articles.tests.pictures import files, kept, scene, upload
from newsroom.lib import clock
from newsroom.testing import client_of

__all__ = ["files"]

pytestmark = pytest.mark.django_db

AN_HOUR, A_WEEK = timedelta(hours=1), timedelta(days=7)


def made(size: tuple[int, int] = (60, 40), **words: Any) -> Image:
    image, _new = library.add(upload(scene(*size)), **words)
    jobs.make_renditions.call_local(image.pk)
    image.refresh_from_db()
    return image


def public(files: Path) -> list[str]:
    return kept(files / "renditions")


def test_files_of_a_picture_whose_rights_have_ended_are_gone_minutes_later(files: Path, client: Client) -> None:
    image = made(rights_until=clock.now() + AN_HOUR)
    other = made((30, 20), rights_until=clock.now() + A_WEEK)
    address = f"/images/{image.renditions[0]['path']}"
    jobs.clear_what_ended.call_local()
    assert client.get(address).status_code == 200
    with time_machine.travel(clock.now() + AN_HOUR, tick=False):
        jobs.clear_what_ended.call_local()
        assert public(files) == sorted(item["path"] for item in other.renditions)
        assert client.get(address).status_code == 410
        image.refresh_from_db()
        assert image.renditions == []
        assert kept(files / "originals")


def test_a_picture_that_is_there_is_served_without_a_query(files: Path, client: Client) -> None:
    image = made()
    with CaptureQueriesContext(connection) as asked:
        assert client.get(f"/images/{image.renditions[0]['path']}").status_code == 200
    assert len(asked) == 0


def test_looking_for_what_ended_is_one_query_where_nothing_has(files: Path, django_assert_num_queries: Any) -> None:
    made(rights_until=clock.now() + A_WEEK)
    with django_assert_num_queries(1):
        assert sweeping.sweep_ended() == 0


@pytest.mark.parametrize("words", [{"rights_denied": "Sold to others."}, {"rights_until": clock.now() - AN_HOUR}])
def test_files_go_as_soon_as_an_editor_says_that_it_may_not_be_used_and_come_back_when_it_may(
    files: Path, dora: Any, words: dict[str, Any], django_capture_on_commit_callbacks: Any
) -> None:
    image = made()
    before = public(files)
    with django_capture_on_commit_callbacks(execute=True):
        library.use_words([image], by=dora, **words)
    assert public(files) == []
    with django_capture_on_commit_callbacks(execute=True):
        library.use_words([image], by=dora, rights_denied="", rights_until=clock.now() + A_WEEK)
    image.refresh_from_db()
    assert renditions.is_complete(image)
    assert public(files) == before


def test_rights_extended_after_they_ended_give_the_files_back(
    files: Path, dora: Any, django_capture_on_commit_callbacks: Any
) -> None:
    image = made(rights_until=clock.now() + AN_HOUR)
    with time_machine.travel(clock.now() + 2 * AN_HOUR, tick=False):
        sweeping.sweep_ended()
        with django_capture_on_commit_callbacks(execute=True):
            library.use_words([image], by=dora, rights_until=clock.now() + A_WEEK)
        image.refresh_from_db()
        assert renditions.is_complete(image)


def test_nothing_public_is_made_of_what_comes_in_without_rights(files: Path, dora: Any) -> None:
    image = made(rights_denied="For the archive only.")
    assert (image.renditions, public(files)) == ([], [])
    library.replace(image, upload(scene(90, 60)), by=dora)
    assert public(files) == []
    renditions.make(image)
    assert (renditions.incomplete(10), public(files)) == ([], [])


def test_brought_back_after_its_rights_have_ended_it_has_no_public_file(files: Path, dora: Any) -> None:
    image = made(rights_until=clock.now() + AN_HOUR)
    library.kill(image, by=dora, notice="Gone.", reason="Called.")
    renditions.delete_folder(image.sha256)
    with time_machine.travel(clock.now() + 2 * AN_HOUR, tick=False):
        library.restore(image, by=dora)
        assert (image.killed_at, public(files)) == (None, [])


def test_files_that_it_had_before_a_replacement_go_too(files: Path, dora: Any) -> None:
    image = made(rights_until=clock.now() + AN_HOUR)
    library.replace(image, upload(scene(90, 60)), by=dora)
    assert ImageEvent.objects.filter(verb="replace").exists()
    with time_machine.travel(clock.now() + 2 * AN_HOUR, tick=False):
        sweeping.sweep_ended()
        assert public(files) == []


def test_what_a_storage_did_not_delete_is_tried_again(files: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def unreachable(sha256: str) -> None:
        raise OSError("no answer")

    made(rights_until=clock.now() + AN_HOUR)
    with time_machine.travel(clock.now() + 2 * AN_HOUR, tick=False):
        with monkeypatch.context() as patch:
            patch.setattr(renditions, "delete_folder", unreachable)
            assert sweeping.sweep_ended() == 0
        assert sweeping.sweep_ended() == 1
        assert public(files) == []


def test_what_nobody_came_for_within_days_is_found_folder_by_folder(files: Path) -> None:
    image = made(rights_until=clock.now() + AN_HOUR)
    with time_machine.travel(clock.now() + A_WEEK, tick=False):
        assert sum(sweeping.sweep(hour) for hour in range(sweeping.HOURS)) > 0
        image.refresh_from_db()
        assert (image.renditions, public(files)) == ([], [])


def test_the_page_of_such_a_picture_does_not_promise_it_in_a_moment(files: Path, dora: Any) -> None:
    image = made(rights_denied="For the archive only.")
    page = client_of(dora).get(reverse("admin:articles_image_change", args=[image.pk])).content.decode()
    assert "being made ready" not in page
    assert "Change its rights, save, and it is made again." in page


def test_the_command_that_makes_renditions_does_not_count_such_pictures(files: Path, capsys: Any) -> None:
    made(rights_denied="For the archive only.")
    call_command("renditions")
    assert "Made the renditions of 0 pictures." in capsys.readouterr().out


# Caches in front of the server ----------------------------------------------------------------


class Front(BaseHTTPRequestHandler):
    """A cache that forgets what it is asked to, or answers that it cannot."""

    asked: list[tuple[str, str]]
    status = 200

    def do_PURGE(self) -> None:
        self.asked.append((self.path, self.headers["Host"]))
        self.send_response(self.status)
        self.end_headers()

    def log_message(self, *args: Any) -> None:
        """Says nothing."""


@pytest.fixture
def front(settings: Any) -> Any:
    Front.asked, Front.status = [], 200
    server = HTTPServer(("127.0.0.1", 0), Front)
    Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    settings.PURGE_URLS = [f"http://127.0.0.1:{server.server_port}"]
    settings.SITE_URL = "https://news.example"
    yield Front
    server.shutdown()
    server.server_close()


def test_caches_are_told_to_forget_each_file_that_may_not_be_seen(
    files: Path, dora: Any, front: Any, django_capture_on_commit_callbacks: Any
) -> None:
    image = made()
    paths = public(files)
    with django_capture_on_commit_callbacks(execute=True):
        library.kill(image, by=dora, notice="Gone.", reason="Called.")
    assert sorted(front.asked) == [(f"/images/{path}", "news.example") for path in paths]


def test_a_cache_that_does_not_forget_is_asked_again(files: Path, front: Any) -> None:
    front.status = 503
    with pytest.raises(copies.Kept, match="answered 503"):
        copies.purge.call_local(["ab/x.jpg", "ab/y.jpg"])
    assert len(front.asked) == 2
    assert (copies.purge.settings["default_retries"], copies.purge.settings["default_retry_delay"]) == (12, 60)


def test_a_cache_that_is_out_of_reach_costs_one_wait_and_the_others_are_asked(
    front: Any, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried: list[str] = []
    reached = urllib.request.urlopen

    def silent(request: Any, timeout: float) -> Any:
        if "silent.example" not in request.full_url:
            return reached(request, timeout=timeout)
        tried.append(request.full_url)
        raise TimeoutError("timed out")

    monkeypatch.setattr(urllib.request, "urlopen", silent)
    settings.PURGE_URLS = ["http://silent.example", *settings.PURGE_URLS]
    with pytest.raises(copies.Kept, match="timed out"):
        copies.purge.call_local([f"ab/{number}.jpg" for number in range(30)])
    assert (len(tried), len(front.asked)) == (1, 30)


def test_what_was_deleted_before_the_storage_failed_is_forgotten_by_caches_as_well(
    files: Path, front: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    image = made()
    first, second, *_others = renditions.kept(image.sha256)
    delete = renditions.storage().delete

    def failing(path: str) -> None:
        if path == second:
            raise OSError("no answer")
        delete(path)

    monkeypatch.setattr(renditions.storage(), "delete", failing)
    with pytest.raises(OSError, match="no answer"):
        renditions.delete_folder(image.sha256)
    assert f"/images/{first}" in [path for path, _host in front.asked]


def test_without_such_caches_nobody_is_asked(files: Path, front: Any, settings: Any) -> None:
    settings.PURGE_URLS = []
    copies.forget(["ab/x.jpg"])
    assert front.asked == []
