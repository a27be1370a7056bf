"""What readers do beside writing, in a browser: confirm, be known, object, report, look after their own; by mail."""

from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.core import mail
from playwright.sync_api import expect

from articles.factories import make_live
from articles.models import Edition
from comments import moderation
from comments.factories import make_comment, make_published
from comments.mails import links
from comments.models import Appeal, Comment, Commenter, Confirmation, Report
from comments.readers import appeals, jobs, status
from comments.states import State
from comments.tests.readers import RITA, link, make_commenter
from newsroom.lib import clock
from newsroom.models import User
from newsroom.testing import make_user
from newsroom.tests.browser import close, watch

pytestmark = [pytest.mark.once, pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def edition() -> Edition:
    return make_live(headline="Rain ahead")


@pytest.fixture
def site(live_server: Any, settings: Any) -> str:
    """Where mails lead to."""
    settings.CSRF_TRUSTED_ORIGINS = [live_server.url]
    settings.SITE_URL = live_server.url
    return str(live_server.url)


def write(page: Any, body: str, **fields: str) -> None:
    page.get_by_label("Your name").fill("Rita")
    page.get_by_label("Your comment", exact=True).fill(body)
    for label, value in fields.items():
        page.get_by_label(label.replace("_", " ")).fill(value)
    page.get_by_role("button", name="Send the comment").click()


def message(page: Any) -> Any:
    return page.locator("#comment-form .comment-message")


def tell(comment: Comment) -> None:
    """What the worker does once the time for it has come."""
    Comment.objects.filter(pk=comment.pk).update(tell_at=clock.now())
    jobs.tell.call_local()


def test_an_address_is_confirmed_once_and_the_browser_is_known_until_it_is_told_otherwise(
    page: Any, site: str, edition: Edition
) -> None:
    page.goto(site + edition.path)
    page.get_by_label("Mail me when somebody answers").check()
    write(page, "Well said.")
    field = page.get_by_label("Your email address (optional)")
    expect(field).to_be_focused()
    expect(field).to_have_attribute("aria-invalid", "true")
    field.fill(RITA)
    page.get_by_role("button", name="Send the comment").click()
    expect(message(page)).to_contain_text("open the mail that we have sent you")
    page.goto(site + link("confirm"))
    page.get_by_role("button", name="Confirm the address").click()
    expect(page.get_by_role("heading", name="Your address is confirmed")).to_be_visible()
    expect(page.get_by_text("This browser remembers you")).to_be_visible()

    page.goto(site + edition.path)
    expect(page.get_by_label("Your email address (optional)")).to_be_hidden()
    expect(page.get_by_text("with the confirmed address r…@example.org")).to_be_visible()
    expect(page.get_by_label("Your name")).to_have_value("Rita")
    write(page, "And another.")
    expect(message(page)).to_contain_text("waits for a moderator")
    rita = Commenter.objects.get(email=RITA)
    assert (rita.wants_outcome, rita.wants_replies) == (False, True)
    assert Comment.objects.filter(commenter=rita).count() == 2
    assert len(mail.outbox) == 1

    page.get_by_role("button", name="That is not me").click()
    expect(page.get_by_label("Your email address (optional)")).to_be_focused()
    write(page, "By nobody known.")
    expect(message(page)).to_contain_text("waits for a moderator")
    assert Comment.objects.get(body="By nobody known.").commenter is None
    assert page.context.cookies() == []
    assert [trouble for trouble in page.troubles if "of 42" not in trouble] == []


def test_a_browser_that_was_signed_out_elsewhere_says_so_and_keeps_the_words(
    page: Any, site: str, edition: Edition
) -> None:
    comment = make_comment(edition, state=State.AWAITING_EMAIL)
    waits = Confirmation.objects.create(comment=comment, email=RITA, language="en", created_at=clock.now())
    page.goto(site + links.to_confirm(waits).removeprefix(site))
    page.get_by_role("button", name="Confirm the address").click()
    expect(page.get_by_text("This browser remembers you")).to_be_visible()
    Commenter.objects.update(token_version=2)
    page.goto(site + edition.path)
    write(page, "Quagga")
    expect(message(page)).to_contain_text("not confirmed in this browser any more")
    expect(page.get_by_label("Your comment", exact=True)).to_have_value("Quagga")
    expect(page.get_by_label("Your email address (optional)")).to_be_visible()
    page.get_by_role("button", name="Send the comment").click()
    expect(message(page)).to_contain_text("waits for a moderator")


def test_a_rejection_is_mailed_and_objected_to_and_answered(page: Any, site: str, edition: Edition, erik: User) -> None:
    comment = make_comment(edition, commenter=make_commenter(), body="I only quoted him.")
    moderation.decide(comment, "reject", by=erik, reason="abuse", notice="Please be kind.", expected=comment.versions)
    tell(comment)
    page.goto(site + link("status"))
    expect(page.get_by_role("heading", name="Your comment was rejected.")).to_be_visible()
    expect(page.get_by_text("Please be kind.")).to_be_visible()
    page.get_by_role("button", name="Send the objection").click()
    expect(page.get_by_text("Please say why the decision is wrong")).to_be_visible()
    page.get_by_label("Why is the decision wrong?").fill("It was a quotation.")
    page.get_by_role("button", name="Send the objection").click()
    expect(page.get_by_text("will look at your comment again")).to_be_visible()
    appeals.answer(Appeal.objects.get(), by=make_user("emma", "moderator"), granted=True, answer="You were right.")
    tell(comment)
    page.goto(site + link("status"))
    expect(page.get_by_text("Your objection was heard.")).to_be_visible()
    page.get_by_role("button", name="Take my comment away").click()
    expect(page.get_by_role("heading", name="You have taken your comment away.")).to_be_visible()
    page.goto(site + link("mails"))
    page.get_by_role("button", name="No more mails of this kind").click()
    expect(page.get_by_text("You get no more mails about what becomes of your comments.")).to_be_visible()
    assert not Commenter.objects.get().wants_outcome
    assert [trouble for trouble in page.troubles if "of 42" not in trouble] == []


def test_a_comment_is_reported_in_place_by_keyboard(page: Any, site: str, edition: Edition) -> None:
    comment = make_published(edition)
    page.goto(site + edition.path)
    before = page.url
    page.get_by_role("link", name="Report comment 1").press("Enter")
    form = page.locator(f"#comment-{comment.public_id} form[data-report]")
    expect(form.get_by_label("abuse or hatred")).to_be_focused()
    form.get_by_role("button", name="Send the report").click()
    expect(form.locator("[data-message]")).to_contain_text("Please choose the rule")
    form.get_by_label("abuse or hatred").check()
    form.get_by_label("What is wrong with it? (optional)").fill("He insults her.")
    form.get_by_role("button", name="Send the report").click()
    said = page.locator(f"#comment-{comment.public_id} .comment-message")
    expect(said).to_contain_text("A moderator will look at the comment.")
    expect(said).to_be_focused()
    assert page.url == before
    assert Report.objects.get().text == "He insults her."
    page.get_by_role("link", name="Report comment 1").click()
    page.get_by_role("button", name="Cancel").click()
    expect(page.get_by_role("link", name="Report comment 1")).to_be_focused()
    assert [trouble for trouble in page.troubles if "of 42" not in trouble] == []


def test_without_scripts_all_of_it_works_as_well(browser: Any, site: str, edition: Edition) -> None:
    make_published(edition)
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(site + edition.path)
    write(page, "Well said.", Your_email_address=RITA)
    expect(page.get_by_role("heading", name="open the mail that we have sent you")).to_be_visible()
    page.goto(site + link("confirm"))
    page.get_by_role("button", name="Confirm the address").click()
    expect(page.get_by_text("waits for a moderator")).to_be_visible()
    page.get_by_role("link", name="All your comments").click()
    expect(page.get_by_text("Well said.")).to_be_visible()
    page.get_by_label("Mail me what becomes of my comments").check()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_label("Mail me what becomes of my comments")).to_be_checked()
    page.goto(site + edition.path)
    page.get_by_role("link", name="Report comment 1").click()
    page.get_by_label("unlawful").check()
    page.get_by_role("button", name="Send the report").click()
    expect(page.get_by_role("heading", name="Your report was received")).to_be_visible()
    assert (Commenter.objects.get().wants_outcome, Report.objects.get().reason) == (True, "unlawful")
    close(context)


@pytest.mark.parametrize("language", ["en", "ar"])
def test_no_page_of_readers_has_barriers_nor_stands_over_the_edge(
    browser: Any, site: str, language: str, erik: User
) -> None:
    edition = make_live(language=language)
    rita = make_commenter(language=language)
    shown = make_published(edition, commenter=rita, body="Donaudampfschifffahrtsgesellschaft " * 9)
    rejected = make_comment(edition, commenter=rita)
    moderation.decide(rejected, "reject", by=erik, reason="abuse", notice="No.", expected=rejected.versions)
    awaiting = make_comment(edition, state=State.AWAITING_EMAIL)
    waits = Confirmation(comment=awaiting, email=RITA, language=language, created_at=clock.now())
    waits.save()
    prefix = "" if language == "en" else f"/{language}"
    paths = [
        f"{prefix}{status.address(rejected)}",
        f"{prefix}{status.address(shown)}",
        f"{prefix}/comments/mine/",
        links.to_mine(rita).removeprefix(site),
        links.to_erase(rita).removeprefix(site),
        links.to_turn_off(rita, links.Kind.REPLIES).removeprefix(site),
        links.to_confirm(waits).removeprefix(site),
        f"{prefix}{status.address(awaiting)}",
        f"{prefix}/comments/{shown.public_id}/report/",
        edition.path,
    ]
    context = browser.new_context(viewport={"width": 360, "height": 800})
    page = context.new_page()
    watch(page)
    for path, colours in zip(paths, ["light", "dark"] * 5, strict=False):
        page.emulate_media(color_scheme=colours)
        page.goto(site + path)
        if path == edition.path:
            page.locator("a[data-report-comment]").last.click()
            expect(page.locator("form[data-report] input[type=radio]").first).to_be_focused()
        found = Axe().run(page).response["violations"]
        assert [(one["id"], [node["html"] for node in one["nodes"]]) for one in found] == [], path
        assert page.evaluate("document.documentElement.scrollWidth") <= 360, path
    assert page.troubles == []
    close(context)
