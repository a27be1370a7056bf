"""Sending what is to be sent, for a while: take a batch, hand it to the mail server, write down what became of it.

For each message one small write comes before it (claiming.begin), which also says that those before it were taken.
So a worker that is killed leaves at most one message of which nobody knows, and none is sent twice. Everything that
is not "taken" is written at once.
"""

import logging
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from itertools import zip_longest

from django.core.mail import EmailMessage
from django.db.models import Q

from newsroom.lib import clock, stopping
from subscribers.issues import recalling, workflow
from subscribers.models import Batch, Issue, Sending
from subscribers.sending import claiming, deferring, late, materialising, outcomes, returned, senders, storms
from subscribers.sending.claiming import Claim, Parcel
from subscribers.sending.durability import durable
from subscribers.sending.handover import Answer, Fate, Line
from subscribers.sending.stamping import Stamp
from subscribers.states import DeliveryState, IssueState

logger = logging.getLogger(__name__)

SLICE = 20.0  # seconds; then other jobs have their turn
SMALLEST, LARGEST = 20, 1000
MUCH = 2000
# A batch takes about so many seconds: what happens meanwhile, it learns of late.
BATCH_SECONDS = 2.0
SHORT_WAIT = timedelta(seconds=2)
LOOK_AGAIN = timedelta(minutes=1)
BATCHES_KEPT = timedelta(days=30)
LOST_IN_A_ROW = 5  # connections lost one after the other: the server is not well


def work(seconds: float = SLICE, *, call_help: Callable[[], object] = lambda: None) -> datetime | None:
    """Prepare and send issues for about so many seconds, each in its turn. Returns when to come again, if ever.

    Only one thread of a process sends: a second one finds that the work is being done, and leaves. Where there is
    much to do it calls help, which may come from another process. May be killed at any moment.
    """
    with senders.alone() as name:
        if name is None:
            return None
        outcomes.recover()
        _start_due()
        worker = Worker(name, time.monotonic() + seconds)
        try:
            worker.prepare()
            if Sending.objects.filter(issue__state=IssueState.SENDING, queued__gt=MUCH).exists():
                call_help()
            worker.run()
        finally:
            worker.line.close()
    return _come_again()


def _start_due() -> None:
    """Begin with the issues whose time has come. What may not be sent any more becomes a draft."""
    for issue in Issue.objects.due(clock.now()).select_related("newsletter", "owner"):
        with suppress(workflow.Stale, workflow.Refused):  # somebody else was faster
            recalling.begin(issue)


class Worker:
    """Works until `ends`, or until the process is told to end, on one connection to the mail server."""

    def __init__(self, name: str, ends: float) -> None:
        self.name, self.ends = name, ends
        self.line = Line()
        self.size = SMALLEST

    def has_time(self) -> bool:
        return time.monotonic() < self.ends and not stopping.told()

    def prepare(self) -> None:
        """Make the deliveries of issues that begin."""
        for issue in Issue.objects.filter(state=IssueState.MATERIALISING).select_related("newsletter"):
            materialising.materialise(issue, self.has_time)

    def run(self) -> None:
        """Send batches of all issues in turn, until the time is over or nothing is left for now."""
        while self.has_time():
            if not sum(self.batch(issue) for issue in _sendable()) and not self._nap():
                return

    def _nap(self) -> bool:
        """Wait for what may go in a moment; False if there is nothing."""
        due = min(filter(None, map(claiming.next_due, _sendable())), default=None)
        if due is None or due - clock.now() > SHORT_WAIT:
            return False
        stopping.sleep(min(max((due - clock.now()).total_seconds(), 0.01), max(self.ends - time.monotonic(), 0)))
        return True

    def batch(self, issue: Issue) -> bool:
        """Send a batch of the issue. False if there was nothing to send now, or the mail server is away."""
        with durable():
            claim = claiming.claim(issue, self.name, self.size)
        if claim is None:
            _finish(issue)
            return False
        if (reached := self.line.reach()).fate is not Fate.TAKEN:
            outcomes.close(claim.batch, answered=True)
            wait_for_server(issue, reached)
            return False
        began = time.monotonic()
        Round(issue, claim, self.line, self.has_time).send()
        self._fit_size(len(claim.parcels), time.monotonic() - began)
        storms.watch(issue)
        return True

    def _fit_size(self, count: int, seconds: float) -> None:
        if count == self.size:
            wanted = int(self.size * BATCH_SECONDS / max(seconds, 0.001))
            self.size = max(SMALLEST, min(LARGEST, self.size * 4, wanted))


class Round:
    """One claim on its way. The next message is made while the mail server thinks about the one before."""

    def __init__(self, issue: Issue, claim: Claim, line: Line, has_time: Callable[[], bool]) -> None:
        self.issue, self.claim, self.line, self.has_time = issue, claim, line, has_time
        self.lost = 0  # connections, one after the other
        self.begun = False  # a message of which nobody knows yet
        self.taken: Parcel | None = None  # the last one that the mail server took
        self.count = 0  # of those that it took
        self.stamp: Stamp | None = None
        self.made: dict[int, EmailMessage | None] = {}  # by delivery; None where it could not be made

    def send(self) -> None:
        """Send all, or as far as time, the issue's state and the mail server allow; the rest goes back."""
        batch, parcels = self.claim.batch, self.claim.parcels
        try:
            any(not self._one(parcel, following) for parcel, following in zip_longest(parcels, parcels[1:]))
        finally:
            closed = outcomes.close(batch, answered=not self.begun, taken=self.count)
        if not closed and self.taken:
            late.write(batch, self.taken, DeliveryState.HANDED_OVER)

    def _one(self, parcel: Parcel, following: Parcel | None) -> bool:
        """Send one. False if the round is over."""
        if not self.has_time():
            return False
        self._make(parcel)
        message = self.made.pop(parcel.delivery)
        if message is None:
            outcomes.write(self.claim.batch, parcel, DeliveryState.FAILED, "The mail could not be made.")
            return True
        if not claiming.begin(self.claim.batch, parcel):
            return self._not_begun(parcel)
        self.begun = True
        answer = self.line.hand_over(message, meanwhile=lambda: self._make(following))
        going_on = self._answered(parcel, answer)
        self.begun = False
        return going_on

    def _make(self, parcel: Parcel | None) -> None:
        """Make a message, if it is not made yet. Whatever is wrong with this one, the others shall have theirs."""
        if parcel is None or parcel.delivery in self.made:
            return
        try:
            if self.stamp is None:
                self.stamp = Stamp(self.issue, parcel, as_bytes=self.line.speaks_smtp)
            self.made[parcel.delivery] = self.stamp.message(parcel)
        except Exception:
            logger.exception("The mail of delivery %s cannot be made.", parcel.delivery)
            self.made[parcel.delivery] = None

    def _not_begun(self, parcel: Parcel) -> bool:
        if not claiming.may_go_on(self.claim.batch):
            return False
        outcomes.write(self.claim.batch, parcel, DeliveryState.SKIPPED)
        return True

    def _answered(self, parcel: Parcel, answer: Answer) -> bool:
        batch = self.claim.batch
        told = answer.said[:3].isdigit() or answer.fate in (Fate.TAKEN, Fate.NEVER)
        self.lost = 0 if told else self.lost + 1
        if answer.fate is Fate.TAKEN:
            self.taken, self.count = parcel, self.count + 1
        elif answer.fate is Fate.LATER:
            _defer(batch, parcel, answer)
        elif answer.fate is Fate.NEVER:
            _write(batch, parcel, DeliveryState.BOUNCED, answer.said)
            returned.refused(parcel, answer.said)
        elif answer.fate is Fate.UNKNOWN:
            _write(batch, parcel, DeliveryState.UNCERTAIN, answer.said)
        elif answer.fate is Fate.DOWN:
            _write(batch, parcel, DeliveryState.QUEUED, answer.said)
        if answer.fate is Fate.DOWN or self.lost >= LOST_IN_A_ROW:
            wait_for_server(self.issue, answer)
            return False
        return True


def _defer(batch: Batch, parcel: Parcel, answer: Answer) -> None:
    """Try again later, or give up after three days."""
    wait = deferring.wait(parcel.attempts + 1)
    if wait is None:
        _write(batch, parcel, DeliveryState.FAILED, answer.said)
    else:
        _write(batch, parcel, DeliveryState.DEFERRED, answer.said, next_try_at=clock.now() + wait)


def _write(batch: Batch, parcel: Parcel, state: DeliveryState, said: str, **fields: datetime) -> None:
    """What became of a message that was begun, in our batch or one that was taken from us meanwhile."""
    if not outcomes.write(batch, parcel, state, said, **fields):
        late.write(batch, parcel, state, said, **fields)


def wait_for_server(issue: Issue, answer: Answer) -> None:
    """Leave the mail server alone for a while. Nothing is lost: the issue waits."""
    logger.warning("The mail server takes nothing of issue %s: %s", issue.pk, answer.said)
    refusals = Sending.objects.values_list("refusals", flat=True).get(pk=issue.pk) + 1
    Sending.objects.filter(pk=issue.pk).update(
        refusals=refusals, trouble=answer.said[:400], waits_until=clock.now() + deferring.wait_for_server(refusals)
    )


def _sendable() -> list[Issue]:
    """The issues that are being sent and need not wait for the mail server."""
    found = Issue.objects.filter(state=IssueState.SENDING).select_related("newsletter").order_by("pk")
    return list(found.filter(Q(sending__waits_until=None) | Q(sending__waits_until__lte=clock.now())))


def _finish(issue: Issue) -> None:
    """The issue is sent once nothing of it waits any more."""
    waiting = ("queued", "claimed", "deferred")
    if Sending.objects.filter(issue=issue, **dict.fromkeys(waiting, 0)).exists():
        outcomes.count_again(issue)
        if Sending.objects.filter(issue=issue, **dict.fromkeys(waiting, 0)).exists():
            with suppress(workflow.Stale, workflow.Refused):  # somebody has paused or cancelled it at this moment
                workflow.change(issue, "finish")


def _come_again() -> datetime | None:
    """When there is something to do: at once where work is left, later where something waits."""
    now = clock.now()
    if Issue.objects.filter(state=IssueState.MATERIALISING).exists():
        return now
    sending = Issue.objects.filter(state=IssueState.SENDING).select_related("newsletter", "sending")
    return min((_due(issue, now) for issue in sending), default=None)


def _due(issue: Issue, now: datetime) -> datetime:
    """Never later than in a minute: what another worker holds may come back."""
    due = claiming.next_due(issue) or now + LOOK_AGAIN
    return min(max(due, issue.sending.waits_until or due), now + LOOK_AGAIN)


def purge() -> None:
    """Forget the batches of a month ago, which only tell how fast an issue went, and the locks of the dead."""
    Batch.objects.filter(closed_at__lt=clock.now() - BATCHES_KEPT).delete()
    senders.tidy()
