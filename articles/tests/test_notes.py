"""Notes: what colleagues remark on an article, and what keeps it from being published."""

import pytest

from articles import checks
from articles.factories import make_article
from articles.models import Note
from newsroom.lib import clock
from newsroom.models import User

pytestmark = pytest.mark.django_db


def blocking(article, by, text="Who says so?"):
    return Note.objects.create(article=article, text=text, by=by, at=clock.now(), blocking=True)


def found(article):
    return checks.run(checks.NOTE_CHECKS, article, clock.now())


def test_an_open_blocking_note_is_a_problem_that_names_its_author_and_leads_to_the_notes(bob: User) -> None:
    article = make_article()
    blocking(article, bob, "Who\nsays so?")
    assert [(problem.sentence, problem.field) for problem in found(article)] == [
        (
            "A note of Bob blocks publication: “Who says so?”. Do what it asks for; then it can be resolved.",
            "notes",
        )
    ]


def test_other_notes_stand_in_nobodys_way(bob: User) -> None:
    article = make_article()
    Note.objects.create(article=article, text="Nice.", by=bob, at=clock.now())
    Note.objects.filter(pk=blocking(article, bob).pk).update(resolved_at=clock.now(), resolved_by=bob)
    blocking(make_article(), bob)
    assert found(article) == []
