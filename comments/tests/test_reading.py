"""What readers see of comments: published ones, in their threads, and not a trace of the others."""

from html import unescape
from typing import Any

import pytest
from django.template.loader import render_to_string
from django.test import Client

from articles import publishing
from articles.factories import make_live
from articles.models import Edition
from comments import moderation, threads
from comments.factories import make_comment, make_published
from comments.models import Comment
from comments.states import State
from comments.templatetags import comments_tags
from comments.tests.markup import Elements, assert_harmless, naughty_strings
from newsroom.models import User

pytestmark = pytest.mark.django_db

# One for all: a new one starts the whole site again.
reader = Client()
HIDDEN = [state for state in State.values if state not in (State.PUBLISHED, State.WITHDRAWN, State.ERASED)]


def section(edition: Edition) -> str:
    """The comments as the tag renders them."""
    return render_to_string("comments/comments.html", comments_tags.comments(edition))


def shape(edition: Edition) -> list[Any]:
    """The threads as nested numbers; None for a tombstone."""

    def of(nodes: list[threads.Node]) -> list[Any]:
        return [(None if node.tombstone else node.comment.number, of(node.replies)) for node in nodes]

    return of(threads.of_article(edition.article_id).roots)


def test_a_published_comment_is_shown_with_number_name_time_and_permalink() -> None:
    edition = make_live()
    comment = make_published(edition, display_name="Rita Reader", body="Well said.\n\nReally.")
    page = reader.get(edition.path).content.decode()
    assert f'id="comment-{comment.public_id}"' in page
    assert f'<a class="comment-number" href="#comment-{comment.public_id}" aria-label="Comment 1">1</a>' in page
    assert '<bdi class="comment-name">Rita Reader</bdi>' in page
    assert '<p dir="auto">Well said.</p>\n<p dir="auto">Really.</p>' in page
    assert f'<time datetime="{comment.created_at.isoformat(timespec="seconds")[:19]}' in page
    assert "1 comment" in page


def test_the_form_stands_under_them_and_needs_no_token() -> None:
    edition = make_live()
    page = reader.get(edition.path).content.decode()
    assert ("form", f"{edition.path}comments/") in [
        (tag, attributes.get("action")) for tag, attributes in Elements(page).found
    ]
    assert "csrf" not in page
    assert "Nobody has commented yet." in page


@pytest.mark.parametrize("state", HIDDEN)
def test_what_is_not_published_leaves_no_trace(state: str) -> None:
    edition = make_live()
    comment = make_comment(edition, state=state, display_name="Zebra", body="Quagga", number=7)
    make_published(edition, parent=comment, body="Okapi", number=8)
    page = reader.get(edition.path).content.decode()
    for trace in ("Zebra", "Quagga", "Okapi", comment.public_id, "1 comment", "comment-replies"):
        assert trace not in page
    assert reader.get(f"/comments/{comment.public_id}/").status_code == 404
    assert "Quagga" not in reader.get(f"{edition.path}comments/", {"answers": comment.public_id}).content.decode()
    for address in ("/feed/", "/feed.json", "/sitemap.xml"):
        assert "Quagga" not in reader.get(address).content.decode()


@pytest.mark.parametrize("state", HIDDEN)
def test_replies_under_a_hidden_comment_are_hidden_at_any_depth_and_come_back_with_it(state: str) -> None:
    edition = make_live()
    root = make_published(edition)
    hidden = make_published(edition, parent=root)
    reply = make_published(edition, parent=hidden)
    make_published(edition, parent=reply)
    whole = [(1, [(2, [(3, [(4, [])])])])]
    assert shape(edition) == whole
    Comment.objects.filter(pk=hidden.pk).update(state=state)
    assert shape(edition) == [(1, [])]
    assert threads.of_article(edition.article_id).count == 1
    assert threads.find_shown(reply.public_id) is None
    Comment.objects.filter(pk=hidden.pk).update(state=State.PUBLISHED)
    assert shape(edition) == whole


@pytest.mark.parametrize("state", [State.WITHDRAWN, State.ERASED])
def test_a_comment_taken_away_by_its_author_holds_its_place_only_for_replies(state: str) -> None:
    edition = make_live()
    root = make_comment(edition, state=state, display_name="Zebra", body="Quagga")
    make_published(edition, parent=root)
    make_comment(edition, state=state)
    assert shape(edition) == [(None, [(2, [])])]
    page = section(edition)
    assert "taken away by its author" in page
    assert "Zebra" not in page and "Quagga" not in page


def test_threads_are_nested_four_deep_and_go_on_at_that_level() -> None:
    edition = make_live()
    parent = make_published(edition)
    for _ in range(6):
        parent = make_published(edition, parent=parent)
    assert shape(edition) == [(1, [(2, [(3, [(4, [(5, []), (6, []), (7, [])])])])])]
    assert "Answer to comment 6" in section(edition)


def test_five_hundred_deep_is_no_trouble(django_assert_num_queries: Any) -> None:
    edition = make_live()
    parent = make_published(edition)
    for _ in range(499):
        parent = make_published(edition, parent=parent)
    with django_assert_num_queries(1):
        page = section(edition)
    assert page.count('<li class="comment"') == 500
    assert threads.find_shown(parent.public_id) == parent


@pytest.mark.parametrize("number", [0, 1, 30])
def test_one_query_however_many_there_are(number: int, django_assert_num_queries: Any) -> None:
    edition = make_live()
    for _ in range(number):
        make_published(edition, parent=make_published(edition))
    with django_assert_num_queries(1):
        section(edition)


def test_above_the_cap_the_newest_threads_stay_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    edition = make_live()
    monkeypatch.setattr(threads, "CAP", 3)
    old = make_published(edition)
    make_published(edition)
    newest = make_published(edition)
    make_published(edition, parent=old)
    make_published(edition, parent=newest)
    assert shape(edition) == [(2, []), (3, [(5, [])])]
    page = section(edition)
    assert "Only the newest discussions are shown here." in page
    assert "3 comments" not in page


def test_the_permalink_leads_to_the_place_on_the_page(charlie: User) -> None:
    edition = make_live()
    comment = make_published(edition)
    response = reader.get(f"/comments/{comment.public_id}/")
    assert (response.status_code, response["Location"]) == (302, f"{edition.path}#comment-{comment.public_id}")
    publishing.withdraw(edition.article, by=charlie, notice="Withdrawn.", reason="error")
    assert reader.get(f"/comments/{comment.public_id}/").status_code == 404
    assert reader.get("/comments/nonsense/").status_code == 404


def test_the_kept_page_changes_with_the_decision(erik: User, django_capture_on_commit_callbacks: Any) -> None:
    edition = make_live()
    comment = make_comment(edition, body="Quagga")
    assert "Quagga" not in reader.get(edition.path).content.decode()
    for decision, shown in (("approve", True), ("reject", False), ("approve", True), ("spam", False)):
        with django_capture_on_commit_callbacks(execute=True):
            moderation.decide(comment, decision, by=erik, reason="abuse", expected=comment.versions)
        assert ("Quagga" in reader.get(edition.path).content.decode()) == shown


def test_attack_strings_in_name_and_text_stay_text() -> None:
    edition = make_live()
    strings = naughty_strings()
    for written in strings[: threads.CAP]:
        make_published(edition, display_name=written[:60], body=written)
    page = section(edition)
    assert_harmless(page)
    assert page.count('<li class="comment"') == len(strings[: threads.CAP])
    assert "<script>alert" not in page
    assert "<script>alert" in unescape(page)
