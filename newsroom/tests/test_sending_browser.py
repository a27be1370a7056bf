"""“Send now” in a browser: an issue goes to a real mail server while its editor watches the numbers move."""

from collections.abc import Iterator
from threading import Thread
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.db import connection
from django.urls import reverse
from playwright.sync_api import expect

from articles.factories import make_live
from newsroom.models import User
from newsroom.roles import apply
from newsroom.testing import make_user
from newsroom.tests.browser import close, sign_in, watch
from subscribers.factories import make_issue, make_newsletter
from subscribers.issues import workflow
from subscribers.sending import worker
from subscribers.tests.mailserver import MailServer, mail_server
from subscribers.tests.sendings import make_readers

pytestmark = [pytest.mark.once, pytest.mark.browser, pytest.mark.django_db(transaction=True)]

STANDARDS = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}
READERS = 60


@pytest.fixture
def server(settings: Any) -> Iterator[MailServer]:
    with mail_server(settings) as running:
        yield running


@pytest.fixture
def open_as(browser: Any, live_server: Any) -> Iterator[Any]:
    contexts = []

    def open_page(user: User, path: str, *, width: int = 1280, dark: bool = False) -> Any:
        context = browser.new_context(
            base_url=live_server.url,
            viewport={"width": width, "height": 900},
            color_scheme="dark" if dark else "light",
        )
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(20_000)
        watch(page)
        sign_in(page, live_server, user)
        assert page.goto(path).ok
        return page

    yield open_page
    for context in contexts:
        close(context)


def barriers(page: Any) -> list[str]:
    found = Axe().run(page, options=STANDARDS).response["violations"]
    return [f"{row['id']}: {node['html']} {node['failureSummary']}" for row in found for node in row["nodes"]]


def sent(page: Any) -> int:
    """The number beside “Sent”, the first of the list."""
    return int(page.locator(".progress-numbers dd").first.inner_text())


def a_slice_of_work() -> None:
    try:
        worker.work(60)
    finally:
        connection.close()


# Keeps every sentence that is said aloud.
LISTEN = """() => {
  window.heard = [];
  const region = document.querySelector("[data-progress-said]");
  new MutationObserver(() => window.heard.push(region.textContent)).observe(region, { childList: true });
  window.sameDocument = true;
}"""


def test_an_editor_sends_an_issue_and_watches_it_go(open_as: Any, server: MailServer) -> None:
    apply()
    nora = make_user("nora", "newsletter editor")
    newsletter = make_readers(READERS, make_newsletter(name="The Week", slug="week"))
    issue = workflow.change(make_issue(make_live(), newsletter=newsletter), "ready")
    server.pause = 0.15
    page = open_as(nora, reverse("admin:subscribers_issue_change", args=[issue.pk]))
    page.get_by_role("link", name="Send now…").click()
    page.get_by_role("button", name="Send now").click()
    told = page.locator(".progress-said")
    expect(told).to_have_text("It begins in a moment.")
    page.evaluate(LISTEN)

    work = Thread(target=a_slice_of_work)
    work.start()
    try:
        expect(page.get_by_role("link", name="Pause…")).to_be_visible()
        numbers = [sent(page)]
        while len(numbers) < 3:
            page.wait_for_timeout(100)
            if (now := sent(page)) > numbers[-1]:
                numbers.append(now)
        assert page.troubles == []
        assert barriers(page) == []
        page.troubles.clear()  # axe tries inline styles
        end = f"It is sent: of {READERS} mails the mail server took {READERS}."
        expect(told).to_have_text(end, timeout=60_000)
        expect(page.get_by_role("link", name="Pause…")).to_have_count(0)
        expect(page.get_by_role("link", name="Look again")).to_have_count(0)
    finally:
        work.join()
    assert page.evaluate("window.sameDocument")  # it was not loaded again
    heard = page.evaluate("window.heard")
    assert heard[-1] == end
    assert len(heard) == len(set(heard)) <= 6
    assert server.twice() == []
    assert page.troubles == []
    assert barriers(page) == []
