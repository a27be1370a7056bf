"""Pictures of an import: found by name among given files, kept once, and told where they are missing or refused."""

from pathlib import Path

import pytest
from django.contrib.flatpages.models import FlatPage
from PIL import Image as Pillow

from articles.figures import figures
from articles.importers.report import Report
from articles.importers.running import Order, run
from articles.models import Article, Image
from articles.tests.wxr import attachment, export, meta, post

pytestmark = pytest.mark.django_db


def picture(path: Path, colour: int = 90) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    Pillow.new("RGB", (48, 32), (colour, 80, 70)).save(path)
    return path


def sentences(report: Report) -> str:
    return "\n".join(change.sentence for entry in report.entries for change in entry.changes)


def markdown(folder: Path, text: str, head: str = "") -> Report:
    (folder / "content").mkdir(exist_ok=True)
    (folder / "content" / "flood.md").write_text(f"---\ntitle: Flood\n{head}\n---\n{text}")
    return run(Order(folder))


def test_pictures_in_the_text_are_figures_of_the_library_with_their_words(tmp_path: Path) -> None:
    picture(tmp_path / "assets/river.png")
    report = markdown(
        tmp_path,
        'Before\n\n{{< figure src="/assets/river.png" alt="Brown water" caption="By *night*" attr="Jane" >}}\n\nAfter',
    )

    article, image = Article.objects.get(), Image.objects.get()
    assert (image.alt, image.caption, image.credit, image.file_name) == (
        "Brown water",
        "By *night*",
        "Jane",
        "river.png",
    )
    assert [figure.image_id for figure in figures(article.body)] == [image.pk]
    assert article.body.startswith("<p>Before</p><figure") and article.body.endswith("</figure><p>After</p>")
    assert report.entries[0].pictures == 1
    assert report.exit_status == 0


def test_words_that_are_the_assets_own_follow_the_asset_from_then_on(tmp_path: Path) -> None:
    picture(tmp_path / "river.png")
    markdown(tmp_path, "![Brown water](/river.png)", "image: /river.png\nimage_alt: Seen from above")
    article, image = Article.objects.get(), Image.objects.get()
    assert figures(article.body)[0].alt == "", "the library says the same"
    assert article.image_uses.get(place="lead").alt == "Seen from above"

    Image.objects.update(alt="Brown water at the bridge")
    report = markdown(tmp_path, "![Brown water](/river.png)", "image: /river.png\nimage_alt: Seen from above")
    assert report.totals()["unchanged"] == 1, "a change in the library is no change of the source"
    assert Image.objects.get() == image


@pytest.mark.parametrize(
    "text",
    [
        'Text\n\n      {{< img src="river.png" alt="w" >}}\n',
        'Text\n\n    <img src="river.png" alt="w">\n',
        '<img src="river.png" alt="He said "No" to all" class="x">\nText',
        '* Text\n\n    <img src="river.png" alt="w">\n',
        '[<img src="river.png" alt="w">](river.png) Text',
        "Text ![w](river.png 'title')",
    ],
)
def test_a_picture_is_found_however_it_stands_in_the_text(tmp_path: Path, text: str) -> None:
    picture(tmp_path / "river.png")
    report = markdown(tmp_path, text)

    assert len(figures(Article.objects.get().body)) == 1
    assert report.exit_status == 0
    assert Image.objects.get().alt in {"w", 'He said "No" to all'}


def test_a_picture_within_a_sentence_stands_behind_the_paragraph(tmp_path: Path) -> None:
    picture(tmp_path / "river.png")
    markdown(tmp_path, 'The <a href="/x"><img src="river.png" class="alignright" alt="w"></a> river rose.')
    body = Article.objects.get().body

    assert body.startswith("<p>The  river rose.</p><figure")
    assert 'class="align-end"' in body


@pytest.mark.parametrize(
    "name",
    [
        "../../outside.png",
        "/../outside.png",
        "..\\..\\outside.png",
        "%2e%2e/%2e%2e/outside.png",
        "file:///etc/passwd",
        "/etc/passwd",
        "link.png",
        "folder/inside.png",
        "a\0.png",
        "//evil.example/x.png",
        "http://[bad/x.png",
        "x" * 3000,
    ],
)
def test_no_name_reaches_a_file_outside_of_the_folder(tmp_path: Path, name: str) -> None:
    picture(tmp_path / "outside.png", 1)
    picture(tmp_path / "elsewhere/inside.png", 2)
    site = tmp_path / "site"
    site.mkdir()
    (site / "link.png").symlink_to(tmp_path / "outside.png")
    (site / "folder").symlink_to(tmp_path / "elsewhere")
    report = markdown(site, f'Text <img src="{name}">')

    assert not Image.objects.exists()
    assert Article.objects.get().body == "<p>Text</p>"
    assert report.exit_status == 1


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (lambda file: file.write_bytes(b"\x89PNG\r\n\x1a\n no picture"), "was left out"),
        (lambda file: file.write_text("<svg xmlns='http://www.w3.org/2000/svg'/>"), "was left out"),
        (lambda file: file.mkdir(), "was not found"),
    ],
    ids=["damaged", "another kind of file", "a folder"],
)
def test_what_the_library_refuses_is_told_and_the_article_goes_in(tmp_path: Path, make: object, reason: str) -> None:
    make(tmp_path / "river.png")  # type: ignore[operator]
    report = markdown(tmp_path, "Text ![w](/river.png)")

    assert reason in sentences(report)
    assert Article.objects.get().body == "<p>Text</p>"


def test_one_of_several_files_of_one_name_is_taken_by_its_folders_or_not_at_all(tmp_path: Path) -> None:
    picture(tmp_path / "a/river.png", 1)
    wanted = picture(tmp_path / "b/river.png", 2)
    markdown(tmp_path, "![w](/b/river.png)")
    assert Image.objects.get().original.read() == wanted.read_bytes()

    assert "There are several files named" in sentences(markdown(tmp_path, "![w](river.png)"))


def test_a_file_of_the_same_name_elsewhere_is_not_mistaken_for_the_picture(tmp_path: Path) -> None:
    picture(tmp_path / "icons/logo.png")
    assert "was not found" in sentences(markdown(tmp_path, "![w](/img/people/logo.png)"))


# WordPress --------------------------------------------------------------------------------


@pytest.mark.parametrize("file", ["river.jpg", "uploads/2014/03/river.jpg", "river-scaled.jpg"])
def test_the_lead_image_is_found_by_its_file_name(tmp_path: Path, file: str) -> None:
    picture(tmp_path / "media" / file)
    report = run(Order(export(tmp_path, post(more=meta("_thumbnail_id", "9")), attachment()), media=tmp_path / "media"))

    use = Article.objects.get().image_uses.get()
    assert (use.place, use.image.alt, use.image.caption) == ("lead", "Brown water", "The river at night")
    assert report.exit_status == 0


@pytest.mark.parametrize(
    ("content", "caption", "layout"),
    [
        (
            '[caption id="attachment_9" align="alignleft"]<img class="wp-image-9" src="{0}"> '
            "By <em>night</em>[/caption]",
            "By <em>night</em>",
            "align-start",
        ),
        (
            '[caption id="attachment_9" align="alignright" caption="By night"]'
            '<a href="{0}"><img src="{0}"></a>[/caption]',
            "By night",
            "align-end",
        ),
        (
            '<!-- wp:image {{"id":9}} --><figure class="wp-block-image alignwide"><img src="{0}" class="wp-image-9"/>'
            "<figcaption>By night</figcaption></figure><!-- /wp:image -->",
            "By night",
            "wide",
        ),
        ('<img class="wp-image-9" src="{0}">', "", ""),
    ],
)
def test_captions_stay_with_their_pictures(tmp_path: Path, content: str, caption: str, layout: str) -> None:
    picture(tmp_path / "media/river.jpg")
    source = "https://old.example/wp-content/uploads/2014/03/river-300x200.jpg"
    run(Order(export(tmp_path, post(content=content.format(source)), attachment()), media=tmp_path / "media"))

    figure = figures(Article.objects.get().body)[0]
    assert (figure.caption, figure.layout) == (caption, layout)
    assert Image.objects.get().caption == "The river at night", "the asset keeps its own words"


BLOCK_GALLERY = (
    '<!-- wp:gallery {{"ids":[9,10]}} --><figure class="wp-block-gallery"><ul class="blocks-gallery-grid">'
    '<li class="blocks-gallery-item"><figure><img src="{0}/river.jpg" class="wp-image-9"/>'
    "<figcaption>In <em>March</em></figcaption></figure></li>"
    '<li class="blocks-gallery-item"><figure><img src="{0}/bridge.jpg" alt="Its arches" class="wp-image-10"/></figure>'
    '</li></ul><figcaption class="blocks-gallery-caption">All of it</figcaption></figure><!-- /wp:gallery -->'
).format("https://old.example/wp-content/uploads/2014/03")
OLD_GALLERY = (
    '<div id="gallery-1" class="gallery"><dl class="gallery-item"><dt><img src="{0}/river.jpg"></dt>'
    '<dd class="gallery-caption">In March</dd></dl><dl><dt><img src="{0}/bridge.jpg" alt="Its arches"></dt></dl></div>'
).format("https://old.example/wp-content/uploads/2014/03")


def gallery_import(folder: Path, content: str, **fields: str) -> Report:
    picture(folder / "media/river.jpg", 1)
    picture(folder / "media/bridge.jpg", 2)
    items = post(content=content, **fields), attachment(9), attachment(10, "2014/03/bridge.jpg")
    return run(Order(export(folder, *items), media=folder / "media"))


def gallery_of(article: Article) -> list[tuple[str, str, str]]:
    uses = article.image_uses.filter(place="gallery").order_by("position")
    return list(uses.values_list("image__file_name", "alt", "caption"))


@pytest.mark.parametrize(
    ("content", "names"),
    [
        ("Before [gallery] after", ["river.jpg", "bridge.jpg"]),
        ('Before [gallery ids="10,9"] after', ["bridge.jpg", "river.jpg"]),
    ],
)
def test_a_gallery_is_the_articles_gallery_in_its_order(tmp_path: Path, content: str, names: list[str]) -> None:
    report = gallery_import(tmp_path, content)
    article = Article.objects.get()

    assert gallery_of(article) == [(name, "", "") for name in names], "their words are the library's"
    assert figures(article.body) == []
    assert article.body == "<p>Before</p><p>after</p>"
    assert report.entries[0].pictures == 2
    assert report.exit_status == 0
    live = article.editions.live().get()
    assert [use.image.file_name for use in live.image_uses.order_by("position")] == names


@pytest.mark.parametrize("content", [BLOCK_GALLERY, OLD_GALLERY])
def test_words_of_a_gallery_that_differ_from_the_pictures_own_are_kept(tmp_path: Path, content: str) -> None:
    gallery_import(tmp_path, content)
    article = Article.objects.get()

    assert gallery_of(article) == [("river.jpg", "", "In March"), ("bridge.jpg", "Its arches", "")]
    assert article.body == ("<p>All of it</p>" if content == BLOCK_GALLERY else "")
    assert set(Image.objects.values_list("caption", "alt")) == {("The river at night", "Brown water")}


def test_of_several_galleries_each_stays_where_it_belongs(tmp_path: Path) -> None:
    report = gallery_import(tmp_path, f"In Rome:\n\n[gallery ids='9,10']\n\nIn Lima:\n\n{BLOCK_GALLERY}")
    article = Article.objects.get()

    assert gallery_of(article) == []
    assert len(figures(article.body)) == 4
    assert article.body.index("Rome") < article.body.index("<figure") < article.body.index("Lima")
    assert "rows of single pictures in the text now: 2" in sentences(report)


def test_words_beside_the_pictures_of_a_gallery_are_not_lost(tmp_path: Path) -> None:
    gallery_import(tmp_path, OLD_GALLERY.replace("</dt></dl></div>", "</dt></dl><p>And more.</p></div>"))
    article = Article.objects.get()

    assert "And more." in article.body
    assert "In March" in article.body
    assert len(figures(article.body)) == 2


def test_a_gallery_of_a_page_stays_in_its_text(tmp_path: Path) -> None:
    gallery_import(tmp_path, "[gallery]", post_type="page")
    assert len(figures(FlatPage.objects.get().content)) == 2


def test_importing_a_gallery_again_changes_only_what_the_source_has_changed(tmp_path: Path) -> None:
    gallery_import(tmp_path, BLOCK_GALLERY)
    before = set(Article.objects.get().image_uses.values_list("pk", flat=True))
    assert gallery_import(tmp_path, BLOCK_GALLERY).totals()["unchanged"] == 1
    assert set(Article.objects.get().image_uses.values_list("pk", flat=True)) == before

    assert gallery_import(tmp_path, BLOCK_GALLERY.replace("arches", "pillars")).totals()["updated"] == 1
    assert gallery_of(Article.objects.get())[1] == ("bridge.jpg", "Its pillars", "")


def test_a_picture_used_twice_keeps_both_captions_however_often_it_is_imported(tmp_path: Path) -> None:
    picture(tmp_path / "river.png")
    text = '{{< figure src="/river.png" caption="By day" >}}\n\n{{< figure src="/river.png" caption="By night" >}}\n\n'
    text += '{{< figure src="/river.png" >}}'
    markdown(tmp_path, text)
    body = Article.objects.get().body
    assert [figure.caption for figure in figures(body)] == ["", "By night", ""]

    assert markdown(tmp_path, text).totals()["unchanged"] == 1
    assert Article.objects.get().body == body


def test_words_that_are_too_long_are_cut_and_told(tmp_path: Path) -> None:
    picture(tmp_path / "river.png")
    report = markdown(tmp_path, f"![{'water ' * 100}](/river.png)")
    assert len(Image.objects.get().alt) == 500
    assert "longer than 500 characters and were cut" in sentences(report)
    assert markdown(tmp_path, f"![{'water ' * 100}](/river.png)").totals()["unchanged"] == 1


@pytest.mark.parametrize("address", ["http://old.example/wp-content/uploads/2014/03/river.jpg?w=300"])
def test_a_described_picture_is_known_by_its_address_without_number_scheme_and_size(
    tmp_path: Path, address: str
) -> None:
    picture(tmp_path / "media/river.jpg")
    run(Order(export(tmp_path, post(content=f'<img src="{address}">'), attachment()), media=tmp_path / "media"))
    assert Image.objects.get().alt == "Brown water"


def test_a_picture_keeps_all_that_the_export_says_of_it(tmp_path: Path) -> None:
    picture(tmp_path / "media/river.jpg")
    in_file = 'a:1:{s:10:"image_meta";a:2:{s:6:"credit";s:10:"Zoë Díaz";s:9:"copyright";s:7:"© 2014";}}'
    described = attachment(more=meta("_wp_attachment_metadata", in_file), title="High water")
    content = '<img class="wp-image-9" alt="Water below the bridge" src="https://old.example/river.jpg">'
    run(Order(export(tmp_path, post(content=content), described), media=tmp_path / "media"))
    image = Image.objects.get()

    assert (image.alt, image.caption, image.credit) == ("Brown water", "The river at night", "Zoë Díaz")
    assert image.copyright == "© 2014"
    assert image.file_words == "Title: High water\nDescription: Seen from the bridge"
    assert figures(Article.objects.get().body)[0].alt == "Water below the bridge", "this article says it differently"


@pytest.mark.parametrize(
    ("more", "credit"),
    [
        (meta("_media_credit", "Jane Doe") + meta("_navis_media_credit_org", "Old Post"), "Jane Doe / Old Post"),
        (meta("isc_image_source", "Jane Doe"), "Jane Doe"),
        (meta("_wp_attachment_metadata", 's:6:"credit";s:99999:"Jane'), "Jane"),
        (meta("_wp_attachment_metadata", 's:6:"credit";O:8:"stdClass":0:{}'), ""),
    ],
)
def test_a_credit_is_found_where_plugins_keep_it(tmp_path: Path, more: str, credit: str) -> None:
    picture(tmp_path / "media/river.jpg")
    items = post(more=meta("_thumbnail_id", "9")), attachment(more=more)
    run(Order(export(tmp_path, *items), media=tmp_path / "media"))
    assert Image.objects.get().credit == credit


def test_a_caption_of_one_article_is_not_shown_with_the_picture_in_another(tmp_path: Path) -> None:
    picture(tmp_path / "media/river.jpg")
    bare = attachment().replace("The river at night", "")
    said = '[caption id="attachment_9"]<img class="wp-image-9" src="river.jpg"> Flooded in March[/caption]'
    run(Order(export(tmp_path, post(content=said), bare), media=tmp_path / "media"))

    assert Image.objects.get().caption == ""
    assert figures(Article.objects.get().body)[0].caption == "Flooded in March"


def test_an_alt_text_is_never_made_of_a_caption(tmp_path: Path) -> None:
    picture(tmp_path / "media/river.jpg")
    bare = attachment().replace("Brown water", "")
    said = '[caption id="attachment_9"]<img class="wp-image-9" src="river.jpg"> Flooded in March[/caption]'
    run(Order(export(tmp_path, post(content=said), bare), media=tmp_path / "media"))
    assert (Image.objects.get().alt, figures(Article.objects.get().body)[0].alt) == ("", "")


def test_what_an_editor_has_changed_in_the_library_stays(tmp_path: Path) -> None:
    picture(tmp_path / "media/river.jpg")
    file = export(tmp_path, post(more=meta("_thumbnail_id", "9")), attachment())
    run(Order(file, media=tmp_path / "media"))
    Image.objects.update(caption="", alt="Brown water under a bridge", credit="Jane Doe")

    assert run(Order(file, media=tmp_path / "media")).totals()["unchanged"] == 1
    image = Image.objects.get()
    assert (image.caption, image.alt, image.credit) == ("", "Brown water under a bridge", "Jane Doe")


def test_an_alt_text_that_the_source_has_got_later_comes_in(tmp_path: Path) -> None:
    picture(tmp_path / "river.png")
    markdown(tmp_path, "![](/river.png)")
    assert markdown(tmp_path, "![Brown water](/river.png)").totals()["updated"] == 1
    assert figures(Article.objects.get().body)[0].alt == "Brown water"


def test_words_in_the_file_fill_only_what_the_source_leaves_open(tmp_path: Path) -> None:
    data = Pillow.Exif()
    data[0x010E], data[0x013B] = "Words in the file", "Jane Doe"
    (tmp_path / "media").mkdir()
    Pillow.new("RGB", (48, 32), "blue").save(tmp_path / "media/river.jpg", exif=data)
    items = post(more=meta("_thumbnail_id", "9")), attachment()
    run(Order(export(tmp_path, *items), media=tmp_path / "media"))
    image = Image.objects.get()
    assert (image.caption, image.creator) == ("The river at night", "Jane Doe")


# Descriptions beside the articles ----------------------------------------------------------


@pytest.fixture
def described(tmp_path: Path) -> Path:
    """A site of Hugo that describes its pictures in files of their own."""
    picture(tmp_path / "static/dish.jpg")
    (tmp_path / "data/images").mkdir(parents=True)
    words = 'uid: dish\nformat: jpg\ncredit: Jane &amp; Co\ncaption: "A *dish*"\nalt: "A white dish"\n'
    (tmp_path / "data/images/dish.yml").write_text(words)
    return tmp_path


def test_words_of_a_described_picture_are_the_librarys(described: Path) -> None:
    markdown(described, '{{< img src="dish" >}}', "primary_image: dish")
    article, image = Article.objects.get(), Image.objects.get()

    assert (image.alt, image.caption, image.credit) == ("A white dish", "A *dish*", "Jane & Co")
    figure, lead = figures(article.body)[0], article.image_uses.get(place="lead")
    assert (figure.alt, figure.credit) == ("", "")
    assert (lead.alt, lead.caption, lead.credit) == ("", "", "")


def test_words_of_an_article_that_differ_from_the_description_are_its_own(described: Path) -> None:
    markdown(
        described,
        '{{< img src="dish" alt="It turns" caption="At dawn" credit="Eve" >}}',
        "primary_image: dish\nimage_caption: At noon",
    )
    article, image = Article.objects.get(), Image.objects.get()

    assert (image.alt, image.caption, image.credit) == ("A white dish", "A *dish*", "Jane & Co")
    figure, lead = figures(article.body)[0], article.image_uses.get(place="lead")
    assert (figure.alt, figure.caption, figure.credit) == ("It turns", "At dawn", "Eve")
    assert (lead.alt, lead.caption, lead.credit) == ("", "At noon", "")


def test_without_the_media_folder_the_pictures_are_told_and_come_in_with_it_later(tmp_path: Path) -> None:
    file = export(tmp_path, post(more=meta("_thumbnail_id", "9")), attachment())
    assert run(Order(file)).totals()["pictures left out"] == 1
    picture(tmp_path / "media/river.jpg")
    report = run(Order(file, media=tmp_path / "media"))

    assert (report.totals()["updated"], report.totals()["pictures kept"]) == (1, 1)


def test_an_original_larger_than_the_library_takes_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("articles.library.MAX_BYTES", 10)
    picture(tmp_path / "river.png")
    assert "was left out" in sentences(markdown(tmp_path, "![w](/river.png)"))


def test_a_rehearsal_looks_at_pictures_and_keeps_none(tmp_path: Path) -> None:
    picture(tmp_path / "river.png")
    (tmp_path / "bad.png").write_bytes(b"GIF89a")
    (tmp_path / "a.md").write_text("---\ntitle: A\nimage: /river.png\n---\n![w](/river.png) ![w](/bad.png)")
    report = run(Order(tmp_path, rehearse=True))

    assert (report.totals()["pictures kept"], report.totals()["pictures left out"]) == (2, 1)
    assert not Image.objects.exists()
