"""Signed out while somebody types: they sign in again in place, and the text is theirs alone."""

from typing import Any

import pytest
from django.contrib.sessions.models import Session
from playwright.sync_api import expect

from articles.models import Article, Autosave
from newsroom.testing import make_user
from newsroom.tests.browser import sign_in
from newsroom.tests.writing_desk import (  # noqa: F401 they are fixtures
    OFFER,
    PASSWORD,
    STATUS,
    Device,
    change,
    devices,
    headline,
    kept,
    opened,
    reporter,
    save,
    saved_article,
    stored,
    type_headline,
)

pytestmark = [pytest.mark.once, pytest.mark.browser, pytest.mark.django_db(transaction=True)]

DIALOG = "#sign-in-again"


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
    expect(page.locator(STATUS)).to_contain_text("has reached the server again")
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


def test_a_form_that_ended_at_the_login_stands_there_again_after_it_and_is_saved_by_a_press(
    device: Device, article: Article
) -> None:
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
    assert headline(page) == "Ended at the login"
    expect(page.locator(OFFER)).to_be_hidden()
    assert stored(article).headline != "Ended at the login"
    save(page)
    assert stored(article).headline == "Ended at the login"
    assert not Autosave.objects.exclude(number=2**31 - 1).exists()


def test_signing_in_again_in_another_tab_is_noticed(device: Device, article: Article, live_server: Any) -> None:
    page = signed_out_while_typing(device, article)
    page.locator(f"{DIALOG} [data-later]").click()
    expect(page.locator("[data-sign-in]")).to_be_visible()
    sign_in(page, live_server, article.owner)
    page.context.clear_cookies(name="csrftoken")
    page.evaluate("window.dispatchEvent(new Event('focus'))")
    expect(page.locator(STATUS)).to_contain_text("has reached the server again")
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
