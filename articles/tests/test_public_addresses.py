"""What an address answers: live, moved, withdrawn, expired, or never heard of."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import get_resolver

from articles import publishing
from articles.factories import approve, edit, make_article, make_live
from articles.models import Address, Edition
from articles.states import Status
from newsroom.lib import clock

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


@pytest.fixture
def time():
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


def had_before(edition: Edition, *paths: str) -> None:
    for path in paths:
        Address.objects.create(path=path, article=edition.article, made_at=clock.now())


@pytest.mark.parametrize(
    ("old", "asked"),
    [
        ("/2014/05/old-slug/", "/2014/05/old-slug/"),
        ("/2014/05/01/old-slug/", "/2014/05/01/old-slug/"),
        ("/2014/05/old-slug/", "/2014/05/old-slug"),
        ("/news/story.html", "/news/story.html"),
        ("/news/story.html", "/news/story.html?utm_source=x"),
        ("/?p=123", "/?p=123"),
        ("/?p=123", "/?utm_source=x&p=123"),
        ("/?page_id=2", "/?page_id=2"),
        ("/index.php?id=7", "/index.php?id=7"),
        ("/блог/история/", "/%D0%B1%D0%BB%D0%BE%D0%B3/%D0%B8%D1%81%D1%82%D0%BE%D1%80%D0%B8%D1%8F/"),
        ("/caf\u00e9/", "/cafe%CC%81/"),
        ("/de/2014/alt/", "/de/2014/alt/"),
        ("/section/story/", "/section/story/"),
    ],
)
def test_an_old_address_leads_to_the_article_for_good(client, old, asked):
    edition = make_live()
    had_before(edition, old)
    response = client.get(asked)
    if asked.startswith("/section/"):
        assert response.status_code == 404  # a list's own addresses are its own
        return
    assert (response.status_code, response.headers["Location"]) == (301, edition.path)


def test_an_old_address_leads_there_in_one_step_and_in_ascii(client):
    edition = make_live(language="ar", slug="خبر", headline="خبر")
    had_before(edition, "/?p=7")
    location = client.get("/?p=7").headers["Location"]
    assert location.isascii()
    assert client.get(location).status_code == 200


def test_an_unknown_number_shows_the_front_page(client):
    assert client.get("/?p=123").status_code == 200


def test_a_new_slug_takes_over_and_the_old_one_leads_to_it(client, time):
    first = make_live(slug="first-slug")
    article = edit(first.article, slug="second-slug")
    approve(article)
    second = publishing.schedule(article, by=None, starts_at=NOON + timedelta(hours=1))
    assert client.get(first.path).status_code == 200
    assert client.get(second.path).status_code == 404, "it would tell that an update is coming"
    time.shift(3600)
    assert client.get(second.path).status_code == 200
    assert client.get(first.path).headers["Location"] == second.path


def test_a_withdrawn_article_answers_410_with_its_notice_at_all_its_addresses(client):
    edition = make_live(headline="False claim", standfirst="Secret source")
    had_before(edition, "/old/")
    publishing.withdraw(edition.article, by=None, notice="The document was <forged>.", reason="error")
    for path in (edition.path, "/old/", "/old"):
        response = client.get(path)
        page = response.content.decode()
        assert response.status_code == 410
        assert "The document was &lt;forged&gt;." in page
        assert "False claim" not in page and "Secret source" not in page


def test_a_reinstated_article_is_back(client):
    edition = make_live()
    publishing.withdraw(edition.article, by=None, notice="Wait.", reason="other")
    edition.article.refresh_from_db()
    publishing.reinstate(edition.article, by=None)
    assert client.get(edition.path).status_code == 200


def test_an_expired_article_is_no_longer_available(client, time):
    article = make_article(published_at=NOON)
    edition = publishing.import_edition(article, until=NOON + timedelta(hours=1))
    assert client.get(edition.path).status_code == 200
    time.shift(3600)
    response = client.get(edition.path)
    assert response.status_code == 410
    assert "no longer available" in response.content.decode()


@pytest.mark.parametrize("withdrawn", [False, True])
def test_what_was_never_live_was_never_there(client, time, withdrawn):
    article = make_article(status=Status.APPROVED, slug="coming", headline="Coming soon")
    edition = publishing.schedule(article, by=None, starts_at=NOON + timedelta(hours=1))
    had_before(edition, "/old/")
    if withdrawn:
        publishing.withdraw(article, by=None, notice="Not this one.", reason="other")
        time.shift(7200)
    for path in (edition.path, "/old/"):
        response = client.get(path)
        assert response.status_code == 404
        assert "Not this one." not in response.content.decode()
        assert "Coming soon" not in response.content.decode()


@pytest.mark.parametrize("path", ["/latest", "/section/news", "/2026/03/02/x", "/feed", "/de/latest", "/newsletter"])
def test_a_forgotten_last_slash_is_put_there(client, path):
    response = client.get(path + "?page=2")
    assert (response.status_code, response.headers["Location"]) == (301, path + "/?page=2")


@pytest.mark.parametrize("path", ["//evil.example", "//evil.example/", "/\\evil.example", "//latest", "/\0", "/de/\0/"])
def test_a_strange_address_is_unknown_and_leads_to_no_other_site(client, path):
    make_live()
    response = client.get("/", PATH_INFO=path)
    assert response.status_code == 404


def test_an_unknown_address_helps_on(client):
    make_live(headline="Something new")
    response = client.get("/nowhere/")
    page = response.content.decode()
    assert response.status_code == 404
    assert "Something new" in page and 'href="/"' in page and "noindex" in page
    assert '<html lang="de"' in client.get("/de/nirgends/").content.decode()


@pytest.mark.parametrize("path", ["/admin/nowhere/", "/images/nowhere.jpg", "/robots.txt/", "/healthz/"])
def test_reserved_words_stay_reserved(client, path):
    assert client.get(path).status_code in (301, 302, 404)


def test_machines_are_told_where_not_to_look_and_that_all_is_well(client):
    assert "Disallow: /admin/" in client.get("/robots.txt").content.decode()
    assert client.get("/healthz").content == b"ok\n"
    assert client.get("/readyz").content == b"ok\n"
    assert "no-store" in client.get("/readyz").headers["Cache-Control"]


def test_a_broken_page_says_so_without_asking_the_database(django_assert_num_queries, rf):
    with django_assert_num_queries(0):
        response = get_resolver().resolve_error_handler(500)(rf.get("/"))
    assert response.status_code == 500
    assert "Something went wrong" in response.content.decode()


def test_more_files_than_can_be_read_at_once_are_answered_with_a_sentence(client, settings):
    settings.DATA_UPLOAD_MAX_NUMBER_FILES = 2
    files = [SimpleUploadedFile(f"{n}.jpg", b"x") for n in range(3)]
    response = client.post("/newsletter/", {"files": files})
    assert response.status_code == 400
    assert "send less at once" in response.content.decode()


def test_a_host_that_is_not_ours_gets_a_page_all_the_same(client, settings):
    settings.ALLOWED_HOSTS = ["news.example"]
    response = client.get("/", headers={"Host": "evil.example"})
    assert response.status_code == 400
    assert "This could not be read" in response.content.decode()
