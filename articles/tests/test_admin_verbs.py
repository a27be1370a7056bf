"""The workflow's verbs as buttons and pages of the admin."""

import datetime
import re
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from articles import workflow
from articles.admin.verbs import ASKS
from articles.factories import edit, make_article, make_live, make_section
from articles.models import Article
from articles.states import Public, Status
from articles.tests.test_admin_articles import change, form_of
from newsroom.lib import clock
from newsroom.models import SiteSettings, User
from newsroom.testing import client_of

pytestmark = pytest.mark.django_db

NOON = "2026-11-22 12:00:00+00:00"


def verb_page(article: Article, name: str) -> str:
    return reverse("admin:articles_article_verb", args=[article.pk, name])


def buttons(client: Client, article: Article) -> set[str]:
    """The verbs that the form offers, at its end or beside an edition."""
    page = client.get(change(article)).content.decode()
    own = set(re.findall(r'name="_verb" value="(\w+)"', page))
    return own | set(re.findall(rf"/admin/articles/article/{article.pk}/verb/(\w+)/", page))


def seen(article: Article) -> str:
    return f"{article.status}.{article.revision_id}"


def public(article: Article) -> str:
    return str(Article.objects.with_public_state(clock.now()).get(pk=article.pk).public)


# Which buttons -----------------------------------------------------------------------------


def test_every_thing_that_a_verb_asks_for_has_a_field() -> None:
    assert {name for verb in workflow.VERBS.values() for name in verb.asks} <= ASKS.keys()


@pytest.mark.parametrize("status", [Status.DRAFT, Status.IN_REVIEW, Status.CHANGES_REQUESTED, Status.APPROVED])
def test_the_buttons_are_the_verbs_that_the_table_offers(bob: User, alice: User, charlie: User, status: Status) -> None:
    article = make_article(by=alice, status=status)
    about_something = {"edition", "held_edition", "past_edition", "review"}
    for user in (alice, bob, charlie):
        offered = {verb.name for verb in workflow.offered_verbs(user, article) if not about_something & set(verb.asks)}
        assert buttons(client_of(user), article) == offered


def test_rare_verbs_stand_behind_more_and_say_what_they_do(charlie: User) -> None:
    article = make_live().article
    article.refresh_from_db()
    page = client_of(charlie).get(change(article)).content.decode()
    calm, rare = page.split('<details class="more-verbs">')
    rare = rare.partition("</details>")[0]
    assert set(re.findall(r'name="_verb" value="(\w+)"', rare)) == {"park", "minor", "correct", "emergency", "withdraw"}
    assert set(re.findall(r'name="_verb" value="(\w+)"', calm)) >= {"update", "schedule", "request_changes"}
    assert str(workflow.VERBS["withdraw"].help) in rare


def test_within_the_time_to_undo_the_button_says_undo_and_later_it_is_asked_whether_to_cancel(bob: User) -> None:
    article = make_article(status=Status.APPROVED)
    workflow.perform("publish", article, by=bob)
    page = client_of(bob).get(change(article)).content.decode()
    assert re.search(r"<button[^>]*>Undo</button>", page)
    assert "Readers see “<bdi>" in page
    planned = make_article(status=Status.APPROVED)
    workflow.perform("schedule", planned, by=bob, starts_at=clock.now() + datetime.timedelta(days=2))
    page = client_of(bob).get(change(planned)).content.decode()
    assert re.search(r"<a class=\"edition-ask\"[^>]*>Cancel publication…<span", page)
    assert not re.search(r"<button[^>]*>Undo", page)


def test_publishing_says_how_long_it_can_be_undone(bob: User) -> None:
    SiteSettings(undo_seconds=45).save()
    article = make_article(status=Status.APPROVED)
    page = client_of(bob).post(change(article), form_of(article, _verb="publish"), follow=True).content.decode()
    assert str(workflow.VERBS["publish"].done) % {"seconds": 45} in page


def test_a_waiting_edition_can_be_undone_cancelled_or_brought_forward_where_it_is_listed(
    bob: User, berta: User
) -> None:
    article = make_article(status=Status.APPROVED)
    workflow.perform("publish", article, by=bob)
    assert {"undo", "now"} <= buttons(client_of(bob), article)
    assert {"cancel", "now"} <= buttons(client_of(berta), article)


# Save, and then ----------------------------------------------------------------------------


def test_a_changed_article_that_was_approved_is_submitted_in_one_go(alice: User) -> None:
    article = make_article(by=alice, status=Status.APPROVED)
    client_of(alice).post(change(article), form_of(article, headline="Changed headline", _verb="submit"))
    article.refresh_from_db()
    assert (article.headline, article.status) == ("Changed headline", Status.IN_REVIEW)


def test_submitting_an_approved_article_that_nobody_changed_is_refused_with_a_sentence(alice: User) -> None:
    article = make_article(by=alice, status=Status.APPROVED)
    response = client_of(alice).post(change(article), form_of(article, _verb="submit"), follow=True)
    assert "nothing in the text has changed, so it is still approved." in response.content.decode()
    article.refresh_from_db()
    assert article.status == Status.APPROVED


def test_submitting_saves_what_was_typed_first(alice: User) -> None:
    article = make_article(by=alice)
    response = client_of(alice).post(change(article), form_of(article, headline="Final headline", _verb="submit"))
    assert response.headers["Location"] == change(article)
    article.refresh_from_db()
    assert (article.headline, article.status) == ("Final headline", Status.IN_REVIEW)


def test_what_was_done_is_said_with_the_new_states(alice: User) -> None:
    article = make_article(by=alice)
    page = client_of(alice).post(change(article), form_of(article, _verb="submit"), follow=True).content.decode()
    assert f"{workflow.VERBS['submit'].done} In review, not published." in page


def test_a_refused_verb_keeps_the_text_and_says_each_problem_with_the_way_there(bob: User) -> None:
    article = make_article(authors=[], status=Status.IN_REVIEW)
    response = client_of(bob).post(change(article), form_of(article, _verb="approve"), follow=True)
    page = response.content.decode()
    assert 'Nobody is credited. Add at least one author. <a href="#bylines-group">' in page
    article.refresh_from_db()
    assert article.status == Status.IN_REVIEW


def test_changing_and_approving_in_one_go_is_refused_since_the_changed_text_was_not_submitted(bob: User) -> None:
    article = make_article(status=Status.IN_REVIEW)
    page = (
        client_of(bob)
        .post(change(article), form_of(article, headline="My words", _verb="approve"), follow=True)
        .content.decode()
    )
    article.refresh_from_db()
    assert (article.headline, article.status) == ("My words", Status.DRAFT)
    assert "“Approve” is not possible yet: the text is a draft. Submit it" in page


def test_four_eyes_hold_on_the_form_too(bob: User) -> None:
    article = make_article(by=bob, status=Status.IN_REVIEW)
    page = client_of(bob).post(change(article), form_of(article, _verb="approve"), follow=True).content.decode()
    assert "You wrote part of this text yourself." in page


def test_a_verb_over_a_colleagues_text_does_nothing_and_loses_nothing(alice: User, bob: User) -> None:
    article = make_article(by=alice)
    typed = form_of(article, headline="Mine", _verb="submit")
    edit(article, by=bob, headline="Theirs")
    page = client_of(alice).post(change(article), typed).content.decode()
    article.refresh_from_db()
    assert article.status == Status.DRAFT
    assert "Bob was faster" in page
    assert 'value="Mine"' in page


def test_a_verb_that_asks_leads_to_its_page_after_the_save(bob: User) -> None:
    article = make_article(status=Status.APPROVED)
    response = client_of(bob).post(change(article), form_of(article, _verb="schedule"))
    assert response.headers["Location"] == verb_page(article, "schedule")


def test_publishing_from_the_form(bob: User) -> None:
    article = make_article(status=Status.APPROVED)
    client_of(bob).post(change(article), form_of(article, _verb="publish"))
    assert public(article) == Public.SCHEDULED  # the time to undo


# Pages that ask ----------------------------------------------------------------------------


def test_opening_a_verbs_page_changes_nothing(bob: User) -> None:
    article = make_article(status=Status.IN_REVIEW)
    for name in ("approve", "request_changes"):
        assert client_of(bob).get(verb_page(article, name)).status_code == 200
    article.refresh_from_db()
    assert article.status == Status.IN_REVIEW


def test_a_post_without_the_forms_token_is_refused(bob: User) -> None:
    article = make_article(status=Status.IN_REVIEW)
    client = Client(enforce_csrf_checks=True)
    client.force_login(bob, backend="django.contrib.auth.backends.ModelBackend")
    assert client.post(verb_page(article, "approve"), {"seen": seen(article)}).status_code == 403


def test_requesting_changes_asks_for_a_note(bob: User) -> None:
    article = make_article(status=Status.IN_REVIEW)
    client = client_of(bob)
    page = client.post(verb_page(article, "request_changes"), {"seen": seen(article), "note": " "})
    assert page.context["form"].errors["note"] == ["Say what is to be changed, so that the writer knows."]
    response = client.post(verb_page(article, "request_changes"), {"seen": seen(article), "note": "Who says so?"})
    assert response.headers["Location"] == change(article)
    assert "Who says so?" in client.get(change(article)).content.decode()


def test_withdrawing_asks_for_a_notice_to_readers(charlie: User) -> None:
    article = make_live().article
    article.refresh_from_db()
    answers = {"seen": seen(article), "notice": "This was wrong.", "reason": "error"}
    client_of(charlie).post(verb_page(article, "withdraw"), answers)
    assert public(article) == Public.WITHDRAWN


def test_a_decision_on_a_state_that_is_gone_names_who_was_faster(bob: User, berta: User) -> None:
    article = make_article(status=Status.IN_REVIEW)
    shown = seen(article)
    workflow.perform("request_changes", article, by=berta, note="No source")
    answers = {"seen": shown, "note": "Too long"}
    page = client_of(bob).post(verb_page(article, "request_changes"), answers, follow=True).content.decode()
    assert "Berta was faster" in page
    assert article.events.filter(by=bob).count() == 0


@pytest.mark.parametrize("name", workflow.VERBS)
def test_an_outsider_is_refused_every_verb(mallory: User, name: str) -> None:
    article = make_article(status=Status.APPROVED)
    client = client_of(mallory)
    assert client.get(verb_page(article, name)).status_code in (403, 404)
    assert client.post(verb_page(article, name), {"seen": seen(article)}).status_code in (403, 404)


@pytest.mark.parametrize("name", ["approve", "publish", "schedule", "withdraw"])
def test_a_reporter_is_refused_the_editors_verbs_even_by_hand(alice: User, name: str) -> None:
    article = make_article(by=alice, status=Status.APPROVED)
    client = client_of(alice)
    assert client.post(verb_page(article, name), {"seen": seen(article)}).status_code == 403
    client.post(change(article), form_of(article, _verb=name))
    assert public(article) == Public.UNPUBLISHED


@pytest.mark.parametrize("forged", ["draft.²", "draft." + "9" * 5000, "draft.x", "approved", "..", "x.1"])
def test_a_forged_state_is_no_error(bob: User, forged: str) -> None:
    article = make_article(by=bob)
    response = client_of(bob).post(verb_page(article, "park"), {"seen": forged, "note": "Later."})
    assert response.status_code == 302


def test_a_verb_that_is_not_in_the_table_is_not_found(bob: User) -> None:
    article = make_article()
    assert client_of(bob).get(verb_page(article, "destroy")).status_code == 404


def test_a_page_for_what_is_not_possible_now_leads_back_with_a_sentence(bob: User) -> None:
    article = make_article()
    page = client_of(bob).get(verb_page(article, "schedule"), follow=True).content.decode()
    assert "“Schedule” is not possible yet: the text is a draft. Submit it" in page


# Times -------------------------------------------------------------------------------------


def schedule(user: User, article: Article, **typed: Any) -> Any:
    return client_of(user).post(verb_page(article, "schedule"), {"seen": seen(article)} | typed)


@pytest.fixture
def berliner(bob: User) -> User:
    User.objects.filter(pk=bob.pk).update(time_zone="Europe/Berlin")
    bob.refresh_from_db()
    return bob


@time_machine.travel(NOON, tick=False)
def test_a_start_is_typed_in_the_editors_zone_and_kept_as_typed(berliner: User) -> None:
    article = make_article(status=Status.APPROVED)
    assert "Europe/Berlin (CET)" in client_of(berliner).get(verb_page(article, "schedule")).content.decode()
    schedule(berliner, article, starts_at="2026-11-23T06:30")
    edition = article.editions.get()
    assert edition.starts_at == datetime.datetime(2026, 11, 23, 5, 30, tzinfo=datetime.UTC)
    assert (edition.typed_start, edition.zone) == ("2026-11-23T06:30", "Europe/Berlin")


@time_machine.travel(NOON, tick=False)
def test_a_time_that_the_clocks_skip_is_refused(berliner: User) -> None:
    article = make_article(status=Status.APPROVED)
    page = schedule(berliner, article, starts_at="2027-03-28T02:30").content.decode()
    assert "There is no 28 March 2027, 02:30 in Europe/Berlin" in page
    assert not article.editions.exists()


@time_machine.travel(NOON, tick=False)
def test_a_time_that_comes_twice_is_asked_for(berliner: User) -> None:
    article = make_article(status=Status.APPROVED)
    first = client_of(berliner).get(verb_page(article, "schedule")).content.decode()
    assert "Which of the two?" not in first
    page = schedule(berliner, article, starts_at="2027-10-31T02:30").content.decode()
    assert "this time comes twice" in page
    assert "Which of the two?" in page
    schedule(berliner, article, starts_at="2027-10-31T02:30", starts_at_which="second")
    assert article.editions.get().starts_at == datetime.datetime(2027, 10, 31, 1, 30, tzinfo=datetime.UTC)


@time_machine.travel(NOON, tick=False)
@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"starts_at": ""}, "Say when it is to be published."),
        ({"starts_at": "2026-11-22T12:59"}, "The start is not in the future."),
        ({"starts_at": "soon"}, "Give the time as a day and an hour"),
        ({"starts_at": "2026-13-45T99:99"}, "Give the time as a day and an hour"),
        ({"starts_at": "2026-11-23T06:30", "expires_at": "2026-11-23T06:00"}, "It would end before it starts."),
    ],
)
def test_a_time_that_makes_no_sense_is_refused_with_what_was_typed(
    berliner: User, typed: dict[str, str], sentence: str
) -> None:
    article = make_article(status=Status.APPROVED)
    assert sentence in schedule(berliner, article, **typed).content.decode()
    assert not article.editions.exists()


@time_machine.travel(NOON, tick=False)
def test_a_planned_edition_is_listed_and_taken_away_with_one_button(berliner: User) -> None:
    article = make_article(status=Status.APPROVED)
    schedule(berliner, article, starts_at="2026-11-23T06:30", expires_at="2026-11-24T06:30")
    client = client_of(berliner)
    assert (
        "<bdi>23 Nov, 06:30 CET</bdi> to <bdi>24 Nov, 06:30 CET</bdi>" in client.get(change(article)).content.decode()
    )
    edition = article.editions.get()
    client.post(verb_page(article, "cancel"), {"seen": seen(article), "edition": edition.pk})
    assert public(article) == Public.UNPUBLISHED
    assert "cancelled" in client.get(change(article)).content.decode()


@time_machine.travel(NOON, tick=False)
def test_anothers_edition_cannot_be_cancelled_through_this_article(berliner: User) -> None:
    mine, other = make_article(status=Status.APPROVED), make_article(status=Status.APPROVED)
    for article in (mine, other):
        schedule(berliner, article, starts_at="2026-11-23T06:30")
    answers = {"seen": seen(mine), "edition": other.editions.get().pk}
    client_of(berliner).post(verb_page(mine, "cancel"), answers)
    assert public(other) == Public.SCHEDULED


# In an emergency, and afterwards -----------------------------------------------------------


@pytest.fixture
def on_duty(charlie: User) -> User:
    charlie.set_password("correct horse battery")
    charlie.save()
    return charlie


def test_an_emergency_asks_for_reason_and_password_and_never_shows_the_password_again(
    on_duty: User, alice: User
) -> None:
    article = make_article(by=alice)
    client = client_of(on_duty)
    page = client.get(verb_page(article, "emergency")).content.decode()
    assert 'autocomplete="current-password"' in page
    answers = {"seen": seen(article), "note": "The quay is on fire.", "password": "wrong horse"}
    page = client.post(verb_page(article, "emergency"), answers).content.decode()
    assert "This is not your password." in page
    assert "The quay is on fire." in page
    assert "wrong horse" not in page
    assert public(article) == Public.UNPUBLISHED
    client.post(verb_page(article, "emergency"), answers | {"password": "correct horse battery"})
    assert public(article) == Public.SCHEDULED
    told = str(list(article.events.values())) + str(list(article.emergency_reviews.values()))
    assert "horse" not in told


def test_an_emergency_is_reviewed_by_another_from_the_form(on_duty: User, alice: User, bob: User) -> None:
    article = make_article(by=alice)
    workflow.perform("emergency", article, by=on_duty, note="Fire.", password="correct horse battery")
    review = article.emergency_reviews.get()
    address = f"{verb_page(article, 'review')}?review={review.pk}"
    assert address not in client_of(on_duty).get(change(article)).content.decode()
    client = client_of(bob)
    page = client.get(change(article)).content.decode()
    assert address in page
    assert "Charlie published it in an emergency" in page
    article.refresh_from_db()
    answers = {"review": review.pk, "verdict": "right", "note": "All of it is right."}
    client.post(address, {"seen": seen(article), **answers})
    review.refresh_from_db()
    assert (review.closed_by, review.finding) == (bob, "All of it is right.")
    assert "Published without approval" not in client.get(change(article)).content.decode()


def test_what_is_typed_by_hand_cannot_be_put_into_the_link(charlie: User) -> None:
    article = make_live().article
    page = client_of(charlie).get(f"{verb_page(article, 'withdraw')}?notice=Lies&seen=x&starts_at=y").content.decode()
    assert "Lies" not in page
    schedule = make_article(status=Status.APPROVED)
    assert client_of(charlie).get(f"{verb_page(schedule, 'schedule')}?starts_at=soon").status_code == 200


@pytest.mark.parametrize("name", ["hold", "hide", "release"])
def test_a_link_that_names_nothing_that_is_there_still_asks(name: str, charlie: User) -> None:
    article = make_live().article
    for value in ("x", "99999", ""):
        address = f"{verb_page(article, name)}?edition={value}&held_edition={value}&past_edition={value}"
        assert client_of(charlie).get(address).status_code == 200


def test_the_form_asks_once_who_is_on_the_desk_however_many_verbs_there_are(bob: User) -> None:
    section = make_section("Harbour")
    section.editors.add(bob)
    article = make_article(section=section, status=Status.APPROVED)
    client = client_of(bob)
    with CaptureQueriesContext(connection) as queries:
        client.get(change(article))
    # For the article that the form edits, for the one stored, and for the one whose verbs are looked at.
    assert len([query for query in queries if 'JOIN "articles_section_editors"' in query["sql"]]) <= 3
