"""The admin in a browser: under its Content Security Policy, for everyone, at every width, in both directions."""

import os
import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.contrib import admin
from django.contrib.flatpages.models import FlatPage
from django.urls import reverse
from playwright.sync_api import expect

from articles import publishing
from articles.factories import make_article, make_author, make_image, make_live, make_tag
from articles.models import Article
from articles.states import Status
from comments.factories import make_comment
from newsroom.lib import clock
from newsroom.models import SiteSettings, User
from newsroom.roles import apply
from newsroom.testing import make_user
from newsroom.tests.browser import close, sign_in, watch
from subscribers.factories import make_newsletter

pytestmark = [pytest.mark.once, pytest.mark.browser, pytest.mark.django_db(transaction=True)]

HOME, LIST = reverse("admin:index"), reverse("admin:articles_article_changelist")


@pytest.fixture
def roles() -> None:
    """The tables are emptied between these tests, and the groups with them."""
    apply()


Open = Callable[..., Any]


@pytest.fixture
def open_as(browser: Any, live_server: Any, roles: None) -> Iterator[Open]:
    """Open a path with somebody signed in; what the browser complains of is kept in `page.troubles`."""
    contexts = []

    def open_page(user: User, path: str, *, width: int = 1280, dark: bool = False) -> Any:
        context = browser.new_context(
            base_url=live_server.url,
            viewport={"width": width, "height": 900},
            color_scheme="dark" if dark else "light",
        )
        contexts.append(context)
        page = context.new_page()
        watch(page)
        sign_in(page, live_server, user)
        assert page.goto(path).ok
        return page

    yield open_page
    for context in contexts:
        close(context)


@pytest.fixture
def article() -> Article:
    """An article with something in every field of its form, live and with an update to come."""
    bob, alice = make_user("bob", "section editor"), make_user("alice", "reporter")
    edition = make_live(
        headline="Bridge closed until spring", by=alice, lead=make_image(), tags=[make_tag("Harbour")], kicker="City"
    )
    article = Article.objects.get(pk=edition.article_id)
    publishing.schedule(article, by=bob, starts_at=clock.now() + timedelta(hours=3))
    make_article(headline="ميناء المدينة", by=alice, assignee=bob, due=clock.now(), status=Status.IN_REVIEW)
    return article


@pytest.fixture
def root(roles: None) -> User:
    return make_user("root", is_superuser=True)


def barriers(page: Any) -> list[str]:
    """Serious violations of WCAG 2.2 A and AA, as text. The editor takes a moment to be what it says it is."""
    if page.locator("#id_body").count():
        page.locator(".cke_wysiwyg_div[role]").wait_for()
    options = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}
    found = Axe().run(page, options=options).response["violations"]
    return [
        f"{violation['id']}: {node['html']} {node['failureSummary']}"
        for violation in found
        if violation["impact"] in ("serious", "critical")
        for node in violation["nodes"]
    ]


def rooms() -> list[str]:
    """The list, the empty form and the first row's form of every model of the admin, where it has them."""
    addresses = [HOME, reverse("admin:password_change")]
    for model in admin.site._registry:
        name = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        addresses += [reverse(f"{name}_changelist"), reverse(f"{name}_add")]
        first = model._default_manager.order_by("pk").first()
        if first is not None:
            addresses.append(reverse(f"{name}_change", args=[first.pk]))
    return addresses


def test_no_page_of_the_admin_breaks_the_content_security_policy(open_as: Open, root: User, article: Article) -> None:
    FlatPage.objects.create(url="/about/", title="About", content="<p>Us.</p>")
    SiteSettings().save()
    make_comment(article=article)
    make_newsletter()
    make_author(user=root)
    page = open_as(root, HOME)
    for address in rooms():
        response = page.goto(address)
        assert response.status in (200, 403), address
        page.wait_for_load_state("load")
        if response.status == 200:
            assert page.troubles == [], address
        page.troubles.clear()


@pytest.mark.parametrize(("width", "dark"), [(1280, True), (360, False)])
def test_dashboard_list_and_form_are_without_barriers(open_as: Open, article: Article, width: int, dark: bool) -> None:
    bob = User.objects.get(username="bob")
    page = open_as(bob, HOME, width=width, dark=dark)
    images = reverse("admin:articles_image_changelist")
    forms = [reverse("admin:articles_article_change", args=[article.pk]), reverse("admin:articles_article_add")]
    for address in (HOME, LIST, images, *forms):
        page.goto(address)
        page.wait_for_load_state("load")
        assert barriers(page) == [], address


@pytest.mark.parametrize("language", ["en", "ar"])
def test_nothing_is_wider_than_a_phone(open_as: Open, article: Article, language: str) -> None:
    bob = User.objects.get(username="bob")
    User.objects.filter(pk=bob.pk).update(language=language)
    page = open_as(bob, HOME, width=360)
    verb = reverse("admin:articles_article_verb", args=[article.pk, "cancel"])
    images = reverse("admin:articles_image_changelist")
    for address in (HOME, LIST, images, reverse("admin:articles_article_change", args=[article.pk]), verb):
        page.goto(address)
        page.wait_for_load_state("load")
        assert page.evaluate("document.documentElement.scrollWidth") <= 360, address
        assert page.evaluate("document.documentElement.dir") == ("rtl" if language == "ar" else "ltr")


def test_an_article_is_written_submitted_and_approved_with_the_buttons(open_as: Open) -> None:
    alice, bob = make_user("alice", "reporter"), make_user("bob", "section editor")
    article = make_article(by=alice, headline="First words")
    address = reverse("admin:articles_article_change", args=[article.pk])
    writing = open_as(alice, address)
    writing.get_by_label("Headline").fill("Bridge closed until spring")
    writing.get_by_role("button", name="Submit").click()
    expect(writing.get_by_text("It is with the desk now")).to_be_visible()
    expect(writing.get_by_role("heading", level=1)).to_have_text("Bridge closed until spring")

    reviewing = open_as(bob, address)
    reviewing.get_by_role("button", name="Approve").click()
    expect(reviewing.get_by_text("Exactly this text is approved")).to_be_visible()
    reviewing.get_by_role("button", name="Publish", exact=True).click()
    expect(reviewing.get_by_text("scheduled for").first).to_be_visible()
    reviewing.locator(".edition-verb button", has_text="Undo").click()
    expect(reviewing.get_by_text("Approved, not published").first).to_be_visible()
    assert writing.troubles + reviewing.troubles == []


def test_a_link_from_a_problem_leads_to_its_field(open_as: Open) -> None:
    alice = make_user("alice", "reporter")
    article = make_article(by=alice, standfirst="")
    page = open_as(alice, reverse("admin:articles_article_change", args=[article.pk]))
    page.get_by_role("link", name=re.compile("Go there.*There is no standfirst")).click()
    expect(page.get_by_label("Standfirst")).to_be_in_viewport()


def test_the_form_can_be_worked_with_the_keyboard_alone(open_as: Open) -> None:
    alice = make_user("alice", "reporter")
    article = make_article(by=alice)
    page = open_as(alice, reverse("admin:articles_article_change", args=[article.pk]))
    page.get_by_label("Headline").focus()
    page.keyboard.type("!")
    button = page.get_by_role("button", name="Submit")
    button.focus()
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") != "none"
    page.keyboard.press("Enter")
    expect(page.get_by_text("It is with the desk now")).to_be_visible()


def test_a_form_with_errors_begins_at_the_first_of_them(open_as: Open) -> None:
    alice = make_user("alice", "reporter")
    article = make_article(by=alice)
    page = open_as(alice, reverse("admin:articles_article_change", args=[article.pk]))
    page.get_by_label("Kicker").fill("x" * 81)
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("at most 80 characters (it has 81)")).to_be_visible()
    expect(page.get_by_label("Kicker")).to_be_focused()


def test_the_queue_of_comments_is_read_on_a_phone_without_scrolling_sideways(open_as: Open, article: Article) -> None:
    erik = make_user("erik", "moderator")
    make_comment(article, body="A remark about the bridge that goes on for a while, as remarks do. " * 3)
    page = open_as(erik, reverse("admin:comments_comment_changelist"), width=360)
    expect(page.get_by_text("A remark about the bridge")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    box = page.locator("#queue").bounding_box()
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 360
    if folder := os.environ.get("SHOTS"):
        page.screenshot(path=f"{folder}/queue.png")
