"""An article's form in a browser, for tests of what is kept of what is typed into it."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from articles import autosave
from articles.factories import make_article
from articles.models import Article
from newsroom.models import User
from newsroom.roles import apply
from newsroom.testing import make_user
from newsroom.tests.browser import EDITOR, close, focus_editor, sign_in, wait_until, watch

STATUS, OFFER = "#writing-status", "#writing-offer"
ADD = reverse("admin:articles_article_add")
PASSWORD = "correct horse battery staple"


def change(article: Article) -> str:
    return reverse("admin:articles_article_change", args=[article.pk])


@pytest.fixture(name="alice")
def reporter(db: None) -> User:
    """A reporter with a password: the tables are emptied between these tests, and the groups with them."""
    apply()
    user = make_user("alice", "reporter")
    user.set_password(PASSWORD)
    user.save()
    return user


@pytest.fixture(name="article")
def saved_article(alice: User) -> Article:
    return make_article(by=alice, headline="Saved headline", body="<p>Saved text.</p>")


Device = Callable[..., Any]


@pytest.fixture(name="device")
def devices(browser: Any, live_server: Any, alice: User) -> Iterator[Device]:
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
        close(context)


def opened(page: Any, path: str = "") -> Any:
    """`page` at `path`, or loaded again, with its editor ready."""
    assert (page.goto(path) if path else page.reload()).ok
    wait_until(page, f"window.CKEDITOR && {EDITOR}?.status === 'ready'")
    return page


def type_headline(page: Any, text: str) -> None:
    page.get_by_label("Headline").fill(text)


def type_body(page: Any, text: str) -> None:
    focus_editor(page)
    page.evaluate(
        f"""() => {{ const editor = {EDITOR}; const range = editor.createRange();
        range.moveToElementEditEnd(editor.editable()); range.select(); }}"""
    )
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
