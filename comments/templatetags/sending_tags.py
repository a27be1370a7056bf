"""What a form for comments carries that tells how it was sent."""

from django import template

from articles.models import Edition
from comments.spam import traps

register = template.Library()


@register.simple_tag
def page_token(edition: Edition) -> str:
    """When the page was made, to the hour, signed: the page is kept for everybody."""
    return traps.page_token(edition.article_id)
