"""Nothing typed is lost: in a real browser that is killed, that loses its server, or that is signed out meanwhile."""

import contextlib
import os
import shutil
import signal
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.urls import reverse
from playwright.sync_api import expect

from articles import autosave
from articles.admin.articles import ArticleAdmin
from articles.factories import edit, make_article, make_author, make_image, make_section, make_tag
from articles.models import Article, Autosave
from newsroom.models import User
from newsroom.roles import apply
from newsroom.testing import make_user
from newsroom.tests.browser import FLAGS, sign_in, wait_until, watch

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

EDITOR = "CKEDITOR.instances.id_body"
STATUS, OFFER, DIALOG = "#writing-status", "#writing-offer", "#sign-in-again"
ADD = reverse("admin:articles_article_add")
PASSWORD = "correct horse battery staple"


def change(article: Article) -> str:
    return reverse("admin:articles_article_change", args=[article.pk])


@pytest.fixture
def alice(db: None) -> User:
    """A reporter with a password: the tables are emptied between these tests, and the groups with them."""
    apply()
    user = make_user("alice", "reporter")
    user.set_password(PASSWORD)
    user.save()
    return user


@pytest.fixture
def article(alice: User) -> Article:
    return make_article(by=alice, headline="Saved headline", body="<p>Saved text.</p>")


Device = Callable[..., Any]


@pytest.fixture
def device(browser: Any, live_server: Any, alice: User) -> Iterator[Device]:
    """A browser of its own with somebody signed in, at a path."""
    contexts = []

    def open_device(path: str, user: User = alice, **options: Any) -> Any:
        context = browser.new_context(base_url=live_server.url, viewport={"width": 1280, "height": 900}, **options)
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(15_000)
        watch(page)
        sign_in(page, live_server, user)
        opened(page, path)
        return page

    yield open_device
    for context in contexts:
        context.close()


def opened(page: Any, path: str = "") -> Any:
    """`page` at `path`, or loaded again, with its editor ready."""
    assert (page.goto(path) if path else page.reload()).ok
    wait_until(page, f"window.CKEDITOR && {EDITOR}?.status === 'ready'")
    return page


def type_headline(page: Any, text: str) -> None:
    page.get_by_label("Headline").fill(text)


def type_body(page: Any, text: str) -> None:
    page.evaluate(
        f"""() => {{ const editor = {EDITOR}; editor.focus(); const range = editor.createRange();
        range.moveToElementEditEnd(editor.editable()); range.select(); }}"""
    )
    wait_until(page, f"{EDITOR}.focusManager.hasFocus")
    page.keyboard.type(text)


def kept(page: Any) -> None:
    expect(page.locator(f"{STATUS}[data-state=kept]")).to_be_attached()


def headline(page: Any) -> str:
    return page.get_by_label("Headline").input_value()


def save(page: Any) -> None:
    with page.expect_navigation():
        page.get_by_role("button", name="Save", exact=True).click()


def stored(article: Article) -> Article:
    article.refresh_from_db()
    return article


def headlines(article: Article) -> list[str]:
    """As the server keeps them, newest first."""
    slots = autosave.slots_of(article.owner, article)
    return [value for slot in slots for name, value, *_label in slot.typed if name == "headline"]


class Profile:
    """A browser with its profile on the disk, which can be killed and opened again."""

    def __init__(self, browser: Any, live_server: Any, user: User, folder: Path) -> None:
        self.type, self.live_server, self.user, self.folder = browser.browser_type, live_server, user, folder

    def open(self, path: str) -> Any:
        chromium = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
        self.context = self.type.launch_persistent_context(
            self.folder, executable_path=chromium, args=FLAGS, base_url=self.live_server.url
        )
        page = self.context.new_page()
        watch(page)
        sign_in(page, self.live_server, self.user)
        return opened(page, path)

    def kill(self) -> None:
        """As kill -9, of all its processes."""
        [leader] = [
            int(process.name)
            for process in Path("/proc").iterdir()
            if process.name.isdecimal() and self._is_browser(process)
        ]
        os.killpg(leader, signal.SIGKILL)
        with contextlib.suppress(Exception):
            self.context.close()

    def _is_browser(self, process: Path) -> bool:
        try:
            words = (process / "cmdline").read_bytes().decode().split("\0")
        except OSError:
            return False
        return f"--user-data-dir={self.folder}" in words and not any(word.startswith("--type=") for word in words)

    def close(self) -> None:
        self.context.close()


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
    expect(page.locator(STATUS)).to_contain_text("Saved on this device only since")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator(STATUS)).to_contain_text("Nothing was sent")
    assert headline(page) == "Typed offline"
    assert not Autosave.objects.exists()
    page.context.set_offline(False)
    expect(page.locator(f"{STATUS}[data-state=back]")).to_contain_text("answers again")
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


# Signed out -------------------------------------------------------------------------------


def signed_out_while_typing(device: Device, article: Article) -> Any:
    page = device(change(article))
    Session.objects.all().delete()
    type_headline(page, "Typed while signed out")
    expect(page.locator(DIALOG)).to_be_visible()
    return page


def give_password(page: Any, password: str = PASSWORD) -> None:
    page.locator(f"{DIALOG} [name=password]").fill(password)
    page.locator(f"{DIALOG} [type=submit]").click()


def test_who_is_signed_out_while_typing_signs_in_again_in_place_and_saves(device: Device, article: Article) -> None:
    page = signed_out_while_typing(device, article)
    expect(page.locator(f"{DIALOG} [name=password]")).to_be_focused()
    assert page.locator(f"{DIALOG} [name=username]").input_value() == "alice"
    give_password(page, "wrong")
    expect(page.locator(f"{DIALOG} [data-error]")).to_contain_text("password")
    give_password(page)
    expect(page.locator(DIALOG)).to_be_hidden()
    expect(page.locator(STATUS)).to_contain_text("is kept")
    save(page)
    assert stored(article).headline == "Typed while signed out"


def test_a_form_sent_while_signed_out_is_sent_after_signing_in(device: Device, article: Article) -> None:
    page = device(change(article))
    type_headline(page, "Sent while signed out")
    kept(page)
    Session.objects.all().delete()
    page.evaluate("window.clock = Date.now; Date.now = () => window.clock() + 60_000")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator(DIALOG)).to_be_visible()
    with page.expect_navigation():
        give_password(page)
    assert stored(article).headline == "Sent while signed out"
    expect(page.locator(OFFER)).to_be_hidden()


def test_a_form_that_ended_at_the_login_is_offered_after_it(device: Device, article: Article) -> None:
    page = device(change(article))
    type_headline(page, "Ended at the login")
    page.wait_for_timeout(700)
    Session.objects.all().delete()
    with page.expect_navigation():
        page.evaluate("document.getElementById('article_form').submit()")
    page.locator("[name=username]").fill("alice")
    page.locator("[name=password]").fill(PASSWORD)
    with page.expect_navigation():
        page.locator("[type=submit]").click()
    expect(page.locator(OFFER)).to_contain_text("Ended at the login")


def test_signing_in_again_in_another_tab_is_noticed(device: Device, article: Article, live_server: Any) -> None:
    page = signed_out_while_typing(device, article)
    page.locator(f"{DIALOG} [data-later]").click()
    expect(page.locator("[data-sign-in]")).to_be_visible()
    sign_in(page, live_server, article.owner)
    page.context.clear_cookies(name="csrftoken")
    page.evaluate("window.dispatchEvent(new Event('focus'))")
    expect(page.locator(STATUS)).to_contain_text("is kept")
    expect(page.locator("[data-sign-in]")).to_be_hidden()
    save(page)
    assert stored(article).headline == "Typed while signed out"


def test_somebody_elses_login_is_told_and_saves_nothing_of_the_text(
    device: Device, article: Article, live_server: Any
) -> None:
    bob = make_user("bob", "section editor")
    page = device(change(article))
    sign_in(page, live_server, bob)
    type_headline(page, "Alice's text")
    expect(page.locator(f"{DIALOG} [data-error]")).to_contain_text("bob is signed in here now")
    assert not Autosave.objects.exists()
    give_password(page)
    expect(page.locator(DIALOG)).to_be_hidden()
    save(page)
    assert stored(article).revision.author == article.owner


def test_an_account_that_is_locked_says_so_in_the_dialog(device: Device, article: Article, settings: Any) -> None:
    settings.AXES_FAILURE_LIMIT = 2
    page = signed_out_while_typing(device, article)
    for _attempt in range(3):
        give_password(page, "wrong")
        page.wait_for_timeout(300)
    expect(page.locator(f"{DIALOG} [data-error]")).to_contain_text("locked for about fifteen minutes")
    assert headline(page) == "Typed while signed out"


def test_another_user_of_the_same_machine_is_not_offered_the_text(
    device: Device, article: Article, live_server: Any
) -> None:
    page = device(change(article))
    page.route("**/autosave/", lambda route: route.abort())
    type_headline(page, "Alice's own")
    expect(page.locator(STATUS)).to_contain_text("this device only")
    page.unroute("**/autosave/")
    sign_in(page, live_server, make_user("bob", "section editor"))
    opened(page, change(article))
    page.wait_for_timeout(500)
    expect(page.locator(OFFER)).to_be_hidden()
    assert "Alice's own" not in page.content()
    sign_in(page, live_server, article.owner)
    opened(page, change(article))
    expect(page.locator(OFFER)).to_contain_text("Alice's own")


# Killed -----------------------------------------------------------------------------------


def test_a_browser_that_is_killed_while_somebody_types_offers_the_text_when_it_is_opened_again(
    browser: Any, live_server: Any, article: Article, tmp_path: Any
) -> None:
    profile = Profile(browser, live_server, article.owner, tmp_path / "profile")
    page = profile.open(change(article))
    page.route("**/autosave/", lambda route: route.abort())
    type_body(page, " Typed before the end")
    page.wait_for_timeout(1_300)
    profile.kill()
    assert not Autosave.objects.exists()
    page = profile.open(change(article))
    expect(page.locator(OFFER)).to_contain_text("You typed this at")
    page.locator("[data-restore]").click()
    wait_until(page, f"{EDITOR}.getData().includes('Typed before the end')")
    save(page)
    assert stored(article).body == "<p>Saved text. Typed before the end</p>"
    profile.close()
