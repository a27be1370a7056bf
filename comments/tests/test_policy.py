"""What the rules make of a comment before a moderator sees it, and how they explain it."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.db import IntegrityError, transaction
from django.test import Client

from articles.factories import make_author, make_live, make_section
from articles.models import Edition
from comments import editing, moderation, policy, posting
from comments.factories import make_comment
from comments.models import Ban, Comment, Commenter, ModerationAction, Opening, WordRule
from comments.spam import bayes, scoring
from comments.states import Mode, State
from newsroom.lib import clock
from newsroom.models import User

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
GOOD = "Why has nobody asked the neighbours?"
SPAM = "Please subscribe to my channel, click here https://x.example/ref"


@pytest.fixture(autouse=True)
def frozen() -> Iterator[Any]:
    with time_machine.travel(NOW, tick=False) as moment:
        yield moment


def post(edition: Edition, body: str = GOOD, **more: str) -> Comment:
    return posting.post(edition, name="Rita Reader", body=body, **more)


def opening(edition: Edition, mode: str, **fields: Any) -> Opening:
    return Opening.objects.create(article_id=edition.article_id, mode=mode, **fields)


def known_reader(erik: User, *decisions: str, verified: bool = True) -> Commenter:
    """A reader on whose comments Erik has decided so far."""
    reader = Commenter.objects.create(email="rita@example.org", verified_at=clock.now() if verified else None)
    edition = make_live()
    for decision in decisions:
        comment = make_comment(edition, commenter=reader)
        moderation.decide(comment, decision, by=erik, reason="abuse", expected=comment.versions)
    return reader


def judged(edition: Edition, **fields: Any) -> policy.Judgement:
    return policy.judge(Comment(article_id=edition.article_id, display_name="Rita", body=GOOD, **fields))


# The table ----------------------------------------------------------------------------------


def test_the_table_is_walked_in_this_order() -> None:
    assert [step.name for step in policy.POLICY] == ["closed", "ban", "proof", "words", "links", "score", "trust"]


def test_each_step_is_logged_with_what_it_found() -> None:
    comment = post(make_live())
    action = ModerationAction.objects.get()
    assert (action.comment, action.automated, action.by, action.rule) == (comment, True, None, "trust")
    assert action.steps == [
        *({"step": name, "found": ""} for name in ("closed", "ban", "proof", "words", "links", "score")),
        {"step": "trust", "found": "pre"},
    ]


def test_the_step_that_decides_is_the_last_in_the_log() -> None:
    WordRule.objects.create(words="casino", active=True)
    assert post(make_live(), "The new Cásino is ugly").state == State.HELD
    assert ModerationAction.objects.get().steps[-1] == {"step": "words", "found": "casino"}


@pytest.mark.parametrize(
    "mode, body, state, rule",
    [
        (Mode.PRE, GOOD, State.PENDING, "trust"),
        (Mode.PRE, SPAM, State.HELD, "score"),
        (Mode.TRUSTED, GOOD, State.PENDING, "trust"),
        (Mode.POST, GOOD, State.PUBLISHED, "trust"),
        (Mode.POST, SPAM, State.HELD, "score"),
        (Mode.POST, "See " + "https://example.org " * 6, State.HELD, "links"),
    ],
)
def test_the_state_in_which_a_strangers_comment_begins(mode: str, body: str, state: str, rule: str) -> None:
    edition = make_live()
    opening(edition, mode)
    comment = post(edition, body)
    assert (comment.state, comment.actions.get().rule) == (state, rule)
    assert (comment.number == 1) == (state == State.PUBLISHED)


def test_a_name_of_somebody_who_works_here_is_held_however_kind_the_words() -> None:
    edition = make_live(authors=[make_author("Ada Writer")])
    opening(edition, Mode.POST)
    comment = posting.post(edition, name="Ada Writer", body=GOOD)
    assert (comment.state, comment.actions.get().rule) == (State.HELD, "score")


def test_what_the_rules_did_is_no_decision_that_can_be_undone(erik: User) -> None:
    comment = post(make_live())
    assert not moderation.undoable(list(comment.actions.all()))
    with pytest.raises(moderation.Refused, match="no decision"):
        moderation.undo(comment, by=erik, expected=comment.versions)


def test_a_moderator_decides_after_the_rules_and_can_take_that_back(erik: User) -> None:
    comment = post(make_live())
    moderation.decide(comment, "approve", by=erik, expected=comment.versions)
    moderation.undo(comment, by=erik, expected=comment.versions)
    assert comment.state == State.PENDING


def test_sent_twice_a_comment_is_judged_and_logged_once() -> None:
    edition = make_live()
    assert post(edition, key="x") == post(edition, key="x")
    assert ModerationAction.objects.count() == 1


# Open and closed ----------------------------------------------------------------------------


def test_the_articles_own_mode_goes_before_its_sections() -> None:
    section = make_section()
    edition = make_live(section=section)
    assert policy.opening_of(edition.article_id).mode == Mode.PRE
    Opening.objects.create(section=section, mode=Mode.CLOSED)
    assert policy.opening_of(edition.article_id).mode == Mode.CLOSED
    opening(edition, Mode.POST)
    assert policy.opening_of(edition.article_id).mode == Mode.POST
    assert policy.opening_of(make_live().article_id).mode == Mode.PRE


def test_a_closed_article_takes_no_comment_and_gives_the_text_back() -> None:
    edition = make_live()
    opening(edition, Mode.CLOSED)
    page = Client().post(f"{edition.path}comments/", {"name": "Rita", "body": "My words"})
    assert page.status_code == 403
    assert "Comments on this article are closed." in page.content.decode()
    assert "My words" in page.content.decode()
    assert not Comment.objects.exists()


@pytest.mark.parametrize("days, closed", [(6.9, False), (7, True)])
def test_it_closes_by_itself_after_days(days: float, closed: bool, frozen: Any) -> None:
    edition = make_live()
    opening(edition, Mode.POST, closes_after=7)
    start = edition.published_at
    frozen.move_to(start + timedelta(days=days))
    assert policy.is_closed(policy.opening_of(edition.article_id), edition.article_id) == closed


def test_it_closes_between_the_weighing_and_the_database(monkeypatch: pytest.MonkeyPatch) -> None:
    edition = make_live()
    monkeypatch.setattr(scoring, "weigh", lambda comment, sending: opening(edition, Mode.CLOSED))
    with pytest.raises(posting.Refused):
        post(edition)
    assert not Comment.objects.exists()


def test_an_opening_is_of_an_article_or_of_a_section() -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Opening.objects.create(mode=Mode.POST)
    with pytest.raises(IntegrityError), transaction.atomic():
        Opening.objects.create(article=make_live().article, section=make_section(), mode=Mode.POST)


# Bans ---------------------------------------------------------------------------------------


def test_a_banned_network_is_told_why_and_until_when_and_others_write() -> None:
    edition = make_live()
    Ban.objects.create(network="192.0.2.0/24", reason="Threats.", ends_at=NOW + timedelta(days=1))
    client = Client()
    said = {"name": "Rita", "body": "My words"}
    page = client.post(f"{edition.path}comments/", said, REMOTE_ADDR="192.0.2.77")
    assert page.status_code == 403
    assert "Threats." in page.content.decode() and "My words" in page.content.decode()
    assert "March 2, 2026" in page.content.decode()
    assert client.post(f"{edition.path}comments/", said, REMOTE_ADDR="192.0.3.77").status_code == 303
    assert Comment.objects.count() == 1


def test_a_ban_ends() -> None:
    Ban.objects.create(network="192.0.2.0/24", reason="Threats.", ends_at=NOW)
    assert policy.ban_of(None, "192.0.2.0/24") is None
    assert post(make_live(), address="192.0.2.1").state == State.PENDING


def test_somebody_who_is_banned_is_so_from_everywhere(erik: User) -> None:
    reader = known_reader(erik)
    Ban.objects.create(commenter=reader, reason="Threats.")
    with pytest.raises(posting.Refused, match="Threats"):
        judged(make_live(), commenter=reader, address_prefix="203.0.113.0/24")
    assert judged(make_live(), address_prefix="203.0.113.0/24").state == State.PENDING


def test_a_banned_reader_changes_no_comment() -> None:
    comment = post(make_live(), address="192.0.2.1")
    Ban.objects.create(network="192.0.2.0/24", reason="Threats.", ends_at=NOW + timedelta(days=1))
    with pytest.raises(posting.Refused, match="Threats"):
        editing.edit(comment, name="Rita", body="Other words", expected=comment.versions)
    comment.refresh_from_db()
    assert comment.body == GOOD


def test_without_an_address_nobody_is_taken_for_somebody_banned() -> None:
    Ban.objects.create(network="192.0.2.0/24", reason="Threats.", ends_at=NOW + timedelta(days=1))
    assert policy.ban_of(None, "") is None


def test_the_ban_of_a_network_has_an_end_and_a_ban_has_one_target(erik: User) -> None:
    reader = known_reader(erik)
    for fields in ({"network": "192.0.2.0/24"}, {}, {"network": "192.0.2.0/24", "commenter": reader, "ends_at": NOW}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Ban.objects.create(reason="x", **fields)


# Words --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "words, said, found",
    [
        ("ass", "Scunthorpe has a class of assets", ""),
        ("ass", "what an ASS!", "ass"),
        ("casino", "The Cásino", "casino"),
        ("casino", "cas\u200bino", "casino"),
        ("casino", "ｃａｓｉｎｏ", "casino"),
        ("casin*", "two casinos", "casinos"),
        ("free money", "FREE,\nMoney for all", "free,\nmoney"),
        ("شكرا", "شُكْرًا لكم", "شكرا"),
        ("STRASSE", "Die Straße", "strasse"),
        ("a.b", "axb", ""),
        ("*", "anything", ""),
    ],
)
def test_a_word_rule_matches_whole_words_however_they_are_dressed_up(words: str, said: str, found: str) -> None:
    assert policy.matched(WordRule(words=words), bayes.folded(said)) == found


def test_the_strictest_rule_decides_and_the_name_is_read_too() -> None:
    WordRule.objects.create(words="asked", active=True)
    WordRule.objects.create(words="rita", then=WordRule.REJECT, reason="abuse", active=True)
    comment = post(make_live())
    assert (comment.state, comment.reason) == (State.REJECTED, "abuse")
    assert comment.actions.get().steps[-1]["found"] == "rita"


def test_a_rule_that_is_not_active_does_nothing() -> None:
    WordRule.objects.create(words="neighbours", then=WordRule.REJECT)
    assert post(make_live()).state == State.PENDING


def test_a_changed_text_is_judged_anew_and_logged() -> None:
    edition = make_live()
    opening(edition, Mode.POST)
    comment = post(edition)
    WordRule.objects.create(words="casino", active=True)
    editing.edit(comment, name="Rita", body="A casino!", expected=comment.versions)
    assert comment.state == State.HELD
    assert comment.actions.first().steps[-1] == {"step": "words", "found": "casino"}


def test_a_rule_is_tried_on_last_months_comments() -> None:
    edition = make_live()
    caught = make_comment(edition, body="A casino!")
    make_comment(edition, body="A casino!", created_at=NOW - timedelta(days=31))
    make_comment(edition, body="A library!")
    assert policy.tried(WordRule(words="casino")) == [caught]


# Trust --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "decisions, trust",
    [
        ((), 0),
        (("approve",) * 3, 3),
        (("approve",) * 4 + ("reject",), 2),
        (("approve",) * 4 + ("spam", "approve"), 3),
        (("reject", "approve"), 1),
        (("hold",), 0),
    ],
)
def test_trust_grows_with_approvals_and_a_rejection_halves_it(
    decisions: tuple[str, ...], trust: int, erik: User
) -> None:
    assert policy.trust_in(known_reader(erik, *decisions).pk) == trust


def test_an_approval_that_was_taken_back_earns_nothing(erik: User) -> None:
    reader = known_reader(erik, "approve")
    comment = Comment.objects.get(commenter=reader)
    moderation.undo(comment, by=erik, expected=comment.versions)
    assert policy.trust_in(reader.pk) == 0


def test_an_address_that_was_only_typed_earns_nothing(erik: User) -> None:
    assert policy.trust_in(known_reader(erik, *["approve"] * 5, verified=False).pk) == 0


def test_a_trusted_reader_is_shown_at_once_where_the_mode_says_so(erik: User) -> None:
    reader, edition = known_reader(erik, *["approve"] * 3), make_live()
    assert judged(edition, commenter=reader).state == State.PENDING
    opening(edition, Mode.TRUSTED)
    judgement = judged(edition, commenter=reader)
    assert (judgement.state, judgement.steps[-1]["found"]) == (State.PUBLISHED, "trusted, 3")
    assert judged(edition, commenter=reader, score=35).state == State.HELD


def test_the_rules_cost_a_fixed_number_of_queries(django_assert_num_queries: Any, erik: User) -> None:
    reader, edition = known_reader(erik, *["approve"] * 10), make_live()
    opening(edition, Mode.TRUSTED, closes_after=7)
    WordRule.objects.bulk_create(WordRule(words=f"word{number}", active=True) for number in range(50))
    # Opening and age, ban, words, opening, trust.
    with django_assert_num_queries(6):
        judged(edition, commenter=reader)
