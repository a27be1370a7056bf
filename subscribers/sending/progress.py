"""How far an issue is: from its sums and its last batches, so that a million deliveries cost what ten do."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Min, Sum

from newsroom.lib import clock
from subscribers.models import Batch, Issue, Sending
from subscribers.states import IssueState

LATELY = timedelta(minutes=5)
UNDER_WAY = (IssueState.MATERIALISING, IssueState.SENDING)


@dataclass(frozen=True)
class Progress:
    """Numbers of deliveries; `per_minute` of late, and when all that waits is gone at that rate, if it can be told.

    `sent` are those that a mail server took, with all that came back later. `trouble` is what the mail server said
    when it took nothing, and `again_at` when it is tried again.
    """

    total: int
    sent: int
    delivered: int
    waiting: int
    deferred: int
    failed: int
    bounced: int
    complained: int
    skipped: int
    uncertain: int
    per_minute: int
    ends_at: datetime | None
    trouble: str
    again_at: datetime | None
    moves: bool

    @property
    def done(self) -> int:
        return self.total - self.waiting - self.deferred


def begins(issue: Issue) -> bool:
    """Whether the first mails of the issue go out as soon as a worker comes to it."""
    due = issue.state == IssueState.SCHEDULED and issue.starts_at is not None and issue.starts_at <= clock.now()
    return due or issue.state == IssueState.MATERIALISING


def of(issue: Issue) -> Progress | None:
    """The progress of an issue; None before its deliveries are made. Two queries."""
    sums = Sending.objects.filter(pk=issue.pk).first()
    if sums is None:
        return None
    waiting = sums.queued + sums.claimed
    sent = sums.handed_over + sums.delivered + sums.complained
    others = sums.deferred + sums.failed + sums.bounced + sums.skipped + sums.uncertain
    rate = _per_second(issue) if issue.state == IssueState.SENDING else 0.0
    return Progress(
        total=waiting + sent + others,
        sent=sent,
        delivered=sums.delivered,
        waiting=waiting,
        deferred=sums.deferred,
        failed=sums.failed,
        bounced=sums.bounced,
        complained=sums.complained,
        skipped=sums.skipped,
        uncertain=sums.uncertain,
        per_minute=round(rate * 60),
        ends_at=clock.now() + timedelta(seconds=waiting / rate) if rate and waiting else None,
        trouble=sums.trouble,
        again_at=sums.waits_until,
        moves=issue.state in UNDER_WAY,
    )


def _per_second(issue: Issue) -> float:
    now = clock.now()
    lately = Batch.objects.filter(issue=issue, closed_at__gt=now - LATELY)
    found = lately.aggregate(sent=Sum("sent"), since=Min("started_at"))
    seconds = (now - found["since"]).total_seconds() if found["since"] else 0
    return (found["sent"] or 0) / max(seconds, 1)


def last_sent_at() -> datetime | None:
    """When a worker last had mails of any issue taken, give or take its batch; None if that is long ago."""
    last = Batch.objects.filter(sent__gt=0).order_by("-pk").first()
    return (last.closed_at or last.started_at) if last else None
