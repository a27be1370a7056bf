"""A reader posts a comment, without JavaScript, cookie or token."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.db import IntegrityError
from django.http import HttpResponse
from django.test import Client

from articles import publishing
from articles.factories import make_article, make_author, make_live
from articles.models import Address, Edition
from comments import posting
from comments.factories import make_comment, make_published
from comments.models import MAX_DEPTH, Comment
from comments.spam import traps
from comments.states import State
from newsroom.lib import clock
from newsroom.models import User

pytestmark = pytest.mark.django_db

SAID = {"name": "Rita Reader", "body": "Well said."}


# One for all: a new one starts the whole site again.
reader = Client()


def post(edition: Edition, headers: Any = None, address: str = "127.0.0.1", **said: Any) -> HttpResponse:
    return reader.post(f"{edition.path}comments/", {**SAID, **said}, headers=headers, REMOTE_ADDR=address)


def test_a_comment_is_kept_and_waits() -> None:
    edition = make_live()
    token = traps.page_token(edition.article_id)
    response = post(edition, body="Well said.\r\n\r\nMore at https://example.org.", shown=token)
    assert response.status_code == 303
    comment = Comment.objects.get()
    assert (comment.display_name, comment.body) == ("Rita Reader", "Well said.\n\nMore at https://example.org.")
    assert (comment.state, comment.number, comment.depth) == (State.PENDING, None, 0)
    assert (comment.article_id, comment.root_id, comment.parent) == (edition.article_id, comment.pk, None)
    assert comment.body_html.startswith('<p dir="auto">Well said.</p>')
    assert comment.address_prefix == "127.0.0.0/24"
    assert len(comment.public_id) == 12


def test_the_reader_is_told_that_it_waits_and_gets_no_cookie() -> None:
    edition = make_live(headline="Rain ahead")
    response = post(edition)
    thanks = reader.get(response["Location"])
    assert response["Location"].startswith("/comments/status/")
    assert thanks.status_code == 200
    assert "Your comment waits for a moderator." in thanks.content.decode()
    assert f'href="{edition.path}"' in thanks.content.decode()
    assert not reader.cookies


def test_an_article_in_another_language_keeps_its_prefix() -> None:
    edition = make_live(language="de", slug="grüße")
    assert edition.path.startswith("/de/")
    response = post(edition)
    assert response.status_code == 303
    assert reader.get(response["Location"]).status_code == 200
    assert Comment.objects.get().article_id == edition.article_id


@pytest.mark.parametrize(
    "typed, sentence",
    [
        ({"name": ""}, "Please enter a name"),
        ({"name": "\u200b"}, "Please enter a name"),
        ({"name": "x" * 61}, "Please make it one character shorter."),
        ({"body": ""}, "Please write a comment"),
        ({"body": "\u202e\u2066 \n"}, "Please write a comment"),
        ({"body": "x" * 5003}, "5003 characters and may have 5000. Please make it 3 characters shorter."),
        ({"body": "x" * 200_000}, "200000 characters and may have 5000."),
        ({"website": "https://casino.example"}, "This field catches programs"),
    ],
)
def test_a_mistake_is_explained_and_nothing_typed_is_lost(typed: dict[str, str], sentence: str) -> None:
    response = post(make_live(), **typed)
    page = response.content.decode()
    assert response.status_code == 422
    assert sentence in page
    assert all(value.strip("\u200b\u202e\u2066 \n") in page for value in {**SAID, **typed}.values())
    assert "no-store" in response["Cache-Control"]
    assert not Comment.objects.exists()


def test_a_megabyte_is_refused_by_a_sentence() -> None:
    response = post(make_live(), body="x" * 1_000_000)
    assert response.status_code == 413
    assert "Go back to find it, shorten it" in response.content.decode()
    assert not Comment.objects.exists()


def test_ten_thousand_newlines_a_nul_and_surrogates_do_no_harm() -> None:
    edition = make_live()
    assert post(edition, body="a" + "\n" * 10_000 + "b\0").status_code == 303
    assert Comment.objects.get().body == "a\n\nb"
    response = reader.generic(
        "POST",
        f"{edition.path}comments/",
        b"name=Rita&body=%ED%A0%80%00x&answers=%00",
        content_type="application/x-www-form-urlencoded",
    )
    assert response.status_code in (303, 422)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("z" + "\u0301" * 5_000 + "algo", "ź" + "\u0301" * 3 + "algo"),
        ("\u202eevil\u202c txt", "evil txt"),
        ("\u2066isolated\u2069 \u2067twice\u2069", "isolated twice"),
        ("ca\u200b\u200b\u200b\u200bsino", "ca\u200bsino"),
        ("a\x00b\x1b[2Jc", "ab[2Jc"),
        ("one\r\n\r\n\r\n\r\ntwo\u2028three", "one\n\ntwo\nthree"),
    ],
)
def test_what_disturbs_its_neighbours_is_taken_out_on_the_way_in(typed: str, kept: str) -> None:
    assert post(make_live(), body=typed).status_code == 303
    assert Comment.objects.get().body == kept


# What the page's script is told --------------------------------------------------------------

JSON = {"Accept": "application/json"}


def test_the_script_is_told_where_the_reader_finds_the_state() -> None:
    told = post(make_live(), headers=JSON).json()
    assert "waits for a moderator" in told["message"]
    assert reader.get(told["address"]).status_code == 200


def test_the_script_is_told_of_mistakes_field_by_field() -> None:
    response = post(make_live(), headers=JSON, name="", body="x" * 5001)
    assert response.status_code == 422
    assert response.json()["errors"].keys() == {"name", "body"}
    assert "one character shorter" in response.json()["errors"]["body"]
    assert response.json()["message"] == ""


def test_the_script_is_told_that_what_is_answered_is_gone() -> None:
    edition = make_live()
    parent = make_comment(edition, state=State.REJECTED)
    response = post(edition, headers=JSON, answers=parent.public_id)
    assert (response.status_code, response.json()["answers"]) == (422, "")
    assert "have it stand by itself" in response.json()["message"]


def test_the_script_is_told_that_the_article_has_closed_or_that_all_is_too_much(charlie: User) -> None:
    edition = make_live()
    assert "too long to be received" in post(edition, headers=JSON, body="x" * 1_000_000).json()["message"]
    publishing.withdraw(edition.article, by=charlie, notice="Withdrawn.", reason="error")
    response = post(edition, headers=JSON)
    assert response.status_code == 410
    assert "No comments can be written on it any more." in response.json()["message"]


@pytest.mark.parametrize(
    "headers", [{"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}, {"Origin": "https://evil.example"}]
)
def test_another_websites_form_is_refused(headers: dict[str, str]) -> None:
    assert post(make_live(), headers=headers).status_code == 403
    assert not Comment.objects.exists()


def test_a_double_click_posts_once() -> None:
    edition = make_live()
    first, second = post(edition), post(edition)
    assert first.status_code == second.status_code == 303
    assert Comment.objects.count() == 1


def test_two_requests_at_the_same_instant_post_once(monkeypatch: pytest.MonkeyPatch) -> None:
    edition = make_live()
    first = posting.post(edition, **SAID)
    answers = iter([None, first])
    monkeypatch.setattr(posting, "_earlier", lambda keys: next(answers))
    assert posting.post(edition, **SAID) == first


def test_the_same_words_some_time_later_or_elsewhere_are_another_comment() -> None:
    edition = make_live()
    with time_machine.travel(datetime.now(UTC), tick=False) as moment:
        post(edition)
        post(make_live())
        post(edition, name="Somebody Else")
        moment.shift(timedelta(seconds=2 * posting.SAME_FOR))
        post(edition)
    assert Comment.objects.count() == 4


def test_with_a_key_from_the_page_the_same_text_twice_is_two_comments_only_from_two_forms() -> None:
    edition = make_live()
    for key in ("one", "one", "two"):
        post(edition, key=key)
    assert Comment.objects.count() == 2


def test_too_many_from_one_network_are_asked_to_wait_and_others_are_not() -> None:
    edition, limit = make_live(), posting.RATES[0][0]
    for number in range(limit):
        assert post(edition, body=f"Comment {number}").status_code == 303
    neighbour = post(edition, address="127.0.0.99")
    assert neighbour.status_code == 429
    assert "Your text is still here" in neighbour.content.decode()
    assert SAID["body"] in neighbour.content.decode()
    forged = post(edition, headers={"X-Forwarded-For": "198.51.100.7"}, body="forged")
    assert forged.status_code == 429
    assert post(edition, address="198.51.100.7").status_code == 303
    assert Comment.objects.count() == limit + 1


def test_a_reader_who_rotates_ipv6_addresses_is_one_network() -> None:
    edition, limit = make_live(), posting.RATES[0][0]
    answers = [post(edition, address=f"2001:db8:1:{number:x}::1", body=f"{number}") for number in range(limit + 1)]
    assert [answer.status_code for answer in answers] == [303] * limit + [429]


def test_a_staff_name_is_flagged_for_the_moderators_and_still_waits() -> None:
    edition = make_live(authors=[make_author("Ada Writer")])
    post(edition, name="Ada Writer")
    comment = Comment.objects.get()
    assert comment.state == State.HELD
    assert comment.score == sum(sign["weight"] for sign in comment.signals)
    assert (comment.signals[0]["name"], comment.signals[0]["weight"]) == ("staff_name", 40)


# Replies ----------------------------------------------------------------------------------


def test_a_reply_stands_in_its_thread() -> None:
    edition = make_live()
    first = make_published(edition)
    assert post(edition, answers=first.public_id).status_code == 303
    reply = Comment.objects.get(state=State.PENDING)
    assert (reply.parent, reply.root_id, reply.depth) == (first, first.pk, 1)


def test_the_page_of_a_reply_shows_what_is_answered() -> None:
    edition = make_live()
    first = make_published(edition, body="The first word.")
    page = reader.get(f"{edition.path}comments/", {"answers": first.public_id}).content.decode()
    assert "The first word." in page
    assert f'name="answers" value="{first.public_id}"' in page


def test_threads_go_on_at_the_deepest_level() -> None:
    edition = make_live()
    parent = make_published(edition)
    for _ in range(30):
        parent = make_published(edition, parent=parent)
    assert post(edition, answers=parent.public_id).status_code == 303
    assert Comment.objects.get(state=State.PENDING).depth == MAX_DEPTH


@pytest.mark.parametrize("state", [state for state in State.values if state != State.PUBLISHED])
def test_an_answer_to_what_is_not_shown_is_offered_as_a_comment_of_its_own(state: str) -> None:
    edition = make_live()
    parent = make_comment(edition, state=state, body="Secret words")
    response = post(edition, answers=parent.public_id)
    page = response.content.decode()
    assert response.status_code == 422
    assert "have it stand by itself" in page
    assert SAID["body"] in page
    assert "Secret words" not in page
    assert parent.public_id not in page
    assert Comment.objects.count() == 1


def test_an_answer_to_a_comment_on_another_article_is_refused() -> None:
    elsewhere = make_published(make_live())
    assert post(make_live(), answers=elsewhere.public_id).status_code == 422


@pytest.mark.parametrize("unknown", ["nonsense", "' OR 1=1", "\0", "x" * 10_000])
def test_an_answer_to_nothing_is_refused(unknown: str) -> None:
    assert post(make_live(), answers=unknown).status_code == 422


# Articles that take no comments -------------------------------------------------------------


def test_an_unpublished_article_is_unknown() -> None:
    make_article()
    response = reader.post("/2026/03/01/headline-1/comments/", SAID)
    assert response.status_code == 404
    assert not Comment.objects.exists()


def test_a_withdrawn_article_takes_no_comment_but_gives_the_text_back(charlie: User) -> None:
    edition = make_live()
    publishing.withdraw(edition.article, by=charlie, notice="Withdrawn.", reason="error")
    response = post(edition, body="My words <b>")
    assert response.status_code == 410
    assert "My words &lt;b&gt;" in response.content.decode()
    assert not Comment.objects.exists()
    assert reader.get(f"{edition.path}comments/").status_code == 410


def test_an_article_that_closes_between_form_and_database_takes_no_comment(charlie: User) -> None:
    edition = make_live()
    publishing.withdraw(edition.article, by=charlie, notice="Withdrawn.", reason="error")
    with pytest.raises(posting.Closed):
        posting.post(edition, **SAID)
    assert not Comment.objects.exists()


def test_a_comment_sent_to_an_old_address_reaches_the_article() -> None:
    edition = make_live()
    Address.objects.create(path="/2020/01/01/old/", article=edition.article, made_at=clock.now())
    response = reader.post("/2020/01/01/old/comments/", SAID)
    assert response.status_code == 303
    assert Comment.objects.get().article_id == edition.article_id


def test_other_methods_change_nothing() -> None:
    edition = make_live()
    assert reader.get(f"{edition.path}comments/", SAID).status_code == 302
    for method in ("put", "delete", "patch"):
        assert getattr(reader, method)(f"{edition.path}comments/").status_code == 405
    assert not Comment.objects.exists()


def test_a_database_error_that_is_no_double_click_is_not_swallowed(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*args: Any, **kwargs: Any) -> Comment:
        raise IntegrityError("something else")

    monkeypatch.setattr(posting, "_keep", broken)
    with pytest.raises(IntegrityError):
        posting.post(make_live(), **SAID)
