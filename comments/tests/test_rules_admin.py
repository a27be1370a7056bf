"""Moderators keep rules, bans and modes in the admin."""

import pytest
from django.urls import reverse

from articles.factories import make_live
from comments import posting
from comments.factories import make_comment
from comments.models import Ban, Comment, Opening, WordRule
from comments.states import Mode
from newsroom.models import User
from newsroom.testing import client_of

pytestmark = pytest.mark.django_db

END = {"ends_at_0": "2030-01-01", "ends_at_1": "00:00"}


def add(user: User, model: str, **fields: str) -> str:
    return client_of(user).post(reverse(f"admin:comments_{model}_add"), fields, follow=True).content.decode()


def test_a_moderator_bans_the_network_of_an_address(erik: User) -> None:
    add(erik, "ban", network="192.0.2.7", reason="Threats.", **END)
    assert Ban.objects.get().network == "192.0.2.0/24"


@pytest.mark.parametrize(
    "fields, sentence",
    [
        ({"network": "nowhere", **END}, "This is no network address."),
        ({"network": "192.0.2.7"}, "Say when the ban of a network ends"),
        (END, "Name either a commenter or a network."),
    ],
)
def test_a_ban_that_makes_no_sense_is_explained(fields: dict[str, str], sentence: str, erik: User) -> None:
    assert sentence in add(erik, "ban", reason="Threats.", **fields)
    assert not Ban.objects.exists()


def test_a_mode_is_given_to_an_article_or_to_a_section(erik: User) -> None:
    edition = make_live()
    assert "Choose either an article or a section." in add(erik, "opening", mode=Mode.POST)
    add(erik, "opening", mode=Mode.POST, article=str(edition.article_id))
    assert Opening.objects.get().article_id == edition.article_id


def test_a_word_rule_starts_switched_off_and_shows_what_it_would_have_caught(erik: User) -> None:
    edition = make_live()
    make_comment(edition, body="<b>A casino!")
    add(erik, "wordrule", words="  casino ", then="hold", reason="abuse")
    rule = WordRule.objects.get()
    assert (rule.words, rule.active) == ("casino", False)
    page = client_of(erik).get(reverse("admin:comments_wordrule_change", args=[rule.pk])).content.decode()
    assert "It would have caught 1 comment." in page
    assert "&lt;b&gt;A casino!" in page


def test_a_word_rule_that_would_match_nothing_is_refused(erik: User) -> None:
    assert "This would match nothing." in add(erik, "wordrule", words="*", then="hold", reason="abuse")


def test_the_comments_page_tells_what_each_rule_found(erik: User) -> None:
    WordRule.objects.create(words="casino", active=True)
    posting.post(make_live(), name="Rita", body="A casino!")
    page = client_of(erik).get(reverse("admin:comments_comment_change", args=[Comment.objects.get().pk]))
    assert "<bdi>the rules</bdi>" in page.content.decode()
    assert "<li>Bans: nothing</li>" in page.content.decode()
    assert "<li>Words: <bdi>casino</bdi></li>" in page.content.decode()
    assert 'value="undo"' not in page.content.decode()


@pytest.mark.parametrize("model", ["ban", "wordrule", "opening"])
def test_others_are_refused(model: str, alice: User, bob: User, mallory: User) -> None:
    for user in (alice, bob, mallory):
        assert client_of(user).get(reverse(f"admin:comments_{model}_add")).status_code == 403
