"""Front matter: the head of a Markdown file, in YAML (Jekyll, Hugo), TOML or JSON (Hugo)."""

import json
import re
import tomllib
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import yaml
from django.utils.translation import gettext as _

from articles.importers.items import Unreadable

MAX_FILE = 5 * 1024 * 1024
MAX_HEAD = 256 * 1024
YAML_END = re.compile(r"^(?:---|\.\.\.)[ \t]*$", re.MULTILINE)
TOML_END = re.compile(r"^\+\+\+[ \t]*$", re.MULTILINE)


@dataclass(frozen=True)
class Document:
    """A file's head, with lower-case keys and every scalar as text, and its body."""

    head: dict[str, Any]
    body: str

    def text(self, *keys: str) -> str:
        """The first of `keys` that holds words, else ""."""
        for key in keys:
            value = self.head.get(key)
            if isinstance(value, str) and value.strip():
                return value.strip()
        return ""

    def words(self, *keys: str) -> list[str]:
        """All words of a list, or of a text parted by commas, below the first of `keys` that has any."""
        for key in keys:
            if found := _flat(self.head.get(key)):
                return found
        return []

    def says(self, key: str, answer: bool) -> bool:
        """Whether the head says `answer` (true or false) about `key`."""
        yes, no = {"true", "yes", "on", "1"}, {"false", "no", "off", "0"}
        return self.text(key).lower() in (yes if answer else no)


def read(path: Path, name: str) -> Document | None:
    """The document at `path`, or None where it has no front matter. Raises Unreadable, naming it `name`."""
    text = _decoded(path, name)
    above = len(text) - len(text.lstrip())  # Hugo takes blank lines above the head
    blank, text = text.count("\n", 0, above), text[above:]
    if text.startswith("---"):
        return _parted(text, YAML_END, partial(_yaml, blank=blank), name)
    if text.startswith("+++"):
        return _parted(text, TOML_END, _toml, name)
    if text.startswith("{\n"):
        return _json(text, name)
    return None


def load_yaml(path: Path) -> Any:
    """A data file's content with every scalar as text, or None where it cannot be read."""
    try:
        return yaml.load(path.read_text("utf-8-sig"), Loader=yaml.BaseLoader)  # noqa: S506  (see _yaml)
    except (OSError, ValueError, yaml.YAMLError, RecursionError):
        return None


def _decoded(path: Path, name: str) -> str:
    try:
        data = path.open("rb").read(MAX_FILE + 1)
    except OSError as error:
        raise Unreadable(_("%(file)s cannot be read: %(why)s.") % {"file": name, "why": error.strerror}) from error
    if len(data) > MAX_FILE:
        raise Unreadable(_("%(file)s is larger than 5 MB, which is too long for an article.") % {"file": name})
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise Unreadable(
            _("%(file)s, line %(line)d: the text is not in UTF-8. Save the file as UTF-8 and import it again.")
            % {"file": name, "line": line}
        ) from error
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _parted(text: str, end: re.Pattern[str], load: Any, name: str) -> Document | None:
    first = text.find("\n")
    if first < 0 or text[:first].strip() not in {"---", "+++"}:
        return None
    close = end.search(text, first + 1)
    if not close:
        raise Unreadable(_("%(file)s: the front matter has no end. Close it with a line of its own.") % {"file": name})
    head = text[first + 1 : close.start()]
    if len(head) > MAX_HEAD:
        raise Unreadable(_("%(file)s: the front matter is too long to be one.") % {"file": name})
    return Document(_lowered(load(head, name), name), text[close.end() :].lstrip("\n"))


def _yaml(head: str, name: str, blank: int = 0) -> Any:
    """Every scalar stays text: "no" is Norwegian, and a date that no calendar has is still to be told.

    BaseLoader makes nothing but texts, lists and mappings, so it is safer than the safe loader.
    """
    try:
        return yaml.load(head, Loader=yaml.BaseLoader) or {}  # noqa: S506
    except yaml.MarkedYAMLError as error:
        if "\t" in head:  # YAML forbids tabs where other readers take them for blanks
            return _yaml(head.expandtabs(2), name, blank)
        line = (error.problem_mark.line if error.problem_mark else 0) + 2 + blank
        raise Unreadable(
            _("%(file)s, line %(line)d: the front matter is not valid YAML (%(why)s).")
            % {"file": name, "line": line, "why": error.problem or error.context}
        ) from error
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise Unreadable(_("%(file)s: the front matter is not valid YAML.") % {"file": name}) from error


def _toml(head: str, name: str) -> Any:
    try:
        return _as_text(tomllib.loads(head))
    except (ValueError, RecursionError) as error:
        raise Unreadable(
            _("%(file)s: the front matter is not valid TOML (%(why)s).") % {"file": name, "why": error}
        ) from error


def _json(text: str, name: str) -> Document:
    try:
        head, end = json.JSONDecoder().raw_decode(text)
        return Document(_lowered(_as_text(head), name), text[end:].lstrip("\n"))
    except (ValueError, RecursionError) as error:
        raise Unreadable(
            _("%(file)s: the front matter is not valid JSON (%(why)s).") % {"file": name, "why": error}
        ) from error


def _as_text(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(key): _as_text(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_as_text(inner) for inner in value]
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)


def _lowered(head: Any, name: str) -> dict[str, Any]:
    if not isinstance(head, dict):
        raise Unreadable(_("%(file)s: the front matter names no fields.") % {"file": name})
    return {str(key).strip().lower(): value for key, value in head.items()}


def _flat(value: Any) -> list[str]:
    """One level of a list, a mapping's name, or a text parted by commas."""
    if isinstance(value, str):
        return [part.strip() for part in value.split(",") if part.strip()]
    if isinstance(value, dict):
        value = [value]
    if not isinstance(value, list):
        return []
    found = [inner.get("name", "") if isinstance(inner, dict) else inner for inner in value]
    return [text.strip() for text in found if isinstance(text, str) and text.strip()]
