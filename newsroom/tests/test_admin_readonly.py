"""What a form of the admin only shows runs in the direction of its own script."""

from pathlib import Path

import django.contrib.admin
import pytest
from django.conf import settings
from django.contrib.auth.models import Permission
from django.urls import reverse

from articles.factories import make_article
from newsroom.models import User
from newsroom.testing import client_of
from subscribers.factories import make_issue

ARABIC = "الجسر مفتوح منذ الصباح"


@pytest.mark.once
def test_the_template_is_djangos_but_for_the_direction() -> None:
    name = "admin/includes/fieldset.html"
    stock = (Path(django.contrib.admin.__file__).parent / "templates" / name).read_text()
    own = (settings.BASE_DIR / "templates" / name).read_text()
    wanted = stock.replace('class="readonly"', 'class="readonly" dir="auto"')
    assert own == wanted.replace("{{ id_prefix}}", "{{ id_prefix }}")


@pytest.mark.django_db
def test_an_article_that_somebody_may_only_read_is_shown_so(alice: User) -> None:
    article = make_article(by=alice, headline=ARABIC)
    address = reverse("admin:articles_article_change", args=[article.pk])
    reader = User.objects.create_user("reader", is_staff=True)
    reader.user_permissions.add(Permission.objects.get(codename="view_article"))
    assert f'<div class="readonly" dir="auto">{ARABIC}</div>' in client_of(reader).get(address).content.decode()


@pytest.mark.django_db
def test_an_issue_that_is_under_way_is_shown_so(nora: User) -> None:
    issue = make_issue(subject=ARABIC, state="cancelled")
    address = reverse("admin:subscribers_issue_change", args=[issue.pk])
    assert f'<div class="readonly" dir="auto">{ARABIC}</div>' in client_of(nora).get(address).content.decode()
