"""Moderators read, search and decide on comments in the admin; nobody else does."""

from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from articles import publishing
from articles.factories import edit, make_live
from comments import moderation
from comments.admin.comments import written_versions
from comments.factories import make_comment, make_published
from comments.models import Comment
from comments.states import State
from comments.tests.markup import Elements, assert_harmless, naughty_strings
from newsroom.models import User
from newsroom.testing import CAST, client_of, make_user

pytestmark = pytest.mark.django_db

LIST = "/admin/comments/comment/"


def page_of(comment: Comment) -> str:
    return reverse("admin:comments_comment_change", args=[comment.pk])


def decide(user: User, comment: Comment, chosen: str, **fields: str) -> HttpResponse:
    address = reverse("admin:comments_comment_decide", args=[comment.pk])
    data = {"decision": chosen, "versions": written_versions(comment), "reason": "abuse"} | fields
    return client_of(user).post(address, data)


def bulk(user: User, action: str, comments: list[Comment], **fields: str) -> HttpResponse:
    data = {"action": action, "_selected_action": [comment.pk for comment in comments], "reason": "abuse"}
    data |= {f"versions-{comment.pk}": written_versions(comment) for comment in comments}
    return client_of(user).post(f"{LIST}?state=every", data | fields)


def said(response: HttpResponse) -> list[str]:
    return [str(message) for message in get_messages(response.wsgi_request)]


def states(*comments: Comment) -> list[str]:
    return [Comment.objects.get(pk=comment.pk).state for comment in comments]


def content(response: HttpResponse) -> str:
    """The page's own part, without the admin's frame and its scripts."""
    return response.content.decode().partition('id="content"')[2].partition('id="footer"')[0]


# The list ---------------------------------------------------------------------------------


def test_the_list_shows_first_what_waits_longest(erik: User) -> None:
    edition = make_live(headline="Rain ahead")
    make_comment(edition, body="The second.")
    Comment.objects.update(state_at="2026-03-02T00:00:00Z")
    first = make_comment(edition, body="The first.", state=State.HELD)
    Comment.objects.filter(pk=first.pk).update(state_at="2026-03-01T00:00:00Z")
    make_published(edition, body="Decided.")
    page = client_of(erik).get(LIST).content.decode()
    assert page.index("The first.") < page.index("The second.")
    assert "Rain ahead" in page
    assert "Decided." not in page


@pytest.mark.parametrize("state", State.values)
def test_every_state_can_be_listed(state: str, erik: User) -> None:
    edition = make_live()
    for one in State.values:
        make_comment(edition, state=one, body=f"body of {one}.")
    page = client_of(erik).get(LIST, {"state": state}).content.decode()
    assert [one for one in State.values if f"body of {one}." in page] == [state]
    everything = client_of(erik).get(LIST, {"state": "every"}).content.decode()
    assert all(f"body of {one}." in everything for one in State.values)


def test_comments_are_found_by_text_name_id_and_headline(erik: User) -> None:
    comment = make_comment(make_live(headline="Rain ahead"), body="Quagga", display_name="Zebra")
    make_comment(make_live(), body="Okapi")
    for words in ("quagga", "zebra", comment.public_id, "rain ahead"):
        page = client_of(erik).get(LIST, {"q": words}).content.decode()
        assert "Quagga" in page
        assert "Okapi" not in page


def test_moderators_meet_the_headline_that_readers_know_and_never_a_drafts(erik: User) -> None:
    edition = make_live(headline="Rain ahead")
    comment = make_comment(edition, body="Quagga")
    edition.article.refresh_from_db()
    edit(edition.article, headline="Secret scoop")
    client = client_of(erik)
    for address in (LIST, page_of(comment)):
        page = client.get(address).content.decode()
        assert "Rain ahead" in page
        assert "Secret scoop" not in page
    assert "Quagga" not in client.get(LIST, {"q": "scoop"}).content.decode()
    assert "Quagga" in client.get(LIST, {"q": "rain ahead"}).content.decode()


def test_the_headline_leads_to_what_readers_see_while_they_see_it(erik: User) -> None:
    edition = make_live(headline="Rain ahead")
    make_comment(edition)
    published = make_published(edition)
    page = client_of(erik).get(LIST, {"state": "every"}).content.decode()
    assert f'<a href="{edition.path}"><bdi dir="auto">Rain ahead</bdi></a>' in page
    assert f'<a href="{reverse("comments:permalink", args=[published.public_id])}"><bdi' in page
    edition.article.refresh_from_db()
    publishing.withdraw(edition.article, by=None, notice="Wrong.", reason="error")
    page = client_of(erik).get(LIST, {"state": "every"}).content.decode()
    assert "Rain ahead" in page
    assert f'href="{edition.path}"' not in page


def test_the_list_costs_the_same_for_two_and_for_fifty(erik: User, django_assert_max_num_queries: Any) -> None:
    edition, client = make_live(), client_of(erik)
    for number in (2, 48):
        for _ in range(number):
            make_comment(edition)
        # Session, user, permissions of the user and of the groups, and the list itself.
        with django_assert_max_num_queries(7):
            client.get(LIST)


def test_a_detail_costs_the_same_however_long_its_history(erik: User, django_assert_max_num_queries: Any) -> None:
    edition, client = make_live(), client_of(erik)
    comment = make_comment(edition, parent=make_published(edition))
    for _ in range(5):
        for decision in ("approve", "reject", "reopen"):
            moderation.decide(comment, decision, by=erik, reason="abuse", expected=comment.versions)
    with django_assert_max_num_queries(12):
        client.get(page_of(comment))


# Who may ----------------------------------------------------------------------------------

READERS = {"erik", "charlie", "bob", "berta"}
MODERATORS = {"erik", "charlie"}


@pytest.mark.parametrize("name", CAST)
def test_only_moderators_decide_and_only_editors_read(name: str) -> None:
    user, comment = make_user(name, CAST[name]), make_comment(make_live(), body="Quagga")
    client = client_of(user)
    for address in (LIST, page_of(comment)):
        response = client.get(address)
        assert (response.status_code == 200) == (name in READERS)
        assert ("Quagga" in response.content.decode()) == (name in READERS)
        assert ("decide/" in response.content.decode()) == (name in MODERATORS and address != LIST)
        assert ('value="approve"' in response.content.decode()) == (name in MODERATORS)
    assert decide(user, comment, "approve").status_code == (302 if name in MODERATORS else 403)
    assert states(comment) == [State.PUBLISHED if name in MODERATORS else State.PENDING]


@pytest.mark.parametrize("name", sorted(set(CAST) - MODERATORS))
def test_no_outsider_decides_in_bulk(name: str) -> None:
    comment = make_comment(make_live())
    bulk(make_user(name, CAST[name]), "approve", [comment])
    assert states(comment) == [State.PENDING]


def test_without_a_login_there_is_nothing() -> None:
    comment = make_comment(make_live())
    for address in (LIST, page_of(comment)):
        assert Client().get(address).status_code == 302
    assert Client().post(reverse("admin:comments_comment_decide", args=[comment.pk])).status_code == 302


@pytest.mark.parametrize("name", ["erik", "root"])
def test_nobody_adds_changes_or_deletes_a_comment_by_hand(name: str) -> None:
    user = make_user(name, CAST.get(name), is_superuser=name == "root")
    comment, client = make_comment(make_live(), body="As it was."), client_of(user)
    assert client.get(f"{LIST}add/").status_code == 403
    assert client.post(page_of(comment), {"body": "changed"}).status_code == 403
    assert client.post(f"{LIST}{comment.pk}/delete/", {"post": "yes"}).status_code == 403
    assert "delete_selected" not in client.get(LIST).content.decode()
    comment.refresh_from_db()
    assert comment.body == "As it was."


def test_a_decision_needs_the_csrf_token_and_a_post(erik: User) -> None:
    comment, client = make_comment(make_live()), Client(enforce_csrf_checks=True)
    client.force_login(erik, backend="django.contrib.auth.backends.ModelBackend")
    address = reverse("admin:comments_comment_decide", args=[comment.pk])
    assert client.post(address, {"decision": "approve", "versions": "1.1"}).status_code == 403
    assert client.get(address, {"decision": "approve", "versions": "1.1"}).status_code == 405
    assert states(comment) == [State.PENDING]


# One comment --------------------------------------------------------------------------------


def test_a_comment_is_shown_with_everything_a_decision_needs(erik: User) -> None:
    edition = make_live(headline="Rain ahead")
    parent = make_published(edition, body="The parent.")
    signals = [{"name": "staff_name", "weight": 40, "detail": "Ada Writer"}]
    comment = make_comment(edition, parent=parent, body="two\nlines", signals=signals, score=40)
    page = client_of(erik).get(page_of(comment)).content.decode()
    for part in ("two\nlines", "The parent.", "Rain ahead", "192.0.2.0/24", "Ada Writer", "(+40)", "Nothing yet."):
        assert part in page
    assert "somebody who works here" in page


def test_only_the_decisions_that_are_open_are_offered(erik: User) -> None:
    page = client_of(erik).get(page_of(make_comment(make_live(), state=State.SPAM))).content.decode()
    assert 'name="decision" value="reopen"' in page
    assert 'name="decision" value="approve"' not in page
    assert 'name="decision" value="undo"' not in page


def test_a_decision_is_carried_out_and_shown_in_the_history(erik: User) -> None:
    comment = make_comment(make_live())
    response = decide(erik, comment, "reject", note="third time", notice="Mind your words.")
    assert response["Location"] == page_of(comment)
    assert said(response) == ["The comment is now rejected."]
    page = client_of(erik).get(page_of(comment)).content.decode()
    for part in ("from pending to rejected", "Erik", "abuse or hatred", "third time", "Mind your words."):
        assert part in page


def test_a_decision_on_a_page_that_is_out_of_date_says_who_was_faster(erik: User, charlie: User) -> None:
    comment = make_comment(make_live())
    on_screen = Comment.objects.get(pk=comment.pk)
    decide(charlie, comment, "spam")
    response = decide(erik, on_screen, "approve")
    assert "It was marked as spam by Charlie" in said(response)[0]
    assert states(comment) == [State.SPAM]


def test_undo_is_a_button(erik: User) -> None:
    comment = make_comment(make_live())
    decide(erik, comment, "approve")
    comment.refresh_from_db()
    assert 'value="undo"' in client_of(erik).get(page_of(comment)).content.decode()
    decide(erik, comment, "undo")
    assert states(comment) == [State.PENDING]


@pytest.mark.parametrize(
    "fields",
    [{"versions": "x"}, {"versions": ""}, {"decision": "erase"}, {"reason": "nonsense"}, {"versions": "1.1\0"}],
)
def test_a_form_that_was_tampered_with_decides_nothing(fields: dict[str, str], erik: User) -> None:
    comment = make_comment(make_live())
    response = decide(erik, comment, "approve", **fields)
    assert said(response) == ["Nothing was decided: the form was incomplete. Choose a decision again."]
    assert states(comment) == [State.PENDING]


def test_a_comment_that_does_not_exist_is_not_found(erik: User) -> None:
    address = reverse("admin:comments_comment_decide", args=[4711])
    assert client_of(erik).post(address, {"decision": "approve", "versions": "1.1"}).status_code == 404


# Many comments ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "action, state",
    [("approve", State.PUBLISHED), ("reject", State.REJECTED), ("spam", State.SPAM), ("hold", State.HELD)],
)
def test_a_bulk_decision_reaches_each_row(action: str, state: State, erik: User) -> None:
    edition = make_live()
    comments = [make_comment(edition) for _ in range(3)]
    response = bulk(erik, action, comments)
    assert states(*comments) == [state] * 3
    assert len(said(response)) == 1
    assert "3 comments" in said(response)[0]


def test_rows_of_a_stale_selection_are_left_out_and_named(erik: User, charlie: User) -> None:
    edition = make_live()
    fresh, decided, edited = (make_comment(edition, body=f"Row {number}") for number in range(3))
    on_screen = [Comment.objects.get(pk=comment.pk) for comment in (fresh, decided, edited)]
    moderation.decide(decided, "reject", by=charlie, reason="abuse", expected=decided.versions)
    Comment.objects.filter(pk=edited.pk).update(text_version=2)
    response = bulk(erik, "approve", on_screen)
    assert states(fresh, decided, edited) == [State.PUBLISHED, State.REJECTED, State.PENDING]
    sentences = " ".join(said(response))
    assert "Row 1" in sentences and "It was rejected by Charlie" in sentences
    assert "Row 2" in sentences and "It has changed in the meantime." in sentences
    assert "Row 0" not in sentences and "1 comment." in sentences


def test_a_row_that_was_not_on_the_screen_is_left_alone(erik: User) -> None:
    comment = make_comment(make_live())
    bulk(erik, "approve", [comment], **{f"versions-{comment.pk}": ""})
    assert states(comment) == [State.PENDING]


def test_rejecting_many_needs_a_rule(erik: User) -> None:
    comment = make_comment(make_live())
    response = bulk(erik, "reject", [comment], reason="")
    assert "Choose the rule" in said(response)[0]
    assert states(comment) == [State.PENDING]


# Attacks on moderators ----------------------------------------------------------------------


ATTACK = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>"


def test_markup_in_name_text_and_headline_stays_text_everywhere_in_the_admin(erik: User) -> None:
    edition, client = make_live(headline=ATTACK), client_of(erik)
    comment = make_comment(edition, display_name=ATTACK[:60], body=ATTACK)
    make_comment(edition, parent=comment)
    action = {"action": "approve", "_selected_action": [comment.pk]}
    told = client.post(LIST, action, follow=True)
    assert "It has changed in the meantime." in told.content.decode()
    for page in (told, client.get(page_of(comment)), client.get(page_of(Comment.objects.latest("pk")))):
        assert "<img src=x" not in page.content.decode()
        assert "&lt;img src=x" in page.content.decode()
        assert_harmless_admin(content(page))


def test_attack_strings_stay_text_in_the_list(erik: User) -> None:
    edition, client = make_live(), client_of(erik)
    for written in naughty_strings():
        make_comment(edition, display_name=written[:60], body=written)
    for number in range(1, 3 + Comment.objects.count() // 50):
        page = client.get(LIST, {"p": number})
        if page.status_code == 200:
            assert_harmless_admin(content(page))
    assert number > 9


def assert_harmless_admin(html: str) -> None:
    """As on public pages, but for the admin's own pictures and scripts."""
    for tag, attributes in Elements(html).found:
        if tag == "img" or tag == "script":
            assert (attributes.get("src") or "").startswith("/static/"), attributes
            assert not any(name.startswith("on") for name in attributes)
        else:
            assert_harmless(f"<{tag}>")
            assert not any(name.startswith("on") for name in attributes), attributes
            assert not (attributes.get("href") or "").lower().startswith(("javascript:", "data:"))
