"""A real browser and a real server, of which one dies or forgets the other while somebody writes: no text is lost."""

import logging
import random
import time

import pytest
from django.contrib.sessions.models import Session
from playwright.sync_api import Error, expect

from articles.admin import writing_words
from articles.factories import make_article
from articles.models import Article, Autosave
from newsroom.testing import make_user
from newsroom.tests.browser import close, sign_in, wait_until, watch
from newsroom.tests.faults.editor import form_path
from newsroom.tests.faults.invariants import broken
from newsroom.tests.faults.profile import Profile

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

log = logging.getLogger(__name__)

PASSWORD = "correct horse battery staple"
# What is typed later than so many seconds before a browser dies need not be on its disk yet.
LATEST = 2
FIRST, SECOND = "The wall as it was.", "The harbour as it was."


@pytest.fixture
def alice():
    user = make_user("alice", "reporter")
    user.set_password(PASSWORD)
    user.save()
    return user


@pytest.fixture
def article(alice):
    return make_article(by=alice, headline="As it was", body=f"<p>{FIRST}</p><p>{SECOND}</p>")


@pytest.fixture
def desk(browser, served):
    """`desk(user)`: a page in a browser of their own."""
    contexts = []

    def make(user):
        context = browser.new_context(viewport={"width": 1280, "height": 900})
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(20_000)
        watch(page)
        sign_in(page, served, user)
        return page

    yield make
    for context in contexts:
        close(context)


def open_form(page, served, article):
    page.goto(served.url + form_path(article.pk))
    wait_until(page, "window.CKEDITOR && CKEDITOR.instances.id_body?.status === 'ready'")


def type_at_the_end_of(page, paragraph, words):
    """Type `words` with the keyboard, after the last letter of that paragraph."""
    page.locator(".cke_wysiwyg_div p", has_text=paragraph).click()
    page.keyboard.press("End")
    page.keyboard.type(words)


def text_of(page):
    return page.evaluate("CKEDITOR.instances.id_body.getData()")


def press_save(page):
    page.locator("[name=_continue]").click()


def until(true, said, seconds=30):
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, said
        time.sleep(0.05)


def body_of(article):
    return Article.objects.values_list("body", flat=True).get(pk=article.pk)


def restored(page):
    """Press what brings the offered text back, where one is offered."""
    offered = page.locator("#writing-offer [data-restore]")
    offered.first.wait_for()
    offered.first.click()
    expect(page.locator("#writing-offer [data-restore]")).to_have_count(0)


# The browser dies ---------------------------------------------------------------------------


def killed_while_typing(browser, served, article, folder):
    """Type word by word until the browser is killed in the middle of it; returns the words and when each was typed."""
    profile = Profile(browser.browser_type, folder)
    try:
        page = profile.open()
        sign_in(page, served, article.owner)
        open_form(page, served, article)
        type_at_the_end_of(page, SECOND, " Typed:")
        typed = []
        ends = time.monotonic() + LATEST + random.uniform(0.5, 2)
        while time.monotonic() < ends:
            page.keyboard.type(f" word{len(typed)}")
            typed.append(time.monotonic())
        dies = time.monotonic()
        profile.kill()
        safe = [f"word{number}" for number, at in enumerate(typed) if at < dies - LATEST]
        assert safe
        page = profile.open()
        sign_in(page, served, article.owner)
        open_form(page, served, article)
        restored(page)
        found = text_of(page)
        log.info("%d words typed, %d of them found again", len(typed), found.count(" word"))
        assert " Typed: " + " ".join(safe) in found.replace("&nbsp;", " ")
        assert FIRST in found
        press_save(page)
        until(lambda: " ".join(safe) in body_of(article).replace("\xa0", " "), "What was restored cannot be saved.")
    finally:
        profile.kill()
    assert broken() == []


def test_what_was_typed_before_the_browser_was_killed_is_restored_whole(browser, served, article, tmp_path):
    killed_while_typing(browser, served, article, tmp_path / "profile")


@pytest.mark.drill
def test_what_was_typed_before_the_browser_was_killed_is_restored_each_time(browser, served, alice, tmp_path):
    for number in range(10):
        article = make_article(by=alice, body=f"<p>{FIRST}</p><p>{SECOND}</p>")
        killed_while_typing(browser, served, article, tmp_path / f"profile-{number}")


# The server dies ----------------------------------------------------------------------------


def test_what_is_typed_while_the_server_is_dead_is_kept_and_brought_to_it_when_it_is_back(desk, served, article):
    page = desk(article.owner)
    open_form(page, served, article)
    type_at_the_end_of(page, SECOND, " Before it died.")
    served.kill()
    page.keyboard.type(" While it was dead.")
    page.locator("#writing-status[data-state=alone]").wait_for(timeout=30_000)
    press_save(page)
    expect(page.locator("#writing-status")).to_contain_text(writing_words.words()["notSent"], timeout=30_000)
    assert "Before it died. While it was dead." in text_of(page)
    served.start()
    slot = "Before it died. While it was dead."
    until(lambda: slot in str(list(Autosave.objects.values_list("typed"))), "The server never got the text.", 60)
    press_save(page)
    until(lambda: slot in body_of(article), "The text could not be saved when the server was back.")
    assert broken() == []


def killed_while_saving(page, served, article, words, seconds):
    """Press “Save” and kill the server so much later; then the text is saved, or offered and can be saved."""
    open_form(page, served, article)
    type_at_the_end_of(page, SECOND, f" {words}.")
    press_save(page)
    time.sleep(seconds)
    served.kill()
    page.wait_for_timeout(200)
    served.start()
    try:
        open_form(page, served, article)
    except Error:  # the page was still on its way elsewhere
        open_form(page, served, article)
    if words in body_of(article):
        assert words in text_of(page)
        outcome = "saved"
    else:
        restored(page)
        assert words in text_of(page)
        press_save(page)
        until(lambda: words in body_of(article), f"“{words}” was restored and cannot be saved.")
        outcome = "restored"
    assert FIRST in body_of(article)
    assert broken() == []
    return outcome


@pytest.mark.parametrize("rounds", [2, pytest.param(25, marks=pytest.mark.drill)])
def test_a_text_is_there_when_the_server_died_at_the_moment_of_saving(desk, served, article, rounds):
    page = desk(article.owner)
    # A question whether to leave the page is answered as by somebody who has no choice.
    page.on("dialog", lambda dialog: dialog.accept())
    outcomes = [
        killed_while_saving(page, served, article, f"Words of round {number}", random.uniform(0, 0.4))
        for number in range(rounds)
    ]
    log.info("of %d rounds %d were saved, the others restored", rounds, outcomes.count("saved"))


# Two at once, and one who is signed out -------------------------------------------------------


def test_of_two_browsers_that_save_at_once_both_texts_are_kept(desk, served, article):
    pages = [desk(article.owner), desk(make_user("bob", "section editor"))]
    said = [(FIRST, " Alice saw it."), (SECOND, " Bob saw it.")]
    for page, (paragraph, words) in zip(pages, said, strict=True):
        open_form(page, served, article)
        type_at_the_end_of(page, paragraph, words)
    for page in pages:
        page.locator("[name=_continue]").evaluate("(button) => { button.click(); }")
    until(lambda: article.revisions.count() == 2, "Nobody's text was saved.")
    conflict = [page for page in pages if is_told_of_a_conflict(page)]
    assert len(conflict) == 1, "One is saved, and the other one is told."
    theirs = pages.index(conflict[0])
    assert said[theirs][1].strip() in text_of(conflict[0]), "What the slower one typed is not in the form any more."
    press_save(conflict[0])
    until(lambda: article.revisions.count() == 3, "The slower one cannot save.")
    body = body_of(article)
    assert [words for _, words in said if words not in body] == [], body
    assert [trouble for page in pages for trouble in page.troubles] == []
    assert broken() == []


def is_told_of_a_conflict(page):
    """Once the page has come back: whether it speaks of a colleague who was faster."""
    answered = page.locator(".messagelist .success, .theirs, #conflict").first
    answered.wait_for()
    return page.locator(".messagelist .success").count() == 0


def test_who_is_signed_out_while_typing_loses_nothing(desk, served, article):
    page = desk(article.owner)
    open_form(page, served, article)
    type_at_the_end_of(page, SECOND, " Signed in.")
    Session.objects.all().delete()
    page.keyboard.type(" Signed out.")
    press_save(page)
    dialog = page.locator("#sign-in-again")
    dialog.locator("[name=password]").wait_for()
    assert body_of(article).count("Signed") == 0
    dialog.locator("[name=password]").fill(PASSWORD)
    dialog.locator("[type=submit]").click()
    until(lambda: "Signed in. Signed out." in body_of(article), "The text did not reach the server.")
    assert broken() == []
