"""Paragraphs out of loose text, and blocks out of paragraphs: what a tree needs to be a proper body."""

import re

from articles.importers.tree import Element, Node, text_of

BLOCKS = {"p", "h2", "h3", "h4", "ul", "ol", "li", "dl", "dt", "dd", "blockquote", "pre", "hr", "figure"}
BLOCKS |= {"table", "caption", "thead", "tbody", "tfoot", "tr", "td", "th"}
# Elements in whose text a blank line begins a paragraph and a line's end a line, where the source says so.
FLOW = {"root", "div", "section", "article", "main", "header", "footer", "aside", "center", "blockquote", "details"}
FLOW |= {"td", "th", "li", "dd", "form", "figure"}
STRUCTURE = {"ul", "ol", "dl", "table", "thead", "tbody", "tfoot", "tr", "colgroup", "select"}
BREAK = Element("paragraph-break")
BLANK = re.compile(r"[ \t]*\n[ \t\n]*\n[ \t]*")


def is_block(node: Node) -> bool:
    return isinstance(node, Element) and (node.name in BLOCKS or node is BREAK)


def says_something(nodes: list[Node]) -> bool:
    """Whether there is anything to read or to see."""
    if text_of(nodes).replace("\N{NO-BREAK SPACE}", " ").replace("\N{ZERO WIDTH SPACE}", " ").strip():
        return True
    return any(isinstance(node, Element) and _seen(node) for node in nodes)


def _seen(node: Element) -> bool:
    return node.name in {"img", "hr", "figure"} or any(isinstance(c, Element) and _seen(c) for c in node.children)


def blockify(nodes: list[Node]) -> list[Node]:
    """`nodes` with every run of loose text in a paragraph, and without empty paragraphs."""
    blocks: list[Node] = []
    run: list[Node] = []
    for node in [*nodes, BREAK]:
        if not is_block(node):
            run.append(node)
            continue
        if says_something(run):
            blocks.append(Element("p", {}, _trimmed(run)))
        run = []
        if (
            isinstance(node, Element)
            and node is not BREAK
            and (node.name not in {"p", "h2", "h3", "h4"} or says_something([node]))
        ):
            blocks.append(node)
    return blocks


def eject(parent: Element, children: list[Node]) -> list[Node]:
    """`parent`, which holds no blocks, with those among its children outside of it.

    A picture in the midst of a paragraph follows it whole; other blocks part it where they stand.
    """
    children = [child for child in children if child is not BREAK or parent.name != "p"]
    if not any(is_block(child) for child in children):
        kept = _trimmed(children) if parent.name in BLOCKS - {"pre"} else children
        return [Element(parent.name, parent.attributes, kept)] if says_something(kept) else children
    parts: list[Node] = []
    after: list[Node] = []
    run: list[Node] = []
    for child in children:
        if not is_block(child):
            run.append(child)
        elif isinstance(child, Element) and child.name == "figure" and says_something(run):
            after.append(child)
        else:
            parts += [*_again(parent, run), child]
            run = []
    return [*parts, *_again(parent, run), *after]


def _again(parent: Element, run: list[Node]) -> list[Node]:
    run = _trimmed(run) if parent.name in BLOCKS else run
    if says_something(run):
        return [Element(parent.name, parent.attributes, run)]
    return [] if parent.name in BLOCKS else run


def only_pictures(items: list[Node]) -> list[Node]:
    """The figures of a list that holds nothing else, as old galleries do; empty for every other list."""
    inside = [
        child for item in items if isinstance(item, Element) for child in item.children if says_something([child])
    ]
    figures = [child for child in inside if isinstance(child, Element) and child.name == "figure"]
    is_list = all(isinstance(item, Element) and item.name == "li" for item in items)
    return list(figures) if is_list and len(figures) == len(inside) else []


def inline_only(nodes: list[Node]) -> list[Node]:
    """The words of `nodes` with their inline markup; blocks are parted by spaces, pictures go."""
    found: list[Node] = []
    for node in nodes:
        if is_block(node) and isinstance(node, Element):
            found += [" ", *inline_only(node.children), " "] if node.name != "figure" else []
        elif isinstance(node, Element) and node.name in {"img", "hr"}:
            continue
        elif isinstance(node, Element):
            found.append(Element(node.name, node.attributes, inline_only(node.children)))
        else:
            found.append(node)
    return _trimmed(found)


def with_breaks(node: Element) -> Element:
    """The element with paragraphs and lines where its text has blank lines and ends of lines, as WordPress reads it."""
    new = Element(node.name, {k: v for k, v in node.attributes.items() if k != "data-lines"})
    for child in node.children:
        if isinstance(child, Element):
            new.children.append(child if child.name == "pre" else with_breaks(child))
        elif node.name in STRUCTURE:
            new.children.append(child)
        else:
            new.children += _lines(child, flow=node.name in FLOW)
    return _without_lines_beside_blocks(new)


def _lines(text: str, *, flow: bool) -> list[Node]:
    parts: list[Node] = []
    for number, paragraph in enumerate(BLANK.split(text)):
        if number:
            parts += [BREAK] if flow else [Element("br"), Element("br")]
        for place, line in enumerate(paragraph.split("\n")):
            parts += [Element("br"), line] if place else [line]
    return [part for part in parts if part != ""]


def _without_lines_beside_blocks(node: Element) -> Element:
    """Ends of lines beside a paragraph, list or table say nothing."""
    kept: list[Node] = []
    children = node.children
    for place, child in enumerate(children):
        if isinstance(child, Element) and child.name == "br":
            beside = [*_next(children[place + 1 :]), *_next(children[:place][::-1])]
            if any(b is BREAK or (b.name in BLOCKS | FLOW | {"br"} and b.name != "br") for b in beside):
                continue
        kept.append(child)
    return Element(node.name, node.attributes, kept)


def _next(nodes: list[Node]) -> list[Element]:
    """The first of the nodes that is not blank, if it is an element."""
    for node in nodes[:3]:
        if isinstance(node, Element):
            return [node]
        if node.strip():
            return []
    return []


def _trimmed(run: list[Node]) -> list[Node]:
    """The run without blanks and ends of lines at its two ends."""
    run = list(run)
    while run and _blank(run[0]):
        run.pop(0)
    while run and _blank(run[-1]):
        run.pop()
    if run and isinstance(run[0], str):
        run[0] = run[0].lstrip()
    if run and isinstance(run[-1], str):
        run[-1] = run[-1].rstrip()
    return run


def _blank(node: Node) -> bool:
    return not node.strip() if isinstance(node, str) else node.name == "br"
