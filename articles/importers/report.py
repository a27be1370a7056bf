"""What an import did, for each article: read by people as text, by programs as JSON."""

import json
from collections import Counter
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from articles.importers.items import Broken, Change, Skipped


class Outcome(StrEnum):
    """What became of an item."""

    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    EDITED = "edited here"
    FAILED = "failed"


WORDS = {
    Outcome.CREATED: gettext_lazy("imported"),
    Outcome.UPDATED: gettext_lazy("updated"),
    Outcome.UNCHANGED: gettext_lazy("unchanged"),
    Outcome.EDITED: gettext_lazy("edited here since, left alone"),
    Outcome.FAILED: gettext_lazy("not imported"),
}
# Those that leave something of the source out.
SHORT = {Outcome.EDITED, Outcome.FAILED}
EXAMPLES = 5


@dataclass
class Entry:
    """One article or page of the source."""

    file: str
    source_id: str
    headline: str
    outcome: Outcome
    state: str = ""
    article: int | None = None
    address: str = ""
    pictures: int = 0
    comments: int = 0
    problem: str = ""
    changes: list[Change] = field(default_factory=list)

    @property
    def lossless(self) -> bool:
        """Whether all that the source holds is in the newsroom now."""
        return self.outcome not in SHORT and not any(change.lost for change in self.changes)

    def as_text(self) -> str:
        lines = [f"{self.headline or self.file} ({self.file}): {WORDS[self.outcome]}, {self.state or '-'}"]
        lines += [f"  ! {self.problem}"] if self.problem else []
        counted = Counter(self.changes)
        for change, number in counted.items():
            times = f" ({number}×)" if number > 1 else ""
            lines.append(f"  {'-' if change.lost else '~'} {change.sentence}{times}")
        return "\n".join(lines)

    def as_data(self) -> dict[str, Any]:
        data = asdict(self) | {"outcome": str(self.outcome)}
        data["changes"] = [asdict(change) | {"count": n} for change, n in Counter(self.changes).items()]
        return data


@dataclass
class Report:
    """All that an import did. `rehearsal`: it only says what it would do."""

    rehearsal: bool = False
    entries: list[Entry] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)
    broken: list[Broken] = field(default_factory=list)
    pictures_added: int = 0

    @property
    def exit_status(self) -> int:
        """0 where everything went in as it was in the source, else 1."""
        whole = not self.skipped and not self.broken and all(entry.lossless for entry in self.entries)
        return 0 if whole else 1

    def totals(self) -> dict[str, int]:
        outcomes = Counter(str(entry.outcome) for entry in self.entries)
        lost = Counter(change.kind for entry in self.entries for change in entry.changes if change.lost)
        return {
            "items": len(self.entries),
            **{str(outcome): outcomes[outcome] for outcome in Outcome},
            "skipped": len(self.skipped),
            "broken files": len(self.broken),
            "pictures kept": sum(entry.pictures for entry in self.entries),
            "pictures left out": lost.pop("picture", 0),
            "pictures new in the library": self.pictures_added,
            "other losses": sum(lost.values()),
            "comments not imported yet": sum(entry.comments for entry in self.entries),
        }

    def as_json(self) -> str:
        data = {
            "dry_run": self.rehearsal,
            "totals": self.totals(),
            "articles": [entry.as_data() for entry in self.entries],
            "skipped": [asdict(each) for each in self.skipped],
            "broken": [asdict(each) for each in self.broken],
        }
        return json.dumps(data, ensure_ascii=False, indent=2)

    def summary(self) -> str:
        """What stands below the articles: what was skipped, which files are broken, and the totals."""
        lines = []
        for what, number in Counter(each.what for each in self.skipped).items():
            named = [f"{each.file}: {each.reason}" for each in self.skipped if each.what == what][:EXAMPLES]
            lines.append(_("Left out, “%(what)s”: %(number)d") % {"what": what, "number": number})
            lines += [f"  - {name}" for name in named] + (["  …"] if number > EXAMPLES else [])
        lines += [f"! {each.sentence}" for each in self.broken]
        lines += ["", _("This was a rehearsal: nothing was written.") if self.rehearsal else _("Done.")]
        lines += [f"{name}: {number}" for name, number in self.totals().items() if number]
        return "\n".join(lines)
