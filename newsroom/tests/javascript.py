"""Reads data that is written as a JavaScript literal: lists, objects and strings, with comments and spare commas."""

import re
from typing import Any

_SPACE = re.compile(r"(?:\s+|//[^\n]*|/\*.*?\*/)*", re.DOTALL)
_STRING = re.compile(r'"((?:[^"\\\n]|\\.)*)"' + r"|'((?:[^'\\\n]|\\.)*)'" + r"|`((?:[^`\\]|\\.)*)`", re.DOTALL)
_WORD = re.compile(r"[A-Za-z_$][\w$]*")
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?")
_ESCAPE = re.compile(r"\\(?:u\{([0-9a-fA-F]+)\}|u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|(\r?\n)|(.))", re.DOTALL)
_NAMED = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f", "v": "\v", "0": "\0"}
_WORDS = {"true": True, "false": False, "null": None, "undefined": None}


def read_literal(source: str) -> Any:
    """The value of the literal that `source` begins with. Raises ValueError where it is none."""
    value, _end = _value(source, _after_space(source, 0))
    return value


def _after_space(source: str, at: int) -> int:
    found = _SPACE.match(source, at)
    return found.end() if found else at


def _value(source: str, at: int) -> tuple[Any, int]:
    if source[at] == "[":
        return _list(source, at + 1)
    if source[at] == "{":
        return _object(source, at + 1)
    if found := _STRING.match(source, at):
        return _strings(source, found)
    if found := _NUMBER.match(source, at):
        return float(found[0]), found.end()
    if (found := _WORD.match(source, at)) and found[0] in _WORDS:
        return _WORDS[found[0]], found.end()
    raise ValueError(f"No literal at {at}: {source[at : at + 40]!r}")


def _strings(source: str, found: re.Match[str]) -> tuple[str, int]:
    """A string, or several joined by plus signs."""
    text, end = _unescaped(found), found.end()
    while source[(plus := _after_space(source, end))] == "+":
        further = _STRING.match(source, _after_space(source, plus + 1))
        if not further:
            raise ValueError(f"Not a string after the plus sign at {plus}.")
        text, end = text + _unescaped(further), further.end()
    return text, end


def _unescaped(found: re.Match[str]) -> str:
    raw = next(group for group in found.groups() if group is not None)

    def read(escape: re.Match[str]) -> str:
        code = escape[1] or escape[2] or escape[3]
        if code:
            return chr(int(code, 16))
        return "" if escape[4] else _NAMED.get(escape[5], escape[5])

    text = _ESCAPE.sub(read, raw)
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _list(source: str, at: int) -> tuple[list[Any], int]:
    items = []
    while source[(at := _after_space(source, at))] != "]":
        item, at = _value(source, at)
        items.append(item)
        at = _after_comma(source, at, "]")
    return items, at + 1


def _object(source: str, at: int) -> tuple[dict[str, Any], int]:
    items = {}
    while source[(at := _after_space(source, at))] != "}":
        if word := _WORD.match(source, at):
            key, at = word[0], word.end()
        else:
            key, at = _value(source, at)
        at = _after_space(source, at)
        if source[at] != ":":
            raise ValueError(f"No colon at {at}.")
        items[key], at = _value(source, _after_space(source, at + 1))
        at = _after_comma(source, at, "}")
    return items, at + 1


def _after_comma(source: str, at: int, closing: str) -> int:
    at = _after_space(source, at)
    if source[at] == ",":
        return at + 1
    if source[at] != closing:
        raise ValueError(f"Neither a comma nor {closing} at {at}.")
    return at
