"""Comments in a browser: sent in place, mistakes said at their field, nothing lost; and the same without scripts."""

from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from articles.factories import make_live
from articles.models import Edition
from comments.factories import make_published
from comments.models import Comment
from comments.states import State
from newsroom.tests.browser import close, watch

pytestmark = [pytest.mark.once, pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def edition() -> Edition:
    return make_live(headline="Rain ahead")


@pytest.fixture
def opened(page: Any, live_server: Any, settings: Any, edition: Edition) -> Any:
    """The article in a browser."""
    settings.CSRF_TRUSTED_ORIGINS = [live_server.url]
    page.goto(live_server.url + edition.path)
    return page


def write(page: Any, name: str = "Rita", body: str = "Well said.") -> None:
    page.get_by_label("Your name").fill(name)
    page.get_by_label("Your comment", exact=True).fill(body)


def send(page: Any) -> None:
    page.get_by_role("button", name="Send the comment").click()


def message(page: Any) -> Any:
    return page.locator(".comment-message")


def test_a_comment_is_sent_in_place_and_said_aloud_with_a_link_to_its_page(opened: Any) -> None:
    before = opened.url
    write(opened)
    send(opened)
    expect(message(opened)).to_contain_text("Your comment waits for a moderator.")
    expect(message(opened)).to_be_focused()
    assert opened.url == before
    assert message(opened).get_attribute("role") == "status"
    expect(opened.get_by_label("Your comment", exact=True)).to_have_value("")
    message(opened).get_by_role("link").click()
    expect(opened.get_by_role("heading", name="What you wrote")).to_be_visible()
    assert Comment.objects.get().body == "Well said."
    assert [trouble for trouble in opened.troubles if "428" not in trouble] == []


def test_a_mistake_is_said_at_its_field_which_has_the_focus_and_nothing_is_lost(opened: Any) -> None:
    write(opened, name="")
    send(opened)
    field = opened.get_by_label("Your name")
    expect(field).to_be_focused()
    expect(field).to_have_attribute("aria-invalid", "true")
    expect(field).to_have_accessible_description(
        "Please enter a name to sign your comment with. It is shown with your comment."
    )
    expect(opened.get_by_label("Your comment", exact=True)).to_have_value("Well said.")
    field.fill("Rita")
    send(opened)
    expect(message(opened)).to_contain_text("waits for a moderator")
    expect(field).not_to_have_attribute("aria-invalid", "true")


def test_what_was_not_sent_is_there_again_until_it_is_sent(opened: Any) -> None:
    write(opened, body="Half a thought")
    opened.reload()
    expect(opened.get_by_label("Your comment", exact=True)).to_have_value("Half a thought")
    expect(message(opened)).to_contain_text("is here again")
    send(opened)
    expect(message(opened)).to_contain_text("waits for a moderator")
    opened.reload()
    expect(opened.get_by_label("Your comment", exact=True)).to_have_value("")


def test_a_server_that_is_not_there_costs_no_word(opened: Any) -> None:
    opened.route("**/comments/", lambda route: route.abort())
    write(opened)
    send(opened)
    expect(message(opened)).to_contain_text("It is still here: please send it again.")
    expect(opened.get_by_label("Your comment", exact=True)).to_have_value("Well said.")
    opened.unroute("**/comments/")
    send(opened)
    expect(message(opened)).to_contain_text("waits for a moderator")
    assert Comment.objects.count() == 1


def test_a_reply_is_written_below_what_it_answers(opened: Any, edition: Edition) -> None:
    first = make_published(edition)
    opened.goto(f"{opened.url}?fresh")
    opened.get_by_role("link", name="Reply to comment 1").click()
    expect(opened.get_by_label("Your comment", exact=True)).to_be_focused()
    expect(opened.locator(f"#comment-{first.public_id} form")).to_contain_text("You reply to comment 1.")
    write(opened, body="I do not agree.")
    send(opened)
    expect(message(opened)).to_contain_text("waits for a moderator")
    assert Comment.objects.get(state=State.PENDING).parent == first
    opened.get_by_role("button", name="Write a comment of its own instead").click()
    write(opened, body="On its own.")
    send(opened)
    expect(message(opened)).to_contain_text("waits for a moderator")
    assert Comment.objects.filter(state=State.PENDING, parent=None).count() == 1


def test_a_reply_to_what_was_taken_down_meanwhile_can_be_sent_by_itself(opened: Any, edition: Edition) -> None:
    make_published(edition)
    opened.goto(f"{opened.url}?fresh")
    opened.get_by_role("link", name="Reply to comment 1").click()
    write(opened)
    Comment.objects.update(state=State.REJECTED)
    send(opened)
    expect(message(opened)).to_contain_text("have it stand by itself")
    expect(opened.get_by_label("Your comment", exact=True)).to_have_value("Well said.")
    send(opened)
    expect(message(opened)).to_contain_text("waits for a moderator")


def test_without_scripts_a_page_says_all_the_same(
    browser: Any, live_server: Any, settings: Any, edition: Edition
) -> None:
    settings.CSRF_TRUSTED_ORIGINS = [live_server.url]
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(live_server.url + edition.path)
    write(page, name="")
    send(page)
    expect(page.get_by_text("Please enter a name to sign your comment with.")).to_be_visible()
    page.get_by_label("Your name").fill("Rita")
    send(page)
    expect(page.get_by_role("heading", name="Your comment waits for a moderator")).to_be_visible()
    page.get_by_label("Your comment", exact=True).fill("Better said.")
    page.get_by_role("button", name="Save the change").click()
    expect(page.locator(".comment-body")).to_have_text("Better said.")
    close(context)


@pytest.mark.parametrize("language", ["en", "ar"])
def test_no_page_of_comments_has_barriers_nor_stands_over_the_edge(
    browser: Any, live_server: Any, settings: Any, language: str
) -> None:
    settings.CSRF_TRUSTED_ORIGINS = [live_server.url]
    edition = make_live(language=language)
    parent = None
    for _ in range(6):
        parent = make_published(edition, parent=parent, body="Donaudampfschifffahrtsgesellschaft " * 9)
    context = browser.new_context(viewport={"width": 360, "height": 800})
    page = context.new_page()
    watch(page)
    for path in (edition.path, f"{edition.path}comments/"):
        for colours in ("light", "dark"):
            page.emulate_media(color_scheme=colours)
            page.goto(live_server.url + path)
            page.locator("a[data-answers]").last.click()
            page.locator(".comment-form button[type=submit]").click()
            expect(page.locator("[data-error]").first).to_be_visible()
            found = Axe().run(page).response["violations"]
            assert [(one["id"], [node["html"] for node in one["nodes"]]) for one in found] == []
            assert page.evaluate("document.documentElement.scrollWidth") <= 360
    close(context)
