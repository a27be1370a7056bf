"""The tables of newsletters: what is offered, who agreed to what, and what was sent to whom."""

from subscribers.models.imports import Import
from subscribers.models.issue import Delivery, Issue, IssueEvent, IssueItem
from subscribers.models.newsletter import ConsentText, Newsletter
from subscribers.models.proof import ConsentEvent, Suppression
from subscribers.models.sending import Batch, Bounce, DatabaseRun, DomainLimit, Pace, Sending
from subscribers.models.subscriber import Subscriber, SubscribeRequest, Subscription

__all__ = [
    "Batch",
    "Bounce",
    "ConsentEvent",
    "ConsentText",
    "DatabaseRun",
    "Delivery",
    "DomainLimit",
    "Import",
    "Issue",
    "IssueEvent",
    "IssueItem",
    "Newsletter",
    "Pace",
    "Sending",
    "SubscribeRequest",
    "Subscriber",
    "Subscription",
    "Suppression",
]
