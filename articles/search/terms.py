"""From text to the terms that it is found by, the same for articles and for what readers type.

A word is folded: case, diacritics and the variants of a letter do not count. Scripts that write no spaces
between words are parted into overlapping pairs. Stems stand beside the words and do not replace them, so that
both the exact word and its relatives are found. All of it is done here, so that both databases find the same.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from threading import local
from typing import Any, NamedTuple

import snowballstemmer

# Raise it when the terms below change: `manage.py rebuild_search` brings older rows of the index up.
VERSION = 1

# What belongs to a word though it is no letter: marks that are written on letters, and what nobody sees.
MARKS = "".join(chr(point) for point in range(0x10000) if unicodedata.category(chr(point))[0] == "M")
UNSEEN = "\u00ad\u200b\u200d\u2060\ufeff"
# Hangul, kana and ideographs; Thai, Lao, Burmese and Khmer: written without spaces, or with few.
PAIRED = (
    "\u0e01-\u0e3a\u0e40-\u0e4e\u0e81-\u0ecd\u1000-\u103f\u1780-\u17d3\u1100-\u11ff\uac00-\ud7a3"
    "\u3005-\u3007\u3031-\u3035\u3041-\u309a\u309d-\u309f\u30a1-\u30fa\u30fc-\u30ff\u31f0-\u31ff"
    "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff66-\uff9f\U00020000-\U0003ffff"
)
LETTER = rf"(?:(?![{PAIRED}])[^\W_])"
RUN = re.compile(rf"(?P<paired>[{PAIRED}]+)|{LETTER}(?:{LETTER}|[{MARKS}{UNSEEN}])*")
# What joins the parts of one word: covid-19, O'Neill, 3.5, and the half space of Persian.
JOINT = re.compile(r"['’ʼ\-‐‑.·\u200c]?")

# Marks that are left out: accents, and the vowel signs of Arabic and Hebrew. Those of other scripts are letters.
ACCENTS = re.compile(f"[\u0300-\u036f\u0591-\u05c7\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06ed\u0640{UNSEEN}]")
# Of these the stemmers know nothing; accents they do know.
SIGNS = re.compile(f"[\u064b-\u065f\u0670\u0640{UNSEEN}]")
NO_WORD = re.compile(rf"[^\w{MARKS}]|_")
SAME_LETTER = str.maketrans(
    {
        "ø": "o", "ł": "l", "đ": "d", "ð": "d", "ħ": "h", "ı": "i", "æ": "ae", "œ": "oe", "þ": "th",
        "ٱ": "ا", "ى": "ي", "ی": "ي", "ے": "ي", "ک": "ك", "ة": "ه", "ۀ": "ه", "ہ": "ه", "ھ": "ه",
    }
)  # fmt: skip

LONGEST = 64  # letters of a term: more than any word, less than an address without end
# PostgreSQL takes at most 1 MB of terms for a row: nobody asks for what stands behind a short novel.
MOST_BYTES = 400_000
# What a term costs there besides its letters, at most.
TERM_COST = 8

STEMMERS = {
    "ca": "catalan", "cs": "czech", "da": "danish", "de": "german", "el": "greek", "en": "english", "es": "spanish",
    "et": "estonian", "eu": "basque", "fa": "persian", "fi": "finnish", "fr": "french", "ga": "irish", "hi": "hindi",
    "hu": "hungarian", "hy": "armenian", "id": "indonesian", "it": "italian", "lt": "lithuanian", "nb": "norwegian",
    "ne": "nepali", "nl": "dutch", "nn": "norwegian", "no": "norwegian", "pl": "polish", "pt": "portuguese",
    "ro": "romanian", "ru": "russian", "sr": "serbian", "sv": "swedish", "ta": "tamil", "tr": "turkish",
}  # fmt: skip

_mine = local()


class Token(NamedTuple):
    """A term at its place in the text: `text[start:end]`."""

    word: str
    stems: frozenset[str]
    start: int
    end: int
    # One of a run that was parted into pairs; `last` is the run's last letter alone, `alone` the only one.
    paired: bool = False
    last: bool = False
    alone: bool = False


@dataclass(frozen=True, slots=True)
class Terms:
    """What a text is found by: its words in their order, and the stems of them, each once."""

    words: list[str]
    stems: list[str]


def terms_of(text: str, language: str) -> Terms:
    """The terms of a text in `language`, as many as the index takes."""
    words: list[str] = []
    stems: dict[str, None] = {}
    room = MOST_BYTES
    for group in groups(text, language):
        for token in group:
            new = [stem for stem in sorted(token.stems) if stem not in stems]
            if (room := room - _cost(token.word, *new)) < 0:
                return Terms(words, list(stems))
            words.append(token.word)
            stems |= dict.fromkeys(new)
        if len(group) > 1:
            new = sorted(whole_stems(group, text, language) - stems.keys())
            room -= _cost(*new)
            stems |= dict.fromkeys(new)
    return Terms(words, list(stems))


def _cost(*terms: str) -> int:
    return sum(len(term.encode()) + TERM_COST for term in terms)


def groups(text: str, language: str) -> Iterator[list[Token]]:
    """The tokens of a text; those that make up one written word together."""
    group: list[Token] = []
    for token in tokens(text, language):
        if group and not JOINT.fullmatch(text, group[-1].end, token.start) and token.start >= group[-1].end:
            yield group
            group = []
        group.append(token)
    if group:
        yield group


def whole_stems(group: list[Token], text: str, language: str) -> frozenset[str]:
    """The stems of one written word of `text`, be it of one part or of several (O'Neill, harbour's), with itself."""
    if any(token.paired for token in group):
        return frozenset()
    raw = text[group[0].start : group[-1].end]
    return frozenset() if (whole := _word(raw)).isdigit() else _stems(raw, language) | {whole}


def tokens(text: str, language: str) -> Iterator[Token]:
    """The terms of a text at their places, in order."""
    for run in RUN.finditer(text):
        if run["paired"]:
            yield from _pairs(run[0], run.start())
        elif word := _word(run[0]):
            yield Token(word, _stems(run[0], language), run.start(), run.end())


def _pairs(run: str, start: int) -> Iterator[Token]:
    folded = unicodedata.normalize("NFKC", run)
    # Where folding changed the length, a pair's own place is not known, but its run's is.
    same = len(folded) == len(run)
    for i in range(len(folded)):
        pair = folded[i : i + 2]
        place = (start + i, start + i + len(pair)) if same else (start, start + len(run))
        last = i == len(folded) - 1
        yield Token(pair, frozenset(), *place, paired=True, last=last, alone=last and i == 0)


@lru_cache(maxsize=50_000)
def _word(raw: str) -> str:
    return fold(raw)[:LONGEST]


def fold(word: str) -> str:
    """A word in the one spelling under which all its spellings are found; "" where nothing of it is left."""
    if word.isascii() and word.isalnum():
        return word.lower()
    plain = ACCENTS.sub("", unicodedata.normalize("NFKD", word).casefold())
    plain = unicodedata.normalize("NFC", NO_WORD.sub("", plain)).translate(SAME_LETTER)
    return "".join(str(unicodedata.decimal(char)) if char.isdecimal() else char for char in plain)


@lru_cache(maxsize=50_000)
def _stems(raw: str, language: str) -> frozenset[str]:
    """The stems of a word, folded: of it as it is written, and of its plain spelling where that gives another."""
    written, plain = unicodedata.normalize("NFC", SIGNS.sub("", raw.lower())).replace("’", "'"), fold(raw)
    if len(plain) > LONGEST or plain.isdigit():
        return frozenset()
    primary = language.split("-")[0]
    if primary == "ar":
        return frozenset({_light_arabic(plain)})
    if primary not in STEMMERS:
        return frozenset()
    if primary == "fa":
        written = written.translate(str.maketrans("يك", "یک"))
    stem = _stemmer(STEMMERS[primary]).stemWord
    return frozenset(filter(None, (fold(stem(written)), fold(stem(plain)))))


def _stemmer(algorithm: str) -> Any:
    """One for each thread: a stemmer keeps its present word in itself."""
    if (found := getattr(_mine, algorithm, None)) is None:
        found = snowballstemmer.stemmer(algorithm)
        setattr(_mine, algorithm, found)
    return found


ARABIC_FRONT = ("وال", "بال", "كال", "فال", "ولل", "ال", "لل")
ARABIC_BACK = ("ها", "ان", "ات", "ون", "ين", "يه", "ه", "ي")


def _light_arabic(word: str) -> str:
    """A folded Arabic word without its article, particles and endings.

    Light10 of Larkey, Ballesteros and Connell (2007), which finds better than stems of three letters.
    """
    front = next((front for front in ARABIC_FRONT if word.startswith(front) and len(word) - len(front) >= 2), "")
    if not front and word.startswith("و") and len(word) >= 4:
        front = "و"
    word = word[len(front) :]
    for back in ARABIC_BACK:
        if word.endswith(back) and len(word) - len(back) >= 2:
            word = word[: -len(back)]
    return word
