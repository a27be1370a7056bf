"""The demo's texts: Markdown files with a head in YAML, and the lists in town.yaml."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from markdown_it import MarkdownIt

HERE = Path(__file__).parent
LANGUAGE = "en"  # of every text whose head names no other, whatever the site's own language is
MARKDOWN = MarkdownIt("commonmark", {"html": False}).enable("table")
# A picture alone on its line: ![own caption](name of the scene "layout").
PICTURE = re.compile(r'^!\[(?P<caption>[^\]\n]*)\]\((?P<scene>\w+)(?: "(?P<layout>[\w-]+)")?\)$', re.MULTILINE)

# Makes a figure of the scene's name, the caption in Markdown, and the layout.
Figures = Callable[[str, str, str], str]


@dataclass(frozen=True)
class Text:
    """One file: its name without the ending, its head, and its body in Markdown."""

    name: str
    head: dict[str, Any]
    body: str

    def html(self, figures: Figures) -> str:
        """The body as HTML, its pictures made by `figures`."""
        parts, done = [], 0
        for match in PICTURE.finditer(self.body):
            parts.append(MARKDOWN.render(self.body[done : match.start()]))
            parts.append(figures(match["scene"], match["caption"], match["layout"] or ""))
            done = match.end()
        return "".join([*parts, MARKDOWN.render(self.body[done:])])


def articles() -> list[Text]:
    """All articles, the oldest first, as a newsroom would have written them."""
    return sorted(_read("articles"), key=lambda text: (-text.head["hours"], text.name))


def pages() -> list[Text]:
    return _read("pages")


def language(text: Text) -> str:
    """The language that a text is written in."""
    return str(text.head.get("language", LANGUAGE))


@cache
def town() -> dict[str, Any]:
    return yaml.safe_load((HERE / "town.yaml").read_text(encoding="utf-8"))


@cache
def picture_words() -> dict[str, dict[str, Any]]:
    """What the library says of every scene, by its name."""
    return yaml.safe_load((HERE / "pictures.yaml").read_text(encoding="utf-8"))


def _read(folder: str) -> list[Text]:
    return [_text(path) for path in sorted((HERE / folder).glob("*.md"))]


def _text(path: Path) -> Text:
    _, head, body = path.read_text(encoding="utf-8").split("---\n", 2)
    return Text(path.stem, yaml.safe_load(head), body)
