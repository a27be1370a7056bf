"""When so much comes back that sending on would do harm: the issue pauses, and its owner hears of it."""

from django.utils.translation import gettext as _

from subscribers.issues import recalling, workflow
from subscribers.models import Issue, Sending
from subscribers.states import IssueState

# A storm is both: so many, and so great a part of what was tried.
LEAST = 50
SHARE = 0.1

_FINAL = ("handed_over", "delivered", "bounced", "complained", "failed", "uncertain")
# What is uncertain tells of our workers and of the line, not of readers.
_BAD = ("bounced", "complained", "failed")


def watch(issue: Issue) -> bool:
    """Pause the issue if a storm has come since the last one that was looked at. Returns whether it did."""
    sums = Sending.objects.get(pk=issue.pk)
    bad, tried = (sum(getattr(sums, state) for state in states) for states in (_BAD, _FINAL))
    fresh = bad - sums.weathered
    if fresh < LEAST or fresh < SHARE * tried:
        return False
    # Whoever resumes has seen these: only as many again stop it once more.
    if not Sending.objects.filter(pk=issue.pk, weathered=sums.weathered).update(weathered=bad):
        return False
    return _pause(issue.pk, bad, tried)


def _pause(key: int, bad: int, tried: int) -> bool:
    present = Issue.objects.select_related("newsletter", "owner").get(pk=key)
    if present.state != IssueState.SENDING:
        return False
    why = _(
        "Of %(tried)d mails %(bad)d came back or were complained about. Look at what the mail servers say, "
        "and resume when the reason is gone."
    ) % {"tried": tried, "bad": bad}
    try:
        recalling.take_back(present, why)
    except (workflow.Stale, workflow.Refused):
        return False
    return True
