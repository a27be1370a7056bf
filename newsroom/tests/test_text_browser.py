"""Two people who write at once, and the revisions, in a browser: by keyboard, at every width, for every eye."""

import re
from typing import Any

import pytest
from django.db import transaction
from django.urls import reverse
from playwright.sync_api import expect

from articles.factories import edit, make_article, make_image
from articles.models import Article, ArticleImage
from newsroom.models import User
from newsroom.testing import make_user
from newsroom.tests.test_admin_browser import Open, barriers, open_as, roles

__all__ = ["open_as", "roles"]

pytestmark = [pytest.mark.once, pytest.mark.browser, pytest.mark.django_db(transaction=True)]

BODY = "<p>It rained all night.</p><p>The bridge closed at noon.</p><p>Nobody was hurt.</p>"


@pytest.fixture
def alice(roles: None) -> User:
    return make_user("alice", "reporter")


@pytest.fixture
def article(alice: User) -> Article:
    return make_article(by=alice, headline="First", body=BODY, lead=make_image())


def address(article: Article, name: str) -> str:
    return reverse(f"admin:articles_article_{name}", args=[article.pk])


def stored(article: Article) -> Article:
    return Article.objects.get(pk=article.pk)


def colleague_saves(article: Article, **fields: Any) -> None:
    with transaction.atomic():
        ArticleImage.objects.filter(article=article).update(caption="Their caption")
        edit(stored(article), by=make_user("bob", "section editor"), **fields)


def type_body(page: Any, before: str, after: str) -> None:
    page.locator(".cke_wysiwyg_div[role]").wait_for()
    script = "([a, b]) => CKEDITOR.instances.id_body.setData(CKEDITOR.instances.id_body.getData().replace(a, b))"
    page.evaluate(script, [before, after])
    expect(page.locator(".cke_wysiwyg_div")).to_contain_text(after)


def save(page: Any) -> None:
    page.locator(".submit-row [name=_continue]").click()


@pytest.mark.parametrize(("width", "dark"), [(1280, False), (360, True)])
def test_a_clash_is_decided_by_keyboard_and_both_texts_are_saved(
    open_as: Open, article: Article, alice: User, width: int, dark: bool
) -> None:
    page = open_as(alice, address(article, "change"), width=width, dark=dark)
    page.locator("#id_headline").fill("Mine")
    type_body(page, "all night", "all night long")
    colleague_saves(article, headline="Theirs", body=BODY.replace("noon", "one"))
    save(page)
    expect(page.locator("#conflict")).to_contain_text("Two people wrote at once")
    expect(page.locator("#id_headline")).to_have_value("Mine")
    assert barriers(page) == []
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    page.get_by_label("What you wrote here").focus()
    page.keyboard.press("ArrowDown")
    expect(page.get_by_label("What Bob saved")).to_be_checked()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("#conflict")).to_contain_text("put together in the form below")
    expect(page.locator("#id_headline")).to_have_value("Theirs")
    expect(page.locator(".cke_wysiwyg_div")).to_contain_text("It rained all night long.")
    page.get_by_text("What came into your text").click()
    assert barriers(page) == []
    save(page)
    expect(page.locator(".messagelist .success")).to_be_visible()
    saved = stored(article)
    assert (saved.headline, saved.body) == ("Theirs", BODY.replace("noon", "one").replace("night", "night long"))
    assert ArticleImage.objects.get(article=article).caption == "Their caption"
    assert page.troubles == []


def test_loading_the_page_of_a_conflict_again_or_going_back_overwrites_nothing(
    open_as: Open, article: Article, alice: User
) -> None:
    page = open_as(alice, address(article, "change"))
    page.locator("#id_headline").fill("Mine")
    colleague_saves(article, headline="Theirs")
    save(page)
    expect(page.locator("#conflict")).to_be_visible()
    page.once("dialog", lambda dialog: dialog.accept())
    page.reload()
    expect(page.locator("#conflict fieldset")).to_have_count(1)
    page.go_back()
    page.locator("#id_headline").wait_for()
    assert (stored(article).headline, article.revisions.count()) == ("Theirs", 2)


def test_two_revisions_are_chosen_compared_and_the_older_one_restored(
    open_as: Open, article: Article, alice: User
) -> None:
    edit(article, by=alice, headline="Second")
    edit(article, by=alice, headline="Third", body=BODY.replace("noon", "one"))
    page = open_as(alice, address(article, "change"))
    page.get_by_role("link", name="Revisions").click()
    assert barriers(page) == []
    page.get_by_role("group", name="Revision 1").get_by_label("from").check()
    page.get_by_role("button", name="Compare the two chosen").click()
    expect(page.locator(".difference ins").first).to_contain_text("Third")
    assert barriers(page) == []
    page.get_by_label("Reason, for your colleagues").fill("It was right")
    page.get_by_role("button", name=re.compile("Make revision 1")).click()
    expect(page.locator(".messagelist .success")).to_contain_text("as revision 4")
    assert (stored(article).headline, stored(article).body) == ("First", BODY)
    assert page.troubles == []
