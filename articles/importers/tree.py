"""HTML of any quality as a small tree, and back."""

import html as entities
import re
import string
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser

import nh3

VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track", "wbr"}
# Left out with all that is inside them: nothing in there is words for readers.
DROPPED = {"script", "style", "svg", "math", "template", "noscript", "noembed", "noframes", "head", "title"}
# Elements that browsers read as text to the end of the file, or that own the page.
NEVER = {"plaintext", "xmp", "listing", "html", "body", "frameset", "frame"}
# What HTML puts in by itself.
IMPLIED = {"tbody", "tr", "colgroup", "p"}
# Deeper than people write; the tags beyond are left out, their words stay.
DEEPEST = 60

TAG_NAME = re.compile(r"<([a-zA-Z][a-zA-Z0-9:-]{0,60})")
SCHEMES = {"http", "https", "mailto", "tel", "ftp", "data", "javascript", "vbscript", "sms", "feed", "file"}


@dataclass
class Element:
    """An element with its children, each of which is an element or text."""

    name: str
    attributes: dict[str, str] = field(default_factory=dict)
    children: list["Node"] = field(default_factory=list)

    def get(self, name: str) -> str:
        return self.attributes.get(name, "")

    @property
    def classes(self) -> list[str]:
        return self.get("class").split()


Node = Element | str


@dataclass
class Parsed:
    """The tree, and what did not get into it: elements dropped with their content, and event handlers."""

    root: Element
    dropped: Counter[str]
    handlers: int


def parse(html: str) -> Parsed:
    """Read `html` as a browser would (html5ever, by way of nh3), whatever is wrong with it."""
    names = Counter(name.lower() for name in TAG_NAME.findall(html))
    handlers = 0

    def attribute(tag: str, name: str, value: str) -> str | None:
        nonlocal handlers
        if name.startswith("on"):
            handlers += 1
            return None
        return value

    balanced = nh3.clean(
        html,
        tags=(set(names) | IMPLIED) - DROPPED - NEVER,
        clean_content_tags=DROPPED,
        attributes={},
        generic_attribute_prefixes=set(string.ascii_lowercase),
        attribute_filter=attribute,
        url_schemes=SCHEMES,
        link_rel=None,
    )
    builder = _Builder()
    builder.feed(balanced)
    builder.close()
    return Parsed(builder.root, Counter({name: n for name, n in names.items() if name in DROPPED}), handlers)


def serialise(nodes: list[Node]) -> str:
    """The nodes as HTML."""
    return "".join(_written(node) for node in nodes)


def text_of(nodes: list[Node]) -> str:
    """The words of the nodes, without markup."""
    return "".join(node if isinstance(node, str) else text_of(node.children) for node in nodes)


def walk(nodes: list[Node]) -> Iterator[Element]:
    """Every element among the nodes and below them, in the order of their opening tags."""
    for node in nodes:
        if isinstance(node, Element):
            yield node
            yield from walk(node.children)


def _written(node: Node) -> str:
    if isinstance(node, str):
        return entities.escape(node, quote=False)
    attributes = "".join(f' {name}="{entities.escape(value)}"' for name, value in node.attributes.items())
    if node.name in VOID:
        return f"<{node.name}{attributes}>"
    return f"<{node.name}{attributes}>{serialise(node.children)}</{node.name}>"


class _Builder(HTMLParser):
    """Builds the tree from balanced HTML."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.root = Element("root")
        self._open = [self.root]
        self._beyond = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in VOID:
            self._open[-1].children.append(Element(tag, {name: value or "" for name, value in attrs}))
        elif len(self._open) > DEEPEST:
            self._beyond += 1
        else:
            element = Element(tag, {name: value or "" for name, value in attrs})
            self._open[-1].children.append(element)
            self._open.append(element)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in VOID:
            return
        if self._beyond:
            self._beyond -= 1
        elif len(self._open) > 1 and self._open[-1].name == tag:
            self._open.pop()

    def handle_data(self, data: str) -> None:
        children = self._open[-1].children
        if children and isinstance(children[-1], str):
            children[-1] += data
        else:
            children.append(data)
