"""What stands around the Markdown files of a Jekyll or Hugo site: names of authors and topics, words of pictures."""

import os
import re
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import Any

from articles.importers import front_matter
from articles.importers.items import Picture, Unreadable
from newsroom.lib.html import to_text

SUFFIXES = {".md", ".markdown", ".mdown", ".mkd"}
LEFT_ALONE = {"node_modules", "_site", "vendor", "public", "themes", "_includes", "_layouts", "_sass"}
UID = re.compile(r"[\w.-]{1,200}")
PEOPLE, SUBJECTS = ("authors", "_authors"), ("topics", "tags", "categories")


class Site:
    """The site that a file or directory belongs to. Its root is known by the path alone, never searched for."""

    def __init__(self, path: Path) -> None:
        self.path = path.resolve()
        self.start = self.path if self.path.is_dir() else self.path.parent
        self.root = _root(self.start)

    def files(self) -> Iterator[Path]:
        """The Markdown files at or below the path, in the order of their names. Links are not followed."""
        yield from [self.path] if self.path.is_file() else self._below(self.start)

    def name_of(self, file: Path) -> str:
        """The file's path within the site, which is its name for good."""
        name = file.relative_to(self.root).as_posix()
        return name.encode("utf-8", "surrogateescape").decode("utf-8", "replace")

    @cached_property
    def stems(self) -> dict[str, Path]:
        """Every Markdown file of the site by its name without folders, as `ref` and `post_url` name it."""
        return {file.name: file for file in self._below(self.root)}

    def author(self, slug: str) -> str:
        """The name of the author whose slug it is, or ""."""
        return self._people.get(slug.lower(), "")

    def topic(self, slug: str) -> str:
        return self._named_in(SUBJECTS).get(slug.lower(), "")

    def picture(self, uid: str) -> Picture | None:
        """The picture that the site's data describes under `uid`: its file name, caption, credit and alt text."""
        if not UID.fullmatch(uid) or uid.startswith("."):
            return None
        data = front_matter.load_yaml(self.root / "data" / "images" / f"{uid}.yml")
        if not isinstance(data, dict):
            return None
        said = {key: to_text(str(data.get(key) or "")) for key in ("alt", "caption", "credit", "format")}
        file = f"{uid}.{said['format'] or 'jpg'}"
        return Picture(source=file, alt=said["alt"], caption=said["caption"], credit=said["credit"])

    @cached_property
    def _people(self) -> dict[str, str]:
        return self._named_in(PEOPLE) | self._people_in_data()

    def _people_in_data(self) -> dict[str, str]:
        """Jekyll's habit: _data/authors.yml, a mapping from slugs to {name or full_name}."""
        found: dict[str, str] = {}
        for name in ("authors", "team"):
            data = front_matter.load_yaml(self.root / "_data" / f"{name}.yml")
            for slug, person in data.items() if isinstance(data, dict) else ():
                said = _first(person, "display_name", "full_name", "name") if isinstance(person, dict) else person
                if isinstance(said, str) and said:
                    found[str(slug).lower()] = said
        return found

    def _named_in(self, folders: tuple[str, ...]) -> dict[str, str]:
        """Hugo's habit: content/authors/<slug>/_index.md with a display_name or title."""
        key = "/".join(folders)
        if key not in self._names:
            self._names[key] = dict(self._indexes(folders))
        return self._names[key]

    @cached_property
    def _names(self) -> dict[str, dict[str, str]]:
        return {}

    def _indexes(self, folders: tuple[str, ...]) -> Iterator[tuple[str, str]]:
        for folder in folders:
            for pattern in (f"content/{folder}/*/_index.md", f"{folder}/*.md"):
                for file in sorted(self.root.glob(pattern)):
                    if name := _name_in(file):
                        yield (file.parent.name if file.stem == "_index" else file.stem).lower(), name

    def _below(self, folder: Path) -> Iterator[Path]:
        for here, folders, names in os.walk(folder):
            folders[:] = sorted(name for name in folders if name[0] != "." and name not in LEFT_ALONE)
            for name in sorted(names):
                file = Path(here, name)
                if file.suffix.lower() in SUFFIXES and not file.is_symlink():
                    yield file


def _root(start: Path) -> Path:
    """Where the site begins: above `content` (Hugo) or a folder of a collection such as `_posts` (Jekyll)."""
    for folder in reversed([start, *start.parents]):
        if folder.name == "content" or (folder.name.startswith("_") and len(folder.name) > 1):
            return folder.parent
    return start


def _name_in(file: Path) -> str:
    try:
        document = front_matter.read(file, file.name)
    except Unreadable:
        return ""
    return document.text("display_name", "full_name", "name", "title") if document else ""


def _first(person: dict[str, Any], *keys: str) -> str:
    return next((str(person[key]) for key in keys if person.get(key)), "")
