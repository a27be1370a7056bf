"""Several workers or editors at one issue in the same instant, each with a connection of their own."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, time, timedelta
from threading import Barrier, Thread
from typing import Any

import pytest
from django.db import connection
from django.db.models import QuerySet

from articles.factories import make_live
from newsroom.lib import clock
from subscribers import marks
from subscribers.factories import make_issue, make_newsletter, make_subscriber
from subscribers.issues import digest, workflow
from subscribers.issues.workflow import Refused, Stale
from subscribers.models import Delivery, Issue, Newsletter, Sending
from subscribers.sending import outcomes, returned
from subscribers.states import IssueState, Rhythm
from subscribers.tests.sendings import states

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
    issue = workflow.change(make_issue(make_live()), "ready")
    got = together(lambda: workflow.change(issue, "send_now"))
    assert sum(isinstance(result, Issue) for result in got) == 1, got
    assert sum(isinstance(result, (Stale, Refused)) for result in got) == AT_ONCE - 1, got
    assert issue.events.filter(to_state=IssueState.SCHEDULED).count() == 1


def test_what_changes_while_the_sums_are_made_anew_is_in_them(monkeypatch: pytest.MonkeyPatch) -> None:
    newsletter = make_newsletter(slug="sums")
    readers = [make_subscriber(f"reader{number}@example.org", newsletter) for number in range(2)]
    issue = make_issue(newsletter=newsletter)
    Sending.objects.create(issue=issue, lanes=[""], handed_over=2)
    for reader in readers:
        Delivery.objects.create(issue=issue, subscriber=reader, state="handed_over", changed_at=clock.now())

    def arrives() -> None:
        returned.arrived(marks.Marked(issue.pk, readers[0].pk))
        connection.close()

    service, update = Thread(target=arrives), QuerySet.update

    def slow(rows: Any, **fields: Any) -> int:
        if rows.model is Sending and not service.ident:
            service.start()
            service.join(timeout=0.5)
        return update(rows, **fields)

    monkeypatch.setattr(QuerySet, "update", slow)
    outcomes.count_again(issue)
    service.join()
    assert states(issue) == {"handed_over": 1, "delivered": 1}


def test_no_issue_is_called_sent_while_mails_of_it_wait() -> None:
    """Somebody may have sent the uncertain ones again since the worker has looked."""
    issue = make_issue(make_live())
    Issue.objects.filter(pk=issue.pk).update(state=IssueState.SENDING, content_hash="x")
    Sending.objects.create(issue=issue, lanes=[""], queued=1)
    with pytest.raises(Refused):
        workflow.change(Issue.objects.get(pk=issue.pk), "finish")
    Sending.objects.update(queued=0)
    assert workflow.change(Issue.objects.get(pk=issue.pk), "finish").state == IssueState.SENT
