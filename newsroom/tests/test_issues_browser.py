"""An issue of a newsletter in a browser: composed by keys and by hand, looked at in two widths, read on the web."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.urls import reverse
from playwright.sync_api import expect

from articles.factories import make_image, make_live, make_section
from newsroom.models import User
from newsroom.roles import apply
from newsroom.testing import make_user
from newsroom.tests.browser import close, sign_in, watch
from subscribers.factories import make_issue, make_newsletter, make_subscriber
from subscribers.issues import mailing, workflow
from subscribers.issues.rendering import PERSONAL
from subscribers.models import Issue

pytestmark = [pytest.mark.once, pytest.mark.browser, pytest.mark.django_db(transaction=True)]

STANDARDS = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}
RENDITION = {"width": 1200, "height": 800, "type": "image/jpeg", "path": "ab/cd-1200.jpg"}

Open = Callable[..., Any]


@pytest.fixture
def nora() -> User:
    """The tables are emptied between these tests, and the groups with them."""
    apply()
    return make_user("nora", "newsletter editor")


@pytest.fixture
def open_as(browser: Any, live_server: Any) -> Iterator[Open]:
    contexts = []

    def open_page(user: User | None, path: str, *, width: int = 1280, dark: bool = False) -> Any:
        context = browser.new_context(
            base_url=live_server.url,
            viewport={"width": width, "height": 900},
            color_scheme="dark" if dark else "light",
        )
        contexts.append(context)
        page = context.new_page()
        watch(page)
        if user:
            sign_in(page, live_server, user)
        assert page.goto(path).ok
        return page

    yield open_page
    for context in contexts:
        close(context)


def page_of(issue: Issue, page: str = "change", *args: str) -> str:
    return reverse(f"admin:subscribers_issue_{page}", args=[issue.pk, *args])


def barriers(page: Any) -> list[str]:
    """Violations of WCAG 2.2 A and AA, as text."""
    found = Axe().run(page, options=STANDARDS).response["violations"]
    return [f"{row['id']}: {node['html']} {node['failureSummary']}" for row in found for node in row["nodes"]]


def order(page: Any) -> list[str]:
    return page.locator(".issue-rows .item-headline").all_text_contents()


def test_an_issue_is_composed_and_previewed_with_the_keyboard_alone(open_as: Open, nora: User) -> None:
    newsletter = make_newsletter(name="The week")
    make_live(headline="Ferry stops at noon", section=make_section("City"))
    make_live(headline="Bridge opens")
    make_live(headline="Die Fähre", language="de")
    page = open_as(nora, reverse("admin:subscribers_issue_add"))
    press = page.keyboard.press
    page.get_by_label("Newsletter").select_option(str(newsletter.pk))
    page.get_by_label("Subject").focus()
    page.keyboard.type("Spring is here")
    press("Enter")
    expect(page.get_by_text("The issue is begun.")).to_be_visible()

    said, rows = page.locator(".beside-said"), page.locator(".issue-row")
    search = page.get_by_label("Search the published articles")
    expect(page.locator(".picker-list li")).to_have_count(2)
    search.focus()
    page.keyboard.type("noon FERRY")
    expect(page.locator(".picker-found")).to_have_text("1 article.")
    press("ArrowDown")
    press("Enter")
    expect(said).to_have_text("Added: Ferry stops at noon")
    press("Enter")  # once is enough
    expect(rows).to_have_count(1)
    press("ArrowUp")
    expect(search).to_be_focused()
    press("Control+a")
    press("Delete")
    expect(page.locator(".picker-list li")).to_have_count(2)
    press("ArrowDown")
    press("Enter")
    expect(rows).to_have_count(2)
    assert order(page) == ["Ferry stops at noon", "Bridge opens"]

    up = page.get_by_role("button", name="Move up: Bridge opens")
    up.focus()
    press("Enter")
    expect(said).to_have_text("Bridge opens is now number 1 of 2.")
    expect(up).to_be_focused()
    page.get_by_text("Own words: Ferry stops at noon").focus()
    press("Enter")
    rows.nth(1).get_by_label("Headline").focus()
    page.keyboard.type("No ferry")
    page.get_by_role("button", name="Save and preview").focus()
    press("Enter")

    expect(page.get_by_role("heading", level=1)).to_have_text("Preview")
    for width in ("desktop", "phone"):
        frame = page.frame_locator(f'iframe[title="The mail on a {width}"]')
        expect(frame.locator("h2")).to_have_text(["Bridge opens", "No ferry"])
    assert page.troubles == []
    page.get_by_role("link", name="Back to the issue").click()
    page.get_by_role("button", name="Save and make ready").click()
    expect(page.get_by_text("It is ready: exactly this is sent.")).to_be_visible()
    ready = Issue.objects.get()
    assert ready.content and ready.content["subject"] == "Spring is here"
    assert page.troubles == []


def test_rows_are_dragged_to_another_place_removed_and_kept(open_as: Open, nora: User) -> None:
    issue = make_issue(*(make_live(headline=name) for name in ("One", "Two", "Three")))
    page = open_as(nora, page_of(issue))
    page.locator(".issue-rows").evaluate("rows => rows.scrollIntoView({block: 'center'})")
    handle, target = page.locator(".beside-drag").nth(2), page.locator(".issue-row").nth(0)
    handle.hover()
    page.mouse.down()
    box = target.bounding_box()
    page.mouse.move(box["x"] + 20, box["y"] + 10, steps=4)
    page.mouse.move(box["x"] + 20, box["y"] + 4)
    page.mouse.up()
    assert order(page) == ["Three", "One", "Two"]
    page.get_by_role("button", name="Remove: One").click()
    page.get_by_role("button", name="Remove: Two").click()
    page.get_by_role("button", name="Keep: Two").click()
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("The draft is saved.")).to_be_visible()
    assert order(page) == ["Three", "Two"]
    assert page.troubles == []


@pytest.mark.parametrize(("width", "dark"), [(1280, True), (360, False)])
def test_the_pages_of_an_issue_are_without_barriers_and_fit(open_as: Open, nora: User, width: int, dark: bool) -> None:
    newsletter = make_newsletter()
    reader = make_subscriber("", newsletter)
    editions = [make_live(headline=f"{number}{'H' * 60}", lead=make_image()) for number in range(2)]
    draft = make_issue(*editions, newsletter=newsletter)
    ready = workflow.change(make_issue(editions[0], newsletter=newsletter), "ready")
    page = open_as(nora, reverse("admin:subscribers_issue_changelist"), width=width, dark=dark)
    for address in (
        page.url,
        page_of(draft),
        page_of(ready),
        page_of(ready, "transition", "schedule"),
        f"{page_of(draft, 'preview')}?as={reader.email}&dark=on",
    ):
        page.goto(address)
        page.wait_for_load_state("networkidle")
        assert barriers(page) == [], address
        if width == 360:
            assert page.evaluate("document.documentElement.scrollWidth") <= 360, address


@pytest.mark.parametrize("language", ["en", "ar"])
def test_a_mail_and_the_archive_are_without_barriers_in_both_directions(open_as: Open, language: str) -> None:
    newsletter = make_newsletter(language=language, slug="week")
    edition = make_live(language=language, headline="W" * 90, lead=make_image(renditions=[RENDITION]))
    issue = workflow.change(make_issue(edition, newsletter=newsletter, key="one", intro="- [a](/b/)\n- c"), "ready")
    assert issue.content
    Issue.objects.filter(pk=issue.pk).update(state="sent", starts_at=issue.ready_at)
    prefix = "" if language == "en" else f"/{language}"
    for dark in (False, True):
        page = open_as(None, f"{prefix}/newsletter/week/one/", width=360, dark=dark)
        assert barriers(page) == []
        assert page.evaluate("document.documentElement.scrollWidth") <= 360
        assert page.evaluate("document.documentElement.dir") == ("rtl" if language == "ar" else "ltr")
        page.goto(f"{prefix}/newsletter/week/")
        assert barriers(page) == []
        page.goto("about:blank")  # away from the site's policy
        page.set_content(mailing.filled(issue.content["html"], dict.fromkeys(PERSONAL, "https://x.example/")))
        assert barriers(page) == []
        assert page.evaluate("document.documentElement.scrollWidth") <= 360
