"""Two colleagues at one article, in two browsers: each sees the other, and nobody is kept from writing."""

import os
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from articles.admin import presence as views
from articles.factories import edit, make_article
from articles.models import Article
from newsroom.lib import presence
from newsroom.models import User
from newsroom.roles import apply
from newsroom.testing import make_user
from newsroom.tests.browser import close, sign_in, wait_until, watch
from newsroom.tests.test_admin_browser import barriers

pytestmark = [pytest.mark.once, pytest.mark.browser, pytest.mark.django_db(transaction=True)]

Open = Callable[..., Any]


@pytest.fixture
def desk(monkeypatch: pytest.MonkeyPatch) -> None:
    """The roles, and beats that follow one another faster than in life."""
    apply()
    monkeypatch.setattr(views, "EVERY", 1)
    monkeypatch.setattr(views, "EVERY_AWAY", 1)
    monkeypatch.setattr(presence, "SEAT_LEFT", 1)


@pytest.fixture
def open_as(browser: Any, live_server: Any, desk: None) -> Iterator[Open]:
    contexts = []

    def open_page(user: User, article: Article, *, width: int = 1280, dark: bool = False, **more: Any) -> Any:
        context = browser.new_context(
            base_url=live_server.url,
            viewport={"width": width, "height": 800},
            color_scheme="dark" if dark else "light",
            **more,
        )
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(15_000)
        watch(page)
        sign_in(page, live_server, user)
        assert page.goto(change(article)).ok
        return page

    yield open_page
    for context in contexts:
        close(context)


@pytest.fixture
def alice() -> User:
    return make_user("alice", "reporter", time_zone="Europe/Berlin")


@pytest.fixture
def bob() -> User:
    return make_user("bob", "section editor", time_zone="Europe/Berlin")


def change(article: Article) -> str:
    return reverse("admin:articles_article_change", args=[article.pk])


def here(page: Any) -> Any:
    return page.locator("#presence")


def shot(page: Any, name: str) -> None:
    """A picture for whoever looks: SHOTS names the folder."""
    if folder := os.environ.get("SHOTS"):
        page.screenshot(path=f"{folder}/presence-{name}.png")


def test_each_sees_the_other_and_who_types(open_as: Open, alice: User, bob: User) -> None:
    article = make_article(by=alice)
    first = open_as(alice, article)
    expect(here(first)).to_contain_text("Nobody else is here.")
    second = open_as(bob, article)
    expect(here(second)).to_contain_text("Alice is here since")
    expect(here(first)).to_contain_text("Bob is here since")
    first.get_by_label("Headline").press_sequentially("New ")
    expect(here(second)).to_contain_text("Alice is typing here since")
    expect(here(first)).to_contain_text("Colleagues see that you are typing here since")
    second.goto("about:blank")
    expect(here(first)).not_to_contain_text("Bob is")
    expect(first.locator("#presence [data-say]")).to_have_text("Bob has left.")
    assert first.troubles + second.troubles == []


def test_opening_an_article_is_not_typing_but_writing_in_the_editor_is(open_as: Open, alice: User) -> None:
    article = make_article(by=alice)
    page = open_as(alice, article)
    body = page.locator(".cke_wysiwyg_div[role]")
    body.wait_for()
    with page.expect_response(lambda response: response.url.endswith("/presence/")):
        pass
    page.wait_for_timeout(1500)  # the editor hands its text over after a while
    assert presence.present(f"article {article.pk}").lock is None
    body.click()
    page.keyboard.type("More of it.")
    expect(here(page)).to_contain_text("Colleagues see that you are typing here since")


def test_taking_over_is_told_to_the_other_and_logged(open_as: Open, alice: User, bob: User) -> None:
    article = make_article(by=alice)
    first, second = open_as(alice, article), open_as(bob, article)
    first.get_by_label("Headline").press_sequentially("Mine: ")
    second.get_by_role("button", name="Take over").click()
    expect(here(second)).to_contain_text("Colleagues see that you are typing here since")
    banner = first.locator(".presence-told")
    expect(banner).to_contain_text("Bob took over at")
    expect(banner).to_contain_text("What you typed is kept")
    expect(banner).to_be_in_viewport()
    expect(first.locator("#presence [data-say]")).to_contain_text("Bob took over at")
    assert "Mine:" in first.get_by_label("Headline").input_value()
    event = article.events.get()
    assert (event.verb, event.by) == ("take_over", bob)
    shot(first, "told")
    assert barriers(first) == []
    banner.get_by_role("button", name="Understood").click()
    expect(banner).to_have_count(0)
    # She is in nobody's way, and nobody in hers.
    first.get_by_role("button", name="Save", exact=True).click()
    expect(first.get_by_role("heading", level=1)).to_contain_text("Mine:")
    expect(here(second)).to_contain_text("Alice saved a newer text at")
    assert first.troubles + second.troubles == []


def test_typing_beside_a_colleague_is_shown_in_front_and_can_be_hidden(open_as: Open, alice: User, bob: User) -> None:
    article = make_article(by=alice)
    first, second = open_as(alice, article), open_as(bob, article)
    first.get_by_label("Headline").press_sequentially("Mine: ")
    expect(here(second)).to_contain_text("Alice is typing here since")
    second.get_by_label("Headline").press_sequentially("His: ")
    notice = second.locator(".presence-notices .presence-notice")
    expect(notice).to_contain_text("You can save all the same")
    notice.get_by_role("button", name="Hide").click()
    expect(notice).to_have_count(0)
    expect(second.locator(".presence-line")).to_contain_text("Alice is typing here since")
    expect(second.locator(".presence-line").get_by_role("button", name="Take over")).to_be_visible()
    second.wait_for_timeout(2500)
    expect(notice).to_have_count(0)


def test_a_second_window_and_a_page_loaded_anew_are_ones_own(open_as: Open, alice: User) -> None:
    article = make_article(by=alice)
    first = open_as(alice, article)
    first.get_by_label("Headline").press_sequentially("Mine: ")
    expect(here(first)).to_contain_text("Colleagues see that you are typing here since")
    since = presence.present(f"article {article.pk}").seats[0].since
    first.get_by_role("button", name="Save", exact=True).click()
    expect(first.get_by_role("heading", level=1)).to_contain_text("Mine:")
    expect(here(first)).to_contain_text("Nobody else is here.")
    expect(here(first)).not_to_contain_text("another window")
    second = first.context.new_page()
    second.goto(change(article))
    expect(here(second)).to_contain_text("You have this open in another window")
    assert presence.present(f"article {article.pk}").seats[0].since == since


def test_a_newer_text_is_told_with_the_way_to_it(open_as: Open, alice: User, bob: User) -> None:
    article = make_article(by=alice)
    page = open_as(alice, article)
    expect(here(page)).to_contain_text("Nobody else is here.")
    edit(article, by=bob, headline="A headline by Bob")
    notice = page.locator(".presence-notices .presence-notice")
    expect(notice).to_contain_text("Bob saved a newer text at")
    shot(page, "newer")
    notice.get_by_role("link", name="Load it").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("A headline by Bob")
    expect(notice).to_have_count(0)


def test_offline_it_is_quiet_and_claims_nothing_and_comes_back(open_as: Open, alice: User, bob: User) -> None:
    article = make_article(by=alice)
    page, _other = open_as(alice, article), open_as(bob, article)
    expect(here(page)).to_contain_text("Bob is here since")
    page.clock.install()
    page.context.set_offline(True)
    page.clock.run_for(120_000)
    expect(here(page)).to_contain_text("Who else is here is not known at the moment.")
    expect(here(page)).not_to_contain_text("Bob")
    page.context.set_offline(False)
    expect(here(page)).to_contain_text("Bob is here since")
    assert not [trouble for trouble in page.troubles if "/presence/" in trouble]


def test_signed_out_it_stops_asking_until_somebody_has_signed_in_again(
    open_as: Open, alice: User, live_server: Any
) -> None:
    article = make_article(by=alice)
    page = open_as(alice, article)
    expect(here(page)).to_contain_text("Nobody else is here.")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.context.clear_cookies(name="sessionid")
    expect(here(page)).to_contain_text("Who else is here is not known at the moment.")
    asked.clear()
    page.wait_for_timeout(2500)
    assert not [address for address in asked if address.endswith("/presence/")]
    sign_in(page, live_server, alice)
    page.evaluate("document.dispatchEvent(new CustomEvent('newsroom:signed-in'))")
    expect(here(page)).to_contain_text("Nobody else is here.")
    assert page.troubles == []


def test_what_comes_and_goes_is_read_out_once(open_as: Open, alice: User, bob: User) -> None:
    article = make_article(by=alice)
    page = open_as(alice, article)
    expect(here(page)).to_contain_text("Nobody else is here.")
    page.evaluate(
        """() => {
            window.read = [];
            new MutationObserver(() => window.read.push(document.querySelector("[data-say]").textContent))
                .observe(document.querySelector("[data-say]"), { childList: true });
        }"""
    )
    other = open_as(bob, article)
    expect(here(page)).to_contain_text("Bob is here since")
    other.get_by_label("Headline").press_sequentially("His: ")
    expect(here(page)).to_contain_text("Bob is typing here since")
    page.wait_for_timeout(3000)
    other.goto("about:blank")
    expect(here(page)).to_contain_text("Nobody else is here.")
    read = page.evaluate("window.read.filter(Boolean)")
    assert [sentence.partition(" since")[0] for sentence in read] == [
        "Bob is here",
        "Bob is typing here",
        "Bob has left.",
    ]


@pytest.mark.parametrize(("width", "language", "dark"), [(1280, "ar", False), (360, "en", True)])
def test_it_is_without_barriers_at_every_width_and_in_both_directions(
    open_as: Open, alice: User, bob: User, width: int, language: str, dark: bool
) -> None:
    User.objects.filter(pk=alice.pk).update(language=language)
    article = make_article(by=alice, headline="Bridge closed until spring")
    page = open_as(alice, article, width=width, dark=dark)
    room = f"article {article.pk}"
    presence.beat(room, presence.Window(str(bob.pk), "Bob", "window-one"), typing=True)
    presence.beat(room, presence.Window("77", "Charlie With Quite a Long Name", "window-one"))
    expect(here(page)).to_contain_text("Bob is typing here since")
    shot(page, f"{width}-{language}-{'dark' if dark else 'light'}")
    assert barriers(page) == []
    page.locator("#id_headline").press_sequentially("!")
    expect(page.locator(".presence-notice")).to_contain_text("You can save all the same")
    shot(page, f"{width}-{language}-{'dark' if dark else 'light'}-beside")
    here(page).get_by_role("button", name="Take over").first.click()
    expect(here(page)).to_contain_text("Colleagues see that you are typing")
    lock = presence.present(room).lock
    assert lock is not None
    presence.take_over(room, presence.Window(str(bob.pk), "Bob", "window-one"), lock.key)
    edit(article, by=bob, standfirst="Another")
    expect(page.locator(".presence-notice")).to_have_count(2)
    shot(page, f"{width}-{language}-{'dark' if dark else 'light'}-notices")
    assert barriers(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    wait_until(page, "document.querySelector('.presence-notices').getBoundingClientRect().left >= 0")
    page.goto(reverse("admin:articles_article_changelist"))
    shot(page, f"{width}-{language}-{'dark' if dark else 'light'}-list")
    assert barriers(page) == []
