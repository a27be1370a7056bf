"""All that comments keep about an address is handed over, and erased so that it cannot be found again."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.apps import apps
from django.test import Client

from articles import publishing
from articles.factories import edit, make_live
from comments import moderation, pages, policy, privacy, threads
from comments.factories import make_comment, make_published
from comments.models import (
    Appeal,
    Ban,
    Comment,
    Commenter,
    Confirmation,
    Lesson,
    MarkCount,
    ModerationAction,
    Report,
)
from comments.states import GONE, State
from newsroom.lib import clock
from newsroom.models import User

pytestmark = pytest.mark.django_db

EMAIL = "rosa@example.org"
SECRET = "a secret of the staff"


@pytest.fixture
def rosa(db: None) -> Commenter:
    return Commenter.objects.create(email=EMAIL, name="Rosa", verified_at=clock.now(), language="de")


def write(rosa: Commenter | None, **fields: Any) -> Comment:
    fields = {"display_name": "Rosa", "body": "Marigolds everywhere", "commenter": rosa} | fields
    return make_comment(fields.pop("article", None) or make_live(), **fields)


def reject(comment: Comment, erik: User) -> ModerationAction:
    return moderation.decide(
        comment, "reject", by=erik, reason="abuse", note=SECRET, notice="No marigolds", expected=comment.versions
    )


def everything() -> str:
    """All that the tables of comments hold, as text."""
    tables = apps.get_app_config("comments").get_models()
    return "\n".join(str(list(model._base_manager.values())) for model in tables)


# Handing over -----------------------------------------------------------------------------


def test_an_export_has_all_that_is_kept_of_the_address(rosa: Commenter, erik: User) -> None:
    comment = write(rosa, signals=[{"name": "links", "weight": 10, "detail": "3"}], score=10)
    action = reject(comment, erik)
    Appeal.objects.create(action=action, comment=comment, text="I object", created_at=clock.now())
    others = write(None)
    Report.objects.create(
        comment=others, reason="abuse", text="Look at this", email="ROSA@example.org", created_at=clock.now()
    )
    Ban.objects.create(commenter=rosa, reason="Too many marigolds")
    data = privacy.export(" Rosa@Example.org ")
    assert json.loads(json.dumps(data)) == data
    assert {table: len(rows) for table, rows in data.items()} == {
        "commenters": 1, "comments": 1, "decisions": 1, "appeals": 1, "reports": 1, "bans": 1,
    }  # fmt: skip
    assert data["commenters"][0]["name"] == "Rosa"
    assert data["comments"][0]["text"] == "Marigolds everywhere"
    assert data["comments"][0]["state"] == "rejected"
    assert data["comments"][0]["signals"] == [{"name": "links", "weight": 10, "detail": "3"}]
    assert data["decisions"][0]["notice"] == "No marigolds"
    assert data["appeals"][0]["text"] == "I object"
    assert data["reports"][0]["text"] == "Look at this"
    assert data["bans"][0]["reason"] == "Too many marigolds"


def test_an_export_names_no_staff_nor_their_notes(rosa: Commenter, erik: User) -> None:
    reject(write(rosa), erik)
    said = json.dumps(privacy.export(EMAIL))
    assert SECRET not in said
    assert "erik" not in said.lower()


def test_an_export_names_the_article_as_readers_see_it(rosa: Commenter) -> None:
    edition = make_live(headline="Bridge closed")
    write(rosa, article=edition)
    edit(edition.article, headline="A secret headline")
    assert [row["article"] for row in privacy.export(EMAIL)["comments"]] == ["Bridge closed"]
    publishing.withdraw(edition.article, by=None, notice="It was wrong.", reason="error")
    assert [row["article"] for row in privacy.export(EMAIL)["comments"]] == [None]


def test_an_export_has_nothing_of_others(rosa: Commenter, erik: User) -> None:
    other = Commenter.objects.create(email="rosa@example.org.evil.example")
    write(other, body="Other words", display_name="Rosa")
    write(None, body="Unknown words", display_name="Rosa")
    assert set(privacy.export(EMAIL)) == {"commenters"}
    assert privacy.export("r%@example.org") == {}


@pytest.mark.parametrize("email", ["", " ", "nobody@example.org", "no address"])
def test_nothing_is_known_of_nobody(email: str) -> None:
    Commenter.objects.create(name="An account without an address")
    assert privacy.export(email) == {}
    assert privacy.erase(email) == {}


def test_words_that_wait_for_the_address_to_be_confirmed_are_not_handed_over(db: None) -> None:
    """Anybody may have typed the address."""
    comment = write(None, state=State.AWAITING_EMAIL, body="By who knows whom")
    Confirmation.objects.create(comment=comment, email=EMAIL, created_at=clock.now())
    data = privacy.export(EMAIL)
    assert set(data) == {"confirmations"}
    assert "who knows" not in str(data)


# Erasing ----------------------------------------------------------------------------------


@pytest.mark.parametrize("state", [state for state in State if state not in GONE])
def test_every_state_can_be_erased_and_nothing_of_the_words_is_left(state: State, rosa: Commenter) -> None:
    comment = write(rosa, state=state, address_hmac="ab12", score=40, picked_at=clock.now())
    number = comment.number
    assert privacy.erase(EMAIL) == {"comments": 1, "commenters": 1}
    comment.refresh_from_db()
    assert comment.state in GONE
    assert (comment.number, comment.state_version) == (number, 2)
    assert (comment.commenter_id, comment.picked_at, comment.address_hmac) == (None, None, "")
    left = everything().lower()
    for trace in ("marigold", "rosa", EMAIL, "192.0.2"):
        assert trace not in left
    assert privacy.export(EMAIL) == {}


@pytest.mark.parametrize("decision", ["reject", "spam"])
def test_what_stood_under_a_comment_that_was_turned_down_stays_out_of_sight(
    decision: str, rosa: Commenter, erik: User
) -> None:
    comment = write(rosa, state=State.PUBLISHED)
    edition = comment.article.editions.get()
    reply = make_published(edition, parent=comment, body="Okapi")
    moderation.decide(comment, decision, by=erik, reason="abuse", expected=comment.versions)
    privacy.erase(EMAIL)
    assert threads.find_shown(reply.public_id) is None
    assert pages.of_article(edition.article_id).count == 0
    assert "Okapi" not in Client().get(edition.path).content.decode()


@pytest.mark.parametrize("state", [State.PUBLISHED, State.WITHDRAWN])
def test_what_stood_under_one_that_was_not_stays_in_sight(state: State, rosa: Commenter) -> None:
    comment = write(rosa, state=state)
    edition = comment.article.editions.get()
    reply = make_published(edition, parent=comment)
    privacy.erase(EMAIL)
    assert threads.find_shown(reply.public_id) == reply
    assert pages.of_article(edition.article_id).count == 1


def test_the_log_keeps_who_decided_what_and_not_the_words(rosa: Commenter, erik: User) -> None:
    comment = write(rosa)
    reject(comment, erik)
    privacy.erase(EMAIL)
    erasure, rejection = comment.actions.all()
    assert (rejection.decision, rejection.by, rejection.reason) == ("reject", erik, "abuse")
    assert (rejection.note, rejection.notice, rejection.steps) == ("", "", [])
    assert (erasure.decision, erasure.from_state, erasure.to_state) == ("erase", "rejected", "erased_hidden")
    assert erasure.automated
    assert erasure.by is None


def test_no_decision_and_no_undo_brings_an_erased_comment_back(rosa: Commenter, erik: User) -> None:
    comment = write(rosa)
    reject(comment, erik)
    privacy.erase(EMAIL)
    comment.refresh_from_db()
    assert moderation.open_decisions(erik, comment) == []
    with pytest.raises(moderation.Refused):
        moderation.undo(comment, by=erik, expected=comment.versions)
    for decision in moderation.DECISIONS:
        with pytest.raises(moderation.Refused):
            moderation.decide(comment, decision, by=erik, reason="abuse", expected=comment.versions)


def test_who_decides_at_the_same_instant_is_told_that_it_was_erased(rosa: Commenter, erik: User) -> None:
    seen = write(rosa)
    privacy.erase(EMAIL)
    with pytest.raises(moderation.Stale, match=r"It was erased 1 second ago\."):
        moderation.decide(seen, "approve", by=erik, expected=seen.versions)


def test_a_decision_at_the_same_instant_does_not_keep_a_comment(rosa: Commenter, erik: User) -> None:
    comment = write(rosa)
    stale = Comment.objects.get(pk=comment.pk)
    reject(comment, erik)
    privacy.erase_comment(stale)
    comment.refresh_from_db()
    assert (comment.state, comment.state_version) == (State.ERASED_HIDDEN, 3)


def test_what_was_learnt_is_unlearnt(rosa: Commenter, erik: User, django_capture_on_commit_callbacks: Any) -> None:
    comment = write(rosa)
    with django_capture_on_commit_callbacks(execute=True):
        moderation.decide(comment, "spam", by=erik, expected=comment.versions)
    assert Lesson.objects.exists()
    with django_capture_on_commit_callbacks(execute=True):
        privacy.erase(EMAIL)
    assert not Lesson.objects.exists()
    assert not MarkCount.objects.exclude(pk=MarkCount.ALL).exists()


def test_no_page_shows_it_any_more_and_replies_of_others_stand_under_the_place_that_is_left(
    rosa: Commenter, client: Client, django_capture_on_commit_callbacks: Any
) -> None:
    edition = make_live()
    comment = write(rosa, article=edition, state=State.PUBLISHED)
    make_published(edition, parent=comment, body="I agree with that")
    assert "Marigolds everywhere" in client.get(edition.path).content.decode()
    with django_capture_on_commit_callbacks(execute=True):
        privacy.erase(EMAIL)
    page = client.get(edition.path).content.decode()
    assert "Marigolds" not in page
    assert "Rosa" not in page
    assert "I agree with that" in page


def test_reports_are_counted_on_without_who_made_them(rosa: Commenter) -> None:
    report = Report.objects.create(
        comment=write(None),
        reason="abuse",
        text="I, Rosa, object",
        email=EMAIL,
        address_prefix="192.0.2.0/24",
        created_at=clock.now(),
    )
    assert privacy.erase(EMAIL) == {"reports": 1, "commenters": 1}
    report.refresh_from_db()
    assert (report.reason, report.text, report.email, report.address_prefix) == ("abuse", "", "", "")


def test_what_others_quoted_of_it_when_they_reported_it_goes_too(rosa: Commenter) -> None:
    comment = write(rosa, state=State.PUBLISHED)
    Report.objects.create(comment=comment, reason="abuse", text="“Marigolds”!", created_at=clock.now())
    privacy.erase(EMAIL)
    assert "Marigolds" not in everything()


def test_a_comment_that_waits_for_the_address_goes_with_it(db: None) -> None:
    comment = write(None, state=State.AWAITING_EMAIL)
    Confirmation.objects.create(comment=comment, email=EMAIL, created_at=clock.now())
    assert privacy.erase(EMAIL) == {"comments": 1}
    assert EMAIL not in everything()
    assert "Marigolds" not in everything()


def test_links_in_mails_sent_before_are_dead(rosa: Commenter) -> None:
    privacy.erase(EMAIL)
    rosa.refresh_from_db()
    assert rosa.token_version == 2


def test_erasing_again_finds_nothing(rosa: Commenter) -> None:
    write(rosa)
    assert privacy.erase(EMAIL)
    assert privacy.erase(EMAIL) == {}


def test_comments_of_others_stay(rosa: Commenter) -> None:
    others = write(Commenter.objects.create(email="other@example.org"))
    privacy.erase(EMAIL)
    others.refresh_from_db()
    assert others.body == "Marigolds everywhere"


def test_erasing_does_not_end_a_ban(rosa: Commenter, settings: Any) -> None:
    Ban.objects.create(commenter=rosa, reason="Threats")
    privacy.erase(EMAIL)
    assert EMAIL not in everything()
    again = Commenter.objects.create(email="Rosa@example.org", verified_at=clock.now())
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "a new key", [settings.SECRET_KEY]
    ban = policy.ban_of(again.pk, "")
    assert ban is not None
    assert ban.reason == "Threats"
    assert policy.ban_of(Commenter.objects.create(email="other@example.org").pk, "") is None
    assert privacy.export(EMAIL)["bans"][0]["reason"] == "Threats"


def test_a_ban_that_is_over_leaves_no_trace(rosa: Commenter) -> None:
    Ban.objects.create(commenter=rosa, reason="Threats", ends_at=clock.now() - timedelta(days=1))
    assert privacy.erase(EMAIL) == {"commenters": 1, "bans": 1}
    rosa.refresh_from_db()
    assert rosa.digest == ""


def test_whoever_has_an_account_and_no_other_address_is_found_by_that_of_the_account(mallory: User) -> None:
    write(Commenter.objects.create(user=mallory, name="Mallory"))
    assert privacy.erase(mallory.email) == {"comments": 1, "commenters": 1}
    assert "Marigolds" not in everything()
