"""Feeds and the sitemap: well-formed, absolute, and of what is live only."""

import json
from datetime import UTC, datetime

import pytest
from defusedxml import ElementTree
from django.conf import settings

from articles import publishing
from articles.factories import make_author, make_image, make_live, make_section, make_tag
from newsroom import pagecache

pytestmark = pytest.mark.django_db
ATOM = "{http://www.w3.org/2005/Atom}"
SITEMAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
XHTML = "{http://www.w3.org/1999/xhtml}"
NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)

ATOM_FEEDS = ["/feed/", "/latest/feed/", "/section/politics/feed/", "/author/amara-okafor/feed/", "/topic/trade/feed/"]


@pytest.fixture
def edition():
    return make_live(
        headline="Bridge <opens> & more",
        standfirst="After \x0bten years",
        section=make_section("Politics"),
        authors=[make_author("Amara Okafor")],
        tags=[make_tag("Trade")],
        published_at=NOON,
    )


@pytest.mark.parametrize("path", ATOM_FEEDS)
def test_each_list_has_an_atom_feed(client, edition, path):
    response = client.get(path)
    assert response.headers["Content-Type"].startswith("application/atom+xml")
    feed = ElementTree.fromstring(response.content)
    assert feed.find(f"{ATOM}link[@rel='self']").get("href") == settings.SITE_URL + path
    entry = feed.find(f"{ATOM}entry")
    assert entry.findtext(f"{ATOM}title") == "Bridge <opens> & more"
    assert entry.findtext(f"{ATOM}summary") == "After ten years"
    assert entry.find(f"{ATOM}link").get("href") == settings.SITE_URL + edition.path
    assert entry.findtext(f"{ATOM}id") == settings.SITE_URL + edition.path
    assert entry.findtext(f"{ATOM}published") == "2026-03-02T12:00:00+00:00"
    assert entry.findtext(f"{ATOM}author/{ATOM}name") == "Amara Okafor"
    assert entry.find(f"{ATOM}category").get("term") == "Politics"


def test_the_site_has_an_rss_feed(client, edition):
    response = client.get("/feed/rss/")
    item = ElementTree.fromstring(response.content).find("channel/item")
    assert response.headers["Content-Type"].startswith("application/rss+xml")
    assert item.findtext("link") == settings.SITE_URL + edition.path
    assert item.findtext("guid") == settings.SITE_URL + edition.path


def test_the_site_has_a_json_feed(client, edition):
    response = client.get("/feed.json")
    feed = json.loads(response.content)
    assert response.headers["Content-Type"].startswith("application/feed+json")
    assert feed["version"] == "https://jsonfeed.org/version/1.1"
    assert feed["items"][0]["url"] == settings.SITE_URL + edition.path
    assert feed["items"][0]["authors"] == [{"name": "Amara Okafor"}]


def test_a_feed_shows_its_picture_with_a_full_address(client):
    rendition = {"width": 320, "height": 200, "type": "image/jpeg", "path": "ab/320.jpg"}
    make_live(lead=make_image(renditions=[rendition]))
    feed = json.loads(client.get("/feed.json").content)
    assert feed["items"][0]["image"] == f"{settings.SITE_URL}/images/ab/320.jpg"


def test_addresses_in_feeds_are_ascii_whatever_their_script(client):
    edition = make_live(language="ar", headline="خبر", slug="خبر")
    feed = ElementTree.fromstring(client.get("/ar/feed/").content)
    assert feed.get("{http://www.w3.org/XML/1998/namespace}lang") == "ar"
    address = feed.find(f"{ATOM}entry/{ATOM}link").get("href")
    assert address.isascii()
    assert client.get(address.removeprefix(settings.SITE_URL)).wsgi_request.path_info == edition.path


@pytest.mark.parametrize("path", ["/section/nowhere/feed/", "/author/nobody/feed/", "/topic/nothing/feed/"])
def test_what_has_nothing_live_has_no_feed(client, edition, path):
    make_section("Nowhere"), make_author("Nobody"), make_tag("Nothing")
    assert client.get(path).status_code == 404


def test_the_sitemap_names_what_is_live_with_its_translations(client):
    english = make_live(translation_group="g")
    german = make_live(translation_group="g", language="de")
    gone = make_live(slug="gone-now")
    publishing.withdraw(gone.article, by=None, notice="Wrong.", reason="error")
    pagecache.forget()
    response = client.get("/sitemap.xml")
    urls = {url.findtext(f"{SITEMAP}loc"): url for url in ElementTree.fromstring(response.content)}
    root = settings.SITE_URL
    assert set(urls) == {f"{root}/", f"{root}/de/", root + english.path, root + german.path}
    links = urls[root + english.path].findall(f"{XHTML}link")
    assert {link.get("hreflang"): link.get("href") for link in links} == {
        "en": root + english.path,
        "de": root + german.path,
    }
    assert f"Sitemap: {root}/sitemap.xml" in client.get("/robots.txt").content.decode()
