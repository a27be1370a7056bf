"""An update and an expiry come true at their second with no worker running, on every page that shows the article.

Every place is visited one second and one microsecond before the instant and at it, through the page cache and
with every page kept beforehand. The URLconf is asked for the places: one that is not known here fails.
"""

import re
import time
import urllib.error
import urllib.request
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.urls import get_resolver
from huey.contrib.djhuey import HUEY

from articles import publishing
from articles.factories import approve, edit, make_author, make_live, make_section, make_tag
from articles.factories import make_article as make_any
from articles.models import Article, Edition
from articles.states import Kind, Status
from newsroom import pagecache
from newsroom.lib import clock as newsroom_clock
from newsroom.tests.faults.served import Served, collect_static
from newsroom.tests.test_leaks import public_names

pytestmark = pytest.mark.django_db(transaction=True)

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
INSTANT = NOON + timedelta(hours=1)
SECOND, MICROSECOND = timedelta(seconds=1), timedelta(microseconds=1)
BEFORE, AFTER = "Before it", "After it"
NEIGHBOUR = "Beside it"

# Where an article stands whatever its section, authors and topics are; {article} and {neighbour} are addresses.
EVERYWHERE = {
    "articles:front": "/",
    "articles:latest": "/latest/",
    "articles:latest-feed": "/latest/feed/",
    "articles:feed": "/feed/",
    "articles:feed-rss": "/feed/rss/",
    "articles:feed-json": "/feed.json",
    "articles:search": "/search/?q=harbour",
    "sitemap": "/sitemap.xml",
    "articles:article": "{article}",
    "latest news beside another article": "{neighbour}",
    "articles:history": "{article}history/",
}
# Where it stands if it belongs there: {name} is "one" before the update and "two" after it.
BELONGING = {
    "articles:section": "/section/{name}/",
    "articles:section-feed": "/section/{name}/feed/",
    "articles:author": "/author/{name}/",
    "articles:author-feed": "/author/{name}/feed/",
    "articles:topic": "/topic/{name}/",
    "articles:topic-feed": "/topic/{name}/feed/",
    "search in a section": "/search/?q=harbour&section={name}",
    "search for an author": "/search/?author={name}",
}
# Where only what was mended stands: walked by the test of a correction.
CORRECTIONS = {"articles:corrections": "/corrections/", "articles:corrections-feed": "/corrections/feed/"}
# Where no article is shown.
ELSEWHERE = {"theme", "robots", "healthz", "readyz", "image", "elsewhere"}
OTHERS = ("mailbox", "comments:", "newsletter")


def test_every_public_address_is_walked_here():
    walked = {*EVERYWHERE, *BELONGING, *CORRECTIONS}
    names = {name for name in public_names(get_resolver().url_patterns) if not name.startswith(OTHERS)}
    assert names - ELSEWHERE <= walked


@pytest.fixture
def clock():
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


@pytest.fixture(autouse=True)
def no_worker():
    """Jobs are put into the queue and stay there."""
    HUEY.immediate = False
    yield
    HUEY.immediate = True


def first_text() -> dict:
    """An article that belongs to "one", and beside it another one that belongs elsewhere."""
    make_live(headline=NEIGHBOUR, slug="beside", section=make_section("Other"), authors=[make_author("Other")])
    return {
        "headline": BEFORE,
        "slug": "it",
        "body": "<p>The harbour.</p>",
        "section": make_section("one"),
        "authors": [make_author("one")],
        "tags": [make_tag("one")],
    }


def second_text(article: Article) -> Article:
    """The same article, approved with another headline, and moved to "two"."""
    article.bylines.update(author=make_author("two"))
    article.tags.set([make_tag("two")])
    edit(article, headline=AFTER, body="<p>The harbour, again.</p>", section=make_section("two"))
    approve(article)
    return article


def path_of(headline: str) -> str:
    return Edition.objects.get(headline=headline).path


def seen(client, path: str, **headers: str) -> set[str]:
    """Which of the two headlines a place shows. A sitemap names addresses, and when they changed."""
    response = client.get(path, headers=headers)
    if response.status_code != 200:
        return set()
    page = response.content.decode()
    if path == "/sitemap.xml":
        loc = re.escape(Edition.objects.filter(headline__in=(BEFORE, AFTER)).values_list("path", flat=True)[0])
        changed = re.findall(rf"<loc>[^<]*{loc}</loc><lastmod>([^<]+)</lastmod>", page)
        known = {NOON.isoformat(): BEFORE, INSTANT.isoformat(): AFTER}
        return {known[moment] for moment in changed}
    return {headline for headline in (BEFORE, AFTER) if headline in page}


def walk(client, article: str, before: set[str], after: set[str], clock, *, name: str | None = "one") -> None:
    """Visit all places where the article shows `before` until the instant, and `after` from then on.

    `name`: what it belongs to; None where it belongs to "one" before the instant and to "two" after it.
    """
    neighbour = path_of(NEIGHBOUR)
    expected = {path.format(article=article, neighbour=neighbour): (before, after) for path in EVERYWHERE.values()}
    for path in BELONGING.values():
        if name:
            expected[path.format(name=name)] = (before, after)
        else:
            expected |= {path.format(name="one"): (before, set()), path.format(name="two"): (set(), after)}
    if before and after:
        expected[f"{article}history/"] = (before, before | after)
    kept = {}
    for moment in (INSTANT - timedelta(minutes=9), INSTANT - SECOND, INSTANT - MICROSECOND):
        clock.move_to(moment)
        for path, (shown, _then) in expected.items():
            assert seen(client, path) == shown, (path, moment)
            kept[path] = client.get(path).headers.get("ETag", '""')
    assert pagecache._found("http://testserver/")
    clock.move_to(INSTANT)
    for path, (_before, shown) in expected.items():
        assert seen(client, path, if_none_match=kept[path]) == shown, path
        assert seen(client, path) == shown, path


def test_a_first_publication_is_everywhere_at_its_second(client, clock):
    article = make_any(status=Status.APPROVED, **first_text() | {"headline": AFTER})
    publishing.schedule(article, by=None, starts_at=INSTANT)
    path = path_of(AFTER)
    walk(client, path, set(), {AFTER}, clock)
    assert client.get(path).status_code == 200


def test_an_update_takes_the_place_of_the_old_text_everywhere_at_its_second(client, clock):
    article = second_text(make_live(**first_text()).article)
    publishing.schedule(article, by=None, starts_at=INSTANT)
    path = path_of(AFTER)
    assert path == path_of(BEFORE)
    walk(client, path, {BEFORE}, {AFTER}, clock, name=None)


def test_an_expiry_takes_the_article_away_everywhere_at_its_second(client, clock):
    article = make_any(**first_text())
    publishing.import_edition(article, until=INSTANT)
    path = path_of(BEFORE)
    walk(client, path, {BEFORE}, set(), clock)
    assert client.get(path).status_code == 410
    assert client.get(f"{path}history/").status_code == 410


def test_the_end_of_an_update_takes_the_article_away_and_does_not_bring_the_old_text_back(client, clock):
    article = second_text(make_live(**first_text()).article)
    publishing.schedule(article, by=None, starts_at=NOON + SECOND, expires_at=INSTANT)
    path = path_of(AFTER)
    clock.move_to(INSTANT - MICROSECOND)
    assert all(seen(client, where) == {AFTER} for where in ("/", path, "/search/?q=harbour", "/feed.json"))
    clock.move_to(INSTANT)
    assert client.get(path).status_code == 410
    assert not any(seen(client, where) for where in ("/", "/search/?q=harbour", "/feed.json", "/sitemap.xml"))


def test_a_correction_is_told_at_the_second_its_edition_comes_out(client, clock):
    article = make_live(**first_text()).article
    clock.move_to(INSTANT - timedelta(seconds=20))
    publishing.publish(second_text(article), by=None, kind=Kind.CORRECTION, notice="It was not it.")
    assert Edition.objects.get(headline=AFTER).live_from == INSTANT
    places = [path_of(AFTER), *CORRECTIONS.values(), f"{path_of(AFTER)}history/"]
    for moment, told in ((INSTANT - SECOND, False), (INSTANT - MICROSECOND, False), (INSTANT, True)):
        clock.move_to(moment)
        for path in places * 2:
            assert ("It was not it." in client.get(path).content.decode()) == told, (path, moment)


def test_the_menu_names_at_that_second_the_sections_that_have_something(client, clock):
    article = second_text(make_live(**first_text()).article)
    publishing.schedule(article, by=None, starts_at=INSTANT)
    for moment, there, gone in ((INSTANT - MICROSECOND, "one", "two"), (INSTANT, "two", "one")):
        clock.move_to(moment)
        for path in ("/", path_of(NEIGHBOUR), "/search/"):
            page = client.get(path).content.decode()
            assert f'href="/section/{there}/"' in page and f'href="/section/{gone}/"' not in page, (path, moment)


# With a real server and real seconds ------------------------------------------------------


@pytest.fixture
def served(tmp_path):
    """The web server as it is deployed, with two processes and no worker."""
    collect_static(tmp_path)
    site = Served(tmp_path, workers=2)
    site.start()
    yield site
    site.kill()


def fetched(address: str) -> str:
    """The text at an address, "" where there is none any more."""
    try:
        with urllib.request.urlopen(address, timeout=10) as answer:
            return answer.read().decode()
    except urllib.error.HTTPError as error:
        assert error.code == 410
        return ""


LATE = 1.0  # seconds that a page may lag behind


def watch(address: str, places: list[str], old: str, new: str, instant: float) -> None:
    """Ask for the places until all have changed for good: none before the instant, all within LATE after it."""
    late = []
    turn = 0
    while (now := time.time()) < instant + LATE + 0.5:
        turn += 1
        for place in places:
            if place.startswith("/search/") and turn % 4:
                continue  # the search lets nobody ask without end
            began, page, ended = time.time(), fetched(address + place), time.time()
            changed = (new in page) if new else (old not in page)
            assert not changed or ended >= instant, f"{place} {instant - ended:.3f} s early"
            if not changed and began > instant:
                late.append((place, began - instant))
        assert now < instant or not [place for place, lag in late if lag > LATE], late
        time.sleep(0.03)
    assert not [lag for _place, lag in late if lag > LATE], late


def test_readers_of_a_real_server_see_an_update_and_an_expiry_at_their_second(served):
    first = make_live(**first_text())
    article = second_text(first.article)
    start = newsroom_clock.now() + timedelta(seconds=3)
    end = start + timedelta(seconds=3)
    publishing.schedule(article, by=None, starts_at=start, expires_at=end)
    places = [first.path, "/", "/latest/", "/feed/", "/feed.json", "/search/?q=harbour", path_of(NEIGHBOUR)]
    watch(served.url, places, BEFORE, AFTER, start.timestamp())
    watch(served.url, [*places, "/sitemap.xml"], first.path, "", end.timestamp())
    assert served.troubles() == []
