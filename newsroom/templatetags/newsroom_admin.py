"""What the admin's own templates need beside Django's tags."""

from django import template
from django.contrib.admin.views.main import PAGE_VAR, ChangeList

register = template.Library()


@register.simple_tag
def page_address(cl: ChangeList, number: int) -> str:
    """The query string of another page of this list, with its filters, search and order."""
    return cl.get_query_string({PAGE_VAR: number})


@register.filter
def at_once(label: object) -> str:
    """A button's label where it asks for nothing more: without the dots that promise a question."""
    return str(label).rstrip("…")
