"""Pages of a long list, without counting it: one row more than a page tells whether another page follows."""

import sys
from collections.abc import Iterator
from typing import Any, ClassVar

from django.contrib.admin import ShowFacets
from django.core.paginator import EmptyPage, InvalidPage, Page, PageNotAnInteger, Paginator
from django.utils.translation import gettext_lazy as _


class NoCountPaginator(Paginator):
    """A Paginator that never asks the database to count.

    Nothing is known of the length before a page was fetched, so `count` is then a number larger than
    any list; afterwards `num_pages` is the last page known to exist. Works in Django's change lists
    (set `show_full_result_count = False` as well) and autocomplete views.
    """

    uncounted = True
    num_pages = 1  # replaces the cached property, which would count
    number = 1

    @property
    def count(self) -> int:
        return sys.maxsize

    def validate_number(self, number: Any) -> int:
        """The number as a whole one, at least 1. Whether the page exists is known when it is fetched."""
        try:
            number = int(number)
        except (TypeError, ValueError) as error:
            raise PageNotAnInteger(_("That page number is not an integer")) from error
        if number < 1:
            raise EmptyPage(_("That page number is less than 1"))
        if number > sys.maxsize // (self.per_page + 1):
            raise EmptyPage(_("That page contains no results"))
        return number

    def get_page(self, number: Any) -> "Page[Any]":
        """The page, or the first one where there is no such page."""
        try:
            return self.page(number)
        except InvalidPage:
            return self.page(1)

    def page(self, number: Any) -> "Page[Any]":
        number = self.validate_number(number)
        start = (number - 1) * self.per_page
        rows = self.object_list[start : start + self.per_page + 1]
        more = len(rows) > self.per_page
        if not rows and number > 1:
            raise EmptyPage(_("That page contains no results"))
        self.number, self.num_pages = number, number + 1 if more else number
        return Page(self._without_the_one_more(rows), number, self)

    def _without_the_one_more(self, rows: Any) -> Any:
        """Rows of a query stay a query that has been answered: editable change lists want one."""
        cache = getattr(rows, "_result_cache", None)
        if cache is None:
            return rows[: self.per_page]
        del cache[self.per_page :]
        return rows

    def get_elided_page_range(self, number: Any = 1, **kwargs: Any) -> Iterator[Any]:
        """No row of page numbers: how many there are is not known."""
        return iter(())

    @property
    def previous_number(self) -> int | None:
        """The page before the one that was fetched."""
        return self.number - 1 if self.number > 1 else None

    @property
    def next_number(self) -> int | None:
        """The page after the one that was fetched, if there is one."""
        return self.number + 1 if self.num_pages > self.number else None


class LongList:
    """Mixin for a ModelAdmin whose table grows without end: nothing about its change list counts rows."""

    paginator: ClassVar[type] = NoCountPaginator
    show_full_result_count = False
    show_facets = ShowFacets.NEVER
    list_per_page: ClassVar[int] = 50
