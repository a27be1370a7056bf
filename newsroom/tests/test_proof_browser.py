"""A browser does the work that is asked for before a suspicious comment is read, and says so to who waits."""

from typing import Any

import pytest
from playwright.sync_api import expect

from articles.factories import make_live
from comments.models import Comment, ModerationAction
from comments.spam import proof, traps
from comments.states import State

pytestmark = [pytest.mark.once, pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def opened(page: Any, live_server: Any, settings: Any) -> Any:
    settings.CSRF_TRUSTED_ORIGINS = [live_server.url]
    page.goto(live_server.url + make_live().path)
    return page


def write(page: Any) -> None:
    with page.expect_response("**/comments/shown/*/"):
        page.get_by_label("Your name").fill("Rita")
    page.get_by_label("Your comment", exact=True).fill("Nobody writes this fast.")
    page.get_by_role("button", name="Send the comment").click()


def found() -> str:
    return str(next(step["found"] for step in ModerationAction.objects.get().steps if step["step"] == "proof"))


def test_a_comment_that_is_sent_at_once_is_sent_again_with_the_work_done(
    opened: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The worker and its WebCrypto run under the site's own content security policy."""
    monkeypatch.setattr(proof, "NUMBERS", 20_000)
    asked = []
    opened.on("response", lambda response: asked.append(response.status))
    write(opened)
    expect(opened.locator(".comment-message")).to_contain_text("waits for a moderator", timeout=20_000)
    assert 428 in asked
    comment = Comment.objects.get()
    assert comment.state == State.PENDING
    assert traps.TOO_QUICK in [sign["name"] for sign in comment.signals]
    assert found().startswith("done, ")
    assert [trouble for trouble in opened.troubles if "428" not in trouble] == []


def test_who_waits_is_told_so_and_how_far_it_is(opened: Any) -> None:
    """The place is a status, so that a screen reader says what stands there."""
    opened.evaluate(
        """() => { globalThis.Worker = class extends EventTarget {
            postMessage() {
                globalThis.tell = (done) => this.dispatchEvent(new MessageEvent("message", { data: { done } }));
            }
            terminate() {}
        }; }"""
    )
    write(opened)
    place = opened.locator(".comment-message")
    expect(place).to_have_text("We check that a browser sends this. It takes a few seconds.")
    assert place.get_attribute("role") == "status"
    opened.wait_for_function("globalThis.tell !== undefined")
    opened.evaluate("() => { Date.now = () => performance.timeOrigin + performance.now() + 60_000; tell(0.42); }")
    expect(place).to_have_text("Still checking: 42 of 100 parts are done.")


def test_where_the_work_cannot_be_done_the_comment_waits_for_a_moderator(opened: Any) -> None:
    opened.evaluate("() => { globalThis.Worker = undefined; }")
    write(opened)
    expect(opened.locator(".comment-message")).to_contain_text("waits for a moderator")
    assert Comment.objects.get().state == State.HELD
    assert found().startswith("not done, ")
