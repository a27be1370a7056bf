"""How a reader's comment comes in: the only writer of new comments and their text."""

from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from articles.models import Edition
from comments import moderation, policy, scoring, text, threads
from comments.models import MAX_DEPTH, Comment
from comments.policy import Refused
from comments.states import State
from newsroom.lib import addresses, clock, throttle

# For each network (/24 of IPv4, /48 of IPv6): this many comments in this many seconds.
RATES = ((10, 600), (60, 86_400))
# The same words from the same network on the same article, sent again within this time, are one comment.
SAME_FOR = 600


class Closed(Exception):
    """The article is not live any more."""


class TooMany(Refused):
    """This network has sent too many comments. As text: what to do."""


class ParentGone(Exception):
    """The comment that is answered is not shown on this article."""


def allow(address: str) -> None:
    """Count one comment from `address`; raises TooMany above RATES."""
    network = addresses.prefix(address)
    if not all(throttle.allow(f"comments:{seconds}:{network}", limit, seconds) for limit, seconds in RATES):
        raise TooMany(
            _("Too many comments came from your network. Your text is still here: please send it again in ten minutes.")
        )


def post(edition: Edition, *, name: str, body: str, answers: str = "", address: str = "", key: str = "") -> Comment:
    """Keep a comment in the state that the rules give it. Sent twice, it is kept once and the first one is returned.

    `name` and `body` are as comments.forms leaves them; `answers` is the public id of the comment it
    replies to; `key` is made by the page's script for each form it shows. Raises Closed if the article
    is not live at the moment of writing, Refused if it is closed or the reader is banned, ParentGone if the
    answered comment is not shown there.
    """
    now = clock.now()
    comment = Comment(
        article_id=edition.article_id,
        display_name=name,
        body=body,
        body_html=text.to_html(body),
        created_at=now,
        state_at=now,
        address_prefix=addresses.prefix(address),
        address_hmac=addresses.fingerprint(address),
    )
    judgement = judge(comment)
    keys = _keys(comment, answers, key, now)
    comment.submit_key = keys[0]
    try:
        with transaction.atomic():
            if (earlier := _earlier(keys)) is not None:
                return earlier
            return _keep(comment, edition, answers, judgement)
    except IntegrityError:
        # The second of two requests that came at the same instant.
        if (earlier := _earlier(keys)) is None:
            raise
        return earlier


def judge(comment: Comment) -> policy.Judgement:
    """Weigh the signs of spam in the comment's words and ask all rules of it; the same for a changed text.

    Raises Refused if a rule takes no comment at all.
    """
    comment.signals = scoring.signals(comment.display_name, comment.body)
    comment.score = sum(signal["weight"] for signal in comment.signals)
    judgement = policy.judge(comment)
    comment.state = judgement.state
    return judgement


def is_open(article_id: int) -> bool:
    """Whether comments can be written and changed at this moment: the article is live."""
    return Edition.objects.live().filter(article=article_id).exists()


def _keep(comment: Comment, edition: Edition, answers: str, judgement: policy.Judgement) -> Comment:
    if not is_open(edition.article_id):
        raise Closed
    policy.admit(comment)
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
