"""Notes: what colleagues remark on an article, and what keeps it from being published."""

import pytest

from articles import checks, notes
from articles.events import label_of
from articles.factories import make_article, make_section
from articles.models import Article, Note
from newsroom.lib import clock
from newsroom.models import User

pytestmark = pytest.mark.django_db


def blocking(article: Article, by: User, text: str = "Who says so?") -> Note:
    return Note.objects.create(article=article, text=text, by=by, at=clock.now(), blocking=True)


def found(article: Article) -> list[checks.Problem]:
    return checks.run(checks.NOTE_CHECKS, article, clock.now())


def test_an_open_blocking_note_is_a_problem_that_names_its_author_and_leads_to_the_notes(bob: User) -> None:
    article = make_article()
    blocking(article, bob, "One source is\nnot enough.")
    assert [(problem.sentence, problem.field) for problem in found(article)] == [
        (
            "A note of Bob blocks publication: “One source is not enough”. "
            "Do what it asks for; then it can be resolved.",
            "notes",
        )
    ]


def test_other_notes_stand_in_nobodys_way(bob: User) -> None:
    article = make_article()
    Note.objects.create(article=article, text="Nice.", by=bob, at=clock.now())
    Note.objects.filter(pk=blocking(article, bob).pk).update(resolved_at=clock.now(), resolved_by=bob)
    blocking(make_article(), bob)
    assert found(article) == []


# Writing -----------------------------------------------------------------------------------


def test_whoever_works_on_an_article_notes_and_the_log_tells_it_once(alice: User) -> None:
    article = make_article(headline="Bridge")
    note = notes.add(article, " Who says so? ", by=alice, blocking=True)
    assert (note.text, note.by, note.blocking, note.revision) == ("Who says so?", alice, True, article.revision)
    event = article.events.get()
    assert (event.verb, event.by, event.note) == ("note", alice, "Who says so?")
    assert event.data == {"note": note.pk, "blocking": True}
    assert label_of("note") == "Note written"


@pytest.mark.parametrize("name", ["erik", "nora", "adam", "mallory"])
def test_others_may_neither_note_nor_resolve(name: str, bob: User, request: pytest.FixtureRequest) -> None:
    outsider, article = request.getfixturevalue(name), make_article()
    note = notes.add(article, "Nice.", by=bob)
    for attempt in (lambda: notes.add(article, "Hello", by=outsider), lambda: notes.resolve(note, by=outsider)):
        with pytest.raises(notes.Refused, match="You do not work on this article"):
            attempt()
    assert article.notes.filter(resolved_at=None).count() == article.events.count() == 1


def test_a_reporter_of_another_desk_is_refused(alice: User, berta: User) -> None:
    section = make_section("Culture")
    section.editors.add(berta)
    with pytest.raises(notes.Refused, match="You do not work on this article"):
        notes.add(make_article(section=section), "Hello", by=alice)


@pytest.mark.parametrize(
    ("text", "sentence"), [(" \n", "The note is empty"), ("x" * 4001, "longer than 4000 characters")]
)
def test_a_note_says_something_and_not_too_much(text: str, sentence: str, bob: User) -> None:
    article = make_article()
    with pytest.raises(notes.Refused, match=sentence):
        notes.add(article, text, by=bob)
    assert not article.notes.exists()


# Resolving ---------------------------------------------------------------------------------


def test_a_blocking_note_is_resolved_by_its_author_or_an_editor_of_the_desk_alone(
    alice: User, anton: User, bob: User
) -> None:
    article = make_article(by=anton)
    for by in (alice, bob):
        note = notes.add(article, "Who says so?", by=alice, blocking=True)
        with pytest.raises(notes.Refused, match="Only whoever wrote a blocking note"):
            notes.resolve(note, by=anton)
        assert notes.resolve(note, by=by).resolved_by == by
    assert found(article) == []


def test_an_editor_of_another_desk_does_not_resolve_a_blocking_note(alice: User, bob: User, berta: User) -> None:
    section = make_section("Culture")
    section.editors.add(berta, alice)
    note = notes.add(make_article(section=section), "Who says so?", by=alice, blocking=True)
    with pytest.raises(notes.Refused, match="Only whoever wrote a blocking note"):
        notes.resolve(note, by=bob)
    assert notes.resolve(note, by=berta).resolved_by == berta


def test_another_note_is_resolved_by_whoever_works_on_the_article(alice: User, anton: User) -> None:
    article = make_article()
    note = notes.resolve(notes.add(article, "Nice.", by=alice), by=anton)
    assert note.resolved_by == anton
    assert article.events.filter(verb="resolve_note", by=anton).count() == 1


def test_of_two_who_resolve_at_once_the_second_is_told_who_was_faster(alice: User, bob: User) -> None:
    note = notes.add(make_article(), "Nice.", by=alice)
    slower = Note.objects.get(pk=note.pk)
    notes.resolve(note, by=bob)
    with pytest.raises(notes.Refused, match="Bob resolved this note already, just now"):
        notes.resolve(slower, by=alice)
    assert note.article.events.filter(verb="resolve_note").count() == 1
