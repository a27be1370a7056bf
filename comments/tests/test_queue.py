"""The moderators' queue: what stands in it, in which order, with what on each card, and what that costs."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from articles import publishing
from articles.factories import edit, make_live
from articles.models import Edition
from comments import moderation, posting
from comments.admin import queue
from comments.factories import make_comment, make_published
from comments.models import Ban, Comment, ModerationAction, WordRule
from comments.states import State
from comments.tests.moderating import LIST, appeal, content, known, listed, page_of, report
from newsroom.lib import clock
from newsroom.models import User
from newsroom.testing import client_of

pytestmark = pytest.mark.django_db


def since(comment: Comment, days_ago: float) -> Comment:
    Comment.objects.filter(pk=comment.pk).update(state_at=clock.now() - timedelta(days=days_ago))
    return comment


def order(page: str, *words: str) -> list[str]:
    """Those of the words that stand on the page, in the order in which they stand there."""
    return sorted((word for word in words if word in page), key=page.index)


# Order ------------------------------------------------------------------------------------


def test_what_puts_readers_at_risk_comes_first_and_then_what_waits_longest(erik: User) -> None:
    edition = make_live(headline="Rain ahead")
    since(make_comment(edition, body="Pending long."), 9)
    since(make_comment(edition, body="Held, new.", state=State.HELD), 1)
    since(make_comment(edition, body="Held, old.", state=State.HELD), 2)
    since(make_comment(edition, body="Pending new."), 3)
    appeal(make_comment(edition, body="Appealed."), by=erik)
    make_published(edition, body="Decided.")
    report(make_published(edition, body="Reported later."))
    report(make_published(edition, body="Reported first."), created_at=clock.now() - timedelta(days=1))
    page = listed(client_of(erik))
    bodies = [
        "Reported first.",
        "Reported later.",
        "Appealed.",
        "Held, old.",
        "Held, new.",
        "Pending long.",
        "Pending new.",
    ]
    assert order(page, *bodies, "Decided.") == bodies
    assert order(page, "Reported, and readers see them", ">Appeals<", ">Held<", ">Pending<") == [
        "Reported, and readers see them",
        ">Appeals<",
        ">Held<",
        ">Pending<",
    ]
    assert "First what readers see although it was reported" in page


def test_what_was_reported_often_or_appealed_as_well_stands_in_the_queue_once(erik: User) -> None:
    edition = make_live()
    reported = make_published(edition, body="Quagga")
    for _ in range(3):
        report(reported)
    appealed = make_comment(edition, body="Okapi")
    appeal(appealed, by=erik)
    report(appealed)
    moderation_of = Comment.objects.filter(pk=appealed.pk)
    moderation_of.update(state=State.PUBLISHED, number=9, published_at=clock.now())
    page = listed(client_of(erik))
    assert page.count('<div class="card-text" dir="auto">Quagga') == 1
    assert page.count('<div class="card-text" dir="auto">Okapi') == 1


def test_the_queue_goes_on_page_by_page_through_all_groups_and_shows_each_comment_once(
    erik: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("comments.admin.queue.page.__defaults__", (None, "", 2))
    edition, client = make_live(), client_of(erik)
    at = datetime(2026, 3, 1, tzinfo=UTC)
    for number in range(3):
        report(make_published(edition, body=f"reported-{number}."), created_at=at)
        since(make_comment(edition, body=f"held-{number}.", state=State.HELD), 3)
        make_comment(edition, body=f"pending-{number}.")
    Comment.objects.filter(state=State.HELD).update(state_at=at)
    seen: list[str] = []
    where: str = LIST
    while where:
        answer = client.get(where, headers={"accept": "application/json"}).json()
        words = [f"{kind}-{number}." for kind in ("reported", "held", "pending") for number in range(3)]
        seen += order(answer["cards"], *words)
        where = answer["more"]
    assert seen == [f"{kind}-{number}." for kind in ("reported", "held", "pending") for number in range(3)]


def test_without_a_script_more_is_a_link(erik: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("comments.admin.queue.page.__defaults__", (None, "", 2))
    edition, client = make_live(), client_of(erik)
    for number in range(3):
        make_comment(edition, body=f"body-{number}.")
    first = client.get(LIST)
    assert "body-2." not in first.content.decode()
    address = first.context["more"]
    assert f'href="{address.replace("&", "&amp;")}"' in first.content.decode()
    second = client.get(address).content.decode()
    assert "body-2." in second and "body-1." not in second and "Back to the beginning" in second


@pytest.mark.parametrize("after", ["x", "held-1", "held-99999999999999999-1", "nobody-1-1", "held-1-" + "9" * 18])
def test_a_place_that_was_tampered_with_harms_nothing(after: str, erik: User) -> None:
    assert client_of(erik).get(LIST, {"after": after}).status_code == 200


# What stands on a card ----------------------------------------------------------------------


def test_a_comment_is_shown_with_everything_that_a_decision_needs(erik: User, charlie: User) -> None:
    edition = make_live(headline="Rain ahead")
    parent = make_published(edition, body="The parent.", display_name="Paula")
    signals = [{"name": "staff_name", "weight": 40, "detail": "Ada Writer"}]
    rita = known(email="rita@example.org", name="Rita")
    for state in (State.PUBLISHED, State.PUBLISHED, State.REJECTED, State.SPAM):
        make_comment(edition, state=state, commenter=rita, reason="off_topic" if state == State.REJECTED else "")
    comment = make_comment(edition, parent=parent, body="two\nlines", signals=signals, score=40, commenter=rita)
    moderation.decide(comment, "hold", by=charlie, note="Ask the desk.", expected=comment.versions)
    Ban.objects.create(network="192.0.2.0/24", reason="Threats.", ends_at=clock.now() + timedelta(days=3))
    for place in (listed(client_of(erik)), content(client_of(erik).get(page_of(comment)))):
        for part in (
            "two\nlines", "The parent.", "Paula", "Rain ahead", "192.0.2.0/24", "Ada Writer", "(+40)",
            "somebody who works here", "Published 2, rejected 1, spam 1.", "not about the article", "Ask the desk.",
            "Threats.", "Confirmed address.",
        ):  # fmt: skip
            assert part in place, part


def test_the_rule_that_caught_a_comment_is_named_with_the_word_that_matched(erik: User) -> None:
    WordRule.objects.create(words="casino", active=True)
    posting.post(make_live(), name="Rita", body="A casino!")
    assert "Caught by Words: <bdi>casino</bdi>" in " ".join(listed(client_of(erik)).split())


def test_reports_are_shown_with_their_texts_up_to_a_number_and_then_counted(erik: User) -> None:
    comment = make_published(make_live())
    for number in range(8):
        report(comment, f"It hurts {number}.")
    page = listed(client_of(erik))
    assert "8 reports" in page and "and 3 more" in page
    assert "It hurts 4." in page and "It hurts 5." not in page


def test_an_appeal_is_shown_with_the_decision_and_answered_by_somebody_else(erik: User, charlie: User) -> None:
    appeal(make_comment(make_live()), by=charlie, text="Why <b>me</b>?")
    page = listed(client_of(erik))
    assert "Why &lt;b&gt;me&lt;/b&gt;?" in page and "Charlie" in page and "abuse or hatred" in page
    assert "Answer the appeal" in page
    own = listed(client_of(charlie))
    assert "a colleague answers the appeal" in own and "Answer the appeal" not in own


def test_edits_are_counted(erik: User) -> None:
    comment = make_comment(make_live())
    for version in (2, 3):
        ModerationAction.objects.create(
            comment=comment, decision="edit", from_state="pending", to_state="pending", automated=True,
            text_version=version, state_version=version, at=clock.now(),
        )  # fmt: skip
    assert "changed 2 times by its author" in listed(client_of(erik))


def test_only_the_decisions_that_are_open_are_offered(erik: User) -> None:
    page = content(client_of(erik).get(page_of(make_comment(make_live(), state=State.SPAM))))
    assert 'name="decision" value="reopen"' in page
    for closed in ("approve", "reject", "undo", "leave", "pick"):
        assert f'name="decision" value="{closed}"' not in page


def test_moderators_meet_the_headline_that_readers_know_and_never_a_drafts(erik: User) -> None:
    edition = make_live(headline="Rain ahead")
    comment = make_comment(edition, body="Quagga")
    edition.article.refresh_from_db()
    edit(edition.article, headline="Secret scoop")
    client = client_of(erik)
    for address in (LIST, page_of(comment), f"{LIST}?article={edition.article_id}"):
        page = client.get(address).content.decode()
        assert "Rain ahead" in page
        assert "Secret scoop" not in page
    assert "Quagga" not in listed(client, q="scoop")
    assert "Quagga" in listed(client, q="rain ahead")


def test_the_headline_leads_to_what_readers_see_while_they_see_it(erik: User) -> None:
    edition = make_live(headline="Rain ahead")
    make_comment(edition)
    published = make_published(edition)
    page = listed(client_of(erik), state="every")
    assert f'<a href="{edition.path}"><bdi dir="auto">Rain ahead</bdi></a>' in page
    assert f'<a href="{reverse("comments:permalink", args=[published.public_id])}"><bdi' in page
    edition.article.refresh_from_db()
    publishing.withdraw(edition.article, by=None, notice="Wrong.", reason="error")
    page = listed(client_of(erik), state="every")
    assert "Rain ahead" in page
    assert f'href="{edition.path}"' not in page


# What it costs ------------------------------------------------------------------------------


def fill(edition: Edition, count: int, erik: User) -> None:
    parent = make_published(edition)
    for number in range(count):
        rita = known(name=f"Rita {number}", email=f"rita{count}-{number}@example.org")
        comment = make_comment(edition, parent=parent, commenter=rita)
        moderation.decide(comment, "hold", by=erik, note="Look.", expected=comment.versions)
        report(make_published(edition, commenter=rita), "Bad.")
        appeal(make_comment(edition, commenter=rita), by=erik)
        make_comment(edition)
        Ban.objects.create(commenter=rita, reason="Threats.")


def test_the_queue_costs_the_same_for_one_and_for_fifty(erik: User, django_assert_max_num_queries: Any) -> None:
    edition, client = make_live(), client_of(erik)
    for number in (1, 12):
        fill(edition, number, erik)
        # Session, user, permissions of the user and of the groups; the four groups; reasons, sections; comments;
        # decisions, reports, appeals, two of histories, bans.
        with django_assert_max_num_queries(17):
            client.get(LIST)
        with django_assert_max_num_queries(17):
            client.get(LIST, {"state": "every", "article": edition.article_id})


def test_one_comment_costs_the_same_however_long_its_history(erik: User, django_assert_max_num_queries: Any) -> None:
    edition, client = make_live(), client_of(erik)
    comment = make_comment(edition, parent=make_published(edition))
    for _ in range(5):
        for decision in ("approve", "reject", "reopen"):
            moderation.decide(comment, decision, by=erik, reason="abuse", expected=comment.versions)
    # Session, user and permissions 4; reasons, comment, decisions, reports, appeals, bans, the whole history.
    with django_assert_max_num_queries(11):
        client.get(page_of(comment))


@pytest.mark.parametrize("group", [*queue.WAITING_GROUPS, *queue.EVERY_GROUP], ids=lambda group: group.name)
def test_each_group_is_read_along_an_index_whatever_the_database_knows_of_its_tables(group: queue.Group) -> None:
    if connection.vendor != "sqlite":
        pytest.skip("Plans are written differently, and follow the size of the tables.")
    for after in (None, queue.Place(group.name, clock.now(), 5)):
        with CaptureQueriesContext(connection) as queries:
            group.ahead(None, after, 26)
        with connection.cursor() as cursor:
            cursor.execute(f"EXPLAIN QUERY PLAN {queries[0]['sql']}")
            plan = [row[3] for row in cursor.fetchall()]
        assert not [step for step in plan if "TEMP B-TREE" in step or ("SCAN" in step and "USING" not in step)], plan
        assert not [step for step in plan[:1] if "(state=?)" in step and group.name in ("reported", "appealed")], plan
