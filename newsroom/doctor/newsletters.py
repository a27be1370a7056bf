"""Newsletters: what comes next and in which zone, and what stands still until somebody decides."""

from collections.abc import Iterator
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from newsroom.doctor.findings import Finding, at, fine, look, wrong
from newsroom.lib import clock
from subscribers import consent
from subscribers.issues import digest
from subscribers.models import ConsentText, Issue, Newsletter
from subscribers.states import IssueState, Rhythm

STANDING = (IssueState.PAUSED, IssueState.FAILED)


def examine() -> Iterator[Finding]:
    """Each newsletter, and proof of consent that cannot be read any more."""
    for newsletter in Newsletter.objects.annotate(has_notice=Exists(_notices())):
        yield _next(newsletter)
        if newsletter.offered and not newsletter.has_notice:
            said = _("Readers are not offered it, for it has no notice. Write a consent text in the admin.")
            yield look(_subject(newsletter), said)
    if lost := consent.unreadable():
        said = _(
            "%(number)d addresses that must never be mailed cannot be recognised, for their key is gone. "
            "Put the SECRET_KEY of that time into SECRET_KEY_FALLBACKS before anything is sent."
        )
        yield wrong(_("Newsletter"), said % {"number": lost})


def under_way() -> Iterator[Finding]:
    """Issues that are stopped, that the mail server does not take, or of which mails are uncertain."""
    found = Issue.objects.exclude(state__in=(IssueState.DRAFT, IssueState.CANCELLED)).order_by("pk")
    found = found.select_related("sending").defer("content", "intro")
    for issue in found.filter(state__in=STANDING):
        said = _("It is %(state)s, and stays so until somebody opens it in the admin and decides.")
        yield look(str(issue), said % {"state": issue.get_state_display()})
    for issue in found.filter(sending__waits_until__isnull=False, state=IssueState.SENDING):
        said = _("The mail server does not take it, and is tried again at %(time)s. It said: %(answer)s")
        again = at(issue.sending.waits_until or clock.now())
        yield look(str(issue), said % {"time": again, "answer": issue.sending.trouble})
    for issue in found.filter(sending__uncertain__gt=0):
        said = _("Of %(number)d mails nobody knows whether they went out. Open it in the admin and decide.")
        yield look(str(issue), said % {"number": issue.sending.uncertain})


def _next(newsletter: Newsletter) -> Finding:
    zone = newsletter.zone or settings.TIME_ZONE
    with timezone.override(ZoneInfo(zone)):
        if newsletter.rhythm == Rhythm.COMPOSED:
            said = _("It is composed by hand; times are those of %(zone)s.")
            return fine(_subject(newsletter), said % {"zone": zone})
        due = at(digest.next_due(newsletter, clock.now()).at)
    said = _("The next digest is made at %(time)s (%(zone)s).") % {"time": due, "zone": zone}
    return fine(_subject(newsletter), said)


def _subject(newsletter: Newsletter) -> str:
    return _("Newsletter “%(name)s”") % {"name": newsletter}


def _notices() -> QuerySet[ConsentText]:
    return ConsentText.objects.filter(newsletter=OuterRef("pk"))
