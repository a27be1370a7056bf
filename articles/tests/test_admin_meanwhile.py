"""Two windows on one article: nothing that a colleague did is wiped by a save that did not mean it."""

import json
from datetime import UTC, datetime, timedelta
from html import unescape
from typing import Any

import pytest
import time_machine

from articles import workflow
from articles.events import saved_meanwhile
from articles.factories import approve, edit, make_article, make_live
from articles.models import Article, Revision
from articles.states import Status
from articles.tests.test_admin_articles import change, form_of
from newsroom.lib import clock
from newsroom.models import User
from newsroom.testing import client_of

pytestmark = pytest.mark.django_db

EMBARGO = datetime(2030, 5, 1, 6, 0, tzinfo=UTC)


def opened(user: User, article: Article) -> dict[str, Any]:
    """What the browser of `user` would send of the form as it shows the article now."""
    form = client_of(user).get(change(article)).context["adminform"].form
    return form_of(article, arranged=form["arranged"].value())


def stored(article: Article) -> Article:
    article.refresh_from_db()
    return article


def test_a_stale_tab_wipes_nothing_that_it_did_not_change(bob: User, anton: User) -> None:
    article = make_article(by=bob)
    tab = opened(bob, article)
    Article.objects.filter(pk=article.pk).update(embargo=EMBARGO, due=EMBARGO, assignee=anton, owner=anton)
    assert client_of(bob).post(change(article), tab | {"headline": "Only this"}).status_code == 302
    stored(article)
    assert (article.headline, article.embargo, article.due) == ("Only this", EMBARGO, EMBARGO)
    assert (article.assignee, article.owner) == (anton, anton)


def test_what_both_changed_is_refused_with_the_colleagues_value_and_the_next_save_counts(
    bob: User, anton: User, berta: User
) -> None:
    article = make_article(by=bob)
    tab = opened(bob, article) | {"assignee": berta.pk, "embargo": "2031-01-01T08:00"}
    Article.objects.filter(pk=article.pk).update(assignee=anton, embargo=EMBARGO)
    client = client_of(bob)
    response = client.post(change(article), tab)
    errors = response.context["adminform"].form.errors
    assert "was changed by a colleague meanwhile to Anton." in errors["assignee"][0]
    assert "was changed by a colleague meanwhile to 1 May 2030, 06:00 UTC." in errors["embargo"][0]
    assert stored(article).assignee == anton
    again = response.context["adminform"].form["arranged"].value()
    assert client.post(change(article), tab | {"arranged": again}).status_code == 302
    assert stored(article).assignee == berta


def test_emptying_a_field_on_purpose_empties_it(bob: User) -> None:
    article = make_article(by=bob, embargo=EMBARGO, assignee=bob)
    assert client_of(bob).post(change(article), opened(bob, article) | {"assignee": ""}).status_code == 302
    assert stored(article).assignee is None
    assert article.embargo is None


@pytest.mark.parametrize("forged", ["", "[]", "{", "null", json.dumps({"owner": ["x"]}), "[" * 5000])
def test_a_forged_memory_of_the_form_is_no_error(alice: User, forged: str) -> None:
    article = make_article(by=alice)
    sent = form_of(article, headline="Changed", arranged=forged)
    assert client_of(alice).post(change(article), sent).status_code == 302
    assert stored(article).headline == "Changed"


def test_an_embargo_after_the_start_of_a_waiting_edition_is_refused_naming_it(bob: User) -> None:
    article = make_article(status=Status.APPROVED, headline="Bridge closed")
    workflow.perform("schedule", article, by=bob, starts_at=clock.now() + timedelta(hours=2))
    sent = opened(bob, stored(article))
    page = client_of(bob).post(change(article), sent | {"embargo": "2090-01-01T08:00"})
    assert "“Bridge closed” is to be published at" in page.context["adminform"].form.errors["embargo"][0]
    assert "Cancel that publication first" in page.content.decode()
    assert stored(article).embargo is None


def test_an_embargo_counts_for_what_a_clash_holds_back_too(bob: User) -> None:
    """Once the clash is gone, it comes by itself."""
    edition = make_live(headline="Live")
    article = edit(Article.objects.get(pk=edition.article_id), headline="Update")
    approve(article)
    workflow.perform("schedule", article, by=bob, starts_at=EMBARGO - timedelta(hours=1))
    article.editions.filter(headline="Update").update(
        held_at=clock.now(), held_for=edition, live_from=None, live_until=None
    )
    response = client_of(bob).post(change(article), opened(bob, stored(article)) | {"embargo": "2030-05-01T06:00"})
    assert "“Update” is to be published at" in response.context["adminform"].form.errors["embargo"][0]
    assert stored(article).embargo is None


def test_an_embargo_that_ends_before_a_waiting_edition_is_taken(bob: User) -> None:
    article = make_article(status=Status.APPROVED)
    workflow.perform("schedule", article, by=bob, starts_at=EMBARGO)
    assert client_of(bob).post(change(article), form_of(stored(article), embargo="2030-05-01T06:00")).status_code == 302
    assert stored(article).embargo == EMBARGO


def test_a_second_article_of_one_language_among_translations_is_refused_at_the_field(alice: User) -> None:
    first = make_article(by=alice, language="en")
    second = make_article(by=alice, language="de", translation_group=first.translation_group)
    response = client_of(alice).post(change(second), form_of(second, language="en"))
    assert "exists in this language (English) already" in response.context["adminform"].form.errors["language"][0]
    assert stored(second).language == "de"


@pytest.mark.parametrize("typed", ["9999-12-31T23:59", "0001-01-01T00:00", "1899-12-31T23:59", "2201-01-01T00:00"])
def test_a_year_that_nobody_means_is_refused_with_a_sentence(bob: User, typed: str) -> None:
    article = make_article(by=bob)
    User.objects.filter(pk=bob.pk).update(time_zone="Pacific/Kiritimati")
    page = client_of(bob).post(change(article), form_of(article, due=typed)).content.decode()
    assert "Give a year from 1900 to 2200." in page


# What is said when two wrote at once -------------------------------------------------------


def test_the_form_says_who_saved_and_keeps_quiet_about_loading_again(alice: User, bob: User) -> None:
    with time_machine.travel("2026-11-22 12:00:00+00:00", tick=False):
        article = make_article(by=alice)
        tab = form_of(article, headline="Mine")
        edit(article, by=bob, body="<p>One &amp; only.</p><p>Two <b>bold</b>.</p>")
        page = unescape(client_of(alice).post(change(article), tab).content.decode())
    assert "Bob was faster and saved this article, just now." in page
    for unwanted in ("Load the article again", "Please correct the error", "“save”"):
        assert unwanted not in page


def test_the_same_person_in_another_window_is_told_so(alice: User) -> None:
    article = make_article(by=alice)
    tab = form_of(article, headline="Mine")
    edit(article, by=alice, headline="Mine too")
    page = client_of(alice).post(change(article), tab).content.decode()
    assert "You saved this in another window, just now." in page
    assert "What you saved in the other window" in page


def test_whoever_was_faster_is_told_with_the_label_of_what_they_did(bob: User, berta: User) -> None:
    with time_machine.travel("2026-11-22 12:00:00+00:00", tick=False) as now:
        article = make_article(status=Status.IN_REVIEW)
        stale = Article.objects.get(pk=article.pk)
        workflow.perform("request_changes", article, by=berta, note="No source")
        now.shift(180)
        with pytest.raises(workflow.Stale, match="Berta was faster: “Request changes”, 3\xa0minutes ago"):
            workflow.perform("park", stale, by=bob, note="Later")


def test_whoever_saved_is_told_though_a_merge_was_made_since(alice: User, bob: User) -> None:
    article = edit(make_article(by=alice), by=alice, headline="Of Alice")
    assert article.revision is not None
    Revision.objects.create(
        article=article, number=9, content={}, content_hash="", author=None, at=clock.now(), parent=article.revision
    )
    assert saved_meanwhile(article, bob).startswith("Alice was faster")


def test_no_paste_is_cut_in_silence(alice: User) -> None:
    article = make_article(by=alice)
    client = client_of(alice)
    form = client.get(change(article)).context["adminform"].form
    assert "maxlength" not in str(form["headline"]) + str(form["kicker"])
    page = client.post(change(article), form_of(article, headline="x" * 201)).content.decode()
    assert "at most 200 characters (it has 201)" in page
