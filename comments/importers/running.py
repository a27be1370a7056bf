"""An import of comments from its beginning to its end, and what is told of it."""

import json
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from django.utils.translation import gettext as _

from comments.importers import disqus, wordpress
from comments.importers.items import Broken, Said, Skipped, Thread
from comments.importers.spool import Spool
from comments.importers.writing import Kept, Writer

FORMATS = {"wordpress": wordpress.items, "disqus": disqus.items}
SUFFIXES = {".xml", ".wxr", ".rss"}
# Enough of a file to tell what it is.
BEGINNING = 4096


class WrongUse(Exception):
    """The import cannot begin. As text: what to do instead."""


@dataclass(frozen=True)
class Order:
    """What to import, and how. `addresses`: whether the authors' email addresses are kept."""

    path: Path
    format: str = ""
    addresses: bool = True
    rehearse: bool = False


@dataclass
class Report:
    """What an import did: sentences for all that is not as it was, and how many of each."""

    rehearsal: bool = False
    kept: Counter[str] = field(default_factory=Counter)
    before: int = 0
    skipped: Counter[str] = field(default_factory=Counter)
    lossless: bool = True
    sentences: list[str] = field(default_factory=list)

    @property
    def exit_status(self) -> int:
        """0 where every comment of a reader is in the newsroom now, else 1."""
        return 0 if self.lossless else 1

    def add(self, found: Kept | Skipped | Broken) -> str:
        """Count it. Returns its sentence, or ""."""
        sentence = self._count(found)
        if sentence:
            self.sentences.append(sentence)
        return sentence

    def _count(self, found: Kept | Skipped | Broken) -> str:
        if isinstance(found, Kept):
            if not found.new:
                self.before += 1
                return ""
            self.kept[found.state.value] += 1
            return found.note
        self.lossless = self.lossless and isinstance(found, Skipped) and found.meant
        self.skipped["broken file" if isinstance(found, Broken) else found.what] += 1
        return found.sentence

    def totals(self) -> dict[str, int]:
        kept = {f"imported, {state}": number for state, number in sorted(self.kept.items())}
        left_out = {f"left out, {what}": number for what, number in sorted(self.skipped.items())}
        return {"imported": self.kept.total(), **kept, "here before": self.before, **left_out}

    def summary(self) -> str:
        lines = [_("This was a rehearsal: nothing was written.") if self.rehearsal else _("Done.")]
        return "\n".join([*lines, *(f"{name}: {number}" for name, number in self.totals().items())])

    def as_json(self) -> str:
        data = {"dry_run": self.rehearsal, "totals": self.totals(), "sentences": self.sentences}
        return json.dumps(data, ensure_ascii=False, indent=2)


def run(order: Order, told: Callable[[str], None] = lambda sentence: None) -> Report:
    """Import what `order` says, telling each sentence as soon as it is known. Raises WrongUse.

    Comments that are here already are left as they are: they may have been decided on, withdrawn or erased since.
    """
    report, files = Report(order.rehearse), _files(order.path)
    with Spool() as spool:
        for file in files:
            for found in _items(file, order.format):
                if isinstance(found, Thread):
                    spool.add_thread(found)
                elif isinstance(found, Said):
                    spool.add(found)
                else:
                    _tell(report, found, told)
        writer = Writer(addresses=order.addresses, rehearse=order.rehearse)
        for thread, comments in spool.threads():
            for result in writer.write(thread, comments):
                _tell(report, result, told)
    return report


def _tell(report: Report, found: Kept | Skipped | Broken, told: Callable[[str], None]) -> None:
    if sentence := report.add(found):
        told(sentence)


def _files(path: Path) -> list[Path]:
    if not path.exists():
        raise WrongUse(_("%(path)s does not exist. Name an export, or a folder of them.") % {"path": path})
    files = [path] if path.is_file() else sorted(f for f in path.rglob("*") if f.suffix in SUFFIXES and f.is_file())
    if not files:
        raise WrongUse(_("%(path)s holds no export. Name an XML file of WordPress or Disqus.") % {"path": path})
    return files


def _items(file: Path, kind: str) -> Iterator[Thread | Said | Skipped | Broken]:
    return FORMATS[kind or kind_of(file)](file, file.name)


def kind_of(file: Path) -> str:
    """The format of a file, by its beginning; WordPress where that says nothing."""
    try:
        with file.open("rb") as opened:
            return "disqus" if b"disqus.com" in opened.read(BEGINNING) else "wordpress"
    except OSError:
        return "wordpress"
