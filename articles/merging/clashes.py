"""What two sides changed in different ways, so that an editor has to choose."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

MINE, THEIRS, BOTH = "mine", "theirs", "both"


class Undecided(ValueError):
    """A choice is missing, or is none that its clash offers. As text: the key of the clash."""


@dataclass(frozen=True)
class Clash:
    """Two different changes of one thing. The key is the same whenever the same three values meet.

    Values are as in a content: text, a key, a list of keys, HTML of blocks (field "body") or a list
    of uses of images (fields "lead" and "gallery").
    """

    key: str
    field: str
    label: str
    base: Any
    mine: Any
    theirs: Any
    # What is kept of both, where that can be; None: only one of them can stay.
    both: Any = None

    @property
    def choices(self) -> tuple[str, ...]:
        return (MINE, THEIRS) if self.both is None else (MINE, THEIRS, BOTH)

    def value(self, choices: Mapping[str, str]) -> Any:
        """What the choice made for this clash leaves. Raises Undecided."""
        choice = choices.get(self.key)
        if choice not in self.choices:
            raise Undecided(self.key)
        return {MINE: self.mine, THEIRS: self.theirs, BOTH: self.both}[str(choice)]


def key_of(field: str, base: Any, mine: Any, theirs: Any) -> str:
    """A key that does not change while the three values do not."""
    written = json.dumps([base, mine, theirs], sort_keys=True, ensure_ascii=False)
    return f"{field}-{hashlib.sha256(written.encode('utf-8', 'surrogatepass')).hexdigest()[:12]}"
