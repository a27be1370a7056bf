"""Authors, sections and topics that are called what somebody searches for: they have pages of their own."""

from dataclasses import dataclass
from typing import Any

from django.db.models import CharField, Exists, OuterRef, Q, QuerySet, TextField, Value
from django.db.models.functions import Cast
from django.utils.text import slugify

from articles.models import Author, Edition, Section, Tag
from articles.search.query import QUOTES

MOST = 6
# The name of the address of its page, and whose it is. In this order they are shown.
KINDS: list[tuple[str, Any]] = [("section", Section), ("author", Author), ("topic", Tag)]


@dataclass(frozen=True)
class Named:
    """A page that has the name; `kind` names its address."""

    kind: str
    name: str
    slug: str

    @property
    def address(self) -> str:
        return f"articles:{self.kind}"


def called(typed: str, language: str) -> list[Named]:
    """Those that all words of a question are part of the name of, with something live in `language`; by one query."""
    words = typed.translate(QUOTES).replace('"', " ").split()
    if not words:
        return []
    first, *others = [_called(kind, model, words, language) for kind, model in KINDS]
    found = [Named(*row) for row in first.union(*others, all=True)[:MOST]]
    return sorted(found, key=lambda one: ([kind for kind, _model in KINDS].index(one.kind), one.name.casefold()))


def _called(kind: str, model: Any, words: list[str], language: str) -> QuerySet[Any, Any]:
    named = Q()
    for word in words:
        part = Q(name__icontains=word)
        if slug := slugify(word, allow_unicode=True):
            part |= Q(slug__contains=slug)
        named &= part
    live = Edition.objects.live().filter(language=language, **{model.live_lookup: OuterRef("pk")})
    columns = {
        "row_kind": Value(kind, CharField()),
        "row_name": Cast("name", TextField()),
        "row_slug": Cast("slug", TextField()),
    }
    return model.objects.filter(named, Exists(live)).order_by().annotate(**columns).values_list(*columns)
