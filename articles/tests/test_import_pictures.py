"""Pictures of an import: found by name among given files, kept once, and told where they are missing or refused."""

from pathlib import Path

import pytest
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


@pytest.mark.parametrize("content", ["[gallery]", '[gallery ids="9,10"]'])
def test_a_gallery_keeps_all_its_pictures_in_order(tmp_path: Path, content: str) -> None:
    picture(tmp_path / "media/river.jpg", 1)
    picture(tmp_path / "media/bridge.jpg", 2)
    run(
        Order(
            export(tmp_path, post(content=content), attachment(9), attachment(10, "2014/03/bridge.jpg")),
            media=tmp_path / "media",
        )
    )
    names = [Image.objects.get(pk=figure.image_id).file_name for figure in figures(Article.objects.get().body)]
    assert names == ["river.jpg", "bridge.jpg"]


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
