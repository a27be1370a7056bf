"""Anybody reports a comment; it stays until somebody has decided, and who wants to know is told."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.test import Client

from articles import publishing
from articles.factories import make_live
from comments import moderation
from comments.factories import make_comment, make_published
from comments.models import Ban, Comment, Report
from comments.readers import identity, jobs, reports
from comments.states import State
from comments.tests.markup import assert_harmless
from comments.tests.readers import make_commenter
from newsroom.models import User

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
reader = Client()


@pytest.fixture(autouse=True)
def clock() -> Iterator[Any]:
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


@pytest.fixture
def comment() -> Comment:
    return make_published(make_live(headline="Rain ahead"))


@pytest.fixture
def later(clock: Any, django_capture_on_commit_callbacks: Any) -> Any:
    def act(span: timedelta = timedelta(minutes=3)) -> list[Any]:
        clock.shift(span)
        before = len(mail.outbox)
        with django_capture_on_commit_callbacks(execute=True):
            jobs.tell.call_local()
        return mail.outbox[before:]

    return act


def report(comment: Comment, address: str = "192.0.2.7", **said: Any) -> Any:
    headers = said.pop("headers", {})
    form = {"reason": "abuse", "text": "He insults her."} | said
    return reader.post(f"/comments/{comment.public_id}/report/", form, headers=headers, REMOTE_ADDR=address)


def test_the_form_stands_on_a_page_of_its_own_that_nobody_keeps(comment: Comment) -> None:
    page = reader.get(f"/comments/{comment.public_id}/report/")
    assert page.status_code == 200 and "no-store" in page["Cache-Control"]
    own = page.content.decode().partition("<main")[2].partition("<script")[0]
    assert "abuse or hatred" in own and comment.body in own
    assert_harmless(own)
    assert (
        f'href="/comments/{comment.public_id}/report/"'
        in reader.get(comment.article.editions.get().path).content.decode()
    )


def test_an_anonymous_report_is_kept_and_the_comment_stays(comment: Comment) -> None:
    response = report(comment)
    assert response.status_code == 200 and not response.cookies
    assert "A moderator will look at the comment" in response.content.decode()
    (kept,) = Report.objects.all()
    assert (kept.reason, kept.text, kept.email, kept.closed_at) == ("abuse", "He insults her.", "", None)
    assert kept.address_prefix == "192.0.2.0/24"
    comment.refresh_from_db()
    assert comment.state == State.PUBLISHED


def test_the_same_sender_has_one_open_report_and_is_told_the_same(comment: Comment) -> None:
    assert report(comment).content == report(comment).content == report(comment, text="Really.").content
    report(comment, address="198.51.100.1")
    assert [kept.text for kept in Report.objects.order_by("pk")] == ["He insults her.\n\nReally.", "He insults her."]


def test_a_neighbour_in_the_network_is_heard_and_told_as_well(comment: Comment, erik: User, later: Any) -> None:
    report(comment)
    for address in ("lena@example.org", "Lena@example.org", "omar@example.org"):
        report(comment, "192.0.2.99", reason="unlawful", text="This is my home.", email=address)
    kept = list(Report.objects.order_by("pk").values_list("reason", "text", "email"))
    mine = ("unlawful", "This is my home.")
    assert kept == [("abuse", "He insults her.", ""), (*mine, "lena@example.org"), (*mine, "omar@example.org")]
    moderation.decide(comment, "reject", by=erik, reason="unlawful", expected=comment.versions)
    assert sorted(letter.to[0] for letter in later()) == ["lena@example.org", "omar@example.org"]
    assert not Report.objects.exclude(reason="abuse").exclude(address_hmac="").exists()


def test_what_is_said_when_the_earlier_report_was_just_answered_is_kept(
    comment: Comment, erik: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    report(comment)
    look = reports._added_to

    def after_a_colleague(second: Report) -> Report | None:
        reports.leave(comment, by=erik, seen=Report.objects.values_list("pk", flat=True))
        return look(second)

    monkeypatch.setattr(reports, "_added_to", after_a_colleague)
    assert report(comment, text="Again.").status_code == 200
    assert Report.objects.get(closed_at=None).text == "Again."


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ({"reason": ""}, "Please choose the rule"),
        ({"reason": "made_up"}, "made_up"),
        ({"text": "x" * 2001}, "2000"),
        ({"email": "nobody"}, "not a complete email address"),
        ({"website": "https://casino.example"}, "This field catches programs"),
    ],
)
def test_a_mistake_is_explained_and_nothing_kept(comment: Comment, said: dict[str, str], sentence: str) -> None:
    response = report(comment, **said)
    assert response.status_code == 422
    assert sentence in response.content.decode()
    told = report(comment, **said, headers={"Accept": "application/json"})
    assert told.status_code == 422 and any(sentence in words for words in told.json()["errors"].values())
    assert Report.objects.count() == 0


@pytest.mark.parametrize("state", [state for state in State if state != State.PUBLISHED])
def test_what_readers_do_not_see_is_not_there_to_report(state: State) -> None:
    hidden = make_comment(make_live(), state=state, body="Quagga")
    for response in (reader.get(f"/comments/{hidden.public_id}/report/"), report(hidden)):
        assert response.status_code == 404
        assert "Quagga" not in response.content.decode()
    assert Report.objects.count() == 0


def test_what_stands_on_no_live_article_or_under_something_hidden_is_not_there_either(charlie: User) -> None:
    edition = make_live()
    parent = make_published(edition)
    below = make_published(edition, parent=parent)
    Comment.objects.filter(pk=parent.pk).update(state=State.SPAM)
    assert report(below).status_code == 404
    gone = make_published(make_live())
    publishing.withdraw(gone.article, by=charlie, notice="Withdrawn.", reason="error")
    assert report(gone).status_code == 404
    assert reader.get("/comments/aaaaaaaaaaaa/report/").status_code == 404


def test_a_ban_covers_reporting_by_network_and_by_the_reader_that_the_browser_shows(comment: Comment) -> None:
    Ban.objects.create(network="192.0.2.0/24", reason="Flood of reports", ends_at=NOON + timedelta(days=1))
    response = report(comment)
    assert response.status_code == 403 and "Flood of reports" in response.content.decode()
    rita = make_commenter()
    Ban.objects.create(commenter=rita, reason="Threats")
    assert report(comment, address="198.51.100.1", identity=identity.make(rita)).status_code == 403
    assert Report.objects.count() == 0


def test_one_network_cannot_flood_the_moderators() -> None:
    edition = make_live()
    codes = [report(make_published(edition)).status_code for _ in range(11)]
    assert codes[-1] == 429 and codes[0] == 200


def test_another_website_cannot_report_in_a_readers_name(comment: Comment) -> None:
    assert report(comment, headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403


# What comes of it ---------------------------------------------------------------------------------


@pytest.mark.parametrize("decision", ["reject", "spam"])
def test_taking_the_comment_down_upholds_all_open_reports_and_tells_who_wants_to_know(
    comment: Comment, erik: User, decision: str, later: Any
) -> None:
    report(comment, email="otto@example.org")
    report(comment, address="198.51.100.1")
    moderation.decide(comment, decision, by=erik, reason="abuse", expected=comment.versions)
    assert {(one.upheld, one.closed_by) for one in Report.objects.all()} == {(True, erik)}
    (message,) = later()
    assert message.to == ["otto@example.org"]
    assert "was taken off the page" in message.body and "Rain ahead" in message.body
    assert "He insults her." not in message.body
    assert later() == []


def test_leaving_it_answers_what_was_seen_and_not_what_came_meanwhile(comment: Comment, erik: User, later: Any) -> None:
    report(comment, email="otto@example.org")
    seen = [one.pk for one in Report.objects.all()]
    report(comment, address="198.51.100.1")
    assert reports.leave(comment, by=erik, seen=seen) == 1
    assert reports.leave(comment, by=erik, seen=seen) == 0
    assert Report.objects.filter(closed_at=None).count() == 1
    (message,) = later()
    assert "breaks no rule of this site and stays" in message.body
    report(comment)  # and it can be reported again
    assert Report.objects.filter(closed_at=None).count() == 2


@pytest.mark.parametrize("name", ["mallory", "alice", "bob"])
def test_nobody_leaves_it_without_the_permission(comment: Comment, name: str, request: pytest.FixtureRequest) -> None:
    report(comment)
    with pytest.raises(moderation.Refused):
        reports.leave(comment, by=request.getfixturevalue(name), seen=[Report.objects.get().pk])


def test_a_decision_that_is_taken_back_opens_the_reports_again_and_nobody_was_told(
    comment: Comment, erik: User, later: Any, clock: Any
) -> None:
    report(comment, email="otto@example.org")
    moderation.decide(comment, "reject", by=erik, reason="abuse", expected=comment.versions)
    clock.shift(timedelta(seconds=30))
    moderation.undo(comment, by=erik, expected=comment.versions)
    assert Report.objects.get().closed_at is None
    (receipt,) = later()
    assert "was taken off the page" not in receipt.body
    clock.shift(timedelta(seconds=1))
    moderation.undo(comment, by=erik, expected=comment.versions)
    assert Report.objects.get().upheld
    assert len(later()) == 1


def test_a_pick_answers_no_report(comment: Comment, erik: User) -> None:
    report(comment)
    moderation.decide(comment, "pick", by=erik, expected=comment.versions)
    assert Report.objects.get().closed_at is None


def test_a_comment_that_its_author_took_away_is_said_to_be_gone(comment: Comment, later: Any) -> None:
    report(comment, email="otto@example.org")
    moderation.withdraw(comment, expected=comment.versions)
    assert Report.objects.get().upheld is False
    (message,) = later()
    assert "taken away by its author" in message.body


def test_a_mailbox_is_not_bombed_through_reports(erik: User, later: Any) -> None:
    edition = make_live()
    for number in range(5):
        report(make_published(edition), email=f"vic+{number}@example.org")
    assert Report.objects.exclude(email="").count() == 3
