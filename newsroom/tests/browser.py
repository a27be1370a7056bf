"""A real browser for tests: Chromium of this machine, driven by Playwright.

`page` keeps a list `page.troubles` of what a clean page never has: errors in the console, uncaught
exceptions and violations of the Content Security Policy.
"""

import os
import shutil
import time
from collections.abc import Iterator
from typing import Any

import pytest

from newsroom.models import User
from newsroom.testing import client_of

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """Chromium. Without it tests are skipped, or fail where BROWSER_TESTS=required says so."""
    # The shell draws no windows, which is a third of the work.
    programs = ("chromium-headless-shell", "chromium", "google-chrome")
    path = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, programs)), None)
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        path = None
    if not path:
        reason = "No Chromium, or no Playwright. Install both, or name the program in CHROMIUM."
        if os.environ.get("BROWSER_TESTS") == "required":
            pytest.fail(reason)
        pytest.skip(reason)
    # Playwright's own event loop runs in this thread, and Django takes it for asynchronous code.
    before = os.environ.get("DJANGO_ALLOW_ASYNC_UNSAFE")
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield chromium
        chromium.close()
    if before is None:
        del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture
def page(browser: Any) -> Iterator[Any]:
    """A page in a fresh profile."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    page.set_default_timeout(15_000)
    watch(page)
    yield page
    close(context)


def close(context: Any) -> None:
    """Close a context with its pages. By itself Chromium asks pages first, and may wait for ever for an answer."""
    for page in context.pages:
        page.close()
    context.close()


def watch(page: Any) -> None:
    """Collect in `page.troubles` what goes wrong in `page`."""
    page.troubles = []
    page.on("console", lambda message: message.type == "error" and page.troubles.append(_told(message)))
    page.on("pageerror", lambda error: page.troubles.append(str(error)))


def sign_in(page: Any, live_server: Any, user: User) -> None:
    """Make `page` a browser in which `user` is signed in."""
    cookie = client_of(user).cookies["sessionid"]
    page.context.add_cookies([{"name": "sessionid", "value": cookie.value, "url": live_server.url}])


def wait_until(page: Any, condition: str, seconds: float = 30) -> None:
    """Until the JavaScript expression is true. Playwright's own way needs a policy with unsafe-eval."""
    ends = time.monotonic() + seconds
    while not page.evaluate(f"Boolean({condition})"):
        if time.monotonic() > ends:
            pytest.fail(f"Waited {seconds} s for {condition}. Troubles: {page.troubles}")
        page.wait_for_timeout(50)


EDITOR = "CKEDITOR.instances.id_body"


def focus_editor(page: Any) -> None:
    """Put the keyboard into the body's editor, which may take the first try for its own at a busy moment."""
    asked = f"({EDITOR}.focusManager.hasFocus || (document.activeElement.blur(), {EDITOR}.focus(), false))"
    wait_until(page, asked)


def _told(message: Any) -> str:
    """What the console says, with the address that it is about."""
    return f"{message.text} {message.location.get('url', '')}"
