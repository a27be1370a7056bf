"""The page that tells a reader what became of their comment, and lets them mend it for five minutes."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client

from articles import publishing
from articles.factories import make_live
from comments import moderation
from comments.factories import make_comment, make_published
from comments.models import Comment
from comments.readers import status
from comments.states import State
from comments.tests.markup import Elements, assert_harmless
from comments.tests.readers import RITA, link, make_commenter
from newsroom.lib import tokens
from newsroom.models import User

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
SAID = {"name": "Rita Reader", "body": "Well said."}

# One for all: a new one starts the whole site again.
reader = Client()


@pytest.fixture(autouse=True)
def clock() -> Iterator[Any]:
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


def page(comment: Comment) -> str:
    response = reader.get(status.address(comment))
    assert response.status_code == 200
    assert "no-store" in response["Cache-Control"]
    return response.content.decode()


def edit(comment: Comment, **changed: Any) -> Any:
    form = {**SAID, "versions": "{}.{}".format(*comment.versions)} | changed
    return reader.post(status.address(comment), form)


def test_who_posts_is_led_to_the_state_and_the_text() -> None:
    edition = make_live(headline="Rain ahead")
    response = reader.post(f"{edition.path}comments/", SAID)
    told = reader.get(response["Location"]).content.decode()
    assert "Your comment waits for a moderator." in told
    assert "Well said." in told
    assert f'href="{edition.path}"' in told
    assert not reader.cookies


def test_a_rejected_one_tells_rule_and_notice_and_neither_names_nor_notes(erik: User) -> None:
    comment = make_comment(make_live(), body="Quagga")
    moderation.decide(
        comment, "reject", by=erik, reason="abuse", note="secret", notice="Please be kind.", expected=comment.versions
    )
    told = page(comment)
    for words in ("Your comment was rejected.", "abuse or hatred", "Please be kind.", "by a moderator", "Quagga"):
        assert words in told
    assert "secret" not in told and "rik" not in told
    assert "Change it" not in told


@pytest.mark.parametrize(
    ("state", "sentence"),
    [
        (State.PENDING, "waits for a moderator"),
        (State.HELD, "waits for a moderator"),
        (State.PUBLISHED, "is shown under the article"),
        (State.SPAM, "was taken for spam"),
        (State.WITHDRAWN, "You have taken your comment away."),
        (State.ERASED, "Your comment was erased."),
    ],
)
def test_every_state_is_told_as_it_is(state: State, sentence: str) -> None:
    assert sentence in page(make_comment(make_live(), state=state))


def test_an_erased_text_is_not_shown() -> None:
    assert "Quagga" not in page(make_comment(make_live(), state=State.ERASED, body="Quagga"))


def test_a_published_one_leads_to_its_place() -> None:
    comment = make_published(make_live())
    assert f'href="/comments/{comment.public_id}/"' in page(comment)


@pytest.mark.parametrize("token", ["x", "x" * 10_000, "of another purpose", "é"])
def test_a_link_that_was_not_given_out_leads_nowhere(token: str) -> None:
    if token == "of another purpose":
        token = tokens.make("another-purpose", "abc")
    assert reader.get(f"/comments/status/{token}/").status_code == 404
    assert reader.post(f"/comments/status/{token}/", SAID).status_code == 404


def test_the_link_is_good_for_a_time(clock: Any) -> None:
    address = status.address(make_comment(make_live()))
    clock.shift(status.GOOD_FOR + timedelta(seconds=1))
    response = reader.get(address)
    assert response.status_code == 404
    # Whoever has confirmed an address gets a new one on the page that this leads to.
    assert 'href="/comments/mine/"' in response.content.decode()


def test_who_has_confirmed_an_address_gets_a_new_link_when_the_old_one_is_dead(
    clock: Any, django_capture_on_commit_callbacks: Any
) -> None:
    comment = make_comment(make_live(), commenter=make_commenter())
    clock.shift(status.GOOD_FOR + timedelta(days=300))
    with django_capture_on_commit_callbacks(execute=True):
        reader.post("/comments/mine/", {"email": RITA})
    listed = reader.get(link("mine")).content.decode()
    found = re.search(r'href="(/comments/status/[^"]+)"', listed)
    assert found and comment.body in reader.get(found[1]).content.decode()


def test_nothing_that_others_see_holds_the_link() -> None:
    edition = make_live()
    comment = make_published(edition)
    for path in (edition.path, f"{edition.path}comments/", f"{edition.path}comments/?answers={comment.public_id}"):
        assert "/comments/status/" not in reader.get(path).content.decode()


def test_the_page_is_for_no_search_engine_and_harmless(clock: Any) -> None:
    told = page(make_comment(make_live(), body='<script>alert(1)</script>" onload="', display_name="<b>"))
    assert '<meta name="robots" content="noindex">' in told
    own = told.partition("<main")[2].partition("</main>")[0]
    assert "&lt;script&gt;" in own and "&lt;b&gt;" in own
    assert_harmless(own)


# Changing ------------------------------------------------------------------------------------


def test_the_text_is_changed_on_the_page_and_waits() -> None:
    comment = make_comment(make_live())
    assert ("form", status.address(comment)) in [(tag, of.get("action")) for tag, of in Elements(page(comment)).found]
    response = edit(comment, body="Better said.")
    assert (response.status_code, response["Location"]) == (303, status.address(comment))
    comment.refresh_from_db()
    assert (comment.body, comment.text_version, comment.state) == ("Better said.", 2, State.PENDING)


def test_a_second_click_changes_nothing_more() -> None:
    comment = make_comment(make_live())
    assert [edit(comment, body="Better.").status_code for _ in range(2)] == [303, 303]
    comment.refresh_from_db()
    assert comment.text_version == 2


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"name": ""}, "Please enter a name"),
        ({"body": "\u200b"}, "Please write a comment"),
        ({"body": "x" * 5001}, "one character shorter"),
        ({"website": "https://casino.example"}, "This field catches programs"),
    ],
)
def test_a_mistake_is_explained_and_the_comment_stays(typed: dict[str, str], sentence: str) -> None:
    comment = make_comment(make_live(), body="As it was.")
    response = edit(comment, **typed)
    assert response.status_code == 422
    assert sentence in response.content.decode()
    assert Comment.objects.get().body == "As it was."


def test_after_five_minutes_the_typed_text_is_given_back(clock: Any) -> None:
    comment = make_comment(make_live(), body="As it was.")
    clock.shift(timedelta(minutes=5))
    assert "Change it" not in page(comment)
    response = edit(comment, body="Too late.")
    assert response.status_code == 409
    assert "The time to change this comment is over" in response.content.decode()
    assert "Too late." in response.content.decode()
    assert Comment.objects.get().body == "As it was."


def test_whoever_changed_it_in_another_window_is_asked_to_look_and_can_send_again() -> None:
    comment = make_comment(make_live())
    before = "{}.{}".format(*comment.versions)
    edit(comment, body="From one window.")
    response = edit(comment, body="From the other.", versions=before)
    assert response.status_code == 409
    told = response.content.decode()
    assert "has changed since you opened this page" in told and "From the other." in told
    comment.refresh_from_db()
    assert comment.body == "From one window."
    assert 'name="versions" value="{}.{}"'.format(*comment.versions) in told


@pytest.mark.parametrize("versions", ["", "1", "x.y", "1.1.1", "9" * 30, "-1.1", "١.١"])
def test_versions_that_were_made_up_change_nothing(versions: str) -> None:
    comment = make_comment(make_live(), body="As it was.")
    assert edit(comment, versions=versions).status_code in (409, 422)
    assert Comment.objects.get().body == "As it was."


def test_a_closed_article_takes_no_change_and_gives_the_text_back(charlie: User) -> None:
    edition = make_live()
    comment = make_comment(edition)
    publishing.withdraw(edition.article, by=charlie, notice="Withdrawn.", reason="error")
    assert "Change it" not in page(comment)
    response = edit(comment, body="My words.")
    assert response.status_code == 410
    assert "My words." in response.content.decode()


def test_changing_counts_as_writing_against_a_flood(monkeypatch: pytest.MonkeyPatch) -> None:
    comment = make_comment(make_live())
    codes = []
    for number in range(12):
        comment.refresh_from_db()
        codes.append(edit(comment, body=f"Take {number}").status_code)
    assert codes[-1] == 429


def test_another_website_cannot_change_it() -> None:
    comment = make_comment(make_live(), body="As it was.")
    form = {**SAID, "versions": "1.1"}
    response = reader.post(status.address(comment), form, headers={"Sec-Fetch-Site": "cross-site"})
    assert response.status_code == 403
    assert Comment.objects.get().body == "As it was."


def test_a_megabyte_is_refused_by_a_sentence() -> None:
    comment = make_comment(make_live(), body="As it was.")
    response = edit(comment, body="x" * 1_000_000)
    assert response.status_code == 413
    assert "too long to be received" in response.content.decode()


def test_a_neighbour_who_copies_a_published_comment_does_not_get_the_link_to_change_it() -> None:
    edition = make_live()
    reader.post(f"{edition.path}comments/", SAID)
    comment = Comment.objects.get()
    again = reader.post(f"{edition.path}comments/", SAID)
    assert again["Location"].startswith("/comments/status/")
    Comment.objects.update(state=State.PUBLISHED, number=1, published_at=NOON, created_at=NOON - timedelta(seconds=9))
    copied = reader.post(f"{edition.path}comments/", SAID)
    assert copied["Location"] == f"{edition.path}#comment-{comment.public_id}"
