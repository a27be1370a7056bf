"""An answer of the mail server that comes after the batch was taken from its worker, because it was so slow.

The delivery was called uncertain then. Somebody may have decided about it, or another worker may have sent it again:

- That the mail server took the message is true whatever was done since, and what waits is not sent a second time.
- That it refused it for good is true until somebody has tried again.
- That it did not take it for now ends the uncertainty, and nothing else: what people have decided stays.
"""

from datetime import datetime

from django.db import transaction

from newsroom.lib import clock
from subscribers.issues import workflow
from subscribers.models import Batch, Delivery, Issue
from subscribers.sending import outcomes
from subscribers.sending.claiming import Parcel
from subscribers.states import DeliveryState, IssueState

_S = DeliveryState
# What a late answer makes of a delivery, and of which states.
_FROM = {
    _S.HANDED_OVER: (_S.UNCERTAIN, _S.QUEUED, _S.DEFERRED, _S.SKIPPED, _S.FAILED),
    _S.BOUNCED: (_S.UNCERTAIN, _S.QUEUED, _S.HANDED_OVER),
    _S.FAILED: (_S.UNCERTAIN,),
    _S.DEFERRED: (_S.UNCERTAIN,),
    _S.QUEUED: (_S.UNCERTAIN,),
    _S.UNCERTAIN: (_S.UNCERTAIN,),
}
_TO_BE_SENT = (_S.DEFERRED, _S.QUEUED)


@transaction.atomic
def write(
    batch: Batch, parcel: Parcel, state: DeliveryState, answer: str = "", *, next_try_at: datetime | None = None
) -> bool:
    """What became of a message that was begun in a batch which is not ours any more. False if that changes nothing."""
    # Before the delivery, as people who decide do; or the issue could be called sent at this moment.
    issue = Issue.objects.select_for_update(of=("self",)).get(pk=batch.issue_id)
    present = Delivery.objects.select_for_update(of=("self",)).get(pk=parcel.delivery)
    before = DeliveryState(present.state)
    if before not in _FROM[state] or not (state == _S.HANDED_OVER or _untried_since(present, parcel)):
        return False
    if state in _TO_BE_SENT and issue.state == IssueState.SENT:
        workflow.change(issue, "send_rest")
    Delivery.objects.filter(pk=present.pk).update(
        state=state,
        answer=outcomes.answer_of(answer),
        changed_at=clock.now(),
        attempts=parcel.attempts if state in outcomes.NO_ATTEMPT else max(present.attempts, parcel.attempts + 1),
        next_try_at=next_try_at or present.next_try_at,
    )
    if before != state:
        outcomes.add(batch.issue_id, {before: -1, state: 1})
    return True


def _untried_since(present: Delivery, parcel: Parcel) -> bool:
    """Whether the last attempt is the one that this answer is about: it was counted when it was called uncertain."""
    return present.attempts == parcel.attempts + 1
