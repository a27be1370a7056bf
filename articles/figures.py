"""Figures in a body: found in HTML that passed the allow-list, taken apart, and put together again."""

import html as entities
import re
from collections.abc import Iterator
from dataclasses import dataclass

from newsroom.lib.html import to_text

# The sanitiser writes each attribute as name="value" with quotes escaped, so that a tag is exactly this.
TAG = re.compile(r'<(/?)([a-z][a-z0-9]*)((?:\s+[a-z][a-z0-9-]*="[^"]*")*)\s*>')
ATTRIBUTE = re.compile(r'([a-z][a-z0-9-]*)="([^"]*)"')
CAPTION = re.compile(r"<figcaption[^>]*>(.*?)</figcaption>", re.DOTALL)


@dataclass(frozen=True)
class Figure:
    """A picture of the library in the text. Empty words mean: the library's own.

    `caption` is inline HTML that passed the allow-list; `layout` is a class such as "wide", or "".
    """

    image_id: int
    alt: str = ""
    caption: str = ""
    credit: str = ""
    decorative: bool = False
    layout: str = ""

    @property
    def caption_text(self) -> str:
        return to_text(self.caption)


def segments(html: str) -> list[str | Figure]:
    """Part `html`, as newsroom.lib.html.clean returns it, into text and figures, in order."""
    parts: list[str | Figure] = []
    done = 0
    for start, end in _figure_spans(html):
        parts += [html[done:start], _figure(html[start:end])]
        done = end
    return [part for part in [*parts, html[done:]] if part]


def figures(html: str) -> list[Figure]:
    """The figures of `html`, in order."""
    return [part for part in segments(html) if isinstance(part, Figure)]


def markup(figure: Figure) -> str:
    """The figure as a body stores it."""
    attributes = {"data-image": str(figure.image_id)}
    if figure.credit:
        attributes["data-credit"] = figure.credit
    if figure.decorative:
        attributes["data-decorative"] = "true"
    if figure.layout:
        attributes["class"] = figure.layout
    written = "".join(f' {name}="{entities.escape(value)}"' for name, value in attributes.items())
    caption = f"<figcaption>{figure.caption}</figcaption>"
    return f'<figure{written}><img alt="{entities.escape(figure.alt)}">{caption}</figure>'


def _figure_spans(html: str) -> Iterator[tuple[int, int]]:
    """Start and end of each outermost figure that names an image; one within another is part of it."""
    start, depth = 0, 0
    for tag in TAG.finditer(html):
        closing, name, attributes = tag.groups()
        if name != "figure":
            continue
        if closing and depth:
            depth -= 1
            if not depth:
                yield start, tag.end()
        elif not closing and (depth or "data-image=" in attributes):
            start = start if depth else tag.start()
            depth += 1


def _figure(html: str) -> Figure:
    opening = TAG.match(html)
    outer = _attributes(opening[3]) if opening else {}
    image = next((tag for tag in TAG.finditer(html) if tag[2] == "img"), None)
    caption = CAPTION.search(html)
    return Figure(
        image_id=int(outer.get("data-image", "0")),
        alt=_attributes(image[3]).get("alt", "") if image else "",
        caption=caption[1].strip() if caption else "",
        credit=outer.get("data-credit", ""),
        decorative=outer.get("data-decorative") == "true",
        layout=outer.get("class", ""),
    )


def _attributes(written: str) -> dict[str, str]:
    return {name: entities.unescape(value) for name, value in ATTRIBUTE.findall(written)}
