"""From a typed address to a reader who is known: the link by which the author of a comment confirms it.

Until then the comment waits and the address earns nothing. If nobody confirms, the address is forgotten and the
comment goes on as one of an unknown reader, so that nothing typed is lost.
"""

from datetime import timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models.functions import Lower
from django.utils.translation import gettext as _

from articles.models import Edition
from comments import moderation, policy, posting
from comments.decisions import CONFIRM
from comments.digests import digests
from comments.mails import letters, links
from comments.models import Comment, Commenter, Confirmation
from comments.policy import Judgement
from comments.states import State
from newsroom.lib import addresses, clock, throttle, tokens
from newsroom.lib.emails import Email, mailbox, mailbox_key, parse

# To one mailbox in a day, whatever dots and plus tags its address is spelled with; and out of one network in an hour.
MAILS_TO_A_MAILBOX = 3
MAILS_FROM_A_NETWORK = 20
AN_HOUR, A_DAY = 3_600, 86_400
# Another address for one comment, or the same mail again: so often in a day.
CORRECTIONS = 3
# Whoever presses twice, or loses the answer on its way, may press again.
FRESH_FOR = timedelta(minutes=10)


class Refused(Exception):
    """The link is not sent elsewhere. As text: why."""


class TooMany(Refused):
    """It was sent elsewhere too often."""


def write(
    edition: Edition, *, email: Email, wants_outcome: bool, wants_replies: bool, language: str, **said: Any
) -> Comment:
    """Keep a comment (`said`: as posting.post takes it) until its author has confirmed `email`; raises as that does.

    The same is done for every address, known or not. Have `ask` called by a job.
    """
    with transaction.atomic():
        comment = posting.post(edition, awaits=True, **said)
        # One that was sent twice is the first one, wherever that has come to.
        if comment.state == State.AWAITING_EMAIL:
            Confirmation.objects.get_or_create(
                comment=comment,
                defaults={
                    "email": mailbox(email.typed, email.norm),
                    "language": language,
                    "wants_outcome": wants_outcome,
                    "wants_replies": wants_replies,
                    "created_at": clock.now(),
                },
            )
    return comment


@transaction.atomic
def ask(comment_id: int) -> bool:
    """Mail the link for this comment, once, unless its mailbox or network has had too many. Returns if it did."""
    mine = Confirmation.objects.filter(comment=comment_id, mailed_at=None)
    confirmation = mine.select_for_update(of=("self",)).select_related("comment").first()
    if confirmation is None or not _has_room(confirmation):
        return False
    mine.update(mailed_at=clock.now())
    letters.ask_to_confirm(confirmation)
    return True


def unasked() -> list[int]:
    """The keys of the comments that wait for a mail: a job was lost, or the mailbox had too many."""
    return list(Confirmation.objects.filter(mailed_at=None).order_by("pk").values_list("comment", flat=True)[:500])


def waiting(token: str) -> Confirmation | None:
    """What the link in a mail confirms; None if that is done, too old, or not one of ours."""
    try:
        public_id, digest = links.confirmed_by(token)
    except tokens.Invalid:
        return None
    found = Confirmation.objects.filter(comment__public_id=public_id, comment__state=State.AWAITING_EMAIL)
    confirmation = found.select_related("comment").first()
    return confirmation if confirmation and digest in digests(confirmation.email) else None


def confirmed(token: str) -> Comment | None:
    """The comment whose author has used the link already, and may open it again."""
    try:
        public_id, digest = links.confirmed_by(token)
    except tokens.Invalid:
        return None
    found = Comment.objects.filter(public_id=public_id, commenter__verified_at__isnull=False)
    comment = found.select_related("commenter").first()
    return comment if comment and comment.commenter and digest in digests(comment.commenter.email) else None


def is_fresh(comment: Comment) -> bool:
    """Whether the address was confirmed by this comment's link just now.

    A link that lies in a mailbox does not make another browser known later, after its reader has signed out.
    """
    return comment.actions.filter(decision=CONFIRM, at__gt=clock.now() - FRESH_FOR).exists()


def confirm(token: str) -> Comment | None:
    """Make the comment that of a reader who is known, and bring it to where the rules want it now.

    Used twice, also at the same instant, it is done once and the comment is returned both times. None for a
    link that is too old or not one of ours.
    """
    confirmation = waiting(token)
    if confirmation is None:
        return confirmed(token)
    try:
        with transaction.atomic():
            _hold(confirmation)
            commenter = _commenter(confirmation)
            _go_on(confirmation.comment, commenter)
            _wish(commenter, confirmation)
            confirmation.delete()
    except moderation.Stale:
        # In another window, or text or address were changed by its author at this instant.
        return confirmed(token) or (confirm(token) if waiting(token) else None)
    return confirmed(token)


def _hold(confirmation: Confirmation) -> None:
    """Nobody gives another address from now on; raises moderation.Stale if somebody just has."""
    same = Confirmation.objects.filter(pk=confirmation.pk, email=confirmation.email)
    if not same.select_for_update().exists():
        raise moderation.Stale


def send_elsewhere(comment: Comment, *, email: Email, address: str) -> None:
    """Let the link go to `email` in place of the address that was typed first; what was mailed there is dead.

    The same address gets the same link again. `address` is the network address that asks. Waiting begins anew.
    Raises Refused if nothing waits any more, for who is banned, and for too many. Have `ask` called by a job.
    """
    if ban := policy.ban_of(None, addresses.prefix(address)):
        raise Refused(_("You cannot change comments here: %(reason)s") % {"reason": ban.reason})
    if not throttle.allow(f"comment confirm again {comment.pk}", CORRECTIONS, A_DAY):
        raise TooMany(_("You have changed the address too often. Your comment goes on without one after 48 hours."))
    waits = Confirmation.objects.filter(comment=comment.pk, comment__state=State.AWAITING_EMAIL)
    now = clock.now()
    if not waits.update(email=mailbox(email.typed, email.norm), mailed_at=None, created_at=now):
        raise Refused(_("Your comment does not wait for an address any more. Its state stands above."))


@transaction.atomic
def withdraw(comment: Comment, *, expected: tuple[int, int]) -> None:
    """Let its author take it away; an address that it waits for is forgotten. Raises as moderation.withdraw does."""
    Confirmation.objects.filter(comment=comment.pk).delete()  # first, as whoever confirms does
    moderation.withdraw(comment, expected=expected)


def give_up() -> int:
    """Forget the addresses that nobody confirmed in time; their comments go on. Returns how many there were."""
    late = Confirmation.objects.filter(created_at__lt=clock.now() - links.CONFIRM_FOR).order_by("pk")
    done = 0
    for confirmation in late.select_related("comment")[:500]:
        try:
            with transaction.atomic():
                comment = confirmation.comment
                confirmation.delete()
                if comment.state == State.AWAITING_EMAIL:
                    _go_on(comment, None)
                done += 1
        except moderation.Stale:
            continue  # it is looked at again the next time
    return done


def find_commenter(email: Email) -> Commenter | None:
    """Who has confirmed this address, however it is spelled."""
    found = Commenter.objects.annotate(compared=Lower("email")).filter(compared=email.norm)
    return found.filter(verified_at__isnull=False).first()


def _has_room(confirmation: Confirmation) -> bool:
    """Whether both may have one more mail. What is asked again and again uses up neither."""
    box = f"comment confirm mailbox {mailbox_key(parse(confirmation.email).norm)}"
    if not throttle.allow(box, MAILS_TO_A_MAILBOX, A_DAY):
        return False
    network = f"comment confirm network {confirmation.comment.address_prefix}"
    if throttle.allow(network, MAILS_FROM_A_NETWORK, AN_HOUR):
        return True
    throttle.give_back(box)
    return False


def _commenter(confirmation: Confirmation) -> Commenter:
    """Whose the address is, from now on for certain."""
    norm = parse(confirmation.email).norm
    found = Commenter.objects.annotate(compared=Lower("email")).filter(compared=norm)
    commenter: Commenter | None = found.first()
    if commenter is None:
        try:
            with transaction.atomic():
                commenter = Commenter.objects.create(
                    email=confirmation.email,
                    name=confirmation.comment.display_name,
                    language=confirmation.language,
                    verified_at=clock.now(),
                )
        except IntegrityError:  # confirmed for another comment at this instant
            commenter = found.get()
    if commenter.verified_at is None:
        commenter.verified_at = clock.now()
        commenter.save(update_fields=["verified_at"])
    return commenter


def _wish(commenter: Commenter, confirmation: Confirmation) -> None:
    """A box that was ticked turns mails on; one that was not turns nothing off."""
    changes: dict[str, bool | str] = {}
    if confirmation.wants_outcome:
        changes["wants_outcome"] = True
    if confirmation.wants_replies:
        changes["wants_replies"] = True
    if confirmation.language:
        changes["language"] = confirmation.language
    if changes:
        Commenter.objects.filter(pk=commenter.pk).update(**changes)


def _go_on(comment: Comment, commenter: Commenter | None) -> None:
    """Bring the comment to where the rules want it now. Whoever is banned is told why."""
    ban = policy.ban_of(commenter.pk if commenter else None, comment.address_prefix)
    judgement = _judge(comment, commenter) if ban is None else Judgement(State.REJECTED, "ban")
    notice = ban.reason if ban else ""
    moderation.take_confirmed(comment, judgement, commenter=commenter, notice=notice)


def _judge(comment: Comment, commenter: Commenter | None) -> Judgement:
    """What the rules say now that it is known whose the comment is.

    An article that was closed meanwhile was open when the comment was written: a moderator decides.
    """
    try:
        return posting.judge_again(comment, commenter=commenter)[1]
    except policy.Refused:
        return Judgement(State.PENDING, "closed", steps=[{"step": "closed", "found": ""}])
