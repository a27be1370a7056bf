"""`{% comments edition %}`: an article's comments and the form for one more, by one query."""

from typing import Any

from django import template
from django.utils.safestring import SafeString

from articles.models import Edition
from comments import text, threads
from comments.forms import CommentForm
from comments.models import Comment

register = template.Library()


@register.inclusion_tag("comments/comments.html")
def comments(edition: Edition) -> dict[str, Any]:
    """The published comments on the edition's article. The page is cached for everyone: nothing in it is personal."""
    return {"edition": edition, "threads": threads.of_article(edition.article_id), "form": CommentForm()}


@register.filter
def words(comment: Comment) -> SafeString:
    """A comment's text as HTML, as it was made when it was written."""
    return text.stored_html(comment.body_html)
