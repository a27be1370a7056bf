"""What articles keep of somebody who works here: handed over, or erased as far as the record allows.

Who saved which text and decided what on it is the newsroom's record of how articles came to be, and stays, with
the account that it names; the caller takes the person out of that. A credit to readers is no account: it stays on
what was published.
"""

from django.db import transaction

from articles.models import Approval, Article, Author, Autosave, Event, Note, Revision
from newsroom.lib.personal import Tables, filled, rows
from newsroom.models import User


def export(user: User) -> Tables:
    """The name of a table, and its rows about this account. Of texts, only what was typed and never saved."""
    return filled(
        {
            "authors": rows(
                Author.objects.filter(user=user), name="name", slug="slug", role="role", description="description"
            ),
            "sections": rows(user.desks.all(), name="name"),
            "articles": rows(
                Article.objects.filter(owner=user) | Article.objects.filter(assignee=user),
                id="pk",
                headline="headline",
                owner="owner__username",
                assigned_to="assignee__username",
            ),
            "autosaves": rows(Autosave.objects.filter(author=user), article="article", typed="typed", at="at"),
            "revisions": rows(
                Revision.objects.filter(author=user), article="article", number="number", at="at", reason="reason"
            ),
            "approvals": rows(Approval.objects.filter(by=user), article="article", at="at"),
            "notes": rows(Note.objects.filter(by=user), article="article", text="text", at="at"),
            "events": rows(Event.objects.filter(by=user), article="article", verb="verb", note="note", at="at"),
        }
    )


@transaction.atomic
def erase(user: User) -> dict[str, int]:
    """Take the account off desks, assignments and its credit, and delete what it typed and never saved."""
    done = {
        "autosaves": Autosave.objects.filter(author=user).delete()[0],
        "assignments": Article.objects.filter(assignee=user).update(assignee=None),
        "authors": Author.objects.filter(user=user).update(user=None),
        "sections": user.desks.count(),
    }
    user.desks.clear()
    return {table: number for table, number in done.items() if number}
