"""The public pages in a browser: for everyone, at every width, in both directions, with and without scripts."""

from collections.abc import Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from articles import publishing
from articles.factories import make_author, make_image, make_live, make_section, make_tag
from articles.models import Article
from comments.factories import make_published
from newsroom.lib import clock
from newsroom.models import SiteSettings
from newsroom.tests.browser import close, watch
from subscribers.factories import make_newsletter

pytestmark = [pytest.mark.once, pytest.mark.browser, pytest.mark.django_db(transaction=True)]

LONG = "Donaudampfschifffahrtsgesellschaftskapitänswitwenverein"
BODY = (
    "<p>A first paragraph with <a href='https://example.org/'>a link</a>.</p><h2>A heading</h2><ul><li>One</li></ul>"
    "<blockquote><p>Said so.</p></blockquote><pre><code>x = 1</code></pre>"
    "<table><thead><tr><th>Year</th><th>Share</th></tr></thead><tbody><tr><td>2026</td><td>12</td></tr></tbody></table>"
)


@pytest.fixture
def paths() -> dict[str, str]:
    """A small site in two languages, and where to read it."""
    SiteSettings(name="The Morning Ledger", tagline="News with its sources", footer="12 Harbour Street").save()
    make_newsletter(name="The Week", slug="week")
    english, arabic = make_section("World", description="From everywhere"), make_section("Culture")
    author, topic = make_author("Amara Okafor", role="Foreign editor"), make_tag("Elections")
    for number in range(21):
        section = english if number % 2 else arabic
        make_live(slug=f"story-{number}", headline=f"Story {number} {LONG}", section=section, tags=[topic])
    gone = make_live(slug="gone")
    publishing.withdraw(gone.article, by=None, notice="It was wrong.", reason="error")
    article = make_live(
        headline="Bridge opens after ten years",
        standfirst="And the ferry stops",
        body=BODY,
        section=english,
        authors=[author],
        tags=[topic],
        lead=make_image(),
        translation_group="bridge",
        kicker="Analysis",
    )
    Article.objects.filter(pk=article.article_id).update(pinned_at=clock.now())
    make_published(article)
    translated = make_live(
        headline="الجسر يفتح بعد عشر سنوات",
        slug="الجسر",
        language="ar",
        section=arabic,
        body="<p>نص عربي مع English words في وسطه.</p>",
        translation_group="bridge",
    )
    long = make_live(
        slug="long", headline=LONG * 2, kicker=LONG, authors=[make_author(LONG, role=LONG)], tags=[make_tag(LONG)]
    )
    return {
        "front": "/",
        "article": article.path,
        "long words": long.path,
        "section": "/section/world/",
        "second page": "/latest/?page=2",
        "author": "/author/amara-okafor/",
        "corrections": "/corrections/",
        "search": "/search/?q=story&section=world",
        "nothing found": "/search/?q=xyz&from=2026-01-01",
        "bad question": "/search/?q=***",
        "404": "/nowhere/",
        "410": gone.path,
        "Arabic front": "/ar/",
        "Arabic article": translated.path,
        "Arabic search": "/ar/search/?q=جسر",
    }


@pytest.fixture
def open_page(browser: Any, live_server: Any, settings: Any, paths: dict[str, str]) -> Iterator[Any]:
    """Open a page of the site in a browser of its own; with all that it asks for in `page.asked`."""
    settings.CSRF_TRUSTED_ORIGINS = [live_server.url]
    opened = []

    def open_(name: str, width: int = 1280, **options: Any) -> Any:
        context = browser.new_context(viewport={"width": width, "height": 900}, **options)
        opened.append(context)
        page = context.new_page()
        watch(page)
        page.asked = []
        page.on("request", lambda request: page.asked.append(request.url))
        page.goto(live_server.url + paths[name])
        return page

    yield open_
    for context in opened:
        close(context)


NAMES = [
    "front",
    "article",
    "long words",
    "section",
    "second page",
    "author",
    "corrections",
    "search",
    "nothing found",
    "bad question",
    "404",
    "410",
    "Arabic front",
    "Arabic article",
    "Arabic search",
]


@pytest.mark.parametrize(("width", "colours"), [(1280, "light"), (360, "dark")])
def test_no_page_has_barriers(open_page, width, colours):
    for name in NAMES:
        page = open_page(name, width)
        page.emulate_media(color_scheme=colours)
        assert barriers(page) == [], name
        if "front" in name:
            page.locator(".menu summary").click()
            assert barriers(page) == [], (name, "menu open")


def barriers(page: Any) -> list[tuple[str, list[str]]]:
    """What axe finds: rules broken, and where."""
    found = Axe().run(page).response["violations"]
    return [(one["id"], [node["html"] for node in one["nodes"]]) for one in found]


def test_nothing_stands_over_the_edge(open_page):
    for name in NAMES:
        page = open_page(name)
        for width in (320, 360, 768, 1024, 1280, 1920):
            page.set_viewport_size({"width": width, "height": 900})
            assert page.evaluate("document.documentElement.scrollWidth") <= width, (name, width)


def test_the_browser_has_nothing_to_complain_of_and_asks_nobody_else(open_page, live_server):
    for name in NAMES:
        page = open_page(name)
        page.wait_for_load_state("networkidle")
        said = ("status of 400", "status of 404", "status of 410")
        assert [text for text in page.troubles if not any(status in text for status in said)] == [], name
        assert [url for url in page.asked if not url.startswith(live_server.url)] == [], name
        assert page.context.cookies() == [], name


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
def test_the_menu_opens_and_closes(open_page, scripts):
    page = open_page("front", 360, java_script_enabled=scripts)
    link = page.get_by_role("navigation", name="Menu").get_by_role("link", name="World")
    summary = page.locator(".menu summary")
    expect(summary).to_have_text("Menu", use_inner_text=True)
    expect(link).to_be_hidden()
    summary.click()
    expect(summary).to_have_text("Close", use_inner_text=True)
    expect(link).to_be_visible()
    summary.click()
    expect(link).to_be_hidden()


def test_the_menu_is_for_the_keyboard_too(open_page):
    page = open_page("front")
    summary, link = page.locator(".menu summary"), page.locator(".menu-panel a").first
    summary.focus()
    page.keyboard.press("Enter")
    expect(link).to_be_visible()
    page.keyboard.press("Tab")
    expect(page.get_by_role("searchbox")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    expect(link).to_be_focused()
    page.keyboard.press("Escape")
    expect(link).to_be_hidden()
    expect(summary).to_be_focused()


def test_the_first_key_offers_to_skip_to_the_content(open_page):
    page = open_page("article")
    page.keyboard.press("Tab")
    skip = page.get_by_role("link", name="Skip to the content")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()


def test_arabic_runs_from_the_right_and_leads_to_its_translation(open_page):
    page = open_page("Arabic article", 1280)
    headline = page.get_by_role("heading", level=1)
    assert headline.evaluate("node => getComputedStyle(node).direction") == "rtl"
    brand, menu = page.locator(".masthead .brand a").bounding_box(), page.locator(".menu").bounding_box()
    assert brand["x"] > menu["x"]
    page.locator(".translations a").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Bridge opens after ten years")
    assert page.locator("html").get_attribute("dir") == "ltr"


def test_an_article_is_readable_without_scripts(open_page):
    page = open_page("article", java_script_enabled=False)
    for words in ("Bridge opens after ten years", "And the ferry stops", "A first paragraph"):
        expect(page.get_by_text(words).first).to_be_visible()
    expect(page.get_by_role("heading", name="Latest news")).to_be_visible()
    expect(page.get_by_role("button", name="Subscribe")).to_be_visible()


def test_paper_gets_the_article_and_no_menus(open_page):
    page = open_page("article")
    page.emulate_media(media="print")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    for selector in (".menu", ".strip", ".latest", ".newsletter", ".skip"):
        expect(page.locator(selector)).to_be_hidden()


def test_whoever_wants_no_motion_gets_none(open_page):
    page = open_page("article", reduced_motion="reduce")
    assert page.evaluate("getComputedStyle(document.documentElement).scrollBehavior") == "auto"


def test_a_reader_searches_by_keyboard_from_any_page_without_scripts(open_page):
    page = open_page("author", 360, java_script_enabled=False)
    page.locator(".menu summary").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(page.get_by_role("searchbox", name="Words to search for")).to_be_focused()
    page.keyboard.type("ferry bridge")
    page.keyboard.press("Enter")
    expect(page.get_by_role("searchbox")).to_have_value("ferry bridge")
    expect(page.locator(".found h3")).to_have_text(["Bridge opens after ten years"])
    expect(page.locator(".found mark")).to_have_text(["Bridge", "ferry"])
