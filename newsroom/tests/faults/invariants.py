"""What is true of the database at every moment, whatever died on the way. `broken()` says what is not."""

from collections.abc import Iterator
from itertools import pairwise

from django.db import connection

from articles import compiling
from articles.events import replay
from articles.models import Article, Edition, Event, Revision, Withdrawal
from articles.revisions import content_of, hash_of
from articles.spans import spans_of
from articles.states import Status
from newsroom.lib import clock

# Verbs that make an edition; each edition is named by one such event of its own.
MAKE_EDITIONS = {"publish", "schedule", "import", "emergency", "correct", "update", "minor"}


def broken() -> list[str]:
    """One sentence for each thing that is not as it must be."""
    found = list(_database())
    for article in Article.objects.select_related("revision"):
        for rule in (_working_copy, _chain, _status, _editions, _spans):
            found += [f"Article {article.pk}: {said}" for said in rule(article)]
    return found


def _database() -> Iterator[str]:
    connection.check_constraints()
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA integrity_check")
            yield from (said for (said,) in cursor.fetchall() if said != "ok")


def _working_copy(article: Article) -> Iterator[str]:
    """The fields and relations are the present revision's, all of them."""
    if article.revision is None:
        yield "it has no revision"
        return
    content = content_of(article)
    for name in content.keys() | article.revision.content.keys():
        if content.get(name) != article.revision.content.get(name):
            yield f"its {name} is not that of revision {article.revision}"


def _chain(article: Article) -> Iterator[str]:
    revisions = list(article.revisions.order_by("number").select_related("parent"))
    if [r.number for r in revisions] != list(range(1, len(revisions) + 1)):
        yield "its revisions are not numbered one after the other"
    # What carrying made for a waiting edition is nobody's, and not the working copy's.
    written = [r for r in revisions if r.author_id or not r.merged_id]
    if written and article.revision_id != written[-1].pk:
        yield "its present revision is not its last"
    for revision in revisions:
        if hash_of(revision.content) != revision.content_hash:
            yield f"revision {revision} does not have the hash of its content"
        if revision.number > 1 and (revision.parent is None or revision.parent.number >= revision.number):
            yield f"revision {revision} comes from nowhere"


def _status(article: Article) -> Iterator[str]:
    """The status is what the events lead to, and an approval stands behind an approved text."""
    status = str(Status.DRAFT)
    for event in article.events.order_by("at", "pk"):
        if event.from_state in Status.values and event.to_state in Status.values:
            if event.from_state != status:
                yield f"event {event} starts from {event.from_state}, and it was {status}"
            status = event.to_state
    told = replay(article)
    if not article.status == status == told.status:
        yield f"it is {article.status}, and its events lead to {status} and {told.status}"
    if told.withdrawn != article.withdrawals.filter(lifted_at=None).exists():
        yield "its events do not say whether it is withdrawn"
    intents = {edition.pk: edition.intent() for edition in article.editions.all()}
    if told.editions != intents:
        yield f"its events tell of the intents {told.editions}, and they are {intents}"
    approved = article.approvals.filter(content_hash=article.revision.content_hash) if article.revision else None
    if article.status == Status.APPROVED and not (approved and approved.exists()):
        yield "it is approved, and nobody approved this text"


def _editions(article: Article) -> Iterator[str]:
    """Each edition is whole: its body and companions are its revision's, and one event says who made it."""
    for edition in article.editions.select_related("revision", "body"):
        content = edition.revision.content
        if not hasattr(edition, "body"):
            yield f"edition {edition.pk} has no body"
            continue
        compiled = compiling.compile_body(content["body"])
        if (edition.body.html, edition.body.text) != (compiled.html, compiled.text):
            yield f"edition {edition.pk} does not have the body of its revision"
        companions = {
            "bylines": list(edition.bylines.order_by("position").values_list("author_id", flat=True)),
            "tags": sorted(edition.tags.values_list("tag_id", flat=True)),
            "images": sorted(edition.image_uses.values_list("image_id", flat=True)),
        }
        wanted = content | {"images": sorted(use["image"] for use in content["images"])}
        for name, found in companions.items():
            if found != wanted[name]:
                yield f"edition {edition.pk} does not have the {name} of its revision"
        if edition.headline != content["headline"]:
            yield f"edition {edition.pk} does not have the headline of its revision"
        if Event.objects.filter(edition=edition, verb__in=MAKE_EDITIONS).count() != 1:
            yield f"edition {edition.pk} is not made by exactly one event"


def _spans(article: Article) -> Iterator[str]:
    """The spans are those that the intents ask for, and no two of them overlap."""
    active = list(article.editions.active().order_by("starts_at", "pk"))
    spans = spans_of(active, clock.now())
    for edition in active:
        laid = (edition.live_from, edition.live_until) if edition.live_from else None
        if spans.get(edition.pk) != laid:
            yield f"edition {edition.pk} lies at {laid}, and should at {spans.get(edition.pk)}"
    row = sorted((span for span in spans.values()), key=lambda span: span[0])
    for (_start, end), (following, _end) in pairwise(row):
        if end is None or end > following:
            yield f"two editions overlap at {following}"


def counts() -> dict[str, int]:
    """How many rows there are of each thing that a verb may make."""
    return {model.__name__: model.objects.count() for model in (Article, Revision, Edition, Event, Withdrawal)}
