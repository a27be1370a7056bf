"""What may change in an edition of kind "minor": a slip of typing, and nothing that readers would call news."""

import re
from collections import Counter
from typing import Any

from newsroom.lib.html import to_text

# Digits in any script, with what joins them: 1,200.50 and 14:30 and 2026-27 are one number each.
NUMBER = re.compile(r"\d+(?:[.,:/–-]\d+)*")
# What stands between quotation marks, as English, German, French, Swedish, Chinese and Japanese write them.
QUOTATION = re.compile(r"“([^“”]+)[”“]|„([^“”„]+)[“”]|«([^«»]+)»|»([^«»]+)«|\"([^\"]+)\"|「([^」]+)」|『([^』]+)』")
BLOCKQUOTE = re.compile(r"<blockquote[^>]*>(.*?)</blockquote>", re.DOTALL)


def more_than_a_slip(before: dict[str, Any], after: dict[str, Any]) -> list[str]:
    """What changed between two contents that is more than a slip of typing: of "headline", "number", "quotation"."""
    found = {
        "headline": before["headline"] != after["headline"],
        "number": _numbers(before) != _numbers(after),
        "quotation": _quotations(before) != _quotations(after),
    }
    return [name for name, changed in found.items() if changed]


def _numbers(content: dict[str, Any]) -> Counter[str]:
    return Counter(NUMBER.findall(_words(content)))


def _quotations(content: dict[str, Any]) -> Counter[str]:
    marked = ["".join(found) for found in QUOTATION.findall(_words(content))]
    set_off = [to_text(inner) for inner in BLOCKQUOTE.findall(content["body"])]
    return Counter(" ".join(quotation.split()) for quotation in marked + set_off)


def _words(content: dict[str, Any]) -> str:
    """All that readers read of it."""
    pictures = [part for use in content["images"] for part in (to_text(use["caption"]), use["credit"], use["alt"])]
    return "\n".join([content["kicker"], content["standfirst"], to_text(content["body"]), *pictures])
