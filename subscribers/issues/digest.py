"""Issues by rule: what was published since the last one, daily or weekly, at a time of the newsletter's own zone."""

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import takewhile
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction
from django.db.models import Min, Q
from django.utils.text import Truncator
from django.utils.translation import gettext, ngettext

from articles.models import Edition
from newsroom.lib import clock
from subscribers.issues import recalling, workflow
from subscribers.issues.workflow import Refused
from subscribers.models import Issue, IssueItem, Newsletter
from subscribers.states import IssueState, Rhythm

logger = logging.getLogger(__name__)

LONGEST_SUBJECT = 150
# So long after its moment a digest is made: what was being published then is stored, and is not missed.
SETTLED = timedelta(seconds=20)
# What an issue was to tell that came to nothing is news for so long; and a newsletter without digests begins anew.
LONG_AGO = timedelta(days=31)


@dataclass(frozen=True)
class Due:
    """A day on which a digest is due, and the moment of it."""

    day: date
    at: datetime

    @property
    def key(self) -> str:
        return self.day.isoformat()


def make_all() -> None:
    """Make every digest whose time has come. May be called at any time and any number of times.

    After a downtime only the last one that was missed is made; it begins where the one before ended.
    """
    for newsletter in Newsletter.objects.exclude(rhythm=Rhythm.COMPOSED):
        try:
            make(newsletter)
        except Exception:  # the others are made all the same, and this one is tried again in a minute
            logger.exception("The digest of “%s” could not be made.", newsletter)


def make(newsletter: Newsletter) -> Issue | None:
    """The digest that is due now, scheduled for at once; None if there is none, or it has been made already.

    With fewer articles than the least it is cancelled, and they come with the next one. What cannot be laid
    out stays a draft, and the newsletter's editors are told.
    """
    due = last_due(newsletter, clock.now() - SETTLED)
    if due is None or Issue.objects.filter(newsletter=newsletter, key=due.key).exists():
        return None
    with transaction.atomic():
        Newsletter.objects.select_for_update(no_key=True).get(pk=newsletter.pk)  # one worker at a time counts on
        if Issue.objects.filter(newsletter=newsletter, key=due.key).exists():
            return None
        _supersede(newsletter, due)
        return _settle(draft(newsletter, due))


def last_due(newsletter: Newsletter, now: datetime) -> Due | None:
    """The last day, and its moment, until `now` on which a digest is due, unless the rhythm was set after it."""
    due = next(due for due in _dues(newsletter, now) if due.at <= now)
    return due if due.at >= (newsletter.digests_since or newsletter.created_at) else None


def moment_of(newsletter: Newsletter, day: date) -> datetime:
    """When the digest of `day` is due, in UTC: at the time of day that clocks in the newsletter's zone show.

    A time that clocks leave out is as long after midnight as on other days, so that they show an hour more; of
    one that they show twice it is the first.
    """
    zone = ZoneInfo(newsletter.zone or settings.TIME_ZONE)
    return datetime.combine(day, newsletter.send_at, tzinfo=zone).astimezone(UTC)


def next_due(newsletter: Newsletter, now: datetime) -> Due:
    """The first day, and its moment, after `now` on which a digest is due."""
    *_later, first = takewhile(lambda due: due.at > now, _dues(newsletter, now + timedelta(days=7)))
    return first


def _dues(newsletter: Newsletter, now: datetime) -> Iterator[Due]:
    """The days of a digest, back from tomorrow: in zones that are far ahead it has begun."""
    day = now.astimezone(UTC).date() + timedelta(days=1)
    while True:
        if newsletter.rhythm == Rhythm.DAILY or day.isoweekday() == newsletter.weekday:
            yield Due(day, moment_of(newsletter, day))
        day -= timedelta(days=1)


def draft(newsletter: Newsletter, due: Due) -> Issue:
    """The digest of that day, with all that was published since the last one until its moment."""
    since, aside = _since(newsletter, due)
    editions = news(newsletter, since, due.at, aside)
    issue = Issue.objects.create(
        newsletter=newsletter,
        key=due.key,
        subject=_subject(newsletter, editions),
        period_from=since,
        period_until=due.at,
    )
    IssueItem.objects.bulk_create(
        IssueItem(issue=issue, article_id=edition.article_id, position=position)
        for position, edition in enumerate(editions)
    )
    return issue


def _supersede(newsletter: Newsletter, due: Due) -> None:
    """Cancel digests that were taken back and left as drafts: their articles come with the one that is due now."""
    left = newsletter.issues.filter(state=IssueState.DRAFT, period_until__lt=due.at)
    for issue in left.select_related("newsletter"):
        said = gettext("Nobody made it ready before the next one was due: its articles come with that one.")
        workflow.change(issue, "skip", note=said)


def _settle(issue: Issue) -> Issue:
    number, least = issue.items.count(), max(1, issue.newsletter.least_articles)
    if number < least:
        said = ngettext(
            "There is %(number)d article, and at least %(least)d are asked for: it comes with the next issue.",
            "There are %(number)d articles, and at least %(least)d are asked for: they come with the next issue.",
            number,
        )
        return workflow.change(issue, "skip", note=said % {"number": number, "least": least})
    try:
        return workflow.change(workflow.change(issue, "ready"), "send_now")
    except Refused as refusal:
        issue = Issue.objects.select_related("newsletter").get(pk=issue.pk)
        recalling.tell(issue, str(refusal))
        return issue


def news(newsletter: Newsletter, since: datetime, until: datetime, aside: datetime) -> list[Edition]:
    """What can be read now, and readers of the newsletter have not got nor are to get; newest first.

    It was published in [since, until); or since `aside`, and an issue that came to nothing was to tell it.
    """
    items = IssueItem.objects.filter(issue__newsletter=newsletter)
    told = items.filter(issue__in=Issue.objects.reaching_readers()).values("article")
    put_aside = Q(published_at__gte=aside, article__in=items.values("article"))
    found = Edition.objects.live().filter(language=newsletter.language, published_at__lt=until)
    return list(found.filter(Q(published_at__gte=since) | put_aside).exclude(article__in=told).newest())


def _since(newsletter: Newsletter, due: Due) -> tuple[datetime, datetime]:
    """From when on articles are told; and from when on those that another issue was to tell.

    The first is where the last digest ended that anybody may have got; else where the first one that was tried began.
    A newsletter that was without digests for long when it was given its rhythm begins anew.
    """
    made = newsletter.issues.filter(period_until__lte=due.at)
    anew = moment_of(newsletter, due.day - timedelta(days=1 if newsletter.rhythm == Rhythm.DAILY else 7))
    begun = newsletter.digests_since
    if begun and not made.filter(period_until__range=(begun - LONG_AGO, begun)).exists():
        made = made.filter(period_until__gt=begun)
    first = made.aggregate(at=Min("period_from"))["at"] or anew
    told = made.reaching_readers().order_by("-period_until").first()
    since = (told and told.period_until) or first
    return since, min(since, max(first, due.at - LONG_AGO))


def _subject(newsletter: Newsletter, editions: list[Edition]) -> str:
    return Truncator(": ".join([newsletter.name, *(edition.headline for edition in editions[:1])])).chars(
        LONGEST_SUBJECT
    )
