"""Where readers find past issues."""

from django import template
from django.utils.translation import get_language

from subscribers.issues import archive
from subscribers.models import Newsletter

register = template.Library()


@register.simple_tag
def archived_newsletters() -> list[Newsletter]:
    """The newsletters of the page's language that have an archive. One query."""
    return archive.archived(get_language() or "")
