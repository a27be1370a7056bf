"""What makes a comment suspicious. Every sign is named and weighed, and shown to the moderators."""

import unicodedata

from django.utils.translation import gettext, gettext_noop

from articles.models import Author
from comments.models import Comment
from comments.spam import bayes, learning, repeats, traps
from comments.spam.signs import Signal
from newsroom.models import User

STAFF_NAME = "staff_name"
LINKS = "links"
WORDS = "words"
BUSY = "busy"
# What moderators read; translated where it is shown.
LABELS = {
    STAFF_NAME: gettext_noop("The name is that of somebody who works here"),
    LINKS: gettext_noop("Many links"),
    WORDS: gettext_noop("Words and shape, as learnt from decisions"),
    BUSY: gettext_noop("Very many comments on this article at the time"),
    **traps.LABELS,
    **repeats.LABELS,
}
# Found when a comment is sent, and true of it for good; all others are looked for again when it is changed.
OF_SENDING = frozenset({BUSY, *traps.LABELS})

# Letters of other scripts, and digits, that pass for Latin letters: those that names are forged with.
_LOOKALIKES = str.maketrans(
    {
        "а": "a", "е": "e", "о": "o", "р": "p", "с": "c", "у": "y", "х": "x", "к": "k", "м": "m", "н": "h",
        "т": "t", "в": "b", "і": "i", "ј": "j", "ѕ": "s", "ԁ": "d", "ɡ": "g", "һ": "h", "ӏ": "l", "ԝ": "w",
        "α": "a", "ο": "o", "ρ": "p", "ν": "v", "κ": "k", "τ": "t", "υ": "u", "χ": "x", "ι": "i", "ı": "i",
        "0": "o", "1": "l", "3": "e", "5": "s", "ł": "l", "ø": "o", "đ": "d",
    }
)  # fmt: skip


def explained(sign: Signal) -> str:
    """What was found, for moderators."""
    return ", ".join(bayes.named(mark) for mark in sign.get("marks", ())) or sign["detail"]


def label(sign: Signal) -> str:
    """What the sign is called, for moderators."""
    return gettext(LABELS.get(sign["name"], sign["name"]))


def weigh(comment: Comment, sending: list[Signal]) -> None:
    """Give a comment with words, article and network its signals, those of `sending` included, and its score."""
    comment.words = repeats.key_of(comment.body)
    comment.signals = [*signals(comment.display_name, comment.body), *repeats.signals(comment), *sending]
    comment.score = sum(sign["weight"] for sign in comment.signals)


def risk(comment: Comment) -> int:
    """How suspicious a weighed comment is. A sign that is enough by itself is not outweighed by kind words."""
    return max([comment.score, *(sign["weight"] for sign in comment.signals)])


def of_sending(comment: Comment) -> list[Signal]:
    """The signals of a kept comment that say how it was sent."""
    return [sign for sign in comment.signals if sign["name"] in OF_SENDING]


def signals(name: str, body: str) -> list[Signal]:
    """The signs found in the words of a comment. Costs three queries."""
    found: list[Signal] = []
    if imitated := _staff_like(name):
        found.append({"name": STAFF_NAME, "weight": 40, "detail": imitated})
    links = len(bayes.links(body))
    if links > 2:
        found.append({"name": LINKS, "weight": 10 * (links - 2), "detail": str(links)})
    verdict = bayes.judge(body, learning.counts(body))
    if verdict.weight:
        found.append({"name": WORDS, "weight": verdict.weight, "detail": "", "marks": verdict.marks})
    return found


def _staff_like(name: str) -> str:
    """The name of the author or user that `name` looks like, or ""."""
    wanted = skeleton(name)
    names = list(Author.objects.order_by().values_list("name", flat=True))
    names += [str(user) for user in User.objects.order_by().only("first_name", "last_name", "username")]
    return next((staff for staff in names if wanted and skeleton(staff) == wanted), "")


def skeleton(name: str) -> str:
    """What is left of a name when look-alike letters, accents, case, spaces and dots are taken away."""
    letters = unicodedata.normalize("NFKD", name.casefold()).casefold().translate(_LOOKALIKES)
    return "".join(letter for letter in letters if letter.isalnum())
