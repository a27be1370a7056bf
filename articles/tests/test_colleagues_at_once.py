"""Several colleagues at one article in the same instant, each with a connection of their own."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from django.db import connection, transaction
from django.utils import timezone

from articles import publishing, revisions
from articles.events import Stale
from articles.factories import make_article
from articles.models import Article, Edition, Note
from articles.states import Status
from articles.workflow import Refused, perform
from newsroom.models import SiteSettings
from newsroom.testing import make_user

pytestmark = pytest.mark.django_db(transaction=True)
COLLEAGUES = 6


def together(act):
    """Let COLLEAGUES do `act(number)` at once; returns what each got, exceptions included."""
    start = Barrier(COLLEAGUES)

    def one(number):
        try:
            start.wait(timeout=20)
            return act(number)
        except Exception as error:  # every outcome is a result here
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(COLLEAGUES) as pool:
        return list(pool.map(one, range(COLLEAGUES)))


def test_of_several_who_approve_at_once_one_does_and_the_others_are_told():
    article = perform("submit", make_article(), by=make_user("root", is_superuser=True))
    editors = [make_user(f"editor{n}", "section editor") for n in range(COLLEAGUES)]
    got = together(lambda n: perform("approve", Article.objects.get(pk=article.pk), by=editors[n]))
    done = [result for result in got if isinstance(result, Article)]
    told = [result for result in got if isinstance(result, (Refused, Stale))]
    assert (len(done), len(told)) == (1, COLLEAGUES - 1), got
    assert article.approvals.count() == 1


def test_of_several_who_schedule_from_the_same_timeline_one_does_and_nothing_overlaps():
    SiteSettings(undo_seconds=0).save()
    article = make_article(status=Status.APPROVED)
    soon = timezone.now() + timedelta(hours=1)

    def schedule(number):
        mine = Article.objects.select_related("revision").get(pk=article.pk)
        mine.timeline_version = article.timeline_version
        return publishing.schedule(mine, by=None, starts_at=soon + timedelta(minutes=number))

    got = together(schedule)
    assert sum(isinstance(result, Edition) for result in got) == 1, got
    assert sum(isinstance(result, Stale) for result in got) == COLLEAGUES - 1, got
    assert Edition.objects.count() == 1


def test_of_several_who_save_from_the_same_revision_one_does_and_no_other_text_is_left_behind():
    article = make_article(headline="As it was")

    def save(number):
        mine = Article.objects.get(pk=article.pk)
        with transaction.atomic():
            mine.headline = f"By number {number}"
            mine.save()
            revisions.save(mine, by=None, based_on=article.revision_id)
        return number

    got = together(save)
    winners = [result for result in got if isinstance(result, int)]
    assert len(winners) == 1, got
    assert sum(isinstance(result, Stale) for result in got) == COLLEAGUES - 1, got
    article.refresh_from_db()
    assert article.headline == f"By number {winners[0]}"
    assert article.revision.content["headline"] == article.headline
    assert article.revisions.count() == 2


def test_two_articles_cannot_take_one_address_at_once():
    articles = [make_article(status=Status.APPROVED, slug="the-same") for _ in range(COLLEAGUES)]
    got = together(lambda number: publishing.publish(articles[number], by=None))
    assert sum(isinstance(result, Edition) for result in got) == 1, got
    assert sum(isinstance(result, publishing.Refused) for result in got) == COLLEAGUES - 1, got


@pytest.mark.skipif(connection.vendor == "sqlite", reason="has one writer at a time")
def test_whoever_only_names_an_article_does_not_wait_for_its_writer():
    article = make_article()

    def name_it():
        try:
            with transaction.atomic():
                Note.objects.create(article=article, text="Remarked by a reader of it.", at=timezone.now())
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool, transaction.atomic():
        Article.objects.locked().get(pk=article.pk)
        pool.submit(name_it).result(timeout=10)
    assert article.notes.count() == 1
