"""Sections, authors, topics and static pages in the admin."""

from typing import Any

import pytest
from django.contrib.flatpages.models import FlatPage
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import get_resolver, reverse

from articles.admin.pages import RESERVED
from articles.factories import make_article, make_author, make_image, make_live, make_section, make_tag
from articles.models import Section
from articles.states import Status
from newsroom.models import User
from newsroom.testing import client_of, make_user

pytestmark = pytest.mark.django_db


def cost(user: User, area: str) -> int:
    client = client_of(user)
    with CaptureQueriesContext(connection) as queries:
        assert client.get(reverse(f"admin:articles_{area}_changelist")).status_code == 200
    return len(queries)


def test_lists_cost_the_same_queries_for_few_rows_and_for_many(root: User) -> None:
    makers = {
        "section": lambda n: make_section().editors.add(make_user(f"desk{n}"), make_user(f"desk-two{n}")),
        "author": lambda n: make_author(portrait=make_image(), user=make_user(f"author{n}")),
        "tag": lambda n: make_tag(),
    }
    for area, make in makers.items():
        for number in range(5):
            make(number)
        few = cost(root, area)
        for number in range(5, 30):
            make(number)
        assert cost(root, area) == few <= 6, area


def test_a_new_section_takes_its_slug_from_its_name_in_the_browser_and_an_old_one_keeps_it(root: User) -> None:
    client = client_of(root)
    add = client.get(reverse("admin:articles_section_add"))
    assert [field["field"].name for field in add.context["adminform"].prepopulated_fields] == ["slug"]
    old = client.get(reverse("admin:articles_section_change", args=[make_section("News").pk]))
    assert old.context["adminform"].prepopulated_fields == []


def test_an_administrator_puts_people_on_a_desk(adam: User, bob: User) -> None:
    section = make_section("News")
    data = {"name": "News", "slug": "news", "description": "", "position": "1", "editors": [bob.pk]}
    client_of(adam).post(reverse("admin:articles_section_change", args=[section.pk]), data)
    assert list(section.editors.all()) == [bob]


def test_a_section_that_has_articles_cannot_be_deleted(adam: User) -> None:
    section = make_live().section
    address = reverse("admin:articles_section_delete", args=[section.pk])
    client_of(adam).post(address, {"post": "yes"})
    assert Section.objects.filter(pk=section.pk).exists()


@pytest.mark.parametrize("kind", ["tag", "author", "section"])
@pytest.mark.parametrize("way", ["form", "list"])
def test_what_an_article_names_is_not_deleted_and_the_editor_is_told_why(root: User, kind: str, way: str) -> None:
    named = {"tag": make_tag("Bridges"), "author": make_author("Bridges"), "section": make_section("Bridges")}
    make_article(tags=[named["tag"]], authors=[named["author"]], section=named["section"], status=Status.APPROVED)
    client, key = client_of(root), named[kind].pk
    if way == "form":
        page = client.post(reverse(f"admin:articles_{kind}_delete", args=[key]), {"post": "yes"}, follow=True)
    else:
        chosen = {"action": "delete_selected", "_selected_action": [key], "post": "yes"}
        page = client.post(reverse(f"admin:articles_{kind}_changelist"), chosen)
    assert "“Bridges” is named by an article, so it cannot be deleted." in page.content.decode()
    assert type(named[kind]).objects.filter(pk=key).exists()


def test_what_no_article_names_is_deleted(root: User) -> None:
    for kind, made in (("tag", make_tag()), ("author", make_author()), ("section", make_section())):
        address = reverse(f"admin:articles_{kind}_delete", args=[made.pk])
        assert client_of(root).post(address, {"post": "yes"}).status_code == 302
        assert not type(made).objects.filter(pk=made.pk).exists()


def test_a_form_offers_sections_that_are_open_to_the_writer(alice: User, berta: User) -> None:
    make_section("News")
    make_section("Culture").editors.add(berta)
    query = {"app_label": "articles", "model_name": "article", "field_name": "section", "term": ""}

    def offered(user: User) -> set[str]:
        rows = client_of(user).get(reverse("admin:autocomplete"), query).json()["results"]
        return {row["text"] for row in rows}

    assert offered(alice) == {"News"}
    assert offered(berta) == {"News", "Culture"}


def test_completing_a_name_counts_nothing(alice: User) -> None:
    make_author("Ada Writer")
    query = {"app_label": "articles", "model_name": "byline", "field_name": "author", "term": "Ada"}
    with CaptureQueriesContext(connection) as queries:
        rows = client_of(alice).get(reverse("admin:autocomplete"), query).json()["results"]
    assert [row["text"] for row in rows] == ["Ada Writer"]
    assert not [query for query in queries if "COUNT(" in query["sql"]]


# Static pages ------------------------------------------------------------------------------

ADD = reverse("admin:flatpages_flatpage_add")


def post_page(user: User, **typed: Any) -> Any:
    return client_of(user).post(ADD, {"title": "About", "url": "/about/", "content": "<p>Us.</p>"} | typed)


def test_a_static_page_is_at_once_at_its_address(bob: User) -> None:
    assert post_page(bob).status_code == 302
    page = client_of(bob).get("/about/")
    assert page.status_code == 200
    assert "<p>Us.</p>" in page.content.decode()


def test_a_static_page_holds_only_what_the_allow_list_lets_through(bob: User) -> None:
    post_page(bob, content="<p onclick='x()'>Us.</p><script>alert(1)</script>")
    assert FlatPage.objects.get().content == "<p>Us.</p>"


@pytest.mark.parametrize("typed", ["about", "/about", "about/", " /about/ "])
def test_slashes_around_an_address_are_added(bob: User, typed: str) -> None:
    post_page(bob, url=typed)
    assert FlatPage.objects.get().url == "/about/"


@pytest.mark.parametrize(
    "url", ["/admin/", "/latest/", "/section/news/", "/2026/11/22/x/", "/ar/search/", "/mail/", "/"]
)
def test_an_address_of_another_part_of_the_site_is_refused_with_a_sentence(bob: User, url: str) -> None:
    assert "Choose another word." in post_page(bob, url=url).content.decode() or url == "/"
    assert not FlatPage.objects.exists()


@pytest.mark.parametrize("url", ["/a b/", "/../etc/", "//evil.example/", "/a//b/", "/a?b=c/", "/<script>/", "/a#b/"])
def test_what_is_no_path_is_refused(bob: User, url: str) -> None:
    post_page(bob, url=url)
    assert not FlatPage.objects.filter(url=url).exists()
    assert not FlatPage.objects.exclude(url__regex=r"^/[\w./-]+/$").exists()


@pytest.mark.parametrize("url", ["/about/", "/about/contact/", "/ar/about/", "/عن-الصحيفة/", "/terms-2026/"])
def test_ordinary_addresses_are_taken(bob: User, url: str) -> None:
    assert post_page(bob, url=url).status_code == 302
    assert FlatPage.objects.get().url == url


def test_two_pages_at_one_address_are_refused(bob: User) -> None:
    post_page(bob)
    assert "There is a page at this address already." in post_page(bob).content.decode()


def test_every_first_word_of_the_sites_addresses_is_reserved() -> None:
    words = {str(key).split("/")[0] for key in _routes(get_resolver().url_patterns)}
    assert {word for word in words if word and "<" not in word and "^" not in word} <= RESERVED


def _routes(patterns: Any, prefix: str = "") -> list[str]:
    routes = []
    for pattern in patterns:
        route = prefix + str(pattern.pattern)
        routes += _routes(pattern.url_patterns, route) if hasattr(pattern, "url_patterns") else [route]
    return routes


def test_reporters_do_not_edit_static_pages(alice: User) -> None:
    assert post_page(alice).status_code == 403
