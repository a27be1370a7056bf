"""How much the words and the shape of a comment are those of spam: a small naive Bayes filter.

What it counts is in how many comments that were found spam, and in how many that were found good, a
mark occurs. Marks are words, pairs of words (neighbours, and with one word between them), hosts and
paths of links, and a few properties of the whole. Which of them, and the numbers below, were
chosen by measurement: docs/decisions/0017. Nothing here knows the database (see comments.spam.learning).
"""

import math
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache
from hashlib import blake2b
from itertools import pairwise
from pathlib import Path

from django.utils.translation import gettext_lazy as _

PRIOR = Path(__file__).with_name("prior")
# How many comments the belief "as likely spam as not" counts against what is known of one mark:
# s of G. Robinson, A Statistical Approach to the Spam Problem, Linux Journal 107 (2003).
DOUBT = 0.5
# Points of the score for each standard deviation, so that it can stand beside other signals.
POINTS = 10
LIMIT = 100
# A comment with this many points or more is looked at before readers see it, wherever it stands.
HOLD_FROM = 35
# This many marks explain a weight.
NAMED = 6

LINK, LINKS, ONLY_LINK, ENDS_IN_LINK = "is:link", "is:links", "is:only-link", "is:link-last"
SHOUTING, STRETCHED, EXCITED, REPETITIVE, SIGNS = "is:shouting", "is:stretched", "is:excited", "is:same", "is:signs"
SHORT = "is:short"
# Properties as moderators read them; words and hosts speak for themselves.
LABELS = {
    LINK: _("has a link"),
    LINKS: _("has several links"),
    ONLY_LINK: _("is hardly more than a link"),
    ENDS_IN_LINK: _("ends in a link"),
    SHOUTING: _("is mostly capitals"),
    STRETCHED: _("stretches words"),
    EXCITED: _("repeats punctuation marks"),
    REPETITIVE: _("repeats its words"),
    SIGNS: _("has signs of addresses and sums"),
    SHORT: _("is very short"),
}
_LONG_MARK, _LENGTHS = "is:from-", (20, 60, 150, 300, 600)
_LONG = _("has %(length)s characters or more")

_TOP_DOMAINS = "biz|be|co|com|de|eu|example|gl|info|io|ly|me|net|org|ru|tv|uk|us"
_LINK = re.compile(
    rf"""(?:https?://|www\.)[^\s<>"]+|\b[a-z0-9-]{{2,63}}\.(?:{_TOP_DOMAINS})\b(?:/[^\s<>"]*)?""", re.IGNORECASE
)
_IN_PLACE_OF_LINK = "\0"
_WORD = re.compile(rf"{_IN_PLACE_OF_LINK}|[^\W_]+(?:['’][^\W_]+)?")


@dataclass
class Counts:
    """In how many comments of each kind a mark occurs, by its key; and how many comments there were."""

    spam: Counter[int] = field(default_factory=Counter)
    good: Counter[int] = field(default_factory=Counter)
    spam_seen: int = 0
    good_seen: int = 0

    def learn(self, keys: Iterable[int], *, spam: bool) -> None:
        (self.spam if spam else self.good).update(keys)
        self.spam_seen += spam
        self.good_seen += not spam

    def __add__(self, other: "Counts") -> "Counts":
        return Counts(
            self.spam + other.spam,
            self.good + other.good,
            self.spam_seen + other.spam_seen,
            self.good_seen + other.good_seen,
        )


@dataclass(frozen=True)
class Verdict:
    """`weight` in points, below 0 for what looks good; `marks` are those that weighed most in its direction."""

    weight: int
    marks: list[str]


def judge(text: str, counts: Counts) -> Verdict:
    """What `counts` say of `text`: the sum of the marks' log odds over the root of their number.

    Divided so, long comments are judged as cautiously as short ones: marks are not independent.
    """
    odds = {mark: odd for mark in marks(text) if (odd := _log_odds(key(mark), counts)) is not None}
    if not odds:
        return Verdict(0, [])
    weight = round(POINTS * sum(odds.values()) / math.sqrt(len(odds)))
    weight = max(-LIMIT, min(LIMIT, weight))
    side = [(abs(odd), mark) for mark, odd in odds.items() if odd * weight > 0]
    return Verdict(weight, [mark for _odd, mark in sorted(side, reverse=True)[:NAMED]])


def _log_odds(mark: int, counts: Counts) -> float | None:
    """Natural logarithm of the odds that a comment with the mark is spam; None where it was never seen."""
    spam, good = counts.spam[mark], counts.good[mark]
    if not spam + good:
        return None
    share_of_spam, share_of_good = spam / max(1, counts.spam_seen), good / max(1, counts.good_seen)
    chance = share_of_spam / (share_of_spam + share_of_good)
    chance = (DOUBT * 0.5 + (spam + good) * chance) / (DOUBT + spam + good)
    return math.log(chance / (1 - chance))


def key(mark: str) -> int:
    """A signed 64-bit number in place of the mark: what is counted cannot be read by browsing."""
    return int.from_bytes(blake2b(mark.encode(errors="surrogatepass"), digest_size=8).digest(), signed=True)


def keys(text: str) -> list[int]:
    """The keys of the text's marks, in ascending order."""
    return sorted({key(mark) for mark in marks(text)})


@cache
def prior() -> Counts:
    """What is known before the first decision: examples of our own, in comments/prior."""
    counts = Counts()
    for file in sorted(PRIOR.glob("*.txt")):
        for line in file.read_text(encoding="utf-8").splitlines():
            kind, _tab, text = line.partition("\t")
            counts.learn(keys(text), spam=kind == "spam")
    return counts


def named(mark: str) -> str:
    """A mark as moderators read it: words in quotation marks, properties in their language."""
    if mark.startswith(_LONG_MARK):
        return str(_LONG) % {"length": mark.removeprefix(_LONG_MARK)}
    if mark in LABELS:
        return str(LABELS[mark])
    if mark.startswith(("host:", "path:")):
        return mark.partition(":")[2]
    return "“{}”".format(mark.replace(LINK, str(_("(link)"))))


def folded(text: str) -> str:
    """`text` without case, accents and invisible letters."""
    return _plain(text.casefold()).casefold()


def links(text: str) -> list[str]:
    """What leads elsewhere, with http:// before it or without: the one answer to what counts as a link."""
    return _LINK.findall(_plain(text))


def _plain(text: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFKD", text) if unicodedata.category(c) not in ("Mn", "Cf"))


# Marks --------------------------------------------------------------------------------------


def marks(text: str) -> set[str]:
    """What is counted of a text. Accents, marks, case and invisible letters make no difference."""
    text = _plain(text)
    links = _LINK.findall(text)
    rest = _LINK.sub(f" {_IN_PLACE_OF_LINK} ", text)
    words = [_word(match) for match in _WORD.findall(rest)]
    found = {word for word in words if word != LINK}
    found.update(f"{one} {two}" for one, two in pairwise(words))
    found.update(f"{one} … {two}" for one, two in zip(words, words[2:], strict=False))
    for link in links:
        found.update(_of_link(link.casefold()))
    found.update(_shape(text, rest, words, links))
    return found


def _word(match: str) -> str:
    if match == _IN_PLACE_OF_LINK:
        return LINK
    if match.isdigit():
        return "0"
    return re.sub(r"(.)\1{2,}", r"\1\1", match.casefold())


def _of_link(link: str) -> Iterator[str]:
    host, _slash, path = link.removeprefix("https://").removeprefix("http://").partition("/")
    yield "host:" + host.partition("?")[0].removeprefix("www.")
    yield from (f"path:{word}" for word in re.findall(r"[a-z]{3,20}", path)[:6])


def _shape(text: str, rest: str, words: list[str], links: list[str]) -> Iterator[str]:
    letters = [letter for letter in text if letter.isalpha()]
    yield from (f"{_LONG_MARK}{length}" for length in _LENGTHS if len(text) >= length)
    properties = {
        SHORT: len(text) < _LENGTHS[0],
        LINK: bool(links),
        LINKS: len(links) > 1,
        ONLY_LINK: bool(links) and len(rest.replace(_IN_PLACE_OF_LINK, "").strip()) < 10,
        ENDS_IN_LINK: words[-1:] == [LINK],
        SHOUTING: len(letters) >= 10 and sum(letter.isupper() for letter in letters) * 2 > len(letters),
        STRETCHED: bool(re.search(r"([^\W\d_])\1{3}", text)),
        EXCITED: bool(re.search(r"([!?.])\1{2}", text)),
        REPETITIVE: len(words) > 8 and len(set(words)) < 0.6 * len(words),
        SIGNS: bool(re.search(r"[+=@#$]|/watch", text)),
    }
    yield from (name for name, holds in properties.items() if holds)
