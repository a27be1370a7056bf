"""How each article of the demo came to the state that its head asks for: the workflow, step by step."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from articles import publishing, restoring, revisions, workflow
from articles.events import record
from articles.models import Article, Edition
from newsroom.demo.texts import MARKDOWN
from newsroom.lib import clock
from newsroom.models import User

Head = dict[str, Any]
People = dict[str, User]


def move(article: Article, head: Head, people: People, now: datetime) -> Article:
    """Bring a first draft to the state in its head, and let what came afterwards come."""
    article = MOVES[head["state"]](article, head, people, now)
    for step in head.get("then", []):
        article = _go_on(article, step, people, now)
    return article


def _stay(article: Article, head: Head, people: People, now: datetime) -> Article:
    return article


def _submit(article: Article, head: Head, people: People, now: datetime) -> Article:
    return workflow.perform("submit", article, by=people["alice"])


def _send_back(article: Article, head: Head, people: People, now: datetime) -> Article:
    article = _submit(article, head, people, now)
    return workflow.perform("request_changes", article, by=people["bob"], note=head["note"])


def _approve(article: Article, head: Head, people: People, now: datetime) -> Article:
    return workflow.perform("approve", _submit(article, head, people, now), by=people["bob"])


def _park(article: Article, head: Head, people: People, now: datetime) -> Article:
    return workflow.perform("park", article, by=people["alice"], note=head["note"])


def _publish(article: Article, head: Head, people: People, now: datetime) -> Article:
    return workflow.perform("publish", _approve(article, head, people, now), by=people["bob"])


def _schedule(article: Article, head: Head, people: People, now: datetime) -> Article:
    article = _approve(article, head, people, now)
    return workflow.perform("schedule", article, by=people["bob"], starts_at=_full_hour(now, -head["hours"]))


def _let_expire(article: Article, head: Head, people: People, now: datetime) -> Article:
    """Published for two seconds only: it is over when the first reader comes."""
    article = _approve(article, head, people, now)
    start = clock.now() + timedelta(seconds=1)
    return workflow.perform(
        "schedule", article, by=people["bob"], starts_at=start, expires_at=start + timedelta(seconds=2)
    )


def _withdraw(article: Article, head: Head, people: People, now: datetime) -> Article:
    article = _publish(article, head, people, now)
    return workflow.perform("withdraw", article, by=people["charlie"], notice=head["notice"], reason="error")


def _publish_in_emergency(article: Article, head: Head, people: People, now: datetime) -> Article:
    """As the verb does, but for the password, which nobody typed here. Its review is left open."""
    edition = publishing.publish_in_emergency(article, by=people["charlie"], reason=head["note"])
    before, by = article.status, people["charlie"]
    record(article, "emergency", by=by, before=before, after=before, note=head["note"], edition=edition)
    return Article.objects.get(pk=article.pk)


MOVES: dict[str, Callable[[Article, Head, People, datetime], Article]] = {
    "draft": _stay,
    "in_review": _submit,
    "changes_requested": _send_back,
    "approved": _approve,
    "parked": _park,
    "live": _publish,
    "scheduled": _schedule,
    "expired": _let_expire,
    "withdrawn": _withdraw,
    "emergency": _publish_in_emergency,
}


def _go_on(article: Article, step: dict[str, Any], people: People, now: datetime) -> Article:
    """An update or a correction of what is live, or an update that waits; a fix starts from what readers see."""
    if step["kind"] == "fix":
        live = Edition.objects.live().select_related("revision").get(article=article)
        restoring.restore(article, live.revision, by=people["alice"])
        article = Article.objects.get(pk=article.pk)
    for old, new in step["replace"].items():
        article.body = article.body.replace(_in_html(old), _in_html(new))
    article.save(update_fields=["body"])
    revisions.save(article, by=people["alice"], reason=step["kind"].capitalize())
    article = _approve(article, {}, people, now)
    if step["kind"] == "scheduled":
        return workflow.perform("schedule", article, by=people["bob"], starts_at=_full_hour(now, step["hours"]))
    if notice := step.get("notice"):
        return workflow.perform("correct", article, by=people["bob"], notice=notice)
    return workflow.perform("update", article, by=people["bob"])


def _full_hour(now: datetime, hours: float) -> datetime:
    return (now + timedelta(hours=hours)).replace(minute=0)


def _in_html(markdown: str) -> str:
    """A piece of a sentence as it stands in the body."""
    return MARKDOWN.renderInline(markdown)
