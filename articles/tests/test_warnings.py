"""What editors are warned of, though it blocks nothing: the order of headings, and links that lead nowhere."""

from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.contrib.flatpages.models import FlatPage
from django.db import connection
from django.test.utils import CaptureQueriesContext

from articles import checks, publishing
from articles.factories import edit, make_article, make_author, make_live, make_section, make_tag
from articles.models import Address, Article, Edition
from articles.states import Status
from newsroom.lib import clock
from newsroom.models import User

pytestmark = pytest.mark.django_db


def warned(body: str, check: Any) -> list[str]:
    article = make_article(body=body)
    problems = checks.run((check,), article, clock.now())
    assert {problem.field for problem in problems} <= {"body"}
    return [problem.sentence for problem in problems]


def dead(address: str) -> list[str]:
    return warned(f'<p>See <a href="{address}">what happened</a>.</p>', checks.links_lead_somewhere)


def test_the_warnings_are_in_the_table() -> None:
    assert {checks.headings_are_in_order, checks.links_lead_somewhere} <= set(checks.WARNINGS)


# Headings ----------------------------------------------------------------------------------


@pytest.mark.parametrize("levels", ["", "2", "22", "2342", "23334", "2343"])
def test_headings_that_nest_are_fine(levels: str) -> None:
    body = "".join(f"<h{level}>Part</h{level}><p>Text.</p>" for level in levels)
    assert warned(body, checks.headings_are_in_order) == []


@pytest.mark.parametrize(
    ("levels", "sentences"),
    [
        ("3", ["“Part 0” is a “Subheading”, but nothing above it leads there. Make it a “Heading”."]),
        ("43", ["“Part 0” is a “Small heading”, but nothing above it leads there. Make it a “Heading”."]),
        ("24", ["“Part 1” is a “Small heading”, but nothing above it leads there. Make it a “Subheading”."]),
        ("23424", ["“Part 4” is a “Small heading”, but nothing above it leads there. Make it a “Subheading”."]),
    ],
)
def test_a_skipped_level_is_told_with_the_right_one(levels: str, sentences: list[str]) -> None:
    body = "".join(f"<h{level}>Part {number}</h{level}>" for number, level in enumerate(levels))
    assert warned(body, checks.headings_are_in_order) == sentences


# Links within the text ---------------------------------------------------------------------


@pytest.mark.parametrize("place", ["#", "#top", "#comments", "#part-1", "#part-2"])
def test_a_place_that_the_page_has_is_fine(place: str) -> None:
    body = f'<h2>One</h2><h3>Two</h3><p><a href="{place}">there</a></p>'
    assert warned(body, checks.links_lead_somewhere) == []


@pytest.mark.parametrize("place", ["#part-3", "#part-0", "#part-01", "#sources"])
def test_a_place_that_the_text_does_not_have_is_told(place: str) -> None:
    body = f'<h2>One</h2><h3>Two</h3><p><a href="{place}">the <em>sources</em></a></p>'
    assert warned(body, checks.links_lead_somewhere) == [
        f"The link “the sources” leads to {place}, a place that this text does not have. Mend or remove it."
    ]


# Links to this site ------------------------------------------------------------------------


def nothing_there(address: str) -> list[str]:
    return [f"The link “what happened” leads to {address}, where readers find nothing now. Mend or remove it."]


def test_a_live_article_is_fine_however_its_address_is_written() -> None:
    path = make_live(slug="brücke").path
    for address in (path, path.rstrip("/"), f"{path}#part-1", f"{path}?from=mail", f"{settings.SITE_URL}{path}"):
        assert dead(address) == []
    assert dead(path.replace("ü", "%C3%BC")) == []
    assert dead(f"{path}comments/") == []
    assert dead(f"{path}nothing/") == nothing_there(f"{path}nothing/")


def test_an_article_that_is_not_live_is_told(bob: User) -> None:
    planned = make_article(status=Status.APPROVED)
    edition = publishing.schedule(planned, by=bob, starts_at=clock.now() + timedelta(days=1))
    assert dead(edition.path) == nothing_there(edition.path)
    withdrawn = make_live(headline="Other")
    publishing.withdraw(withdrawn.article, by=bob, notice="It was wrong.", reason="error")
    assert dead(withdrawn.path) == nothing_there(withdrawn.path)
    expired = make_live(headline="Third")
    Edition.objects.filter(pk=expired.pk).update(
        live_from=clock.now() - timedelta(days=2), live_until=clock.now() - timedelta(days=1)
    )
    assert dead(expired.path) == nothing_there(expired.path)


def test_an_old_address_of_a_live_article_is_fine(bob: User) -> None:
    edition = make_live()
    for old in ("/archive/story.html?id=7", "/?p=12", "/archive/bridge"):
        Address.objects.create(path=old, article=edition.article, made_at=clock.now())
        assert dead(old) == []


def test_an_address_that_is_only_planned_for_a_live_article_is_told(bob: User) -> None:
    article = Article.objects.get(pk=make_live().article_id)
    article = edit(article, slug="new-slug")
    publishing.import_edition(article, by=bob, at=clock.now() + timedelta(days=1))
    planned = article.editions.latest("pk").path
    assert "new-slug" in planned
    assert dead(planned) == nothing_there(planned)


@pytest.mark.parametrize(
    "address", ["/nowhere/", "/2026/01/02/nothing/", "/section/nothing/", "/2026/01/02/x/comments/"]
)
def test_where_nothing_ever_was_is_told(address: str) -> None:
    assert dead(address) == nothing_there(address)


@pytest.mark.parametrize(
    "address", ["/", "/latest/", "/feed/", "/corrections/", "/corrections", "/newsletter/", "/de/"]
)
def test_the_sites_standing_pages_are_fine(address: str) -> None:
    assert dead(address) == []


def test_static_pages_and_files_are_fine() -> None:
    page = FlatPage.objects.create(url="/about/", title="About", content="<p>Us.</p>")
    page.sites.add(settings.SITE_ID)
    assert dead("/about/") == dead("/about") == dead("/static/site/icon.svg") == []
    assert dead("/about/us/") == nothing_there("/about/us/")


def test_sections_authors_and_topics_are_fine_where_something_live_names_them() -> None:
    make_live(section=make_section("Politics"), authors=[make_author("Ada")], tags=[make_tag("Harbour")])
    make_section("Empty")
    for address in ("/section/politics/", "/author/ada/feed/", "/topic/harbour/"):
        assert dead(address) == []
    assert dead("/section/empty/") == nothing_there("/section/empty/")


def test_the_newsrooms_own_rooms_are_no_place_for_readers() -> None:
    assert dead("/admin/articles/article/1/change/") == nothing_there("/admin/articles/article/1/change/")


def test_an_address_that_depends_on_where_it_is_read_is_told() -> None:
    assert dead("story.html") == [
        "The link “what happened” leads to story.html, which begins neither with https:// nor with /. "
        "Elsewhere than on this page it would lead astray: write it in full."
    ]


# Links elsewhere ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    "address",
    [
        "https://example.org",
        "http://www.example.org:8080/a?b=c#d",
        "https://xn--mnchen-3ya.de/",
        "https://münchen.de/",
        "https://192.0.2.7/",
        "https://[2001:db8::1]/",
        "mailto:desk@newsroom.example?subject=Bridge",
        "mailto:one@newsroom.example,two@newsroom.example",
        "tel:+49-30-123456",
        "tel:110",
    ],
)
def test_a_well_formed_address_elsewhere_is_fine_and_nobody_is_asked(address: str) -> None:
    assert dead(address) == []


@pytest.mark.parametrize(
    "address",
    [
        "https://example",
        "http://https//example.org",
        "https://example,org/",
        "https://-.org/",
        "mailto:desk",
        "mailto:desk@newsroom.example,",
        "mailto:desk at newsroom.example",
        "tel:call-us",
    ],
)
def test_a_damaged_address_is_told(address: str) -> None:
    assert dead(address) == [f"The link “what happened” has a damaged address: {address}. Write it anew."]


# Cost --------------------------------------------------------------------------------------


def test_each_dead_link_is_told_once_and_not_more_than_eight() -> None:
    assert len(warned('<p><a href="#x">a</a> <a href="#x">b</a></p>', checks.links_lead_somewhere)) == 1
    many = "".join(f'<p><a href="#x{number}">a</a></p>' for number in range(30))
    assert len(warned(many, checks.links_lead_somewhere)) == 8


def test_many_links_cost_the_queries_of_few_and_none_where_none_leads_here() -> None:
    costs = []
    for number in (0, 1, 40):
        kinds = ("/2026/01/02/{}/", "/page-{}/", "/section/s{}/", "/author/a{}/", "/topic/t{}/")
        links = [kind.format(place) for place in range(number) for kind in kinds]
        body = "".join(f'<p><a href="{link}">a</a></p>' for link in [*links, "https://example.org/"])
        article = make_article(body=body)
        with CaptureQueriesContext(connection) as queries:
            checks.run((checks.links_lead_somewhere,), article, clock.now())
        costs.append(len(queries))
    assert costs == [0, 5, 5]
