"""The page cache: whole pages, right to the second, and nothing of anybody's own."""

import re
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from articles import publishing
from articles.factories import approve, edit, make_article, make_image, make_live
from articles.models import Image
from articles.states import Status
from newsroom import pagecache
from newsroom.models import SiteSettings
from newsroom.testing import client_of

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def clock():
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


def test_a_second_reader_costs_no_query(client):
    path = make_live(headline="Bridge opens").path
    first = client.get(path)
    with CaptureQueriesContext(connection) as queries:
        second = client.get(path)
    assert (len(queries), second.content) == (0, first.content)


def test_a_kept_page_is_sent_with_the_headers_it_was_made_with(client):
    path = make_live().path
    first, second = client.get(path), client.get(path)
    assert dict(second.headers) == dict(first.headers)
    assert "script-src 'self'" in second.headers["Content-Security-Policy"]
    assert second.headers["X-Content-Type-Options"] == "nosniff"


def test_a_redirect_to_https_is_not_served_to_those_who_use_it(client, settings):
    path = make_live().path
    settings.SECURE_SSL_REDIRECT = True
    client = Client()
    assert client.get(path).status_code == 301
    assert client.get(path, secure=True).status_code == 200


def test_an_update_and_an_expiry_are_seen_at_their_second_though_nothing_ran_then(client, clock):
    edition = make_live(headline="First words")
    article = edit(edition.article, headline="Second words")
    approve(article)
    publishing.schedule(article, by=None, starts_at=NOON + timedelta(hours=1), expires_at=NOON + timedelta(hours=2))
    assert b"First words" in client.get(edition.path).content
    clock.shift(timedelta(minutes=59, seconds=59))
    assert b"First words" in client.get(edition.path).content
    clock.shift(1)
    assert b"Second words" in client.get(edition.path).content
    clock.shift(3600)
    assert client.get(edition.path).status_code == 410


def test_a_picture_is_gone_at_the_second_its_rights_end(client, clock):
    picture = make_image(caption="On loan", rights_until=NOON + timedelta(hours=1))
    Image.objects.update(renditions=[{"width": 48, "height": 32, "type": "image/png", "path": "ab/cd.png"}])
    path = make_live(lead=picture).path
    clock.shift(timedelta(minutes=59, seconds=59))
    assert b"ab/cd.png" in client.get(path).content
    clock.shift(1)
    assert b"ab/cd.png" not in client.get(path).content


def test_publishing_makes_every_page_stale_at_its_commit(client):
    SiteSettings(undo_seconds=0).save()
    assert b"Bridge opens" not in client.get("/").content
    publishing.publish(make_article(headline="Bridge opens", status=Status.APPROVED), by=None)
    assert b"Bridge opens" in client.get("/").content


def test_a_withdrawn_article_is_gone_at_once(client):
    edition = make_live()
    assert client.get(edition.path).status_code == 200
    publishing.withdraw(edition.article, by=None, notice="It was wrong.", reason="error")
    answer = client.get(edition.path)
    assert answer.status_code == 410
    assert b"It was wrong." in answer.content


def test_changed_site_settings_are_seen_at_once(client):
    make_live()
    client.get("/")
    SiteSettings(name="The Harbour Post").save()
    assert b"The Harbour Post" in client.get("/").content


def test_a_reader_who_has_the_page_is_told_so(client):
    path = make_live().path
    etag = client.get(path).headers["ETag"]
    answer = client.get(path, headers={"If-None-Match": etag})
    assert (answer.status_code, answer.content) == (304, b"")


@pytest.mark.parametrize("encoding", ["br", "gzip"])
def test_pages_are_kept_compressed(client, encoding):
    path = make_live(body="<p>" + "Many words. " * 200 + "</p>").path
    plain = client.get(path)
    packed = client.get(path, headers={"Accept-Encoding": encoding})
    assert packed.headers["Content-Encoding"] == encoding
    assert len(packed.content) < len(plain.content) / 2
    assert "Accept-Encoding" in packed.headers["Vary"]
    assert plain.headers["ETag"] != packed.headers["ETag"]


def test_a_head_request_is_answered_without_a_body_and_keeps_nothing_wrong(client):
    path = make_live().path
    assert client.head(path).content == b""
    assert client.get(path).content != b""
    assert client.head(path).content == b""


def test_staff_do_not_fill_the_cache_nor_are_served_from_it(root):
    path = make_live().path
    client_of(root).get(path)
    assert pagecache._pages == {}


def test_unknown_addresses_and_queries_do_not_fill_the_cache(client):
    make_live()
    for number in range(20):
        client.get(f"/no-such-page-{number}/")
        client.get("/", {"x": number})
    assert pagecache._pages == {}


def test_the_stylesheet_is_kept_at_its_right_version_alone(client):
    make_live()
    right = re.search(r'"(/theme.css\?v=[^"]+)"', client.get("/").content.decode())[1]
    client.get(right)
    for number in range(20):
        client.get("/theme.css", {"v": number})
        client.get("/", {"v": number})
    kept = {key.removeprefix("http://testserver") for key in pagecache._pages}
    assert kept == {"/", right}


def test_pages_that_are_read_stay_when_others_have_to_go(client, monkeypatch):
    monkeypatch.setattr(pagecache, "MAX_PAGES", 3)
    read, *others = [make_live().path for _ in range(5)]
    for path in others:
        client.get(read)
        client.get(path)
    assert any(key.startswith(f"http://testserver{read}") for key in pagecache._pages)


def test_a_change_planned_while_the_end_of_a_generation_is_asked_for_is_not_forgotten(client, clock, monkeypatch):
    """Between the question and its answer a colleague schedules: the answer must not outlive that."""
    edition = make_live(headline="First words")
    article = edit(edition.article, headline="Second words")
    approve(article)
    real = pagecache.next_change

    def planned_meanwhile(moment):
        answer = real(moment)
        monkeypatch.setattr(pagecache, "next_change", real)
        publishing.schedule(article, by=None, starts_at=NOON + timedelta(hours=1))
        return answer

    pagecache.drop()
    monkeypatch.setattr(pagecache, "next_change", planned_meanwhile)
    client.get(edition.path)
    client.get(edition.path)
    clock.shift(3600)
    assert b"Second words" in client.get(edition.path).content


def test_the_cache_is_bounded(client, monkeypatch):
    monkeypatch.setattr(pagecache, "MAX_PAGES", 3)
    for edition in [make_live() for _ in range(5)]:
        client.get(edition.path)
    assert len(pagecache._pages) == 3


def test_a_page_made_while_something_was_published_is_not_kept_as_new(client, monkeypatch):
    """A page is filed under the generation read before it was made, never under the one after."""
    path = make_live().path
    real = pagecache._page

    def published_meanwhile(request, response, token):
        pagecache.drop()
        return real(request, response, token)

    monkeypatch.setattr(pagecache, "_page", published_meanwhile)
    Client().get(path)
    monkeypatch.setattr(pagecache, "_page", real)
    with CaptureQueriesContext(connection) as queries:
        Client().get(path)
    assert len(queries) > 0
