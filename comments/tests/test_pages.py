"""Comments page by page: none twice, none passed over, in every order, at the same cost however many there are."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from articles.factories import make_live
from articles.models import Edition
from comments import moderation, pages
from comments.factories import make_comment, make_published
from comments.models import Comment
from comments.pages import Sort
from comments.states import State
from newsroom import pagecache
from newsroom.lib import clock

pytestmark = pytest.mark.django_db

# One for all: a new one starts the whole site again.
reader = Client()


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages of three discussions with two replies each, and of four comments of one discussion."""
    monkeypatch.setattr(pages, "ROOTS", 3)
    monkeypatch.setattr(pages, "REPLIES", 2)
    monkeypatch.setattr(pages, "THREAD_PAGE", 4)


def numbers(edition: Edition, sort: Sort = Sort.OLDEST) -> list[list[int | None]]:
    """The numbers of the first comments of every page."""
    found, after = [], ""
    while True:
        page = pages.of_article(edition.article_id, sort, after)
        found.append([node.comment.number for node in page.roots])
        if not (after := page.next_after):
            return found


def shown_ids(path: str) -> list[str]:
    page = reader.get(path).content.decode()
    return [part.partition('"')[0] for part in page.split('<li class="comment" id="comment-')[1:]]


def walk(path: str) -> list[str]:
    """The ids of all comments that a reader meets who follows "More" to the end."""
    found = []
    while path:
        page = reader.get(path)
        assert page.status_code == 200, path
        found += shown_ids(path)
        link = page.content.decode().partition('<a rel="next" href="')[2].partition('"')[0]
        path = link.replace("&amp;", "&").partition("#")[0]
    return found


# Orders -----------------------------------------------------------------------------------


@pytest.mark.usefixtures("small")
def test_the_oldest_and_the_newest_first_meet_every_discussion_once() -> None:
    edition = make_live()
    for _ in range(7):
        make_published(edition)
    assert numbers(edition) == [[1, 2, 3], [4, 5, 6], [7]]
    assert numbers(edition, Sort.NEWEST) == [[7, 6, 5], [4, 3, 2], [1]]


@pytest.mark.usefixtures("small")
def test_discussions_in_which_the_editors_picked_something_come_first_where_readers_ask_for_that() -> None:
    edition = make_live()
    roots = [make_published(edition) for _ in range(6)]
    make_published(edition, parent=roots[4], picked_at=clock.now())
    Comment.objects.filter(pk=roots[1].pk).update(picked_at=clock.now())
    make_comment(edition, parent=roots[0], picked_at=clock.now(), state=State.REJECTED)
    assert numbers(edition, Sort.PICKED) == [[2, 5, 1], [3, 4, 6]]


def test_the_order_is_a_choice_of_links_and_picked_one_only_where_something_is_picked() -> None:
    edition = make_live()
    make_published(edition)
    one = reader.get(edition.path).content.decode()
    assert "Newest first" not in one
    make_published(edition)
    pagecache.drop()
    two = reader.get(edition.path).content.decode()
    assert f'href="{edition.path}comments/?sort=newest#comments"' in two
    assert "Picked by the editors first" not in two
    make_published(edition, picked_at=clock.now())
    pagecache.drop()
    assert "Picked by the editors first" in reader.get(edition.path).content.decode()


@pytest.mark.usefixtures("small")
def test_a_discussion_that_is_hidden_or_new_in_between_moves_no_page() -> None:
    edition = make_live()
    roots = [make_published(edition) for _ in range(6)]
    first = pages.of_article(edition.article_id)
    Comment.objects.filter(pk__in=[roots[0].pk, roots[2].pk]).update(state=State.REJECTED)
    make_published(edition)
    second = pages.of_article(edition.article_id, after=first.next_after)
    assert [node.comment.number for node in second.roots] == [4, 5, 6]


@pytest.mark.usefixtures("small")
def test_every_page_has_whole_discussions_and_tombstones_count_for_nothing() -> None:
    edition = make_live()
    for _ in range(3):
        make_comment(edition, state=State.WITHDRAWN)
    for _ in range(4):
        make_published(edition, parent=make_published(edition))
    assert numbers(edition) == [[4, 6, 8], [10]]
    page = pages.of_article(edition.article_id)
    assert [len(node.replies) for node in page.roots] == [1, 1, 1]
    assert page.count == 8


# Long discussions ---------------------------------------------------------------------------


@pytest.mark.usefixtures("small")
def test_a_long_discussion_is_cut_and_a_link_leads_to_all_of_it() -> None:
    edition = make_live()
    root = make_published(edition)
    replies = [make_published(edition, parent=root) for _ in range(9)]
    make_published(edition)
    assert shown_ids(edition.path)[:3] == [root.public_id, replies[0].public_id, replies[1].public_id]
    page = reader.get(edition.path).content.decode()
    assert f'href="{edition.path}comments/?thread={root.public_id}#comments"' in page
    assert "11 comments" in page
    assert walk(f"{edition.path}comments/?thread={root.public_id}") == [one.public_id for one in [root, *replies]]


@pytest.mark.usefixtures("small")
def test_a_discussion_as_long_as_is_shown_is_not_cut() -> None:
    edition = make_live()
    root = make_published(edition)
    for _ in range(2):
        make_published(edition, parent=root)
    assert "All of this discussion" not in reader.get(edition.path).content.decode()


@pytest.mark.usefixtures("small")
def test_what_is_taken_away_before_anybody_approved_it_pushes_no_reply_off_the_page() -> None:
    edition = make_live()
    root = make_published(edition)
    for _ in range(6):
        waiting = make_comment(edition, parent=root)
        moderation.withdraw(waiting, expected=waiting.versions)
    replies = [make_published(edition, parent=root) for _ in range(2)]
    everything = [root.public_id, *(one.public_id for one in replies)]
    assert shown_ids(edition.path) == everything
    assert "All of this discussion" not in reader.get(edition.path).content.decode()
    assert walk(f"{edition.path}comments/?thread={root.public_id}") == everything
    assert pages.place_of(replies[-1]) == f"{edition.path}#comment-{replies[-1].public_id}"


def test_what_is_taken_away_before_anybody_approved_it_leaves_the_kept_page(
    monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any
) -> None:
    dropped: list[str] = []
    monkeypatch.setattr(pagecache, "drop_page", dropped.append)
    edition = make_live()
    waiting = make_comment(edition)
    with django_capture_on_commit_callbacks(execute=True):
        moderation.withdraw(waiting, expected=waiting.versions)
    assert dropped == []


@pytest.mark.usefixtures("small")
def test_an_answered_comment_that_was_imported_as_taken_away_holds_its_place() -> None:
    edition = make_live()
    root = make_comment(edition, state=State.WITHDRAWN, number=None)
    reply = make_published(edition, parent=root)
    assert shown_ids(edition.path)[-1] == reply.public_id
    assert walk(f"{edition.path}comments/?thread={root.public_id}")[-1] == reply.public_id


@pytest.mark.usefixtures("small")
def test_a_reply_to_a_comment_on_an_earlier_page_of_the_discussion_links_to_it() -> None:
    edition = make_live()
    root = make_published(edition)
    first = make_published(edition, parent=root)
    for _ in range(3):
        make_published(edition, parent=root)
    late = make_published(edition, parent=first)
    place = reader.get(f"/comments/{late.public_id}/")["Location"]
    page = reader.get(place.partition("#")[0]).content.decode()
    assert f'<a href="/comments/{first.public_id}/">Answer to comment 2</a>' in page


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize("state", [State.PENDING, State.REJECTED, State.SPAM])
def test_the_later_pages_of_a_discussion_show_nothing_that_stands_under_hidden_comments(state: State) -> None:
    edition = make_live()
    root = make_published(edition)
    hidden = make_published(edition, parent=root)
    shown = [make_published(edition, parent=root) for _ in range(4)]
    below = make_published(edition, parent=make_published(edition, parent=hidden))
    Comment.objects.filter(pk=hidden.pk).update(state=state)
    assert walk(f"{edition.path}comments/?thread={root.public_id}") == [one.public_id for one in [root, *shown]]
    assert reader.get(f"/comments/{below.public_id}/").status_code == 404


def test_five_hundred_deep_is_no_trouble() -> None:
    edition = make_live()
    parent = root = make_published(edition)
    chain = [root]
    for _ in range(499):
        parent = make_published(edition, parent=parent)
        chain.append(parent)
    assert len(shown_ids(edition.path)) == pages.REPLIES + 1
    assert pages.of_article(edition.article_id).count == 500
    assert walk(f"{edition.path}comments/?thread={root.public_id}") == [one.public_id for one in chain]
    place = reader.get(f"/comments/{parent.public_id}/")["Location"]
    assert parent.public_id in shown_ids(place.partition("#")[0])
    Comment.objects.filter(pk=chain[1].pk).update(state=State.SPAM)
    assert pages.of_article(edition.article_id).count == 1


# Permalinks ---------------------------------------------------------------------------------


@pytest.mark.usefixtures("small")
def test_every_permalink_lands_on_a_page_that_shows_the_comment() -> None:
    edition = make_live()
    made = []
    for number in range(11):
        root = make_published(edition)
        made += [root, *[make_published(edition, parent=root) for _ in range(number)]]
    make_comment(edition, state=State.WITHDRAWN)
    Comment.objects.filter(pk=made[0].pk).update(state=State.REJECTED)
    for comment in made[1:]:
        response = reader.get(f"/comments/{comment.public_id}/")
        path, _mark, fragment = response["Location"].partition("#")
        assert response.status_code == 302
        assert fragment == f"comment-{comment.public_id}"
        assert comment.public_id in shown_ids(path), response["Location"]


def test_a_permalink_costs_the_same_for_the_first_and_for_the_last_of_many() -> None:
    edition = make_live()
    first, *_rest, last = [make_published(edition) for _ in range(120)]
    costs = []
    pagecache.generation()
    for comment in (first, last):
        with CaptureQueriesContext(connection) as queries:
            reader.get(f"/comments/{comment.public_id}/")
        costs.append(len(queries))
    assert costs[1] <= costs[0] + 1 <= 9


# Addresses and the page cache -----------------------------------------------------------------


@pytest.mark.usefixtures("small")
def test_every_page_is_kept_for_the_next_reader() -> None:
    edition = make_live()
    roots = [make_published(edition) for _ in range(7)]
    for _ in range(5):
        make_published(edition, parent=roots[0])
    for query in ("", "?sort=newest", f"?after={roots[2].public_id}", f"?thread={roots[0].public_id}"):
        path = f"{edition.path}comments/{query}"
        first = reader.get(path)
        with CaptureQueriesContext(connection) as queries:
            second = reader.get(path)
        assert (first.status_code, len(queries), second.content) == (200, 0, first.content), path


@pytest.mark.usefixtures("small")
def test_no_page_has_two_addresses_so_nobody_fills_the_cache_with_them() -> None:
    edition = make_live()
    roots = [make_published(edition) for _ in range(4)]
    after, base = roots[2].public_id, f"{edition.path}comments/"
    kept = len(pagecache._pages)
    for query, leads_to in {
        "?sort=oldest": base,
        "?sort=newest&sort=newest": f"{base}?sort=newest",
        f"?after={after}&sort=newest": f"{base}?sort=newest&after={after}",
        f"?after={after}&thread=": f"{base}?after={after}",
        "?utm_source=x": base,
        f"?after={roots[3].public_id}": f"{edition.path}#comments",
        "?after=aaaaaaaaaaaa": f"{edition.path}#comments",
        "?thread=aaaaaaaaaaaa": f"{edition.path}#comments",
    }.items():
        response = reader.get(base + query)
        assert (response.status_code, response["Location"]) == (302, leads_to), query
    for query in ("?sort=worst", "?after=' OR 1=1", "?after=%00", "?thread=" + "x" * 10_000, "?after=é"):
        assert reader.get(base + query).status_code == 404, query
    assert len(pagecache._pages) == kept


def test_pages_of_another_articles_comments_are_not_shown_here() -> None:
    edition, elsewhere = make_live(), make_published(make_live(), body="Quagga")
    make_published(edition)
    for name in ("after", "thread"):
        response = reader.get(f"{edition.path}comments/", {name: elsewhere.public_id}, follow=True)
        assert "Quagga" not in response.content.decode()


def test_a_page_of_comments_says_which_address_is_its_own_and_sorted_ones_are_not_indexed(settings: Any) -> None:
    edition = make_live()
    make_published(edition)
    make_published(edition)
    page = reader.get(f"{edition.path}comments/").content.decode()
    assert f'<link rel="canonical" href="{settings.SITE_URL}{edition.path}comments/">' in page
    assert "noindex" not in page
    assert "noindex" in reader.get(f"{edition.path}comments/?sort=newest").content.decode()


# Costs ----------------------------------------------------------------------------------------


def fill(edition: Edition, count: int) -> None:
    """Half of them first comments, half replies to these."""
    root = make_published(edition)
    now = clock.now()
    common = {"article_id": edition.article_id, "created_at": now, "state_at": now, "published_at": now}
    common |= {"state": State.PUBLISHED, "display_name": "Rita", "body": "Well said.", "body_html": "<p>Well said.</p>"}
    top = root.pk
    rows = [
        Comment(pk=top + place, number=place + 1, submit_key=f"{top + place}", **common) for place in range(1, count)
    ]
    for row in rows:
        if row.pk % 2:
            row.root_id = row.pk
        else:
            row.parent_id = row.root_id = row.pk - 1 if row.pk > top + 1 else top
            row.depth = 1
    Comment.objects.bulk_create(rows)


@pytest.mark.parametrize("count", [1, 10, 10_000])
def test_an_article_costs_at_most_eight_queries_with_any_number_of_comments(count: int) -> None:
    edition = make_live()
    fill(edition, count)
    reader.get(edition.path)
    pagecache.drop()
    pagecache.generation()
    with CaptureQueriesContext(connection) as queries:
        page = reader.get(edition.path).content.decode()
    about_comments = [query["sql"] for query in queries if "comments_comment" in query["sql"]]
    assert (len(about_comments), len(queries) <= 8) == (1, True)
    assert f"{count} comment" in page
    assert page.count('<li class="comment"') <= 2 * pages.ROOTS
