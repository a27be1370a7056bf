"""`{% comments edition %}`: an article's first comments and the form for one more, by one query."""

from datetime import datetime
from functools import lru_cache
from typing import Any

from django import template
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.timezone import get_current_timezone_name
from django.utils.translation import get_language

from articles.models import Edition
from articles.templatetags.articles_tags import moment
from comments import pages, structured, text
from comments.forms import CommentForm
from comments.models import Comment
from comments.threads import Node

register = template.Library()


@register.inclusion_tag("comments/comments.html")
def comments(edition: Edition) -> dict[str, Any]:
    """The published comments on the edition's article. The page is cached for everyone: nothing in it is personal."""
    page = pages.of_article(edition.article_id)
    return {"edition": edition, "page": page, "closed": page.is_closed(edition), "form": CommentForm()}


@register.filter
def words(comment: Comment) -> SafeString:
    """A comment's text as HTML, as it was made when it was written."""
    return text.stored_html(comment.body_html)


@register.filter
def written(comment: Comment) -> SafeString:
    """When the comment was written, in the page's language."""
    return _moment(comment.created_at, get_language(), get_current_timezone_name())


@lru_cache(maxsize=4096)
def _moment(value: datetime, language: str, zone: str) -> SafeString:
    """Pages are made again with every new comment, and writing a date takes as long as all else of a comment."""
    return moment(value)


@register.filter
def numbered(sentence: str, node: Node) -> str:
    """`sentence` with the comment's number where it says {}: translated once for all comments of a page."""
    return sentence.replace("{}", node.number)


@register.simple_tag
def comments_address(edition: Edition, **query: str) -> str:
    """Of another page of the article's comments, at their beginning."""
    return f"{pages.address(edition, **query)}#comments"


@register.simple_tag
def comment_report_address(comment: Comment) -> str:
    """Of the form that reports it. Without looking up the route anew for every comment of a page."""
    return _report_address(get_language()).replace("{}", comment.public_id)


@lru_cache(maxsize=64)
def _report_address(language: str) -> str:
    return reverse("comments:report", args=["0"]).replace("/0/", "/{}/")


@register.simple_tag
def comments_data(edition: Edition, page: pages.Page) -> SafeString:
    """What the page shows, for machines."""
    return structured.script(edition, page)
