"""A closed article shows a sentence instead of the form, on kept pages too; the others say what is true of them."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from articles.factories import make_live
from articles.models import Edition
from comments import pages
from comments.factories import make_published
from comments.models import Opening
from comments.states import Mode
from comments.tests.readers import write
from newsroom import pagecache

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
FORM = 'id="comment-form"'
reader = Client()


@pytest.fixture(autouse=True)
def clock() -> Iterator[Any]:
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


def page(path: str) -> str:
    return reader.get(path).content.decode()


def every_path(edition: Edition) -> list[str]:
    """Where the form stands: the article, its comments, one discussion, the form for a reply."""
    root = make_published(edition)
    base = f"{edition.path}comments/"
    return [edition.path, base, f"{base}?thread={root.public_id}", f"{base}?answers={root.public_id}"]


@pytest.mark.parametrize("about", ["article", "section"])
def test_where_comments_are_closed_a_sentence_stands_in_the_place_of_form_and_replies(
    about: str, django_capture_on_commit_callbacks: Any
) -> None:
    edition = make_live()
    paths = every_path(edition)
    assert all(FORM in page(path) for path in paths)
    with django_capture_on_commit_callbacks(execute=True):
        Opening.objects.create(mode=Mode.CLOSED, **{about: getattr(edition.article, about, edition.article)})
    for path in paths:
        told = page(path)
        assert FORM not in told and "data-answers" not in told, path
        assert "Comments on this article are closed." in told
    assert "data-report-comment" in page(edition.path)


def test_an_article_that_closes_by_its_age_does_so_to_the_second_on_pages_that_are_kept(clock: Any) -> None:
    edition = make_live()
    Opening.objects.create(section=edition.article.section, closes_after=14)
    paths = every_path(edition)[:3]
    clock.move_to(edition.published_at + timedelta(days=14, seconds=-1))
    assert all(FORM in page(path) for path in paths)
    with CaptureQueriesContext(connection) as queries:
        assert all(FORM in page(path) for path in paths)
    assert len(queries) == 0
    clock.shift(timedelta(seconds=1))
    assert not any(FORM in page(path) for path in paths)
    assert "the time to write some is over" in page(edition.path)
    response = write(reader, edition, body="Quagga")
    assert response.status_code == 403
    assert "are closed" in response.content.decode() and "Quagga" in response.content.decode()


def test_the_articles_own_opening_wins_over_its_sections(clock: Any) -> None:
    edition = make_live()
    Opening.objects.create(section=edition.article.section, mode=Mode.CLOSED)
    Opening.objects.create(article=edition.article, mode=Mode.POST, closes_after=1)
    assert FORM in page(edition.path)
    clock.move_to(edition.published_at + timedelta(days=1))
    assert FORM not in page(edition.path)


def test_opening_it_again_shows_the_form_at_once(django_capture_on_commit_callbacks: Any) -> None:
    edition = make_live()
    opening = Opening.objects.create(article=edition.article, mode=Mode.CLOSED)
    assert FORM not in page(edition.path)
    with django_capture_on_commit_callbacks(execute=True):
        opening.mode = Mode.PRE
        opening.save()
    assert FORM in page(edition.path)


@pytest.mark.parametrize(
    ("mode", "sentence"),
    [
        (Mode.PRE, "A moderator reads each comment before it is shown."),
        (Mode.TRUSTED, "but for those of readers whose comments have been good before"),
        (Mode.POST, "Comments are shown at once."),
    ],
)
def test_what_is_said_under_the_form_is_true_for_the_articles_mode(mode: Mode, sentence: str) -> None:
    edition = make_live()
    Opening.objects.create(article=edition.article, mode=mode)
    for path in every_path(edition):
        assert sentence in page(path), path


@pytest.mark.parametrize("count", [0, 3])
def test_asking_costs_the_article_no_query_more(count: int) -> None:
    edition = make_live()
    Opening.objects.create(section=edition.article.section, mode=Mode.POST, closes_after=9)
    for _ in range(count):
        make_published(edition)
    reader.get(edition.path)
    pagecache.drop()
    pagecache.generation()
    with CaptureQueriesContext(connection) as queries:
        reader.get(edition.path)
    assert len(queries) <= 8
    assert len([query for query in queries if "comments_" in query["sql"]]) == 1


def test_a_page_of_one_discussion_does_not_pass_its_count_off_as_the_articles(monkeypatch: pytest.MonkeyPatch) -> None:
    edition = make_live()
    root = make_published(edition)
    make_published(edition, parent=root)
    for _ in range(3):
        make_published(edition)
    thread = page(f"{edition.path}comments/?thread={root.public_id}")
    assert "2 comments" not in thread and "commentCount" not in thread
    assert '"commentCount": 5' in page(edition.path).replace('"commentCount":5', '"commentCount": 5')
    shown = pages.of_thread(root)
    assert shown is not None and shown.count is None
