"""Whose articles concern whom: an editor's desks, or one's own."""

from typing import Any

from django.db.models import Exists, OuterRef, Q

from articles.models import Article, Section
from articles.states import Status
from newsroom.dashboard.cards import name_columns
from newsroom.models import User

UNFINISHED = (Status.DRAFT, Status.CHANGES_REQUESTED, Status.IN_REVIEW)


def all_articles() -> Any:
    """Articles with what a row says of each, in one query."""
    return Article.objects.select_related("assignee", "revision__author").only(
        "headline",
        "status",
        "due",
        "revision__at",
        *name_columns("assignee"),
        *name_columns("revision__author"),
    )


def on_desks(found: Any, user: User) -> Any:
    """Articles of the sections whose desk holds the user or nobody."""
    if user.has_perm("articles.publish_anything"):
        return found
    own = Section.objects.open_to(user).filter(pk=OuterRef("section"))
    return found.filter(Q(section=None) | Exists(own))


def of_desks(found: Any, user: User, or_else: Q | None = None) -> Any:
    """Of rows that belong to articles, those of desks that hold the user or nobody; and those that `or_else` names."""
    if user.has_perm("articles.publish_anything"):
        return found
    open_ones = Q(article__section=None) | Exists(Section.objects.open_to(user).filter(pk=OuterRef("article__section")))
    return found.filter(open_ones | or_else if or_else else open_ones)


def unfinished(user: User) -> Any:
    """Articles that somebody works on: an editor's desks, else the user's own."""
    found = all_articles().filter(status__in=UNFINISHED)
    if user.has_perm("articles.approve_article"):
        return on_desks(found, user)
    return found.filter(Q(owner=user) | Q(assignee=user))
