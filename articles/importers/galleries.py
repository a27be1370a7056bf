"""Galleries in the HTML of another system: found, and taken apart into pictures with their captions."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from articles.importers.tree import Element, Node, text_of, walk

# What WordPress, its commonest plugins and its old themes call them.
CLASSES = {"gallery", "wp-block-gallery", "tiled-gallery", "wp-block-jetpack-tiled-gallery"}
CLASSES |= {"wp-block-jetpack-slideshow", "blocks-gallery-grid"}
# One of the pictures, with its caption.
PLACES = {"figure", "li", "dl", "td"}
CAPTIONS = {"figcaption", "dd"}
MARK = "data-gallery"
BELOW, IN_TEXT = "below", "in-text"


@dataclass
class Gallery:
    """The pictures of a gallery, each with its frame and the nodes of its caption, and the gallery's own caption."""

    pictures: list[tuple[Element, Element, list[Node]]] = field(default_factory=list)
    captions: list[Element] = field(default_factory=list)
    says_more: bool = False


def mark(root: Element, *, below: bool) -> int:
    """Mark each gallery below `root`, and return how many there are.

    The only one of a text goes below it where `below` allows that; of several, each belongs where it stands.
    """
    for element in walk(root.children):
        element.attributes.pop(MARK, None)
    found = list(_outermost(root.children))
    for element in found:
        element.attributes[MARK] = BELOW if below and len(found) == 1 else IN_TEXT
    return len(found)


def parted(element: Element) -> Gallery:
    """The gallery in its parts."""
    gallery = Gallery()
    _part(element.children, gallery)
    return gallery


def _outermost(nodes: list[Node]) -> Iterator[Element]:
    for node in nodes:
        if not isinstance(node, Element):
            continue
        if _is_gallery(node):
            yield node
        else:
            yield from _outermost(node.children)


def _is_gallery(element: Element) -> bool:
    """Whether these are several pictures and nothing else: words beside them would be lost in a gallery."""
    if not (CLASSES & set(element.classes) or element.name == "figure"):
        return False
    gallery = parted(element)
    return len(gallery.pictures) > 1 and not gallery.says_more


def _part(nodes: list[Node], gallery: Gallery) -> None:
    for node in nodes:
        if isinstance(node, str):
            gallery.says_more |= bool(node.strip())
        elif node.name == "img":
            gallery.pictures.append((node, node, []))
        elif node.name in CAPTIONS:
            gallery.captions.append(node)
        elif node.name in PLACES and len(images := [e for e in walk([node]) if e.name == "img"]) == 1:
            captions = [e for e in walk([node]) if e.name in CAPTIONS]
            inside: list[Node] = [child for caption in captions for child in [*caption.children, " "]]
            gallery.says_more |= text_of([node]).split() != text_of(inside).split()
            gallery.pictures.append((images[0], node, inside))
        elif node.name in {"table", "blockquote", "pre", "video", "iframe"}:
            gallery.says_more = True
        else:
            _part(node.children, gallery)
