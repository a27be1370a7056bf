"""Pictures in an article's form, in a browser: in the text, as lead image and as gallery."""

import base64
from typing import Any

import pytest
from playwright.sync_api import expect

from articles import publishing
from articles.factories import make_article, make_image
from articles.models import Article, ArticleImage, Image, Place
from newsroom.models import User
from newsroom.tests.browser import EDITOR, sign_in, wait_until
from newsroom.tests.test_admin_browser import barriers
from newsroom.tests.test_editor_browser import TEXT, cursor_at_the_end, desk, image, picture_file, saved
from newsroom.tests.writing_desk import Device, change, devices, kept, opened, reporter
from newsroom.tests.writing_desk import save as save_form

__all__ = ["desk", "devices", "image", "reporter"]

pytestmark = [pytest.mark.once, pytest.mark.browser, pytest.mark.django_db(transaction=True)]

FIGURE = f"{TEXT} figure"
BAR = ".picture-words"
SAID = ".picture-said"
GROUP = "#image_uses-group"
ROWS = f"{GROUP} [data-place=gallery] .beside-row"

DROP = """([target, files, part]) => {
  const element = document.querySelector(target);
  const carried = new DataTransfer();
  for (const [name, type, data] of files) {
    const bytes = Uint8Array.from(atob(data), (one) => one.charCodeAt(0));
    carried.items.add(new File([bytes], name, { type }));
  }
  const { top, left, height, width } = element.getBoundingClientRect();
  const place = { clientX: left + width / 2, clientY: top + height * part };
  const how = { dataTransfer: carried, bubbles: true, cancelable: true, ...place };
  for (const kind of ["dragenter", "dragover", "drop"]) element.dispatchEvent(new DragEvent(kind, how));
}"""


def file(name: str, colour: tuple[int, int, int] | None) -> list[str]:
    """A file as a drop carries it; without a colour it is no picture."""
    data = picture_file(colour).read() if colour else b"no picture at all"
    return [name, "image/jpeg", base64.b64encode(data).decode()]


def blocks(page: Any) -> list[str]:
    """What stands in the text, in order."""
    return page.eval_on_selector_all(
        f"{TEXT} > :not([data-cke-temp], [data-cke-hidden-sel])",
        "all => all.map((one) => one.matches('.cke_widget_wrapper') ? 'picture' : one.textContent)",
    )


def gallery(article: Article) -> list[str]:
    uses = article.image_uses.filter(place=Place.GALLERY).order_by("position")
    return [use.image.file_name for use in uses.select_related("image")]


def names(page: Any) -> list[str]:
    return page.locator(f"{ROWS}:not(.goes) .beside-name").all_inner_texts()


# In the text ------------------------------------------------------------------------------


def test_a_picture_is_put_into_the_text_worded_saved_published_and_read(
    page: Any, live_server: Any, desk: Any, image: Image, root: User
) -> None:
    article = desk()
    cursor_at_the_end(page)
    page.click(".cke_button__newsfigure")
    page.click(".picture-grid button")
    page.wait_for_selector(f"{FIGURE} img[src^='/images/']")
    expect(page.locator(SAID)).to_contain_text("Put into the text: Picture: A ferry")
    page.click(f"{FIGURE} img")
    expect(page.locator(f"{BAR} [data-linked=caption]")).to_contain_text("From the library: The Halcyon")
    # At once: CKEditor took the first letters for commands to the picture.
    page.click(f"{FIGURE} figcaption")
    page.keyboard.type("Own caption")
    expect(page.locator(f"{BAR} [data-linked=caption]")).to_contain_text("The library says: The Halcyon")
    page.fill("[data-word=alt]", "A white ferry")
    page.focus("[data-word=layout]")
    page.select_option("[data-word=layout]", "wide")
    page.keyboard.press("Control+z")
    expect(page.locator("[data-word=layout]")).to_have_value("")
    expect(page.locator("[data-word=layout]")).to_be_focused()
    page.keyboard.press("Control+z")
    wait_until(page, f"""{EDITOR}.getData().includes('alt=""')""")
    page.keyboard.press("Control+y")
    wait_until(page, f"""{EDITOR}.getData().includes('alt="A white ferry"')""")
    assert saved(page, article) == (
        f'<p>Text.</p><figure data-image="{image.pk}"><img alt="A white ferry">'
        "<figcaption>Own caption</figcaption></figure>"
    )
    page.wait_for_selector(f"{FIGURE} img[src^='/images/']")
    expect(page.locator(f"{TEXT} .cke_widget_newsfigure")).to_have_attribute("aria-label", "Picture: A white ferry")
    assert page.troubles == []

    article.refresh_from_db()
    edition = publishing.import_edition(article, by=root)
    page.goto(f"{live_server.url}{edition.path}")
    shown = page.locator("article figure", has_text="Own caption")
    expect(shown).to_contain_text("Ada Lens")
    expect(shown.locator("img")).to_have_attribute("alt", "A white ferry")


def test_the_keyboard_reaches_moves_words_and_removes_a_picture_and_says_so(page: Any, desk: Any) -> None:
    bare = make_image(alt="", caption="Fog")
    desk(f'<p>One</p><p>Two</p><figure data-image="{bare.pk}"></figure><p>Three</p>')
    wrapper = page.locator(f"{TEXT} .cke_widget_newsfigure")
    expect(wrapper).to_have_attribute("role", "group")
    expect(wrapper).to_have_attribute("aria-label", "Picture: Fog; no alt text")
    page.click(f"{TEXT} p:nth-of-type(2)")
    page.keyboard.press("ArrowDown")
    expect(page.locator(SAID)).to_contain_text("Picture: Fog; no alt text – Enter opens its words")
    page.keyboard.press("F2")
    expect(page.locator("[data-word=alt]")).to_be_focused()
    page.keyboard.type("A bridge in fog")
    page.keyboard.press("Escape")
    expect(wrapper).to_have_attribute("aria-label", "Picture: A bridge in fog")
    page.keyboard.press("Alt+ArrowUp")
    assert blocks(page) == ["One", "picture", "Two", "Three"]
    page.keyboard.press("Alt+ArrowUp")
    page.keyboard.press("Alt+ArrowUp")
    expect(page.locator(SAID)).to_have_text("It stands at the top of the text already.")
    for step in (["One", "picture", "Two", "Three"], ["One", "Two", "picture", "Three"]):
        page.keyboard.press("Control+z")
        assert blocks(page) == step
    page.keyboard.press("Control+z")
    expect(wrapper).to_have_attribute("aria-label", "Picture: Fog; no alt text")  # all that was typed is one step
    page.keyboard.press("Control+y")
    expect(wrapper).to_have_attribute("aria-label", "Picture: A bridge in fog")
    page.keyboard.press("Delete")
    expect(page.locator(SAID)).to_contain_text("The picture was removed")
    assert blocks(page) == ["One", "Two", "Three"]
    page.keyboard.press("Control+z")
    assert blocks(page) == ["One", "Two", "picture", "Three"]
    assert page.troubles == []


def test_words_are_taken_from_the_library_and_given_back_to_it(page: Any, desk: Any, image: Image) -> None:
    article = desk(f'<p>One</p><figure data-image="{image.pk}"></figure>')
    page.click(f"{FIGURE} img")
    caption, alt = (page.locator(f"{BAR} [data-linked={word}]") for word in ("caption", "alt"))
    alt.get_by_role("button", name="Change it for this article").click()
    expect(page.locator("[data-word=alt]")).to_have_value("A ferry")
    expect(alt.locator(".linked-said")).to_have_text("The library says the same.")
    page.keyboard.press("End")
    page.keyboard.type(" at dawn")
    alt.get_by_role("button", name="Use the library’s again").click()
    expect(page.locator("[data-word=alt]")).to_have_value("")
    caption.get_by_role("button", name="Change it for this article").click()
    page.keyboard.type(", at last")
    assert "<figcaption>The Halcyon, at last</figcaption>" in saved(page, article)
    page.click(f"{FIGURE} img")
    caption.get_by_role("button", name="Use the library’s again").click()
    page.check("[data-word=decorative]")
    expect(alt).to_be_hidden()
    assert saved(page, article).endswith(
        f'<figure data-decorative="true" data-image="{image.pk}"><img alt=""><figcaption></figcaption></figure>'
    )
    assert page.troubles == []


def test_a_picture_that_is_chosen_in_a_sentence_comes_behind_its_paragraph(page: Any, desk: Any, image: Image) -> None:
    desk("<p>One sentence.</p><p>Two</p>")
    page.click(f"{TEXT} p:nth-of-type(1)")
    page.keyboard.press("Home")
    page.keyboard.press("ArrowRight")
    page.click(".cke_button__newsfigure")
    page.click(".picture-grid button")
    expect(page.locator(FIGURE)).to_have_count(1)
    assert blocks(page) == ["One sentence.", "picture", "Two"]
    assert page.troubles == []


def test_what_stands_in_an_empty_caption_goes_with_the_first_letter(page: Any, desk: Any, image: Image) -> None:
    desk(f'<figure data-image="{image.pk}"></figure>')
    line = page.locator(f"{FIGURE} figcaption")
    expect(line).to_have_attribute("data-placeholder", "The Halcyon")
    shown = "line => getComputedStyle(line, '::before').content"
    assert "The Halcyon" in line.evaluate(shown)
    line.click()
    page.keyboard.type("A")
    assert line.evaluate(shown) == "none"
    page.keyboard.press("Backspace")
    assert "The Halcyon" in line.evaluate(shown)
    assert page.troubles == []


def test_files_that_are_dropped_come_between_the_blocks_and_one_is_refused_with_a_sentence(
    page: Any, desk: Any
) -> None:
    desk("<p>One</p><p>Two</p><p>Three</p>")
    files = [file("first.jpg", (200, 10, 10)), file("broken.jpg", None), file("second.jpg", (10, 200, 10))]
    page.evaluate(DROP, [f"{TEXT} p:nth-of-type(2)", files, 0.8])
    expect(page.locator(FIGURE)).to_have_count(2)
    assert blocks(page) == ["One", "Two", "picture", "picture", "Three"]
    expect(page.locator(".cke_notification_warning")).to_contain_text("broken.jpg: ")
    assert page.locator(f"{TEXT} .cke_widget_newsfigure").first.get_attribute("aria-label") == (
        "Picture: first.jpg; no alt text"
    )
    page.evaluate(f"{EDITOR}.execCommand('undo')")
    assert blocks(page) == ["One", "Two", "picture", "Three"]
    assert [trouble for trouble in page.troubles if "422" not in trouble] == []


# Beside the text --------------------------------------------------------------------------


@pytest.fixture
def library(db: None) -> list[Image]:
    return [make_image(file_name=f"{name}.jpg", alt=f"Alt of {name}", caption="") for name in "abcd"]


def test_a_gallery_is_chosen_ordered_by_keys_and_by_pointer_and_saved(
    page: Any, desk: Any, library: list[Image]
) -> None:
    article = desk()
    page.get_by_role("button", name="Add pictures to the gallery").click()
    for name in "cba":
        page.locator(".picture-grid button", has_text=f"Alt of {name}").click()
    page.locator(".picture-add button").click()
    assert names(page) == ["c.jpg", "b.jpg", "a.jpg"]

    up = page.get_by_role("button", name="Move up: a.jpg")
    up.focus()
    page.keyboard.press("Enter")
    expect(up).to_be_focused()
    # Sentences said within a moment of each other are said together.
    expect(page.locator(".beside-said")).to_contain_text("a.jpg is number 2 of 3 now.")
    page.keyboard.press("Enter")
    assert names(page) == ["a.jpg", "c.jpg", "b.jpg"]

    page.locator(ROWS).last.scroll_into_view_if_needed()
    start, end = (page.locator(ROWS).nth(n).locator(".beside-drag").bounding_box() for n in (1, 2))
    page.mouse.move(start["x"] + 8, start["y"] + 20)
    page.mouse.down()
    page.mouse.move(start["x"] + 8, end["y"] + 20, steps=4)
    page.mouse.move(start["x"] + 8, end["y"] + 90, steps=4)
    page.mouse.up()
    assert names(page) == ["a.jpg", "b.jpg", "c.jpg"]

    page.get_by_role("button", name="Remove: b.jpg").click()
    assert names(page) == ["a.jpg", "c.jpg"]
    page.get_by_role("button", name="Keep it: b.jpg").click()
    page.get_by_role("button", name="Remove: a.jpg").click()
    saved(page, article)
    assert gallery(article) == ["b.jpg", "c.jpg"]

    page.get_by_role("button", name="Choose the lead image").click()
    page.locator(".picture-grid button", has_text="Alt of d").click()
    page.get_by_role("button", name="Make it the lead image: c.jpg").click()
    expect(page.locator(".beside-said")).to_contain_text("d.jpg was the lead image")
    expect(page.get_by_role("button", name="Move to the gallery: c.jpg")).to_be_focused()
    page.locator(f"{GROUP} [data-place=lead] [name$='-alt']").fill("Own alt")
    saved(page, article)
    assert article.image_uses.get(place=Place.LEAD).image.file_name == "c.jpg"
    assert article.image_uses.get(place=Place.LEAD).alt == "Own alt"
    assert gallery(article) == ["d.jpg", "b.jpg"]
    assert page.troubles == []


def test_files_that_are_dropped_on_the_gallery_are_part_of_it(page: Any, desk: Any) -> None:
    article = desk()
    files = [file("first.jpg", (200, 10, 10)), file("broken.jpg", None), file("second.jpg", (10, 200, 10))]
    page.evaluate(DROP, [f"{GROUP} [data-place=gallery]", files, 0.5])
    expect(page.locator(ROWS)).to_have_count(2)
    expect(page.locator(f"{GROUP} .picture-uploads .is-refused")).to_contain_text("broken.jpg: ")
    expect(page.locator(ROWS).first).to_contain_text("No alt text")
    saved(page, article)
    assert gallery(article) == ["first.jpg", "second.jpg"]


def test_order_and_removals_that_were_not_saved_are_restored(device: Device, alice: User, library: list[Image]) -> None:
    article = make_article(by=alice, lead=library[3])
    for position, one in enumerate(library[:3]):
        ArticleImage.objects.create(article=article, image=one, place=Place.GALLERY, position=position)
    page = device(change(article))
    page.get_by_role("button", name="Move up: c.jpg").click()
    page.get_by_role("button", name="Remove: a.jpg").click()
    page.get_by_role("button", name="Make it the lead image: b.jpg").click()
    assert names(page) == ["d.jpg", "c.jpg"]
    kept(page)
    other = opened(device(change(article)))
    other.locator("[data-restore]").click()
    wait_until(other, f"document.querySelectorAll('{ROWS}.goes').length === 1")
    assert names(other) == ["d.jpg", "c.jpg"]
    save_form(other)
    assert gallery(article) == ["d.jpg", "c.jpg"]
    assert article.image_uses.get(place=Place.LEAD).image.file_name == "b.jpg"
    assert page.troubles + other.troubles == []


# For everyone -----------------------------------------------------------------------------


@pytest.mark.parametrize(("width", "scheme", "language"), [(1280, "light", "en"), (360, "dark", "ar")])
def test_pictures_in_the_form_are_without_barriers(
    page: Any, live_server: Any, root: User, library: list[Image], width: int, scheme: Any, language: str
) -> None:
    used = (library[0], make_image(alt=""))
    body = "<p>One</p>" + "".join(f'<figure data-image="{one.pk}"></figure>' for one in used)
    article = make_article(by=root, body=body, lead=library[3])
    for position, one in enumerate(library[1:3]):
        ArticleImage.objects.create(article=article, image=one, place=Place.GALLERY, position=position)
    User.objects.filter(pk=root.pk).update(language=language)
    page.set_viewport_size({"width": width, "height": 900})
    page.emulate_media(color_scheme=scheme)
    sign_in(page, live_server, root)
    opened(page, f"{live_server.url}{change(article)}")
    page.click(f"{FIGURE} img >> nth=0")
    page.wait_for_selector(f"{BAR}:not([hidden])")
    page.locator(f"{ROWS} summary").first.click()
    page.locator(f"{ROWS} .act-remove").last.click()
    assert barriers(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.locator(".beside-add").last.click()
    page.locator(".picture-grid button").first.click()
    assert barriers(page) == []
    assert page.troubles == []
