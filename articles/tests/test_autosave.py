"""What is typed is kept beside the article until it is saved: a slot for each editor, article and window."""

import json
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse

from articles import autosave
from articles.admin import writing
from articles.autosave import SLOTS, Verdict
from articles.factories import edit, make_article, make_live, make_section
from articles.models import Article, Autosave, Edition, Event, Revision
from articles.tests.test_admin_articles import change, form_of
from newsroom.lib import clock
from newsroom.models import User
from newsroom.testing import client_of

pytestmark = pytest.mark.django_db

WINDOW, OTHER = "windowone", "windowtwo"
ADD = reverse("admin:articles_article_add")


def keep(user: User, article: Article | None, headline: str, number: int = 1, window: str = WINDOW) -> Verdict:
    based_on = article.revision_id if article else None
    return autosave.keep(user, article, window=window, number=number, typed=[["headline", headline]], based_on=based_on)


def headlines(user: User, article: Article | None) -> list[str]:
    return [slot.typed[0][1] for slot in autosave.slots_of(user, article)]


def address(article: Article | None, name: str = "autosave") -> str:
    return reverse(f"admin:articles_article_{name}", args=[article.pk]) if article else f"{ADD}{name}/"


def packet(user: User, **changed: Any) -> dict[str, Any]:
    return {"user": str(user.pk), "window": WINDOW, "number": 1, "typed": [["headline", "Typed"]], **changed}


def send(client: Client, article: Article | None, sent: Any) -> Any:
    return client.post(address(article), json.dumps(sent), content_type="application/json")


# Keeping ----------------------------------------------------------------------------------


def test_a_window_writes_its_slot_over_as_its_editor_types(alice: User) -> None:
    article = make_article(by=alice)
    assert [keep(alice, article, word, number) for number, word in enumerate("abc", 1)] == [Verdict.KEPT] * 3
    assert headlines(alice, article) == ["c"]
    assert autosave.slots_of(alice, article).get().based_on_id == article.revision_id


def test_a_packet_that_comes_late_does_not_overwrite_what_was_typed_after_it(alice: User) -> None:
    article = make_article(by=alice)
    keep(alice, article, "later", 7)
    assert keep(alice, article, "earlier", 6) == Verdict.LATE
    assert keep(alice, article, "again", 7) == Verdict.LATE
    assert headlines(alice, article) == ["later"]


def test_two_windows_of_one_editor_and_two_editors_never_overwrite_each_other(alice: User, bob: User) -> None:
    article = make_article(by=alice)
    keep(alice, article, "one")
    keep(alice, article, "two", window=OTHER)
    keep(bob, article, "bob's")
    assert sorted(headlines(alice, article)) == ["one", "two"]
    assert headlines(bob, article) == ["bob's"]


def test_an_article_that_was_never_saved_has_slots_by_their_windows(alice: User, bob: User) -> None:
    keep(alice, None, "one")
    keep(alice, None, "two", window=OTHER)
    assert sorted(headlines(alice, None)) == ["one", "two"]
    assert headlines(bob, None) == []


def test_nothing_that_readers_or_colleagues_see_is_touched(alice: User) -> None:
    edition = make_live(by=alice, headline="Before")
    article = Article.objects.get(pk=edition.article_id)
    before = [list(model.objects.values()) for model in (Article, Revision, Edition, Event)]
    keep(alice, article, "After")
    assert [list(model.objects.values()) for model in (Article, Revision, Edition, Event)] == before


def test_a_handful_of_slots_is_kept_for_each_editor_and_article(alice: User) -> None:
    article = make_article(by=alice)
    with time_machine.travel(clock.now()) as traveller:
        for number in range(SLOTS + 3):
            keep(alice, article, str(number), window=f"window{chr(97 + number) * 3}")
            traveller.shift(60)
    assert headlines(alice, article) == [str(number) for number in range(SLOTS + 2, 2, -1)]


def test_a_revision_of_another_article_is_not_taken_for_where_the_text_began(alice: User) -> None:
    article, other = make_article(by=alice), make_article(by=alice)
    autosave.keep(alice, article, window=WINDOW, number=1, typed=[["headline", "x"]], based_on=other.revision_id)
    assert autosave.slots_of(alice, article).get().based_on is None


# Settling ---------------------------------------------------------------------------------


def test_what_a_window_saved_is_forgotten_and_nothing_of_it_comes_late(alice: User) -> None:
    article = make_article(by=alice)
    keep(alice, article, "typed", 4)
    autosave.settle(alice, article, window=WINDOW)
    assert keep(alice, article, "late", 5) == Verdict.SETTLED
    assert headlines(alice, article) == []
    assert autosave.settled(alice, [WINDOW, OTHER]) == [WINDOW]
    assert Autosave.objects.get().typed == []


def test_a_new_articles_slot_is_forgotten_when_it_is_saved_as_an_article(alice: User) -> None:
    keep(alice, None, "typed")
    autosave.settle(alice, make_article(by=alice), window=WINDOW)
    assert keep(alice, None, "late", 9) == Verdict.SETTLED
    assert headlines(alice, None) == []


def test_a_slot_that_was_restored_elsewhere_goes_with_the_save_unless_it_was_typed_on(alice: User) -> None:
    article = make_article(by=alice)
    keep(alice, article, "restored", 3, window=OTHER)
    keep(alice, article, "typed on", 4, window="windowthree")
    autosave.settle(alice, article, window=WINDOW, restored=[(OTHER, 3), ("windowthree", 3), ("onlylocal", 2)])
    assert headlines(alice, article) == ["typed on"]
    assert autosave.settled(alice, [OTHER, "windowthree", "onlylocal"]) == ["onlylocal", OTHER]


def test_one_editors_save_forgets_nothing_of_another(alice: User, bob: User) -> None:
    article = make_article(by=alice)
    keep(bob, article, "bob's")
    autosave.settle(alice, article, window=WINDOW, restored=[(WINDOW, 9)])
    autosave.forget(alice, article, [WINDOW])
    assert headlines(bob, article) == ["bob's"]
    assert autosave.settled(bob, [WINDOW]) == []


def test_slots_that_nobody_asked_for_are_purged_after_a_month(alice: User) -> None:
    article = make_article(by=alice)
    with time_machine.travel(clock.now() - autosave.KEPT_FOR - timedelta(hours=1)):
        keep(alice, article, "old")
    keep(alice, article, "new", window=OTHER)
    assert autosave.purge() == 1
    assert headlines(alice, article) == ["new"]


# Over HTTP --------------------------------------------------------------------------------


@pytest.mark.parametrize("new", [False, True], ids=["an article", "a new article"])
def test_the_server_keeps_what_a_contributor_typed(alice: User, new: bool) -> None:
    article = None if new else make_article(by=alice)
    answer = send(client_of(alice), article, packet(alice, based_on=article.revision_id if article else ""))
    assert (answer.status_code, answer.json()) == (200, {"verdict": "kept"})
    assert headlines(alice, article) == ["Typed"]


def test_keeping_costs_a_few_queries_whatever_is_kept(alice: User, django_assert_max_num_queries: Any) -> None:
    article = make_article(by=alice)
    client = client_of(alice)
    send(client, article, packet(alice))
    for number in (2, 3):
        with django_assert_max_num_queries(10):
            send(client, article, packet(alice, number=number))


def of_a_desk(owner: User, *members: User) -> Article:
    """An article in a section that only its members work on."""
    section = make_section("Politics")
    section.editors.set([owner, *members])
    return make_article(by=owner, section=section)


def test_an_outsider_is_refused_with_a_sentence(alice: User, anton: User, mallory: User) -> None:
    article = of_a_desk(alice)
    for outsider in (anton, mallory):
        answer = send(client_of(outsider), article, packet(outsider))
        assert answer.status_code == 404
        assert answer.json()["error"].endswith(".")
        assert client_of(outsider).post(address(article, "discard"), {"window": WINDOW}).status_code == 404
    assert send(client_of(mallory), None, packet(mallory)).status_code == 403
    assert not Autosave.objects.exists()


def test_who_reads_the_draft_and_does_not_write_it_is_refused_and_gets_no_scripts(alice: User, mallory: User) -> None:
    article = make_article(by=alice)
    mallory.user_permissions.add(Permission.objects.get(codename="view_article"))
    page = client_of(mallory).get(change(article))
    assert page.status_code == 200
    assert "writing" not in page.context
    assert send(client_of(mallory), article, packet(mallory)).status_code == 403
    assert not Autosave.objects.exists()


def test_who_is_signed_out_is_sent_to_the_login_and_nothing_is_kept(alice: User) -> None:
    article = make_article(by=alice)
    answer = send(Client(), article, packet(alice))
    assert answer.status_code == 302
    assert "login" in answer.headers["Location"]
    assert not Autosave.objects.exists()


def test_text_of_one_user_is_not_kept_as_another_ones(alice: User, bob: User) -> None:
    """Somebody else signed in, in the same browser, while the page was open."""
    article = make_article(by=alice)
    assert send(client_of(bob), article, packet(alice)).status_code == 409
    assert not Autosave.objects.exists()


def test_a_request_without_the_forms_token_is_refused(alice: User) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(alice, backend="django.contrib.auth.backends.ModelBackend")
    answer = send(client, make_article(by=alice), packet(alice))
    assert answer.status_code == 403
    assert "json" not in answer.headers["Content-Type"]


def test_a_form_from_before_a_login_is_refused_with_what_to_do(alice: User) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(alice, backend="django.contrib.auth.backends.ModelBackend")
    page = client.post(change(make_article(by=alice)), {"headline": "x"})
    assert page.status_code == 403
    assert "load the page again" in page.content.decode()


@pytest.mark.parametrize(
    "sent",
    [
        [],
        {},
        "text",
        None,
        {"typed": "x"},
        {"typed": [["one"]]},
        {"typed": [["name", 1]]},
        {"typed": [["a", "b", "c", "d"]]},
        {"number": 0},
        {"number": float("inf")},
        {"number": 2**31 - 1},
        {"number": "x"},
        {"window": "short"},
        {"window": "x" * 41},
        {"window": "1234567890123"},
        {"based_on": "x"},
        {"based_on": 2**70},
    ],
)
def test_what_is_no_packet_is_refused_with_a_sentence(alice: User, sent: Any) -> None:
    whole = packet(alice) | sent if isinstance(sent, dict) and sent else sent
    answer = send(client_of(alice), make_article(by=alice), whole)
    assert answer.status_code == 400
    assert answer.json()["error"].endswith(".")
    assert not Autosave.objects.exists()


@pytest.mark.parametrize("length", [writing.LONGEST + 1, 6 * 1024 * 1024])
def test_a_text_of_megabytes_is_refused_with_a_sentence(alice: User, length: int) -> None:
    answer = send(client_of(alice), make_article(by=alice), packet(alice, typed=[["body", "x" * length]]))
    assert answer.status_code == 413
    assert "Save it now" in answer.json()["error"]


def test_characters_that_databases_refuse_do_no_harm(alice: User) -> None:
    article = make_article(by=alice)
    assert send(client_of(alice), article, packet(alice, typed=[["headline", "a\x00b\ud800c"]])).status_code == 200
    assert headlines(alice, article) == ["ab?c"]


def test_a_get_changes_nothing(alice: User) -> None:
    article = make_article(by=alice)
    client = client_of(alice)
    keep(alice, article, "typed")
    assert client.get(address(article)).status_code == 405
    assert client.get(address(article, "discard"), {"window": WINDOW}).status_code == 405
    assert headlines(alice, article) == ["typed"]


def test_discarding_forgets_ones_own_alone(alice: User, bob: User) -> None:
    article = make_article(by=alice)
    keep(alice, article, "alice's")
    keep(bob, article, "bob's", window=OTHER)
    answer = client_of(alice).post(address(article, "discard"), {"window": [WINDOW, OTHER]})
    assert answer.json() == {"discarded": 1}
    assert (headlines(alice, article), headlines(bob, article)) == ([], ["bob's"])


def test_the_scripts_learn_who_is_signed_in_and_what_is_settled(alice: User, bob: User) -> None:
    article = make_article(by=alice)
    autosave.settle(alice, article, window=WINDOW)
    where = reverse("admin:articles_article_writing")
    told = client_of(alice).get(where, {"window": [WINDOW, OTHER]}).json()
    assert (told["user"], told["name"], told["settled"]) == (str(alice.pk), "alice", [WINDOW])
    assert client_of(bob).get(where, {"window": [WINDOW]}).json()["settled"] == []
    assert Client().get(where).status_code == 302


# Saving the form --------------------------------------------------------------------------


def test_saving_forgets_what_its_window_kept(alice: User) -> None:
    article = make_article(by=alice)
    keep(alice, article, "typed", 3)
    keep(alice, article, "other", 3, window=OTHER)
    form = form_of(article, headline="Saved", window=WINDOW, restored=f"{OTHER}.2 nonsense")
    assert client_of(alice).post(change(article), form).status_code == 302
    assert headlines(alice, article) == ["other"]
    assert article.revisions.count() == 2


def test_saving_a_new_article_forgets_what_its_window_kept(alice: User) -> None:
    keep(alice, None, "typed")
    form = form_of(headline="New", section=make_section("News").pk, window=WINDOW)
    assert client_of(alice).post(ADD, form).status_code == 302
    assert headlines(alice, None) == []


def test_a_new_article_that_is_sent_twice_is_one_article(alice: User, bob: User) -> None:
    """The first answer never came: the server ended after the save, or somebody pressed twice."""
    form = form_of(headline="New", section=make_section("News").pk, window=WINDOW, _continue="")
    answers = [client_of(alice).post(ADD, form) for _time in range(2)]
    assert [answer.headers["Location"] for answer in answers] == [change(Article.objects.get())] * 2
    client_of(bob).post(ADD, form)
    assert Article.objects.count() == 2


def test_a_refused_save_keeps_everything_and_goes_on_as_the_same_window(alice: User) -> None:
    article = make_article(by=alice)
    keep(alice, article, "typed")
    page = client_of(alice).post(change(article), form_of(article, headline="", window=WINDOW))
    assert page.context["writing"]["window"] == WINDOW
    assert page.context["writing"]["unsaved"]
    assert headlines(alice, article) == ["typed"]


def test_a_save_that_a_colleague_overtook_keeps_everything(alice: User, bob: User) -> None:
    article = make_article(by=alice)
    keep(alice, article, "typed")
    form = form_of(article, headline="Mine", window=WINDOW)
    edit(article, by=bob, headline="Theirs")
    assert client_of(alice).post(change(article), form).status_code == 200
    assert headlines(alice, article) == ["typed"]


# Offering it back -------------------------------------------------------------------------


def test_the_form_offers_what_was_typed_with_its_body_cleaned(alice: User) -> None:
    article = make_article(by=alice)
    typed = [["headline", "Typed"], ["body", "<p onclick='x()'>Text<script>x()</script></p>"]]
    autosave.keep(alice, article, window=WINDOW, number=4, typed=typed, based_on=article.revision_id)
    [slot] = client_of(alice).get(change(article)).context["writing"]["slots"]
    assert slot["typed"] == [["headline", "Typed"], ["body", "<p>Text</p>"]]
    assert (slot["window"], slot["number"], slot["basedOn"]) == (WINDOW, 4, article.revision_id)


def test_without_scripts_the_text_can_be_copied_where_it_differs(alice: User) -> None:
    article = make_article(by=alice, headline="Saved")
    typed = [["headline", "Saved"], ["standfirst", "Typed & kept"], ["body", "<p>One</p><p>Two</p>"]]
    autosave.keep(alice, article, window=WINDOW, number=1, typed=typed, based_on=article.revision_id)
    page = client_of(alice).get(change(article))
    [text] = page.context["writing"]["texts"]
    assert [label for label, _text in text["fields"]] == ["Standfirst", "Body"] or len(text["fields"]) == 2
    noscript = page.content.decode().partition("<noscript>")[2].partition("</noscript>")[0]
    assert "Typed &amp; kept" in noscript
    assert "<dd" in noscript


def test_nobody_is_offered_what_a_colleague_typed(alice: User, bob: User) -> None:
    article = make_article(by=alice)
    keep(alice, article, "alicesecret")
    page = client_of(bob).get(change(article))
    assert page.context["writing"]["slots"] == []
    assert "alicesecret" not in page.content.decode()
