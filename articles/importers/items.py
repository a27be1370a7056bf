"""What a parser yields: one article or page of another system, in neutral terms."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

# A note about words or markup quotes at most this much of it.
QUOTED = 300


class Unreadable(Exception):
    """A file, or the rest of it, cannot be imported. As text: a sentence that names the file and the place."""


class State(StrEnum):
    """What readers of the other system could see of it."""

    PUBLISHED = "published"
    SCHEDULED = "scheduled"
    DRAFT = "draft"


@dataclass(frozen=True)
class Change:
    """Something of the source that is not in the article as it was. `lost`: readers miss something."""

    kind: str
    sentence: str
    lost: bool = False


@dataclass(frozen=True)
class Name:
    """A section, topic or author as the source names it: a slug, words, or both."""

    name: str
    slug: str = ""


@dataclass
class Picture:
    """A picture as the source names it: a path or an address, and the words that came with it.

    `names` are the other names it may be found by. The words up to `about` are the picture's and fill those
    that the library's asset lacks where it is new; `about` are further lines to search for it by. `own_*` are
    those of this use, where the source says them separately; empty: the same.
    """

    source: str
    alt: str = ""
    caption: str = ""
    credit: str = ""
    copyright: str = ""
    about: str = ""
    names: tuple[str, ...] = ()
    folder: str = ""
    own_alt: str = ""
    own_caption: str = ""
    own_credit: str = ""


@dataclass
class Item:
    """One article or page. Texts are as in the source; nothing of it is trusted.

    `was_at` is the path that its relative links start from, `old_paths` are all that it had.
    """

    source: str
    source_id: str
    file: str
    title: str = ""
    html: str = ""
    slug: str = ""
    kicker: str = ""
    standfirst: str = ""
    state: State = State.PUBLISHED
    published_at: datetime | None = None
    updated_at: datetime | None = None
    expires_at: datetime | None = None
    language: str = ""
    translation_of: str = ""
    pinned: bool = False
    page: bool = False
    section: Name | None = None
    topics: list[Name] = field(default_factory=list)
    authors: list[Name] = field(default_factory=list)
    lead: Picture | None = None
    pictures: dict[str, Picture] = field(default_factory=dict)
    was_at: str = ""
    old_paths: list[str] = field(default_factory=list)
    comments: int = 0
    changes: list[Change] = field(default_factory=list)

    def note(self, kind: str, sentence: str, *, lost: bool = False) -> None:
        """Remember for the report that something is not as it was."""
        self.changes.append(Change(kind, sentence, lost))


@dataclass(frozen=True)
class Skipped:
    """Something in the source that is no article: counted by what it is, and left out."""

    what: str
    file: str
    reason: str


@dataclass(frozen=True)
class Broken:
    """A file that could not be read, or from here on cannot. As text: a sentence for the report."""

    file: str
    sentence: str


def quoted(text: str) -> str:
    """`text` on one line and short enough for a report."""
    line = " ".join(text.split())
    return line if len(line) <= QUOTED else line[: QUOTED - 1] + "…"
