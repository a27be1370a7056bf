"""The admin's first page: what waits for whom."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from articles import publishing, workflow
from articles.factories import edit, make_article, make_live, make_section
from articles.models import Article
from articles.states import Status
from newsroom import dashboard
from newsroom.lib import clock
from newsroom.models import SiteSettings, User
from newsroom.testing import client_of

pytestmark = pytest.mark.django_db

HOME = reverse("admin:index")


def block(user: User, name: str) -> Any:
    return next((block for block in dashboard.blocks(user) if block.name == name), None)


def headlines(user: User, name: str) -> list[str]:
    return [row.headline for row in block(user, name).rows]


def set_due(article: Article, **delta: float) -> None:
    Article.objects.filter(pk=article.pk).update(due=clock.now() + timedelta(**delta))


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("alice", {"due", "mine", "scheduled"}),
        ("bob", {"due", "review", "mine", "scheduled"}),
        ("charlie", {"due", "review", "mine", "scheduled", "comments"}),
        ("dora", {"due", "mine", "scheduled"}),
        ("erik", {"comments"}),
        ("adam", set()),
        ("mallory", set()),
    ],
)
def test_everyone_is_shown_what_concerns_their_role(name: str, shown: set[str], request: Any) -> None:
    user = request.getfixturevalue(name)
    assert {block.name for block in dashboard.blocks(user)} == shown
    assert client_of(user).get(HOME).status_code == 200


def test_mine_is_what_i_own_or_was_given_and_have_not_finished(alice: User, anton: User) -> None:
    make_article(headline="Own", by=alice)
    make_article(headline="Given", assignee=alice)
    make_article(headline="Anothers", by=anton)
    make_article(headline="Done", by=alice, status=Status.APPROVED)
    assert set(headlines(alice, "mine")) == {"Own", "Given"}


def test_waiting_for_me_is_what_others_wrote_for_my_desks(bob: User, alice: User, berta: User) -> None:
    closed = make_section("Culture")
    closed.editors.add(berta)
    make_article(headline="For anyone", by=alice, status=Status.IN_REVIEW)
    make_article(headline="For the desk", by=alice, status=Status.IN_REVIEW, section=closed)
    make_article(headline="My own words", by=bob, status=Status.IN_REVIEW)
    make_article(headline="Not submitted", by=alice)
    assert headlines(bob, "review") == ["For anyone"]
    assert set(headlines(berta, "review")) == {"For anyone", "For the desk", "My own words"}


def test_in_a_one_person_newsroom_own_words_wait_for_oneself(bob: User) -> None:
    SiteSettings(four_eyes=False).save()
    make_article(headline="My own words", by=bob, status=Status.IN_REVIEW)
    assert headlines(bob, "review") == ["My own words"]


def test_what_waits_longest_stands_first(bob: User, alice: User) -> None:
    older = make_article(headline="Older", by=alice)
    make_article(headline="Newer", by=alice, status=Status.IN_REVIEW)
    edit(older, by=alice, headline="Older, saved last")
    Article.objects.filter(pk=older.pk).update(status=Status.IN_REVIEW)
    assert headlines(bob, "review") == ["Newer", "Older, saved last"]


def test_overdue_stands_before_due_and_is_marked(alice: User) -> None:
    for headline, hours in (("Tonight", 5), ("Overdue", -2), ("Next week", 170)):
        set_due(make_article(headline=headline, by=alice), hours=hours)
    rows = block(alice, "due").rows
    assert [(row.headline, row.urgent) for row in rows] == [("Overdue", True), ("Tonight", False)]
    assert rows[0].said.startswith("overdue since")


def test_a_reporter_is_not_shown_what_others_are_late_with(alice: User, anton: User) -> None:
    set_due(make_article(headline="Antons", by=anton), hours=-1)
    assert headlines(alice, "due") == []


def test_scheduled_next_gives_time_and_zone(bob: User) -> None:
    User.objects.filter(pk=bob.pk).update(time_zone="Europe/Berlin")
    with time_machine.travel("2026-11-22 12:00:00+00:00", tick=False):
        for headline, hours in (("Later", 9), ("Sooner", 3)):
            article = make_article(headline=headline, status=Status.APPROVED)
            publishing.schedule(article, by=bob, starts_at=clock.now() + timedelta(hours=hours))
        assert headlines(bob, "scheduled") == ["Sooner", "Later"]
        assert "16:00 CET" in client_of(bob).get(HOME).content.decode()


def test_scheduled_next_names_no_draft_of_a_closed_desk(alice: User, berta: User) -> None:
    closed = make_section("Culture")
    closed.editors.add(berta)
    article = make_article(headline="Secret", section=closed, status=Status.APPROVED)
    publishing.schedule(article, by=berta, starts_at=clock.now() + timedelta(hours=1))
    assert headlines(alice, "scheduled") == []
    assert headlines(berta, "scheduled") == ["Secret"]


def test_comments_waiting_are_counted_up_to_a_limit(erik: User, monkeypatch: pytest.MonkeyPatch) -> None:
    comments = pytest.importorskip("comments.factories")
    article = make_live().article
    for _ in range(3):
        comments.make_comment(article=article)
    assert block(erik, "comments").number == "3"
    monkeypatch.setattr(dashboard, "COMMENTS_COUNTED", 2)
    assert block(erik, "comments").number == "more than 2"


def test_the_page_costs_the_same_queries_for_few_articles_and_for_many(charlie: User, alice: User) -> None:
    costs = []
    for number in (2, 20):
        for position in range(number):
            article = make_article(by=alice, assignee=charlie, status=(Status.IN_REVIEW, Status.DRAFT)[position % 2])
            set_due(article, hours=1)
        client = client_of(charlie)
        with CaptureQueriesContext(connection) as queries:
            client.get(HOME)
        costs.append(len(queries))
        assert not [query for query in queries if "COUNT(" in query["sql"]]
    # Session, user, two for the permissions; then one for each block and one for the settings.
    assert costs[0] == costs[1] <= 10


def test_a_colleague_without_a_login_here_is_sent_to_the_login() -> None:
    reader = User.objects.create(username="reader")
    assert client_of(reader).get(HOME).status_code == 302


def test_a_writer_reads_at_once_which_changes_are_asked_for(alice: User, bob: User) -> None:
    article = make_article(by=alice, status=Status.IN_REVIEW)
    article = workflow.perform("request_changes", article, by=bob, note="Who says\nso?")
    assert [row.said for row in block(alice, "mine").rows] == ["Bob asks for changes: Who says so?"]
    workflow.perform("submit", article, by=alice)
    assert [row.said for row in block(alice, "mine").rows] == ["in review"]
