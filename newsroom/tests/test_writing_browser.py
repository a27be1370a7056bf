"""Nothing typed is lost: in a real browser that is left, killed, or without its server."""

import threading
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from articles import autosave
from articles.admin.articles import ArticleAdmin
from articles.factories import edit, make_article, make_author, make_image, make_section, make_tag
from articles.models import Article, Autosave
from newsroom.models import User
from newsroom.tests.browser import sign_in, wait_until, watch
from newsroom.tests.faults.profile import Profile
from newsroom.tests.writing_desk import (  # noqa: F401 they are fixtures
    ADD,
    EDITOR,
    OFFER,
    STATUS,
    Device,
    change,
    devices,
    headline,
    headlines,
    kept,
    opened,
    reporter,
    save,
    saved_article,
    stored,
    type_body,
    type_headline,
)

pytestmark = [pytest.mark.once, pytest.mark.browser, pytest.mark.django_db(transaction=True)]


# Kept while it is typed -------------------------------------------------------------------


def test_what_is_typed_is_offered_on_another_device_and_restored(device: Device, article: Article) -> None:
    page = device(change(article))
    type_headline(page, "Typed headline")
    type_body(page, " Typed text.")
    kept(page)
    assert article.revisions.count() == 1
    assert page.troubles == []

    other = device(change(article))
    expect(other.locator(OFFER)).to_contain_text("on another device")
    other.locator(f"{OFFER} [data-compare]").click()
    expect(other.locator(f"{OFFER} table")).to_contain_text("Typed headline")
    other.locator(f"{OFFER} [data-restore]").click()
    expect(other.locator(OFFER)).to_be_hidden()
    assert headline(other) == "Typed headline"
    wait_until(other, f"{EDITOR}.getData().includes('Saved text. Typed text.')")
    save(other)
    assert stored(article).headline == "Typed headline"
    assert article.body == "<p>Saved text. Typed text.</p>"
    assert not autosave.unsaved_of(article.owner).exists()
    expect(other.locator(OFFER)).to_be_hidden()
    assert other.troubles == []


def test_rows_choices_and_pictures_are_restored_with_the_text(device: Device, alice: User) -> None:
    author, tag, image = make_author("Bo Second"), make_tag("Harbour"), make_image()
    article = make_article(by=alice, tags=[make_tag("Old topic")])
    page = device(change(article))
    page.locator("#bylines-group .add-row a").click()
    page.locator("#image_uses-group .add-row a").click()
    page.evaluate(
        """([author, tag, image]) => { const $ = django.jQuery;
        const choose = (name, key, label, more) => { const select = document.querySelector(`[name=${name}]`);
          if (!more) for (const one of select.options) one.selected = false;
          select.add(new Option(label, key, true, true)); $(select).trigger("change"); };
        choose("bylines-1-author", author, "Bo Second"); choose("tags", tag, "Harbour");
        choose("image_uses-0-image", image, "A picture"); }""",
        [author.pk, tag.pk, image.pk],
    )
    page.locator("[name=image_uses-0-caption]").fill("Own caption")
    page.locator("[name=bylines-1-position]").fill("5")
    kept(page)

    other = device(change(article))
    other.locator("[data-restore]").click()
    expect(other.locator("#id_tags + .select2")).to_contain_text("Harbour")
    expect(other.locator("#bylines-1 .select2")).to_contain_text("Bo Second")
    save(other)
    assert [byline.author.name for byline in stored(article).bylines.all()] == ["Ada Writer", "Bo Second"]
    assert [tag.name for tag in article.tags.all()] == ["Harbour"]
    assert article.image_uses.get().caption == "Own caption"


def test_a_new_article_is_offered_back_and_saved_once(device: Device, alice: User) -> None:
    make_section("News")
    page = device(ADD)
    type_headline(page, "Never saved")
    kept(page)
    other = device(ADD)
    expect(other.locator(OFFER)).to_contain_text("Never saved")
    other.locator("[data-restore]").click()
    save(other)
    assert Article.objects.get().headline == "Never saved"
    opened(other, ADD)
    expect(other.locator(OFFER)).to_be_hidden()


def test_discarding_forgets_the_text_everywhere(device: Device, article: Article) -> None:
    page = device(change(article))
    type_headline(page, "Not wanted")
    kept(page)
    opened(page)
    page.locator(f"{OFFER} [data-discard]").click()
    expect(page.locator(STATUS)).to_have_text("It was discarded.")
    opened(page)
    page.wait_for_timeout(400)
    expect(page.locator(OFFER)).to_be_hidden()
    assert not autosave.unsaved_of(article.owner).exists()


def test_what_stood_in_the_form_is_set_aside_when_something_older_is_restored(device: Device, article: Article) -> None:
    page = device(change(article))
    type_headline(page, "First")
    kept(page)
    opened(page)
    expect(page.locator(OFFER)).to_contain_text("First")
    type_headline(page, "Second")
    kept(page)
    page.locator("[data-restore]").click()
    expect(page.locator(OFFER)).to_contain_text("Second")
    assert headline(page) == "First"
    page.locator("[data-restore]").click()
    expect(page.locator(OFFER)).to_contain_text("First")
    assert headline(page) == "Second"


def test_two_windows_of_one_editor_keep_both_texts(device: Device, article: Article) -> None:
    page = device(change(article))
    second = page.context.new_page()
    watch(second)
    opened(second, change(article))
    type_headline(page, "In the first")
    type_headline(second, "In the second")
    kept(page)
    kept(second)
    assert sorted(headlines(article)) == ["In the first", "In the second"]
    opened(second)
    expect(second.locator(f"{OFFER} article")).to_have_count(2)
    expect(second.locator(OFFER)).to_contain_text("which is still open")


def test_typing_sends_no_flood(device: Device, article: Article) -> None:
    page = device(change(article))
    sent = []
    page.on("request", lambda request: request.url.endswith("/autosave/") and sent.append(request))
    page.get_by_label("Headline").press_sequentially("thirty letters, typed in a row", delay=20)
    kept(page)
    assert len(sent) == 1
    assert article.revisions.count() == 1


def test_a_save_based_on_an_older_text_ends_at_both_texts(device: Device, article: Article) -> None:
    page = device(change(article))
    type_headline(page, "Mine, typed before")
    kept(page)
    edit(stored(article), by=None, headline="Saved by a colleague")
    opened(page)
    expect(page.locator(OFFER)).to_contain_text("The article was saved since")
    page.locator("[data-restore]").click()
    save(page)
    assert stored(article).headline == "Saved by a colleague"
    expect(page.locator(".theirs, [role=alert]").first).to_be_visible()


def test_what_is_typed_while_a_save_is_on_its_way_is_offered_afterwards(
    device: Device, article: Article, monkeypatch: Any
) -> None:
    posts, usual = [], ArticleAdmin.changeform_view

    def slow(self: Any, request: Any, *args: Any, **kwargs: Any) -> Any:
        if request.method == "POST":
            posts.append(request)
            threading.Event().wait(2)
        return usual(self, request, *args, **kwargs)

    monkeypatch.setattr(ArticleAdmin, "changeform_view", slow)
    page = device(change(article))
    type_headline(page, "Saved slowly")
    kept(page)
    # Planned beforehand: while the answer is awaited, Playwright waits too.
    page.evaluate(
        """() => document.querySelector("#article_form").addEventListener("submit", (event) => {
        if (!event.defaultPrevented) setTimeout(() => {
          document.querySelector("[name=_continue]").click();
          const field = document.querySelector("#id_headline"); field.value = "Typed after it";
          field.dispatchEvent(new Event("input", { bubbles: true })); }, 300); })"""
    )
    save(page)
    expect(page.locator(OFFER)).to_contain_text("Typed after it")
    assert len(posts) == 1
    assert stored(article).headline == "Saved slowly"


# Without a server -------------------------------------------------------------------------


def test_without_a_server_the_browser_keeps_the_text_and_brings_it_when_it_is_back(
    device: Device, article: Article
) -> None:
    page = device(change(article))
    page.context.set_offline(True)
    type_headline(page, "Typed offline")
    expect(page.locator(STATUS)).to_contain_text("Kept on this device only since")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator(STATUS)).to_contain_text("Nothing was sent")
    assert headline(page) == "Typed offline"
    assert not Autosave.objects.exists()
    page.context.set_offline(False)
    expect(page.locator(f"{STATUS}[data-state=back]")).to_contain_text("has reached the server again")
    assert headlines(article) == ["Typed offline"]


def test_a_text_typed_offline_is_brought_by_the_next_form_of_any_article(device: Device, article: Article) -> None:
    page = device(change(article))
    page.context.set_offline(True)
    type_headline(page, "Typed offline")
    expect(page.locator(STATUS)).to_contain_text("this device only")
    page.close()
    context = page.context
    context.set_offline(False)
    elsewhere = context.new_page()
    with elsewhere.expect_response("**/autosave/"):
        opened(elsewhere, change(make_article(by=article.owner)))
    assert headlines(article) == ["Typed offline"]
    opened(elsewhere, change(article))
    expect(elsewhere.locator(OFFER)).to_contain_text("Typed offline")


def test_saving_a_text_that_the_editor_spells_in_its_own_way_asks_nothing(device: Device, alice: User) -> None:
    article = make_article(by=alice, body="<p>One paragraph.</p><p>Another one.</p>")
    page = device(change(article))
    asked: list[str] = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    type_headline(page, "Typed headline")
    kept(page)
    save(page)
    assert stored(article).headline == "Typed headline"
    assert asked == []
    assert not autosave.unsaved_of(alice).exists()
    expect(page.locator(OFFER)).to_be_hidden()


def test_leaving_asks_only_while_the_text_is_kept_nowhere(device: Device, article: Article) -> None:
    page = device(change(article))
    asked = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    type_headline(page, "Kept")
    kept(page)
    page.get_by_role("link", name="Home").click()
    expect(page.get_by_role("heading", name="Dashboard")).to_be_visible()
    assert asked == []

    page.add_init_script("IDBFactory.prototype.open = () => { throw new Error('no storage'); }")
    page.route("**/autosave/", lambda route: route.abort())
    opened(page, change(article))
    type_headline(page, "Kept nowhere")
    expect(page.locator(STATUS)).to_contain_text("Nothing you type is kept now")
    page.get_by_role("link", name="Home").click()
    expect(page.get_by_role("heading", name="Dashboard")).to_be_visible()
    assert asked == ["beforeunload"]


# Killed -----------------------------------------------------------------------------------


def test_a_browser_that_is_killed_while_somebody_types_offers_the_text_when_it_is_opened_again(
    browser: Any, live_server: Any, article: Article, tmp_path: Path
) -> None:
    profile = Profile(browser.browser_type, tmp_path / "profile")

    def desk() -> Any:
        page = profile.open()
        watch(page)
        sign_in(page, live_server, article.owner)
        return opened(page, live_server.url + change(article))

    try:
        page = desk()
        page.route("**/autosave/", lambda route: route.abort())
        type_body(page, " Typed before the end")
        page.wait_for_timeout(1_300)
        profile.kill()
        assert not Autosave.objects.exists()
        page = desk()
        expect(page.locator(OFFER)).to_contain_text("You typed this at")
        page.locator("[data-restore]").click()
        wait_until(page, f"{EDITOR}.getData().includes('Typed before the end')")
        save(page)
        assert stored(article).body == "<p>Saved text. Typed before the end</p>"
    finally:
        profile.kill()
