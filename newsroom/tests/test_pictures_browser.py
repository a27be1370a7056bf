"""Pictures and galleries in a browser: the right file, no layout that moves, and leafing for everyone."""

import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import storages
from PIL import Image as Pillow
from playwright.sync_api import expect

from articles.encoding import JPEG, MODERN, encoded
from articles.factories import edit, make_article, make_author, make_image, make_section
from articles.models import ArticleImage, Edition, Image, Place
from articles.publishing import import_edition
from articles.renditions import Recipe
from newsroom.lib import clock
from newsroom.models import SiteSettings
from newsroom.tests.browser import wait_until, watch
from newsroom.tests.test_pages_browser import barriers
from subscribers.factories import make_newsletter

pytestmark = [pytest.mark.once, pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PICTURES = {"wide": ((3000, 2000), "#31506e"), "tall": ((1400, 2100), "#7a4a2e"), "square": ((1200, 1200), "#3d5c3a")}
Fields = dict[str, Any]
Open = Callable[..., Any]


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Fields]]:
    """All files of a few plain pictures, and what the library knows of each."""
    folder = tmp_path_factory.mktemp("renditions")
    with pytest.MonkeyPatch.context() as patch:
        for name in ("base_location", "location"):  # cached properties of the storage
            patch.setitem(storages["renditions"].__dict__, name, str(folder))
        yield {name: _files(folder, size, colour) for name, (size, colour) in PICTURES.items()}


def _files(folder: Path, size: tuple[int, int], colour: str) -> Fields:
    fields: Fields = {"sha256": colour[1:].ljust(64, "0"), "width": size[0], "height": size[1]}
    recipe, made = Recipe.of(Image(**fields)), []
    for crop, width, height in recipe.sizes():
        for kind in (*MODERN, JPEG):
            item = {"width": width, "height": height, "type": kind, "path": recipe.path(crop, width, kind)}
            made.append(item | ({"crop": crop} if crop else {}))
            file = folder / str(item["path"])
            file.parent.mkdir(parents=True, exist_ok=True)
            still = Pillow.new("RGB", (width, height), colour)
            file.write_bytes(encoded(still, (width, height), None, kind, {}))
    return fields | {"renditions": made}


@pytest.fixture
def paths(shelf: dict[str, Fields]) -> dict[str, str]:
    """A small site in two languages, full of pictures, and where to read it."""
    SiteSettings(name="The Morning Ledger", tagline="News with its sources").save()
    make_newsletter(name="The Week", slug="week")
    images = {name: make_image(credit="Ada Lens", **fields) for name, fields in shelf.items()}
    killed = make_image(killed_at=clock.now(), kill_notice="The agency recalled it.")
    gallery = [images["wide"], images["tall"], killed, images["square"]]
    section = make_section("World")
    author = make_author("Amara Okafor", portrait=images["square"])
    figures = "".join(
        f"<p>{'Some words. ' * (300 if name == 'tall' else 30)}</p>"
        f'<figure data-image="{images[name].pk}" class="{layout}">'
        '<img alt="A picture"><figcaption>A caption</figcaption></figure>'
        for name, layout in (("wide", ""), ("square", "align-end"), ("wide", "wide"), ("tall", ""))
    )
    common: Fields = {"section": section, "authors": [author], "lead": images["wide"]}
    english = _live(gallery, body=figures, headline="Ridge walk", **common)
    arabic = _live(gallery, body=f"<p>{'نص عربي. ' * 60}</p>", headline="مشي", slug="مشي", language="ar", **common)
    for number in range(11):
        _live([], headline=f"Story {number}", **common)
    return {"article": english.path, "Arabic article": arabic.path, "front": "/", "list": "/author/amara-okafor/"}


def _live(gallery: list[Image], **fields: Any) -> Edition:
    article = make_article(**fields)
    for position, image in enumerate(gallery):
        ArticleImage.objects.create(article=article, image=image, place=Place.GALLERY, position=position)
    return import_edition(edit(article))


@pytest.fixture
def open_page(browser: Any, live_server: Any, paths: dict[str, str]) -> Iterator[Open]:
    """Open a page of the site in a browser of its own; the pictures that it asks for are in `page.pictures`."""
    opened = []

    def open_(name: str, width: int = 1280, *, slow: bool = False, **options: Any) -> Any:
        context = browser.new_context(viewport={"width": width, "height": 900}, **options)
        opened.append(context)
        page = context.new_page()
        page.set_default_timeout(15_000)
        watch(page)
        page.pictures = []
        page.on("request", lambda asked: "/images/" in asked.url and page.pictures.append(asked.url))
        if slow:
            page.route("**/images/**", _late)
        page.goto(live_server.url + paths[name])
        return page

    yield open_
    for context in opened:
        context.close()


def _late(route: Any) -> None:
    time.sleep(0.05)
    route.continue_()


# The right file -----------------------------------------------------------------------------------


LEADS = [(360, 1, 320), (360, 2, 768), (768, 1, 768), (768, 2, 1536), (1440, 1, 1200), (1440, 2, 1920)]


def test_the_lead_image_is_asked_for_in_the_width_of_the_screen(open_page, shelf):
    for width, dots, file in LEADS:
        page = open_page("article", width, device_scale_factor=dots)
        wait_until(page, "document.querySelector('.lead img').complete")
        first = next(url for url in page.pictures if shelf["wide"]["sha256"] in url)
        assert first == page.evaluate("document.querySelector('.lead img').currentSrc")
        assert first.endswith(f"-{file}.avif"), (width, dots, first)
        assert page.troubles == []
        page.context.close()


# What the browser takes `sizes` to be, against how wide a picture is drawn: a contained one by its height.
ILL_SIZED = """
[...document.querySelectorAll("main picture img")].flatMap((img) => {
  const box = img.getBoundingClientRect();
  const ratio = img.getAttribute("width") / img.getAttribute("height");
  const contained = getComputedStyle(img).objectFit === "contain";
  const drawn = contained ? Math.min(box.width, box.height * ratio) : box.width;
  return img.complete && Math.abs(img.naturalWidth - drawn) <= 2 ? [] : [[img.sizes, img.naturalWidth, drawn]];
})
"""


def test_browsers_are_told_exactly_how_wide_each_picture_is_drawn(open_page):
    for name in ("article", "front", "list"):
        page = open_page(name, 1440)
        page.evaluate("document.querySelectorAll('img').forEach((img) => (img.loading = 'eager'))")
        assert page.locator("main picture img").count() >= 2
        for width in (360, 690, 712, 768, 900, 1030, 1110, 1160, 1210, 1440):
            page.set_viewport_size({"width": width, "height": 1000})
            assert _ill_sized(page) == [], (name, width)


def _ill_sized(page: Any) -> list[Any]:
    """Those that stay so: a browser takes a moment to choose another file."""
    ends = time.monotonic() + 5
    while (found := page.evaluate(ILL_SIZED)) and time.monotonic() < ends:
        page.wait_for_timeout(30)
    return list(found)


def test_pictures_far_below_are_not_asked_for_until_they_come_near(open_page, shelf):
    page = open_page("article", 360)
    page.wait_for_load_state("networkidle")
    sha = shelf["tall"]["sha256"]
    assert not [url for url in page.pictures if sha in url]
    with page.expect_request(re.compile(sha)):
        page.locator(".prose .figure").last.scroll_into_view_if_needed()


# Nothing moves ---------------------------------------------------------------------------------------

SHIFTED = """
() => new Promise((done) => {
  let sum = 0;
  new PerformanceObserver((list) => list.getEntries().forEach((one) => (sum += one.value)))
    .observe({ type: "layout-shift", buffered: true });
  requestAnimationFrame(() => setTimeout(() => done(sum), 100));
})
"""


def test_nothing_moves_when_pictures_come_late(open_page):
    places = [("article", 360), ("article", 1280), ("Arabic article", 768), ("front", 1280), ("list", 360)]
    for name, width in places:
        page = open_page(name, width, slow=True)
        for _ in range(10):
            page.mouse.wheel(0, 800)
            page.wait_for_timeout(50)
        page.wait_for_load_state("networkidle")
        assert page.evaluate(SHIFTED) == 0, (name, width)
        assert len(page.pictures) >= 2, (name, width)
        page.context.close()


# Galleries --------------------------------------------------------------------------------------------


def shown(page: Any) -> int:
    """Which picture of the gallery begins where its row begins."""
    return int(
        page.evaluate(
            """() => {
              const edge = (e) => (document.dir === "rtl" ? "right" : "left") in e.getBoundingClientRect()
                && e.getBoundingClientRect()[document.dir === "rtl" ? "right" : "left"];
              const track = document.querySelector(".gallery-track");
              const items = [...document.querySelectorAll(".gallery-list > li")];
              return items.findIndex((item) => Math.abs(edge(item) - edge(track)) < 2) + 1;
            }"""
        )
    )


def expect_shown(page: Any, number: int) -> None:
    expect(page.locator(".gallery-status")).to_have_text(re.compile(rf"^{number} (of|من) 4$"))
    ends = time.monotonic() + 10
    while shown(page) != number:
        assert time.monotonic() < ends, (shown(page), number)
        page.wait_for_timeout(50)


def test_a_gallery_is_leafed_through_by_buttons(open_page):
    page = open_page("article", 360)
    previous, following = (page.get_by_role("button", name=name) for name in ("Previous picture", "Next picture"))
    expect_shown(page, 1)
    expect(previous).to_have_attribute("aria-disabled", "true")
    following.click()
    expect_shown(page, 2)
    following.click()
    following.click()  # while the row still moves
    expect_shown(page, 4)
    expect(following).to_have_attribute("aria-disabled", "true")
    following.click(force=True)  # leads nowhere, and keeps the focus
    expect_shown(page, 4)
    expect(following).to_be_focused()
    previous.click()
    expect_shown(page, 3)
    expect(page.locator(".gallery-list > li").nth(2)).to_contain_text("The agency recalled it.")
    assert page.troubles == []


@pytest.mark.parametrize("name", ["article", "Arabic article"])
def test_a_gallery_is_leafed_through_by_keys_and_by_finger_in_both_directions_of_reading(open_page, name):
    forwards, backwards = ("ArrowRight", "ArrowLeft") if name == "article" else ("ArrowLeft", "ArrowRight")
    page = open_page(name, 360, has_touch=True, is_mobile=True, reduced_motion="reduce")
    track = page.locator(".gallery-track")
    expect(track).to_have_attribute("tabindex", "0")
    track.focus()
    for key, number in ((forwards, 2), (forwards, 3), (backwards, 2), ("End", 4), (forwards, 4), ("Home", 1)):
        page.keyboard.press(key)
        expect_shown(page, number)
    page.keyboard.press(f"Alt+{forwards}")  # is the browser's own
    expect_shown(page, 1)
    page.keyboard.press("Tab")
    expect(page.locator(".gallery-previous")).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.locator(".gallery-next")).to_be_focused()
    page.keyboard.press("Enter")
    expect_shown(page, 2)

    track.scroll_into_view_if_needed()
    towards = -1 if name == "article" else 1
    box = track.bounding_box()
    # More than half the way, so that the next one comes however slowly the finger moves.
    x, y = box["x"] + box["width"] / 2 - towards * 120, box["y"] + 60
    finger = page.context.new_cdp_session(page)
    for step in range(21):
        kind = "touchMove" if step else "touchStart"
        at = {"x": x + towards * step * 12, "y": y}
        finger.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [at]})
    finger.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    expect_shown(page, 3)


def test_whoever_wants_no_motion_sees_the_next_picture_at_once(open_page):
    page = open_page("article", 1280, reduced_motion="reduce")
    expect_shown(page, 1)
    page.locator(".gallery-next").click()
    assert shown(page) == 2


def test_a_gallery_is_a_plain_list_without_scripts_and_on_paper(open_page):
    page = open_page("article", 360, java_script_enabled=False)
    items = page.locator(".gallery-list > li")
    boxes = [items.nth(number).bounding_box() for number in range(4)]
    assert len({box["x"] for box in boxes}) == 1
    assert [box["y"] for box in boxes] == sorted(box["y"] for box in boxes)
    assert boxes[0]["width"] == 320
    expect(page.locator(".gallery button").first).to_be_hidden()
    paper = open_page("article", 800)
    paper.emulate_media(media="print")
    expect(paper.locator(".gallery-bar")).to_be_hidden()
    items = paper.locator(".gallery-list > li")
    assert items.nth(3).bounding_box()["y"] > items.nth(0).bounding_box()["y"] + 100


def test_pictures_put_up_no_barriers(open_page):
    page = open_page("Arabic article", 360)
    assert barriers(page) == []
    page = open_page("article", 360)
    for colours in ("light", "dark"):
        page.emulate_media(color_scheme=colours)
        assert barriers(page) == [], colours
    assert page.get_by_role("region", name=re.compile("Pictures|الصور")).get_by_role("listitem").count() == 4
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
