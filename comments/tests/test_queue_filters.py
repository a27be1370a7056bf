"""How moderators find comments: by state, words, and everything that a comment is known by."""

from datetime import UTC, datetime
from typing import Any

import pytest

from articles.factories import make_live, make_section
from articles.models import Edition
from comments.factories import make_comment, make_published
from comments.models import Comment, ModerationAction
from comments.states import State
from comments.tests.moderating import LIST, appeal, known, listed, report
from newsroom.models import User
from newsroom.testing import client_of

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("state", State.values)
def test_every_state_can_be_listed(state: str, erik: User) -> None:
    edition = make_live()
    for one in State.values:
        make_comment(edition, state=one, body=f"body of {one}.")
    page = listed(client_of(erik), state=state)
    assert [one for one in State.values if f"body of {one}." in page] == [state]
    everything = listed(client_of(erik), state="every")
    assert all(f"body of {one}." in everything for one in State.values)


def test_comments_are_found_by_text_name_email_id_and_headline(erik: User) -> None:
    rita = known(email="rita@example.org")
    comment = make_comment(make_live(headline="Rain ahead"), body="Quagga", display_name="Zebra", commenter=rita)
    make_comment(make_live(), body="Okapi")
    for words in ("quagga", "zebra", comment.public_id, "rain ahead", "Rita@example.org"):
        page = listed(client_of(erik), q=words)
        assert "Quagga" in page
        assert "Okapi" not in page


@pytest.fixture
def one_and_another() -> tuple[Edition, Comment]:
    """A comment to be found, of a kind by everything that can be asked for; and another one."""
    rita = known(name="Rita")
    edition = make_live(section=make_section("Culture"))
    old = datetime(2026, 2, 2, 12, tzinfo=UTC)
    comment = make_published(edition, body="Quagga", commenter=rita, address_prefix="198.51.100.0/24", created_at=old)
    Comment.objects.filter(pk=comment.pk).update(picked_at=old, reason="abuse")
    ModerationAction.objects.create(
        comment=comment, decision="policy", rule="links", automated=True, from_state="pending", to_state="pending",
        text_version=1, state_version=1, at=old,
    )  # fmt: skip
    report(comment)
    make_comment(make_live(), body="Okapi")
    return edition, comment


@pytest.mark.parametrize(
    "asked",
    [
        {"state": "published"}, {"article": "{article}"}, {"section": "{section}"}, {"rule": "links"},
        {"reason": "abuse"}, {"reported": "on"}, {"network": "198.51.100.77"}, {"commenter": "{commenter}"},
        {"until": "2026-02-02"},
        {"since": "2026-02-02", "until": "2026-02-02"}, {"picked": "on"},
    ],
)  # fmt: skip
def test_comments_are_narrowed_by(asked: dict[str, str], one_and_another: Any, erik: User) -> None:
    edition, comment = one_and_another
    keys = {"article": edition.article_id, "section": edition.article.section_id, "commenter": comment.commenter_id}
    page = listed(client_of(erik), **{name: value.format(**keys) for name, value in asked.items()})
    assert "Quagga" in page
    assert "Okapi" not in page


def test_appealed_ones_can_be_listed(erik: User) -> None:
    appeal(make_comment(make_live(), body="Quagga"), by=erik)
    make_comment(make_live(), body="Okapi")
    for state in ("", "every"):
        page = listed(client_of(erik), appealed="on", state=state)
        assert "Quagga" in page and "Okapi" not in page


def test_a_filter_that_makes_no_sense_is_said_and_left_out(erik: User) -> None:
    make_comment(make_live(), body="Quagga")
    page = listed(client_of(erik), network="nowhere")
    assert "This is no network address." in page
    assert "Quagga" in page
    for name in ("article", "commenter", "section", "since", "state"):
        assert client_of(erik).get(LIST, {name: "x'--"}).status_code == 200


@pytest.mark.parametrize("asked", [{"since": "0001-01-01"}, {"until": "9999-12-31"}])
def test_the_first_and_the_last_day_that_there_is_narrow_nothing(asked: dict[str, str], erik: User) -> None:
    make_comment(make_live(), body="Well said.")
    assert "Well said." in listed(client_of(erik), **asked)


def test_what_was_chosen_stays_chosen_on_the_next_page(erik: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("comments.admin.queue.page.__defaults__", (None, "", 1))
    edition = make_live()
    for number in range(3):
        make_published(edition, body=f"body-{number}.")
    first = client_of(erik).get(LIST, {"state": "published", "article": edition.article_id})
    assert f"article={edition.article_id}" in first.context["more"]
    assert "state=published" in first.context["more"]
