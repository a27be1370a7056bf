"""The moderators' queue in a browser: by keys alone, by touch, by two at once, signed out, without a script."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from playwright.sync_api import expect

from articles.factories import make_live
from articles.models import Edition
from comments import moderation
from comments.factories import make_comment, make_published
from comments.models import Appeal, Ban, Comment, Commenter, Report
from comments.states import State
from newsroom.lib import clock
from newsroom.models import User
from newsroom.roles import apply
from newsroom.testing import make_user
from newsroom.tests.browser import close, sign_in, watch
from newsroom.tests.test_admin_browser import barriers

pytestmark = [pytest.mark.once, pytest.mark.browser, pytest.mark.django_db(transaction=True)]

QUEUE = "/admin/comments/comment/"
SAID = "#queue-said"


@pytest.fixture
def erik() -> User:
    apply()
    return make_user("erik", "moderator")


@pytest.fixture
def edition(erik: User) -> Edition:
    return make_live(headline="Rain ahead")


@pytest.fixture
def open_as(browser: Any, live_server: Any) -> Iterator[Any]:
    contexts = []

    def open_page(user: User, path: str = QUEUE, **options: Any) -> Any:
        size = {"width": options.pop("width", 1280), "height": 900}
        context = browser.new_context(base_url=live_server.url, viewport=size, **options)
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(15_000)
        watch(page)
        sign_in(page, live_server, user)
        page.goto(path)
        page.wait_for_load_state("load")
        return page

    yield open_page
    for context in contexts:
        close(context)


def card(page: Any, comment: Comment) -> Any:
    return page.locator(f"#comment-{comment.pk}")


def state(comment: Comment) -> str:
    return Comment.objects.get(pk=comment.pk).state


def press(page: Any, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def settled(page: Any, *comments: Comment) -> None:
    for comment in comments:
        expect(card(page, comment)).to_have_class("card is-settled")


def test_twenty_comments_are_moderated_by_keys_alone(erik: User, edition: Edition, open_as: Any) -> None:
    comments = [make_comment(edition, display_name=f"Reader {number}") for number in range(20)]
    page = open_as(erik)
    press(page, "j")
    expect(card(page, comments[0])).to_be_focused()
    press(page, "j", "k")
    expect(card(page, comments[0])).to_be_focused()
    for comment in comments[:14]:
        expect(card(page, comment)).to_be_focused()
        press(page, "a")
    for comment in comments[14:17]:
        expect(card(page, comment)).to_be_focused()
        press(page, "s")
    expect(card(page, comments[17])).to_be_focused()
    press(page, "h")
    expect(card(page, comments[18])).to_be_focused()
    press(page, "r", "2", "Enter")
    expect(card(page, comments[19])).to_be_focused()
    press(page, "r", "ArrowDown", "ArrowDown", "Enter")
    settled(page, *comments)
    assert [state(comment) for comment in comments] == ["published"] * 14 + ["spam"] * 3 + [
        "held",
        "rejected",
        "rejected",
    ]
    assert list(Comment.objects.filter(state="rejected").order_by("pk").values_list("reason", flat=True)) == [
        "off_topic",
        "advertising",
    ]
    press(page, "u")
    expect(page.locator(SAID)).to_contain_text("The comment of \u2068Reader 19\u2069 is now pending.")
    expect(card(page, comments[19])).to_be_focused()
    assert state(comments[19]) == State.PENDING
    assert page.troubles == []


def test_on_a_phone_comments_are_moderated_by_touch(erik: User, edition: Edition, open_as: Any) -> None:
    first, second, third = (make_comment(edition, body="Donaudampfschifffahrt " * 20) for _ in range(3))
    page = open_as(erik, width=360, has_touch=True, is_mobile=True)
    for target in page.locator(".card button:visible, .card summary:visible, .card .choose").all():
        assert target.bounding_box()["height"] >= 44
    card(page, first).get_by_role("button", name="Approve").tap()
    card(page, second).locator("summary", has_text="Reject").tap()
    card(page, second).get_by_label("abuse or hatred").tap()
    card(page, second).get_by_role("button", name="Reject", exact=True).tap()
    settled(page, first, second)
    card(page, first).get_by_role("button", name="Undo").tap()
    expect(card(page, first).get_by_role("button", name="Approve")).to_be_visible()
    card(page, third).locator(".choose").tap()
    page.locator("#bulk").get_by_role("button", name="Spam").tap()
    expect(page.locator("#bulk-result")).to_contain_text("“Spam”: 1 comment.")
    assert [state(comment) for comment in (first, second, third)] == ["pending", "rejected", "spam"]
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    assert page.troubles == []


def test_the_second_of_two_moderators_is_told_at_the_comment_and_loses_no_word(
    erik: User, edition: Edition, open_as: Any
) -> None:
    charlie = make_user("charlie", "duty editor")
    comment, _other = make_comment(edition), make_comment(edition)
    page = open_as(erik)
    press(page, "j", "r", "1")
    card(page, comment).get_by_label("Note to the reader").fill("Mind your words.")
    seen = Comment.objects.get(pk=comment.pk)
    moderation.decide(seen, "hold", by=charlie, expected=seen.versions)
    card(page, comment).get_by_role("button", name="Reject", exact=True).click()
    expect(card(page, comment).locator(".card-said")).to_contain_text("It was held by Charlie")
    expect(page.locator(SAID)).to_contain_text("It was held by Charlie")
    expect(card(page, comment).get_by_label("Note to the reader")).to_have_value("Mind your words.")
    card(page, comment).get_by_role("button", name="Reject", exact=True).click()
    settled(page, comment)
    assert state(comment) == State.REJECTED


def test_whoever_was_signed_out_is_told_and_decides_after_signing_in_elsewhere(
    erik: User, edition: Edition, open_as: Any, live_server: Any
) -> None:
    comment = make_comment(edition)
    page = open_as(erik)
    Session.objects.all().delete()
    press(page, "j", "a")
    expect(card(page, comment).locator(".card-said")).to_contain_text("You are signed out, so nothing was decided.")
    link = card(page, comment).get_by_role("link", name="Sign in in a new tab")
    assert link.get_attribute("href").startswith("/admin/login/")
    sign_in(page, live_server, erik)
    page.context.clear_cookies(name="csrftoken")
    press(page, "a")
    settled(page, comment)
    assert state(comment) == State.PUBLISHED


def test_a_server_that_does_not_answer_decides_nothing_and_says_so(erik: User, edition: Edition, open_as: Any) -> None:
    comment = make_comment(edition)
    page = open_as(erik)
    page.route("**/decide/", lambda route: route.abort())
    press(page, "j", "a")
    expect(card(page, comment).locator(".card-said")).to_contain_text("The server does not answer")
    assert state(comment) == State.PENDING


def test_single_keys_stay_silent_while_somebody_types_with_modifiers_and_when_switched_off(
    erik: User, edition: Edition, open_as: Any
) -> None:
    comment = make_comment(edition)
    page = open_as(erik)
    press(page, "/")
    expect(page.locator("#id_q")).to_be_focused()
    page.keyboard.type("as?")
    expect(page.locator("#id_q")).to_have_value("as?")
    card(page, comment).focus()
    press(page, "Control+a", "Alt+s", "Meta+h", "Shift+S")
    press(page, "?")
    expect(page.locator("#queue-keys")).to_be_visible()
    press(page, "a")
    page.get_by_label("Single keys do all this").uncheck()
    press(page, "Escape")
    card(page, comment).focus()
    press(page, "a")
    page.reload()
    card(page, comment).focus()
    press(page, "s", "h")
    page.get_by_role("button", name="Keyboard").click()
    page.get_by_label("Single keys do all this").check()
    press(page, "Escape")
    assert state(comment) == State.PENDING
    card(page, comment).focus()
    press(page, "h")
    settled(page, comment)


def test_more_are_loaded_without_leaving_the_page(erik: User, edition: Edition, open_as: Any) -> None:
    comments = [make_comment(edition) for _ in range(28)]
    page = open_as(erik)
    expect(page.locator(".card")).to_have_count(25)
    card(page, comments[24]).focus()
    press(page, "a")
    expect(page.locator(".card")).to_have_count(28)
    expect(card(page, comments[25])).to_be_focused()
    expect(page.locator("#queue-more")).to_have_count(0)
    settled(page, comments[24])
    press(page, "j", "j", "j")
    expect(page.locator(SAID)).to_contain_text("This was the last comment.")


def test_a_stale_row_of_many_says_why_and_the_others_are_undone_together(
    erik: User, edition: Edition, open_as: Any
) -> None:
    charlie = make_user("charlie", "duty editor")
    comments = [make_comment(edition) for _ in range(3)]
    page = open_as(erik)
    page.get_by_role("button", name="Choose all on this page").click()
    expect(page.locator("#bulk-count")).to_have_text("Chosen: 3")
    seen = Comment.objects.get(pk=comments[1].pk)
    moderation.decide(seen, "spam", by=charlie, expected=seen.versions)
    page.locator("#bulk").get_by_role("button", name="Approve").click()
    result = page.locator("#bulk-result")
    expect(result).to_contain_text("“Approve”: 2 comments. 1 was left as it is; it says why.")
    expect(result).to_be_focused()
    expect(card(page, comments[1]).locator(".card-said")).to_contain_text("marked as spam by Charlie")
    result.get_by_role("button", name="Undo all of it").click()
    expect(result).to_contain_text("“Undo”: 2 comments.")
    assert [state(comment) for comment in comments] == ["pending", "spam", "pending"]


def test_reports_are_left_a_reader_is_banned_and_an_appeal_is_answered_in_place(
    erik: User, edition: Edition, open_as: Any
) -> None:
    charlie = make_user("charlie", "duty editor")
    rita = Commenter.objects.create(email="rita@example.org", name="Rita")
    reported = make_published(edition, commenter=rita)
    Report.objects.create(comment=reported, reason="abuse", text="Bad.", created_at=clock.now())
    objected = make_comment(edition)
    action = moderation.decide(objected, "reject", by=charlie, reason="abuse", expected=objected.versions)
    Appeal.objects.create(action=action, comment=objected, text="Why?", created_at=clock.now())
    page = open_as(erik)
    press(page, "j", "b")
    panel = card(page, reported).locator("[data-deed-of=ban]")
    panel.get_by_label("Reason").fill("Threats.")
    panel.get_by_role("button", name="Ban", exact=True).click()
    expect(card(page, reported).locator(".card-said")).to_contain_text("is banned until")
    press(page, "p")
    expect(card(page, reported).locator(".card-said")).to_contain_text("editors’ picks")
    panel = card(page, objected).locator("[data-deed-of=answer]")
    panel.locator("summary").click()
    panel.get_by_label("Answer").fill("You are right.")
    panel.get_by_role("button", name="Grant").click()
    expect(page.locator(SAID)).to_contain_text("The appeal was granted")
    assert Ban.objects.get().commenter == rita
    assert state(objected) == State.PUBLISHED
    assert page.troubles == []


def test_without_scripts_buttons_do_the_same(erik: User, edition: Edition, open_as: Any) -> None:
    first, second = make_comment(edition), make_comment(edition)
    page = open_as(erik, java_script_enabled=False)
    card(page, first).get_by_role("button", name="Approve").click()
    expect(page.locator(".messagelist")).to_contain_text("is now published")
    card(page, second).locator("summary", has_text="Reject").click()
    card(page, second).get_by_label("abuse or hatred").check()
    card(page, second).get_by_role("button", name="Reject", exact=True).click()
    page.get_by_role("link", name="Look at it, or take it back.").last.click()
    page.get_by_role("button", name="Undo").click()
    expect(page.locator(".messagelist")).to_contain_text("is now pending")
    assert [state(comment) for comment in (first, second)] == ["published", "pending"]


@pytest.mark.parametrize("scheme, language, width", [("light", "en", 1280), ("dark", "ar", 360)])
def test_the_queue_has_no_barriers_and_stands_over_no_edge(
    scheme: Any, language: str, width: int, erik: User, edition: Edition, open_as: Any
) -> None:
    User.objects.filter(pk=erik.pk).update(language=language)
    parent = make_published(edition, body="Well said.", display_name="ليلى")
    Report.objects.create(comment=parent, reason="abuse", text="Bad." * 100, created_at=clock.now())
    comment = make_comment(edition, parent=parent, body="Donaudampfschifffahrtsgesellschaft" * 9)
    done = make_comment(edition)
    page = open_as(erik, f"{QUEUE}?section=&reported=&q=", width=width, color_scheme=scheme)
    card(page, comment).focus()
    press(page, "r")
    card(page, done).locator("button[value=approve]").click()
    settled(page, done)
    assert barriers(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    for path in (f"{QUEUE}{comment.pk}/change/", f"{QUEUE}statistics/", "/admin/comments/rejectionreason/"):
        page.goto(path)
        assert barriers(page) == []
        assert page.evaluate("document.documentElement.scrollWidth") <= width
