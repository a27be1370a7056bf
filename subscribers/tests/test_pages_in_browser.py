"""Subscribing, the dialog, and the preference centre as a browser shows them, with a script and without one."""

import io
import re

from axe_playwright_python.sync_playwright import Axe
from django.core import mail
from django.urls import reverse
from playwright.sync_api import expect
from pytest import fixture, mark

from articles.factories import make_live
from newsroom.models import SiteSettings
from newsroom.tests.browser import close, sign_in, wait_until, watch
from subscribers import letters, preferring
from subscribers.factories import make_newsletter, make_subscriber
from subscribers.lists import runs
from subscribers.models import Import, Newsletter, Subscriber, Subscription
from subscribers.states import SubscriptionState
from subscribers.tests.mails import link

pytestmark = [mark.once, mark.browser, mark.django_db(transaction=True)]

WIDTHS = {"wide": {"width": 1280, "height": 900}, "narrow": {"width": 360, "height": 740}}


@fixture
def site(live_server, settings):
    """A site with two newsletters, at the address it is asked at."""
    settings.CSRF_TRUSTED_ORIGINS = [live_server.url]
    settings.SITE_URL = live_server.url
    make_newsletter(name="The Week", slug="week", description="Every Friday.")
    return live_server.url


@fixture
def open_page(browser, site):
    """Open a page of the site in a browser of its own."""
    opened = []

    def open_(path="/", **options):
        context = browser.new_context(**options)
        opened.append(context)
        page = context.new_page()
        page.set_default_timeout(15_000)
        watch(page)
        page.goto(site + path)
        return page

    yield open_
    for context in opened:
        close(context)


def faults(page):
    """What axe finds: rules broken, and where."""
    found = Axe().run(page).response["violations"]
    return [(fault["id"], node["target"]) for fault in found for node in fault["nodes"]]


def subscribe(page, email="reader@example.org"):
    page.get_by_label("Your email address", exact=True).fill(email)
    page.get_by_role("button", name="Subscribe").click()
    expect(page.get_by_text("Almost there: we have sent you a link to confirm")).to_be_visible()


# Confirm --------------------------------------------------------------------------------------


def test_the_browser_that_sent_the_form_presses_the_button_itself(open_page, site):
    page = open_page()
    subscribe(page)
    page.goto(site + link("confirm"))
    expect(page.get_by_role("heading", level=1)).to_have_text("You have successfully subscribed to the newsletter")
    assert Subscriber.objects.get().email == "reader@example.org"
    assert page.context.cookies() == []
    assert page.troubles == []
    page.goto(site + link("confirm", 0))  # the link once more: it says the same, and nothing loops
    expect(page.get_by_role("heading", level=1)).to_have_text("You have successfully subscribed to the newsletter")


def test_a_browser_that_runs_scripts_and_did_not_send_the_form_presses_nothing(open_page, site):
    subscribe(open_page())
    page = open_page(link("confirm"))  # a scanner with a browser, or the reader's telephone
    button = page.get_by_role("button", name="Subscribe")
    expect(button).to_be_visible()
    page.wait_for_load_state("networkidle")
    assert not Subscriber.objects.exists()
    assert faults(page) == []
    button.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("You have successfully subscribed to the newsletter")
    assert Subscriber.objects.exists()


def test_without_a_script_a_reader_subscribes_pauses_and_leaves(open_page, site):
    page = open_page("/newsletter/", java_script_enabled=False)
    subscribe(page)
    page.goto(site + link("confirm"))
    page.get_by_role("button", name="Subscribe").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("You have successfully subscribed to the newsletter")
    page.goto(site + link("preferences"))
    page.get_by_label("Pause it").check()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("status")).to_have_text("Your choice is saved.")
    assert Subscription.objects.get().state == SubscriptionState.PAUSED
    page.goto(site + link("unsubscribe"))
    page.get_by_role("button", name="Unsubscribe").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("You have been unsubscribed")
    assert Subscription.objects.get().state == SubscriptionState.UNSUBSCRIBED


# The preference centre ------------------------------------------------------------------------


@mark.parametrize("language", ["en", "ar"])
@mark.parametrize("width", WIDTHS)
def test_the_preference_centre_is_clean_and_fits(open_page, site, language, width):
    make_newsletter(name="Morning", slug="morning")
    reader = make_subscriber("reader@example.org", Newsletter.objects.get(slug="week"), language=language)
    preferring.mail_link(reader.email_norm)
    for path in (letters.preferences_link(reader).removeprefix(site), link("preferences")):
        page = open_page(path, viewport=WIDTHS[width])
        assert faults(page) == []
        assert page.troubles == []
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_a_subscriber_asks_for_the_link_and_erases_everything(open_page, site):
    make_subscriber("reader@example.org")
    page = open_page("/newsletter/preferences/")
    assert faults(page) == []
    page.get_by_label("Your email address", exact=True).fill("reader@example.org")
    page.get_by_role("button", name="Send me the link").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("the link is on its way")
    page.goto(site + link("preferences"))
    with page.expect_download() as download:
        page.get_by_role("button", name="Download everything").click()
    assert download.value.suggested_filename == "newsletter.json"
    page.get_by_role("button", name="Erase everything").click()
    assert faults(page) == []
    page.get_by_role("button", name="Erase everything").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Everything about you is erased")
    assert not Subscriber.objects.exists()
    assert len(mail.outbox) == 1


# The admin ------------------------------------------------------------------------------------


def test_the_reports_of_the_admin_are_clean_and_fit(page, site, live_server, nora):
    newsletter = Newsletter.objects.get(slug="week")
    list(runs.at_once(newsletter, io.BytesIO(b"email\nreader@example.org\n"), file_name="x.csv", dry_run=False))
    sign_in(page, live_server, nora)
    for name, keys in (
        ("subscriber_growth", []),
        ("subscriber_export", []),
        ("subscriber_evidence", [Subscriber.objects.get().pk]),
        ("evidence", []),
        ("import_add", []),
        ("import_change", [Import.objects.get().pk]),
    ):
        page.goto(site + reverse(f"admin:subscribers_{name}", args=keys))
        assert page.troubles == []
        assert faults(page) == [], name
        page.troubles.clear()  # what axe itself puts into the page is refused by its policy
        page.set_viewport_size(WIDTHS["narrow"])
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), name
        page.set_viewport_size(WIDTHS["wide"])


# The dialog -----------------------------------------------------------------------------------


@fixture
def article(site):
    SiteSettings(newsletter_dialog=True).save()
    return make_live(headline="Rain ahead", body="<p>Words of the article.</p>" * 200).path


@fixture
def read(open_page, article):
    """Open the article with a clock that the test turns."""

    def open_(path=article, **options):
        page = open_page("/robots.txt", **options)
        page.clock.install()
        page.goto(page.url.replace("/robots.txt", path))
        return page

    return open_


def scroll(page, part=0.5):
    page.evaluate(f"window.scrollTo(0, (document.documentElement.scrollHeight - innerHeight) * {part})")


def wait(page, seconds=25):
    page.clock.run_for(seconds * 1000)


def test_the_dialog_comes_once_after_a_while_of_reading_and_is_left_by_keyboard(read):
    page = read()
    dialog = page.get_by_role("dialog", name=re.compile("The Week"))
    wait(page)
    expect(dialog).to_be_hidden()  # nobody reads yet
    scroll(page)
    wait(page, 2)
    expect(dialog).to_be_visible()
    expect(page.get_by_role("button", name="Not now")).to_be_focused()
    assert faults(page) == []
    for _ in range(12):  # Tab stays inside, or with the browser's own bar
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement === document.body || !!document.activeElement.closest('dialog')")
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    assert page.locator("main ~ .band #newsletter, .band #newsletter").count() == 1  # the form is back in its place
    page.reload()
    scroll(page)
    wait(page)
    expect(dialog).to_be_hidden()
    assert page.context.cookies() == []
    assert page.troubles == []


def test_the_form_in_the_dialog_works_and_keeps_what_was_typed(read):
    page = read()
    page.get_by_label("Your email address", exact=True).fill("reader@example.org")
    page.get_by_label("Your email address", exact=True).blur()
    scroll(page)
    wait(page)
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_label("Your email address")).to_have_value("reader@example.org")
    dialog.get_by_role("button", name="Subscribe").click()
    expect(dialog.get_by_role("status")).to_have_text("Almost there: we have sent you a link to confirm")
    dialog.get_by_role("button", name="Not now").click()
    expect(dialog).to_be_hidden()
    assert page.evaluate("scrollY") > 0


@mark.parametrize("path", ["/newsletter/", "/search/", "/newsletter/preferences/", "/newsletter/almost-there/"])
def test_the_dialog_never_comes_on_pages_with_forms(open_page, article, path):
    page = open_page(path)
    assert page.locator("dialog").count() == 0


def test_the_dialog_waits_for_who_types_and_does_not_come_where_it_cannot_be_remembered(read):
    page = read()
    scroll(page)
    page.get_by_label("Your email address", exact=True).focus()
    scroll(page)
    wait(page)
    expect(page.get_by_role("dialog")).to_be_hidden()
    other = read()
    other.evaluate("() => { Storage.prototype.setItem = () => { throw new Error('full') } }")
    scroll(other)
    wait(other)
    expect(other.get_by_role("dialog")).to_be_hidden()


def test_the_dialog_does_not_move_for_who_wants_no_motion_and_fits_a_narrow_screen(read):
    page = read(viewport=WIDTHS["narrow"], reduced_motion="reduce")
    scroll(page)
    wait(page)
    dialog = page.get_by_role("dialog")
    expect(dialog).to_be_visible()
    assert page.evaluate("document.querySelector('dialog').getAnimations().length") == 0
    box = dialog.bounding_box()
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 360
    assert box["y"] + box["height"] <= 740
    page.mouse.click(5, 5)  # beside it
    expect(dialog).to_be_hidden()


def test_a_site_that_does_not_want_the_dialog_has_none(open_page, article):
    SiteSettings(newsletter_dialog=False).save()
    page = open_page(article)
    wait_until(page, "document.readyState === 'complete'")
    assert page.locator("dialog").count() == 0
