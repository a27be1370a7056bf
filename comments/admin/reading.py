"""Which comments somebody may read in the admin: editors and moderators all, authors those on their own articles."""

from typing import Any

from django.db.models import Q, QuerySet
from django.http import HttpRequest

from articles.admin.people import who
from articles.models import Article
from comments import moderation
from comments.models import Comment
from newsroom.models import User


def reads_all(user: User) -> bool:
    """With everything that a decision needs: where a comment came from, what its author wrote before, reports."""
    return user.has_perm("comments.view_comment")


def reads_own(user: User) -> bool:
    """Whoever writes articles reads what readers say to them: name, words and state, and nothing more of anybody."""
    return user.has_perm("articles.change_article")


def may_moderate(request: HttpRequest) -> bool:
    user = who(request)
    return reads_all(user) and user.has_perm(moderation.MODERATE)


def readable_by(user: User) -> QuerySet[Comment]:
    """The comments that `user` may read, in no order."""
    if reads_all(user):
        return Comment.objects.order_by()
    return Comment.objects.order_by().filter(article__in=own_articles(user))


def own_articles(user: User) -> QuerySet[Any]:
    """The keys of the articles that they wrote, answer for or were given; none for who writes no articles."""
    own = Q(owner=user) | Q(assignee=user) | Q(bylines__author__user=user)
    articles = Article.objects.filter(own) if reads_own(user) else Article.objects.none()
    return articles.order_by().values("pk")
