"""How a reader's comment comes in: the only writer of new comments and their text."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from articles.models import Edition
from comments import moderation, policy, text, threads
from comments.decisions import AWAIT, POLICY
from comments.models import MAX_DEPTH, Comment, Commenter
from comments.policy import Refused
from comments.spam import scoring
from comments.spam.proof import Proof
from comments.spam.signs import Signal
from comments.states import State
from newsroom.lib import addresses, clock, throttle

# For each network (/24 of IPv4, /48 of IPv6) and for each reader who is known: so many comments in so many seconds.
RATES = ((10, 600), (60, 86_400))
# Whoever sends more from one network, mistakes and refused ones included, is answered without being read.
HEARD = (40, 600)
# More than this on one article is no reason to refuse anybody, but one to look twice at everybody's.
BUSY_FROM, BUSY_WITHIN = 60, 600
# The same words from the same network on the same article, sent again within this time, are one comment.
SAME_FOR = 600


class Closed(Exception):
    """The article is not live any more."""


class TooMany(Refused):
    """This network, or this reader, has sent too many comments. As text: what to do."""


class ParentGone(Exception):
    """The comment that is answered is not shown on this article."""


def hears(address: str) -> bool:
    """Count one request from `address`, and whether it is worth looking at. Asks no database."""
    return throttle.allow(f"comments:heard:{addresses.prefix(address)}", *HEARD)


def allow(address: str) -> None:
    """Count one comment from `address`; raises TooMany above RATES."""
    if not _within(f"comments:%d:{addresses.prefix(address)}"):
        raise TooMany(
            _("Too many comments came from your network. Your text is still here: please send it again in ten minutes.")
        )


def allow_reader(commenter: Commenter) -> None:
    """Count one comment of somebody who is known, wherever it comes from; raises TooMany above RATES."""
    if not _within(f"comments:%d:reader {commenter.pk}"):
        raise TooMany(
            _("You have sent many comments just now. Your text is still here: please send it again in ten minutes.")
        )


def count_on(article_id: int) -> list[Signal]:
    """Count one comment on the article: what it says of this one that there are very many just now."""
    if throttle.allow(f"comments:article {article_id}", BUSY_FROM, BUSY_WITHIN):
        return []
    return [{"name": scoring.BUSY, "weight": 20, "detail": ""}]


def _within(key: str) -> bool:
    return all(throttle.allow(key % seconds, limit, seconds) for limit, seconds in RATES)


def post(
    edition: Edition,
    *,
    name: str,
    body: str,
    answers: str = "",
    address: str = "",
    key: str = "",
    commenter: Commenter | None = None,
    awaits: bool = False,
    proof: Proof | None = None,
    sending: Iterable[Signal] = (),
) -> Comment:
    """Keep a comment in the state that the rules give it. Sent twice, it is kept once and the first one is returned.

    `name` and `body` are as comments.forms leaves them; `answers` is the public id of the comment it
    replies to; `key` is made by the page's script for each form it shows. `commenter` is whose browser it comes
    from, where that is known; one that `awaits` its author's address is judged again when that is confirmed
    (comments.readers.confirming). `proof` and `sending` are what came along with it (comments.sending).

    Raises Closed if the article is not live at the moment of writing, Refused if it is closed or the reader is
    banned, policy.ProofNeeded if the reader's browser is to do some work first, ParentGone if the answered comment
    is not shown there.
    """
    now = clock.now()
    comment = Comment(
        article_id=edition.article_id,
        commenter=commenter,
        display_name=name,
        body=body,
        body_html=text.to_html(body),
        created_at=now,
        state_at=now,
        address_prefix=addresses.prefix(address),
        address_hmac=addresses.fingerprint(address),
    )
    scoring.weigh(comment, [*sending])
    keys = _keys(comment, answers, key, now)
    comment.submit_key = keys[0]
    try:
        with transaction.atomic():
            if (earlier := _earlier(keys)) is not None:
                return earlier
            return _keep(comment, answers, proof, awaits=awaits)
    except IntegrityError:
        # The second of two requests that came at the same instant.
        if (earlier := _earlier(keys)) is None:
            raise
        return earlier


def judge_again(comment: Comment, **changed: Any) -> tuple[Comment, policy.Judgement]:
    """What the rules make of a kept comment with the `changed` fields, on an unsaved copy.

    Nobody is asked for work now: what is suspicious waits for a moderator, unless the work was done when it was
    sent. Else a change, or an address, would be a way around it. Raises Refused if a rule takes no comment at all.
    """
    fields = {
        "id": comment.pk,
        "article_id": comment.article_id,
        "commenter_id": comment.commenter_id,
        "display_name": comment.display_name,
        "body": comment.body,
        "address_prefix": comment.address_prefix,
        "address_hmac": comment.address_hmac,
    }
    copy = Comment(**(fields | changed))
    copy.body_html = text.to_html(copy.body)
    scoring.weigh(copy, scoring.of_sending(comment))
    return copy, policy.judge(copy, Proof(solved=_was_proved(comment)))


def _was_proved(comment: Comment) -> bool:
    """Whether the work was done for it when it was sent, as the log of that says."""
    sent = comment.actions.filter(decision__in=(POLICY, AWAIT)).values_list("steps", flat=True)
    return any(policy.shows_work(steps) for steps in sent)


def is_open(article_id: int) -> bool:
    """Whether comments can be written and changed at this moment: the article is live."""
    return Edition.objects.live().filter(article=article_id).exists()


def _keep(comment: Comment, answers: str, proof: Proof | None, *, awaits: bool) -> Comment:
    """Within the transaction, so that nothing that the rules depend on changes before the comment is there."""
    if not is_open(comment.article_id):
        raise Closed
    judgement = policy.judge(comment, proof)
    if answers:
        parent = threads.find_shown(answers)
        if parent is None or parent.article_id != comment.article_id:
            raise ParentGone
        place_under(comment, parent)
    comment.state = State.PENDING
    comment.save(force_insert=True)
    if comment.parent_id is None:
        comment.root = comment
        comment.save(update_fields=["root"])
    if awaits:
        moderation.await_email(comment, policy.steps_of_work(judgement))
    else:
        moderation.take_up(comment, judgement)
    return comment


def place_under(comment: Comment, parent: Comment) -> None:
    """Make the unsaved `comment` a reply. Below the deepest level, threads go on at that level."""
    comment.parent = parent
    comment.root_id = parent.root_id
    comment.depth = min(parent.depth + 1, MAX_DEPTH)


def _earlier(keys: list[str]) -> Comment | None:
    return Comment.objects.filter(submit_key__in=keys).first()


def _keys(comment: Comment, answers: str, key: str, now: datetime) -> list[str]:
    """What tells a second click from a second comment; the first of them is the comment's own.

    A page that is cached for everyone carries no key of its own. Without one from its script, the
    sender's network and the time stand in, and the time before now is looked at too.
    """
    said = (comment.article_id, answers, comment.display_name, comment.body)
    if key:
        return [_digest(key, *said)]
    spell = int(now.timestamp()) // SAME_FOR
    return [_digest(comment.address_hmac, spell - back, *said) for back in (0, 1)]


def _digest(*parts: object) -> str:
    return salted_hmac("comments.submit", repr(parts), algorithm="sha256").hexdigest()
