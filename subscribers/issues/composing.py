"""What editors write into a draft of an issue, and what they are told about it."""

from collections.abc import Iterator
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils import formats
from django.utils.translation import gettext as _

from articles.checks import Problem
from newsroom.lib import clock
from newsroom.models import User
from subscribers.issues import blocks, workflow
from subscribers.issues.guards import drafted_elsewhere, not_live, short, spoilt, told_before, told_since, told_twice
from subscribers.issues.workflow import Stale
from subscribers.models import Issue, Subscription
from subscribers.states import IssueState, SubscriptionState

# Mail programs show about so much of a subject, and Gmail cuts a mail of more bytes.
SHOWN_OF_SUBJECT = 70
CUT_AT = 100_000


def take(issue: Issue, *, by: User, **fields: Any) -> None:
    """Write `fields` of the draft that `by` has seen as `issue`. Raises Stale where it is another one by now.

    To be called in a transaction, before what hangs on the issue is written: whoever writes next waits for its end.
    """
    assert transaction.get_connection().in_atomic_block
    same = Issue.objects.filter(pk=issue.pk, state=IssueState.DRAFT, version=issue.version)
    if not same.update(version=F("version") + 1, **fields):
        raise Stale(Issue.objects.get(pk=issue.pk))
    issue.version += 1
    last = issue.events.first()
    if last is None or (last.verb, last.by_id) != ("compose", by.pk):  # hours of writing are one event
        workflow.record(issue, "compose", by=by)


def standing_in_the_way(issue: Issue) -> list[Problem]:
    """Why the draft cannot be made ready, as far as that is known without laying it out."""
    return [*not_live(issue), *told_twice(issue)] if issue.state == IssueState.DRAFT else []


def warnings(issue: Issue) -> list[Problem]:
    """What editors should know, though it blocks nothing."""
    return [*_of_subject(issue), *_of_readers(issue), *_of_articles(issue), *_of_content(issue)]


def recipients(issue: Issue) -> int:
    """How many subscribers would get it now, suppressed addresses included."""
    return Subscription.objects.filter(newsletter=issue.newsletter_id, state=SubscriptionState.ACTIVE).count()


def _of_subject(issue: Issue) -> Iterator[Problem]:
    if len(issue.subject) > SHOWN_OF_SUBJECT:
        yield Problem(
            _("The subject has %(count)d letters. Many mail programs show about %(shown)d of them.")
            % {"count": len(issue.subject), "shown": SHOWN_OF_SUBJECT},
            "subject",
        )


def _of_readers(issue: Issue) -> Iterator[Problem]:
    if not Subscription.objects.filter(newsletter=issue.newsletter_id, state=SubscriptionState.ACTIVE).exists():
        yield Problem(_("Nobody gets this newsletter yet, so nobody would get the issue."))


def _of_articles(issue: Issue) -> Iterator[Problem]:
    if issue.state != IssueState.DRAFT:
        return
    if not issue.is_digest:
        yield from _told_or_drafted(issue)
    for block in blocks.gather(issue).blocks:
        said = {"headline": short(block.headline)}
        if block.image is None and not block.brief:
            yield Problem(_("“%(headline)s” comes without a picture: it has none that can be shown now.") % said)
        elif block.image and not block.image.alt and not block.image.decorative:
            yield Problem(_("The picture of “%(headline)s” has no alt text. Many mail programs hide pictures.") % said)
        if block.language != issue.newsletter.language:
            yield Problem(_("“%(headline)s” is in another language than the newsletter.") % said)


def _told_or_drafted(issue: Issue) -> Iterator[Problem]:
    """What an editor may tell again, if that is meant."""
    told = [(item, other) for item, other in told_before(issue) if not told_since(issue, other)]
    again = _("“%(headline)s” stands in the issue “%(issue)s” of this newsletter already.")
    twice = _("“%(headline)s” stands in the draft “%(issue)s” of this newsletter as well.")
    for found, sentence in ((told, again), (drafted_elsewhere(issue), twice)):
        for item, other in found:
            said = {"headline": short(item.headline or item.article.headline), "issue": short(str(other))}
            yield Problem(sentence % said, "items")


def _of_content(issue: Issue) -> Iterator[Problem]:
    """What was frozen, against what readers find by now."""
    content = issue.content or {}
    yield from too_long(content)
    if issue.state == IssueState.PAUSED:
        yield from _of_rest(content)
    if issue.state not in (IssueState.READY, IssueState.SCHEDULED):
        return
    frozen = content.get("blocks", [])
    live = blocks.live_editions(
        [block["article"] for block in frozen], max(clock.now(), issue.starts_at or clock.now())
    )
    for block in frozen:
        edition = live.get(block["article"])
        if edition and edition.pk != block["edition"]:
            yield Problem(
                _("“%(headline)s” was published anew since. To take that in, edit the issue and make it ready again.")
                % {"headline": short(block["headline"])}
            )


def too_long(content: dict[str, Any]) -> Iterator[Problem]:
    """Said of content that Gmail would not show to its end."""
    size = sum(len(part.encode()) for part in content.get("html", []) if isinstance(part, str))
    if size > CUT_AT:
        said = _(
            "The mail has %(size)s kB. Gmail shows about %(most)s kB of it and hides the rest, and with it "
            "the link to unsubscribe. Remove some articles, or shorten their texts."
        )
        yield Problem(said % {"size": number(size // 1000), "most": CUT_AT // 1000})


def _of_rest(content: dict[str, Any]) -> Iterator[Problem]:
    """What a paused issue holds that was taken down since; while it is paused nobody is told by mail."""
    for headline, whole in spoilt(content, clock.now()):
        if whole:
            said = _("Readers cannot see “%(headline)s” any more. “Resume” sends it to the rest all the same.")
        else:
            said = _("The picture of “%(headline)s” may not be shown any more. “Resume” sends it all the same.")
        yield Problem(said % {"headline": headline})


def number(count: int) -> str:
    """A number as people of the present language write it."""
    return formats.number_format(count, use_l10n=True, force_grouping=True)
