"""What stands in the way of a transition of an issue: each guard yields the problems it finds."""

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.utils.text import Truncator
from django.utils.translation import gettext as _

from articles.checks import Problem
from newsroom.models import User
from subscribers import names
from subscribers.issues import blocks, mailing, rendering
from subscribers.models import Issue, IssueItem, Sending
from subscribers.models.issue import QUEUED
from subscribers.states import IssueState

logger = logging.getLogger(__name__)


@dataclass
class Act:
    """One attempt at a transition: of what, by whom, when, with what was asked for; and what guards made on the way."""

    issue: Issue
    now: datetime
    by: User | None = None
    note: str = ""
    starts_at: datetime | None = None
    content: dict[str, Any] | None = None
    content_hash: str = ""


# To be ready ------------------------------------------------------------------------------


def has_subject(act: Act) -> Iterator[Problem]:
    if not names.visible(act.issue.subject):
        yield Problem(_("The subject is missing. Write the line that subscribers see first."), "subject")


def has_key(act: Act) -> Iterator[Problem]:
    """The key becomes part of an address, whoever chose it."""
    try:
        names.validate_slug(act.issue.key)
    except ValidationError as error:
        yield from (Problem(sentence, "key") for sentence in error.messages)
    else:
        if not act.issue.is_digest and names.is_day(act.issue.key):
            yield Problem(str(names.KEPT_FOR_A_DIGEST), "key")


def says_something(act: Act) -> Iterator[Problem]:
    if not act.issue.intro.strip() and not act.issue.items.exists():
        yield Problem(_("The issue is empty. Choose at least one article, or write an introduction."), "items")


def articles_are_live(act: Act) -> Iterator[Problem]:
    yield from not_live(act.issue)


def not_live(issue: Issue) -> Iterator[Problem]:
    """A sentence for each article of the issue that readers cannot see now."""
    items = list(issue.items.select_related("article"))
    gone = blocks.no_longer_live([item.article_id for item in items])
    for item in items:
        if item.article_id in gone:
            yield Problem(
                _("Readers cannot see “%(headline)s” now. Remove it, or ask its desk to publish it again.")
                % {"headline": short(item.headline or item.article.headline)},
                "items",
            )


def tells_nothing_twice(act: Act) -> Iterator[Problem]:
    yield from told_twice(act.issue)


def told_twice(issue: Issue) -> Iterator[Problem]:
    """A sentence for each article that may not be told again.

    A digest promises that nothing in it comes twice. In an issue composed by hand that is the editor's choice, who
    is told by the picker; but not where a digest has told it since the issue was begun.
    """
    for item, other in told_before(issue):
        said = {"headline": short(item.headline or item.article.headline), "issue": short(str(other))}
        if issue.is_digest:
            yield Problem(_("“%(headline)s” stands in the issue “%(issue)s” already. Remove it here.") % said, "items")
        elif told_since(issue, other):
            yield Problem(
                _(
                    "“%(headline)s” was told by the digest “%(issue)s” since this issue was begun. Remove it here; "
                    "to tell it once more all the same, begin a new issue."
                )
                % said,
                "items",
            )


def told_since(issue: Issue, other: Issue) -> bool:
    """Whether `other` is a digest that was made ready after somebody began to compose `issue`."""
    return other.is_digest and other.ready_at is not None and other.ready_at > issue.created_at


def told_before(issue: Issue) -> list[tuple[IssueItem, Issue]]:
    """The rows of the issue that readers got, or are to get, in another one of the newsletter, with the latest such."""
    others = Issue.objects.reaching_readers().filter(newsletter=issue.newsletter_id).exclude(pk=issue.pk)
    return _beside(issue, others)


def drafted_elsewhere(issue: Issue) -> list[tuple[IssueItem, Issue]]:
    """The rows of the issue whose article another draft of the newsletter holds as well, with that draft."""
    drafts = Issue.objects.filter(newsletter=issue.newsletter_id, state=IssueState.DRAFT).exclude(pk=issue.pk)
    return _beside(issue, drafts)


def _beside(issue: Issue, others: QuerySet[Issue]) -> list[tuple[IssueItem, Issue]]:
    rows = IssueItem.objects.filter(issue__in=others, article__in=issue.items.values("article"))
    found = dict(rows.order_by("issue__ready_at", "issue").values_list("article", "issue"))
    if not found:
        return []
    issues = Issue.objects.defer("content", "intro").in_bulk(found.values())
    items = issue.items.filter(article__in=found).select_related("article")
    return [(item, issues[found[item.article_id]]) for item in items]


def can_be_laid_out(act: Act) -> Iterator[Problem]:
    """Lay it out and put one mail together to the last byte, so that whatever can fail fails here, before anybody."""
    try:
        act.content = rendering.content_of(act.issue)
        act.content_hash = rendering.hash_of(act.content)
        links = dict.fromkeys(rendering.PERSONAL, "https://example.org/")
        mailing.assemble(act.content, "reader@example.org", links, {}).message().as_bytes()
    except Exception:  # whatever is wrong with a template or a header, nobody gets half a mail
        logger.exception("Issue %s cannot be laid out.", act.issue.pk)
        yield Problem(
            _("The issue cannot be laid out. Tell whoever looks after this site; the reason stands in its log.")
        )


# To be sent -------------------------------------------------------------------------------


def has_start(act: Act) -> Iterator[Problem]:
    if act.starts_at is None:
        yield Problem(_("Say when it is to be sent."), "starts_at")


def start_is_ahead(act: Act) -> Iterator[Problem]:
    if act.starts_at is not None and act.starts_at < act.now:
        yield Problem(_("This time has passed. Choose one in the future, or send it now."), "starts_at")


def nothing_waits(act: Act) -> Iterator[Problem]:
    """Looked at while the issue is held, since uncertain mails may have been queued again a moment ago."""
    waits = Q(queued__gt=0) | Q(claimed__gt=0) | Q(deferred__gt=0)
    if Sending.objects.filter(waits, issue=act.issue).exists():
        yield Problem(_("Some of its mails have not been sent yet."))


def is_due(act: Act) -> Iterator[Problem]:
    if act.issue.starts_at is None or act.issue.starts_at > act.now:
        yield Problem(_("Its time has not come yet."))


def is_still_right(act: Act) -> Iterator[Problem]:
    """What was frozen is unchanged, and may still be read when it is sent."""
    if act.issue.state in QUEUED:
        mend, again = _("Choose “Edit again”, and remove it."), _("Choose “Edit again”, and make it ready anew.")
    else:
        mend = again = _("Nothing more of this issue can be sent: choose “Cancel”.")
    for sentence, whole in not_right(act.issue, max(act.now, act.starts_at or act.now)):
        yield Problem(f"{sentence} {mend if whole else again}")


def not_right(issue: Issue, moment: datetime) -> Iterator[tuple[str, bool]]:
    """Sentences that say why what was frozen may not be sent at `moment`; True where a whole article must go."""
    content = issue.content or {}
    if rendering.hash_of(content) != issue.content_hash:
        yield _("What is to be sent is not what was made ready."), False
    for headline, whole in spoilt(content, moment):
        if whole:
            said = _("Readers cannot see “%(headline)s” at the time when this is sent.")
        else:
            said = _("The picture of “%(headline)s” may not be shown at the time when this is sent.")
        yield said % {"headline": headline}, whole


def spoilt(content: dict[str, Any], moment: datetime) -> Iterator[tuple[str, bool]]:
    """The headlines of what readers do not see at `moment`: the whole article, or (False) its picture alone."""
    frozen = content.get("blocks", [])
    gone = blocks.no_longer_live([block["article"] for block in frozen], moment)
    pictures = [block["image"]["image"] for block in frozen if block["image"]]
    barred = blocks.no_longer_usable(pictures, moment) if pictures else set()
    for block in frozen:
        if block["article"] in gone or (block["image"] and block["image"]["image"] in barred):
            yield short(block["headline"]), block["article"] in gone


def nobody_got_it(act: Act) -> Iterator[Problem]:
    if act.issue.has_gone_out():
        yield Problem(_("Some subscribers have got this issue already. Compose a new one."))
    elif act.issue.deliveries.exists():
        yield Problem(_("Its mails were being prepared when it was cancelled. Compose a new one."))


def short(words: str) -> str:
    return Truncator(words).chars(80)
