"""A delivery for each subscriber of an issue, made in chunks; a killed worker's successor goes on where it was."""

from collections.abc import Callable
from typing import Any

from django.db import connection, transaction
from django.db.models import F, Max

from newsroom.lib import clock
from subscribers.issues import workflow
from subscribers.models import Delivery, DomainLimit, Issue, Sending, Subscriber, Subscription
from subscribers.states import DeliveryState, IssueState, SubscriptionState

CHUNK = 10_000

# Both databases understand this; the ORM knows no INSERT ... SELECT.
_INSERT = """
INSERT INTO {delivery} (issue_id, subscriber_id, state, lane, attempts, next_try_at, answer, changed_at)
SELECT %s, s.subscriber_id, %s, {lane}, 0, %s, '', %s
FROM {subscription} s JOIN {subscriber} p ON p.id = s.subscriber_id
WHERE s.newsletter_id = %s AND s.state = %s AND s.subscriber_id > %s AND s.subscriber_id <= %s
ON CONFLICT DO NOTHING
"""


def materialise(issue: Issue, go_on: Callable[[], bool] = lambda: True) -> bool:
    """Make deliveries while `go_on()`; when all are there the issue is on its way. Returns whether they are.

    May be called again at any time, by several workers at once: nobody gets two.
    """
    _begin(issue)
    while go_on():
        if not _chunk(issue.pk):
            _send(issue)
            return True
    return False


def _begin(issue: Issue) -> None:
    limited = [*DomainLimit.objects.order_by("domain").values_list("domain", flat=True)]
    Sending.objects.get_or_create(issue=issue, defaults={"lanes": ["", *limited]})


@transaction.atomic
def _chunk(key: int) -> bool:
    """Make the next deliveries. Returns whether there may be more."""
    issue = Issue.objects.select_for_update().only("newsletter", "materialised_to", "state").get(pk=key)
    if issue.state != IssueState.MATERIALISING:
        return False
    sending = Sending.objects.get(pk=key)
    waiting = Subscription.objects.filter(
        newsletter=issue.newsletter_id, state=SubscriptionState.ACTIVE, subscriber__gt=issue.materialised_to
    )
    next_ones = waiting.order_by("subscriber").values("subscriber")[:CHUNK]
    last = next_ones.aggregate(last=Max("subscriber"))["last"]
    if last is None:
        return False
    made = _insert(issue, sending.lanes[1:], last)
    Issue.objects.filter(pk=key).update(materialised_to=last)
    Sending.objects.filter(pk=key).update(queued=F("queued") + made)
    return True


def _insert(issue: Issue, limited: list[str], last: int) -> int:
    now = connection.ops.adapt_datetimefield_value(clock.now())
    lane, names = _lane(limited)
    statement = _INSERT.format(
        delivery=Delivery._meta.db_table,
        subscription=Subscription._meta.db_table,
        subscriber=Subscriber._meta.db_table,
        lane=lane,
    )
    between: list[Any] = [issue.newsletter_id, SubscriptionState.ACTIVE.value, issue.materialised_to, last]
    with connection.cursor() as cursor:
        cursor.execute(statement, [issue.pk, DeliveryState.QUEUED.value, *names, now, now, *between])
        return int(cursor.rowcount)


def _lane(limited: list[str]) -> tuple[str, list[str]]:
    """SQL for the domain of those that have a limit of their own, else for ""; with its parameters."""
    if not limited:
        return "''", []
    whens = " ".join(["WHEN p.email_norm LIKE %s THEN %s"] * len(limited))
    names = [part for domain in limited for part in (f"%@{domain}", domain)]
    return f"CASE {whens} ELSE '' END", names


def _send(issue: Issue) -> None:
    """The last deliveries are made: from now on they are sent. Whoever comes second finds it done."""
    present = Issue.objects.get(pk=issue.pk)
    if present.state == IssueState.MATERIALISING:
        try:
            workflow.change(present, "send")
        except (workflow.Stale, workflow.Refused):
            return
