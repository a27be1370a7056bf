"""Work before a suspicious comment is read, and what a form's token says of how it was sent."""

import base64
import json
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from altcha import solve_challenge_v1

from articles.factories import make_live
from comments import editing, policy, posting
from comments.factories import make_comment
from comments.models import Comment, ModerationAction, Opening
from comments.readers import confirming
from comments.spam import bayes, proof, repeats, scoring, traps
from comments.spam.proof import Proof
from comments.states import Mode, State
from newsroom.lib import clock
from newsroom.lib.emails import parse

SUSPICIOUS = [{"name": traps.TOO_QUICK, "weight": 20, "detail": ""}]
GOOD = "The council should have asked the neighbours before it closed the bridge."
SAME = "Every morning I read this paper and find that nobody has counted the ducks."


@pytest.fixture(autouse=True)
def easy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(proof, "NUMBERS", 50)


def solve(challenge: dict[str, Any], **changed: Any) -> str:
    """What the page's script sends."""
    found = solve_challenge_v1(challenge["challenge"], challenge["salt"], "SHA-256", challenge["maxNumber"])
    fields = {name: challenge[name] for name in ("algorithm", "challenge", "salt", "signature")}
    return written({**fields, "number": found.number, **changed})


def written(fields: Any) -> str:
    return base64.b64encode(json.dumps(fields).encode()).decode()


# A solution -------------------------------------------------------------------------------


def test_a_solution_is_accepted_once() -> None:
    solution = solve(proof.ask(7))
    assert [proof.accept(solution, 7) for _time in range(3)] == [True, False, False]


def test_a_solution_that_is_written_differently_is_the_same_one() -> None:
    challenge = proof.ask(7)
    assert proof.accept(solve(challenge), 7)
    assert not proof.accept(solve(challenge, took=5), 7)


def test_a_solution_is_good_for_its_article_alone() -> None:
    assert not proof.accept(solve(proof.ask(7)), 8)


def test_a_solution_expires() -> None:
    with time_machine.travel(clock.now(), tick=False) as now:
        solution = solve(proof.ask(7))
        now.shift(proof.GOOD_FOR + timedelta(seconds=2))
        assert not proof.accept(solution, 7)


def test_a_later_end_cannot_be_written_into_it() -> None:
    with time_machine.travel(clock.now(), tick=False) as now:
        challenge = proof.ask(7)
        now.shift(proof.GOOD_FOR + timedelta(seconds=2))
        later = challenge["salt"].replace("expires=", "expires=9")
        assert not proof.accept(solve(challenge, salt=later), 7)


def test_another_key_s_challenge_is_not_ours(settings: Any) -> None:
    solution = solve(proof.ask(7))
    settings.SECRET_KEY = "another"
    assert not proof.accept(solution, 7)


@pytest.mark.parametrize(
    "solution",
    [
        "", "-", "!", "x" * 5000, written([]), written(5), written("text"), written({}), written(None), "W" * 1000,
        written({"algorithm": "SHA-256", "challenge": "", "number": "1", "salt": 5, "signature": None}),
        written({"algorithm": "MD5", "challenge": "a", "number": 1, "salt": "?article=7&", "signature": "b"}),
        written({"algorithm": "SHA-256", "challenge": "é", "number": 10**400, "salt": "?article=7&", "signature": "é"}),
        base64.b64encode(b"\xff\xfe").decode(), base64.b64encode(b"[" * 1400).decode(), "\ud800", "é",
    ],
)  # fmt: skip
def test_what_is_no_solution_is_refused_without_an_error(solution: str) -> None:
    assert not proof.accept(solution, 7)


@pytest.mark.parametrize("number", [-1, 51, 10**9, True])
def test_a_wrong_number_is_refused(number: int) -> None:
    assert not proof.accept(solve(proof.ask(7), number=number), 7)


# The step ---------------------------------------------------------------------------------


def post(**fields: Any) -> Comment:
    edition = make_live()
    Opening.objects.create(article=edition.article, mode=Mode.POST)
    return posting.post(edition, **{"name": "Rita", "body": GOOD, "sending": SUSPICIOUS} | fields)


def found() -> str:
    return str(next(step["found"] for step in ModerationAction.objects.get().steps if step["step"] == "proof"))


@pytest.mark.django_db
def test_the_work_is_asked_for_from_a_risk_on_and_not_below() -> None:
    with pytest.raises(policy.ProofNeeded):
        post(proof=Proof(able=True), body="Ducks?")
    assert not Comment.objects.exists()
    assert post(proof=Proof(able=True), sending=[]).state == State.PUBLISHED


@pytest.mark.django_db
def test_whoever_did_the_work_goes_on_to_the_other_rules() -> None:
    assert post(proof=Proof(solved=True)).state == State.PUBLISHED
    assert found() == "done, 20"


@pytest.mark.django_db
def test_whoever_has_no_script_is_held_and_not_refused() -> None:
    comment = post(proof=Proof())
    assert comment.state == State.HELD
    assert ModerationAction.objects.get().rule == "proof"
    assert found() == "not done, 20"


@pytest.mark.django_db
def test_the_work_does_not_outweigh_what_is_found_in_the_words() -> None:
    edition = make_live()
    Opening.objects.create(article=edition.article, mode=Mode.POST)
    comment = posting.post(
        edition, name="Rita", body="Earn money now, subscribe to my channel https://x.example", proof=Proof(solved=True)
    )
    assert comment.score >= bayes.HOLD_FROM
    assert comment.state == State.HELD


@pytest.mark.django_db
def test_how_a_comment_was_sent_is_remembered_when_it_is_judged_again() -> None:
    comment = post(proof=Proof(solved=True))
    judged, _judgement = posting.judge_again(comment, body=f"{GOOD} Indeed!")
    assert traps.TOO_QUICK in [sign["name"] for sign in judged.signals]
    assert scoring.risk(judged) == 20


@pytest.mark.django_db
@pytest.mark.parametrize(("solved", "state"), [(False, State.HELD), (True, State.PUBLISHED)])
def test_a_change_is_no_way_around_the_work(solved: bool, state: State) -> None:
    edition = make_live()
    Opening.objects.create(article=edition.article, mode=Mode.POST)
    comment = posting.post(edition, name="Rita", body=GOOD, proof=Proof(solved=solved), sending=SUSPICIOUS)
    for more in (" Indeed.", " Indeed!"):
        editing.edit(comment, name="Rita", body=GOOD + more, expected=comment.versions)
        assert comment.state == state


@pytest.mark.django_db
def test_what_becomes_suspicious_by_a_change_waits_for_a_moderator() -> None:
    edition = make_live()
    Opening.objects.create(article=edition.article, mode=Mode.POST)
    comment = posting.post(edition, name="Rita", body=GOOD, proof=Proof())
    assert comment.state == State.PUBLISHED
    links = " ".join(f"https://{number}.example/" for number in range(5))
    editing.edit(comment, name="Rita", body=f"{GOOD} {links}", expected=comment.versions)
    assert comment.state == State.HELD


@pytest.mark.django_db
@pytest.mark.parametrize(("solved", "state"), [(False, State.HELD), (True, State.PUBLISHED)])
def test_an_address_that_nobody_confirms_is_no_way_around_the_work(solved: bool, state: State) -> None:
    edition = make_live()
    Opening.objects.create(article=edition.article, mode=Mode.POST)
    comment = confirming.write(
        edition,
        email=parse("rita@example.org"),
        wants_outcome=False,
        wants_replies=False,
        language="en",
        name="Rita",
        body=GOOD,
        proof=Proof(solved=solved),
        sending=SUSPICIOUS,
    )
    assert comment.state == State.AWAITING_EMAIL
    with time_machine.travel(clock.now() + timedelta(hours=49)):
        assert confirming.give_up() == 1
    comment.refresh_from_db()
    assert comment.state == state


# The form's token -------------------------------------------------------------------------


def told(token: str, article: int = 7) -> list[str]:
    return [sign["name"] for sign in traps.signals(token, article)]


def test_the_token_of_a_kept_page_changes_with_the_hour_alone_and_names_nobody() -> None:
    with time_machine.travel("2026-03-01T10:00:01Z", tick=False) as now:
        token = traps.page_token(7)
        now.move_to("2026-03-01T10:59:59Z")
        assert traps.page_token(7) == token
        now.move_to("2026-03-01T11:00:00Z")
        assert traps.page_token(7) != token


@pytest.mark.parametrize(
    "seconds, found",
    [(0, [traps.TOO_QUICK]), (2, [traps.TOO_QUICK]), (3, []), (86_400, []), (15 * 86_400, [traps.NO_FORM])],
)
def test_who_sends_at_once_is_told_from_who_writes(seconds: int, found: list[str]) -> None:
    with time_machine.travel("2026-03-01T10:00:01Z", tick=False) as now:
        token = traps.own_token(7)
        now.shift(timedelta(seconds=seconds))
        assert told(token) == found


def test_the_page_s_token_says_nothing_of_seconds() -> None:
    with time_machine.travel("2026-03-01T10:00:01Z", tick=False):
        assert told(traps.page_token(7)) == []


@pytest.mark.parametrize("token", ["", "x", "7-0.abc", "7-99999999999999999999", "\ud800", "é" * 300, "a.b.c"])
def test_a_token_that_is_not_ours_is_a_sign(token: str) -> None:
    assert told(token) == [traps.NO_FORM]


def test_a_token_of_another_article_is_a_sign() -> None:
    assert told(traps.page_token(8)) == [traps.NO_FORM]


def test_each_sign_has_words_for_moderators() -> None:
    for name in (traps.NO_FORM, traps.TOO_QUICK, repeats.NAME, scoring.BUSY):
        assert scoring.label({"name": name, "weight": 1, "detail": ""}) != name


# The same words again -----------------------------------------------------------------------


@pytest.mark.django_db
@pytest.mark.parametrize(
    "others, weight",
    [
        ([], None),
        ([{"state": State.PENDING}], 30),
        ([{"state": State.REJECTED}] * 2, 40),
        ([{"state": State.PENDING}] * 9, 60),
        ([{"state": State.SPAM}], 60),
    ],
)
def test_the_same_words_under_other_articles_weigh_the_more_the_more_there_are(
    others: list[dict[str, Any]], weight: int | None
) -> None:
    for fields in others:
        make_comment(make_live(), words=repeats.key_of(SAME), body=SAME, **fields)
    comment = posting.post(make_live(), name="Rita", body=SAME.upper() + " !!", address="203.0.113.5")
    assert next((sign["weight"] for sign in comment.signals if sign["name"] == repeats.NAME), None) == weight
    assert (comment.state == State.HELD) == (weight is not None and weight >= bayes.HOLD_FROM)


@pytest.mark.django_db
def test_the_same_words_from_other_networks_under_one_article_weigh() -> None:
    edition = make_live()
    for number in range(3):
        comment = posting.post(edition, name=f"Rita {number}", body=SAME, address=f"203.0.{number}.5")
    assert next(sign["detail"] for sign in comment.signals if sign["name"] == repeats.NAME) == "2"


@pytest.mark.django_db
def test_what_one_says_twice_under_one_article_is_no_campaign() -> None:
    edition = make_live()
    posting.post(edition, name="Rita", body=SAME, address="203.0.113.5")
    again = posting.post(edition, name="Rita", body=f"{SAME}?", address="203.0.113.6")
    assert repeats.NAME not in [sign["name"] for sign in again.signals]


@pytest.mark.django_db
def test_a_few_words_are_everybody_s() -> None:
    for number in range(5):
        comment = posting.post(make_live(), name="Rita", body="I agree!", address=f"203.0.{number}.5")
    assert comment.words is None
    assert repeats.NAME not in [sign["name"] for sign in comment.signals]


# Rates --------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_very_many_comments_on_one_article_are_a_sign_and_refuse_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(posting, "BUSY_FROM", 3)
    assert [bool(posting.count_on(7)) for _time in range(5)] == [False, False, False, True, True]
    assert posting.count_on(8) == []
