"""What a parser yields: one comment of another system, or what it leaves out, in neutral terms."""

from dataclasses import dataclass
from datetime import datetime

from comments.states import State


@dataclass(frozen=True)
class Thread:
    """Where comments stood: what the article's own import calls it, and the addresses that it had."""

    key: str
    title: str = ""
    import_source: str = ""
    import_id: str = ""
    paths: tuple[str, ...] = ()


@dataclass(frozen=True)
class Said:
    """One comment, as in the source. `source` names it for good, `parent` likewise, or "" where it answers none."""

    source: str
    thread: str
    at: datetime
    state: State
    parent: str = ""
    name: str = ""
    email: str = ""
    html: str = ""
    network: str = ""


@dataclass(frozen=True)
class Skipped:
    """Something that is left out: what it is, and a sentence. `meant`: no comment of a reader is missing for it."""

    what: str
    sentence: str
    meant: bool = False


@dataclass(frozen=True)
class Broken:
    """A file that could not be read, or from here on cannot. As text: a sentence for the report."""

    sentence: str
