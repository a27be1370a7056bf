"""Newsletters and subscribers for tests and the demo."""

from itertools import count
from typing import Any

from articles.models import Edition
from newsroom.lib import clock
from newsroom.lib.emails import parse
from subscribers import consent, notices
from subscribers.issues import workflow
from subscribers.models import ConsentText, Issue, IssueItem, Newsletter, Subscriber, Subscription
from subscribers.states import ConsentKind, IssueState

_numbers = count(1)


def make_newsletter(notice: str = "We keep your address until you unsubscribe.", **fields: Any) -> Newsletter:
    """A newsletter on offer, with a notice in its language ("" for none)."""
    number = next(_numbers)
    fields = {"name": f"Newsletter {number}", "slug": f"newsletter-{number}", **fields}
    newsletter = Newsletter.objects.create(**fields)
    if notice:
        make_notice(newsletter, notice, language=newsletter.language)
    return newsletter


def make_notice(newsletter: Newsletter, text: str, language: str = "en") -> ConsentText:
    return notices.write(newsletter, text, language=language)


def make_subscriber(email: str = "", *newsletters: Newsletter, **fields: Any) -> Subscriber:
    """Somebody who has confirmed and gets `newsletters`."""
    parsed, now = parse(email or f"reader{next(_numbers)}@example.org"), clock.now()
    subscriber = Subscriber.objects.create(email=parsed.typed, email_norm=parsed.norm, created_at=now, **fields)
    for newsletter in newsletters:
        Subscription.objects.create(subscriber=subscriber, newsletter=newsletter, since=now)
        text = newsletter.consent_texts.order_by("-pk").first()
        consent.record(ConsentKind.CONFIRMED, parsed.norm, newsletter, consent_text=text, page="/")
    return subscriber


def make_sent(*editions: Edition, **fields: Any) -> Issue:
    """An issue that was sent a moment ago, to nobody: its page can be read."""
    issue = workflow.change(make_issue(*editions, **fields), "ready")
    Issue.objects.filter(pk=issue.pk).update(state=IssueState.SENT, starts_at=clock.now(), finished_at=clock.now())
    return issue


def make_issue(*editions: Edition, newsletter: Newsletter | None = None, **fields: Any) -> Issue:
    """A draft with the articles of these editions, in their order."""
    number = next(_numbers)
    fields = {"key": f"issue-{number}", "subject": f"Subject {number}", **fields}
    issue = Issue.objects.create(newsletter=newsletter or make_newsletter(), **fields)
    for position, edition in enumerate(editions):
        IssueItem.objects.create(issue=issue, article=edition.article, position=position)
    return issue
