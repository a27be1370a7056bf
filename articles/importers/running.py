"""An import from its beginning to its end."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from django.utils.translation import gettext as _

from articles.importers import markdown, site, wordpress_items
from articles.importers.items import Broken, Item, Skipped
from articles.importers.pictures import Pictures
from articles.importers.report import Entry, Report
from articles.importers.site import Site
from articles.importers.writing import Writer

FORMATS = ("wordpress", "markdown")


class WrongUse(Exception):
    """The import cannot begin. As text: what to do instead."""


@dataclass(frozen=True)
class Order:
    """What to import, and how."""

    path: Path
    format: str = ""
    media: Path | None = None
    section: str = "News"
    language: str = ""
    rehearse: bool = False


def run(order: Order, told: Callable[[Entry], None] = lambda entry: None) -> Report:
    """Import what `order` says, telling of each article as soon as it is done. Raises WrongUse."""
    if not order.path.exists():
        raise WrongUse(_("%(path)s does not exist. Name an export, or a folder of articles.") % {"path": order.path})
    kind = order.format or kind_of(order.path)
    if order.media and not order.media.is_dir():
        raise WrongUse(_("%(path)s is not a folder. Name the folder that holds the pictures.") % {"path": order.media})
    report = Report(order.rehearse)
    pictures = _pictures(order, kind)
    writer = Writer(pictures, order.section, order.language, order.rehearse)
    for found in _items(order.path, kind):
        if isinstance(found, Item):
            entry = writer.write(found)
            report.entries.append(entry)
            told(entry)
        elif isinstance(found, Skipped):
            report.skipped.append(found)
        else:
            report.broken.append(found)
    report.pictures_added = pictures.added
    return report


def kind_of(path: Path) -> str:
    """The format of what lies at `path`, by the names of its files. Raises WrongUse."""
    files = [path] if path.is_file() else path.rglob("*") if path.is_dir() else []
    suffixes = {file.suffix.lower() for file in files}
    kinds = [
        kind
        for kind, known in (("wordpress", wordpress_items.SUFFIXES), ("markdown", site.SUFFIXES))
        if suffixes & known
    ]
    if len(kinds) == 1:
        return kinds[0]
    raise WrongUse(_("Which format is %(path)s? Say --format wordpress or --format markdown.") % {"path": path})


def _items(path: Path, kind: str) -> Iterator[Item | Skipped | Broken]:
    return wordpress_items.items(path) if kind == "wordpress" else markdown.items(path)


def _pictures(order: Order, kind: str) -> Pictures:
    """A Markdown site brings its pictures along; those of a WordPress site lie where --media says."""
    if kind == "wordpress":
        return Pictures(order.media, source="wordpress", loosely=True, rehearse=order.rehearse)
    root = Site(order.path).root
    return Pictures(order.media or root, source=f"markdown:{root.name}", rehearse=order.rehearse)
