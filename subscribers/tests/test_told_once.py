"""Digests beside issues composed by hand: an article is told once, and none is lost with an issue that is not sent."""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection

from articles.factories import make_live
from articles.models import Edition
from newsroom.models import User
from subscribers.factories import make_issue, make_newsletter
from subscribers.issues import composing, digest, guards, rendering, workflow
from subscribers.issues.workflow import Refused
from subscribers.models import Issue, IssueItem, Newsletter
from subscribers.states import IssueState, Rhythm

MONDAY = datetime(2026, 5, 4, 7, tzinfo=UTC)
DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)


@pytest.fixture
def clock() -> Any:
    with time_machine.travel(MONDAY - 2 * DAY, tick=False) as travelling:
        yield travelling


@pytest.fixture
def daily(clock: Any, db: None) -> Newsletter:
    """It has made digests before."""
    newsletter = make_newsletter(rhythm=Rhythm.DAILY, send_at=time(7), zone="UTC")
    made_at(clock, newsletter, MONDAY - DAY)
    clock.move_to(MONDAY - 3 * MINUTE)
    return newsletter


def made_at(clock: Any, newsletter: Newsletter, moment: datetime) -> list[str]:
    """The headlines of the digest that the job makes a minute after `moment`."""
    clock.move_to(moment + MINUTE)
    issue = digest.make(newsletter)
    assert issue is not None
    return [item.article.headline for item in issue.items.select_related("article")]


@pytest.mark.parametrize("cancelled", [False, True])
def test_a_draft_that_nobody_sends_keeps_nothing_out_of_a_digest(
    clock: Any, daily: Newsletter, nora: User, cancelled: bool
) -> None:
    draft = make_issue(make_live(headline="One"), newsletter=daily)
    if cancelled:
        workflow.change(draft, "cancel", by=nora)
    assert made_at(clock, daily, MONDAY) == ["One"]


@pytest.mark.parametrize("state", ["ready", "scheduled", "materialising", "sending", "paused", "sent", "failed"])
def test_what_readers_got_or_are_to_get_stands_in_no_digest(clock: Any, daily: Newsletter, state: str) -> None:
    issue = workflow.change(make_issue(make_live(headline="By hand"), newsletter=daily), "ready")
    Issue.objects.filter(pk=issue.pk).update(state=state)
    make_live(headline="By rule")
    assert made_at(clock, daily, MONDAY) == ["By rule"]


def test_what_a_digest_told_meanwhile_is_not_sent_by_hand_as_well(clock: Any, daily: Newsletter, nora: User) -> None:
    draft = make_issue(make_live(headline="One"), newsletter=daily, subject="Extra")
    made_at(clock, daily, MONDAY)
    said = f"“One” was told by the digest “{daily.name}: One” since this issue was begun. Remove it here; "
    assert str(composing.standing_in_the_way(draft)[0]).startswith(said)
    with pytest.raises(Refused, match="since this issue was begun"):
        workflow.change(draft, "ready", by=nora)
    draft.items.all().delete()
    draft.items.create(article=make_live(headline="Two").article)
    assert workflow.change(draft, "ready", by=nora).state == IssueState.READY


def test_whoever_chooses_what_was_told_long_ago_may_tell_it_again(clock: Any, daily: Newsletter, nora: User) -> None:
    edition = make_live(headline="One")
    made_at(clock, daily, MONDAY)
    clock.move_to(MONDAY + timedelta(hours=2))
    best = make_issue(edition, newsletter=daily, subject="The best of the year")
    assert composing.standing_in_the_way(best) == []
    assert any("stands in the issue" in str(problem) for problem in composing.warnings(best))
    assert workflow.change(best, "ready", by=nora).state == IssueState.READY


@pytest.mark.parametrize("verb", ["edit", "cancel"])
def test_what_a_digest_left_to_an_issue_that_came_to_nothing_comes_with_the_next(
    clock: Any, daily: Newsletter, nora: User, verb: str
) -> None:
    by_hand = workflow.change(make_issue(make_live(headline="By hand"), newsletter=daily), "ready")
    make_live(headline="By rule")
    assert made_at(clock, daily, MONDAY) == ["By rule"]
    workflow.change(by_hand, verb, by=nora)
    make_live(headline="New")
    assert made_at(clock, daily, MONDAY + DAY) == ["New", "By hand"]
    assert made_at(clock, daily, MONDAY + 2 * DAY) == []


def test_a_digest_that_was_cancelled_after_the_next_was_made_comes_with_the_one_after(
    clock: Any, daily: Newsletter, nora: User
) -> None:
    make_live(headline="One")
    made_at(clock, daily, MONDAY)
    make_live(headline="Two")
    made_at(clock, daily, MONDAY + DAY)
    workflow.change(Issue.objects.get(key="2026-05-04"), "cancel", by=nora)
    assert made_at(clock, daily, MONDAY + 2 * DAY) == ["One"]


def test_an_old_article_in_a_draft_is_no_news(clock: Any, daily: Newsletter) -> None:
    make_issue(make_live(headline="Old", published_at=MONDAY - 300 * DAY), newsletter=daily)
    make_issue(make_live(headline="Before the first digest", published_at=MONDAY - 5 * DAY), newsletter=daily)
    assert made_at(clock, daily, MONDAY) == []


# At once ----------------------------------------------------------------------------------


@pytest.fixture
def at_once() -> Any:
    """Lets something run in another thread, and waits so long that it would be over if nothing held it up."""
    begun: list[Future[Any]] = []
    with ThreadPoolExecutor(1) as pool:

        def closing(act: Callable[[], Any]) -> Any:
            try:
                return act()
            finally:
                connection.close()

        def begin(act: Callable[[], Any]) -> None:
            if not begun:
                begun.append(pool.submit(closing, act))
                with suppress(TimeoutError):
                    begun[0].exception(timeout=0.7)

        yield begin, begun


@pytest.fixture
def due(transactional_db: None, monkeypatch: pytest.MonkeyPatch) -> tuple[Newsletter, Edition, Issue]:
    """A newsletter whose digest is due now, an article for it, and a draft that holds it too."""
    now = datetime.now(tz=UTC)
    newsletter = make_newsletter(rhythm=Rhythm.DAILY, send_at=time(0), zone="UTC")
    edition = make_live(headline="One", published_at=now - MINUTE)
    moment = digest.Due(now.date() + DAY, now)
    monkeypatch.setattr(digest, "last_due", lambda newsletter, now: moment)
    return newsletter, edition, make_issue(edition, newsletter=newsletter)


def times_told(edition: Edition) -> int:
    return IssueItem.objects.filter(article=edition.article_id, issue__in=Issue.objects.reaching_readers()).count()


def test_a_draft_made_ready_while_a_digest_chooses_the_same_article_is_refused(
    due: Any, at_once: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    (newsletter, edition, draft), (begin, begun), news = due, at_once, digest.news

    def slow(*args: Any) -> Any:
        found = news(*args)
        begin(lambda: workflow.change(draft, "ready"))
        return found

    monkeypatch.setattr(digest, "news", slow)
    made = digest.make(newsletter)
    assert made is not None and made.state == IssueState.SCHEDULED
    assert isinstance(begun[0].exception(timeout=20), Refused)
    assert times_told(edition) == 1


def test_a_digest_made_while_a_draft_with_the_same_article_is_made_ready_leaves_it_out(
    due: Any, at_once: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    (newsletter, edition, draft), (begin, begun), lay_out = due, at_once, rendering.content_of

    def slow(issue: Issue) -> Any:
        begin(lambda: digest.make(newsletter))
        return lay_out(issue)

    monkeypatch.setattr(guards.rendering, "content_of", slow)
    assert workflow.change(draft, "ready").state == IssueState.READY
    made = begun[0].result(timeout=20)
    assert made.state == IssueState.CANCELLED and not made.items.exists()
    assert times_told(edition) == 1
