"""Notes beside an article's form: who writes and resolves them there."""

import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from articles import notes
from articles.factories import make_article, make_section
from articles.models import Article, Note
from articles.tests.test_admin_articles import change
from newsroom.models import User
from newsroom.testing import client_of

pytestmark = pytest.mark.django_db


def add(article: Article) -> str:
    return reverse("admin:articles_article_note", args=[article.pk])


def resolve(note: Note) -> str:
    return reverse("admin:articles_article_resolve_note", args=[note.article_id, note.pk])


def test_a_note_is_written_beside_the_form_and_leads_back_there(alice: User) -> None:
    article = make_article()
    client = client_of(alice)
    response = client.post(add(article), {"text": "Who says so?", "blocking": "on"})
    assert response.headers["Location"] == f"{change(article)}#notes"
    page = client.get(change(article)).content.decode()
    assert "Who says so?" in page
    assert "Your note stands beside the article now. Until it is resolved," in page
    assert article.notes.get().blocking


def test_the_form_does_not_carry_the_place_of_the_notes_along(bob: User) -> None:
    """Else the page would be shown from there on, and what is said on top of it would not be seen."""
    article = make_article()
    page = client_of(bob).get(change(article)).content.decode()
    assert f'action="{change(article)}" method="post" id="article_form"' in page


def test_open_notes_stand_first_and_resolved_ones_are_folded_with_who_resolved_them(alice: User, bob: User) -> None:
    article = make_article()
    done = notes.resolve(notes.add(article, "Done with", by=alice), by=bob)
    notes.add(article, "Still open", by=alice, blocking=True)
    page = client_of(bob).get(change(article)).content.decode()
    assert page.index("Still open") < page.index("1 resolved note") < page.index(done.text)
    assert "Resolved by Bob" in page
    assert "Blocks publication" in page


def test_a_blocking_note_offers_its_button_to_those_who_may_resolve_it(alice: User, anton: User, bob: User) -> None:
    article = make_article()
    note = notes.add(article, "Who says so?", by=alice, blocking=True)
    offered = {user: resolve(note) in client_of(user).get(change(article)).content.decode() for user in (anton, bob)}
    assert offered == {anton: False, bob: True}
    page = client_of(anton).post(resolve(note), follow=True).content.decode()
    assert "Only whoever wrote a blocking note" in page
    assert "The note is resolved." in client_of(alice).post(resolve(note), follow=True).content.decode()


def test_an_empty_note_is_refused_and_what_was_chosen_is_kept(alice: User) -> None:
    article = make_article()
    page = client_of(alice).post(add(article), {"text": " ", "blocking": "on"}).content.decode()
    assert "The note is empty. Write what your colleagues should know." in page
    assert re.search(r'name="blocking"[^>]* checked', page)
    assert not article.notes.exists()


def test_opening_the_addresses_changes_nothing(alice: User) -> None:
    article = make_article()
    note = notes.add(article, "Who says so?", by=alice)
    client = client_of(alice)
    assert client.get(add(article)).status_code == 200
    assert client.get(resolve(note)).status_code == 405
    assert article.notes.get().resolved_at is None


def test_outsiders_are_refused(mallory: User, erik: User, alice: User, berta: User) -> None:
    section = make_section("Culture")
    section.editors.add(berta)
    note = notes.add(make_article(section=section), "Who says so?", by=berta)
    assert client_of(mallory).post(add(note.article), {"text": "Hello"}).status_code in (302, 403, 404)
    for outsider in (erik, alice):
        for address in (add(note.article), resolve(note)):
            assert client_of(outsider).post(address, {"text": "Hello"}).status_code in (302, 403, 404)
    assert Note.objects.filter(resolved_at=None).count() == 1


def test_a_note_of_another_article_is_not_found_through_this_one(alice: User) -> None:
    note = notes.add(make_article(), "Who says so?", by=alice)
    address = reverse("admin:articles_article_resolve_note", args=[make_article().pk, note.pk])
    assert client_of(alice).post(address).status_code == 404


def test_a_post_without_the_forms_token_is_refused(alice: User) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(alice, backend="django.contrib.auth.backends.ModelBackend")
    assert client.post(add(make_article()), {"text": "Hello"}).status_code == 403


def test_the_form_costs_the_same_queries_for_few_notes_and_for_many(bob: User, alice: User) -> None:
    article = make_article()
    costs = []
    for number in (1, 12):
        for _ in range(number):
            notes.add(article, "Who says so?", by=alice, blocking=True)
        client = client_of(bob)
        with CaptureQueriesContext(connection) as queries:
            client.get(change(article))
        costs.append(len(queries))
    assert costs[0] == costs[1]
