"""Moderators' deeds in the admin: by a page and in place, undone, too late, by nobody else; on one and on many."""

import json
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.contrib.admin.models import LogEntry
from django.test import Client
from django.utils import timezone

from articles.factories import make_live
from comments import moderation
from comments.factories import make_comment, make_published
from comments.models import Appeal, Ban, Comment, Commenter, RejectionReason, Report
from comments.readers import appeals
from comments.states import State
from comments.tests.moderating import (
    JSON,
    LIST,
    address,
    asked,
    bulk,
    chosen_row,
    content,
    decide,
    listed,
    page_of,
    said,
    states,
)
from newsroom.lib import clock
from newsroom.models import User
from newsroom.testing import CAST, client_of, make_user

pytestmark = pytest.mark.django_db

MODERATORS = {"erik", "charlie"}
PICKERS = MODERATORS | {"bob", "berta"}


# One comment, without a script -----------------------------------------------------------------


def test_a_decision_is_carried_out_and_shown_in_the_history(erik: User) -> None:
    RejectionReason.objects.filter(code="abuse").update(clause="§ 4")
    comment = make_comment(make_live(), display_name="Rita")
    response = decide(erik, comment, "reject", note="third time", notice="Mind your words.")
    assert response["Location"] == page_of(comment)
    assert said(response) == ["The comment of \u2068Rita\u2069 is now rejected."]
    page = client_of(erik).get(page_of(comment)).content.decode()
    for part in ("from pending to rejected", "Erik", "abuse or hatred", "§ 4", "third time", "Mind your words."):
        assert part in page


def test_after_a_decision_the_queue_goes_on_where_it_was_with_a_way_back(erik: User) -> None:
    comment = make_comment(make_live())
    response = decide(erik, comment, "spam", next=f"{LIST}?article=7")
    assert response["Location"] == f"{LIST}?article=7"
    assert f'<a href="{page_of(comment)}">Look at it, or take it back.</a>' in said(response)[0]


@pytest.mark.parametrize("elsewhere", ["https://evil.example/", "//evil.example/", "/admin/"])
def test_a_decision_leads_nowhere_else(elsewhere: str, erik: User) -> None:
    comment = make_comment(make_live())
    location = decide(erik, comment, "spam", next=elsewhere)["Location"]
    assert location == page_of(comment)


def test_a_decision_on_a_page_that_is_out_of_date_says_who_was_faster(erik: User, charlie: User) -> None:
    comment = make_comment(make_live())
    on_screen = Comment.objects.get(pk=comment.pk)
    decide(charlie, comment, "spam")
    response = decide(erik, on_screen, "approve")
    assert "It was marked as spam by Charlie" in said(response)[0]
    assert states(comment) == [State.SPAM]


def test_undo_is_a_button(erik: User) -> None:
    comment = make_comment(make_live())
    decide(erik, comment, "approve")
    comment.refresh_from_db()
    assert 'value="undo"' in client_of(erik).get(page_of(comment)).content.decode()
    decide(erik, comment, "undo")
    assert states(comment) == [State.PENDING]


@pytest.mark.parametrize("fields", [{"versions": "x"}, {"versions": ""}, {"decision": "erase"}, {"versions": "1.1\0"}])
def test_a_form_that_was_tampered_with_decides_nothing(fields: dict[str, str], erik: User) -> None:
    comment = make_comment(make_live())
    response = decide(erik, comment, "approve", **fields)
    assert said(response) == ["Nothing was decided: the form was incomplete. Choose a decision again."]
    assert states(comment) == [State.PENDING]


@pytest.mark.parametrize("code", ["", "nonsense", "abuse\0"])
def test_a_comment_is_rejected_for_a_rule_that_is_in_use(code: str, erik: User) -> None:
    comment = make_comment(make_live())
    decide(erik, comment, "reject", reason=code)
    assert states(comment) == [State.PENDING]


@pytest.mark.parametrize("deed", ["decide", "ban", "answer"])
def test_a_comment_that_does_not_exist_is_not_found(deed: str, erik: User) -> None:
    assert client_of(erik).post(address(Comment(pk=4711), deed), {"decision": "approve"}).status_code == 404


# In place --------------------------------------------------------------------------------------


def test_in_place_the_answer_is_the_comment_as_it_is_now_with_an_undo(erik: User) -> None:
    comment = make_comment(make_live(), body="Quagga", display_name="Rita")
    answer = asked(erik, comment, "approve")
    assert answer["said"] == "The comment of \u2068Rita\u2069 is now published."
    assert (answer["done"], answer["settles"]) == (True, True)
    assert 'value="undo"' in answer["card"] and "Quagga" in answer["card"] and "is-settled" in answer["card"]
    comment.refresh_from_db()
    undone = asked(erik, comment, "undo")
    assert (undone["done"], undone["settles"]) == (True, False)
    assert 'value="approve"' in undone["card"]
    assert states(comment) == [State.PENDING]


def test_in_place_the_second_of_two_moderators_is_shown_what_the_first_did(erik: User, charlie: User) -> None:
    comment = make_comment(make_live())
    with time_machine.travel(datetime(2026, 3, 1, 12, 0, tzinfo=UTC), tick=False) as travel:
        asked(erik, Comment.objects.get(pk=comment.pk), "reject")
        travel.shift(timedelta(seconds=4))
        answer = asked(charlie, comment, "approve")
    assert not answer["done"]
    assert "It was rejected by Erik 4 seconds ago." in answer["said"]
    assert "It was rejected by Erik 4 seconds ago." in answer["card"]
    assert "abuse or hatred" in answer["card"] and 'value="reopen"' in answer["card"]
    assert states(comment) == [State.REJECTED]


def test_in_place_nobody_undoes_what_a_colleague_decided_meanwhile(erik: User, charlie: User) -> None:
    comment = make_comment(make_live())
    asked(erik, comment, "approve")
    comment.refresh_from_db()
    asked(charlie, Comment.objects.get(pk=comment.pk), "reject")
    answer = asked(erik, comment, "undo")
    assert not answer["done"] and "rejected by Charlie" in answer["said"]
    assert states(comment) == [State.REJECTED]


def test_a_text_that_its_author_changed_meanwhile_is_shown_anew(erik: User) -> None:
    comment = make_comment(make_live())
    Comment.objects.filter(pk=comment.pk).update(text_version=2, body="Okapi", edited_at=clock.now())
    answer = asked(erik, comment, "approve")
    assert "Its text was changed by its author" in answer["said"] and "Okapi" in answer["card"]


# Reports and appeals ---------------------------------------------------------------------------


def reported(**fields: str) -> tuple[Comment, Report]:
    comment = make_published(make_live(), **fields)
    return comment, Report.objects.create(comment=comment, reason="abuse", text="Bad.", created_at=clock.now())


def test_what_was_reported_can_be_left_as_it_is(erik: User) -> None:
    comment, report = reported()
    answer = asked(erik, comment, "leave", reports=f"{report.pk},")
    assert answer["said"] == "The comment stays. 1 report was answered."
    report.refresh_from_db()
    assert (report.upheld, report.closed_by) == (False, erik)
    assert states(comment) == [State.PUBLISHED]
    assert "Somebody was faster" in asked(erik, comment, "leave", reports=f"{report.pk},")["said"]


def test_a_key_that_no_report_can_have_is_passed_over(erik: User) -> None:
    comment, report = reported()
    asked(erik, comment, "leave", reports=f"{'9' * 40},{report.pk}")
    report.refresh_from_db()
    assert report.closed_at


def test_a_report_that_came_meanwhile_is_not_answered_unseen(erik: User) -> None:
    comment, report = reported()
    later = Report.objects.create(comment=comment, reason="abuse", created_at=clock.now())
    asked(erik, comment, "leave", reports=f"{report.pk},x,²")
    later.refresh_from_db()
    assert later.closed_at is None


def test_reports_are_not_left_on_a_comment_that_was_decided_meanwhile(erik: User, charlie: User) -> None:
    comment, report = reported()
    moderation.decide(Comment.objects.get(), "reject", by=charlie, reason="abuse", expected=comment.versions)
    assert "rejected by Charlie" in asked(erik, comment, "leave", reports=f"{report.pk},")["said"]


def appealed(by: User) -> tuple[Comment, Appeal]:
    comment = make_comment(make_live())
    action = moderation.decide(comment, "reject", by=by, reason="abuse", expected=comment.versions)
    return comment, Appeal.objects.create(action=action, comment=comment, text="Why?", created_at=clock.now())


def answer_to(user: User, comment: Comment, granted: str, words: str = "", appeal: str = "") -> str:
    appeal = appeal or str(Appeal.objects.latest("pk").pk)
    data = {"appeal": appeal, "granted": granted, "answer": words}
    return json.loads(client_of(user).post(address(comment, "answer"), data, headers=JSON).content)["said"]


def test_a_second_person_grants_an_appeal(erik: User, charlie: User) -> None:
    comment, appeal = appealed(by=charlie)
    assert "readers see the comment" in answer_to(erik, comment, "yes", "You are right.")
    appeal.refresh_from_db()
    assert (appeal.granted, appeal.closed_by, appeal.answer) == (True, erik, "You are right.")
    assert states(comment) == [State.PUBLISHED]


def test_a_second_person_lets_a_decision_stand_and_says_why(erik: User, charlie: User) -> None:
    comment, appeal = appealed(by=charlie)
    assert "Tell the author why" in answer_to(erik, comment, "no")
    assert "The decision stands." in answer_to(erik, comment, "no", "It insults.")
    appeal.refresh_from_db()
    assert appeal.granted is False
    assert states(comment) == [State.REJECTED]
    assert "answered by Erik" in answer_to(erik, comment, "yes", "Changed my mind.")


def test_nobody_answers_an_appeal_against_their_own_decision(erik: User) -> None:
    comment, appeal = appealed(by=erik)
    assert "Leave the appeal to a colleague" in answer_to(erik, comment, "yes")
    appeal.refresh_from_db()
    assert appeal.closed_at is None


def test_the_answer_to_one_appeal_answers_no_later_one_on_the_same_comment(erik: User, charlie: User) -> None:
    comment, first = appealed(by=charlie)
    appeals.answer(first, by=erik, granted=True, answer="Well.")
    comment.refresh_from_db()
    action = moderation.decide(comment, "reject", by=charlie, reason="off_topic", expected=comment.versions)
    second = Appeal.objects.create(action=action, comment=comment, text="Again?", created_at=clock.now())
    assert "answered by Erik" in answer_to(erik, comment, "no", "It insults.", appeal=str(first.pk))
    second.refresh_from_db()
    assert second.closed_at is None
    assert f'name="appeal" value="{second.pk}"' in client_of(erik).get(page_of(comment)).content.decode()


@pytest.mark.parametrize("appeal", ["0", "x", "9" * 30])
def test_an_appeal_that_is_not_there_is_not_answered(appeal: str, erik: User, charlie: User) -> None:
    comment, _appeal = appealed(by=charlie)
    assert "Nothing was answered" in answer_to(erik, comment, "yes", "x", appeal=appeal)


@pytest.mark.parametrize("granted", ["", "maybe"])
def test_an_answer_that_was_tampered_with_answers_nothing(granted: str, erik: User, charlie: User) -> None:
    comment, _appeal = appealed(by=charlie)
    assert "Nothing was answered" in answer_to(erik, comment, granted, "x")
    assert "Nothing was answered" in answer_to(erik, make_comment(make_live()), "yes", "x")


# Bans ------------------------------------------------------------------------------------------


def ban(user: User, comment: Comment, **fields: str) -> str:
    data = {"whom": "commenter", "days": "7", "reason": "Threats."} | fields
    return json.loads(client_of(user).post(address(comment, "ban"), data, headers=JSON).content)["said"]


def test_a_reader_is_banned_from_the_queue_until_a_day_or_for_good(erik: User) -> None:
    rita = Commenter.objects.create(email="rita@example.org", name="Rita")
    comment = make_comment(make_live(), commenter=rita)
    with time_machine.travel(datetime(2026, 3, 1, 12, 0, tzinfo=UTC), tick=False):
        assert ban(erik, comment) == "\u2068Rita\u2069 is banned until March 8, 2026, and is told why."
    made = Ban.objects.get()
    assert (made.commenter, made.network, made.reason) == (rita, "", "Threats.")
    assert made.ends_at == datetime(2026, 3, 8, 12, 0, tzinfo=UTC)
    assert LogEntry.objects.get().user == erik
    assert "banned for good" in ban(erik, comment, days="")


@pytest.mark.parametrize("whom", ["commenter", "network"])
def test_a_button_that_is_pressed_twice_bans_once_and_says_the_same(whom: str, erik: User) -> None:
    comment = make_comment(make_live(), commenter=Commenter.objects.create(name="Rita"))
    with time_machine.travel(datetime(2026, 3, 1, 12, 0, tzinfo=UTC), tick=False) as clock:
        first = ban(erik, comment, whom=whom)
        clock.shift(timedelta(seconds=1))
        assert ban(erik, comment, whom=whom) == first
    assert Ban.objects.count() == LogEntry.objects.count() == 1


def test_a_ban_that_adds_nothing_says_so_and_a_longer_one_is_made(erik: User) -> None:
    comment = make_comment(make_live(), commenter=Commenter.objects.create(name="Rita"))
    ban(erik, comment, days="7")
    assert "a ban with another reason lasts as long" in ban(erik, comment, days="1", reason="Spam.")
    assert Ban.objects.get().reason == "Threats."
    ban(erik, comment, days="30")
    ban(erik, comment, days="")
    assert Ban.objects.count() == 3


def test_an_address_is_read_in_whole_only_on_the_page_of_all_that_its_reader_wrote(erik: User) -> None:
    rita = Commenter.objects.create(email="rita@example.org")
    comment = make_comment(make_live(), commenter=rita)
    assert (str(rita), str(Ban(commenter=rita))) == ("r…@example.org", "r…@example.org")
    client = client_of(erik)
    for page in (LIST, page_of(comment), "/admin/comments/ban/"):
        assert "rita@example.org" not in client.get(page).content.decode()
    assert "rita@example.org" not in ban(erik, comment) + str(LogEntry.objects.values())
    assert "rita@example.org" in listed(client, commenter=rita.pk, state="every")


def test_a_network_is_banned_for_a_time_only(erik: User) -> None:
    comment = make_comment(make_live())
    assert "Say when the ban of a network ends" in ban(erik, comment, whom="network", days="")
    assert "192.0.2.0/24" in ban(erik, comment, whom="network")
    assert Ban.objects.get().network == "192.0.2.0/24"


@pytest.mark.parametrize("fields", [{"whom": "everybody"}, {"reason": ""}, {"days": "-1"}, {"whom": "commenter"}])
def test_a_ban_that_makes_no_sense_bans_nobody(fields: dict[str, str], erik: User) -> None:
    assert "obody was banned" in ban(erik, make_comment(make_live()), **fields)
    assert not Ban.objects.exists()


# Who may ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", CAST)
def test_each_deed_is_open_to_moderators_alone_and_picks_to_editors_too(
    name: str, request: pytest.FixtureRequest
) -> None:
    user, decider = make_user(name, CAST[name]), make_user("decider", "moderator")
    may = name in MODERATORS
    comment = make_comment(make_live())
    refused = 200 if may else 403
    pick_refused = 302 if name in PICKERS else 403
    for chosen in ("approve", "undo"):
        assert decide(user, Comment.objects.get(pk=comment.pk), chosen).status_code == pick_refused
        assert states(comment) == [State.PUBLISHED if may and chosen == "approve" else State.PENDING]
    published, report = reported()
    decide(user, published, "leave", reports=str(report.pk))
    assert Report.objects.filter(closed_at=None).exists() == (not may)
    assert decide(user, Comment.objects.get(pk=published.pk), "pick").status_code == pick_refused
    published.refresh_from_db()
    assert (published.picked_at is not None) == (name in PICKERS)
    rejected, appeal = appealed(by=decider)
    answer = {"appeal": str(appeal.pk), "granted": "yes"}
    sent = client_of(user).post(address(rejected, "answer"), answer, headers=JSON)
    assert sent.status_code == refused
    sent = client_of(user).post(address(comment, "ban"), {"whom": "network", "days": "1", "reason": "x"}, headers=JSON)
    assert sent.status_code == refused
    assert Ban.objects.exists() == may
    assert bulk(user, "spam", [Comment.objects.get(pk=comment.pk)]).status_code == refused
    assert states(comment, rejected) == ([State.SPAM, State.PUBLISHED] if may else [State.PENDING, State.REJECTED])


@pytest.mark.parametrize("deed", ["decide", "ban", "answer", "bulk"])
def test_a_deed_needs_a_login_the_csrf_token_and_a_post(deed: str, erik: User) -> None:
    comment, client = make_comment(make_live()), Client(enforce_csrf_checks=True)
    place = f"{LIST}bulk/" if deed == "bulk" else address(comment, deed)
    data = {"decision": "approve", "versions": "1.1", "chosen": "1.1.1"}
    assert Client().post(place, data, headers=JSON).status_code == 302
    client.force_login(erik, backend="django.contrib.auth.backends.ModelBackend")
    assert client.post(place, data).status_code == 403
    assert client.get(place, data).status_code == 405
    assert states(comment) == [State.PENDING]


# Many comments ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "decision, state",
    [("approve", State.PUBLISHED), ("reject", State.REJECTED), ("spam", State.SPAM), ("hold", State.HELD)],
)
def test_a_bulk_decision_reaches_each_row_and_is_undone_for_all(decision: str, state: State, erik: User) -> None:
    edition = make_live()
    comments = [make_comment(edition) for _ in range(3)]
    answer = bulk(erik, decision, comments)
    assert states(*comments) == [state] * 3
    assert "3 comments." in content(answer) and content(answer).count("It is now") == 3
    assert "Undo all of it" in content(answer)
    undone = client_of(erik).post(f"{LIST}bulk/", {"decision": "undo", "chosen": answer.context["undo"]})
    assert states(*comments) == [State.PENDING] * 3
    assert "Undo all of it" not in content(undone)


def test_rows_of_a_stale_selection_are_left_out_and_say_why(erik: User, charlie: User) -> None:
    edition = make_live()
    fresh, decided, edited, gone = (make_comment(edition, body=f"Row {number}") for number in range(4))
    on_screen = [Comment.objects.get(pk=comment.pk) for comment in (fresh, decided, edited)]
    moderation.decide(decided, "reject", by=charlie, reason="abuse", expected=decided.versions)
    Comment.objects.filter(pk=edited.pk).update(text_version=2)
    chosen = [*map(chosen_row, on_screen), f"{gone.pk + 1000}.1.1"]
    page = content(bulk(erik, "approve", [], chosen=chosen))
    assert states(fresh, decided, edited) == [State.PUBLISHED, State.REJECTED, State.PENDING]
    assert "“Approve”: 1 comment. 3 were left as they are; each says why." in page
    assert "It was rejected by Charlie" in page and "It has changed in the meantime." in page
    assert "This comment is not there any more." in page


def test_an_undo_of_many_leaves_alone_what_a_colleague_decided_meanwhile(erik: User, charlie: User) -> None:
    edition = make_live()
    comments = [make_comment(edition) for _ in range(2)]
    undo = bulk(erik, "approve", comments).context["undo"]
    taken = Comment.objects.get(pk=comments[0].pk)
    moderation.decide(taken, "reject", by=charlie, reason="abuse", expected=taken.versions)
    page = content(client_of(erik).post(f"{LIST}bulk/", {"decision": "undo", "chosen": undo}))
    assert states(*comments) == [State.REJECTED, State.PENDING]
    assert "It was rejected by Charlie" in page and "“Undo”: 1 comment." in page


def test_many_in_place_answer_with_each_comment_and_an_undo(erik: User, charlie: User) -> None:
    edition = make_live()
    good, stale = make_comment(edition), make_comment(edition)
    on_screen = [Comment.objects.get(pk=comment.pk) for comment in (good, stale)]
    moderation.decide(stale, "spam", by=charlie, expected=stale.versions)
    data = {"decision": "hold", "chosen": [chosen_row(comment) for comment in on_screen]}
    answer = json.loads(client_of(erik).post(f"{LIST}bulk/", data, headers=JSON).content)
    assert [(row["key"], row["done"]) for row in answer["rows"]] == [(good.pk, True), (stale.pk, False)]
    assert "marked as spam by Charlie" in answer["rows"][1]["card"]
    assert answer["undo"] == [chosen_row(Comment.objects.get(pk=good.pk))]


def test_rejecting_many_needs_a_rule(erik: User) -> None:
    comment = make_comment(make_live())
    assert "Choose the rule" in content(bulk(erik, "reject", [comment], reason=""))
    assert states(comment) == [State.PENDING]


@pytest.mark.parametrize("chosen", ["", "x", "1", "1.1", "1.1.1.1", "9" * 30 + ".1.1", "²¹.1.1", "-1.1.1"])
def test_a_selection_that_was_tampered_with_decides_nothing(chosen: str, erik: User) -> None:
    comment = make_comment(make_live())
    assert bulk(erik, "approve", [], chosen=chosen).status_code == 200
    assert states(comment) == [State.PENDING] or chosen.startswith(f"{comment.pk}.1.1")


def test_the_time_of_a_decision_is_the_databases(erik: User) -> None:
    comment = make_comment(make_live())
    decide(erik, comment, "approve")
    assert abs(comment.actions.get().at - timezone.now()) < timedelta(seconds=30)
