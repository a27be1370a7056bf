"""What is typed into an issue and not saved: kept by the browser, offered back, and sent only to who is signed in."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import expect

from articles.factories import make_live
from newsroom.models import User
from newsroom.tests.browser import watch
from newsroom.tests.test_issues_browser import nora, open_as, order, page_of  # noqa: F401
from newsroom.tests.writing_desk import OFFER, PASSWORD, STATUS, kept, save
from subscribers.factories import make_issue, make_newsletter
from subscribers.issues import workflow
from subscribers.models import Issue, IssueItem

pytestmark = [pytest.mark.once, pytest.mark.browser, pytest.mark.django_db(transaction=True)]

Open = Callable[..., Any]


@pytest.fixture
def issue() -> Issue:
    issue = make_issue(
        make_live(headline="Ferry stops"), newsletter=make_newsletter(), subject="The harbour", key="harbour"
    )
    make_live(headline="Zebra crossing painted")
    return issue


def pick(page: Any, headline: str) -> None:
    page.locator(".picker-list").get_by_role("button", name=f"Add: {headline}").click()


def test_rows_words_and_their_order_come_back_after_the_page_was_lost(
    open_as: Open,  # noqa: F811
    nora: User,  # noqa: F811
    issue: Issue,
) -> None:
    page = open_as(nora, page_of(issue))
    page.get_by_label("Subject").fill("The harbour, again")
    pick(page, "Zebra crossing painted")
    row = page.locator(".issue-row", has_text="Zebra crossing painted")
    row.locator("summary").click()
    row.get_by_label("Headline").fill("Stripes at last")
    row.get_by_role("button", name="Move up").click()
    assert order(page) == ["Zebra crossing painted", "Ferry stops"]
    kept(page)
    context = page.context
    page.close(run_before_unload=False)

    again = context.new_page()
    watch(again)
    assert again.goto(page_of(issue)).ok
    assert order(again) == ["Ferry stops"]
    offer = again.locator(OFFER)
    expect(offer).to_contain_text("You typed this at")
    expect(offer).to_contain_text("The harbour, again")
    offer.get_by_role("button", name="Restore it").click()
    assert order(again) == ["Zebra crossing painted", "Ferry stops"]
    save(again)
    issue.refresh_from_db()
    assert issue.subject == "The harbour, again"
    rows = IssueItem.objects.filter(issue=issue).order_by("position").values_list("article__headline", "headline")
    assert list(rows) == [("Zebra crossing painted", "Stripes at last"), ("Ferry stops", "")]
    expect(again.locator(OFFER)).to_be_hidden()
    again.reload()
    expect(again.locator(STATUS)).to_be_attached()
    again.wait_for_timeout(500)  # in which it would be offered, if it were
    expect(again.locator(OFFER)).to_be_hidden()


def test_who_was_signed_out_signs_in_in_place_and_nothing_is_lost(
    open_as: Open,  # noqa: F811
    nora: User,  # noqa: F811
    issue: Issue,
) -> None:
    nora.set_password(PASSWORD)
    nora.save()
    page = open_as(nora, page_of(issue))
    page.get_by_label("Subject").fill("Typed while signed out")
    page.context.clear_cookies()
    page.get_by_role("button", name="Save", exact=True).click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Password").fill(PASSWORD)
    with page.expect_navigation():
        dialog.get_by_role("button", name="Sign in").click()
    issue.refresh_from_db()
    assert issue.subject == "Typed while signed out"


def test_what_a_colleague_made_ready_meanwhile_is_offered_when_it_is_a_draft_again(
    open_as: Open,  # noqa: F811
    nora: User,  # noqa: F811
    issue: Issue,
) -> None:
    page = open_as(nora, page_of(issue))
    page.get_by_label("Subject").fill("Better words")
    ready = workflow.change(issue, "ready")
    save(page)
    expect(page.locator(".messagelist")).to_contain_text("Load the issue again to see how it stands now")
    expect(page.locator(".messagelist")).to_contain_text("offered when this is a draft again")
    workflow.change(ready, "edit")
    page.goto(page_of(issue))
    expect(page.locator(OFFER)).to_contain_text("Better words")
