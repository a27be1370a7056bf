"""The revisions of an article in the admin: listed, compared, restored."""

from datetime import timedelta
from html import unescape
from typing import Any

import pytest
import time_machine
from django.contrib.auth.models import Permission
from django.core.cache import cache
from django.urls import reverse

from articles import workflow
from articles.factories import approve, edit, make_article, make_live, make_section
from articles.models import Article, Revision
from articles.states import Status
from articles.tests.test_admin_articles import change
from newsroom.lib import clock
from newsroom.models import User
from newsroom.testing import client_of

pytestmark = pytest.mark.django_db


def address(article: Article, name: str) -> str:
    return reverse(f"admin:articles_article_{name}", args=[article.pk])


def page(user: User, article: Article, name: str, **asked: Any) -> str:
    response = client_of(user).get(address(article, name), asked)
    assert response.status_code == 200
    return unescape(response.content.decode())


def restoring(user: User, article: Article, revision: int, based_on: Any = None, **typed: Any) -> Any:
    sent = {"revision": revision, "based_on": article.revision_id if based_on is None else based_on, **typed}
    return client_of(user).post(address(article, "restore"), sent, follow=True)


def with_update(by: User) -> Article:
    """Live as revision 1, and revision 2 waits to be published tomorrow."""
    article = Article.objects.get(pk=make_live(by=by, headline="Live", body="<p>One.</p>").article_id)
    edit(article, by=by, headline="Update")
    approve(article)
    workflow.perform("schedule", article, by=by, starts_at=clock.now() + timedelta(days=1))
    article.refresh_from_db()
    return article


# The list -----------------------------------------------------------------------------------


def test_the_list_says_of_each_revision_who_when_why_how_much_and_what_became_of_it(bob: User) -> None:
    with time_machine.travel("2026-11-22 12:00:00+00:00", tick=False):
        article = with_update(bob)
        edit(article, by=None, body="<p>One. Two three.</p>")
        found = client_of(bob).get(address(article, "history"))
        rows = found.context["rows"]
    assert [(row.revision.number, row.by, row.came_from, row.added, row.removed) for row in rows] == [
        (3, "–", 2, 2, 0),
        (2, "Bob", 1, 1, 1),
        (1, "Bob", None, rows[-1].added, 0),
    ]
    assert [row.at for row in rows] == ["12:00 UTC"] * 3
    assert [[kind for kind, _label in row.marks] for row in rows] == [
        [],
        ["scheduled", "approved"],
        ["live", "approved"],
    ]
    text = unescape(found.content.decode())
    for said in ("First draft", "scheduled for 23 Nov, 12:00 UTC", "working copy"):
        assert said in text


def test_a_long_list_comes_in_pages_and_costs_as_many_queries_as_a_short_one(
    bob: User, django_assert_max_num_queries: Any
) -> None:
    article = make_article(by=bob)
    client = client_of(bob)
    for number in range(25):
        edit(article, by=bob, headline=f"Headline {number}")
    for numbers, asked in ((range(26, 6, -1), {}), (range(6, 0, -1), {"page": 2})):
        cache.clear()
        with django_assert_max_num_queries(16):
            found = client.get(address(article, "history"), asked)
        assert [row.revision.number for row in found.context["rows"]] == list(numbers)
    with django_assert_max_num_queries(15):  # counted once, and remembered
        client.get(address(article, "history"))


def test_the_form_leads_to_the_revisions_and_to_what_changed_since_the_live_edition(bob: User) -> None:
    article = make_article(by=bob)
    text = client_of(bob).get(change(article)).content.decode()
    assert address(article, "history") in text
    assert address(article, "compare") not in text
    text = client_of(bob).get(change(with_update(bob))).content.decode()
    assert "What changed since the live edition" in text
    assert "Fix what is live" in text


def test_where_readers_see_the_working_copy_the_form_leads_to_no_changes_since(bob: User) -> None:
    page = client_of(bob).get(change(make_live(by=bob).article)).content.decode()
    assert "As published" in page
    assert "What changed since the live edition" not in page


# Comparing ----------------------------------------------------------------------------------


def test_without_numbers_it_is_what_changed_since_the_live_edition(bob: User) -> None:
    article = with_update(bob)
    edit(article, by=bob, headline="Update, mended")
    found = client_of(bob).get(address(article, "compare"))
    assert (found.context["before"]["number"], found.context["after"]["number"]) == (1, 3)
    assert "since the edition that readers see now" in found.content.decode()


def test_any_two_can_be_compared_in_both_directions(bob: User) -> None:
    article = edit(make_article(by=bob, headline="One"), by=bob, headline="Two")
    for first, second in ((1, 2), (2, 1)):
        found = client_of(bob).get(address(article, "compare"), {"from": first, "to": second})
        [field] = found.context["difference"].fields
        assert (field.before, field.after) == (("One", "Two") if first == 1 else ("Two", "One"))


def test_the_first_revision_is_compared_with_nothing(bob: User) -> None:
    text = page(bob, make_article(by=bob, headline="All new"), "compare")
    assert "nothing: there is no text before it" in text


@pytest.mark.parametrize("number", ["9", "x", "-1", "1" * 30, "²"])
def test_a_number_that_no_revision_has_is_not_found(bob: User, number: str) -> None:
    article = make_article(by=bob)
    for name in ("from", "to"):
        assert client_of(bob).get(address(article, "compare"), {name: number}).status_code in (400, 404)


# Restoring ----------------------------------------------------------------------------------


def test_restoring_makes_a_new_revision_says_so_and_leads_back_to_the_form(bob: User) -> None:
    article = edit(make_article(by=bob, headline="One"), by=bob, headline="Two")
    text = page(bob, article, "compare", **{"from": 2, "to": 1})
    assert "as a new revision. Nothing is deleted" in text
    response = restoring(bob, article, 1, reason="Two was wrong")
    assert response.redirect_chain == [(change(article), 302)]
    assert "Revision 1 is the working copy again, as revision 3." in response.content.decode()
    newest = article.revisions.latest("number")
    assert (newest.content["headline"], newest.author, newest.parent.number) == ("One", bob, 1)
    assert newest.reason == "Restored from revision 1: Two was wrong"


@pytest.mark.parametrize(
    ("status", "sentence"),
    [(Status.APPROVED, "The approval is void then"), (Status.IN_REVIEW, "It becomes a draft then")],
)
def test_it_says_that_an_approval_or_a_review_is_void_then(bob: User, status: Status, sentence: str) -> None:
    article = edit(make_article(by=bob, headline="One"), by=bob, headline="Two")
    Article.objects.filter(pk=article.pk).update(status=status)
    assert sentence in page(bob, article, "compare", **{"from": 2, "to": 1})
    restoring(bob, article, 1)
    assert Article.objects.get(pk=article.pk).status == Status.DRAFT


def test_a_colleague_who_was_faster_is_named_and_nothing_is_restored(alice: User, bob: User) -> None:
    article = edit(make_article(by=alice, headline="One"), by=alice, headline="Two")
    seen = article.revision_id
    edit(article, by=bob, headline="Three")
    response = restoring(alice, article, 1, based_on=seen)
    assert "Bob was faster and saved this article" in response.content.decode()
    assert "Nothing was restored." in response.content.decode()
    assert Article.objects.get(pk=article.pk).headline == "Three"


def test_what_is_live_can_be_made_the_working_copy_while_an_update_waits(bob: User) -> None:
    article = with_update(bob)
    assert "Revision 1 is live, and an update waits." in page(bob, article, "compare")
    restoring(bob, article, 1)
    article.refresh_from_db()
    assert (article.headline, article.status) == ("Live", Status.DRAFT)
    waiting = article.editions.get(live_from__gt=clock.now())
    assert waiting.revision.number == 2
    assert "an update waits" not in page(bob, article, "compare")
    assert "Fix what is live" not in client_of(bob).get(change(article)).content.decode()


def test_restoring_is_no_matter_of_a_link_and_of_forged_keys(bob: User) -> None:
    article = edit(make_article(by=bob, headline="One"), by=bob, headline="Two")
    assert client_of(bob).get(address(article, "restore"), {"revision": 1}).status_code == 405
    other = make_article(by=bob)
    for sent in (
        {"revision": 9},
        {"revision": ""},
        {"based_on": "x"},
        {"based_on": ""},
        {"based_on": "9" * 5000},
        {"revision": f"{other.revision_id}x"},
    ):
        data = {"revision": 1, "based_on": article.revision_id} | sent
        assert client_of(bob).post(address(article, "restore"), data).status_code == 404
    assert article.revisions.count() == 2


# Who may ------------------------------------------------------------------------------------


def test_outsiders_see_and_restore_nothing(alice: User, mallory: User, berta: User) -> None:
    closed = make_section("Culture")
    closed.editors.add(berta)
    article = edit(make_article(section=closed, headline="One"), headline="Two")
    for user in (alice, mallory):
        client = client_of(user)
        for name in ("history", "compare"):
            response = client.get(address(article, name))
            assert response.status_code in (302, 403, 404), name
        response = client.post(address(article, "restore"), {"revision": 1, "based_on": article.revision_id})
        assert response.status_code in (302, 403, 404)
    assert Revision.objects.filter(article=article).count() == 2


def test_who_may_only_read_a_draft_compares_it_and_is_not_offered_to_restore(mallory: User, bob: User) -> None:
    mallory.user_permissions.add(Permission.objects.get(codename="view_article"))
    article = edit(make_article(by=bob, headline="One"), by=bob, headline="Two")
    text = page(mallory, article, "compare", **{"from": 2, "to": 1})
    assert "the working copy again" not in text
    data = {"revision": 1, "based_on": article.revision_id}
    assert client_of(mallory).post(address(article, "restore"), data).status_code == 403
    assert Article.objects.get(pk=article.pk).headline == "Two"
