"""Subscribers as a list for elsewhere, which an import here reads back."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from itertools import islice

from django.db.models import QuerySet

from subscribers import proofs
from subscribers.lists import tables
from subscribers.models import Newsletter, Subscription, Suppression
from subscribers.states import SubscriptionState

COLUMNS = ("email", "newsletter", "state", "since", "paused_until", "language", "time_zone", "subscriber_since")
AT_ONCE = 1000


def lines(newsletter: Newsletter | None = None, states: Sequence[str] = tuple(SubscriptionState)) -> Iterator[str]:
    """A CSV file line by line, of one newsletter or of all; one line for each subscription in these states.

    Whoever must not be written to is in it with the reason for a state, so that no system that reads the list
    writes to them. Times are ISO 8601 in UTC. Memory and the number of queries for a thousand lines stay the same.
    """
    rows = Subscription.objects.filter(state__in=states).select_related("subscriber", "newsletter").order_by("pk")
    yield from tables.write(_rows(rows.filter(newsletter=newsletter) if newsletter else rows))


def _rows(found: QuerySet[Subscription]) -> Iterator[tuple[str, ...]]:
    yield COLUMNS
    subscriptions = found.iterator(chunk_size=AT_ONCE)
    while chunk := list(islice(subscriptions, AT_ONCE)):
        barred = _barred(chunk)
        for row in chunk:
            yield _row(row, barred.get((row.subscriber_id, row.newsletter_id)) or barred.get((row.subscriber_id, None)))


def _row(row: Subscription, reason: str | None) -> tuple[str, ...]:
    person = row.subscriber
    state = reason or row.state
    return (
        person.email,
        row.newsletter.slug,
        state,
        _moment(row.since),
        _moment(row.paused_until),
        person.language,
        person.time_zone,
        _moment(person.created_at),
    )


def _barred(chunk: list[Subscription]) -> dict[tuple[int, int | None], str]:
    """Why somebody must not be written to, by subscriber and newsletter (None: by any)."""
    keys = {hmac: row.subscriber_id for row in chunk for hmac in proofs.hmacs(row.subscriber.email_norm)}
    found = Suppression.objects.filter(email_hmac__in=list(keys)).values_list("email_hmac", "newsletter_id", "reason")
    return {(keys[hmac], newsletter): reason for hmac, newsletter, reason in found}


def _moment(at: datetime | None) -> str:
    return at.astimezone(UTC).isoformat() if at else ""
