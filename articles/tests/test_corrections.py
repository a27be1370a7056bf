"""What was wrong and is mended: told in the article, on a page of all corrections, in its feed, and to machines."""

import json
import re
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from articles import publishing
from articles.factories import approve, edit, make_live, republish
from articles.models import Article, Correction, Edition
from articles.states import Kind
from newsroom import pagecache
from newsroom.models import SiteSettings

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
NOTICE = "The vote was held in 2019, not in 2018."
PLACES = ("article", "/corrections/", "/corrections/feed/", "history")


@pytest.fixture(autouse=True)
def at_once(db):
    SiteSettings(undo_seconds=0).save()


@pytest.fixture
def clock():
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


def correct(article: Article, **fields) -> Edition:
    return republish(article, Kind.CORRECTION, NOTICE, **(fields or {"body": "<p>It was held in 2019.</p>"}))


def told_in(client, edition: Edition) -> set[str]:
    """The places that tell the correction."""
    pagecache.forget()
    own = {"article": edition.path, "history": f"{edition.path}history/"}
    return {place for place in PLACES if NOTICE in client.get(own.get(place, place)).content.decode()}


def test_a_correction_is_told_in_every_place_and_with_every_later_edition(client, clock):
    edition = make_live(body="<p>It was held in 2018.</p>")
    clock.shift(HOUR)
    edition = correct(edition.article)
    assert told_in(client, edition) == set(PLACES)
    clock.shift(HOUR)
    edition = republish(edition.article, body="<p>It was held in 2019, and won.</p>")
    assert told_in(client, edition) == set(PLACES)


def test_a_list_of_corrections_leads_to_the_article_and_to_the_correction_in_its_record(client, clock):
    edition = make_live(headline="Vote held", body="<p>It was held in 2018.</p>")
    clock.shift(HOUR)
    corrected = correct(edition.article)
    page = client.get("/corrections/").content.decode()
    assert f'href="{edition.path}"' in page
    link = re.search(rf'href="({re.escape(edition.path)}history/[^"]*)"', page)
    assert link and link[1].endswith(f"#edition-{corrected.pk}")
    record = client.get(link[1].partition("#")[0]).content.decode()
    assert f'id="edition-{corrected.pk}"' in record


def test_a_correction_of_long_ago_is_found_on_its_own_page_of_the_record(client, clock):
    edition = make_live()
    clock.shift(HOUR)
    corrected = correct(edition.article)
    for number in range(10):
        clock.shift(HOUR)
        republish(edition.article, body=f"<p>Held in 2019, {number}.</p>")
    pagecache.forget()
    link = re.search(r'href="([^"]+history/[^"]*)"', client.get("/corrections/").content.decode())
    assert link and link[1].endswith(f"?page=2#edition-{corrected.pk}")
    assert f'id="edition-{corrected.pk}"' in client.get(link[1].partition("#")[0]).content.decode()


def test_a_feed_leads_to_the_notice_in_the_article(client, clock):
    edition = make_live()
    clock.shift(HOUR)
    key = correct(edition.article).correction.pk
    assert f"{edition.path}#correction-{key}" in client.get("/corrections/feed/").content.decode()
    assert f'id="correction-{key}"' in client.get(edition.path).content.decode()


def test_machines_are_told_with_the_moment_at_which_readers_were(client, clock):
    edition = make_live()
    article = edit(Article.objects.get(), body="<p>It was held in 2019.</p>")
    approve(article)
    later = publishing.schedule(article, by=None, starts_at=NOON + 2 * HOUR)
    Correction.objects.create(article=article, edition=later, notice=NOTICE, at=NOON)
    assert told_in(client, edition) == set()
    clock.shift(3 * HOUR)
    page = client.get(edition.path).content.decode()
    data = json.loads(re.findall(r'<script type="application/ld\+json">(.*?)</script>', page, re.DOTALL)[0])[0]
    comment = {"@type": "CorrectionComment", "text": NOTICE, "datePublished": "2026-03-02T14:00:00+00:00"}
    assert data["correction"] == [comment]
    assert "2 March 2026, 14:00" in client.get("/corrections/").content.decode()


@pytest.mark.parametrize("state", [{"cancelled_at": NOON}, {"held_at": NOON}], ids=["cancelled", "held"])
def test_a_correction_that_never_came_out_is_told_nowhere(client, clock, state):
    edition = make_live()
    clock.shift(HOUR)
    planned = correct(edition.article)
    Edition.objects.filter(pk=planned.pk).update(live_from=None, live_until=None, **state)
    Edition.objects.filter(pk=edition.pk).update(live_until=None)
    assert told_in(client, edition) == set()


def test_a_correction_whose_edition_is_hidden_from_the_record_is_told_nowhere(client, clock):
    edition = make_live()
    clock.shift(HOUR)
    hidden = correct(edition.article)
    clock.shift(HOUR)
    edition = republish(edition.article, body="<p>It was held.</p>")
    Edition.objects.filter(pk=hidden.pk).update(history_hidden="Hidden after a ruling.")
    assert told_in(client, edition) == set()


def test_corrections_of_a_withdrawn_article_are_hidden_with_it_and_come_back_with_it(client, clock):
    edition = make_live()
    clock.shift(HOUR)
    edition = correct(edition.article)
    clock.shift(HOUR)
    publishing.withdraw(Article.objects.get(), by=None, notice="It was wrong.", reason="error")
    assert told_in(client, edition) == set()
    clock.shift(HOUR)
    publishing.reinstate(Article.objects.get(), by=None)
    assert told_in(client, edition) == set(PLACES)


def test_a_list_of_corrections_costs_the_same_for_one_and_for_twenty(client, clock):
    def cost() -> int:
        pagecache.forget()
        pagecache.generation()
        with CaptureQueriesContext(connection) as queries:
            assert client.get("/corrections/").status_code == 200
        return len(queries)

    editions = [make_live() for _ in range(20)]
    clock.shift(HOUR)
    correct(editions[0].article)
    few = cost()
    for edition in editions[1:]:
        correct(edition.article)
    assert cost() == few <= 5
