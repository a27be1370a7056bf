"""What stands in the way of publishing pictures, and what editors are warned of."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine

from articles import checks, workflow
from articles.factories import make_article, make_image
from articles.models import Article
from newsroom.lib import clock

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def noon() -> Any:
    with time_machine.travel(NOON, tick=False):
        yield


def with_picture(**words: Any) -> Article:
    return make_article(lead=make_image(**words))


def said(table: Any, article: Article, moment: datetime = NOON) -> list[str]:
    return [str(problem) for problem in checks.run(table, article, moment)]


@pytest.mark.parametrize(
    ("days", "warned"), [(None, False), (-1, False), (1, True), (364, True), (366, False)], ids=str
)
def test_rights_that_end_within_a_year_are_warned_of(days: int | None, warned: bool) -> None:
    article = with_picture(rights_until=days and NOON + timedelta(days=days))
    sentences = [str(problem) for problem in workflow.warnings(article)]
    assert any("while the article may still be live" in sentence for sentence in sentences) == warned


def test_the_warning_names_picture_and_moment_and_leads_to_its_field() -> None:
    article = with_picture(rights_until=NOON + timedelta(days=3))
    (problem,) = checks.run((checks.rights_outlast_publication,), article, clock.now())
    assert problem.field == "images"
    assert str(problem).startswith("The lead image may be used until 2026-11-25 12:00 UTC only")


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ({"killed_at": NOON}, "The lead image was taken down. Remove it or choose another."),
        ({"rights_denied": "The court."}, "The lead image may not be used: The court. Choose another."),
        (
            {"rights_until": NOON - timedelta(days=1)},
            "The lead image may not be used any more: its rights ended on 2026-11-21 12:00 UTC. "
            "Choose another, or renew them.",
        ),
        (
            {"rights_until": NOON},
            "The lead image may not be used any more: its rights ended on 2026-11-22 12:00 UTC. "
            "Choose another, or renew them.",
        ),
    ],
)
def test_what_may_not_be_used_now_blocks(words: dict[str, Any], sentence: str) -> None:
    assert sentence in said(checks.TEXT_CHECKS, with_picture(**words))


def test_rights_that_end_before_a_planned_publication_block_it() -> None:
    article = with_picture(rights_until=NOON + timedelta(days=3))
    assert said(checks.TEXT_CHECKS, article, NOON + timedelta(days=2)) == []
    (sentence,) = said(checks.TEXT_CHECKS, article, NOON + timedelta(days=3))
    assert sentence.startswith("The lead image may not be used then: its rights end on 2026-11-25 12:00 UTC.")
