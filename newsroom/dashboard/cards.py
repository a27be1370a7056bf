"""What a block of the dashboard is made of."""

from dataclasses import dataclass, field

from django.urls import reverse
from django.utils.text import Truncator
from django.utils.translation import gettext as _

from articles.models import Article

ROWS = 8
NOTE_CHARS = 160


@dataclass(frozen=True)
class Row:
    """A line of a block: where it leads, and what is said of it."""

    headline: str
    address: str
    said: str = ""
    urgent: bool = False


@dataclass(frozen=True)
class Block:
    """A heading with rows, or with a number alone. `address` leads to the whole list."""

    name: str
    title: str
    address: str = ""
    rows: list[Row] = field(default_factory=list)
    number: str | None = None
    empty: str = ""


def row(article: Article, said: str, urgent: bool = False, place: str = "") -> Row:
    return Row(article.headline or _("(no headline)"), f"{form(article.pk)}{place}", said, urgent)


def form(key: int) -> str:
    return reverse("admin:articles_article_change", args=[key])


def listed(query: str) -> str:
    return f"{reverse('admin:articles_article_changelist')}?{query}"


def short(text: str) -> str:
    return Truncator(" ".join(text.split())).chars(NOTE_CHARS)


def name_columns(relation: str) -> list[str]:
    """The columns that a colleague's name is made of."""
    return [f"{relation}__{name}" for name in ("first_name", "last_name", "username")]
