"""What a page is made of, as a browser would take it."""

import json
import os
from html.parser import HTMLParser
from pathlib import Path

import pytest


class Elements(HTMLParser):
    """All elements of a piece of HTML, with their attributes."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


def assert_harmless(html: str) -> None:
    """No element that acts, no attribute that acts, and links only to where a comment may lead."""
    for tag, attributes in Elements(html).found:
        assert tag not in {"script", "style", "iframe", "object", "embed", "svg", "math", "base", "img", "video"}, tag
        assert not any(name.startswith("on") or name in {"style", "srcdoc"} for name in attributes), attributes
        for name in ("href", "src", "action", "cite"):
            address = attributes.get(name) or "/"
            assert address.startswith(("http://", "https://", "/", "#", "?")), address


def naughty_strings() -> list[str]:
    """The Big List of Naughty Strings; skips where the test data is not there."""
    folder = os.environ.get("NEWSROOM_TEST_DATA")
    if not folder:
        pytest.skip("NEWSROOM_TEST_DATA is not set: the attack strings are not part of this project.")
    file = Path(folder) / "attack-strings" / "naughty-strings" / "blns.json"
    return [written for written in json.loads(file.read_text()) if written]
