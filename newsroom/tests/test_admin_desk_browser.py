"""What stands beside an article's fields, in a browser: timeline, notes, undo, rare verbs; nothing typed is lost."""

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from articles import notes, publishing, workflow
from articles.factories import approve, edit, make_article, make_image, make_live
from articles.models import Article, Edition, Note
from articles.states import Status
from newsroom.lib import clock
from newsroom.models import User
from newsroom.roles import apply
from newsroom.testing import make_user
from newsroom.tests.browser import close, sign_in, watch
from newsroom.tests.test_admin_browser import barriers

pytestmark = [pytest.mark.once, pytest.mark.browser, pytest.mark.django_db(transaction=True)]

TO_UNDO = "[data-undo]"


@pytest.fixture
def bob() -> User:
    apply()
    return make_user("bob", "section editor")


@pytest.fixture
def charlie(bob: User) -> User:
    return make_user("charlie", "duty editor")


@pytest.fixture
def article(bob: User, charlie: User) -> Article:
    """Something of everything that a timeline can hold, an emergency and notes."""
    alice = make_user("alice", "reporter")
    edition = make_live(headline="Bridge closed until spring", by=alice, lead=make_image(), kicker="City")
    article = Article.objects.get(pk=edition.article_id)
    for hours in (3, 30, 300):
        article = edit(Article.objects.get(pk=article.pk), headline=f"Bridge closed, {hours}", by=alice)
        approve(article)
        publishing.schedule(article, by=bob, starts_at=clock.now() + timedelta(hours=hours))
    _first, _next, held, cancelled = article.editions.order_by("starts_at")
    for name, chosen in (("hold", held), ("cancel", cancelled)):
        article = Article.objects.get(pk=article.pk)
        workflow.perform(name, article, by=bob, edition=chosen, note="The mayor calls back.")
    article = Article.objects.get(pk=article.pk)
    publishing.withdraw(article, by=charlie, notice="It was wrong.", reason="error")
    publishing.reinstate(Article.objects.get(pk=article.pk), by=bob)
    notes.add(article, "Who says so?", by=charlie, blocking=True)
    notes.resolve(notes.add(article, "Nice.", by=alice), by=bob)
    return Article.objects.get(pk=article.pk)


@pytest.fixture
def open_as(browser: Any, live_server: Any) -> Iterator[Any]:
    contexts = []

    def open_page(user: User, article: Article, **options: Any) -> Any:
        viewport = {"width": options.pop("width", 1280), "height": 900}
        context = browser.new_context(base_url=live_server.url, viewport=viewport, **options)
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(15_000)
        watch(page)
        sign_in(page, live_server, user)
        page.goto(reverse("admin:articles_article_change", args=[article.pk]))
        page.wait_for_load_state("load")
        return page

    yield open_page
    for context in contexts:
        close(context)


@pytest.mark.parametrize(("width", "language", "scheme"), [(1280, "en", "light"), (360, "ar", "dark")])
def test_everything_beside_the_form_is_without_barriers_and_fits(
    open_as: Any, charlie: User, article: Article, width: int, language: str, scheme: str
) -> None:
    User.objects.filter(pk=charlie.pk).update(language=language)
    page = open_as(charlie, article, width=width, color_scheme=scheme)
    for folded in page.locator(".panel details, .more-verbs").all():
        folded.locator("summary").first.click()
    assert barriers(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.troubles == []


@pytest.mark.parametrize("language", ["en", "ar"])
def test_the_drawing_stands_within_its_frame_in_the_order_of_reading(
    open_as: Any, bob: User, article: Article, language: str
) -> None:
    User.objects.filter(pk=bob.pk).update(language=language)
    page = open_as(bob, article, width=360)
    frame = page.locator(".line-drawing").bounding_box()
    boxes = [bar.bounding_box() for bar in page.locator(".line-drawing .bar").all()]
    assert len(boxes) == 2
    for box in boxes:
        assert box["x"] >= frame["x"] - 2
        assert box["x"] + box["width"] <= frame["x"] + frame["width"] + 2
    assert (boxes[0]["x"] < boxes[1]["x"]) is (language == "en")
    label = page.locator(".now-label").bounding_box()
    assert label["x"] >= 0
    assert label["x"] + label["width"] <= 360


def test_the_time_to_undo_is_counted_down_and_undo_takes_it_back(open_as: Any, bob: User) -> None:
    article = make_article(status=Status.APPROVED, headline="Ready")
    page = open_as(bob, article)
    page.get_by_role("button", name="Publish", exact=True).click()
    left = page.locator(".undo-left")
    expect(left).to_contain_text("seconds left")
    before = left.inner_text()
    expect(left).not_to_have_text(before)
    page.locator(".undo").get_by_role("button", name="Undo").click()
    expect(page.get_by_text("It was not published; readers have seen nothing of it.")).to_be_visible()
    expect(page.locator(TO_UNDO)).to_have_count(0)
    assert Edition.objects.get().cancelled_at is not None
    assert page.troubles == []


def test_when_the_time_is_over_it_says_so_instead_of_offering_what_is_too_late(open_as: Any, bob: User) -> None:
    article = make_article(status=Status.APPROVED, headline="Ready")
    page = open_as(bob, article)
    page.clock.install()
    page.get_by_role("button", name="Publish", exact=True).click()
    expect(page.locator(TO_UNDO)).to_be_visible()
    page.clock.run_for(25_000)
    expect(page.get_by_role("status").filter(has_text="Readers see it now.")).to_be_visible()
    expect(page.locator(".undo-button")).to_have_count(0)


def test_a_note_is_written_and_resolved_while_a_text_is_typed_and_the_text_stays(
    open_as: Any, bob: User, article: Article
) -> None:
    page = open_as(bob, article)
    page.get_by_label("Headline").fill("Typed and not saved")
    page.get_by_text("Write a note").click()
    page.get_by_role("textbox", name="Note").fill("Is this the right bank?")
    page.get_by_role("button", name="Add the note").click()
    expect(page.get_by_text("Your note stands beside the article now.")).to_be_visible()
    expect(page.locator("#notes .note-text").filter(has_text="Is this the right bank?")).to_be_visible()
    assert page.get_by_label("Headline").input_value() == "Typed and not saved"
    page.get_by_role("button", name=re.compile("Resolve.*Is this the right bank")).click()
    expect(page.get_by_text("The note is resolved.")).to_be_visible()
    assert page.get_by_label("Headline").input_value() == "Typed and not saved"
    assert article.notes.get(text="Is this the right bank?").resolved_by == bob
    assert page.troubles == []


def test_an_edition_is_brought_forward_while_a_text_is_typed_and_the_text_stays(
    open_as: Any, bob: User, article: Article
) -> None:
    Note.objects.filter(article=article).delete()
    page = open_as(bob, article)
    page.get_by_label("Headline").fill("Typed and not saved")
    page.locator("#timeline").get_by_role("button", name=re.compile("Publish now.*Bridge closed, 3")).first.click()
    expect(page.locator("#timeline").get_by_text("Readers see it now")).to_be_visible()
    expect(page.locator(".states")).to_contain_text("live since")
    assert page.get_by_label("Headline").input_value() == "Typed and not saved"


def test_more_is_opened_and_closed_with_the_keyboard(open_as: Any, charlie: User, article: Article) -> None:
    page = open_as(charlie, article)
    more = page.locator(".more-verbs summary")
    more.focus()
    page.keyboard.press("Enter")
    withdraw = page.get_by_role("button", name="Withdraw…")
    for rare in page.locator(".more-list button").all():
        rare.click(trial=True)  # nothing covers it, or cuts it off
    withdraw.focus()
    page.keyboard.press("Escape")
    expect(withdraw).to_be_hidden()
    expect(more).to_be_focused()


def test_without_scripts_notes_and_undo_work_by_loading_pages(open_as: Any, bob: User) -> None:
    article = make_article(status=Status.APPROVED, headline="Ready")
    publishing.publish(article, by=bob)
    page = open_as(bob, article, java_script_enabled=False)
    expect(page.locator(TO_UNDO)).to_contain_text("Readers see “Ready” from")
    page.locator(TO_UNDO).get_by_role("button", name="Undo").click()
    expect(page.get_by_text("It was not published")).to_be_visible()
    page.get_by_text("Write a note").click()
    page.get_by_role("textbox", name="Note").fill("Why?")
    page.get_by_role("button", name="Add the note").click()
    expect(page.locator("#notes").get_by_text("Why?").first).to_be_visible()
