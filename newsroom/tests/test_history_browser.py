"""The record of an article and the newsroom's view of its past, in a browser: without barriers, at every width."""

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.urls import reverse
from playwright.sync_api import expect

from articles import publishing
from articles.factories import make_image, make_live, republish
from articles.models import Edition
from articles.states import Kind
from newsroom.lib import clock
from newsroom.models import SiteSettings
from newsroom.tests.browser import close, sign_in, wait_until, watch

pytestmark = [pytest.mark.once, pytest.mark.browser, pytest.mark.django_db(transaction=True)]

LONG = "Donaudampfschifffahrtsgesellschaftskapitänswitwenverein"
BODY = (
    "<p>The bridge opens on {day}, says {long}.</p><h2>When on {day}</h2><ul><li>One</li><li>{day}</li></ul>"
    "<blockquote><p>Said so on {day}.</p></blockquote><pre><code>x = 1</code></pre>"
    "<table><thead><tr><th>Year</th><th>Share</th></tr></thead><tbody><tr><td>2026</td><td>{day}</td></tr></tbody></table>"
    '<figure data-image="{image}"><img alt="A bridge on {day}"><figcaption>Since {day}</figcaption></figure>'
    "<p>One.</p><p>Two.</p><p>Three.</p><p>Four.</p><p>Five.</p><p>Six.</p>"
)


def make_history(**fields: Any) -> Edition:
    """Four editions: the first, a hidden one, a correction and an update."""
    words = {"image": make_image().pk, "long": LONG}
    published = clock.now() - timedelta(days=900)
    edition = make_live(body=BODY.format(day="Monday", **words), published_at=published, lead=make_image(), **fields)
    hidden = republish(edition.article, body="<p>Libel.</p>")
    notice = "It opens on Friday."
    republish(edition.article, Kind.CORRECTION, notice, body=BODY.format(day="Friday", **words), standfirst="On Friday")
    publishing.hide_from_history(hidden, by=None, notice="Hidden after a ruling.")
    return republish(
        edition.article, body=BODY.format(day="Sunday", **words).replace("<p>Four.</p>", ""), kicker="Bridge"
    )


@pytest.fixture
def paths() -> dict[str, str]:
    SiteSettings(name="The Morning Ledger", undo_seconds=0).save()
    english = make_history(headline="Bridge opens")
    arabic = make_history(headline="الجسر يفتح", slug="الجسر", language="ar")
    past = reverse("admin:articles_article_live_at", args=[english.article_id])
    now = (clock.now() + timedelta(seconds=1)).strftime("%Y-%m-%dT%H:%M:%S")
    return {
        "record": f"{english.path}history/",
        "Arabic record": f"{arabic.path}history/",
        "article": english.path,
        "corrections": "/corrections/",
        "past": f"{past}?at={now}",
        "no past": f"{past}?at=2001-01-01T00:00",
        "no moment": f"{past}?at=x",
    }


PUBLIC = ("record", "Arabic record", "corrections")
STAFF = ("past", "no past", "no moment")


@pytest.fixture
def open_page(browser: Any, live_server: Any, paths: dict[str, str], bob: Any) -> Iterator[Any]:
    """Open a page: the newsroom's as bob."""
    opened = []

    def open_(name: str, width: int = 1280) -> Any:
        context = browser.new_context(viewport={"width": width, "height": 900})
        opened.append(context)
        page = context.new_page()
        watch(page)
        if name in STAFF:
            sign_in(page, live_server, bob)
        page.goto(live_server.url + paths[name])
        for whole in page.locator("details.change-whole").all():
            whole.locator("summary").click()
        return page

    yield open_
    for context in opened:
        close(context)


def barriers(page: Any) -> list[tuple[str, list[str]]]:
    """What axe finds: rules broken, and where."""
    found = Axe().run(page).response["violations"]
    return [(one["id"], [node["html"] for node in one["nodes"]]) for one in found]


@pytest.mark.parametrize("width", [1280, 360])
def test_the_record_and_the_view_of_the_past_have_no_barriers(open_page, width):
    for name in (*PUBLIC, *STAFF):
        page = open_page(name, width)
        assert page.troubles == [], name  # before axe comes, whose own styles the policy blocks
        for colours in ("light", "dark"):
            page.emulate_media(color_scheme=colours)
            wait_until(page, "document.getAnimations().every((each) => each.playState !== 'running')")
            assert barriers(page) == [], (name, colours)


def test_nothing_stands_over_the_edge(open_page):
    for name in (*PUBLIC, *STAFF):
        page = open_page(name)
        for width in (320, 360, 768, 1024, 1280, 1920):
            page.set_viewport_size({"width": width, "height": 900})
            assert page.evaluate("document.documentElement.scrollWidth") <= width, (name, width)


def test_a_reader_finds_from_a_correction_to_what_it_changed(open_page):
    page = open_page("corrections")
    page.get_by_role("link", name=re.compile("What has changed.*Bridge opens")).click()
    entry = page.locator("li:target")
    expect(entry.get_by_role("heading", name="Correction")).to_be_in_viewport()
    expect(entry.locator("del").filter(has_text="Monday").first).to_be_visible()
    expect(entry.locator("ins").filter(has_text="Friday").first).to_be_visible()
    page.get_by_role("link", name="Back to the article").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Bridge opens")
    page.get_by_role("link", name="What has changed").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("What has changed")


def test_an_arabic_record_runs_from_the_right(open_page):
    page = open_page("Arabic record")
    head, text = page.locator(".change-head").first.bounding_box(), page.locator(".change-text").first.bounding_box()
    assert head["x"] > text["x"]


def test_a_colleague_asks_for_another_moment_from_the_page_of_the_first(open_page):
    page = open_page("past")
    expect(page.get_by_text("Not the public page")).to_be_visible()
    expect(page.get_by_role("heading", level=1)).to_have_text("Bridge opens")
    page.get_by_label("Moment").fill("2001-01-01T00:00")
    page.get_by_role("button", name="Show").click()
    expect(page.get_by_text("it was not published yet")).to_be_visible()
    page.get_by_role("link", name="Back to the article").click()
    expect(page.get_by_role("link", name="What readers saw at a moment")).to_be_visible()
