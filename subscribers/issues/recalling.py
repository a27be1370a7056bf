"""An issue that waits is taken back when something in it may not be sent any more, and its owner is told."""

from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Any

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from newsroom.lib import clock, mail
from newsroom.models import SiteSettings, User
from subscribers.issues import workflow
from subscribers.issues.blocks import no_longer_usable
from subscribers.issues.guards import not_right, short
from subscribers.issues.workflow import Stale
from subscribers.models import Issue
from subscribers.states import IssueState

WAITING = (IssueState.READY, IssueState.SCHEDULED)
BACKEND = "django.contrib.auth.backends.ModelBackend"


class NotYet(Exception):
    """The deliveries of an issue are being prepared: it can be paused in a moment, and not before."""


def begin(issue: Issue) -> Issue:
    """Begin to send an issue whose time has come, and return it as it now stands.

    It is a draft then where something in it may not be sent any more; its owner is told. Raises workflow.Stale where
    somebody else was faster, workflow.Refused where its time has not come.
    """
    if why := _spoilt(issue):
        return take_back(issue, why)
    return workflow.change(issue, "materialise")


def take_back_spoilt() -> None:
    """Take back every issue that is due and may not be sent as it is."""
    for issue in Issue.objects.due(clock.now()).select_related("newsletter", "owner"):
        if why := _spoilt(issue):
            with suppress(Stale):  # somebody else has seen to it
                take_back(issue, why)


def withdrawn(article: int) -> None:
    """Take back, or pause, every issue on its way that holds this article. NotYet where one must be asked again."""
    _each(lambda block: block["article"] == article, _("“%(headline)s” was withdrawn."))


def taken_down(image: int) -> None:
    """The same for a picture, if it may not be shown any more."""
    if not no_longer_usable([image]):
        return
    _each(
        lambda block: block["image"] is not None and block["image"]["image"] == image,
        _("The picture of “%(headline)s” may not be shown any more."),
    )


def take_back(issue: Issue, why: str) -> Issue:
    """Make a waiting issue a draft again, pause one that is being sent, and tell its owner `why`."""
    with transaction.atomic():
        stopped = workflow.change(issue, "recall" if issue.state in WAITING else "pause", note=why)
        tell(stopped, why)
    return stopped


def tell(issue: Issue, why: str) -> None:
    """Mail the issue's owner, or, where it has none, everybody who may send issues, that it does not go out."""
    for user in _responsible(issue):
        with translation.override(user.language or settings.LANGUAGE_CODE):
            state = str(IssueState(issue.state).label)
        context = {
            "site": SiteSettings.current().name,
            "issue": issue,
            "newsletter": issue.newsletter.name,
            "state": state,
            "why": why,
            "link": settings.SITE_URL + reverse("admin:subscribers_issue_change", args=[issue.pk]),
        }
        mail.send("issue-stopped", user.email, context, user.language or settings.LANGUAGE_CODE)


def _spoilt(issue: Issue) -> str:
    """Why what was frozen may not be sent now; "" where it may."""
    return " ".join(sentence for sentence, _whole in not_right(issue, clock.now()))


def _each(concerns: Callable[[dict[str, Any]], bool], sentence: str) -> None:
    moving = (*WAITING, IssueState.MATERIALISING, IssueState.SENDING)
    for issue in Issue.objects.filter(state__in=moving).select_related("newsletter", "owner"):
        found = next(filter(concerns, (issue.content or {}).get("blocks", [])), None)
        if found is None:
            continue
        if issue.state == IssueState.MATERIALISING:
            raise NotYet
        try:
            take_back(issue, sentence % {"headline": short(found["headline"])})
        except Stale as stale:
            raise NotYet from stale


def _responsible(issue: Issue) -> Iterable[User]:
    if issue.owner and issue.owner.is_active and issue.owner.email:
        return [issue.owner]
    found = User.objects.with_perm(workflow.PERMISSION, backend=BACKEND, include_superusers=False)
    return [user for user in found if user.is_active and user.email]
