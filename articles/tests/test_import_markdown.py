"""Markdown with front matter becomes articles, in the state, with the dates and the words of the source."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
import time_machine

from articles.importers import markdown
from articles.importers.items import Broken, Item, Skipped, State
from articles.importers.report import Outcome, Report
from articles.importers.running import Order, run
from articles.models import Article, Edition

pytestmark = pytest.mark.django_db
NOW = datetime(2024, 6, 1, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _clock() -> object:
    with time_machine.travel(NOW, tick=False) as clock:
        yield clock


def imported(folder: Path, text: str, name: str = "2024-05-01-flood.md", **more: object) -> tuple[Article, Report]:
    (folder / name).write_text(text, "utf-8")
    report = run(Order(folder, format="markdown", **more))  # type: ignore[arg-type]
    return Article.objects.get(), report


def sentences(report: Report) -> str:
    return "\n".join(change.sentence for entry in report.entries for change in entry.changes)


def test_everything_that_the_front_matter_says_is_in_the_article(tmp_path: Path) -> None:
    article, report = imported(
        tmp_path,
        "---\n"
        "title: 'The river &amp; the town'\nkicker: Weather\nexcerpt: It *rose* by night.\n"
        "date: 2024-05-01 08:30:00 -0400\nlast_modified_at: 2024-05-03\n"
        "authors: [Jane Doe, erin-strenio]\ncategory: Local News\ntags: [floods, open-data]\n"
        "redirect_from:\n  - /old/flood/\nsticky: true\n---\n\nWater **everywhere**.\n",
    )

    assert (article.headline, article.kicker, article.standfirst) == (
        "The river & the town",
        "Weather",
        "It rose by night.",
    )
    assert article.body == "<p>Water <strong>everywhere</strong>.</p>"
    assert article.published_at == datetime(2024, 5, 1, 12, 30, tzinfo=UTC)
    assert article.updated_at == datetime(2024, 5, 3, 12, tzinfo=UTC)
    assert [byline.author.name for byline in article.bylines.all()] == ["Jane Doe", "Erin Strenio"]
    assert (article.section.name, article.slug) == ("Local News", "flood")
    assert {tag.name for tag in article.tags.all()} == {"floods", "open data"}
    assert {a.path for a in article.addresses.all()} == {"/2024/05/01/flood/", "/old/flood/"}
    assert article.pinned_at is not None
    assert "Erin Strenio" in sentences(report), "a name made from a slug is told"
    assert report.exit_status == 0


def test_a_published_article_is_live_from_now_on_with_its_old_date(tmp_path: Path) -> None:
    article, _ = imported(tmp_path, "---\ntitle: Flood\ndate: 2014-03-12\n---\nWater.")

    edition = Edition.objects.live().get(article=article)
    assert edition.live_from == NOW
    assert edition.published_at.date().isoformat() == "2014-03-12"
    assert edition.path == "/2014/03/12/flood/"


@pytest.mark.parametrize(
    "head",
    ["draft: true", "published: false", "expiryDate: 2024-01-01", "lang: tlh"],
    ids=["a draft", "not published", "expired", "in a language the site has not"],
)
def test_what_readers_did_not_see_there_they_do_not_see_here(tmp_path: Path, head: str) -> None:
    article, report = imported(tmp_path, f"---\ntitle: Flood\n{head}\n---\nWater.")

    assert article.status == "draft"
    assert not Edition.objects.exists()
    assert report.entries[0].state == State.DRAFT


def test_a_future_date_is_a_schedule_and_an_expiry_date_its_end(tmp_path: Path) -> None:
    article, report = imported(
        tmp_path, "---\ntitle: Flood\ndate: 2024-07-01T09:00:00Z\nexpiryDate: 2024-08-01T09:00:00Z\n---\nWater."
    )

    edition = article.editions.get()
    assert (edition.starts_at, edition.expires_at) == (
        datetime(2024, 7, 1, 9, tzinfo=UTC),
        datetime(2024, 8, 1, 9, tzinfo=UTC),
    )
    assert not Edition.objects.live().exists()
    assert report.entries[0].state == State.SCHEDULED


def test_without_a_date_the_name_of_the_file_dates_it_and_else_the_import(tmp_path: Path) -> None:
    article, _ = imported(tmp_path, "---\ntitle: Flood\n---\nWater.", name="2021-08-24-flood.md")
    assert article.first_published_on.isoformat() == "2021-08-24"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.md", "+++\ntitle = 'Flood'\ntags = ['water']\ndate = 2024-05-01\n+++\nText."),
        ("a.md", '{\n"title": "Flood", "tags": ["water"], "date": "2024-05-01"}\n\nText.'),
        ("a.md", "\ufeff---\r\ntitle: Flood\r\ntags: water\r\ndate: 1 May 2024\r\n---\r\nText."),
        ("a.md", "\n\n---\ntitle: Flood\ntags: water\ndate: May 1, 2024\n---\nText."),
        ("a.md", "---\ntitle: Flood\ntags:\t[water]\ndate: 2024/05/01\n---\nText."),
    ],
    ids=["TOML", "JSON", "mark of byte order and carriage returns", "blank lines above", "tabs, which YAML forbids"],
)
def test_front_matter_is_read_in_every_dress(tmp_path: Path, name: str, text: str) -> None:
    article, _ = imported(tmp_path, text, name=name)

    assert (article.headline, [tag.name for tag in article.tags.all()]) == ("Flood", ["water"])
    assert article.first_published_on.isoformat() == "2024-05-01"
    assert article.body == "<p>Text.</p>"


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (b"---\ntitle: [unclosed\n---\nText.", "a.md, line 3: the front matter is not valid YAML"),
        (b"\n\n---\ntitle: [unclosed\n---\nText.", "a.md, line 5: the front matter is not valid YAML"),
        (b"---\ntitle: Flood\nText.", "a.md: the front matter has no end"),
        (b"---\ntitle: Caf\xe9\n---\nText.", "a.md, line 2: the text is not in UTF-8"),
        (b"---\n- a\n- b\n---\nText.", "a.md: the front matter names no fields"),
        (b"---\na: " + b"[" * 5000 + b"\n---\n", "a.md"),
        (b"+++\ntitle = \n+++\n", "not valid TOML"),
    ],
)
def test_a_file_that_cannot_be_read_is_named_and_the_next_one_goes_in(
    tmp_path: Path, text: bytes, sentence: str
) -> None:
    (tmp_path / "a.md").write_bytes(text)
    article, report = imported(tmp_path, "---\ntitle: Flood\n---\nWater.")

    assert article.headline == "Flood"
    assert [sentence in each.sentence for each in report.broken] == [True]
    assert report.exit_status == 1


def test_files_that_are_no_articles_are_counted_and_left_out(tmp_path: Path) -> None:
    (tmp_path / "README.md").write_text("# About")
    (tmp_path / "_index.md").write_text("---\ntitle: All news\n---\n")
    _, report = imported(tmp_path, "---\ntitle: Flood\n---\nWater.")

    assert sorted(each.file for each in report.skipped) == ["README.md", "_index.md"]


def test_dates_that_no_calendar_has_are_told_and_left_out(tmp_path: Path) -> None:
    article, report = imported(tmp_path, "---\ntitle: Flood\ndate: 2024-02-31\n---\nWater.", name="flood.md")

    assert "“2024-02-31” is not a date" in sentences(report)
    assert article.published_at is None


def test_translations_side_by_side_are_one_article_in_two_languages(tmp_path: Path) -> None:
    for name, lang in (("_posts/flood.md", "en"), ("_posts/de/flood.md", "de")):
        (tmp_path / name).parent.mkdir(exist_ok=True, parents=True)
        (tmp_path / name).write_text(f"---\ntitle: Flood\nlang: {lang}\n---\nWater.")
    run(Order(tmp_path))

    groups = dict(Article.objects.values_list("language", "translation_group"))
    assert groups["en"] == groups["de"]


def test_names_of_authors_and_topics_come_from_the_site(tmp_path: Path) -> None:
    for path, text in (
        ("content/authors/jdoe/_index.md", "---\ndisplay_name: Jane Doe\n---\n"),
        ("content/topics/ux/_index.md", "---\ntitle: User experience\n---\n"),
        ("content/news/flood.md", "---\ntitle: Flood\nauthors: [jdoe]\ntopics: [ux]\n---\nWater."),
    ):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text)
    run(Order(tmp_path / "content" / "news"))

    article = Article.objects.get()
    assert article.bylines.get().author.name == "Jane Doe"
    assert article.tags.get().name == "User experience"


# What stands in the text ------------------------------------------------------------------


def body_of(folder: Path, text: str) -> tuple[str, str]:
    article, report = imported(folder, f"---\ntitle: Flood\nimage: lead.png\n---\n{text}")
    return article.body, sentences(report)


@pytest.mark.parametrize(
    ("text", "body"),
    [
        ("{% raw %}{{ kept }}{% endraw %}", "<p>{{ kept }}</p>"),
        ("a{% comment %}never{% endcomment %}b", "<p>ab</p>"),
        ('[x]({{ "/2014/a/" | url }})', '<p><a href="/2014/a/" rel="noopener">x</a></p>'),
        ("[x]({{ site.baseurl }}/a/)", '<p><a href="/a/" rel="noopener">x</a></p>'),
        ('By {{ "erin-strenio" | team_link }}.', "<p>By Erin Strenio.</p>"),
        ("{% highlight python %}\na = 1\n{% endhighlight %}", "<pre><code>a = 1\n</code></pre>"),
        ("[x]({% post_url 2020-01-02-hi %})", '<p><a href="/2020/01/02/hi/" rel="noopener">x</a></p>'),
        ("{{< box >}}**Big** news{{< /box >}}", "<p><strong>Big</strong> news</p>"),
        (
            '{{< youtube id="abc" title="The film" >}}',
            '<p><a href="https://www.youtube.com/watch?v=abc" rel="noopener">The film</a></p>',
        ),
        (
            '{{< quote-block text="So **be** it" cite="A. Lincoln" >}}',
            "<blockquote><p>So <strong>be</strong> it</p><p><cite>A. Lincoln</cite></p></blockquote>",
        ),
        ("`{{</* img src=x */>}}`", "<p><code>{{&lt; img src=x &gt;}}</code></p>"),
        ("## A part {#a-part}\n\nText {.lead}", "<h2>A part</h2><p>Text</p>"),
        ("```\n{.kept}\n```", "<pre><code>{.kept}\n</code></pre>"),
        ("<div markdown='1'>\n*so*\n</div>", "<p><em>so</em></p>"),
        ("# One\n\n##### Five", "<h2>One</h2><h4>Five</h4>"),
        ('a<script>bad()</script>b <b onclick="x">c</b>', "<p>ab <strong>c</strong></p>"),
        ('<a href="javascript:alert(1)">x</a>', "<p>x</p>"),
        ("[to the part](#a-part)", "<p>to the part</p>"),
        ("<ul>\n\n    <li>*a*</li>\n\n</ul>\n\n    <kept>", "<ul><li>*a*</li></ul>"),
        ("Text\n\n    <b>code</b>", "<p>Text</p><pre><code>&lt;b&gt;code&lt;/b&gt;\n</code></pre>"),
        ("<p>one<br>two</p>", "<p>one<br>two</p>"),
    ],
)
def test_markup_becomes_what_readers_saw(tmp_path: Path, text: str, body: str) -> None:
    assert body_of(tmp_path, text)[0] == body


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("{{< unknown thing >}}", "“{{< unknown thing >}}” was left out."),
        ("{{ page.nothing }}", "“{{ page.nothing }}” was left out."),
        ("{% for a in b %}x{% endfor %}", "The program “{% for a in b %}” was left out"),
        ("<script>x</script>", "Left out with its content: script (1)."),
        ("<iframe src='https://maps.example/1'></iframe>", "The embed “https://maps.example/1” is now a link."),
        ('[a]({{< ref "2020-01-01-gone.md" >}})', "The link to “2020-01-01-gone.md” was left out"),
        ("<p style='x:y' class=z>a</p>", "Formatting left out: class (1), style (1)."),
        ("<aside>a</aside>", "Changed, with all words kept: aside (1)."),
        ('<a href="javascript:x">a</a>', "The link to “javascript:x” was left out"),
        ("![A dog](dog.png)", "The picture “dog.png” was not found. Its words were: A dog"),
    ],
)
def test_whatever_is_lost_or_changed_is_told(tmp_path: Path, text: str, sentence: str) -> None:
    assert sentence in body_of(tmp_path, text)[1]


def test_a_link_to_a_file_of_the_site_leads_to_where_it_was(tmp_path: Path) -> None:
    (tmp_path / "2020-01-01-before.md").write_text("---\ntitle: Before\ndate: 2020-02-03\nslug: earlier\n---\n")
    (tmp_path / "2020-01-02-after.md").write_text('---\ntitle: After\n---\n[a]({{< ref "2020-01-01-before.md" >}})')
    run(Order(tmp_path))

    assert 'href="/2020/01/01/before/"' in Article.objects.get(slug="after").body
    assert {a.path for a in Article.objects.get(slug="earlier").addresses.all()} == {
        "/2020/02/03/earlier/",
        "/2020/01/01/before/",
    }


def test_a_site_is_read_lazily_one_file_after_the_other(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("---\ntitle: A\n---\n")
    (tmp_path / "b.md").write_bytes(b"---\n\xff\n---\n")
    (tmp_path / "c.txt").write_text("no Markdown")
    kinds = [type(each) for each in markdown.items(tmp_path)]

    assert kinds == [Item, Broken]
    assert Skipped not in kinds


def test_two_articles_with_one_address_both_go_in(tmp_path: Path) -> None:
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "flood.md").write_text(f"---\ntitle: Flood {folder}\ndate: 2024-05-01\n---\n{folder}")
    report = run(Order(tmp_path))

    assert sorted(Article.objects.values_list("slug", flat=True)) == ["flood", "flood-2"]
    assert [entry.outcome for entry in report.entries] == [Outcome.CREATED, Outcome.CREATED]
    assert {entry.outcome for entry in run(Order(tmp_path)).entries} == {Outcome.UNCHANGED}
