"""The demo's issues of newsletters: some that were sent, one that the worker sends at once, and a digest that waits."""

from datetime import datetime, time, timedelta
from typing import Any

from articles.models import Article
from newsroom.demo import texts
from newsroom.models import User
from subscribers import defaults
from subscribers.factories import make_issue, make_subscriber
from subscribers.issues import digest, workflow
from subscribers.models import Issue, IssueItem, Newsletter
from subscribers.states import Rhythm

# Readers of the newsletters that are not in the form.
READERS = ("early.riser@readers.example", "night.shift@readers.example")


def make_issues(articles: dict[str, Article], *, by: User, now: datetime) -> None:
    """Everything that newsletters have besides the form: other newsletters, and issues of all."""
    for row in texts.town()["other_newsletters"]:
        newsletter = defaults.newsletter(**{"offered": False, "send_at": time(7), "language": texts.LANGUAGE, **row})
        for reader in READERS:
            make_subscriber(reader.replace("@", f".{newsletter.slug}@"), newsletter, language=newsletter.language)
        if newsletter.rhythm == Rhythm.DAILY:
            _wait(newsletter, by=by, now=now)
    for row in texts.town()["issues"]:
        issue = _composed(row, articles, by)
        if "hours" in row:
            _sent(issue, now - timedelta(hours=row["hours"]), by)
        else:
            workflow.change(workflow.change(issue, "ready", by=by), "send_now", by=by)


def _composed(row: dict[str, Any], articles: dict[str, Article], by: User) -> Issue:
    newsletter = Newsletter.objects.get(slug=row["newsletter"])
    issue = make_issue(newsletter=newsletter, owner=by, **{name: row[name] for name in ("key", "subject", "intro")})
    for position, item in enumerate(row["articles"]):
        words = {name: item[name] for name in ("headline", "text") if name in item}
        IssueItem.objects.create(issue=issue, article=articles[item["name"]], position=position, **words)
    return issue


def _sent(issue: Issue, at: datetime, by: User) -> None:
    """As if it had gone out at `at`, before anybody's mails were counted."""
    issue = workflow.change(workflow.change(issue, "ready", by=by), "send_now", by=by)
    for name in ("materialise", "send", "finish"):
        issue = workflow.change(issue, name)
    Issue.objects.filter(pk=issue.pk).update(starts_at=at, finished_at=at + timedelta(minutes=1))


def _wait(newsletter: Newsletter, *, by: User, now: datetime) -> None:
    """The next digest, made before its time so that it can be looked at."""
    due = digest.next_due(newsletter, now + timedelta(hours=1))
    issue = workflow.change(digest.draft(newsletter, due), "ready", by=by)
    workflow.change(issue, "schedule", by=by, starts_at=due.at)
