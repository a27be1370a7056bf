"""What may change in an edition of kind "minor": a slip of typing, and nothing that readers would call news."""

import re
from collections.abc import Iterator
from typing import Any

from newsroom.lib.html import to_text

# Numbers that are no digits: fractions, powers, what stands in circles, and those of Chinese and Japanese.
OTHER_NUMBERS = "¹²³¼-¾⁰-⁹₀-₉⅐-↉①-⒛〇零一二三四五六七八九十百千万萬亿億两兩"
# Digits in any script, with a sign before and what joins them: −3 and 1,200.50 and 14:30 and 2026-27 are one each.
NUMBER = re.compile(rf"(?:(?<!\w)[-−+±])?\d+(?:[.,:/–-]\d+)*|[{OTHER_NUMBERS}]+")

# What closes a quotation that a mark opens, as English, German, French, Swedish, Polish, Chinese and Japanese write it.
CLOSING = {
    "“": "”",
    "”": "”",
    "„": "“”",
    "‘": "’",
    "‚": "‘’",
    "«": "»",
    "»": "«»",
    "‹": "›",
    "›": "‹›",
    '"': '"',
    "「": "」",
    "『": "』",
    "〝": "〞〟",
}
MARK = re.compile(f"[{''.join(dict.fromkeys(''.join([*CLOSING, *CLOSING.values()])))}]")
# These open and close, or stand for an apostrophe: what they are, the letters beside them tell.
AMBIGUOUS = '”»›‘’"'
QUOTING = re.compile(r"<(/?)(blockquote|q)\b[^>]*>")


def more_than_a_slip(before: dict[str, Any], after: dict[str, Any]) -> list[str]:
    """What changed between two contents that is more than a slip of typing: of "headline", "number", "quotation"."""
    found = {
        "headline": before["headline"] != after["headline"],
        # In their order: "from 3 to 5" is no slip of "from 5 to 3".
        "number": NUMBER.findall(_words(before)) != NUMBER.findall(_words(after)),
        "quotation": _quotations(before) != _quotations(after),
    }
    return [name for name, changed in found.items() if changed]


def _quotations(content: dict[str, Any]) -> list[str]:
    set_off = [to_text(inner) for inner in _set_off(content["body"])]
    return [" ".join(quotation.split()) for quotation in [*_marked(_words(content)), *set_off]]


def _set_off(body: str) -> Iterator[str]:
    """What stands in elements for quotations, each with those within it."""
    depth = start = 0
    for tag in QUOTING.finditer(body):
        if not tag[1]:
            start = start if depth else tag.end()
            depth += 1
        elif depth:
            depth -= 1
            if not depth:
                yield body[start : tag.start()]


def _marked(text: str) -> Iterator[str]:
    """What stands between quotation marks, over as many paragraphs as it takes.

    A paragraph within a quotation may begin with a mark again. What is never closed ends with its paragraph.
    """
    opened, mark, at = -1, "", 0
    while True:
        found = MARK.search(text, at)
        if found is None:
            if opened < 0:
                return
            yield text[opened : (end := _line_end(text, opened))]
            opened, at = -1, end
            continue
        at = found.end()
        first = found.start() == 0 or text[found.start() - 1] == "\n"
        if opened < 0:
            if _opens(text, found):
                opened, mark = at, found[0]
        elif first and (found[0] == mark or found[0] in CLOSING[mark]):
            yield text[opened : found.start()]
            opened = at
        elif found[0] in CLOSING[mark] and not _goes_on(text, found, mark):
            yield text[opened : found.start()]
            opened = -1
        elif found[0] == mark and _opens(text, found):
            yield text[opened : min(found.start(), _line_end(text, opened))]
            opened = at


def _opens(text: str, found: re.Match[str]) -> bool:
    if found[0] not in CLOSING:
        return False
    before, behind = text[: found.start()][-1:], text[found.end() : found.end() + 1]
    return found[0] not in AMBIGUOUS or (
        not before.isalnum() and bool(behind.strip()) and before not in (".", ",", "!")
    )


def _goes_on(text: str, found: re.Match[str], mark: str) -> bool:
    """Whether it closes nothing: an apostrophe within a word, or a mark before one."""
    letters = text[: found.start()][-1:].isalnum(), text[found.end() : found.end() + 1].isalnum()
    return (found[0] in '’"' and all(letters)) or (found[0] == mark == '"' and letters == (False, True))


def _line_end(text: str, at: int) -> int:
    end = text.find("\n", at)
    return len(text) if end < 0 else end


def _words(content: dict[str, Any]) -> str:
    """All that readers read of it."""
    pictures = [part for use in content["images"] for part in (to_text(use["caption"]), use["credit"], use["alt"])]
    return "\n".join([content["kicker"], content["standfirst"], to_text(content["body"]), *pictures])
