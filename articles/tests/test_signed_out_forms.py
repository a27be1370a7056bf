"""A form that is sent after its editor was signed out, without scripts: its text is kept, and for them alone."""

import re
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import reverse

from articles import autosave
from articles.admin import signed_out
from articles.factories import edit, make_article
from articles.models import Article, Author, Autosave, Byline, Event, Revision
from articles.tests.test_admin_articles import change, form_of
from newsroom.lib import clock
from newsroom.models import User

pytestmark = pytest.mark.django_db

PASSWORD = "two tides a day"
ADD = reverse("admin:articles_article_add")
BACKEND = "django.contrib.auth.backends.ModelBackend"


@pytest.fixture
def writer(alice: User) -> User:
    alice.set_password(PASSWORD)
    alice.save()
    return alice


def signed_in(user: User) -> Client:
    """A browser that is asked for its token, as they all are."""
    client = Client(enforce_csrf_checks=True)
    client.force_login(user, backend=BACKEND)
    return client


def hidden(page: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', page)
    assert found, name
    return found[1]


def opened(client: Client, address: str) -> dict[str, str]:
    """What the form at `address` carries besides its text."""
    page = client.get(address).content.decode()
    return {name: hidden(page, name) for name in ("csrfmiddlewaretoken", "writer", "window")}


def sign_in(client: Client, address: str, user: User) -> Any:
    """Follow where the form ended, and sign in there."""
    token = hidden(client.get(address).content.decode(), "csrfmiddlewaretoken")
    back = address.partition("next=")[2].replace("%3F", "?").replace("%3D", "=")
    sent = {"csrfmiddlewaretoken": token, "username": user.username, "password": PASSWORD, "next": back}
    return client.post(address, sent, follow=True)


def ended(client: Client, article: Article | None, **typed: Any) -> Any:
    """The answer to a form that is sent after the session has ended."""
    address = change(article) if article else ADD
    carried = opened(client, address)
    Session.objects.all().delete()
    return client.post(address, form_of(article, **typed) | carried | {"_save": "Save"})


def test_what_was_typed_stands_in_the_form_after_signing_in_and_is_saved_by_a_press(writer: User) -> None:
    article = make_article(by=writer, headline="Before")
    author = Author.objects.create(name="Ines Brun", slug="ines-brun")
    byline = {"bylines-TOTAL_FORMS": 2, "bylines-1-author": author.pk, "bylines-1-position": 1}
    client = signed_in(writer)
    answer = ended(client, article, headline="Typed for an hour", body="<p>All of it.</p>", **byline)
    assert answer.status_code == 302
    login = client.get(answer.url).content.decode()
    assert "What you typed is kept" in login
    assert "Typed for an hour" not in login
    before = (Revision.objects.count(), Event.objects.count())
    page = sign_in(client, answer.url, writer)
    assert page.status_code == 200
    said = page.content.decode()
    assert 'value="Typed for an hour"' in said
    assert "All of it." in said
    assert "You were signed out before this was saved." in said
    assert "Please correct" not in said
    assert page.context["inline_admin_formsets"][0].formset.forms[1]["author"].value() == str(author.pk)
    assert Article.objects.get().headline == "Before"
    assert (Revision.objects.count(), Event.objects.count()) == before
    carried = {name: hidden(said, name) for name in ("csrfmiddlewaretoken", "writer", "window")}
    sent = form_of(article, headline="Typed for an hour", body="<p>All of it.</p>", **byline)
    assert client.post(change(article), sent | carried).status_code == 302
    assert Article.objects.get().headline == "Typed for an hour"
    assert Byline.objects.filter(article=article, author=author).exists()
    assert not autosave.slots_of(writer, article).exists()


def test_a_new_article_is_kept_as_well_and_made_once(writer: User) -> None:
    client = signed_in(writer)
    answer = ended(client, None, headline="Never saved")
    page = sign_in(client, answer.url, writer)
    said = page.content.decode()
    assert 'value="Never saved"' in said
    assert not Article.objects.exists()
    carried = {name: hidden(said, name) for name in ("csrfmiddlewaretoken", "writer", "window")}
    for _press in range(2):
        client.post(ADD, form_of(headline="Never saved") | carried)
    assert Article.objects.count() == 1


def test_another_who_signs_in_on_that_browser_sees_nothing_of_it(writer: User, bob: User) -> None:
    bob.set_password(PASSWORD)
    bob.save()
    client = signed_in(writer)
    article = make_article(by=writer, headline="Before")
    answer = ended(client, article, headline="Secret words of hers")
    page = sign_in(client, answer.url, bob)
    assert page.status_code == 200
    assert "Secret words" not in page.content.decode()
    assert 'value="Before"' in page.content.decode()
    assert not autosave.unsaved_of(bob).exists()
    mine = signed_in(writer).get(change(article)).content.decode()
    assert "Secret words of hers" in mine


def test_a_colleagues_text_that_was_saved_meanwhile_is_put_together_with_it(writer: User, bob: User) -> None:
    body = "<p>One.</p><p>Two.</p>"
    article = make_article(by=writer, headline="Before", body=body)
    client = signed_in(writer)
    answer = ended(client, article, body=body.replace("One", "Uno"))
    edit(article, by=bob, body=body.replace("Two", "Due"))
    said = sign_in(client, answer.url, writer)
    assert said.context["conflict"] is not None
    assert "Uno" in said.content.decode()
    assert "Due" in said.content.decode()
    assert Article.objects.get().body == body.replace("Two", "Due")


@pytest.mark.parametrize("new", [False, True])
def test_what_is_typed_after_going_back_to_a_form_that_was_saved_is_kept_as_well(writer: User, new: bool) -> None:
    article = None if new else make_article(by=writer, headline="Before")
    address = ADD if article is None else change(article)
    client = signed_in(writer)
    carried = opened(client, address) | {"window": "windowone"}
    client.post(address, form_of(article, headline="Saved") | carried)
    Session.objects.all().delete()
    answer = client.post(address, form_of(article, headline="Typed after going back") | carried)
    assert "What you typed is kept" in client.get(answer.url).content.decode()
    assert 'value="Typed after going back"' in sign_in(client, answer.url, writer).content.decode()


def test_who_signed_in_again_in_another_window_gets_the_form_back_instead_of_a_refusal(writer: User) -> None:
    article = make_article(by=writer, headline="Before")
    client = signed_in(writer)
    carried = opened(client, change(article))
    client.cookies["csrftoken"] = "a" * 32  # a login gives another one
    answer = client.post(change(article), form_of(article, headline="With an old token") | carried, follow=True)
    assert answer.status_code == 200
    assert 'value="With an old token"' in answer.content.decode()
    assert Article.objects.get().headline == "Before"


def test_a_form_of_hers_that_is_sent_while_another_is_signed_in_shows_them_nothing(writer: User, bob: User) -> None:
    article = make_article(by=writer, headline="Before")
    client = signed_in(writer)
    carried = opened(client, change(article))
    client.force_login(bob, backend=BACKEND)
    client.cookies["csrftoken"] = "a" * 32
    answer = client.post(change(article), form_of(article, headline="Hers") | carried)
    assert answer.status_code == 403
    assert autosave.slots_of(writer, article).exists()
    assert not autosave.unsaved_of(bob).exists()


@pytest.mark.parametrize("spoil", ["forged", "missing", "another article", "old", "another password", "closed"])
def test_without_a_good_mark_nothing_is_kept_and_who_sent_it_is_told(writer: User, bob: User, spoil: str) -> None:
    article, other = make_article(by=writer), make_article(by=writer)
    writer_mark = signed_out.mark(writer, other if spoil == "another article" else article)
    if spoil in ("forged", "missing"):
        writer_mark = writer_mark[:-3] + "abc" if spoil == "forged" else ""
    if spoil == "another password":
        writer.set_password("new")
        writer.save()
    if spoil == "closed":
        User.objects.filter(pk=writer.pk).update(is_active=False)
    later = timedelta(days=40 if spoil == "old" else 0)
    with time_machine.travel(clock.now() + later, tick=False):
        answer = Client().post(change(article), form_of(article, headline="x") | {"writer": writer_mark}, follow=True)
    assert not Autosave.objects.exists()
    assert "Go back in your browser" in answer.content.decode()


def test_no_more_than_some_forms_are_kept_in_an_hour_and_none_that_is_too_long(
    writer: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    article = make_article(by=writer)
    sent = form_of(article, headline="x") | {"writer": signed_out.mark(writer, article)}
    Client().post(change(article), sent | {"body": "x" * (signed_out.LONGEST + 1)})
    assert not Autosave.objects.exists()
    monkeypatch.setattr(signed_out, "MANY", 1)
    for _time in range(2):
        Client().post(change(article), sent)
    assert autosave.slots_of(writer, article).get().number == 1


def test_an_address_with_a_window_of_another_or_of_none_shows_the_form_as_it_is(writer: User, bob: User) -> None:
    article = make_article(by=writer, headline="Before")
    typed = [["headline", "Hers"], ["bylines-TOTAL_FORMS", "0"]]
    autosave.keep(writer, article, window="windowone", number=1, typed=typed)
    for window in ("windowone", "windowtwo", "../x", ""):
        page = signed_in(bob).get(f"{change(article)}?typed={window}")
        assert page.status_code == 200
        assert "Hers" not in page.content.decode()


def test_showing_it_again_changes_nothing_however_often_it_is_asked_for(writer: User) -> None:
    article = make_article(by=writer, headline="Before")
    client = signed_in(writer)
    answer = ended(client, article, headline="Typed")
    sign_in(client, answer.url, writer)
    slot = autosave.slots_of(writer, article).get()
    before = (Revision.objects.count(), slot.number, slot.at)
    for _time in range(3):
        assert 'value="Typed"' in client.get(f"{change(article)}?typed={slot.window}").content.decode()
    slot.refresh_from_db()
    assert (Revision.objects.count(), slot.number, slot.at) == before


def test_no_password_and_no_token_is_kept(writer: User) -> None:
    article = make_article(by=writer)
    ended(signed_in(writer), article, headline="x", password=PASSWORD)
    names = {name for name, *_value in autosave.slots_of(writer, article).get().typed}
    assert not names & {"password", "csrfmiddlewaretoken", "writer", "window", "_save"}
