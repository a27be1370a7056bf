"""The library of pictures in a browser: many at once, the focal point, bulk changes, taking down and bringing back."""

import base64
import io
import os
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.urls import reverse
from PIL import Image as Pillow
from playwright.sync_api import expect

from articles import library, renditions
from articles.factories import make_live
from articles.models import Image
from newsroom.models import User
from newsroom.roles import apply
from newsroom.testing import make_user
from newsroom.tests import test_admin_browser
from newsroom.tests.browser import sign_in, wait_until, watch

pytestmark = [pytest.mark.once, pytest.mark.browser, pytest.mark.django_db(transaction=True)]

LIST = reverse("admin:articles_image_changelist")
Open = Callable[..., Any]


@pytest.fixture
def dora() -> User:
    """The tables are emptied between these tests, and the groups with them."""
    apply()
    return make_user("dora", "picture editor")


@pytest.fixture
def open_as(browser: Any, live_server: Any) -> Iterator[Open]:
    """Open a path with somebody signed in; what the browser complains of is kept in `page.troubles`."""
    contexts = []

    def open_page(user: User, path: str, *, width: int = 1280, dark: bool = False) -> Any:
        scheme = "dark" if dark else "light"
        size = {"width": width, "height": 900}
        context = browser.new_context(base_url=live_server.url, viewport=size, color_scheme=scheme)
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(15_000)
        watch(page)
        sign_in(page, live_server, user)
        assert page.goto(path).ok
        return page

    yield open_page
    for context in contexts:
        context.close()


def jpeg(colour: str, size: tuple[int, int] = (320, 200)) -> bytes:
    file = io.BytesIO()
    Pillow.new("RGB", size, colour).save(file, "JPEG")
    return file.getvalue()


def taken(colour: str, name: str, size: tuple[int, int] = (320, 200), **words: Any) -> Image:
    return library.add(io.BytesIO(jpeg(colour, size)), name=name, **words)[0]


# What a person does with the mouse or the clipboard, as the event that the browser makes of it.
HAND_OVER = """
([kind, files]) => {
  const transfer = new DataTransfer();
  for (const [name, type, data] of files) {
    transfer.items.add(new File([Uint8Array.from(atob(data), (c) => c.charCodeAt(0))], name, { type }));
  }
  const options = { bubbles: true, cancelable: true, dataTransfer: transfer, clipboardData: transfer };
  const events = kind === "paste" ? [new ClipboardEvent("paste", options)] : [];
  if (kind === "drop") events.push(new DragEvent("dragover", options), new DragEvent("drop", options));
  for (const event of events) document.body.dispatchEvent(event);
}
"""


def hand_over(page: Any, kind: str, files: list[tuple[str, bytes]]) -> None:
    packed = [[name, "image/jpeg", base64.b64encode(data).decode()] for name, data in files]
    page.evaluate(HAND_OVER, [kind, packed])


def barriers(page: Any) -> list[str]:
    """As for other pages of the admin. What axe itself puts into the page, and its policy refuses, is left out."""
    known = len(page.troubles)
    found = test_admin_browser.barriers(page)
    del page.troubles[known:]
    return found


def shot(page: Any, name: str) -> None:
    """For looking at, where SHOTS names a folder."""
    if folder := os.environ.get("SHOTS"):
        known = len(page.troubles)
        page.screenshot(path=f"{folder}/{name}.png", full_page=True)
        del page.troubles[known:]


def test_many_are_dropped_anywhere_each_is_told_what_became_of_it_and_their_words_are_typed(
    open_as: Open, dora: User
) -> None:
    taken("teal", "known.jpg")
    page = open_as(dora, LIST)
    assert barriers(page) == []
    files = [
        ("one.jpg", jpeg("navy")),
        ("notes.jpg", b"no picture"),
        ("again.jpg", jpeg("teal")),
        ("two.jpg", jpeg("red")),
    ]
    hand_over(page, "drop", files)
    sent = page.get_by_role("list", name="Uploads").get_by_role("listitem")
    expect(page.get_by_text("2 taken, 1 known already, 1 refused, 0 to go.")).to_be_visible()
    said = [row.inner_text() for row in sent.all()]
    # What was refused stands first: it is what is left to do.
    assert ["taken into the library" in row for row in said] == [False, True, False, True]
    assert "This is not a picture that can be used here." in said[0]
    assert "the library has it already" in said[2]
    expect(sent.nth(2).get_by_role("link", name="Open that picture: again.jpg")).to_be_visible()
    hand_over(page, "paste", [("image.png", jpeg("green"))])
    expect(page.get_by_text("3 taken, 1 known already, 1 refused, 0 to go.")).to_be_visible()
    assert barriers(page) == []
    shot(page, "uploaded")

    page.get_by_role("link", name="Type alt text, caption and credit").click()
    assert barriers(page) == []
    page.get_by_role("group", name="one.jpg").get_by_label("Alt text").fill("A blue wall")
    page.get_by_role("group", name="two.jpg").get_by_label("Credit").fill("Ada Lens")
    page.get_by_role("group", name="For all of them that have none").get_by_label("Credit").fill("Dora Lens")
    shot(page, "words")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("3 pictures were changed.")).to_be_visible()
    words = {image.file_name: (image.alt, image.credit) for image in Image.objects.exclude(file_name="known.jpg")}
    assert words == {
        "one.jpg": ("A blue wall", "Dora Lens"),
        "two.jpg": ("", "Ada Lens"),
        "image.png": ("", "Dora Lens"),
    }
    # What was refused is told in the console too, by the browser itself.
    assert [trouble for trouble in page.troubles if "status of 422" not in trouble] == []


def test_a_file_that_is_under_way_shows_how_far_it_is_and_is_tried_again_after_a_failure(
    open_as: Open, dora: User
) -> None:
    page = open_as(dora, LIST)
    held: list[Any] = []
    page.route("**/image/library/", lambda route: held.append(route))
    page.locator("#upload-files").set_input_files(
        [
            {"name": f"{number}.jpg", "mimeType": "image/jpeg", "buffer": jpeg("navy", (320, number))}
            for number in (400, 401)
        ]
    )
    expect(page.get_by_role("progressbar", name="400.jpg")).to_be_visible()
    expect(page.get_by_text("0 taken, 0 known already, 0 refused, 2 to go.")).to_be_visible()
    wait_until_held(page, held, 2)
    held[0].abort()
    held[1].continue_()
    row = page.get_by_role("listitem").filter(has_text="400.jpg").first
    expect(row.get_by_text("The server did not answer.")).to_be_visible()
    page.unroute("**/image/library/")
    row.get_by_role("button", name="Try again").click()
    expect(page.get_by_text("2 taken, 0 known already, 0 refused, 0 to go.")).to_be_visible()
    expect(page.get_by_role("progressbar")).to_have_count(0)
    assert Image.objects.count() == 2


def wait_until_held(page: Any, held: list[Any], number: int) -> None:
    for _ in range(200):
        if len(held) == number:
            return
        page.wait_for_timeout(50)
    pytest.fail(f"{len(held)} of {number} requests came.")


# Width, height, shape and focal point in hundredths: halves, edges, and pictures smaller than a crop.
BOXES = [
    (width, height, shape, x, y)
    for width, height in ((1600, 900), (3001, 2003), (900, 1600), (1, 1), (5, 3), (7, 4001), (4032, 3024))
    for shape in ((16, 9), (3, 2), (1, 1))
    for x, y in ((50, 50), (0, 0), (100, 100), (33, 67), (13, 88), (1, 99))
]


def test_the_browser_cuts_the_crops_as_the_renditions_are_cut(open_as: Open, dora: User) -> None:
    image = taken("navy", "one.jpg")
    page = open_as(dora, reverse("admin:articles_image_change", args=[image.pk]))
    drawn = page.evaluate(
        "(rows) => rows.map(([w, h, [a, d], x, y]) => Library.cropBox(w, h, a, d, x / 100, y / 100))", BOXES
    )
    assert drawn == [list(renditions.crop_box(w, h, shape, x / 100, y / 100)) for w, h, shape, x, y in BOXES]


def test_the_focal_point_is_set_by_a_click_and_by_keys_and_the_crops_follow(open_as: Open, dora: User) -> None:
    image = taken("navy", "one.jpg", (640, 360), alt="A wall", caption="Wall", credit="Dora")
    page = open_as(dora, reverse("admin:articles_image_change", args=[image.pk]))
    assert barriers(page) == []
    x, y = page.locator("#id_focal_x"), page.locator("#id_focal_y")
    square = page.locator("[data-crop='1x1'] img")
    assert square.evaluate("(img) => img.style.objectPosition") == "50% 50%"
    box = page.locator(".focus-picture img").bounding_box()
    page.mouse.click(box["x"] + box["width"] * 0.75, box["y"] + box["height"] * 0.25)
    expect(x).to_have_value("0.75")
    expect(y).to_have_value("0.25")
    left, _top, right, _bottom = renditions.crop_box(640, 360, (1, 1), 0.75, 0.25)
    shown = float(square.evaluate("(img) => img.style.objectPosition").split("%")[0])
    assert shown == pytest.approx(left / (640 - (right - left)) * 100, abs=0.01)
    point = page.get_by_role("button", name="Focal point: 75 % from the left, 25 % from the top")
    expect(point).to_be_focused()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Shift+ArrowDown")
    expect(x).to_have_value("0.76")
    expect(y).to_have_value("0.35")
    shot(page, "focus")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("was changed successfully")).to_be_visible()
    image.refresh_from_db()
    assert (image.focal_x, image.focal_y) == (0.76, 0.35)
    page.goto(reverse("admin:articles_image_change", args=[image.pk]))
    page.get_by_role("button", name="Focal point:").press("Home")
    expect(x).to_have_value("0.50")
    assert page.troubles == []


def test_chosen_pictures_get_a_credit_together(open_as: Open, dora: User) -> None:
    for number in range(4):
        taken("navy", f"{number}.jpg", (320, 200 + number), credit="Old" if number else "")
    page = open_as(dora, LIST)
    page.get_by_label("Choose 0.jpg").check()
    page.get_by_label("Choose 2.jpg").click(modifiers=["Shift"])
    expect(page.get_by_text("3 of 4 chosen")).to_be_visible()
    assert barriers(page) == []
    shot(page, "chosen")
    page.get_by_label("Action:").select_option(label="Change credit and rights of the selected pictures")
    page.get_by_role("button", name="Go").click()
    expect(page.get_by_text("Now: “Old” (2), nothing (1)")).to_be_visible()
    page.get_by_label("Credit:", exact=True).fill("Dora Lens")
    expect(page.get_by_label("Change “Credit”")).to_be_checked()
    assert barriers(page) == []
    shot(page, "bulk")
    page.get_by_role("button", name="Change them").click()
    expect(page.get_by_text("3 pictures of 3 were changed.")).to_be_visible()
    assert sorted(Image.objects.values_list("credit", flat=True)) == ["Dora Lens"] * 3 + ["Old"]
    assert page.troubles == []


def test_a_picture_is_taken_down_and_brought_back(open_as: Open, dora: User) -> None:
    image = taken("navy", "one.jpg", alt="A wall", caption="Wall", credit="Dora")
    edition = make_live(headline="Bridge closed", lead=image)
    page = open_as(dora, reverse("admin:articles_image_change", args=[image.pk]))
    page.get_by_role("link", name="Take it down…").click()
    assert barriers(page) == []
    expect(page.get_by_text("Readers see this picture now.")).to_be_visible()
    expect(page.get_by_role("link", name="Bridge closed")).to_be_visible()
    page.get_by_label("Notice").fill("The agency has withdrawn this picture.")
    shot(page, "kill")
    page.get_by_role("button", name="Take it down everywhere").click()
    expect(page.get_by_text("Say why it is taken down")).to_be_visible()
    page.get_by_label("Reason").fill("The agency called.")
    page.get_by_role("button", name="Take it down everywhere").click()
    expect(page.get_by_text("The picture is taken down everywhere.")).to_be_visible()
    expect(page.get_by_text("This picture was taken down.")).to_be_visible()
    assert barriers(page) == []
    shot(page, "killed")

    reading = page.context.browser.new_page(base_url=page.evaluate("location.origin"))
    reading.goto(edition.path)
    assert reading.locator("main img").count() == 0
    expect(reading.get_by_text("The agency has withdrawn this picture.")).to_be_visible()

    page.get_by_role("link", name="Bring it back…").click()
    page.get_by_role("button", name="Bring it back").click()
    expect(page.get_by_text("The picture is back, wherever it is used.")).to_be_visible()
    reading.goto(edition.path)
    wait_until(reading, "[...document.querySelectorAll('main img')].some((img) => img.naturalWidth > 0)")
    reading.close()
    assert page.troubles == []


@pytest.mark.parametrize("language", ["en", "ar"])
def test_nothing_of_the_library_is_wider_than_a_phone(open_as: Open, dora: User, language: str) -> None:
    User.objects.filter(pk=dora.pk).update(language=language)
    images = [taken("navy", f"a-long-name-of-a-file-{number}.jpg", (320, 180 + number)) for number in range(3)]
    make_live(headline="Bridge closed", lead=images[0])
    one = images[0].pk
    page = open_as(dora, LIST, width=360, dark=language == "en")
    keys = f"?id={one}&id={images[1].pk}"
    named = {
        "list": LIST,
        "form": reverse("admin:articles_image_change", args=[one]),
        "words": reverse("admin:articles_image_words") + keys,
        "bulk": reverse("admin:articles_image_bulk") + keys,
        "kill": reverse("admin:articles_image_kill", args=[one]),
        "replace": reverse("admin:articles_image_replace", args=[one]),
    }
    for name, address in named.items():
        page.goto(address)
        page.wait_for_load_state("load")
        shot(page, f"{name}-360-{language}")
        assert page.evaluate("document.documentElement.scrollWidth") <= 360, name
        assert barriers(page) == [], name
    assert page.troubles == []
