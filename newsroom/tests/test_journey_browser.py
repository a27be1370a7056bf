"""The main job from end to end: imported, edited, reviewed, published, read; and an update that comes by itself."""

import io
import os
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.management import call_command
from playwright.sync_api import expect

from articles.factories import make_image
from articles.models import Article, Edition
from articles.states import Public, Status
from newsroom.lib import clock
from newsroom.models import SiteSettings
from newsroom.testing import make_user
from newsroom.tests.browser import close, sign_in, watch

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

REAL = "articles-18f/content/posts/2016-07-13-3-ways-for-digital-acqusition-teams-to-work-better.md"
OWN = """---
title: Three ways to cross a river
date: 2016-07-13
authors: [ada-writer]
excerpt: A bridge is not always the first of them.
---
The river is wide. Nobody has crossed it on foot.

## A boat

It leaves at seven.
"""


@pytest.fixture
def article(tmp_path):
    """A real article of other people, imported; where that material is not at hand, a small one of our own."""
    source = Path(os.environ.get("NEWSROOM_TEST_DATA", "/nowhere")) / REAL
    if not source.exists():
        source = tmp_path / "river.md"
        source.write_text(OWN)
    call_command("import_articles", str(source), format="markdown", stdout=io.StringIO())
    return Article.objects.get()


@pytest.fixture
def people(browser, live_server):
    """`people(name, role)`: a page in a browser of their own, signed in."""
    contexts = []

    def person(name, role=None):
        context = browser.new_context(viewport={"width": 1280, "height": 1000})
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(20_000)
        watch(page)
        if role:
            sign_in(page, live_server, make_user(name, role))
        return page

    yield person
    for context in contexts:
        close(context)


def text_of(page):
    area = page.locator(".cke_wysiwyg_div")
    area.wait_for()
    return area


def put_picture(page, caption, alt, credit):
    """Put the library's only picture at the end of the text, with words of its own."""
    page.locator(".cke_button__newsfigure").click()
    page.locator(".picture-library .picture-grid button").first.click()
    page.locator(".picture-words [data-word=alt]").fill(alt)
    page.locator(".picture-words [data-word=credit]").fill(credit)
    line = page.locator(".cke_wysiwyg_div figcaption").last
    line.click()
    page.locator(".cke_wysiwyg_div figcaption.cke_widget_editable_focused").wait_for()
    page.keyboard.type(caption)


def choose_lead(page, words):
    """Make the picture whose name has these words the lead image."""
    page.locator("#image_uses-group .add-row a").click()
    row = page.locator(".dynamic-image_uses").last
    row.locator(".select2-selection").click()
    page.locator(".select2-dropdown .select2-search__field").fill(words)
    page.locator(".select2-results__option", has_text=words).first.click()


def press(page, verb):
    with page.expect_navigation():  # the form asks first whether its sender is still signed in
        page.locator(f"button[name=_verb][value={verb}]").click()


def test_an_article_goes_from_import_to_reader(live_server, people, article):
    SiteSettings(undo_seconds=0).save()
    make_image(file_name="harbour wall.png", alt="A wall", caption="The harbour wall", credit="Ada")
    form = f"{live_server.url}/admin/articles/article/{article.pk}/change/"
    path = Edition.objects.live().get().path

    alice = people("alice", "reporter")
    alice.goto(form)
    area = text_of(alice)
    area.click()
    alice.keyboard.press("Control+End")
    alice.keyboard.press("Enter")
    alice.keyboard.type("A sentence that Alice added with care.")
    put_picture(alice, "What the wall looked like", "A wall of grey stones", "Photo: Alice")
    choose_lead(alice, "harbour wall")
    press(alice, "submit")
    article.refresh_from_db()
    assert article.status == Status.IN_REVIEW, alice.locator(".messagelist, .errornote").all_inner_texts()
    assert alice.troubles == []

    reader = people("reader")
    reader.goto(live_server.url + path)
    assert "Alice added" not in reader.content(), "readers saw an unpublished text"

    bob = people("bob", "section editor")
    bob.goto(form)
    expect(text_of(bob)).to_contain_text("A sentence that Alice added with care.")
    press(bob, "approve")
    press(bob, "update")
    article.refresh_from_db()
    assert article.status == Status.APPROVED, bob.locator(".messagelist, .errornote").all_inner_texts()
    assert bob.troubles == []

    reader.reload()
    expect(reader.locator("article")).to_contain_text("A sentence that Alice added with care.")
    figure = reader.locator("article figure", has_text="What the wall looked like")
    expect(figure).to_contain_text("Photo: Alice")
    expect(reader.locator("article figure", has_text="The harbour wall")).to_be_visible()
    assert reader.troubles == []


def test_an_update_comes_at_its_second_with_no_worker_running(live_server, people, article):
    article.headline = "Before the update"
    path = Edition.objects.live().get().path
    form = f"{live_server.url}/admin/articles/article/{article.pk}/change/"

    anton = people("anton", "reporter")
    anton.goto(form)
    text_of(anton)
    anton.fill("#id_headline", "After the update")
    press(anton, "submit")
    reader = people("reader")
    reader.goto(live_server.url + path)
    before = reader.locator("h1").inner_text()
    assert before != "After the update"

    berta = people("berta", "section editor")
    berta.goto(form)
    press(berta, "approve")
    start = schedule_soon(berta, f"{live_server.url}/admin/articles/article/{article.pk}/verb/schedule/")

    assert Edition.objects.get(headline="After the update").live_from == start
    seen = []
    while clock.now() < start + timedelta(seconds=1):
        asked = clock.now()
        reader.goto(live_server.url + path)
        seen.append((asked, clock.now(), reader.locator("h1").inner_text()))
    assert all(headline == before for _, answered, headline in seen if answered < start)
    after = [headline for asked, _, headline in seen if asked >= start]
    assert after and set(after) == {"After the update"}, seen
    assert Article.objects.with_public_state(clock.now()).get().public == Public.LIVE


def schedule_soon(page, address):
    """Schedule the update two seconds ahead, as it is typed; once more where a slow machine took longer to send it."""
    for _attempt in range(5):
        page.goto(address)
        start = clock.now().replace(microsecond=0) + timedelta(seconds=3)
        page.fill("[name=starts_at]", start.strftime("%Y-%m-%dT%H:%M:%S"))
        with page.expect_navigation():
            page.locator(".submit-row [type=submit]").click()
        if Edition.objects.filter(headline="After the update").exists():
            return start
    raise AssertionError(page.locator("#content").inner_text())
