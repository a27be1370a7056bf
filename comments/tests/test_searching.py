"""Moderators search for words in what was written lately, and in all of it when they ask for that."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from articles.factories import make_live
from comments.admin import filters, queue
from comments.factories import make_comment, make_published
from comments.models import Comment
from comments.states import State
from comments.tests.moderating import LIST, known, listed, report
from newsroom.lib import clock
from newsroom.models import User
from newsroom.testing import client_of

pytestmark = pytest.mark.django_db
SENTENCE = "These words were looked for in comments of the last 30 days."


def old(**fields: Any) -> Comment:
    return make_comment(make_live(headline="Rain ahead"), created_at=clock.now() - timedelta(days=31), **fields)


@pytest.mark.parametrize("state", ["", "every", "held"])
def test_words_are_looked_for_in_the_last_days_with_a_link_to_older_ones(state: str, erik: User) -> None:
    old(body="An old quagga", state=State.HELD)
    make_comment(make_live(), body="A young quagga", state=State.HELD)
    page = listed(client_of(erik), q="quagga", state=state)
    assert "A young quagga" in page and "An old quagga" not in page
    assert SENTENCE in page and "older=on" in page
    everything = listed(client_of(erik), q="quagga", state=state, older="on")
    assert "A young quagga" in everything and "An old quagga" in everything
    assert SENTENCE not in everything


@pytest.mark.parametrize("by", ["email", "public_id", "article", "commenter", "network", "since"])
def test_what_is_short_by_itself_is_searched_however_old(by: str, erik: User) -> None:
    rita = known(email="Rita@example.org")
    comment = old(body="An old quagga", commenter=rita, address_prefix="198.51.100.0/24")
    asked = {
        "email": {"q": "rita@EXAMPLE.org"},
        "public_id": {"q": comment.public_id},
        "article": {"q": "quagga", "article": comment.article_id},
        "commenter": {"q": "quagga", "commenter": rita.pk},
        "network": {"q": "quagga", "network": "198.51.100.7"},
        "since": {"q": "quagga", "since": "2020-01-01"},
    }[by]
    page = listed(client_of(erik), state="every", **asked)
    assert "An old quagga" in page and SENTENCE not in page


def test_without_words_nothing_is_said_of_days(erik: User) -> None:
    old(body="An old quagga")
    page = listed(client_of(erik))
    assert "An old quagga" in page and SENTENCE not in page


def test_an_address_that_nobody_has_confirmed_is_looked_for_as_words(erik: User) -> None:
    make_comment(make_live(), body="Write to info@example.org")
    assert "Write to" in listed(client_of(erik), q="info@example.org")


def test_authors_find_words_and_no_address(alice: User) -> None:
    make_comment(make_live(by=alice), body="A quagga", commenter=known(email="rita@example.org"))
    assert "A quagga" in listed(client_of(alice), q="quagga")
    assert "A quagga" not in listed(client_of(alice), q="rita@example.org")


def test_a_search_costs_no_more_queries_than_a_list_and_two(erik: User, django_assert_max_num_queries: Any) -> None:
    client, edition = client_of(erik), make_live()
    for _ in range(5):
        make_comment(edition, body="A quagga")
        report(make_published(edition, body="A quagga"))
    with django_assert_max_num_queries(19):
        client.get(LIST, {"q": "quagga"})


@pytest.mark.parametrize("asked", [{}, {"state": "published"}, {"state": "every"}, {"reported": True}])
@pytest.mark.parametrize("group", [*queue.WAITING_GROUPS, *queue.EVERY_GROUP], ids=lambda group: group.name)
def test_words_are_never_looked_for_in_all_comments(group: queue.Group, asked: dict[str, Any]) -> None:
    """Each group begins with what is in it, or with the last days; of a million others nothing is read."""
    if connection.vendor != "sqlite":
        pytest.skip("Plans are written differently, and follow the size of the tables.")
    narrow, bounded = filters.narrowing({"q": "quagga"} | asked, full=True)
    assert bounded
    with CaptureQueriesContext(connection) as queries:
        group.ahead(narrow, None, 26)
    if not queries:  # in no two states at once
        return
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN QUERY PLAN {queries[0]['sql']}")
        plan = [row[3] for row in cursor.fetchall()]
    about = [step for step in plan if "comments_comment" in step]
    bounds = ("comment_age (created_at>", "comment_listed (state=? AND created_at>", "rowid=?")
    waits = ("comment_queue (state=?",) if group.name in ("held", "pending") else ()
    whole = [
        step for step in plan if step.startswith("SCAN") and "report_open" not in step and "appeal_open" not in step
    ]
    assert not whole, plan
    assert all(any(bound in step for bound in (*bounds, *waits)) for step in about), plan
