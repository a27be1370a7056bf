"""What readers see, and when: the verbs of the timeline."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.db import IntegrityError, transaction

from articles import publishing, workflow
from articles.events import Stale
from articles.factories import approve, edit, make_article, make_live
from articles.models import Article, Edition
from articles.states import Kind, Public, Status
from newsroom.models import SiteSettings

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def no_undo(db):
    SiteSettings(undo_seconds=0).save()


@pytest.fixture
def clock():
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


def after(**units):
    return NOON + timedelta(**units)


def approved(**fields):
    return make_article(status=Status.APPROVED, **fields)


def headline_at(moment):
    return list(Edition.objects.live_at(moment).values_list("headline", flat=True))


def rewrite(article, headline):
    article = edit(article, headline=headline)
    approve(article)
    return article


def test_a_published_article_is_live_from_that_instant(clock):
    publishing.publish(approved(headline="Bridge opens"), by=None)
    assert headline_at(NOON) == ["Bridge opens"]
    assert headline_at(after(seconds=-1)) == []


def test_without_a_time_to_undo_it_is_live_at_once_by_a_running_clock():
    edition = publishing.publish(approved(), by=None)
    assert edition.live_from == edition.starts_at
    assert Edition.objects.live().get() == edition


def test_publication_waits_for_the_time_to_undo(clock):
    SiteSettings(undo_seconds=20).save()
    edition = publishing.publish(approved(), by=None)
    assert not Edition.objects.live().exists()
    clock.shift(timedelta(seconds=20))
    assert Edition.objects.live().get() == edition


def test_undo_leaves_what_was_live_before(clock):
    article = approved(headline="First")
    publishing.publish(article, by=None)
    clock.shift(60)
    SiteSettings(undo_seconds=20).save()
    edition = publishing.publish(rewrite(article, "Second"), by=None)
    clock.shift(10)
    publishing.cancel(edition)
    clock.shift(3600)
    assert headline_at(after(hours=1)) == ["First"]


def test_what_was_seen_cannot_be_cancelled(clock):
    edition = publishing.publish(approved(), by=None)
    clock.shift(1)
    with pytest.raises(publishing.Refused, match="seen this edition already"):
        publishing.cancel(edition)


def test_now_skips_the_wait(clock):
    SiteSettings(undo_seconds=20).save()
    edition = publishing.publish(approved(headline="At once"), by=None)
    clock.shift(1)
    publishing.bring_forward(edition)
    assert headline_at(after(seconds=1)) == ["At once"]


def test_a_scheduled_update_takes_over_at_its_second_and_ends_at_its_own(clock):
    article = approved(headline="First")
    publishing.publish(article, by=None)
    article = rewrite(article, "Second")
    publishing.schedule(article, by=None, starts_at=after(hours=1), expires_at=after(hours=2))
    assert headline_at(after(minutes=59, seconds=59)) == ["First"]
    assert headline_at(after(hours=1)) == ["Second"]
    assert headline_at(after(hours=2)) == []


def test_several_updates_queue_up_whatever_the_order_they_were_made_in(clock):
    article = approved(headline="First")
    publishing.publish(article, by=None)
    publishing.schedule(rewrite(article, "Third"), by=None, starts_at=after(hours=3))
    article.refresh_from_db()
    publishing.schedule(rewrite(article, "Second"), by=None, starts_at=after(hours=2))
    assert [headline_at(after(hours=h))[0] for h in (1, 2, 3, 4)] == ["First", "Second", "Third", "Third"]


def test_of_two_that_start_together_the_later_made_wins(clock):
    article = approved(headline="First")
    publishing.schedule(article, by=None, starts_at=after(hours=1))
    second = publishing.schedule(rewrite(article, "Second"), by=None, starts_at=after(hours=1))
    assert headline_at(after(hours=1)) == ["Second"]
    publishing.cancel(second)
    assert headline_at(after(hours=1)) == ["First"]


def test_a_start_in_the_past_is_refused(clock):
    with pytest.raises(publishing.Refused, match="not in the future"):
        publishing.schedule(approved(), by=None, starts_at=NOON)


def test_only_the_approved_text_is_published(clock):
    article = approved()
    article = edit(article, body="<p>Changed after the approval.</p>")
    assert article.status == Status.DRAFT
    with pytest.raises(publishing.Refused, match="not approved"):
        publishing.publish(article, by=None)


def test_editing_does_not_change_what_readers_see(clock):
    edition = make_live(headline="As approved")
    edit(edition.article, headline="Reworded")
    assert headline_at(NOON) == ["As approved"]


def test_a_withdrawal_hides_past_present_and_future(clock):
    article = approved()
    publishing.publish(article, by=None)
    clock.shift(3600)
    publishing.withdraw(article, by=None, notice="It was wrong.", reason="error")
    for moment in (NOON, after(hours=1), after(days=9)):
        assert headline_at(moment) == []


def test_a_lifted_withdrawal_hid_only_the_time_it_lasted(clock):
    article = approved(headline="Back")
    publishing.publish(article, by=None)
    clock.shift(3600)
    publishing.withdraw(article, by=None, notice="We are checking.", reason="error")
    clock.shift(3600)
    publishing.reinstate(article, by=None)
    assert [bool(headline_at(after(minutes=m))) for m in (30, 60, 119, 120)] == [True, False, False, True]


def test_a_colleague_who_was_faster_is_not_overwritten(clock):
    article = approved()
    mine = Article.objects.select_related("revision").get(pk=article.pk)
    publishing.publish(article, by=None)
    with pytest.raises(Stale, match="nothing of yours"):
        publishing.publish(mine, by=None)


def test_kinds_and_dates_follow_the_order_in_which_editions_go_live(clock):
    article = approved(headline="Planned")
    publishing.schedule(article, by=None, starts_at=after(days=2))
    publishing.publish(article, by=None)
    first, second = article.editions.order_by("starts_at")
    assert (first.kind, first.published_at, first.updated_at) == (Kind.FIRST, NOON, None)
    assert (second.kind, second.published_at, second.updated_at) == (Kind.UPDATE, NOON, after(days=2))


def test_the_address_keeps_the_date_of_the_first_publication(clock):
    article = approved(slug="bridge")
    publishing.publish(article, by=None)
    clock.shift(timedelta(days=3))
    edition = publishing.publish(rewrite(article, "New headline"), by=None)
    assert edition.path == "/2026/03/02/bridge/"


def test_a_cancelled_first_publication_frees_the_date(clock):
    article = approved(slug="bridge")
    publishing.cancel(publishing.schedule(article, by=None, starts_at=after(days=1)))
    article.refresh_from_db()
    edition = publishing.schedule(article, by=None, starts_at=after(days=5))
    assert edition.path == "/2026/03/07/bridge/"


@pytest.mark.parametrize("sooner", ["now", "publish"])
def test_what_goes_live_sooner_than_planned_is_dated_by_that_day(clock, sooner):
    article = approved(slug="bridge")
    planned = publishing.schedule(article, by=None, starts_at=after(days=5))
    if sooner == "now":
        publishing.bring_forward(planned)
    else:
        publishing.publish(article, by=None)
    assert Edition.objects.live().get().path == "/2026/03/02/bridge/"
    assert set(article.editions.values_list("path", flat=True)) == {"/2026/03/02/bridge/"}


def test_an_address_belongs_to_one_article_for_good(clock):
    publishing.publish(approved(slug="bridge"), by=None)
    with pytest.raises(publishing.Refused, match="Choose another slug"):
        publishing.publish(approved(slug="bridge"), by=None)


def test_imported_dates_are_shown_but_the_span_begins_at_the_import(clock):
    shown = datetime(2014, 5, 6, 7, 8, tzinfo=UTC)
    edition = make_live(published_at=shown, slug="old-news")
    assert (edition.published_at, edition.live_from, edition.path) == (shown, NOON, "/2014/05/06/old-news/")
    assert not Edition.objects.live_at(after(seconds=-1)).exists()


def test_a_failed_publication_leaves_everything_as_it_was(clock, monkeypatch):
    article = approved(headline="First")
    waiting = publishing.schedule(article, by=None, starts_at=after(hours=1))
    monkeypatch.setattr(publishing.compiling, "write", lambda edition: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        publishing.publish(article, by=None)
    assert list(Edition.objects.values_list("pk", "live_from")) == [(waiting.pk, after(hours=1))]


def test_the_public_state_is_derived_from_editions_and_the_clock(clock):
    article = approved()

    def state(moment):
        return Article.objects.with_public_state(moment).get(pk=article.pk).public

    assert state(NOON) == Public.UNPUBLISHED
    publishing.schedule(article, by=None, starts_at=after(hours=1), expires_at=after(hours=5))
    assert state(NOON) == Public.SCHEDULED
    assert state(after(hours=1)) == Public.LIVE
    publishing.schedule(article, by=None, starts_at=after(hours=2), expires_at=after(hours=3))
    assert state(after(hours=1)) == Public.LIVE_UPDATE
    assert state(after(hours=3)) == Public.EXPIRED
    publishing.withdraw(article, by=None, notice="Gone.", reason="other")
    assert state(after(hours=1)) == Public.WITHDRAWN


@pytest.mark.parametrize(
    "change",
    [
        {"live_from": after(hours=1), "live_until": after(hours=1)},
        {"live_from": after(hours=1), "live_until": NOON},
        {"live_from": None, "live_until": after(hours=1)},
        {"live_from": NOON, "live_until": after(hours=1)},
        {"live_from": after(hours=1), "live_until": None},
        {"live_from": after(hours=1), "live_until": after(hours=2), "cancelled_at": NOON},
        {"live_from": after(hours=1), "live_until": after(hours=2), "held_at": NOON},
    ],
)
def test_the_database_itself_refuses_broken_spans(clock, change):
    article = approved()
    publishing.publish(article, by=None)
    other = publishing.schedule(article, by=None, starts_at=after(days=1))
    Edition.objects.filter(pk=other.pk).update(live_from=None, live_until=None)
    Edition.objects.filter(article=article).exclude(pk=other.pk).update(live_until=None)
    with pytest.raises(IntegrityError), transaction.atomic():
        Edition.objects.filter(pk=other.pk).update(**change)


def test_an_end_in_the_second_of_two_equal_hours_comes_after_a_start_in_the_first(bob):
    berlin = ZoneInfo("Europe/Berlin")
    with time_machine.travel(datetime(2026, 10, 24, 12, tzinfo=UTC), tick=False):
        starts = datetime(2026, 10, 25, 2, 30, tzinfo=berlin)
        ends = datetime(2026, 10, 25, 2, 15, fold=1, tzinfo=berlin)
        article = workflow.perform("schedule", approved(headline="a"), by=bob, starts_at=starts, expires_at=ends)
        edition = article.editions.get()
    assert edition.live_until - edition.live_from == timedelta(minutes=45)
