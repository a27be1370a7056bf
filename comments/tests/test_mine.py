"""All that a reader has written, on a page behind a mailed link: states, mails, taking along, erasing."""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from articles.factories import make_article, make_live
from comments.factories import make_comment, make_published
from comments.mails import links
from comments.models import Comment, Commenter
from comments.readers import identity, mine_page, status
from comments.states import State
from comments.tests.markup import assert_harmless
from comments.tests.readers import RITA, link, make_commenter
from newsroom.lib import tokens

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
reader = Client()


@pytest.fixture(autouse=True)
def clock() -> Iterator[Any]:
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


@pytest.fixture
def rita() -> Commenter:
    return make_commenter()


@pytest.fixture
def post(django_capture_on_commit_callbacks: Any) -> Callable[..., Any]:
    def act(path: str, **form: str) -> Any:
        with django_capture_on_commit_callbacks(execute=True):
            return reader.post(path, form)

    return act


def address(commenter: Commenter) -> str:
    return f"/comments/mine/{links.mine_token(commenter)}/"


def test_the_link_is_mailed_to_who_has_comments_and_the_answer_is_the_same_for_everybody(
    rita: Commenter, post: Any
) -> None:
    answers = [post("/comments/mine/", email=email).content for email in ("Rita@Example.org", "nobody@example.org")]
    assert answers[0] == answers[1]
    (message,) = mail.outbox
    assert message.to == [RITA]
    page = reader.get(link("mine"))
    assert page.status_code == 200 and "no-store" in page["Cache-Control"] and not page.cookies


def test_an_address_that_was_only_typed_gets_no_link(post: Any) -> None:
    make_commenter(verified_at=None)
    post("/comments/mine/", email=RITA)
    assert mail.outbox == []


def test_a_mailbox_and_a_network_ask_only_so_often(rita: Commenter, post: Any) -> None:
    codes = [post("/comments/mine/", email=RITA).status_code for _ in range(21)]
    assert (codes[0], codes[-1], len(mail.outbox)) == (200, 429, 5)


@pytest.mark.parametrize("email", ["", "nobody", "a@b\r\nBcc: c@example.org"])
def test_what_is_no_address_is_said(post: Any, email: str) -> None:
    assert post("/comments/mine/", email=email).status_code == 422


def test_the_page_lists_own_comments_with_their_states_and_pages_and_nobody_elses(rita: Commenter) -> None:
    edition = make_live(headline="Rain ahead")
    mine = [make_comment(edition, commenter=rita, state=state) for state in State]
    make_published(edition, body="Quagga", commenter=make_commenter("otto@example.org"))
    make_published(edition, body="Zebra", display_name="Rita")
    page = reader.get(address(rita)).content.decode()
    for label in mine_page.LABELS.values():
        assert str(label) in page
    for comment in mine:
        assert status.address(comment) in page
    assert "Rain ahead" in page
    assert "Quagga" not in page and "Zebra" not in page


def test_a_draft_is_not_told_of(rita: Commenter) -> None:
    make_comment(make_article(headline="Secret plan"), commenter=rita)
    assert "Secret plan" not in reader.get(address(rita)).content.decode()


def test_many_comments_come_page_by_page_at_the_same_cost(rita: Commenter) -> None:
    edition = make_live()
    reader.get(address(rita))
    costs = []
    for count in (1, 100):
        for _ in range(count):
            make_published(edition, commenter=rita)
        with CaptureQueriesContext(connection) as queries:
            page = reader.get(address(rita)).content.decode()
        costs.append(len(queries))
    assert costs[0] == costs[1]
    assert page.count("/comments/status/") == mine_page.SHOWN
    older = page.partition('rel="next" href="')[2].partition('"')[0]
    assert reader.get(address(rita) + older).content.decode().count("/comments/status/") == mine_page.SHOWN


@pytest.mark.parametrize("before", ["x", "-1", "9" * 40, "1' OR 1=1"])
def test_a_place_in_the_list_that_was_made_up_does_no_harm(rita: Commenter, before: str) -> None:
    assert reader.get(address(rita), {"before": before}).status_code == 200


def dead(kind: str, rita: Commenter, clock: Any) -> str:
    token = links.mine_token(rita)
    if kind == "old":
        clock.shift(links.MINE_FOR + timedelta(seconds=1))
    if kind == "signed out":
        Commenter.objects.update(token_version=2)
    made = {
        "identity": identity.make(rita),
        "erasing": tokens.make(links.ERASE, [rita.pk, 1]),
        "of nobody": tokens.make(links.MINE, [rita.pk + 1, 1]),
        "nonsense": "x" * 2000,
    }
    return made.get(kind, token)


@pytest.mark.parametrize("kind", ["old", "signed out", "identity", "erasing", "of nobody", "nonsense"])
def test_a_link_that_is_dead_or_for_something_else_opens_nothing(rita: Commenter, kind: str, clock: Any) -> None:
    token = dead(kind, rita, clock)
    for path in (f"/comments/mine/{token}/", f"/comments/mine/{token}/export/"):
        assert reader.get(path).status_code == 404
    assert reader.post(f"/comments/mine/{token}/", {"do": "erase"}).status_code == 404
    assert mail.outbox == []


def test_a_link_that_shows_comments_does_not_erase_them(rita: Commenter) -> None:
    assert reader.post(f"/comments/erase/{links.mine_token(rita)}/").status_code == 404
    assert Commenter.objects.get().email == RITA


def test_mails_are_turned_on_and_off_by_kind(rita: Commenter, post: Any) -> None:
    assert post(address(rita), do="mails", replies="on").status_code == 303
    rita.refresh_from_db()
    assert (rita.wants_outcome, rita.wants_replies) == (False, True)
    page = reader.get(address(rita)).content.decode()
    assert 'name="replies" id="comment-mails-replies" checked' in page
    assert 'name="outcome" id="comment-mails-outcome">' in page


def test_signing_out_ends_all_browsers_and_links_and_no_comment(rita: Commenter, post: Any) -> None:
    comment, token = make_published(make_live(), commenter=rita), identity.make(rita)
    path = address(rita)
    assert post(path, do="sign-out").status_code == 200
    assert identity.read(token) is None
    assert reader.get(path).status_code == 404
    comment.refresh_from_db()
    assert comment.commenter == rita


def test_everything_is_handed_over_as_a_file(rita: Commenter) -> None:
    make_published(make_live(), commenter=rita, body="Quagga ü")
    make_published(make_live(), body="Zebra")
    answer = reader.get(f"{address(rita)}export/")
    assert answer["Content-Disposition"] == 'attachment; filename="comments.json"'
    assert "no-store" in answer["Cache-Control"]
    data = json.loads(answer.content)
    assert [row["text"] for row in data["comments"]] == ["Quagga ü"]
    assert data["commenters"][0]["email"] == RITA


def test_erasing_takes_a_fresh_link_and_a_button(rita: Commenter, post: Any, clock: Any) -> None:
    edition = make_live()
    comment = make_published(edition, commenter=rita, body="Quagga")
    make_published(edition, parent=comment)
    post(address(rita), do="erase")
    path = link("erase")
    assert reader.get(path).status_code == 200
    assert Comment.objects.get(pk=comment.pk).body == "Quagga"
    assert post(path).status_code == 200
    comment.refresh_from_db()
    assert (comment.state, comment.body, comment.commenter) == (State.ERASED, "", None)
    assert not Commenter.objects.filter(email=RITA).exists()
    assert "Quagga" not in reader.get(edition.path).content.decode()
    assert [reader.get(path).status_code, reader.get(address(rita)).status_code] == [404, 404]


def test_the_link_that_erases_is_good_for_an_hour(rita: Commenter, post: Any, clock: Any) -> None:
    post(address(rita), do="erase")
    clock.shift(timedelta(minutes=61))
    assert post(link("erase")).status_code == 404
    assert Commenter.objects.get().email == RITA


def test_what_was_typed_stays_text_on_the_page(rita: Commenter) -> None:
    make_published(make_live(), commenter=rita, body="<script>alert(1)</script>", display_name="<b>")
    own = reader.get(address(rita)).content.decode().partition("<main")[2].partition("</main>")[0]
    assert "&lt;script&gt;" in own
    assert_harmless(own)


def test_a_foreign_site_turns_nothing_on_or_off(rita: Commenter) -> None:
    response = reader.post(address(rita), {"do": "mails"}, headers={"Sec-Fetch-Site": "cross-site"})
    assert response.status_code == 403
    rita.refresh_from_db()
    assert rita.wants_outcome
