"""The editor in a real browser, under the site's own policy."""

import io

import pytest
from PIL import Image as Pillow

from articles import library
from articles.factories import make_article
from articles.models import Article
from newsroom.tests.browser import EDITOR, focus_editor, sign_in, wait_until

pytestmark = pytest.mark.once

TEXT = ".cke_wysiwyg_div"

WORD = """<html xmlns:o="urn:schemas-microsoft-com:office:office" xmlns:w="urn:schemas-microsoft-com:office:word">
<head><meta name=Generator content="Microsoft Word 15"><style><!-- p.MsoNormal {margin:0cm;} --></style>
<xml><w:WordDocument><w:View>Normal</w:View></w:WordDocument></xml></head>
<body lang=EN-GB style='tab-interval:36.0pt'><!--StartFragment-->
<h1 style='margin-top:12.0pt'><span style='font-size:16.0pt;color:#2F5496'>The ferry returns<o:p></o:p></span></h1>
<p class=MsoNormal style='margin-bottom:8.0pt'><b><span lang=EN-US style='font-family:Calibri'>After</span></b>
<span style='mso-spacerun:yes'> </span>two years the <i>Halcyon</i> sails again.<o:p></o:p></p>
<p class=MsoListParagraphCxSpFirst style='text-indent:-18.0pt;mso-list:l0 level1 lfo1'><![if !supportLists]><span
style='font-family:Symbol'><span style='mso-list:Ignore'>·<span style='font:7.0pt "Times New Roman"'>&nbsp;&nbsp;&nbsp;
</span></span></span><![endif]>First stop<o:p></o:p></p>
<p class=MsoListParagraphCxSpLast style='text-indent:-18.0pt;mso-list:l0 level1 lfo1'><![if !supportLists]><span
style='font-family:Symbol'><span style='mso-list:Ignore'>·<span style='font:7.0pt "Times New Roman"'>&nbsp;&nbsp;&nbsp;
</span></span></span><![endif]>Second stop<o:p></o:p></p>
<table class=MsoTableGrid border=1 style='border-collapse:collapse'><tr><td width=200 style='width:150pt'>
<p class=MsoNormal>Fare<o:p></o:p></p></td><td><p class=MsoNormal>4 euros<o:p></o:p></p></td></tr></table>
<p class=MsoNormal><a href="https://example.org/timetable"><span style='color:blue'>Timetable</span></a>
<img width=20 src="file:///C:/Temp/image001.png"><o:p>&nbsp;</o:p></p><!--EndFragment--></body></html>"""

DOCS = """<meta charset='utf-8'><b style="font-weight:normal;" id="docs-internal-guid-0a1b2c3d">
<h2 dir="ltr" style="line-height:1.38;"><span style="font-size:16pt;font-family:Arial;">Tide tables</span></h2>
<p dir="ltr" style="line-height:1.38;"><span style="font-size:11pt;font-weight:700;">Bold</span>
<span style="font-size:11pt;font-style:italic;white-space:pre-wrap;">leaning</span><span style="font-size:11pt;"> plain
</span><a href="https://example.org/" style="text-decoration:none;"><span style="color:#1155cc;">link</span></a></p><br>
<ul style="margin-top:0;"><li dir="ltr" style="list-style-type:disc;" aria-level="1"><p dir="ltr" role="presentation">
<span>Item</span></p></li></ul><p dir="ltr"><span><span style="border:none;display:inline-block;">
<img src="https://lh3.example.com/picture" width="400" height="300"></span></span></p></b>"""


def picture_file(colour=(20, 90, 160)):
    file = io.BytesIO()
    Pillow.new("RGB", (600, 400), colour).save(file, "JPEG")
    file.seek(0)
    return file


@pytest.fixture
def image(db):
    words = {"alt": "A ferry", "caption": "The Halcyon", "credit": "Ada Lens"}
    return library.add(picture_file(), name="ferry.jpg", **words)[0]


@pytest.fixture
def desk(page, live_server, root):
    """Opens the form of an article with this body in the editor."""

    def open_form(body="<p>Text.</p>", **fields):
        article = make_article(by=root, body=body, **fields)
        sign_in(page, live_server, root)
        page.goto(f"{live_server.url}/admin/articles/article/{article.pk}/change/")
        wait_until(page, f"window.CKEDITOR && {EDITOR}?.status === 'ready'")
        return article

    return open_form


def cursor_at_the_end(page):
    focus_editor(page)  # until then CKEditor may put the cursor where it was
    page.evaluate(
        f"""() => {{ const editor = {EDITOR}; const range = editor.createRange();
        range.moveToElementEditEnd(editor.editable()); range.select(); }}"""
    )


def saved(page, article):
    with page.expect_navigation():
        page.click("[name=_continue], [name=_save]")
    return Article.objects.get(pk=article.pk).body


def paste(page, html):
    cursor_at_the_end(page)
    page.evaluate(
        f"""(html) => {{ const carried = new DataTransfer(); carried.setData("text/html", html);
        carried.setData("text/plain", "plain");
        const target = {EDITOR}.editable().$;
        const how = {{ clipboardData: carried, bubbles: true, cancelable: true }};
        target.dispatchEvent(new ClipboardEvent("paste", how));
        }}""",
        html,
    )


def test_what_is_written_is_saved_and_nothing_violates_the_policy(page, desk):
    article = desk()
    cursor_at_the_end(page)
    page.keyboard.press("Enter")
    page.click(".cke_button__newsh2")
    page.keyboard.type("A heading")
    page.keyboard.press("Enter")
    page.click(".cke_button__bold")
    page.keyboard.type("heavy")
    page.click(".cke_button__bold")
    page.keyboard.type(" words")
    for button in ("link", "table"):
        page.click(f".cke_button__{button}")
        page.wait_for_selector(".cke_dialog_body >> visible=true")
        page.keyboard.press("Escape")
        wait_until(page, "!CKEDITOR.dialog.getCurrent()")
    assert saved(page, article) == "<p>Text.</p><h2>A heading</h2><p><strong>heavy</strong> words</p>"
    assert "\n".join(page.troubles) == ""


def test_opening_and_saving_changes_nothing(page, desk, image):
    body = (
        '<h2>One</h2><p lang="de" dir="ltr">Two <strong>three</strong> <em>four</em> <code>x</code><br>\nfive</p>'
        "<ul><li>a<ol><li>b</li></ol></li></ul><blockquote><p>q</p></blockquote><pre>a\n  b</pre>"
        '<table><caption>c</caption><thead><tr><th scope="col">h</th></tr></thead>'
        "<tbody><tr><td></td></tr></tbody></table>"
        f'<figure class="wide" data-image="{image.pk}"><img alt=""><figcaption></figcaption></figure><hr><p>end</p>'
    )
    article = desk(body)
    article.refresh_from_db()
    before = (article.body, article.revision_id)
    page.evaluate(f"{EDITOR}.updateElement()")
    saved(page, article)
    article.refresh_from_db()
    assert (article.body, article.revision_id) == before


def test_a_picture_of_the_library_is_put_into_the_text_and_gets_words_of_its_own(page, desk, image):
    article = desk()
    cursor_at_the_end(page)
    page.click(".cke_button__newsfigure")
    page.fill(".picture-library input[type=search]", "ferry")
    page.click(".picture-grid button")
    page.wait_for_selector(f"{TEXT} figure img[src^='/images/']")
    page.click(f"{TEXT} figure img")
    assert page.inner_text("[data-linked=alt] .linked-said") == "From the library: A ferry"
    page.fill("[data-word=alt]", 'A "white" ferry')
    page.fill("[data-word=credit]", "Bo Light")
    page.select_option("[data-word=layout]", "align-end")
    page.click(f"{TEXT} figcaption")
    page.keyboard.type("Own caption")
    assert saved(page, article) == (
        f'<p>Text.</p><figure class="align-end" data-credit="Bo Light" data-image="{image.pk}">'
        '<img alt="A &quot;white&quot; ferry"><figcaption>Own caption</figcaption></figure>'
    )
    assert "\n".join(page.troubles) == ""


def test_a_picture_is_uploaded_without_leaving_the_form(page, desk):
    article = desk()
    cursor_at_the_end(page)
    page.click(".cke_button__newsfigure")
    page.wait_for_selector(".picture-upload:not([hidden])")
    file = {"name": "new.jpg", "mimeType": "image/jpeg", "buffer": picture_file((200, 10, 10)).read()}
    page.set_input_files(".picture-library input[type=file]", {**file, "buffer": b"no picture"})
    page.wait_for_selector(".picture-uploads .is-refused")
    assert page.inner_text(".picture-uploads .is-refused").startswith("new.jpg: ")
    page.set_input_files(".picture-library input[type=file]", file)
    page.wait_for_selector(f"{TEXT} figure img[src^='/images/']")
    assert page.locator(f"{TEXT} figure.lacks-alt").count() == 1
    assert '<figure data-image="' in saved(page, article)


def test_a_picture_is_handled_by_the_keyboard_alone(page, desk, image):
    desk(f'<p>a</p><figure data-image="{image.pk}"></figure><p>b</p>')
    page.evaluate(f"Object.values({EDITOR}.widgets.instances)[0].focus()")
    page.keyboard.press("Enter")
    wait_until(page, "document.activeElement.dataset.word === 'alt'")
    page.keyboard.type("Typed")
    page.keyboard.press("Enter")
    page.keyboard.press("Escape")
    wait_until(page, f"{EDITOR}.getData().includes('Typed')")
    page.keyboard.press("Delete")
    wait_until(page, f"!{EDITOR}.getData().includes('figure')")
    page.keyboard.press("Control+z")
    wait_until(page, f"{EDITOR}.getData().includes('Typed')")
    assert "\n".join(page.troubles) == ""


@pytest.mark.parametrize(
    ("clipboard", "expected"),
    [
        (
            WORD,
            "<h2>The ferry returns</h2><p><strong>After</strong> two years the <em>Halcyon</em> sails again.</p>"
            "<ul><li>First stop</li><li>Second stop</li></ul>"
            "<table><tbody><tr><td><p>Fare</p></td><td><p>4 euros</p></td></tr></tbody></table>"
            '<p><a href="https://example.org/timetable" rel="noopener">Timetable</a></p>',
        ),
        (
            DOCS,
            "<h2>Tide tables</h2><p><strong>Bold</strong> <em>leaning</em> plain "
            '<a href="https://example.org/" rel="noopener">link</a></p><ul><li>Item</li></ul>',
        ),
    ],
    ids=["Word", "Google Docs"],
)
def test_what_is_pasted_comes_out_clean(page, desk, clipboard, expected):
    article = desk("<p></p>")
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    paste(page, clipboard)
    wait_until(page, f"{EDITOR}.getData().includes('example.org')")
    foreign = [url for url in asked if "127.0.0.1" not in url and "localhost" not in url]
    assert " ".join(saved(page, article).split()) == expected
    assert foreign == []


def test_an_injected_handler_is_blocked_by_the_browser(page, desk):
    desk()
    page.evaluate(f"""() => {{ window.ran = false;
        {EDITOR}.editable().$.innerHTML = '<img src="data:," onerror="window.ran = true">'; }}""")
    page.wait_for_timeout(200)
    assert page.evaluate("window.ran") is False
    assert any("Content Security Policy" in trouble for trouble in page.troubles)


@pytest.mark.parametrize(("language", "direction"), [("ar", "rtl"), ("de", "ltr")])
def test_the_text_runs_as_its_language_does(page, desk, language, direction):
    desk(language=language)
    area = page.locator(TEXT)
    assert (area.get_attribute("dir"), area.get_attribute("lang")) == (direction, language)
    page.select_option("[name=language]", "en")
    assert (area.get_attribute("dir"), area.get_attribute("lang")) == ("ltr", "en")


def test_the_form_fits_a_phone(page, desk, image):
    page.set_viewport_size({"width": 360, "height": 740})
    desk(f'<p>{"word " * 60}</p><figure data-image="{image.pk}" class="align-end"></figure>')
    page.click(f"{TEXT} figure img")
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    box = page.locator(".cke_chrome").bounding_box()
    assert box["x"] >= 0 and box["x"] + box["width"] <= 360


def test_the_form_always_holds_what_is_seen(page, desk):
    """Whatever saves a copy of the form now and then finds the text in it."""
    desk()
    cursor_at_the_end(page)
    page.keyboard.type(" More.")
    wait_until(page, "document.querySelector('#id_body').value.includes('Text. More.')")


# Words of a picture, pictures beside the text, links --------------------------------------


def test_a_picture_that_was_put_into_a_long_text_is_seen(page, desk, image):
    desk("".join(f"<p>{'Word ' * 80}</p>" for _ in range(20)))
    cursor_at_the_end(page)
    page.evaluate("window.scrollTo(0, 0)")
    page.click(".cke_button__newsfigure")
    page.click(".picture-grid button")
    page.wait_for_selector(f"{TEXT} figure img[src^='/images/']")
    wait_until(
        page,
        f"""(() => {{ const box = document.querySelector('{TEXT} figure img').getBoundingClientRect();
        return box.height > 90 && box.top >= 0 && box.bottom <= innerHeight; }})()""",
    )


def test_the_field_of_the_alt_text_has_room_for_a_sentence(page, desk, image):
    desk(f'<figure data-image="{image.pk}"></figure>')
    page.click(f"{TEXT} figure img")
    bar, field = (page.locator(what).bounding_box() for what in (".picture-words", "[data-word=alt]"))
    assert field["width"] > bar["width"] * 0.55
    assert field["height"] >= 48
    page.fill("[data-word=alt]", "Two\nlines")
    wait_until(page, f"""{EDITOR}.getData().includes('alt="Two lines"')""")


def test_the_lead_image_is_chosen_from_the_library_and_seen_before_it_is_saved(page, desk, image):
    article = desk()
    page.click("#image_uses-group .add-row a")
    row = page.locator("#image_uses-0")
    row.locator(".picture-choose").click()
    page.click(".picture-grid button")
    row.locator("img.thumb[src^='/images/']").wait_for()
    assert row.locator("select[name$='-image']").input_value() == str(image.pk)
    assert row.locator("[data-linked=alt] .linked-said").inner_text() == "From the library: A ferry"
    assert "ferry" in row.locator(".beside-name").inner_text()
    assert page.locator(f"{TEXT} figure").count() == 0
    saved(page, article)
    assert article.image_uses.get().image == image
    assert "\n".join(page.troubles) == ""


def test_a_lead_image_chosen_by_its_name_is_seen_too(page, desk, image):
    desk()
    page.click("#image_uses-group .add-row a")
    page.click("#image_uses-0 .select2-selection")
    page.click(".select2-results__option[role=option], .select2-results__option--selectable")
    page.wait_for_selector("#image_uses-0 img.thumb[src^='/images/']")


def open_links(page):
    page.evaluate(f"{EDITOR}.editable().$.querySelector('p').scrollIntoView()")
    cursor_at_the_end(page)
    page.keyboard.press("Control+a")
    page.click(".cke_button__link")
    page.wait_for_selector(".cke_dialog_body >> visible=true")


LINK = "CKEDITOR.dialog.getCurrent()"


def test_the_dialog_of_links_offers_only_what_is_kept(page, desk):
    desk()
    open_links(page)
    offered = page.eval_on_selector_all(".cke_dialog select option", "all => all.map((one) => one.value)")
    assert sorted(offered) == ["", "email", "http://", "https://", "tel", "url"]


@pytest.mark.parametrize("address", ["ftp://example.org/a", "javascript:alert(1)", "//example.org", "a@example.org"])
def test_an_address_that_would_not_be_kept_is_refused_with_a_sentence(page, desk, address):
    desk()
    said = []
    page.on("dialog", lambda dialog: (said.append(dialog.message), dialog.accept()))
    open_links(page)
    page.evaluate(f"address => {LINK}.getContentElement('info', 'url').setValue(address)", address)
    page.click(".cke_dialog_ui_button_ok")
    wait_until(page, f"{LINK} !== null")
    page.wait_for_timeout(100)
    assert said and said[0].endswith(".")
    assert "<a" not in page.evaluate(f"{EDITOR}.getData()")


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("https://example.org/a?b#c", "https://example.org/a?b#c"),
        ("http://example.org", "http://example.org"),
        ("example.org/a", "https://example.org/a"),
        ("localhost:8000/", "https://localhost:8000/"),
        ("/about/", "/about/"),
        ("#place", "#place"),
        ("mailto:desk@example.org", "mailto:desk@example.org"),
    ],
)
def test_an_address_that_is_kept_is_taken_as_typed(page, desk, typed, kept):
    article = desk()
    open_links(page)
    page.evaluate(f"address => {LINK}.getContentElement('info', 'url').setValue(address)", typed)
    page.click(".cke_dialog_ui_button_ok")
    wait_until(page, f"!{LINK}")
    page.keyboard.press("ArrowRight")
    assert f'href="{kept}"' in saved(page, article)


def test_a_link_to_a_place_of_the_page_is_edited_as_an_address(page, desk):
    desk('<p><a href="#place">There</a></p>')
    open_links(page)
    assert page.evaluate(f"{LINK}.getValueOf('info', 'linkType')") == "url"
    assert page.evaluate(f"{LINK}.getValueOf('info', 'url')") == "#place"


def test_dialogs_are_dark_where_the_admin_is(page, desk):
    page.emulate_media(color_scheme="dark")
    desk()
    open_links(page)
    ours = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert page.evaluate("getComputedStyle(document.querySelector('.cke_dialog_contents')).backgroundColor") == ours
