"""Who is at an article: said to colleagues who may read it, true at every moment, and in nobody's way."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.contrib.auth.models import Permission
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from articles.factories import edit, make_article, make_section
from articles.models import Article, Event
from articles.tests.test_admin_articles import LIST, change, form_of
from newsroom.lib import presence, slate
from newsroom.lib.presence import Window
from newsroom.models import User
from newsroom.testing import client_of, make_user

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 11, 22, 12, 3, tzinfo=UTC)


@pytest.fixture(autouse=True)
def clock() -> Iterator[Any]:
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


def address(article: Article) -> str:
    return reverse("admin:articles_article_presence", args=[article.pk])


def beat(client: Client, article: Article, *said: str, window: str = "window-one", **more: Any) -> Any:
    data = {"window": window, "loaded": 1, "based_on": article.revision_id or "", **dict.fromkeys(said, ""), **more}
    return client.post(address(article), data)


def told(client: Client, article: Article, *said: str, **more: Any) -> str:
    """What a window's beat is answered, as the words that a person sees."""
    response = beat(client, article, *said, **more)
    assert response.status_code == 200
    return str(response.json()["html"].replace("<bdi>", "").replace("</bdi>", ""))


def lock_of(article: Article) -> str:
    lock = presence.present(f"article {article.pk}").lock
    assert lock is not None
    return lock.key


# Who is here -------------------------------------------------------------------------------


def test_colleagues_see_one_another_with_the_time_and_the_zone(alice: User, bob: User, clock: Any) -> None:
    article = make_article(by=alice)
    assert "Nobody else is here." in told(client_of(alice), article)
    clock.shift(timedelta(seconds=20))
    User.objects.filter(pk=bob.pk).update(time_zone="Europe/Berlin")
    assert "Alice is here since 13:03 CET" in told(client_of(bob), article)
    assert "Bob is here since 12:03 UTC" in told(client_of(alice), article)


def test_whoever_types_first_is_named_and_blocks_nobody(alice: User, bob: User) -> None:
    article = make_article(by=alice)
    assert "Colleagues see that you are typing here since 12:03 UTC." in told(client_of(alice), article, "typing")
    page = told(client_of(bob), article)
    assert "Alice is typing here since 12:03 UTC." in page
    assert 'name="take"' in page
    typed = form_of(article, headline="Saved by Bob meanwhile")
    assert client_of(bob).post(change(article), typed).status_code == 302
    article.refresh_from_db()
    assert article.headline == "Saved by Bob meanwhile"


def test_whoever_types_beside_a_colleague_is_told_where_it_cannot_be_missed(alice: User, bob: User) -> None:
    article = make_article(by=alice)
    beat(client_of(alice), article, "typing")
    assert "presence-notice" not in told(client_of(bob), article).replace("presence-notices", "")
    page = told(client_of(bob), article, "typing")
    assert "You can save all the same: where both texts were changed, you are shown both." in page


def test_the_form_shows_at_once_who_is_there_without_any_script(alice: User, bob: User) -> None:
    article = make_article(by=alice)
    beat(client_of(alice), article, "typing")
    page = client_of(bob).get(change(article)).content.decode()
    assert "<bdi>Alice</bdi> is typing here since 12:03 UTC." in page
    assert 'name="take"' not in page
    assert f'data-address="{address(article)}"' in page


def test_a_page_loaded_anew_does_not_take_the_one_before_for_another_window(alice: User) -> None:
    article, client = make_article(by=alice), client_of(alice)
    beat(client, article, "typing")
    page = client.get(change(article)).content.decode()
    assert "You have this open" not in page
    assert "Nobody else is here." in page


def test_ones_own_second_window_is_named_as_ones_own(alice: User) -> None:
    article, client = make_article(by=alice), client_of(alice)
    beat(client, article)
    page = told(client, article, window="window-two")
    assert "You have this open in another window too, since 12:03 UTC." in page
    beat(client, article, "typing")
    page = told(client, article, window="window-two")
    assert "You have this open in another window, typing since 12:03 UTC." in page
    assert "Alice" not in page
    assert "Nobody else is here." in page


def test_a_window_that_is_closed_or_silent_is_shown_no_longer(alice: User, bob: User, clock: Any) -> None:
    article = make_article(by=alice)
    for said in ({"leave": ""}, {}):
        beat(client_of(bob), article, "typing")
        beat(client_of(bob), article, **said)
        clock.shift(timedelta(seconds=presence.SEAT if not said else presence.SEAT_LEFT))
        assert "Bob" not in told(client_of(alice), article)


def test_a_name_is_no_markup(alice: User) -> None:
    eve = make_user("eve", "section editor")
    User.objects.filter(pk=eve.pk).update(first_name="<script>alert(1)</script>")
    article = make_article(by=alice)
    beat(client_of(eve), article, "typing")
    for page in (
        beat(client_of(alice), article).json()["html"],
        client_of(alice).get(change(article)).content.decode(),
        client_of(alice).get(LIST).content.decode(),
    ):
        assert "<script>alert" not in page
        assert "&lt;script&gt;alert" in page


def test_a_crowd_is_shown_in_part(alice: User) -> None:
    article = make_article(by=alice)
    for number in range(20):
        presence.beat(f"article {article.pk}", Window(f"x{number}", f"Person {number}", "window"))
    page = told(client_of(alice), article)
    assert page.count("is here since") == 12
    assert "and 8 more" in page


# Taking over -------------------------------------------------------------------------------


def test_taking_over_is_logged_and_told_to_the_other(alice: User, bob: User, clock: Any) -> None:
    article = make_article(by=alice)
    beat(client_of(alice), article, "typing")
    clock.shift(timedelta(seconds=30))
    beat(client_of(alice), article, "typing")
    clock.shift(timedelta(seconds=30))
    page = told(client_of(bob), article, take=lock_of(article))
    assert "Colleagues see that you are typing here since 12:04 UTC." in page
    event = article.events.get()
    assert (event.verb, event.by, event.data) == ("take_over", bob, {"from": alice.pk})
    assert event.note == "Alice was typing since 12:03 UTC."
    page = told(client_of(alice), article)
    assert "Bob took over at 12:04 UTC. What you typed is kept; save it as usual." in page
    assert "Bob is typing here since 12:04 UTC." in page
    assert "Taken over while typing" in client_of(alice).get(change(article)).content.decode()


def test_the_one_taken_over_is_told_until_she_says_that_she_understood(alice: User, bob: User) -> None:
    article, client = make_article(by=alice), client_of(alice)
    beat(client, article, "typing")
    beat(client_of(bob), article, take=lock_of(article))
    page = told(client, article)
    key = page.partition('name="heard" value="')[2].partition('"')[0]
    assert "Bob took over" in told(client, article)
    assert "Bob took over" not in told(client, article, heard=key)
    assert "Bob took over" not in told(client, article)


def test_of_two_who_take_over_the_second_is_shown_who_was_faster(alice: User, bob: User, charlie: User) -> None:
    article = make_article(by=alice)
    beat(client_of(alice), article, "typing")
    seen = lock_of(article)
    beat(client_of(charlie), article, take=seen)
    page = told(client_of(bob), article, take=seen)
    assert "Charlie is typing here since 12:03 UTC." in page
    assert Event.objects.filter(verb="take_over").count() == 1


def test_taking_over_from_ones_own_other_window_is_told_there_and_not_logged(alice: User) -> None:
    article, client = make_article(by=alice), client_of(alice)
    beat(client, article, "typing")
    beat(client, article, window="window-two", take=lock_of(article))
    assert "You took over in another window at 12:03 UTC. What you typed is kept" in told(client, article)
    assert not article.events.exists()


def test_taking_over_is_no_change_that_made_a_colleague_faster(alice: User, bob: User, clock: Any) -> None:
    article = make_article(by=alice)
    typed = form_of(article, headline="Mine")
    beat(client_of(alice), article, "typing")
    edit(article, by=bob, headline="Theirs")
    clock.shift(timedelta(seconds=1))
    beat(client_of(bob), article, take=lock_of(article))
    assert "Bob was faster and saved this article" in client_of(alice).post(change(article), typed).content.decode()


# Newer texts -------------------------------------------------------------------------------


def test_whoever_has_an_older_text_open_is_told_who_saved_a_newer_one(alice: User, bob: User, clock: Any) -> None:
    article, client = make_article(by=alice), client_of(alice)
    began = article.revision_id
    assert "newer text" not in told(client, article)
    clock.shift(timedelta(minutes=2))
    edit(article, by=bob, headline="Theirs")
    page = told(client, article, based_on=began)
    assert "Bob saved a newer text at 12:05 UTC. Load it; or go on: what you typed is kept" in page
    assert f'href="{change(article)}"' in page
    assert "You saved a newer text in another window" in told(client_of(bob), article, based_on=began)
    assert "newer text" not in told(client, article)


@pytest.mark.parametrize("odd", ["", "x", "-1", "1.5", "٣", "9" * 5000])
def test_an_odd_beginning_is_no_reason_to_stumble(alice: User, odd: str) -> None:
    beat(client_of(alice), make_article(by=alice), based_on=odd)


# Who may -----------------------------------------------------------------------------------


def test_an_outsider_is_refused(mallory: User, alice: User) -> None:
    article = make_article(by=alice)
    beat(client_of(alice), article, "typing")
    response = beat(client_of(mallory), article)
    assert response.status_code == 403
    assert b"Alice" not in response.content
    assert [seat.name for seat in presence.present(f"article {article.pk}").seats] == ["Alice"]


def test_those_of_another_desk_learn_nothing(alice: User, berta: User) -> None:
    closed = make_section("Culture")
    closed.editors.add(berta)
    article = make_article(section=closed)
    beat(client_of(berta), article, "typing")
    for said in ({}, {"typing": ""}, {"take": lock_of(article)}):
        response = beat(client_of(alice), article, **said)
        assert response.status_code == 404
        assert b"Berta" not in response.content
    assert beat(client_of(alice), article, "leave").status_code == 204
    assert [seat.name for seat in presence.present(f"article {article.pk}").seats] == ["Berta"]


def test_whoever_may_only_read_is_seen_and_neither_types_nor_takes_over(alice: User, bob: User) -> None:
    editor_without_power = make_user("rita")
    editor_without_power.user_permissions.add(Permission.objects.get(codename="view_article"))
    article, client = make_article(by=alice), client_of(editor_without_power)
    assert "typing" not in told(client, article, "typing")
    beat(client_of(alice), article, "typing")
    page = told(client, article)
    assert "Alice is typing here" in page
    assert 'name="take"' not in page
    assert beat(client, article, take=lock_of(article)).status_code == 403
    assert "Rita is here since" in told(client_of(alice), article)
    assert not article.events.exists()


def test_it_asks_for_a_token_and_a_post(alice: User) -> None:
    article = make_article(by=alice)
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(alice, backend="django.contrib.auth.backends.ModelBackend")
    assert beat(strict, article).status_code == 403
    assert client_of(alice).get(address(article)).status_code == 405
    assert presence.present(f"article {article.pk}").seats == ()


def test_signed_out_it_leads_to_the_login_and_tells_nothing(alice: User) -> None:
    article = make_article(by=alice)
    beat(client_of(alice), article, "typing")
    response = beat(Client(), article)
    assert response.status_code == 302
    assert reverse("admin:login") in response.headers["Location"]


@pytest.mark.parametrize(
    "odd", [{"window": ""}, {"window": "<b>"}, {"window": "x" * 41}, {"loaded": "-1"}, {"loaded": "1" * 400}]
)
def test_a_damaged_request_is_refused(alice: User, odd: dict[str, str]) -> None:
    article = make_article(by=alice)
    assert client_of(alice).post(address(article), {"window": "window-one", "loaded": "1"} | odd).status_code == 400


def test_an_article_that_is_none_is_not_found(alice: User) -> None:
    for key in ("0", "999999", "x", "9" * 30):
        response = client_of(alice).post(f"{LIST}{key}/presence/", {"window": "window-one", "loaded": "1"})
        assert response.status_code in (404, 400), key


# What it costs -----------------------------------------------------------------------------


def queries_of(client: Client, article: Article, *said: str, **more: Any) -> list[str]:
    with CaptureQueriesContext(connection) as queries:
        assert beat(client, article, *said, **more).status_code in (200, 204)
    return [query["sql"] for query in queries]


def test_a_beat_asks_five_small_questions_and_writes_nothing_to_the_database(alice: User, anton: User) -> None:
    article = make_article(by=alice)
    for number in range(10):
        presence.beat(f"article {article.pk}", Window(f"x{number}", f"Person {number}", "window"))
    # Session, user, permissions of the user and of the roles, the article with its revision's author.
    for said in ((), ("typing",), ("away",)):
        queries = queries_of(client_of(alice), article, *said)
        assert len(queries) <= 5, queries
        assert all(query.startswith("SELECT") for query in queries)
        assert not any('"body"' in query or '"content"' in query for query in queries)
    # Whoever is not its owner types by right of the desk, which is one more.
    assert len(queries_of(client_of(anton), article, "typing")) <= 6


def test_leaving_asks_less(alice: User) -> None:
    article = make_article(by=alice)
    assert len(queries_of(client_of(alice), article, "leave")) <= 4


def test_the_form_costs_no_query_more_for_a_crowd(alice: User) -> None:
    article, client, costs = make_article(by=alice), client_of(alice), []
    for number in (0, 20):
        for one in range(number):
            presence.beat(f"article {article.pk}", Window(f"x{one}", f"Person {one}", "window"), typing=True)
        with CaptureQueriesContext(connection) as queries:
            client.get(change(article))
        costs.append(len(queries))
    assert costs[0] == costs[1]


def test_without_a_place_to_keep_it_forms_and_lists_work_and_say_that_it_is_not_known(
    alice: User, settings: Any
) -> None:
    article, client = make_article(by=alice), client_of(alice)
    settings.PRESENCE_FILE = settings.DATA_DIR / "no folder" / "presence.sqlite3"
    assert beat(client, article).status_code == 503
    page = client.get(change(article)).content.decode()
    assert "Who else is here is not known at the moment." in page
    assert "Nobody else is here." not in page
    assert client.get(LIST).status_code == 200
    assert client.post(change(article), form_of(article, headline="Saved")).status_code == 302


# In the list -------------------------------------------------------------------------------


def test_the_list_marks_who_is_at_an_article_now(alice: User, bob: User, clock: Any) -> None:
    typed, opened, mine = make_article(by=alice), make_article(by=alice), make_article(by=alice)
    beat(client_of(alice), typed, "typing")
    beat(client_of(alice), opened)
    beat(client_of(bob), mine)
    page = client_of(bob).get(LIST).content.decode()
    assert "<bdi>Alice</bdi> is typing" in page
    assert "<bdi>Alice</bdi> has it open" in page
    assert page.count('class="at-it') == 2  # one's own form may be the one just left for this list
    clock.shift(timedelta(seconds=presence.SEAT))
    assert 'class="at-it' not in client_of(bob).get(LIST).content.decode()


def test_the_list_reads_who_is_there_once_for_all_rows(alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    reads: list[list[str]] = []
    read = slate.read

    def counted(keys: Any) -> Any:
        reads.append(list(keys))
        return read(reads[-1])

    monkeypatch.setattr(slate, "read", counted)
    costs = []
    for _ in range(2):
        for _ in range(8):
            beat(client_of(alice), make_article(by=alice), "typing")
        reads.clear()
        with CaptureQueriesContext(connection) as queries:
            client_of(alice).get(LIST)
        costs.append(len(queries))
        assert len(reads) == 1
    assert costs[0] == costs[1]
    assert len(reads[0]) == 16


@pytest.mark.django_db(transaction=True)
def test_whoever_has_saved_types_no_longer(alice: User, bob: User) -> None:
    article = make_article(by=alice)
    told(client_of(alice), article, "typing")
    client_of(alice).post(change(article), form_of(article, headline="Ready"))
    assert "typing" not in told(client_of(bob), article)
