"""Readers' notices that a comment breaks a rule: taken from anybody, answered by the moderators' next decision.

A reported comment stays as it is until somebody has decided. Rejecting it, and marking it as spam, upholds what is
open (comments.following); `leave` answers that it stays.
"""

from collections.abc import Iterable

from django.db import IntegrityError, transaction
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from comments import moderation, policy
from comments.models import Comment, Commenter, Report
from newsroom.lib import addresses, clock, throttle
from newsroom.lib.emails import Email, mailbox, mailbox_key
from newsroom.models import User

TEXT_LIMIT = 2_000
# No words are added to a report that has more than this.
WORDS_LIMIT = 10_000
# For each network (/24 of IPv4, /48 of IPv6): this many reports in this many seconds.
RATES = ((10, 3_600), (40, 86_400))
# Mails about reports to one mailbox in a day: whose address it is, nobody has shown.
MAILS_TO_A_MAILBOX = 3
A_DAY = 86_400


class Refused(Exception):
    """The report is not taken. As text: why."""


class TooMany(Refused):
    """This network has sent too many."""


def make(
    comment: Comment,
    *,
    reason: str,
    text: str = "",
    email: Email | None = None,
    language: str = "",
    address: str = "",
    commenter: Commenter | None = None,
) -> Report:
    """Keep a report, or add its words to the open one of the same sender for the same rule, if there is one.

    `reason` is a code of comments.reasons; `commenter` is who the sender's browser shows to be. Raises Refused
    for who is banned, TooMany above RATES.
    """
    network = addresses.prefix(address)
    if ban := policy.ban_of(commenter.pk if commenter else None, network):
        raise Refused(_("You cannot report comments here: %(reason)s") % {"reason": ban.reason})
    if not all(throttle.allow(f"comment reports:{seconds}:{network}", limit, seconds) for limit, seconds in RATES):
        raise TooMany(_("Too many reports came from your network. Please send yours again in an hour."))
    report = Report(
        comment=comment,
        reason=reason,
        text=text,
        email=_told_at(email),
        language=language,
        address_prefix=network,
        address_hmac=_sender(address, email, reason),
        created_at=clock.now(),
    )
    try:
        with transaction.atomic():
            report.save(force_insert=True)
    except IntegrityError:
        if (earlier := _added_to(report)) is None:  # answered at this instant
            report.save(force_insert=True)
        return earlier or report
    return report


def leave(comment: Comment, *, by: User, seen: Iterable[int]) -> int:
    """Answer the reports that `by` has `seen` (their keys): the comment stays. Returns how many that closes.

    Those that came meanwhile, or were answered by somebody else, stay as they are. Raises moderation.Refused
    for who may not decide.
    """
    moderation.require(by)
    open_ones = Report.objects.filter(comment=comment, closed_at=None, pk__in=list(seen))
    return open_ones.update(closed_at=clock.now(), closed_by=by, upheld=False)


def _sender(address: str, email: Email | None, reason: str) -> str:
    """What tells a second click from a second report; "" where nothing is known of the sender.

    Many share a network: whoever names an address, or another rule, is not taken for a neighbour.
    """
    network = addresses.fingerprint(address)
    if not network:
        return ""
    who = mailbox_key(email.norm) if email else ""
    return salted_hmac("comments.reports", repr((network, who, reason)), algorithm="sha256").hexdigest()


@transaction.atomic
def _added_to(report: Report) -> Report | None:
    """The open report of the same sender, with what is said now; None if there is none any more."""
    same = Report.objects.filter(comment=report.comment_id, address_hmac=report.address_hmac, closed_at=None)
    earlier = same.select_for_update().first()
    if earlier and report.text not in earlier.text and len(earlier.text) < WORDS_LIMIT:
        earlier.text = f"{earlier.text}\n\n{report.text}".strip()
        earlier.save(update_fields=["text"])
    return earlier


def _told_at(email: Email | None) -> str:
    """Where to mail the outcome; nowhere if that mailbox was named too often."""
    if email is None:
        return ""
    key = f"comment report mailbox {mailbox_key(email.norm)}"
    return mailbox(email.typed, email.norm) if throttle.allow(key, MAILS_TO_A_MAILBOX, A_DAY) else ""
