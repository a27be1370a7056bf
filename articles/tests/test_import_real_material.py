"""Whole sites that others have published go in: every article, every picture and every loss accounted for.

Words and pictures are counted here by means of their own, so that a mistake of the importer is not repeated.
Of the large sites, the ordinary tests take every so many articles; `make drill` takes all.
"""

import difflib
import hashlib
import html
import os
import re
from collections import Counter
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from xml.etree import ElementTree

import pytest

from articles.figures import Figure, figures, segments
from articles.importers.report import Outcome, Report
from articles.importers.running import Order, run
from articles.importers.site import Site
from articles.models import Article, Edition, Image
from newsroom.lib.html import to_text

pytestmark = pytest.mark.django_db
DATA = os.environ.get("NEWSROOM_TEST_DATA", "")
needs_data = pytest.mark.skipif(
    not DATA, reason="NEWSROOM_TEST_DATA is not set: the sites are not part of this project."
)


def folder(name: str) -> Path:
    return (Path(DATA) / name).resolve()


def every(step: int) -> pytest.MarkDecorator:
    """The test once with every so many articles of a site, and as a drill with all of them."""
    return pytest.mark.parametrize(
        "step", [pytest.param(step, id=f"every {step}th"), pytest.param(1, id="all", marks=pytest.mark.drill)]
    )


def sampled(monkeypatch: pytest.MonkeyPatch, step: int) -> None:
    """From here on a Markdown site shows one of so many of its articles; what stands around them is all there."""
    files = Site.files
    monkeypatch.setattr(Site, "files", lambda site: islice(files(site), 0, None, step))


def words_of(text: str) -> list[str]:
    return re.findall(r"[^\W_]+", html.unescape(text))


def crude_words(markdown: str) -> list[str]:
    """The words of a Markdown file as a reader would see them, by crude means: no tags, no addresses, no programs."""
    text = re.split(r"^---[ \t]*$", markdown.replace("\r\n", "\n"), maxsplit=2, flags=re.MULTILINE)[2]
    text = re.sub(r"<!--.*?-->|<(script|style)\b.*?</\1>", " ", text, flags=re.DOTALL)
    text = re.sub(r"\{\{.*?\}\}|\{%.*?%\}", " ", text, flags=re.DOTALL)  # Liquid and Hugo
    text = re.sub(r"!\[[^\]]*\]\([^)]*\)", " ", text)  # pictures
    text = re.sub(r"\]\([^()\s]*(?:\([^()]*\)[^()\s]*)*(?:\s+\"[^\"]*\")?\s*\)", "]", text)  # addresses of links
    text = re.sub(r"^\[[^\]]+\]:\s.*$", " ", text, flags=re.MULTILINE)  # addresses at the end
    text = re.sub(r"</?[a-zA-Z][^<>]*>", " ", text)
    text = re.sub(r"^\s*(```|~~~)[^\n`]*$", " ", text, flags=re.MULTILINE)  # the language of a piece of code
    text = re.sub(r"^\s*\d+[.)]\s", " ", text, flags=re.MULTILINE)  # numbers of lists
    return words_of(re.sub(r"\{:?\s?[.#][^{}\n]*\}|\[\^[^\]]*\]", " ", text))


def kept(source: list[str], article: Article) -> float:
    """The part of the source's words that stand in the article, in the same order."""
    here = words_of("\n".join(shown(article)))
    matcher = difflib.SequenceMatcher(None, source, here, autojunk=False)
    return sum(block.size for block in matcher.get_matching_blocks()) / len(source) if source else 1.0


def shown(article: Article) -> Iterator[str]:
    """What readers read, in order: text, and captions, of which an empty one is the library's."""
    for part in segments(article.body):
        if isinstance(part, Figure):
            yield part.caption_text or Image.objects.get(pk=part.image_id).caption
        else:
            yield to_text(part)


def told(report: Report) -> dict[str, str]:
    return {entry.file: "\n".join(change.sentence for change in entry.changes) for entry in report.entries}


def assert_words_are_kept(report: Report, root: Path, least: float, on_average: float) -> None:
    shares = {}
    for entry in report.entries:
        article = Article.objects.get(pk=entry.article)
        source = crude_words((root / entry.file).read_text("utf-8-sig"))
        lost = set(words_of(told(report)[entry.file]))
        shares[entry.file] = kept([word for word in source if word not in lost], article)
    assert min(shares.values()) >= least, sorted(shares.items(), key=lambda pair: pair[1])[:5]
    assert sum(shares.values()) / len(shares) >= on_average


@needs_data
@every(4)
def test_the_163_articles_of_18f_go_in_with_their_words_and_their_pictures(
    monkeypatch: pytest.MonkeyPatch, step: int
) -> None:
    sampled(monkeypatch, step)
    root = folder("articles-18f")
    number = sum(file.parent.name == "posts" for file in Site(root).files())
    assert number == 163 if step == 1 else number >= 40
    report = run(Order(root))

    assert Counter(entry.outcome for entry in report.entries) == {Outcome.CREATED: number}
    assert not report.broken
    assert Edition.objects.live().count() == number
    assert_words_are_kept(report, root, least=0.98, on_average=0.998)

    held = set(Image.objects.values_list("sha256", flat=True))
    sentences = told(report)
    named = missing = 0
    for entry in report.entries:
        article = Article.objects.get(pk=entry.article)
        uses = set(article.image_uses.values_list("image__sha256", flat=True))
        text = (root / entry.file).read_text("utf-8-sig")
        text = re.sub(r"^```.*?^```", "", text, flags=re.DOTALL | re.MULTILINE)  # in pieces of code
        text = re.sub(r"\{% comment %\}.*?\{% endcomment %\}", "", text, flags=re.DOTALL)
        text = re.sub(r"""\{\{\s*"([\w-]+)"\s*\|\s*team_photo\s*\}\}""", r" assets/img/team/\1.jpg ", text)
        for name in set(re.findall(r"""(?<![\w.])/?(assets/[^\s"')\]]+\.(?:jpg|jpeg|png|gif))""", text)):
            named += 1
            file = root / name
            if file.is_file() and (digest := hashlib.sha256(file.read_bytes()).hexdigest()) in held:
                assert digest in uses, f"{entry.file}: {name} is in the library, but not in its article"
            else:
                missing += 1
                assert file.name in sentences[entry.file], f"{entry.file}: nobody says that {name} is missing"
    assert named > 150 / step
    assert 0 < missing < named

    again = run(Order(root))
    assert {entry.outcome for entry in again.entries} == {Outcome.UNCHANGED}


@needs_data
@every(13)
def test_the_articles_of_digital_gov_go_in_with_their_words_and_every_missing_picture_is_told(
    monkeypatch: pytest.MonkeyPatch, step: int
) -> None:
    sampled(monkeypatch, step)
    root = folder("articles-digitalgov")
    files = [f for f in Site(root / "content/news").files() if f.name != "_index.md"]
    assert len(files) >= 40
    report = run(Order(root / "content/news"))

    assert Counter(entry.outcome for entry in report.entries) == {Outcome.CREATED: len(files)}
    assert not report.broken
    assert_words_are_kept(report, root, least=0.97, on_average=0.998)
    assert not any(figures(article.body) for article in Article.objects.iterator())

    sentences = told(report)
    for file in files:
        name, text = file.relative_to(root).as_posix(), file.read_text("utf-8-sig")
        for source in re.findall(r"""\{\{<\s*(?:legacy-)?img(?:-\w+)?\s[^>]*?src="([^"]+)""", text):
            picture = source.replace("\\", "").rpartition("/")[2]
            assert picture in sentences[name], f"{name}: nobody says that {picture} is missing"
        for shortcode in re.findall(r"\{\{<\s*(note|box|ring|quote-block|accordion|card-\w+)\b", text):
            assert f"“{shortcode}”" in sentences[name], f"{name}: nobody says that {shortcode} is gone"


@needs_data
def test_articles_in_several_languages_go_in_as_translations_of_each_other() -> None:
    report = run(Order(folder("articles-multilingual/opensource.guide")))

    assert not report.broken
    assert {entry.outcome for entry in report.entries} == {Outcome.CREATED}
    arabic = Article.objects.filter(language="ar")
    assert arabic.count() == 11
    groups = set(Article.objects.filter(language="en").values_list("translation_group", flat=True))
    assert {article.translation_group for article in arabic} <= groups
    assert not Edition.objects.filter(article__import_id__contains="/ja/").exists()


@needs_data
def test_a_folder_of_jekyll_goes_in() -> None:
    report = run(Order(folder("import-other/jekyll")))
    assert {entry.outcome for entry in report.entries} == {Outcome.CREATED}
    assert {entry.state for entry in report.entries} == {"published", "draft"}


# WordPress --------------------------------------------------------------------------------


def exports() -> list[Path]:
    return sorted(f for f in folder("import-wordpress").rglob("*") if f.suffix in {".xml", ".wxr"}) if DATA else []


def items_in(file: Path) -> list[tuple[str, str]] | None:
    """Type and state of every item that is an article or a page, or None where the XML is damaged or no export."""
    try:
        root = ElementTree.parse(file).getroot()
    except ElementTree.ParseError:
        return None
    if root.tag != "rss":
        return None
    found = []
    for item in root.iter("item"):
        said = {child.tag.rpartition("}")[2]: child.text or "" for child in item}
        found.append((said.get("post_type", "post"), said.get("status", "publish")))
    return [
        (kind, status) for kind, status in found if kind in {"post", "page"} and status not in {"trash", "auto-draft"}
    ]


@needs_data
@pytest.mark.parametrize("file", exports(), ids=lambda file: f"{file.parent.name}/{file.name}")
def test_every_well_formed_export_goes_in_and_every_damaged_one_ends_with_a_sentence(file: Path) -> None:
    report = run(Order(file))
    expected = items_in(file)

    if expected is None:
        assert len(report.broken) == 1
        assert report.broken[0].sentence.startswith(file.name)
        assert report.exit_status == 1
    else:
        assert not report.broken
        assert len(report.entries) == len(expected)
    assert {entry.outcome for entry in report.entries} <= {Outcome.CREATED, Outcome.UNCHANGED}
    if file.parent.name == "wporg-news" and file.name == "posts.xml":
        assert_news_keep_their_words(report)
    again = run(Order(file))
    assert {entry.outcome for entry in again.entries} <= {Outcome.UNCHANGED}


@needs_data
@pytest.mark.drill
def test_an_export_in_two_files_keeps_its_words() -> None:
    report = run(Order(folder("import-wordpress/wporg-news")))
    assert_news_keep_their_words(report)


def assert_news_keep_their_words(report: Report) -> None:
    assert len(report.entries) == 97
    texts = {}
    for item in ElementTree.parse(folder("import-wordpress/wporg-news") / "posts.xml").getroot().iter("item"):
        said = {child.tag: child.text or "" for child in item}
        number = next(text for tag, text in said.items() if tag.endswith("post_id"))
        texts[number] = said["{http://purl.org/rss/1.0/modules/content/}encoded"]
    shares = []
    for entry in report.entries:
        # Captions go with their pictures, which are not in the set; the report holds them.
        text = re.sub(r"<!--.*?-->|<figcaption.*?</figcaption>", " ", texts[entry.source_id], flags=re.DOTALL)
        text = re.sub(r"\[/?caption[^\]]*\]", " ", text)
        source = words_of(re.sub(r"<[^<>]*>", " ", text))
        lost = set(words_of("\n".join(change.sentence for change in entry.changes)))
        shares.append(kept([w for w in source if w not in lost], Article.objects.get(pk=entry.article)))
    assert min(shares) >= 0.98
    assert sum(shares) / len(shares) >= 0.998
