"""Addresses of the admin that nobody made by following a link: refused, and never a way around what is hidden."""

from datetime import timedelta

import pytest
from django.contrib.contenttypes.models import ContentType
from django.contrib.flatpages.models import FlatPage
from django.urls import NoReverseMatch, reverse

from articles import publishing
from articles.factories import make_article
from articles.models import Edition
from articles.states import Status
from newsroom.lib import clock
from newsroom.models import User
from newsroom.testing import client_of

pytestmark = pytest.mark.django_db

LIST = reverse("admin:articles_article_changelist")
ADD = reverse("admin:articles_article_add")


def test_no_shortcut_reveals_where_an_edition_will_be(erik: User, root: User) -> None:
    article = make_article(status=Status.APPROVED)
    edition = publishing.schedule(article, by=None, starts_at=clock.now() + timedelta(days=1))
    kind = ContentType.objects.get_for_model(Edition).pk
    for user in (erik, root):
        response = client_of(user).get(f"/admin/r/{kind}/{edition.pk}/")
        assert response.status_code == 404
        assert edition.path not in str(response.headers)
    with pytest.raises(NoReverseMatch):
        reverse("admin:view_on_site", args=[kind, edition.pk])


def test_a_static_page_still_leads_to_its_place_on_the_site(bob: User) -> None:
    page = FlatPage.objects.create(url="/about/", title="About")
    form = client_of(bob).get(reverse("admin:flatpages_flatpage_change", args=[page.pk]))
    assert 'href="/about/"' in form.content.decode()


@pytest.mark.parametrize("address", [LIST, ADD, reverse("admin:index"), reverse("admin:autocomplete")])
@pytest.mark.parametrize(
    "query", ["q=%00", "term=a%00b", "%00=1", "section=99999999999999999999", "tags=1,9999999999999999999"]
)
def test_what_no_database_takes_is_refused_with_a_sentence(bob: User, address: str, query: str) -> None:
    response = client_of(bob).get(f"{address}?{query}")
    assert response.status_code == 400
    assert "This address is damaged." in response.content.decode()


@pytest.mark.parametrize("query", ["q=99999999999999999999", "section__id__exact=12", "whose=mine"])
def test_ordinary_queries_are_answered(bob: User, query: str) -> None:
    assert client_of(bob).get(f"{LIST}?{query}").status_code == 200


def test_a_stranger_learns_nothing_more_from_a_damaged_address(client: object) -> None:
    assert client.get(f"{LIST}?q=%00").status_code == 302  # type: ignore[attr-defined]
