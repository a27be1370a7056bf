"""manage.py import_articles: repeatable, rehearsed on request, and honest about what it left out."""

import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from articles import factories
from articles.importers.report import Outcome
from articles.importers.running import Order, run
from articles.models import Address, Article, Edition, Revision, Section
from articles.tests.wxr import export, post
from newsroom.models import User

pytestmark = pytest.mark.django_db


def command(*arguments: object, **options: Any) -> tuple[int, str]:
    out = StringIO()
    try:
        call_command("import_articles", *map(str, arguments), stdout=out, **options)
    except SystemExit as left:
        return int(left.code or 0), out.getvalue()
    except CommandError as error:
        return error.returncode, str(error)
    return 0, out.getvalue()


def article(folder: Path, text: str = "Water.", head: str = "", name: str = "flood.md") -> Path:
    (folder / name).write_text(f"---\ntitle: Flood\n{head}\n---\n{text}")
    return folder


def rows() -> dict[str, int]:
    return {model.__name__: model._default_manager.count() for model in apps.get_models()}


def test_all_in_is_0_something_left_out_is_1_and_wrong_use_is_2(tmp_path: Path) -> None:
    assert command(article(tmp_path))[0] == 0
    assert command(article(tmp_path, "{{< lost >}}"))[0] == 1
    assert command(tmp_path / "nowhere")[0] == 2
    assert command(tmp_path, "--media", tmp_path / "nowhere")[0] == 2
    (tmp_path / "unknown").mkdir()
    (tmp_path / "unknown" / "letters.doc").write_text("?")
    status, sentence = command(tmp_path / "unknown")
    assert status == 2
    assert "--format wordpress or --format markdown" in sentence


def test_the_text_names_each_article_and_what_became_of_it(tmp_path: Path) -> None:
    status, text = command(article(tmp_path, "{{< lost >}} {{< lost >}}"))

    assert status == 1
    assert "Flood (flood.md): imported, published\n  - “{{< lost >}}” was left out. (2×)\n" in text
    assert "created: 1" in text


def test_the_json_holds_the_same_for_programs(tmp_path: Path) -> None:
    data = json.loads(command(article(tmp_path, "{{< lost >}}"), "--json")[1])

    assert data["totals"]["created"] == 1
    assert data["dry_run"] is False
    [entry] = data["articles"]
    assert (entry["outcome"], entry["article"], entry["file"]) == ("created", Article.objects.get().pk, "flood.md")
    assert entry["changes"] == [
        {"kind": "shortcode", "sentence": "“{{< lost >}}” was left out.", "lost": True, "count": 1}
    ]


def test_importing_again_changes_nothing(tmp_path: Path) -> None:
    export(tmp_path, *(post(n, post_name=f"flood-{n}") for n in range(3)), post(9, post_type="page"))
    run(Order(tmp_path))
    before, revisions = rows(), list(Revision.objects.values_list("pk", flat=True))
    report = run(Order(tmp_path))

    assert {entry.outcome for entry in report.entries} == {Outcome.UNCHANGED}
    assert rows() == before
    assert list(Revision.objects.values_list("pk", flat=True)) == revisions


def test_a_change_in_the_source_is_a_new_revision_and_a_new_edition(tmp_path: Path) -> None:
    run(Order(article(tmp_path)))
    report = run(Order(article(tmp_path, "More water.")))

    assert [entry.outcome for entry in report.entries] == [Outcome.UPDATED]
    assert Article.objects.get().revisions.count() == 2
    assert "More water" in Edition.objects.live().get().body.html


def test_an_article_edited_here_is_left_alone(tmp_path: Path, alice: User) -> None:
    run(Order(article(tmp_path)))
    factories.edit(Article.objects.get(), by=alice, headline="Great flood", body="<p>Our words.</p>")
    report = run(Order(article(tmp_path, "More water.")))

    assert [entry.outcome for entry in report.entries] == [Outcome.EDITED]
    assert "edited here since, left alone" in report.entries[0].as_text()
    assert report.exit_status == 1
    assert Article.objects.get().headline == "Great flood"


def test_a_draft_that_was_published_there_in_the_meantime_is_published_here(tmp_path: Path) -> None:
    run(Order(article(tmp_path, head="draft: true")))
    assert not Edition.objects.exists()
    report = run(Order(article(tmp_path)))

    assert [entry.outcome for entry in report.entries] == [Outcome.UPDATED]
    assert Edition.objects.live().count() == 1


def test_what_was_cancelled_here_is_not_published_again(tmp_path: Path) -> None:
    from articles import publishing

    run(Order(article(tmp_path, head="date: 2999-01-01")))
    publishing.cancel(Edition.objects.get())
    report = run(Order(article(tmp_path, head="date: 2999-01-01")))

    assert [entry.outcome for entry in report.entries] == [Outcome.UNCHANGED]
    assert not Edition.objects.active().exists()


@pytest.mark.parametrize("kind", ["markdown", "wordpress"])
def test_a_rehearsal_writes_nothing_and_says_the_same(tmp_path: Path, kind: str) -> None:
    if kind == "markdown":
        article(tmp_path, "{{< lost >}}", "authors: [jdoe]\ntags: [a]\nredirect_from: /old/")
    else:
        export(tmp_path, post(1, "[lost a=b]"), post(2, post_type="page"))
    before = rows()
    status, text = command(tmp_path, "--dry-run")

    assert rows() == before
    assert "nothing was written" in text
    for_real, real_text = command(tmp_path)
    assert (for_real, real_text.replace("Done.", "")) == (
        status,
        text.replace("This was a rehearsal: nothing was written.", ""),
    )


def test_the_section_and_the_language_may_be_said(tmp_path: Path) -> None:
    command(article(tmp_path, head="lang: fa"), "--section", "World", "--language", "ar")

    found = Article.objects.get()
    assert (found.section, found.language) == (Section.objects.get(name="World"), "ar")
    assert Edition.objects.live().get().path.startswith("/ar/")


def test_an_old_address_that_belongs_to_another_stays_there_and_is_told(tmp_path: Path) -> None:
    article(tmp_path, name="a.md", head="redirect_from: /old/")
    article(tmp_path, name="b.md", head="redirect_from: /old/")
    report = run(Order(tmp_path))

    assert Address.objects.get(path="/old/").article.slug == "a"
    assert "Its old address /old/ belongs to another article." in report.entries[1].as_text()


@pytest.mark.parametrize("path", ["relative", "//evil.example/", "/" + "x" * 500, "/a\u0000b", "https://x", "/:year/"])
def test_what_cannot_be_an_address_is_none(tmp_path: Path, path: str) -> None:
    run(Order(article(tmp_path, head=f"date: 2024-01-01\nredirect_from: {json.dumps(path)}")))
    assert [a.path for a in Address.objects.all()] == ["/2024/01/01/flood/"]


def test_old_addresses_are_kept_in_one_spelling(tmp_path: Path) -> None:
    run(Order(article(tmp_path, head="date: 2024-01-01\nredirect_from: /cafe%CC%81/")))
    assert Address.objects.filter(path="/caf\u00e9/").exists()


def test_a_headline_that_is_too_long_is_cut_and_told(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text(f"---\ntitle: {'word ' * 60}\n---\nText.")
    report = run(Order(tmp_path))

    assert len(Article.objects.get().headline) == 199
    assert "was cut" in report.entries[0].as_text()


def test_an_article_that_cannot_go_in_leaves_no_trace_and_the_next_one_goes_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from articles import publishing

    real = publishing.import_edition

    def refuse(article: Article, **asked: Any) -> Edition:
        if article.slug == "a":
            raise publishing.Refused("The address is taken.")
        return real(article, **asked)

    monkeypatch.setattr(publishing, "import_edition", refuse)
    article(tmp_path, name="a.md", head="authors: [Jane Doe]")
    article(tmp_path, name="b.md", head="authors: [Jane Doe]")
    report = run(Order(tmp_path))

    assert [entry.outcome for entry in report.entries] == [Outcome.FAILED, Outcome.CREATED]
    assert report.entries[0].problem == "The address is taken."
    assert Article.objects.get().bylines.get().author.name == "Jane Doe"


def test_an_unchanged_article_costs_few_queries(tmp_path: Path) -> None:
    article(tmp_path, head="authors: [Jane Doe]\ntags: [a, b]\ndate: 2024-01-01")
    run(Order(tmp_path))
    with CaptureQueriesContext(
        connection,
    ) as queries:
        run(Order(tmp_path))
    assert len(queries) <= 25
