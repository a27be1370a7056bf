"""What a publication costs beside many editions that wait: the same as beside one."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from articles import publishing, revisions
from articles.factories import approve, edit, make_article
from articles.models import Article, Edition
from articles.states import Status
from articles.workflow import perform
from newsroom.models import SiteSettings, User

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
BODY = "<p>The bridge is 400 metres long.</p><p>It opens on Monday.</p><p>The toll is two crowns.</p>"
FIXED = BODY.replace("400 metres", "40 metres")
AT_MOST = 65

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def noon() -> Iterator[None]:
    SiteSettings(undo_seconds=20).save()
    with time_machine.travel(NOON, tick=False):
        yield


def hour(number: int) -> datetime:
    return NOON + timedelta(hours=1 + number)


def planned(by: User, many: int) -> Article:
    """An article that is live since an hour, with so many updates that wait, each with a guest of its own."""
    with time_machine.travel(NOON - timedelta(hours=1), tick=False):
        article = make_article(by=by, body=BODY, status=Status.APPROVED)
        publishing.publish(article, by=None)
    for number in range(many):
        edit(article, body=BODY.replace("on Monday", f"on Monday, and guest {number} came"))
        approve(article)
        publishing.schedule(article, by=by, starts_at=hour(number))
    with transaction.atomic():
        article.body = BODY
        article.save()
        revisions.save(article, by=None, parent=article.editions.earliest("pk").revision)
    return article


def publish(article: Article, body: str, bob: User) -> tuple[Edition, int]:
    """The edition, and how many queries it took."""
    edit(article, body=body)
    approve(article)
    article, editor = Article.objects.get(pk=article.pk), User.objects.get(pk=bob.pk)
    with CaptureQueriesContext(connection) as asked:
        perform("update", article, by=editor)
    return article.editions.latest("pk"), len(asked)


def text_at(article: Article, number: int) -> str:
    return str(article.editions.get(starts_at=hour(number)).body.text)


def test_a_fix_costs_beside_twenty_waiting_editions_what_it_costs_beside_one(alice: User, bob: User) -> None:
    alone, among = planned(alice, 1), planned(alice, 20)
    (_edition, one), (_edition, twenty) = publish(alone, FIXED, bob), publish(among, FIXED, bob)
    for number in range(20):
        text = text_at(among, number)
        assert ("40 metres" in text, f"guest {number} came" in text) == (True, True)
    assert one == twenty <= AT_MOST
    numbers = list(among.revisions.order_by("number").values_list("number", flat=True))
    assert numbers == list(range(1, len(numbers) + 1))


def test_undoing_it_costs_the_same_too(alice: User, bob: User) -> None:
    asked = []
    for article in (planned(alice, 1), planned(alice, 20)):
        fix, _queries = publish(article, FIXED, bob)
        fix.article = Article.objects.get(pk=article.pk)
        with CaptureQueriesContext(connection) as captured:
            publishing.cancel(fix)
        asked.append(len(captured))
        assert "400 metres" in text_at(article, 0)
    assert asked[0] == asked[1] <= AT_MOST


def test_a_fix_that_twenty_clash_with_holds_them_all_by_as_many_queries_as_one(alice: User, bob: User) -> None:
    clashing = BODY.replace("on Monday", "on Tuesday")
    asked = []
    for article in (planned(alice, 1), planned(alice, 20)):
        _fix, queries = publish(article, clashing, bob)
        asked.append(queries)
        waiting = article.editions.filter(starts_at__gt=hour(-1) + timedelta(minutes=1))
        assert set(waiting.values_list("held_at", flat=True)) == {NOON}
        assert article.events.filter(verb="hold").count() == waiting.count()
    assert asked[0] == asked[1] <= AT_MOST
