"""What readers type, made safe to keep and to show. The only file that makes HTML of it.

Bidirectional controls: Unicode Standard Annex 9. Noncharacters and default ignorables: The Unicode
Standard, chapter 23.
"""

import re
import unicodedata
from collections.abc import Iterator

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

BODY_LIMIT = 5_000
NAME_LIMIT = 60

# Vietnamese, Hebrew with cantillation and Tibetan stacks need up to four marks on one letter.
_MARKS_LIMIT = 4
_BREAK = re.compile("\r\n|[\r\v\f\x85\u2028\u2029]")
_DROPPED = re.compile(
    "["
    "\x00-\x08\x0e-\x1f\x7f-\x9f"  # controls, but for tab and the line breaks above
    "\u202a-\u202e\u2066-\u206f"  # embeddings, overrides and isolates; the harmless LRM and RLM stay
    "\ufeff\ufff9-\ufffb"  # byte order mark, interlinear annotation
    "\ufdd0-\ufdef\ufffe\uffff\U0001fffe\U0001ffff\U0010fffe\U0010ffff"  # noncharacters
    "\ud800-\udfff"  # lone surrogates, which no database takes
    "]"
    # Tag characters spell invisible text, except in the flags of England, Scotland and Wales.
    "|(?<![\U0001f3f4\U000e0020-\U000e007f])[\U000e0000-\U000e007f]+"
)
_ZERO_WIDTH = "[\u00ad\u061c\u180e\u200b-\u200f\u2060-\u2064]"
_ZERO_WIDTH_RUN = re.compile(f"({_ZERO_WIDTH}){_ZERO_WIDTH}+")
# Letters and symbols by category, yet blank on paper: Hangul fillers, the empty Braille pattern.
_BLANK = frozenset("\u115f\u1160\u3164\uffa0\u2800")
_LINK = re.compile(r"\bhttps?://[^\W_][^\s<>\"'`]*", re.IGNORECASE)
_AFTER_LINK = ".,;:!?…»”’*_~"


def tidy(text: str) -> str:
    """`text` in NFC, without what is invisible, breaks databases or disturbs its neighbours.

    Lines end in one "\\n", paragraphs in two, never more. Applying it twice changes nothing more.
    """
    text = _DROPPED.sub("", _BREAK.sub("\n", text))
    text = _ZERO_WIDTH_RUN.sub(r"\1", text)
    # Before normalising too: sorting a long run of marks takes quadratic time.
    text = _limit_marks(unicodedata.normalize("NFC", _limit_marks(text)))
    text = "\n".join(line.rstrip() for line in text.split("\n"))
    return re.sub(r"\n{3,}", "\n\n", text).strip()


def tidy_name(text: str) -> str:
    """`text` as `tidy` makes it, on one line."""
    return " ".join(tidy(text).split())


def says_something(text: str) -> bool:
    """Whether a reader would see anything at all."""
    return any(unicodedata.category(letter)[0] in "LNPS" and letter not in _BLANK for letter in text)


def to_html(text: str) -> SafeString:
    """Paragraphs of tidied plain text as HTML: escaped, with line breaks and links to http(s) addresses."""
    paragraphs = ((_lines(paragraph),) for paragraph in text.split("\n\n") if paragraph)
    return format_html_join("\n", '<p dir="auto">{}</p>', paragraphs)


def stored_html(html: str) -> SafeString:
    """Mark what `to_html` once made, and the database kept, as safe to show."""
    return mark_safe(html)  # noqa: S308


def _limit_marks(text: str) -> str:
    kept, run = [], 0
    for letter in text:
        kind = unicodedata.category(letter)
        if kind in ("Mn", "Me"):
            run += 1
            if run > _MARKS_LIMIT:
                continue
        elif kind != "Cf":  # marks go on stacking across a joiner
            run = 0
        kept.append(letter)
    return "".join(kept)


def _lines(paragraph: str) -> SafeString:
    lines = ((format_html_join("", "{}", ((piece,) for piece in _linked(line))),) for line in paragraph.split("\n"))
    return format_html_join(mark_safe("<br>\n"), "{}", lines)


def _linked(line: str) -> Iterator[str]:
    end = 0
    for match in _LINK.finditer(line):
        url = _without_punctuation(match[0])
        yield line[end : match.start()]
        end = match.start() + len(url)
        yield _link(url)
    yield line[end:]


def _link(url: str) -> str:
    host = url.split("/")[2]
    if "@" in host:  # https://bank.example@evil.example leads to the second
        return url
    return format_html('<a href="{}" rel="ugc nofollow noopener">{}</a>', url, url)


def _without_punctuation(url: str) -> str:
    while True:
        short = url.rstrip(_AFTER_LINK)
        for opening, closing in ("()", "[]", "{}"):
            if short.endswith(closing) and short.count(closing) > short.count(opening):
                short = short[:-1]
        if short == url:
            return url
        url = short
