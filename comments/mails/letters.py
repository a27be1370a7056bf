"""The mails to readers about comments. What is said in each stands in templates/emails/comment-*.

Nothing that a stranger typed goes to an address that nobody has confirmed. What follows from a click on the
mail's own button to end such mails (RFC 8058) is in comments.links.
"""

import logging
from collections.abc import Callable, Sequence
from typing import Any

from django.conf import settings
from django.utils import translation

from articles.models import Edition
from comments import reasons
from comments.mails import links, status_link
from comments.mails.links import Kind
from comments.models import Appeal, Comment, Commenter, Confirmation, ModerationAction, Report
from comments.states import GONE, TURNED_DOWN, State
from newsroom.lib import mail
from newsroom.models import SiteSettings

# As long as the link by which its author objects is good.
REPORTERS_KEPT = status_link.GOOD_FOR

logger = logging.getLogger(__name__)


def attempted(act: Callable[..., bool], *said: Any) -> bool:
    """Whether `act` wrote a mail; one that cannot be written is logged, and keeps none of the others back."""
    try:
        return act(*said)
    except Exception:
        logger.exception("A mail about comments could not be written")
        return False


def ask_to_confirm(confirmation: Confirmation) -> None:
    """The link by which the author of a comment shows that the address is theirs. Nothing typed stands in it."""
    words = {
        "link": links.to_confirm(confirmation),
        "hours": int(links.CONFIRM_FOR.total_seconds() // 3600),
    }
    _send("comment-confirm", confirmation.email, confirmation.language, words)


def outcome(comment: Comment, action: ModerationAction | None) -> None:
    """What became of a comment, and why, to its author. `action` brought it there."""
    commenter = comment.commenter
    assert commenter is not None
    words = _decision(comment, action) | {
        "comment": comment,
        "state": comment.state,
        "granted": action is not None and action.decision == "grant",
        "removed": comment.published_at is not None,
        "link": _status(comment, commenter.language),
        "headline": headline(comment),
    }
    _send_with_end("comment-outcome", commenter, Kind.OUTCOME, words)


def appeal_refused(appeal: Appeal) -> None:
    """The answer to an objection that changed nothing, if the author wants to be told at all."""
    commenter = appeal.comment.commenter
    if commenter is None or not (commenter.email and commenter.verified_at and commenter.wants_outcome):
        return
    words = {
        "comment": appeal.comment,
        "answer": appeal.answer,
        "rule": reasons.find(appeal.action.reason),
        "link": _status(appeal.comment, commenter.language),
        "headline": headline(appeal.comment),
    }
    _send_with_end("comment-appeal", commenter, Kind.OUTCOME, words)


def replies(commenter: Commenter, found: Sequence[Comment], headline: str) -> None:
    """Who answered the commenter, all in one discussion under the article of that headline."""
    with translation.override(commenter.language or settings.LANGUAGE_CODE):
        answers = [(reply, settings.SITE_URL + status_link.permalink(reply)) for reply in found]
    words = {"answers": answers, "count": len(answers), "headline": headline}
    _send_with_end("comment-replies", commenter, Kind.REPLIES, words)


def report_received(report: Report) -> None:
    """That a report came in, to the address that was given with it. Nothing typed stands in it."""
    _send("comment-report-received", report.email, report.language, _reported(report))


def report_closed(report: Report, *, kept: bool) -> None:
    """What came of a report, to who sent it. `kept`: their address is, in case the comment comes back."""
    comment = report.comment
    # What was left may have been taken down since, before this mail: readers would not find what "stays".
    off = report.upheld or comment.state in TURNED_DOWN
    upheld = {"rule": reasons.find(comment.reason), "automated": report.closed_by_id is None} if off else {}
    words = {
        "upheld": off,
        "gone": comment.state in (State.WITHDRAWN, *GONE),
        "days": REPORTERS_KEPT.days if kept else 0,
        **upheld,
    }
    _send("comment-report", report.email, report.language, _reported(report) | words)


def report_back(report: Report, *, objected: bool) -> None:
    """That a comment which was taken down on this report is shown again; `objected`: since its author objected."""
    _send("comment-report-back", report.email, report.language, _reported(report) | {"objected": objected})


def _reported(report: Report) -> dict[str, Any]:
    comment = report.comment
    with translation.override(report.language or settings.LANGUAGE_CODE):
        return {
            "headline": headline(comment),
            "number": comment.number,
            "reason": str(reasons.find(report.reason) or ""),
            "link": settings.SITE_URL + status_link.permalink(comment),
            "again": links.whole("report", report.language, comment.public_id),
        }


def mine(commenter: Commenter) -> None:
    """The link to all of the commenter's comments, as they asked for."""
    hours = int(links.MINE_FOR.total_seconds() // 3600)
    _send("comment-mine", commenter.email, commenter.language, {"link": links.to_mine(commenter), "hours": hours})


def erase(commenter: Commenter) -> None:
    """The link by which the commenter erases all that is theirs, as they asked for."""
    minutes = int(links.ERASE_FOR.total_seconds() // 60)
    words = {"link": links.to_erase(commenter), "minutes": minutes}
    _send("comment-erase", commenter.email, commenter.language, words)


def headline(comment: Comment) -> str:
    """Of the article as readers know it; "" where it is not live."""
    editions = Edition.objects.live().filter(article=comment.article_id)
    return editions.values_list("headline", flat=True).first() or ""


def _decision(comment: Comment, action: ModerationAction | None) -> dict[str, Any]:
    rule = reasons.find(comment.reason)
    return {
        "rule": rule,
        "explanation": rule.explanation if rule else "",
        "clause": (action.clause if action else "") or (rule.clause if rule else ""),
        "notice": action.notice if action else "",
        "automated": action.automated if action else False,
        "reported": action is not None and was_reported(action),
    }


def was_reported(action: ModerationAction) -> bool:
    """Whether readers had reported what the action took down: it closed their reports."""
    return Report.objects.filter(comment=action.comment_id, closed_at=action.at, upheld=True).exists()


def _status(comment: Comment, language: str) -> str:
    with translation.override(language or settings.LANGUAGE_CODE):
        return settings.SITE_URL + status_link.address(comment)


def _send_with_end(name: str, commenter: Commenter, kind: Kind, words: dict[str, Any]) -> None:
    """A mail that one click ends, in the mail and in the program that shows it (RFC 2369, RFC 8058)."""
    off = links.to_turn_off(commenter, kind)
    headers = {"List-Unsubscribe": f"<{off}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}
    _send(name, commenter.email, commenter.language, words | {"off": off}, headers)


def _send(name: str, to: str, language: str, words: dict[str, Any], headers: dict[str, str] | None = None) -> None:
    site = SiteSettings.current()
    context = {"site": site.name, "contact": site.contact_email, **words}
    mail.send(name, to, context, language or settings.LANGUAGE_CODE, headers)
