"""Issues that are being sent, for tests."""

from django.db.models import Count

from subscribers.factories import make_newsletter, make_subscriber
from subscribers.issues import workflow
from subscribers.models import Delivery, Issue, Sending
from subscribers.sending import worker
from subscribers.states import DeliveryState


def make_issue(newsletter, **fields):
    """An issue that is due."""
    fields = {"key": "first", "subject": "The harbour wall", "intro": "It is being raised – at last.", **fields}
    issue = workflow.change(Issue.objects.create(newsletter=newsletter, **fields), "ready")
    return workflow.change(issue, "send_now")


def make_readers(count, newsletter=None, domain="example.org"):
    """The newsletter, with so many readers reader0@..., reader1@..."""
    newsletter = newsletter or make_newsletter(name="The Week", slug="week")
    for number in range(count):
        make_subscriber(f"reader{number}@{domain}", newsletter)
    return newsletter


def send(seconds=10):
    """What a worker does in one go."""
    return worker.work(seconds)


def states(issue):
    """How many deliveries are in which state, by the rows; the sums must say the same."""
    rows = Delivery.objects.filter(issue=issue).values_list("state").annotate(count=Count("pk")).order_by()
    found = dict(rows)
    sums = Sending.objects.get(pk=issue.pk)
    told = {state.value: getattr(sums, state.value) for state in DeliveryState if getattr(sums, state.value)}
    assert told == found
    return {str(state): count for state, count in found.items()}


def state_of(address):
    return Delivery.objects.get(subscriber__email_norm=address).state
