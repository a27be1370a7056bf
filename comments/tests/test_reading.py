"""What readers see of comments: published ones, in their threads, and not a trace of the others."""

import json
import re
from collections.abc import Iterator
from html import unescape
from typing import Any

import pytest
from django.template.loader import render_to_string
from django.test import Client

from articles import publishing
from articles.factories import make_live
from articles.models import Edition
from comments import moderation, pages, threads
from comments.factories import make_comment, make_published
from comments.forms import CommentForm
from comments.models import Comment
from comments.states import State
from comments.templatetags import comments_tags
from comments.tests.markup import Elements, assert_harmless, naughty_strings
from newsroom.lib import clock
from newsroom.models import User

pytestmark = pytest.mark.django_db

# One for all: a new one starts the whole site again.
reader = Client()
DATA = '<script type="application/ld+json">'
OWN_SCRIPT = re.compile(r'<script type="module" src="/static/comments/(?:comments|identity|report)[.\w]*js"></script>')
HIDDEN = [state for state in State.values if state not in (State.PUBLISHED, State.WITHDRAWN, State.ERASED)]


def section(edition: Edition) -> str:
    """The comments as the tag renders them."""
    return render_to_string("comments/comments.html", comments_tags.comments(edition))


def every_page(edition: Edition) -> Iterator[tuple[str, str]]:
    """Each page of the article's comments from the first to the last, parted into what is shown and data."""
    after, more = "", True
    while more:
        page = pages.of_article(edition.article_id, after=after)
        context = {"edition": edition, "page": page, "form": CommentForm()}
        html, _start, data = render_to_string("comments/comments.html", context).partition(DATA)
        yield OWN_SCRIPT.sub("", html, count=3), data.removesuffix("\n").removesuffix("</script>")
        after, more = page.next_after, bool(page.next_after)


def shape(edition: Edition) -> list[Any]:
    """The threads as nested numbers; None for a tombstone."""

    def of(nodes: list[threads.Node]) -> list[Any]:
        return [(None if node.tombstone else node.comment.number, of(node.replies)) for node in nodes]

    return of(pages.of_article(edition.article_id).roots)


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
    assert pages.of_article(edition.article_id).count == 1
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


@pytest.mark.parametrize("number", [0, 1, 30])
def test_one_query_however_many_there_are(number: int, django_assert_num_queries: Any) -> None:
    edition = make_live()
    for _ in range(number):
        make_published(edition, parent=make_published(edition))
    with django_assert_num_queries(1):
        section(edition)


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
    edition, shown = make_live(), ""
    strings = naughty_strings()
    for written in strings:
        make_published(edition, display_name=written[:60], body=written)
    for page, script in every_page(edition):
        assert_harmless(page)
        assert "</script" not in script and json.loads(script)
        shown += page
    assert shown.count('<li class="comment"') == len(strings)
    page = shown
    assert "<script>alert" not in page
    assert "<script>alert" in unescape(page)


def test_labels_speak_the_language_of_the_page() -> None:
    edition = make_live(language="de")
    make_published(edition)
    page = reader.get(edition.path).content.decode()
    for label in (
        'aria-label="Kommentar 1"',
        'aria-label="Auf Kommentar 1 antworten"',
        "Sie antworten auf Kommentar {}.",
    ):
        assert label in page


# For machines -----------------------------------------------------------------------------------


def data_of(path: str) -> dict[str, Any]:
    """What the page's data block about comments holds, without its context; {} without one."""
    blocks = [part.partition("</script>")[0] for part in reader.get(path).content.decode().split(DATA)[1:]]
    things = [thing for block in blocks for thing in json.loads(block)]
    return next((thing for thing in things if "commentCount" in thing), {})


def test_machines_are_told_what_is_shown_and_of_which_article(settings: Any) -> None:
    edition = make_live()
    root = make_published(edition, display_name="Rita", body="Well said.\n\n<b>Really.</b>")
    reply = make_published(edition, parent=root)
    data, address = data_of(edition.path), settings.SITE_URL + edition.path
    assert (data["@type"], data["@id"], data["commentCount"]) == ("NewsArticle", address, 2)
    first, second = data["comment"]
    assert (first["text"], first["author"]["name"]) == ("Well said.\n\n<b>Really.</b>", "Rita")
    assert first["@id"] == f"{address}#comment-{root.public_id}"
    assert second["@id"] == f"{address}#comment-{reply.public_id}"
    assert second["parentItem"] == {"@id": first["@id"]}


def test_the_article_has_the_name_by_which_its_comments_call_it(settings: Any) -> None:
    edition = make_live()
    page = reader.get(edition.path).content.decode()
    article = json.loads(page.partition(DATA)[2].partition("</script>")[0])[0]
    assert (article["@type"], article["@id"]) == ("NewsArticle", settings.SITE_URL + edition.path)
    assert data_of(edition.path) == {}


@pytest.mark.parametrize("state", [state for state in State.values if state != State.PUBLISHED])
def test_machines_learn_nothing_of_what_is_not_published(state: str) -> None:
    edition = make_live()
    make_published(edition, body="Okapi")
    hidden = make_comment(edition, state=state, display_name="Zebra", body="Quagga", number=7)
    make_published(edition, parent=hidden, body="Gnu", number=8)
    data = json.dumps(data_of(edition.path))
    shown_below = state in (State.WITHDRAWN, State.ERASED)
    assert "Zebra" not in data and "Quagga" not in data and hidden.public_id not in data
    assert ("Gnu" in data) == shown_below
    assert data_of(edition.path)["commentCount"] == 1 + shown_below


@pytest.mark.parametrize("state", HIDDEN)
def test_no_page_of_comments_nor_the_search_holds_what_is_not_published(state: str) -> None:
    edition = make_live()
    root = make_published(edition)
    hidden = make_comment(edition, state=state, body="Quagga", display_name="Zebra", picked_at=clock.now())
    make_comment(edition, parent=root, state=state, body="Quagga", display_name="Zebra")
    base = f"{edition.path}comments/"
    asked = ["", "?sort=newest", "?sort=picked", f"?thread={root.public_id}", f"?thread={hidden.public_id}"]
    for path in [*(base + query for query in asked), f"{base}?after={hidden.public_id}", "/search/?q=Quagga"]:
        page = reader.get(path, follow=True).content.decode()
        assert "Zebra" not in page and hidden.public_id not in page.replace(path, ""), path
        assert "Quagga" not in page or path.startswith("/search"), path
        assert "2 comments" not in page and "Picked by" not in page, path


def test_text_of_any_kind_ends_no_data_block() -> None:
    edition = make_live()
    make_published(edition, body="</script><script>alert(1)</script><!--", display_name="</script>")
    assert data_of(edition.path)["comment"][0]["text"] == "</script><script>alert(1)</script><!--"
