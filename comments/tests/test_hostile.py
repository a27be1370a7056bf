"""Whoever wants to do harm with a comment: each attempt once, from outside, as it would be sent.

What is said in sentences of its own elsewhere is not said here again: a megabyte, ten thousand newlines, NUL and
surrogates (test_posting, test_status), five hundred deep (test_pages), two clicks and two requests at the same
instant (test_posting), an edit while a moderator approves (test_editing), two moderators at once and an undo after a
colleague (test_moderation), an answer to what is gone or elsewhere (test_posting), banned readers who report and
object (test_reports, test_appeals), markup in the moderators' queue (test_queue), all of them at random
(test_moderation_property), and a flood
(newsroom/tests/faults/test_flood).
"""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.test.html import parse_html

from articles import publishing
from articles.factories import make_article, make_author, make_live, make_section
from articles.models import Edition
from comments import moderation, posting
from comments.factories import make_comment, make_published
from comments.models import Ban, Comment, Opening
from comments.spam import bayes
from comments.states import Mode, State
from comments.tests.markup import Elements
from newsroom.lib import clock
from newsroom.models import User

pytestmark = pytest.mark.django_db

# One for all: a new one starts the whole site again.
reader = Client()
GOOD = "The council should have asked the neighbours first."
ISOLATES = "\u2066\u2067\u2068\u2069\u202a\u202b\u202c\u202d\u202e"


def make_open() -> Edition:
    """An article on which comments are shown at once."""
    edition = make_live()
    Opening.objects.create(article=edition.article, mode=Mode.POST)
    return edition


def send(edition: Edition, name: str = "Rita", body: str = GOOD, **sent: Any) -> Any:
    return reader.post(f"{edition.path}comments/", {"name": name, "body": body}, **sent)


# Letters ------------------------------------------------------------------------------------


@pytest.mark.parametrize("field", ["name", "body"])
@pytest.mark.parametrize(
    "written, left",
    [
        ("Z" + "\u0353\u0301\u0322" * 300 + "algo", "algo"),
        ("a\u202egpj.exe", "agpj.exe"),
        (f"a{ISOLATES}b", "ab"),
        ("fr\u200b\u200d\u2060\u200bee", "fr\u200bee"),
        ("\ufeffmark", "mark"),
        ("a\x00b", "ab"),
        ("tag\U000e0041\U000e0042s", "tags"),
        ("\ufff9annotated\ufffb", "annotated"),
    ],
)
def test_letters_that_disturb_others_do_not_reach_a_page(field: str, written: str, left: str) -> None:
    edition = make_open()
    assert send(edition, **{field: written}).status_code == 303
    comment = Comment.objects.get()
    said = comment.display_name if field == "name" else comment.body
    assert left in said
    page = reader.get(edition.path).content.decode() + reader.get(f"{edition.path}comments/").content.decode()
    assert not set(page) & set(ISOLATES + "\x00\ufeff\ufff9\ufffb\U000e0041")
    # No letter carries more marks than any language stacks.
    assert "\u0301" * 5 not in page
    assert len(said) < 60


@pytest.mark.parametrize(
    "name, body",
    [
        ("\u200b\u2060", GOOD),
        ("Rita", "\u2800\u3164\u115f"),
        ("Rita", "\u0301\u0301"),
        ("\u202e", "\u202e"),
    ],
)
def test_a_comment_that_nobody_can_see_is_not_taken(name: str, body: str) -> None:
    assert send(make_open(), name, body).status_code == 422
    assert not Comment.objects.exists()


@pytest.mark.parametrize(
    "written",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "<a href='javascript:alert(1)'>x</a>",
        "javascript:alert(1)",
        "data:text/html;base64,PHNjcmlwdD4=",
        "JaVaScRiPt:alert(1) //https://a.example",
        "https://a.example/\"onmouseover=alert(1)//",
        "https://a.example/'style='x",
        "https://bank.example@evil.example/",
        "</script><script>alert(1)</script>",
        "<!--", "]]>", "{{ 7 * 7 }}{% load x %}", "&lt;script&gt;", "\\u003cscript\\u003e",
        "<svg><animate onbegin=alert(1)>", "<style>*{}</style>", "<base href=//evil.example>",
    ],
)  # fmt: skip
def test_what_is_typed_becomes_text_and_no_more_than_links(written: str) -> None:
    edition = make_open()
    comment = make_published(edition, display_name=written[:60], body=f"{written} {GOOD}")
    plain = make_published(make_live(), display_name="Rita", body=GOOD)
    for path in (edition.path, f"{edition.path}comments/"):
        harmed, clean = (reader.get(at).content.decode() for at in (path, path.replace(edition.path, _path(plain))))
        assert parse_html(harmed)
        kinds = [sorted({tag for tag, _attributes in Elements(page).found}) for page in (harmed, clean)]
        assert kinds[0] == kinds[1]
        assert len([1 for tag, _a in Elements(harmed).found if tag == "script"]) == len(
            [1 for tag, _a in Elements(clean).found if tag == "script"]
        )
        for tag, attributes in Elements(harmed).found:
            assert not any(name.startswith("on") or name == "style" for name in attributes), (tag, attributes)
            address = (attributes.get("href") or "").strip().lower()
            assert not address.startswith(("javascript:", "data:", "vbscript:"))
    assert comment.public_id in reader.get(edition.path).content.decode()


def _path(comment: Comment) -> str:
    return Edition.objects.live().get(article=comment.article_id).path


def test_links_are_followed_by_no_search_engine_and_open_no_window() -> None:
    edition = make_open()
    make_published(edition, body="See https://a.example/x and mailto:a@example.org and ftp://a.example")
    links = [
        attributes
        for tag, attributes in Elements(reader.get(edition.path).content.decode()).found
        if tag == "a" and "a.example" in (attributes.get("href") or "")
    ]
    assert links == [{"href": "https://a.example/x", "rel": "ugc nofollow noopener"}]


# Names --------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["Ada Writer", "ada.writer", "Аda Writer", "Ada\u200dWriter", "A d a  W r i t e r"])
def test_nobody_is_shown_under_the_name_of_the_staff_before_a_moderator_has_looked(name: str) -> None:
    make_author("Ada Writer")
    edition = make_open()
    assert send(edition, name).status_code == 303
    comment = Comment.objects.get()
    assert comment.state == State.HELD
    assert "staff_name" in [sign["name"] for sign in comment.signals]
    assert GOOD not in reader.get(edition.path).content.decode()


# Articles that take no comments ---------------------------------------------------------------


def _closed(edition: Edition, by: User) -> None:
    Opening.objects.create(article=edition.article, mode=Mode.CLOSED)


def _closed_by_section(edition: Edition, by: User) -> None:
    Opening.objects.create(section=edition.section, mode=Mode.CLOSED)


def _aged(edition: Edition, by: User) -> None:
    Opening.objects.create(article=edition.article, mode=Mode.POST, closes_after=0)


def _withdrawn(edition: Edition, by: User) -> None:
    publishing.withdraw(edition.article, by=by, notice="Withdrawn.", reason="error")


def _expired(edition: Edition, by: User) -> None:
    Edition.objects.filter(pk=edition.pk).update(live_until=clock.now())


def _not_begun(edition: Edition, by: User) -> None:
    later = clock.now() + timedelta(days=1)
    Edition.objects.filter(pk=edition.pk).update(live_from=later)


SHUT = [_closed, _closed_by_section, _aged, _withdrawn, _expired, _not_begun]


@pytest.mark.parametrize("shut", SHUT)
def test_what_shuts_between_the_form_and_the_click_takes_no_comment(
    shut: Callable[[Edition, User], None], charlie: User
) -> None:
    edition = make_live(section=make_section("News"))
    assert "comment-form" in reader.get(edition.path).content.decode()
    shut(edition, charlie)
    response = send(edition, body="My words, typed for an hour")
    assert response.status_code in (403, 404, 410)
    assert not Comment.objects.exists()
    if response.status_code != 404:
        assert "My words, typed for an hour" in response.content.decode()


@pytest.mark.parametrize("shut", SHUT)
def test_what_shuts_at_the_last_instant_takes_no_comment(
    shut: Callable[[Edition, User], None], charlie: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After the request was read and weighed, before it is written."""
    edition = make_live(section=make_section("News"))
    weigh = posting.scoring.weigh
    monkeypatch.setattr(posting.scoring, "weigh", lambda *said: (weigh(*said), shut(edition, charlie)))
    with pytest.raises((posting.Closed, posting.Refused)):
        posting.post(edition, name="Rita", body=GOOD)
    assert not Comment.objects.exists()


def test_an_embargoed_article_is_unknown_at_the_address_that_it_will_have() -> None:
    article = make_article(slug="secret-plan", embargo=clock.now() + timedelta(days=1))
    today = f"{clock.now():%Y/%m/%d}"
    for path in (f"/{today}/{article.slug}/", f"/{today}/{article.slug}/comments/"):
        assert reader.get(path).status_code == 404
        assert reader.post(path, {"name": "Rita", "body": GOOD}).status_code in (404, 405)
    assert not Comment.objects.exists()


# Threads ------------------------------------------------------------------------------------


@pytest.mark.parametrize("decision, reason", [("reject", "abuse"), ("spam", "")])
def test_whoever_answers_what_was_taken_down_meanwhile_keeps_the_text(decision: str, reason: str, erik: User) -> None:
    edition = make_open()
    answered = make_published(edition)
    moderation.decide(answered, decision, by=erik, reason=reason, expected=answered.versions)
    said = {"name": "Rita", "body": GOOD, "answers": answered.public_id}
    response = reader.post(f"{edition.path}comments/", said)
    assert response.status_code == 422
    assert GOOD in response.content.decode()
    assert not Comment.objects.filter(parent=answered).exists()


def test_five_hundred_answers_to_answers_are_posted_one_by_one_at_the_same_cost(
    django_assert_max_num_queries: Any,
) -> None:
    edition = make_open()
    comment = posting.post(edition, name="Rita", body=GOOD)
    for number in range(30):
        comment = posting.post(edition, name="Rita", body=f"{GOOD} {number}", answers=comment.public_id)
    root = comment.root
    chain = [
        Comment(
            article_id=edition.article_id, root=root, depth=4, body="x", state=State.PUBLISHED, number=100 + number,
            created_at=clock.now(), published_at=clock.now(), state_at=clock.now(), submit_key=f"deep {number}",
            parent_id=comment.pk,
        )
        for number in range(500)
    ]  # fmt: skip
    Comment.objects.bulk_create(chain)
    last = Comment.objects.order_by("-pk").first()
    with django_assert_max_num_queries(26):
        deepest = posting.post(edition, name="Rita", body="At the bottom", answers=last.public_id if last else "")
    assert deepest.depth == 4
    assert reader.get(edition.path).status_code == 200


# Where it comes from ------------------------------------------------------------------------


def post_from(edition: Edition, number: int, **sent: Any) -> int:
    return int(send(edition, body=f"{GOOD} {number}", **sent).status_code)


def test_a_forged_header_makes_nobody_somebody_else() -> None:
    """Without a proxy of ours, what it says is not looked at."""
    edition = make_live()
    codes = [post_from(edition, number, HTTP_X_FORWARDED_FOR=f"203.0.{number}.9") for number in range(12)]
    assert codes == [303] * 10 + [429] * 2
    assert set(Comment.objects.values_list("address_prefix", flat=True)) == {"127.0.0.0/24"}


def test_behind_a_proxy_only_what_the_proxy_wrote_counts(settings: Any) -> None:
    settings.PROXIES = 1
    edition = make_live()
    codes = [post_from(edition, number, HTTP_X_FORWARDED_FOR=f"203.0.{number}.9, 198.51.100.7") for number in range(12)]
    assert codes == [303] * 10 + [429] * 2
    assert set(Comment.objects.values_list("address_prefix", flat=True)) == {"198.51.100.0/24"}


def test_a_forged_header_does_not_lead_out_of_a_ban() -> None:
    Ban.objects.create(network="127.0.0.0/24", reason="Threats.", ends_at=clock.now() + timedelta(days=1))
    response = send(make_open(), HTTP_X_FORWARDED_FOR="203.0.113.9")
    assert response.status_code == 403
    assert not Comment.objects.exists()


@pytest.mark.parametrize("forged", ["", ",", "unknown", "127.0.0.1\x00", "::ffff:1.2.3.4%x", "9" * 5000, "é"])
def test_a_header_that_is_no_address_does_no_harm(forged: str, settings: Any) -> None:
    settings.PROXIES = 1
    assert post_from(make_live(), 1, HTTP_X_FORWARDED_FOR=forged) == 303


def test_rotating_through_a_64_and_a_48_of_ipv6_is_one_sender() -> None:
    edition = make_live()
    addresses = [f"2001:db8:1:{number:x}::{number:x}" for number in range(12)]
    codes = [post_from(edition, number, REMOTE_ADDR=address) for number, address in enumerate(addresses)]
    assert codes == [303] * 10 + [429] * 2


def test_an_ipv4_address_inside_ipv6_is_the_same_sender() -> None:
    edition = make_live()
    codes = [post_from(edition, number, REMOTE_ADDR="203.0.113.9") for number in range(10)]
    assert codes == [303] * 10
    assert post_from(edition, 99, REMOTE_ADDR="::ffff:203.0.113.10") == 429


def test_a_flood_is_answered_without_asking_the_database_and_others_are_heard(
    django_assert_num_queries: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(posting, "HEARD", (12, 600))
    edition = make_live()
    codes = [post_from(edition, number) for number in range(12)]
    assert codes == [303] * 10 + [429] * 2
    with django_assert_num_queries(0):
        response = send(edition)
    assert response.status_code == 429
    assert "Go back to find your text" in response.content.decode()
    said = {"name": "Rita", "body": GOOD}
    answer = reader.post(f"{edition.path}comments/", said, HTTP_ACCEPT="application/json")
    assert "ten minutes" in answer.json()["message"]
    assert post_from(edition, 99, REMOTE_ADDR="198.51.100.1") == 303


# Leaks --------------------------------------------------------------------------------------

PLACES = ("", "comments/", "comments/?sort=newest", "comments/?sort=picked", "history/")
ELSEWHERE = (
    "/", "/latest/", "/feed/", "/feed/rss/", "/feed.json", "/sitemap.xml", "/news-sitemap.xml", "/corrections/",
    "/search/?q=quagga", "/search/?q=Rosaquagga",
)  # fmt: skip
UNSEEN = [State.AWAITING_EMAIL, State.PENDING, State.HELD, State.REJECTED, State.SPAM, State.WITHDRAWN, State.ERASED]


def seen_everywhere(edition: Edition) -> str:
    paths = [edition.path + place for place in PLACES] + list(ELSEWHERE)
    return "".join(reader.get(path).content.decode() for path in paths)


@pytest.mark.parametrize("state", UNSEEN)
def test_what_readers_may_not_see_is_in_no_page_count_feed_search_data_block_nor_kept_page(state: State) -> None:
    edition = make_live()
    seen_everywhere(edition)  # so that all of them are kept
    before = Comment.objects.count()
    comment = make_comment(edition, state=state, display_name="Rosaquagga", body="quagga in the wetlands")
    assert Comment.objects.count() == before + 1
    assert comment.number is None or state in (State.WITHDRAWN, State.ERASED)
    found = seen_everywhere(edition).replace("q=quagga", "").replace("Rosaquagga</", "</")
    for trace in ("in the wetlands", comment.public_id, "commentCount"):
        assert trace not in found
    for path in (edition.path, f"{edition.path}comments/"):
        assert "Rosaquagga" not in reader.get(path).content.decode()
    assert reader.get(f"/comments/{comment.public_id}/").status_code == 404
    assert reader.get(f"{edition.path}comments/?thread={comment.public_id}").status_code in (302, 404)


@pytest.mark.parametrize(
    "take_down",
    [
        lambda comment, by: moderation.decide(comment, "reject", by=by, reason="abuse", expected=comment.versions),
        lambda comment, by: moderation.decide(comment, "spam", by=by, expected=comment.versions),
        lambda comment, by: moderation.withdraw(comment, expected=comment.versions),
        lambda comment, by: moderation.erase(comment),
    ],
    ids=["rejected", "spam", "withdrawn", "erased"],
)
def test_what_was_seen_and_is_not_any_more_leaves_the_kept_pages_too(
    take_down: Callable[[Comment, User], None], erik: User, django_capture_on_commit_callbacks: Any
) -> None:
    edition = make_live()
    comment = make_published(edition, body="quagga in the wetlands")
    others = make_published(edition, body="stays")
    assert "in the wetlands" in seen_everywhere(edition)
    with django_capture_on_commit_callbacks(execute=True):
        take_down(comment, erik)
    found = seen_everywhere(edition)
    assert "in the wetlands" not in found
    assert comment.public_id not in found
    assert others.public_id in found
    assert '"commentCount": 1' in found or '"commentCount":1' in found


# Programs -----------------------------------------------------------------------------------


def test_a_program_that_fills_in_everything_is_caught_by_the_trap() -> None:
    edition = make_open()
    said = {"name": "Rita", "body": GOOD, "website": "https://spam.example"}
    assert reader.post(f"{edition.path}comments/", said).status_code == 422
    assert not Comment.objects.exists()


def test_a_program_that_never_saw_the_form_is_a_little_suspicious() -> None:
    assert send(make_open()).status_code == 303
    assert "no_form" in [sign["name"] for sign in Comment.objects.get().signals]


def test_one_text_sent_under_many_articles_from_many_networks_is_held_from_the_third_on() -> None:
    text = "Everybody should know what happened to the ducks behind the old town hall."
    states = []
    for number in range(6):
        send(make_open(), f"Reader {number}", text, REMOTE_ADDR=f"203.0.{number}.9")
        states.append(Comment.objects.latest("pk").state)
    assert states[0] == State.PUBLISHED
    assert set(states[2:]) == {State.HELD}
    assert Comment.objects.latest("pk").score < bayes.LIMIT


def test_a_link_to_a_comment_s_page_cannot_be_made_from_its_public_id() -> None:
    comment = make_comment(make_live())
    for token in (comment.public_id, f"{comment.public_id}.x.y", "x" * 2000, "%00"):
        assert reader.get(f"/comments/status/{token}/").status_code == 404


def test_time_is_the_server_s() -> None:
    """What the form says of when it was shown is signed."""
    edition = make_open()
    with time_machine.travel(clock.now(), tick=False):
        forged = f"{edition.article_id}-{int(clock.now().timestamp()) - 60}.forged"
        reader.post(f"{edition.path}comments/", {"name": "Rita", "body": GOOD, "shown": forged})
    assert "no_form" in [sign["name"] for sign in Comment.objects.get().signals]
