"""A long list is paged without being counted."""

import pytest
from django.contrib.auth.models import Group
from django.core.paginator import EmptyPage, PageNotAnInteger
from django.db import connection
from django.test.utils import CaptureQueriesContext

from newsroom.lib.paging import NoCountPaginator


@pytest.fixture
def groups(db: None) -> None:
    Group.objects.all().delete()
    Group.objects.bulk_create(Group(name=f"group {number:02}") for number in range(25))


def pages(per_page: int = 10) -> NoCountPaginator:
    return NoCountPaginator(Group.objects.order_by("name"), per_page)


@pytest.mark.parametrize(("number", "rows", "more"), [(1, 10, True), (2, 10, True), (3, 5, False)])
def test_a_page_knows_whether_another_follows(groups: None, number: int, rows: int, more: bool) -> None:
    page = pages().page(number)
    assert (len(page.object_list), page.has_next()) == (rows, more)


def test_a_list_that_fills_its_last_page_exactly_has_no_page_after_it(groups: None) -> None:
    assert not pages(per_page=25).page(1).has_next()


def test_one_query_fetches_a_page_and_none_counts(groups: None) -> None:
    with CaptureQueriesContext(connection) as queries:
        page = pages().page(2)
        assert next(iter(page.object_list)).name == "group 10"
        assert page.has_other_pages()
    assert len(queries) == 1
    assert "COUNT(" not in queries[0]["sql"]


def test_an_empty_list_has_one_empty_page(db: None) -> None:
    page = NoCountPaginator(Group.objects.none(), 10).page(1)
    assert list(page.object_list) == []
    assert not page.has_other_pages()


@pytest.mark.parametrize("number", [4, 0, -1, 10**30])
def test_a_page_that_is_not_there_is_said_to_be_empty(groups: None, number: int) -> None:
    with pytest.raises(EmptyPage):
        pages().page(number)


def test_a_page_that_is_no_number_is_refused(groups: None) -> None:
    with pytest.raises(PageNotAnInteger):
        pages().page("two")


def test_whoever_wants_some_page_gets_the_first_where_theirs_is_not_there(groups: None) -> None:
    assert pages().get_page("ninety").number == 1
    assert pages().get_page(90).number == 1


def test_plain_lists_are_paged_as_well() -> None:
    page = NoCountPaginator(list(range(12)), 10).page(2)
    assert (page.object_list, page.has_next()) == ([10, 11], False)
