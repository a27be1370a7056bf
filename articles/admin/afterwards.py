"""A form that comes back is made into a page once the database is let go.

Django's admin holds one transaction around the whole of a POST, the making of the page included. On SQLite that
keeps all writers of the site waiting, and the page of a conflict takes several times as long as a save.
"""

from collections.abc import Callable
from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse


class ComesBack(Exception):
    """The form was not saved and is shown again: `page` makes it. Ends a transaction in which nothing was written."""

    def __init__(self, page: Callable[[], HttpResponse]) -> None:
        self.page = page


class PageAfterwards(admin.ModelAdmin):
    """The last of an admin's mixins: those before it wrap what is made here, wherever it is made."""

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        form: Any = super()
        request.page_afterwards = request.method == "POST"  # type: ignore[attr-defined]
        try:
            return form.changeform_view(request, *args, **kwargs)
        except ComesBack as answer:
            request.page_afterwards = False  # type: ignore[attr-defined]
            return answer.page()
