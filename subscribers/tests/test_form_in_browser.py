"""The form as a browser shows it: with a script in place, and without one on pages of their own."""

from playwright.sync_api import expect
from pytest import fixture, mark

from newsroom.tests.browser import close
from subscribers.factories import make_newsletter
from subscribers.models import SubscribeRequest

pytestmark = [mark.once, mark.browser, mark.django_db(transaction=True)]


@fixture
def site(live_server, settings):
    """A site with a newsletter, at the address it is asked at."""
    settings.CSRF_TRUSTED_ORIGINS = [live_server.url]
    make_newsletter(name="The Week", slug="week")
    return live_server.url


@fixture
def open_page(browser, site):
    """Open a page of the site in a browser of its own."""
    opened = []

    def open_(path="/", **options):
        context = browser.new_context(**options)
        opened.append(context)
        page = context.new_page()
        page.goto(site + path)
        return page

    yield open_
    for context in opened:
        close(context)


def send(page, email):
    page.get_by_label("Your email address", exact=True).fill(email)
    page.get_by_role("button", name="Subscribe").click()


def test_with_a_script_the_page_stays_and_the_answer_is_announced(open_page, site):
    page = open_page()
    send(page, "reader@example.org")
    expect(page.get_by_role("status")).to_have_text("Almost there: we have sent you a link to confirm")
    assert page.url == f"{site}/"
    assert page.get_by_label("Your email address", exact=True).input_value() == ""
    assert page.context.cookies() == []
    assert SubscribeRequest.objects.get().page == "/"


def test_an_error_stands_at_its_field_and_nothing_is_lost(open_page):
    page = open_page()
    send(page, "reader@example")
    field = page.get_by_label("Your email address", exact=True)
    expect(page.locator("#newsletter-email-error")).to_be_visible()
    expect(field).to_be_focused()
    expect(field).to_have_attribute("aria-invalid", "true")
    assert "newsletter-email-error" in (field.get_attribute("aria-describedby") or "")
    assert field.input_value() == "reader@example"
    send(page, "reader@example.org")
    expect(page.get_by_role("status")).to_contain_text("Almost there")
    expect(page.locator("#newsletter-email-error")).to_be_hidden()
    assert field.get_attribute("aria-invalid") is None


@mark.parametrize("failure", ["network", "server"])
def test_when_the_network_or_the_server_fails_the_page_says_so_and_keeps_the_address(open_page, failure):
    page = open_page()
    if failure == "network":
        page.route("**/newsletter/", lambda route: route.abort())
    else:
        page.route("**/newsletter/", lambda route: route.fulfill(status=502, body="<h1>Bad gateway</h1>"))
    send(page, "reader@example.org")
    expect(page.get_by_role("status")).to_have_text(
        "There was an error while trying to send your request. Please try again."
    )
    assert page.get_by_label("Your email address", exact=True).input_value() == "reader@example.org"
    page.unroute("**/newsletter/")
    page.get_by_role("button", name="Subscribe").click()
    expect(page.get_by_role("status")).to_contain_text("Almost there")


def test_a_double_click_sends_once(open_page):
    page = open_page()
    page.get_by_label("Your email address", exact=True).fill("reader@example.org")
    sent = []
    page.on("request", lambda request: sent.append(request.method))
    page.get_by_role("button", name="Subscribe").dblclick()
    expect(page.get_by_role("status")).to_contain_text("Almost there")
    assert sent.count("POST") == 1


def test_without_a_script_pages_say_the_same(open_page, site):
    page = open_page(java_script_enabled=False)
    send(page, "reader@example")
    assert page.url == f"{site}/newsletter/"
    assert page.get_by_label("Your email address", exact=True).input_value() == "reader@example"
    send(page, "reader@example.org")
    expect(page.get_by_role("heading", level=1)).to_have_text("Almost there: we have sent you a link to confirm")


def test_the_form_fits_a_narrow_screen_in_both_directions(open_page):
    for path in ("/newsletter/", "/ar/newsletter/"):
        page = open_page(path, viewport={"width": 320, "height": 700}, java_script_enabled=False)
        box = page.locator("#newsletter").bounding_box()
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= 320
