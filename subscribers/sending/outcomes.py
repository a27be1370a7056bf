"""What became of claimed deliveries is written here, with the sums, in one transaction each."""

from datetime import datetime

from django.db import transaction
from django.db.models import Count, F, Q
from django.utils.translation import gettext

from articles.checks import Problem
from newsroom.lib import clock
from newsroom.lib.mail import one_line
from newsroom.models import User
from subscribers.issues import workflow
from subscribers.models import Batch, Delivery, Issue, Sending
from subscribers.sending import durability, senders
from subscribers.sending.claiming import Parcel
from subscribers.states import DeliveryState, IssueState

ANSWER_LENGTH = 400
# What does not count as an attempt: the mail server was not asked, or takes nothing at all.
NO_ATTEMPT = (DeliveryState.SKIPPED, DeliveryState.QUEUED)


def answer_of(said: str) -> str:
    """What a server, a service or a mail said, without what databases refuse: half letters, and on PostgreSQL NUL."""
    return one_line(said)[:ANSWER_LENGTH]


@transaction.atomic
def write(
    batch: Batch, parcel: Parcel, state: DeliveryState, answer: str = "", *, next_try_at: datetime | None = None
) -> bool:
    """This delivery leaves the batch with another outcome than that the mail server took it.

    False, and nothing is written, if the batch was taken from us meanwhile.
    """
    fields: dict[str, object] = {
        "state": state,
        "batch": None,
        "answer": answer_of(answer),
        "changed_at": clock.now(),
    }
    if state not in NO_ATTEMPT:
        fields["attempts"] = F("attempts") + 1
    if next_try_at:
        fields["next_try_at"] = next_try_at
    mine = Delivery.objects.filter(pk=parcel.delivery, state=DeliveryState.CLAIMED, batch=batch)
    if not mine.update(**fields):
        return False
    add(batch.issue_id, {DeliveryState.CLAIMED: -1, state: 1})
    return True


@transaction.atomic
def close(batch: Batch, *, answered: bool, may_have_gone_on: bool = False, taken: int = 0) -> bool:
    """End a batch, of which the mail server took at least so many. Returns False if that has been done.

    What is still in it was taken by the mail server up to the begun message; after it, it goes back to the queue.
    The begun one itself was taken if it was `answered`; nobody knows, if it was not. Where the worker
    `may_have_gone_on` after what the database remembers, nobody knows of those after it either.
    """
    mine = Batch.objects.select_for_update(skip_locked=True).filter(pk=batch.pk, closed_at=None).first()
    if mine is None:
        return False
    now, begun = clock.now(), mine.begun or 0
    inside = Delivery.objects.filter(batch=mine)
    # In the order in which those hold them who tell meanwhile what arrived (returned.arrived).
    list(inside.order_by("pk").select_for_update(of=("self",)).values_list("pk"))
    before = Q(pk__lte=begun) if answered else Q(pk__lt=begun)
    sent = inside.filter(before).update(
        state=DeliveryState.HANDED_OVER, batch=None, attempts=F("attempts") + 1, answer="", changed_at=now
    )
    unknown = inside.filter(Q() if may_have_gone_on else Q(pk=begun)).update(
        state=DeliveryState.UNCERTAIN, batch=None, attempts=F("attempts") + 1, answer="", changed_at=now
    )
    back = inside.update(state=DeliveryState.QUEUED, batch=None, changed_at=now)
    Batch.objects.filter(pk=mine.pk).update(closed_at=now, sent=max(sent, taken))
    if sent or taken:  # the mail server is well
        Sending.objects.filter(pk=mine.issue_id, refusals__gt=0).update(refusals=0, trouble="", waits_until=None)
    add(
        mine.issue_id,
        {
            DeliveryState.CLAIMED: -(sent + unknown + back),
            DeliveryState.HANDED_OVER: sent,
            DeliveryState.UNCERTAIN: unknown,
            DeliveryState.QUEUED: back,
        },
    )
    return True


def recover() -> int:
    """Close the batches of dead workers, and those whose lease ran out. Returns how many there were."""
    now, done = clock.now(), 0
    for batch in Batch.objects.filter(closed_at=None).order_by("lease_until")[:1000]:
        dead = senders.is_dead(batch.worker)
        if dead or batch.lease_until < now:
            done += close(batch, answered=False, may_have_gone_on=durability.may_have_forgotten(batch))
    return done


@transaction.atomic
def resend_uncertain(issue: Issue, *, by: User | None = None) -> int:
    """Put the uncertain deliveries into the queue again: some readers may get the issue twice. Returns how many.

    Raises workflow.Refused for a cancelled issue, of which nothing is sent any more.
    """
    return _decide(issue, DeliveryState.QUEUED, "resend", by=by)


@transaction.atomic
def take_uncertain_for_sent(issue: Issue, *, by: User | None = None) -> int:
    """Call the uncertain deliveries handed over: some readers may not have got the issue. Returns how many."""
    return _decide(issue, DeliveryState.HANDED_OVER, "settle", by=by)


def _decide(issue: Issue, state: DeliveryState, verb: str, *, by: User | None) -> int:
    now = clock.now()
    # Or a worker could call the issue sent at this moment, and what is queued now would wait for ever.
    present = Issue.objects.select_for_update().get(pk=issue.pk)
    if present.state == IssueState.CANCELLED and state == DeliveryState.QUEUED:
        said = gettext("This issue was cancelled, so nothing more of it is sent. Take the uncertain mails for sent.")
        raise workflow.Refused([Problem(said)])
    uncertain = Delivery.objects.filter(issue=issue, state=DeliveryState.UNCERTAIN)
    count = uncertain.update(state=state, next_try_at=now, changed_at=now)
    if count:
        add(issue.pk, {DeliveryState.UNCERTAIN: -count, state: count})
        workflow.record(present, verb, by=by, data={"deliveries": count})
        if state == DeliveryState.QUEUED and present.state == IssueState.SENT:
            workflow.change(present, "send_rest")
    return count


def add(issue: int, deltas: dict[DeliveryState, int]) -> None:
    """Change the sums of an issue. Belongs into the transaction that changes the states, at its end."""
    changed = {state.value: F(state.value) + delta for state, delta in deltas.items() if delta}
    if changed:
        Sending.objects.filter(pk=issue).update(**changed)


@transaction.atomic
def count_again(issue: Issue) -> None:
    """Make the sums what the rows say. Reads every delivery of the issue.

    The sums are held meanwhile: what changes a row is either counted, or waits to be added afterwards.
    """
    Sending.objects.select_for_update().get(pk=issue.pk)
    rows = Delivery.objects.filter(issue=issue).order_by().values_list("state").annotate(count=Count("pk"))
    Sending.objects.filter(pk=issue.pk).update(**{state.value: 0 for state in DeliveryState} | dict(rows))
