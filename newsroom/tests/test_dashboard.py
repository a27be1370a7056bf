"""The admin's first page: what waits for whom."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from articles import notes, publishing, workflow
from articles.factories import approve, edit, make_article, make_image, make_live, make_section
from articles.models import Article, Autosave, Edition, EmergencyReview
from articles.states import Status
from comments.factories import make_comment, make_published
from comments.models import Report
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
    assert headlines(alice, "due") == ["Tonight"]
    row = block(alice, "overdue").rows[0]
    assert (row.headline, row.urgent) == ("Overdue", True)
    assert row.said.startswith("overdue since")
    names = [block.name for block in dashboard.blocks(alice)]
    assert names.index("overdue") < names.index("due")


def test_a_reporter_is_not_shown_what_others_are_late_with(alice: User, anton: User) -> None:
    for hours in (-1, 1):
        set_due(make_article(headline="Antons", by=anton), hours=hours)
    assert headlines(alice, "due") == []
    assert block(alice, "overdue") is None
    assert len(headlines(anton, "overdue")) == len(headlines(anton, "due")) == 1


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


def test_comments_that_wait_are_counted_by_kind_and_up_to_a_limit(
    erik: User, monkeypatch: pytest.MonkeyPatch, django_assert_max_num_queries: Any
) -> None:
    article = make_live().article
    assert (block(erik, "comments").rows, block(erik, "comments").empty) == ([], "No comment waits.")
    for _ in range(3):
        make_comment(article=article)
    make_comment(article=article, state="held")
    Report.objects.create(comment=make_published(article=article), reason="abuse", created_at=clock.now())
    with django_assert_max_num_queries(6):  # the user's and the groups' permissions, and one for each kind
        rows = block(erik, "comments").rows
    assert [(row.headline, row.said, row.urgent) for row in rows] == [
        ("Reported, and readers see them", "1", True),
        ("Held", "1", False),
        ("Pending", "3", False),
    ]
    for row in rows:
        assert client_of(erik).get(row.address).content.decode().count('class="card"') == int(row.said)
    monkeypatch.setattr(dashboard.comments, "COUNTED", 2)
    assert [row.said for row in block(erik, "comments").rows] == ["1", "1", "2+"]


# Alarms ------------------------------------------------------------------------------------


def emergency(by: User, article: Article) -> EmergencyReview:
    edition = publishing.publish_in_emergency(article, by=by, reason="The quay is on fire.")
    return edition.emergency_review


def test_an_emergency_waits_for_those_who_may_review_it(alice: User, bob: User, charlie: User, berta: User) -> None:
    closed = make_section("Culture")
    closed.editors.add(berta)
    emergency(charlie, make_article(headline="Fire", by=alice))
    emergency(charlie, make_article(headline="Opera on fire", by=alice, section=closed))
    emergency(charlie, make_article(headline="Bob wrote it", by=bob))
    assert headlines(bob, "emergencies") == ["Fire"]
    assert headlines(berta, "emergencies") == ["Fire", "Opera on fire", "Bob wrote it"]
    assert block(bob, "emergencies").rows[0].said.startswith("Charlie, ")
    assert block(bob, "emergencies").rows[0].said.endswith(": The quay is on fire.")
    assert block(charlie, "emergencies") is None
    assert block(alice, "emergencies") is None
    EmergencyReview.objects.update(closed_at=clock.now(), closed_by=berta)
    assert block(bob, "emergencies") is None


def hold(edition: Edition, held_for: Edition | None = None) -> None:
    Edition.objects.filter(pk=edition.pk).update(
        held_at=clock.now(), held_for=held_for, live_from=None, live_until=None
    )


@time_machine.travel("2026-11-22 12:00:00+00:00", tick=False)
def test_what_is_held_is_told_to_its_owner_and_to_the_desk(alice: User, anton: User, bob: User, berta: User) -> None:
    closed = make_section("Culture")
    closed.editors.add(berta)
    for headline, section in (("Bridge", make_section("News")), ("Opera", closed)):
        article = make_article(headline=headline, by=alice, section=section)
        live = publishing.import_edition(article)
        article.refresh_from_db()
        approve(edit(article, headline=f"{headline} update"))
        hold(publishing.schedule(article, by=berta, starts_at=clock.now() + timedelta(hours=3)), held_for=live)
    assert headlines(bob, "held") == ["Bridge update"]
    assert headlines(alice, "held") == headlines(berta, "held") == ["Bridge update", "Opera update"]
    assert block(anton, "held") is None
    said = "held because it clashes with “Bridge”; planned for 15:00 UTC"
    assert block(bob, "held").rows[0].said == said
    hold(Edition.objects.get(headline="Bridge update"))
    assert block(bob, "held").rows[0].said == "held since 12:00 UTC; planned for 15:00 UTC"


def test_what_i_typed_and_did_not_save_is_told_to_me_alone_once_for_each_article(alice: User, bob: User) -> None:
    article = make_article(headline="Bridge")
    for window, minutes in (("one", 5), ("two", 50)):
        at = clock.now() - timedelta(minutes=minutes)
        Autosave.objects.create(author=alice, article=article, window=window, number=1, at=at)
    Autosave.objects.create(author=alice, window="three", number=1, at=clock.now() - timedelta(hours=1))
    rows = block(alice, "unsaved").rows
    assert [row.headline for row in rows] == ["Bridge", "An article that was never saved"]
    assert rows[1].address == reverse("admin:articles_article_add")
    assert rows[0].said.endswith(", not saved")
    assert block(bob, "unsaved") is None


def test_a_note_that_blocks_my_article_is_told_until_it_is_resolved(alice: User, anton: User, bob: User) -> None:
    article = make_article(headline="Bridge", by=alice)
    note = notes.add(article, "Who says\nso?", by=bob, blocking=True)
    notes.add(article, "Nice.", by=bob)
    row = block(alice, "blocking").rows[0]
    assert (row.headline, row.said) == ("Bridge", "Bob blocks publication: Who says so?")
    assert row.address.endswith("#notes")
    assert block(anton, "blocking") is None
    notes.resolve(note, by=bob)
    assert block(alice, "blocking") is None


@time_machine.travel("2026-11-22 12:00:00+00:00", tick=False)
def test_rights_that_end_are_told_to_those_who_answer_for_pictures(dora: User, bob: User, charlie: User) -> None:
    now = clock.now()
    for name, days in (("ends-late.jpg", 20), ("ended.jpg", -2), ("ends-soon.jpg", 3), ("ends-next-year.jpg", 300)):
        make_live(headline=f"About {name}", lead=make_image(file_name=name, rights_until=now + timedelta(days=days)))
    make_image(file_name="unused.jpg", rights_until=now + timedelta(days=1))
    for user in (dora, bob, charlie):
        assert headlines(user, "rights") == ["ends-soon.jpg", "ends-late.jpg", "ended.jpg"]
    soon, _late, ended = block(dora, "rights").rows
    assert soon.said == "until 25 Nov, 12:00 UTC; in “About ends-soon.jpg”"
    assert (ended.said, ended.urgent) == ("rights ended 20 Nov, 12:00 UTC; in “About ended.jpg”", True)


def test_a_picture_that_may_not_be_used_is_told_to_the_desk_while_something_names_it(dora: User) -> None:
    make_live(headline="About the bridge", lead=make_image(file_name="bridge.jpg", rights_denied="The agency objects"))
    make_image(file_name="unused.jpg", rights_denied="The agency objects")
    (row,) = block(dora, "rights").rows
    assert (row.said, row.urgent) == ("may not be used: The agency objects; in “About the bridge”", True)


def test_rights_that_end_are_no_matter_for_a_reporter_or_an_outsider(alice: User, mallory: User, adam: User) -> None:
    make_live(lead=make_image(rights_until=clock.now() + timedelta(days=3)))
    assert [block(user, "rights") for user in (alice, mallory, adam)] == [None, None, None]


def test_a_picture_in_many_places_is_one_line_that_names_the_first(dora: User, bob: User, berta: User) -> None:
    image = make_image(file_name="bridge.jpg", rights_until=clock.now() + timedelta(days=3))
    closed = make_section("Culture")
    closed.editors.add(berta)
    for number in (1, 2, 3):
        make_live(headline=f"Story {number}", lead=image)
    make_article(headline="Secret of the desk", lead=image, section=closed)
    rows = block(bob, "rights").rows
    assert len(rows) == 1
    assert rows[0].said.endswith(" and 1 more")
    assert "Secret" not in rows[0].said
    assert block(berta, "rights").rows[0].said.endswith(" and 2 more")


def test_the_page_costs_the_same_queries_for_few_articles_and_for_many(bob: User, charlie: User, alice: User) -> None:
    costs = []
    for number in (2, 20):
        for position in range(number):
            article = make_article(by=alice, assignee=charlie, status=(Status.IN_REVIEW, Status.DRAFT)[position % 2])
            make_live(lead=make_image(rights_until=clock.now() + timedelta(days=position)))
            set_due(article, hours=(1, -1)[position % 2])
            notes.add(article, "Who says so?", by=alice, blocking=True)
            Autosave.objects.create(author=charlie, article=article, window="one", number=1, at=clock.now())
            emergency(bob, make_article(by=alice))
            hold(publishing.publish_in_emergency(make_article(by=alice), by=bob, reason="x"), Edition.objects.first())
        client = client_of(charlie)
        with CaptureQueriesContext(connection) as queries:
            page = client.get(HOME)
        costs.append(len(queries))
        assert not [query for query in queries if "COUNT(" in query["sql"]]
        alarms = {"emergencies", "blocking", "held", "overdue", "rights", "unsaved"}
        assert {block.name for block in page.context["blocks"]} >= alarms
    # Session, user, two for the permissions; then one for each block, four for comments, and two for the settings.
    assert costs[0] == costs[1] <= 20


def test_a_colleague_without_a_login_here_is_sent_to_the_login() -> None:
    reader = User.objects.create(username="reader")
    assert client_of(reader).get(HOME).status_code == 302


def test_a_writer_reads_at_once_which_changes_are_asked_for(alice: User, bob: User) -> None:
    article = make_article(by=alice, status=Status.IN_REVIEW)
    article = workflow.perform("request_changes", article, by=bob, note="Who says\nso?")
    assert [row.said for row in block(alice, "mine").rows] == ["Bob asks for changes: Who says so?"]
    workflow.perform("submit", article, by=alice)
    assert [row.said for row in block(alice, "mine").rows] == ["in review"]
