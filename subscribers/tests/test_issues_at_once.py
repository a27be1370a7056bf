"""Several workers or editors at one issue in the same instant, each with a connection of their own."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, time, timedelta
from threading import Barrier
from typing import Any

import pytest
from django.db import connection

from articles.factories import make_live
from subscribers import digest, issues
from subscribers.factories import make_issue, make_newsletter
from subscribers.issues import Refused, Stale
from subscribers.models import Issue, Newsletter
from subscribers.states import IssueState, Rhythm

pytestmark = pytest.mark.django_db(transaction=True)
AT_ONCE = 4


def together(act: Callable[[], Any]) -> list[Any]:
    """What each of AT_ONCE threads got that act in the same instant, exceptions included."""
    start = Barrier(AT_ONCE)

    def one(_number: int) -> Any:
        try:
            start.wait(timeout=20)
            return act()
        except Exception as error:  # every outcome is a result here
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(AT_ONCE) as pool:
        return list(pool.map(one, range(AT_ONCE)))


def test_of_several_workers_one_makes_the_digest_and_the_others_make_nothing() -> None:
    make_live()
    now = datetime.now(tz=UTC)
    newsletter = make_newsletter(rhythm=Rhythm.DAILY, send_at=time(0), zone="UTC")
    Newsletter.objects.update(created_at=now - timedelta(days=30))
    due = digest.Due(now.date() + timedelta(days=1), now)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(digest, "last_due", lambda newsletter, now: due)
        got = together(lambda: digest.make(Newsletter.objects.get(pk=newsletter.pk)))
    made = [result for result in got if result is not None]
    assert [type(result) for result in made] == [Issue], got
    assert Issue.objects.get().items.count() == 1


def test_of_several_who_cancel_and_schedule_at_once_one_does_and_the_others_are_told() -> None:
    issue = issues.change(make_issue(make_live()), "ready")
    got = together(lambda: issues.change(issue, "send_now"))
    assert sum(isinstance(result, Issue) for result in got) == 1, got
    assert sum(isinstance(result, (Stale, Refused)) for result in got) == AT_ONCE - 1, got
    assert issue.events.filter(to_state=IssueState.SCHEDULED).count() == 1
