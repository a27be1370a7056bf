"""A WordPress export becomes articles and pages, in the state, with the dates and the words of the source."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
import time_machine
from django.contrib.flatpages.models import FlatPage

from articles.importers.report import Report
from articles.importers.running import Order, run
from articles.models import Article, Edition
from articles.tests.wxr import attachment, export, meta, post

pytestmark = pytest.mark.django_db
NOW = datetime(2024, 6, 1, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _clock() -> object:
    with time_machine.travel(NOW, tick=False) as clock:
        yield clock


def imported(folder: Path, *items: str, **more: str) -> tuple[Article, Report]:
    report = run(Order(export(folder, *items, **more)))
    return Article.objects.get(), report


def sentences(report: Report) -> str:
    return "\n".join(change.sentence for entry in report.entries for change in entry.changes)


@pytest.mark.parametrize(
    "ns", [f"{scheme}://wordpress.org/export/{v}" for scheme in ("http", "https") for v in ("1.0", "1.1", "1.2")]
)
def test_the_namespace_may_be_of_any_version_and_scheme(tmp_path: Path, ns: str) -> None:
    article, _ = imported(tmp_path, post(), ns=ns)
    assert (article.import_source, article.import_id) == ("wordpress:old.example", "7")


def test_everything_that_the_export_says_is_in_the_article(tmp_path: Path) -> None:
    article, report = imported(
        tmp_path,
        post(
            more="<excerpt:encoded>It rose.</excerpt:encoded><wp:is_sticky>1</wp:is_sticky>"
            "<category domain='category' nicename='world'>World</category>"
            "<category domain='category' nicename='peru'>Peru &amp;amp; Lima</category>"
            "<category domain='post_tag' nicename='water'>water</category>"
            "<wp:comment><wp:comment_id>1</wp:comment_id></wp:comment>",
            post_modified_gmt="2014-03-13 08:00:00",
        ),
    )

    assert (article.headline, article.slug, article.standfirst) == ("Flood", "flood", "It rose.")
    assert article.body == "<p>Water.</p>"
    assert article.published_at == datetime(2014, 3, 12, 8, tzinfo=UTC)
    assert article.updated_at == datetime(2014, 3, 13, 8, tzinfo=UTC)
    assert article.section.name == "Peru & Lima", "the most specific category"
    assert {tag.name for tag in article.tags.all()} == {"World", "water"}
    assert article.bylines.get().author.name == "Jane Doe"
    assert {a.path for a in article.addresses.all()} == {"/2014/03/12/flood/", "/2014/03/flood/", "/?p=7"}
    assert article.pinned_at is not None
    assert report.totals()["comments not imported yet"] == 1
    assert report.exit_status == 0
    assert Edition.objects.live().get().live_from == NOW


@pytest.mark.parametrize(
    ("fields", "status", "live", "coming"),
    [
        ({"status": "publish"}, "approved", 1, 0),
        ({"status": "future", "post_date_gmt": "2024-07-01 08:00:00"}, "approved", 0, 1),
        ({"status": "future", "post_date_gmt": "2020-07-01 08:00:00"}, "approved", 1, 0),
        ({"status": "draft", "post_date_gmt": "0000-00-00 00:00:00"}, "draft", 0, 0),
        ({"status": "pending"}, "draft", 0, 0),
        ({"status": "private"}, "draft", 0, 0),
        ({"status": "somethingelse"}, "draft", 0, 0),
        ({"status": "publish", "post_password": "secret"}, "draft", 0, 0),
        ({"status": "draft", "post_type": "page"}, "draft", 0, 0),
    ],
)
def test_readers_see_here_what_they_saw_there(
    tmp_path: Path, fields: dict[str, str], status: str, live: int, coming: int
) -> None:
    article, report = imported(tmp_path, post(**fields))

    assert article.status == status
    assert Edition.objects.live().count() == live
    assert Edition.objects.upcoming(NOW).count() == coming
    assert ("secret" in report.as_json()) is False, "a password is not for reports"


@pytest.mark.parametrize("gmt", ["0000-00-00 00:00:00", "", "2014-13-45 99:00:00"])
def test_without_a_date_in_utc_the_local_one_counts(tmp_path: Path, gmt: str) -> None:
    article, _ = imported(tmp_path, post(post_date_gmt=gmt, post_date="2014-03-12 08:00:00"))
    assert article.published_at == datetime(2014, 3, 12, 8, tzinfo=UTC)


def test_a_published_page_is_a_static_page_where_it_was(tmp_path: Path) -> None:
    report = run(Order(export(tmp_path, post(post_type="page", content="[gallery]About <b>us</b>"))))

    page = FlatPage.objects.get()
    assert (page.url, page.title, page.content) == ("/2014/03/flood/", "Flood", "<p>About <strong>us</strong></p>")
    assert not Article.objects.exists()
    assert run(Order(tmp_path)).totals()["unchanged"] == 1
    page.content = "<p>Written here</p>"
    page.save()
    assert "A different page is at /2014/03/flood/ already" in sentences(run(Order(tmp_path)))
    page.refresh_from_db()
    assert page.content == "<p>Written here</p>"
    assert report.entries[0].address == "/2014/03/flood/"


def test_what_is_neither_article_nor_page_is_counted_and_named(tmp_path: Path) -> None:
    types = ("product", "nav_menu_item", "wp_block", "custom")
    report = run(
        Order(export(tmp_path, *(post(n, post_type=kind) for n, kind in enumerate(types)), post(9, status="trash")))
    )

    assert [each.what for each in report.skipped] == [*types, "trash"]
    assert report.exit_status == 1
    assert not Article.objects.exists()


def test_coauthors_are_the_byline(tmp_path: Path) -> None:
    article, _ = imported(
        tmp_path,
        post(
            more="<category domain='author' nicename='cap-ann'>Ann</category>"
            "<category domain='author' nicename='cap-bo'>Bo</category>"
        ),
    )
    assert [byline.author.name for byline in article.bylines.all()] == ["Ann", "Bo"]


def test_two_items_of_one_number_are_two_articles_and_the_same_one_twice_is_one(tmp_path: Path) -> None:
    items = [post(7, "one"), post(7, "two"), post(7, "one")]
    run(Order(export(tmp_path, *items)))

    assert sorted(Article.objects.values_list("import_id", flat=True)) == ["7", "7#2"]
    assert run(Order(tmp_path)).totals()["unchanged"] == 3


def test_a_slug_in_another_script_stays_and_a_missing_one_is_made(tmp_path: Path) -> None:
    run(Order(export(tmp_path, post(1, post_name="%d9%85%d8%b1%d8%ad%d8%a8%d8%a7"), post(2, post_name=""))))
    assert set(Article.objects.values_list("slug", flat=True)) == {"مرحبا", "flood"}


# What stands in the text ------------------------------------------------------------------

LINK = '<p><a href="{0}" rel="noopener">{0}</a></p>'


@pytest.mark.parametrize(
    ("content", "body"),
    [
        ("One\nline\n\nTwo", "<p>One<br>line</p><p>Two</p>"),
        (
            "<b>Bold</b> words\n\n<ul>\n<li>a</li>\n<li>b</li>\n</ul>\nEnd",
            "<p><strong>Bold</strong> words</p><ul><li>a</li><li>b</li></ul><p>End</p>",
        ),
        ("<blockquote>One\n\nTwo</blockquote>", "<blockquote><p>One</p><p>Two</p></blockquote>"),
        ("<pre>a\n\nb</pre>", "<pre>a\n\nb</pre>"),
        (
            "<!-- wp:paragraph --><p>A</p><!-- /wp:paragraph -->\n\n<!-- wp:group -->"
            '<div><!-- wp:heading {"level":1} -->'
            "<h1>B</h1><!-- /wp:heading --></div><!-- /wp:group -->",
            "<p>A</p><h2>B</h2>",
        ),
        ("<!-- wp:paragraph --><p>A</p><!-- /wp:paragraph -->\nLoose\n\nwords", "<p>A</p><p>Loose</p><p>words</p>"),
        ("https://video.example/1", LINK.format("https://video.example/1")),
        ("[embed]https://video.example/1[/embed]", LINK.format("https://video.example/1")),
        ("[youtube abc]", LINK.format("https://www.youtube.com/watch?v=abc")),
        ("[audio mp3='https://a.example/1.mp3'][/audio]", LINK.format("https://a.example/1.mp3")),
        ("[box color=red]Words[/box] after", "<p>Words after</p>"),
        ("[code]if (a) [b] & c[/code]", "<pre><code>if (a) [b] &amp; c</code></pre>"),
        ("[[gallery]] as it is", "<p>[gallery] as it is</p>"),
        ("He said [sic] that [the mayor] left [1]", "<p>He said [sic] that [the mayor] left [1]</p>"),
        ("<code>[gallery ids=1]</code>", "<p><code>[gallery ids=1]</code></p>"),
        ("a<!--more-->b", "<p>ab</p>"),
        ("C:\\new \\\\ kept", "<p>C:\\new \\\\ kept</p>"),
        ("<iframe src='https://player.vimeo.com/video/12'></iframe>", LINK.format("https://vimeo.com/12")),
        (
            "<p>a <video src='https://v.example/1.mp4'></video> b</p>",
            "<p>a</p>" + LINK.format("https://v.example/1.mp4") + "<p>b</p>",
        ),
    ],
)
def test_markup_becomes_what_readers_saw(tmp_path: Path, content: str, body: str) -> None:
    assert imported(tmp_path, post(content=content))[0].body == body


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("[contact-form-7 id='3']", "“[contact-form-7 id='3']” was left out."),
        ("[box a=b]x[/box]", "The shortcode “box” was left out; the words within it are kept."),
        ("<!-- wp:latest-posts /-->", "The block “latest-posts”, which WordPress fills itself, was left out."),
        ("a<!--nextpage-->b", "it is one page now"),
        ("<!-- wp:html --><script>x</script><!-- /wp:html -->", "Left out with its content: script (1)."),
        ("x<script>x</script>", "Left out with its content: script (1)."),
        ("<input name=a>", "Left out with its content: input (1)."),
        (
            "<img src='https://old.example/a.jpg' alt='A dog'>",
            "The picture “https://old.example/a.jpg” was not found. Its words were: A dog",
        ),
        ("[gallery ids='1,2']", "A gallery names 2 pictures that the export does not describe"),
    ],
)
def test_whatever_is_lost_or_changed_is_told(tmp_path: Path, content: str, sentence: str) -> None:
    assert sentence in sentences(imported(tmp_path, post(content=content))[1])


def test_own_fields_are_named_and_serialised_ones_never_read(tmp_path: Path) -> None:
    article, report = imported(tmp_path, post(more=meta("rating", 'O:8:"stdClass":0:{}') + meta("_private", "x")))
    assert "Own fields of the old site left out: rating." in sentences(report)
    assert "stdClass" not in article.body


def test_a_reused_block_is_put_in_its_place(tmp_path: Path) -> None:
    block = post(3, "<!-- wp:paragraph --><p>Subscribe</p><!-- /wp:paragraph -->", post_type="wp_block")
    loop = post(4, '<!-- wp:block {"ref":4} /-->', post_type="wp_block")
    article, _ = imported(
        tmp_path, post(content='<!-- wp:block {"ref":3} /--><!-- wp:block {"ref":4} /-->'), block, loop
    )
    assert article.body == "<p>Subscribe</p>"


def test_files_of_one_export_are_read_together(tmp_path: Path) -> None:
    export(tmp_path, post(more=meta("_thumbnail_id", "9")), name="a-posts.xml")
    export(tmp_path, attachment(), name="b-media.xml")
    report = run(Order(tmp_path))

    assert "“2014/03/river.jpg” was not found" not in sentences(report)
    assert "river.jpg” was not found. Its words were: Brown water | The river at night" in sentences(report)
