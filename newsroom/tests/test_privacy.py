"""A person's data across all rooms: handed over by one command, erased by another, and what must stay stays."""

import json
from io import StringIO
from typing import Any

import pytest
from axes.models import AccessAttempt, AccessLog
from django.apps import apps
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.core.management import CommandError, call_command
from django.test import Client

from articles.factories import make_article, make_author, make_live, make_section
from articles.models import Article, Autosave, Event, Note, Revision
from comments.factories import make_comment
from comments.models import Commenter
from newsroom import accounts, privacy
from newsroom.lib import clock
from newsroom.models import User
from newsroom.testing import client_of
from subscribers.models import Subscriber

pytestmark = pytest.mark.django_db

EMAIL = "alice@newsroom.example"


@pytest.fixture
def work(alice: User, bob: User) -> Article:
    """What Alice has done here: written, noted, decided, signed in; and commented and subscribed in private."""
    article = make_article(by=alice, headline="Alice's article")
    article.assignee = alice
    article.save()
    make_section("Hers").editors.add(alice)
    make_author("Alice Example", user=alice)
    Autosave.objects.create(author=alice, window="w1", typed=[["body", "half a sentence"]], at=clock.now())
    Note.objects.create(article=article, text="Check the numbers", by=alice, at=clock.now())
    Event.objects.create(article=article, verb="submit", by=alice, at=clock.now())
    AccessLog.objects.create(username="alice", ip_address="192.0.2.7", user_agent="A browser", path_info="/admin/")
    AccessAttempt.objects.create(username="alice", ip_address="192.0.2.7", path_info="/admin/", failures_since_start=1)
    LogEntry.objects.create(
        user=bob,
        content_type=ContentType.objects.get_for_model(User),
        object_id=str(alice.pk),
        object_repr="Alice",
        action_flag=CHANGE,
    )
    make_comment(make_live(), commenter=Commenter.objects.create(email=EMAIL), body="In private", display_name="Alice")
    Subscriber.objects.create(email=EMAIL, email_norm=EMAIL, created_at=clock.now())
    return article


def run(command: str, *args: str) -> str:
    out = StringIO()
    call_command(command, *args, stdout=out, stderr=StringIO())
    return out.getvalue()


def test_an_export_has_a_person_s_data_of_every_room(work: Article) -> None:
    data = json.loads(run("export_person", EMAIL))
    assert data == privacy.export(EMAIL)
    assert data["comments.comments"][0]["text"] == "In private"
    assert data["subscribers.subscribers"][0]["email"] == EMAIL
    assert data["newsroom.accounts"][0]["username"] == "alice"
    assert data["newsroom.roles"] == [{"name": "reporter"}]
    assert {row["address"] for row in data["newsroom.logins"]} == {"192.0.2.7"}
    assert data["articles.autosaves"][0]["typed"] == [["body", "half a sentence"]]
    assert data["articles.notes"][0]["text"] == "Check the numbers"
    assert data["articles.authors"][0]["name"] == "Alice Example"
    assert {"table": "articles.event", "as": "by", "rows": 1} in data["newsroom.named_in"]


def test_no_password_is_handed_over(work: Article, alice: User) -> None:
    alice.set_password("an unlikely password")
    alice.save()
    assert alice.password not in run("export_person", EMAIL)


def test_an_export_of_nobody_is_empty(work: Article) -> None:
    assert json.loads(run("export_person", "nobody@example.org")) == {}
    assert privacy.export("") == {}


def test_erasing_leaves_no_trace_of_the_person_in_any_table(work: Article, alice: User) -> None:
    privacy.erase(EMAIL)
    left = "\n".join(str(list(model._base_manager.values())) for model in apps.get_models())
    for trace in (EMAIL, "192.0.2.7", "half a sentence", "In private", "'alice'", "'Alice'"):
        assert trace not in left
    assert privacy.export(EMAIL).keys() <= {"subscribers.suppressions", "subscribers.consent_events"}


def test_the_record_of_what_was_done_stays_and_names_the_empty_account(work: Article, alice: User) -> None:
    saved = Revision.objects.filter(author=alice).count()
    erasure = privacy.erase(EMAIL)
    alice.refresh_from_db()
    assert Revision.objects.filter(author=alice).count() == saved > 0
    assert Event.objects.get(verb="submit").by == alice
    assert str(alice) == f"erased-{alice.pk}"
    assert erasure.kept["articles.event"] == Event.objects.filter(by=alice).count()
    assert "articles.autosave" not in erasure.kept


def test_a_credit_to_readers_stays_without_the_account(work: Article) -> None:
    privacy.erase(EMAIL)
    author = make_author("Alice Example")
    assert author.user is None
    assert author.name == "Alice Example"


def test_what_was_assigned_waits_for_somebody_else(work: Article, alice: User) -> None:
    privacy.erase(EMAIL)
    work.refresh_from_db()
    assert work.assignee is None
    assert not alice.desks.exists()


def test_nobody_is_signed_in_any_more_nor_can_sign_in(work: Article, alice: User) -> None:
    alice.set_password("an unlikely password")
    alice.save()
    window = client_of(alice)
    assert window.get("/admin/").status_code == 200
    privacy.erase(EMAIL)
    assert window.get("/admin/").status_code == 302
    alice.refresh_from_db()
    for name in ("alice", alice.username):
        visitor = Client()
        visitor.post("/admin/login/", {"username": name, "password": "an unlikely password"})
        assert visitor.get("/admin/").status_code == 302


def test_the_last_administrator_is_refused_and_nothing_is_erased(adam: User) -> None:
    Subscriber.objects.create(email=adam.email, email_norm=adam.email, created_at=clock.now())
    with pytest.raises(CommandError, match="last administrator"):
        run("erase_person", adam.email)
    assert Subscriber.objects.exists()


def test_one_of_two_administrators_can_go(adam: User, root: User) -> None:
    privacy.erase(adam.email)
    adam.refresh_from_db()
    assert not adam.is_active
    with pytest.raises(privacy.Refused):
        privacy.erase(root.email)


def test_two_accounts_with_one_address_both_go(alice: User, anton: User) -> None:
    User.objects.filter(pk=anton.pk).update(email=EMAIL.upper())
    assert privacy.erase(EMAIL).done["newsroom.accounts"] == 2


def test_colleagues_stay_as_they_are(work: Article, bob: User) -> None:
    before = User.objects.filter(pk=bob.pk).values().get()
    privacy.erase(EMAIL)
    assert User.objects.filter(pk=bob.pk).values().get() == before


def test_a_rehearsal_says_the_same_and_changes_nothing(work: Article) -> None:
    before = privacy.export(EMAIL)
    rehearsed = run("erase_person", EMAIL, "--dry-run")
    assert privacy.export(EMAIL) == before
    done = run("erase_person", EMAIL)
    assert rehearsed == done + "This was a rehearsal: nothing was changed.\n"


def test_the_report_is_read_as_sentences(work: Article) -> None:
    said = run("erase_person", EMAIL).splitlines()
    assert "1 comment was erased. Its place stays where others have answered it." in said
    assert "1 account was emptied and closed. Nobody can sign in with it any more." in said
    assert "1 text that was typed and never saved was deleted." in said
    assert "1 row of articles.note stays as the record of what was done, and names the empty account." in said
    assert all(line.endswith(".") for line in said)
    assert run("erase_person", "nobody@example.org") == "Nothing was kept about this address.\n"


def test_every_table_that_can_name_an_account_is_looked_at(alice: User) -> None:
    """Whoever adds a model that names accounts need not remember to add it here."""
    Note.objects.create(article=make_article(by=alice), text="Hm", by=alice, resolved_by=alice, at=clock.now())
    named = {(row["table"], row["as"]): row["rows"] for row in accounts.named_in(alice)}
    assert named["articles.note", "by"] == named["articles.note", "resolved_by"] == 1


def test_an_erased_person_s_name_goes_from_the_log_of_the_admin(work: Article, bob: User) -> None:
    privacy.erase(EMAIL)
    entry: Any = LogEntry.objects.get(user=bob)
    assert (entry.object_repr, entry.change_message) == ("", "")
