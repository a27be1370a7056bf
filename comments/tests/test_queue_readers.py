"""Who may read comments in the admin, and what strangers' words can do to those who do: nothing."""

import pytest
from django.test import Client

from articles.factories import make_author, make_live
from comments import moderation
from comments.factories import make_comment, make_published
from comments.models import Ban, Comment
from comments.tests.markup import naughty_strings
from comments.tests.moderating import LIST, appeal, assert_harmless_admin, content, known, listed, page_of, report
from newsroom.models import User
from newsroom.testing import CAST, client_of, make_user

pytestmark = pytest.mark.django_db


# Who may ------------------------------------------------------------------------------------

READERS = {"erik", "charlie", "bob", "berta"}
MODERATORS = {"erik", "charlie"}
# Who writes articles reads what is said to their own.
AUTHORS = {"alice", "anton", "dora"}


@pytest.mark.parametrize("name", CAST)
def test_only_moderators_decide_and_only_editors_read_all(name: str) -> None:
    user, comment = make_user(name, CAST[name]), make_comment(make_live(), body="Quagga")
    client = client_of(user)
    for address in (LIST, page_of(comment)):
        response = client.get(address)
        opens = name in READERS or (name in AUTHORS and address == LIST)
        assert response.status_code == (200 if opens else 403)
        assert ("Quagga" in content(response)) == (name in READERS)
        assert ('value="approve"' in content(response)) == (name in MODERATORS)
        assert ("192.0.2.0" in content(response)) == (name in READERS)


def test_an_author_reads_the_comments_on_their_own_articles_and_nothing_of_who_wrote_them(
    alice: User, anton: User
) -> None:
    byline, owned = make_live(authors=[make_author("Alice", user=alice)]), make_live(by=alice)
    rita = known(email="rita@example.org")
    mine = [make_comment(edition, body=f"On mine {edition.pk}.", commenter=rita) for edition in (byline, owned)]
    other = make_comment(make_live(by=anton), body="On Anton's.")
    report(make_published(owned), "A secret report.")
    client = client_of(alice)
    page = listed(client)
    assert all(comment.body in page for comment in mine)
    assert "On Anton" not in page
    pages = [page, *(content(client.get(page_of(comment))) for comment in mine)]
    for shown in pages:
        for secret in ("192.0.2.0", "rita@example.org", "A secret report.", 'name="decision"'):
            assert secret not in shown
    assert client.get(page_of(other)).status_code == 403
    assert client.get(f"{LIST}999999/change/").status_code == 404


@pytest.mark.parametrize("asked", [{"q": "rita@example.org"}, {"network": "192.0.2.1"}, {"reported": "on"}])
def test_an_author_learns_nothing_of_a_reader_by_asking(asked: dict[str, str], alice: User) -> None:
    edition = make_live(by=alice)
    make_comment(edition, body="Quagga", commenter=known(email="rita@example.org"))
    assert ("Quagga" in listed(client_of(alice), **asked)) == ("q" not in asked)


def test_the_room_is_shown_to_those_who_may_enter_it(alice: User, erik: User, mallory: User) -> None:
    for user, shown in ((alice, True), (erik, True), (mallory, False)):
        assert (f'href="{LIST}"' in client_of(user).get("/admin/").content.decode()) == shown


def test_without_a_login_there_is_nothing() -> None:
    comment = make_comment(make_live())
    for address in (LIST, page_of(comment), f"{LIST}statistics/"):
        assert Client().get(address).status_code == 302


@pytest.mark.parametrize("name", ["erik", "root"])
def test_nobody_adds_changes_or_deletes_a_comment_by_hand(name: str) -> None:
    user = make_user(name, CAST.get(name), is_superuser=name == "root")
    comment, client = make_comment(make_live(), body="As it was."), client_of(user)
    assert client.get(f"{LIST}add/").status_code == 403
    client.post(page_of(comment), {"body": "changed"})
    assert client.post(f"{LIST}{comment.pk}/delete/", {"post": "yes"}).status_code == 403
    comment.refresh_from_db()
    assert comment.body == "As it was."


# Attacks on moderators ----------------------------------------------------------------------


ATTACK = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>"


def test_markup_in_name_text_headline_report_and_appeal_stays_text_everywhere(erik: User, charlie: User) -> None:
    edition, client = make_live(headline=ATTACK), client_of(erik)
    comment = make_comment(edition, display_name=ATTACK[:60], body=ATTACK, commenter=known(name=ATTACK[:60]))
    make_comment(edition, parent=comment)
    report(make_published(edition, display_name=ATTACK[:60]), ATTACK)
    appeal(make_comment(edition), by=charlie, text=ATTACK)
    moderation.decide(comment, "hold", by=charlie, note=ATTACK, expected=comment.versions)
    Ban.objects.create(commenter=comment.commenter, reason=ATTACK)
    pages = [client.get(LIST), client.get(page_of(comment)), client.get(LIST, {"commenter": comment.commenter_id})]
    pages.append(client.get(LIST, {"article": edition.article_id, "q": ATTACK, "state": "every"}))
    for page in pages:
        assert "<img src=x" not in page.content.decode()
        assert "&lt;img src=x" in page.content.decode()
        assert_harmless_admin(content(page))


def test_attack_strings_stay_text_in_the_queue(erik: User) -> None:
    edition, client = make_live(), client_of(erik)
    for written in naughty_strings():
        make_comment(edition, display_name=written[:60], body=written)
    where, pages = LIST, 0
    while where:
        answer = client.get(where, headers={"accept": "application/json"}).json()
        assert_harmless_admin(answer["cards"])
        where, pages = answer["more"], pages + 1
    assert pages == -(-Comment.objects.count() // 25) > 9


def test_words_of_another_direction_do_not_disturb_their_neighbours(erik: User) -> None:
    comment = make_comment(make_live(headline="مطر"), display_name="ليلى", body="أهلا")
    for page in (listed(client_of(erik)), content(client_of(erik).get(page_of(comment)))):
        assert "<bdi>ليلى</bdi>" in page
        assert '<bdi dir="auto">مطر</bdi>' in page
        assert '<div class="card-text" dir="auto">أهلا</div>' in page
