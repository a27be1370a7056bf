"""All that a reader with a confirmed address has written, for them alone; and which mails they get."""

from django.core.exceptions import ValidationError
from django.db.models import F, QuerySet

from comments.mails import letters
from comments.mails.links import Kind
from comments.models import Comment, Commenter
from comments.readers.confirming import find_commenter
from newsroom.lib import throttle
from newsroom.lib.emails import mailbox_key, parse

# To one mailbox in a day.
MAILS_TO_A_MAILBOX = 5
A_DAY = 86_400
FIELDS = {Kind.OUTCOME: "wants_outcome", Kind.REPLIES: "wants_replies"}


def mail_link(email: str) -> bool:
    """Mail the link to all comments of the reader with this address, if there is one. Returns whether one went out."""
    commenter = _commenter(email)
    if commenter is None or not _has_room(commenter):
        return False
    letters.mine(commenter)
    return True


def mail_erasing(commenter: Commenter) -> bool:
    """Mail a fresh link that erases everything. Returns whether the mailbox had room for one more."""
    if not _has_room(commenter):
        return False
    letters.erase(commenter)
    return True


def comments_of(commenter: Commenter) -> QuerySet[Comment]:
    """All that the commenter has written, the newest first."""
    return Comment.objects.filter(commenter=commenter).defer("body_html").order_by("-pk")


def set_mails(commenter: Commenter, *, outcome: bool, replies: bool) -> None:
    """Which mails the commenter gets from now on."""
    Commenter.objects.filter(pk=commenter.pk).update(wants_outcome=outcome, wants_replies=replies)


def turn_off(commenter: Commenter, kind: Kind) -> None:
    """No more mails of this kind."""
    Commenter.objects.filter(pk=commenter.pk).update(**{FIELDS[kind]: False})


def sign_out_everywhere(commenter: Commenter) -> None:
    """Let no browser be known as the commenter's any more, and let all links to the page of their comments be dead."""
    Commenter.objects.filter(pk=commenter.pk).update(token_version=F("token_version") + 1)


def _commenter(email: str) -> Commenter | None:
    try:
        return find_commenter(parse(email))
    except ValidationError:
        return None


def _has_room(commenter: Commenter) -> bool:
    key = f"comments mine mailbox {mailbox_key(parse(commenter.email).norm)}"
    return throttle.allow(key, MAILS_TO_A_MAILBOX, A_DAY)
