"""Tells those who reported a comment that this was received, what was decided, and if the comment comes back.

Each is told once, also if this runs twice at the same instant. Their address is forgotten with the last mail that
there can be: of a comment that was taken down, that is when it comes back, or when its author can hardly object any
more (comments.forgetting).
"""

from collections.abc import Callable
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet

from comments.following import TOLD_AFTER
from comments.mails import letters
from comments.models import Comment, Report
from comments.states import GRANT, TURNED_DOWN, WAITING, State
from newsroom.lib import clock

MOST = 500


def tell_due() -> int:
    """Write all mails to reporters that are due. Returns how many were written.

    A little after a decision, which may be taken back.
    """
    settled = clock.now() - TOLD_AFTER
    named = Report.objects.filter(email__gt="")  # few of all, and an index begins with them
    taken_down = named.filter(closed_at__lte=settled, told_at__isnull=False, upheld=True)
    # Asked of each report and not by a join, which a database may begin with all published comments.
    back = Comment.objects.order_by().filter(pk=OuterRef("comment"), state=State.PUBLISHED, state_at__lte=settled)
    return (
        _each(named.filter(closed_at=None, receipt_at=None), _say_received)
        + _each(named.filter(closed_at__lte=settled, told_at=None), _say_decided)
        + _each(taken_down.filter(Exists(back)), _say_back)
    )


def _each(due: "QuerySet[Report]", say: Callable[[Report], bool]) -> int:
    return sum(
        letters.attempted(say, report) for report in due.select_related("comment").order_by("email", "pk")[:MOST]
    )


def _say_received(report: Report) -> bool:
    with transaction.atomic():
        if not _claim(report, receipt_at=None, to={"receipt_at": clock.now()}):
            return False
        letters.report_received(report)
        return True


def _say_decided(report: Report) -> bool:
    if report.upheld and report.comment.state == State.PUBLISHED:  # and it is back before anybody was told
        return _say_back(report)
    kept = bool(report.upheld) and report.comment.state in (*TURNED_DOWN, *WAITING)
    with transaction.atomic():
        if not _claim(report, told_at=None, to=_told() | ({} if kept else {"email": ""})):
            return False
        letters.report_closed(report, kept=kept)
        return True


def _say_back(report: Report) -> bool:
    last = report.comment.actions.filter(to_state=State.PUBLISHED).exclude(from_state=State.PUBLISHED).first()
    with transaction.atomic():
        if not _claim(report, told_at=report.told_at, to=_told() | {"email": ""}):
            return False
        letters.report_back(report, objected=last is not None and last.decision == GRANT)
        return True


def _told() -> dict[str, Any]:
    """Whoever was told more needs no receipt, and is told from others no more."""
    return {"told_at": clock.now(), "receipt_at": clock.now(), "address_hmac": ""}


def _claim(report: Report, *, to: dict[str, Any], **seen: Any) -> bool:
    """Whether it falls to us to write the mail: compared with what was read."""
    mine = Report.objects.filter(pk=report.pk, closed_at=report.closed_at, **seen).exclude(email="")
    return bool(mine.update(**to))
