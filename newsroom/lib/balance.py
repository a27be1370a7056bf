"""Well-formed HTML from any stream of tokens: closed, nested within a bound, and without empty husks."""

import html
from collections.abc import Iterable

from newsroom.lib.markup import End, Start, Text, Token

DEPTH = 64  # Real articles stay under twenty.

VOID = frozenset(["br", "hr", "img"])
HEADINGS = frozenset(["h2", "h3", "h4"])
CELLS = frozenset(["td", "th"])
BLOCKS = HEADINGS | {"p", "ul", "ol", "dl", "blockquote", "pre", "table", "figure", "hr"}
INLINE_ONLY = HEADINGS | {"p", "pre"}
# Start tag -> (elements that it ends, elements beyond which it does not look).
_ENDS: dict[str, tuple[frozenset[str], frozenset[str]]] = {
    "li": (frozenset(["li"]), frozenset(["ul", "ol"])),
    "dt": (frozenset(["dt", "dd"]), frozenset(["dl"])),
    "dd": (frozenset(["dt", "dd"]), frozenset(["dl"])),
    "td": (CELLS, frozenset(["tr"])),
    "th": (CELLS, frozenset(["tr"])),
    "tr": (frozenset(["tr", "caption"]), frozenset(["thead", "tbody", "tfoot"])),
    "thead": (frozenset(["thead", "tbody", "tfoot", "caption"]), frozenset()),
    "tbody": (frozenset(["thead", "tbody", "tfoot", "caption"]), frozenset()),
    "tfoot": (frozenset(["thead", "tbody", "tfoot", "caption"]), frozenset()),
    "caption": (frozenset(["caption"]), frozenset(["tr", "thead", "tbody", "tfoot"])),
    "a": (frozenset(["a"]), frozenset()),
}
_IN_TABLE = CELLS | {"tr", "thead", "tbody", "tfoot", "caption"}
_HOMES = {"li": {"ul", "ol"}, "dt": {"dl"}, "dd": {"dl"}} | {name: {"table"} for name in _IN_TABLE}
# An end tag does not reach through these to an element outside.
_WALLS = CELLS | {"table", "caption", "figure", "figcaption"}
_SPACE = " \t\n\f"
_MAY_BE_EMPTY = CELLS | {"figure", "figcaption"}


class _Open:
    """An element that is still open. `silent`: it is tracked for its end tag, but not written."""

    def __init__(self, name: str, begins: int, *, silent: bool) -> None:
        self.name, self.begins, self.silent, self.filled = name, begins, silent, False


class _Writer:
    def __init__(self) -> None:
        self.parts: list[str] = []
        self.open: list[_Open] = []
        # Whether the next text stands beside the tag of a block.
        self.at_edge = True

    def text(self, source: str) -> None:
        if self.at_edge:
            # A browser drops the first line feed of a `pre`, and shows no space at the edge of other blocks.
            source = source.lstrip("\n" if self._in_pre() else _SPACE)
        if not source:
            return
        says_something = bool(source.replace("&nbsp;", "").strip())
        if says_something and not self.open:
            self.start("p", {})
        self.parts.append(source)
        self.at_edge = False
        if says_something:
            self._fill()

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name in _HOMES and not self._is_open(_HOMES[name], beyond=frozenset()):
            if name in _IN_TABLE:
                return
            name = "p"
        if name == "p" and self._is_open(INLINE_ONLY - {"p"}, beyond=_WALLS):
            self.text(" " if self.open[-1].filled else "")
            return
        if name in BLOCKS:
            self._close(INLINE_ONLY, beyond=_WALLS)
        elif not self.open and name not in _HOMES:
            self.start("p", {})  # No words stand loose in a body.
        if name in _ENDS:
            ends, beyond = _ENDS[name]
            self._close(ends, beyond=beyond | {"table", "figcaption"})
        if name in VOID:
            self._write(name, _tag(name, attributes))
            if name != "br":
                self._fill()
        elif len(self.open) < DEPTH:
            silent = (name == "a" and "href" not in attributes) or (name == "span" and not attributes)
            self.open.append(_Open(name, len(self.parts), silent=silent))
            if not silent:
                self._write(name, _tag(name, attributes))

    def end(self, name: str) -> None:
        beyond = frozenset(["table"]) if name in _IN_TABLE else _WALLS
        self._close(frozenset([name]), beyond=beyond - {name})

    def close_all(self) -> None:
        while self.open:
            self._pop()

    def _fill(self) -> None:
        if self.open:
            self.open[-1].filled = True

    def _is_open(self, names: Iterable[str], *, beyond: frozenset[str]) -> bool:
        return self._depth_of(frozenset(names), beyond=beyond) is not None

    def _depth_of(self, names: frozenset[str], *, beyond: frozenset[str]) -> int | None:
        for depth in range(len(self.open) - 1, -1, -1):
            if self.open[depth].name in names:
                return depth
            if self.open[depth].name in beyond:
                return None
        return None

    def _close(self, names: frozenset[str], *, beyond: frozenset[str]) -> None:
        depth = self._depth_of(names, beyond=beyond)
        while depth is not None and len(self.open) > depth:
            self._pop()

    def _pop(self) -> None:
        element = self.open.pop()
        if element.silent:
            if element.filled:
                self._fill()
        elif element.filled:
            self._write(element.name, f"</{element.name}>", in_pre=element.name == "pre")
            self._fill()
        elif element.name in _MAY_BE_EMPTY:
            del self.parts[element.begins + 1 :]
            self._write(element.name, f"</{element.name}>")
            self._fill()
        elif _is_block(element.name):
            del self.parts[element.begins :]
            self.at_edge = True
        else:
            # Nothing to read in it, but its spaces and breaks part the words around it.
            del self.parts[element.begins]

    def _write(self, name: str, tag: str, *, in_pre: bool = False) -> None:
        if _is_block(name):
            if self.parts and not self.parts[-1].startswith("<") and not in_pre:
                self.parts[-1] = self.parts[-1].rstrip(_SPACE)
            self.at_edge = True
        elif name != "br":
            self.at_edge = self.at_edge and not self._in_pre()
        self.parts.append(tag)

    def _in_pre(self) -> bool:
        return any(element.name == "pre" for element in self.open)


def _is_block(name: str) -> bool:
    return name in BLOCKS or name in _HOMES or name == "figcaption"


def _tag(name: str, attributes: dict[str, str]) -> str:
    written = "".join(f' {key}="{html.escape(value)}"' for key, value in attributes.items())
    return f"<{name}{written}>"


def balanced(tokens: Iterable[Token]) -> str:
    """The HTML of `tokens`: each element closed in its place, at most DEPTH of them inside each other."""
    writer = _Writer()
    for token in tokens:
        match token:
            case Text(source):
                writer.text(source)
            case Start(name, attributes):
                writer.start(name, attributes)
            case End("br"):
                writer.start("br", {})
            case End(name):
                writer.end(name)
    writer.close_all()
    return "".join(writer.parts)
