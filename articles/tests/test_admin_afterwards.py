"""No colleague waits for the page of a form that was not saved."""

import pytest
from django.db import connection

from articles.admin import articles as admin
from articles.factories import edit, make_article
from articles.models import Article
from newsroom.testing import client_of, make_user
from newsroom.tests.faults.editor import form_path
from newsroom.tests.faults.forms import form_of

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def in_transaction(monkeypatch):
    """Whether a transaction was open, for each time that the panel of a page was made."""
    seen = []

    def panel(*args):
        seen.append(connection.in_atomic_block)
        return original(*args)

    original = admin.panel
    monkeypatch.setattr(admin, "panel", panel)
    return seen


def sent(client, article, **changed):
    page = client.get(form_path(article.pk)).content.decode()
    return dict(form_of(page, "based_on")) | {"_continue": "1"} | changed


def test_the_page_of_a_conflict_is_made_with_the_database_let_go(in_transaction):
    bob = make_user("bob", "section editor")
    client, article = client_of(bob), make_article(headline="As it was")
    form = sent(client, article, headline="As Bob has it")
    edit(article, by=make_user("berta", "section editor"), standfirst="By Berta")
    answer = client.post(form_path(article.pk), form)
    assert "Two people wrote at once" in answer.content.decode()
    assert in_transaction == [False, False]


def test_so_is_the_page_of_a_form_with_an_error_and_nothing_of_it_is_written(in_transaction):
    client, article = client_of(make_user("bob", "section editor")), make_article(headline="As it was")
    answer = client.post(form_path(article.pk), sent(client, article, headline="", kicker="New"))
    assert "errornote" in answer.content.decode()
    assert "unsafe-inline" in answer.headers["Content-Security-Policy"], "The editor could not place its parts."
    assert in_transaction == [False, False]
    assert Article.objects.get().kicker == ""
