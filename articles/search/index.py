"""What editions are found by, in the database: a table of FTS5 on SQLite, vectors with a GIN index on PostgreSQL.

Each row belongs to an edition and has four fields: words and stems of the headline, words and stems of the
rest. It is written with the edition, in its transaction, and says nothing about time: whether readers may see
an edition is always asked of the edition itself, so that the index can neither be early nor late.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.db import connection, transaction
from django.db.models import Case, IntegerField, Q, QuerySet, Value, When
from django.db.models.expressions import RawSQL

from articles.models import Edition, EditionBody, EditionImage, Place
from articles.search.query import Clause
from articles.search.terms import VERSION, Terms, terms_of
from newsroom.lib.html import to_text

TABLE = "articles_search"
# A field's name on SQLite and its weight on PostgreSQL.
HEAD, HEAD_STEMS, WORDS, STEMS = ("head", "A"), ("head_stems", "B"), ("words", "C"), ("stems", "D")
EVERYWHERE, HEADLINE = (HEAD, HEAD_STEMS, WORDS, STEMS), (HEAD, HEAD_STEMS)

# Where PostgreSQL stores a term: stems have one place, words a place each, as many as it has.
STEM_PLACE, HEAD_STEM_PLACE, FIRST_PLACE, GAP, LAST_PLACE = 1, 2, 10, 10, 16_383


# Writing ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Found:
    """What an edition, by its key, is found by."""

    edition: int
    language: str
    head: Iterable[str]
    text: Iterable[str]

    def terms(self) -> tuple[Terms, Terms]:
        """Of the headline, and of the rest."""
        return terms_of("\n".join(self.head), self.language), terms_of("\n".join(self.text), self.language)


def write(edition: int, *, language: str, head: Iterable[str], text: Iterable[str]) -> None:
    """Put what the edition with this key is found by in place of what was there, within the caller's transaction."""
    write_all([Found(edition, language, head, text)])


def write_all(editions: list[Found]) -> None:
    """The same, of several by as many queries as of one."""
    if not editions:
        return
    keys = ", ".join(["%s"] * len(editions))
    with connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {TABLE} WHERE {_key()} IN ({keys})", [found.edition for found in editions])  # noqa: S608
        if connection.vendor == "postgresql":
            cursor.executemany(
                f"INSERT INTO {TABLE} (edition_id, terms, version) VALUES (%s, %s::tsvector, %s)",  # noqa: S608
                [(found.edition, _vector(*found.terms()), VERSION) for found in editions],
            )
        else:
            cursor.executemany(
                f"INSERT INTO {TABLE} (rowid, head, head_stems, words, stems, version)"  # noqa: S608
                " VALUES (%s, %s, %s, %s, %s, %s)",
                [(found.edition, *_fields(*found.terms()), VERSION) for found in editions],
            )


def _fields(heads: Terms, rest: Terms) -> list[str]:
    return [" ".join(terms) for terms in (heads.words, heads.stems, rest.words, rest.stems)]


def write_edition(edition: Edition) -> None:
    """The same, of an edition that is stored with its body and pictures."""
    body = EditionBody.objects.filter(edition=edition).values_list("text", flat=True).first() or ""
    pictures = EditionImage.objects.filter(edition=edition).exclude(place=Place.TEXT).order_by("pk")
    captions = pictures.values_list("caption", flat=True)
    write(
        edition.pk,
        language=edition.language,
        head=(edition.kicker, edition.headline),
        text=(edition.standfirst, body, *(to_text(caption) for caption in captions)),
    )


def tidy() -> int:
    """Take away rows whose edition is no more; returns how many."""
    orphans = f"{_key()} NOT IN (SELECT id FROM {Edition._meta.db_table})"  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {TABLE} WHERE {orphans}")  # noqa: S608
        return max(cursor.rowcount, 0)


def behind() -> QuerySet[Edition]:
    """Editions that have no row yet, or one that an older version of the terms made."""
    present = RawSQL(f"SELECT {_key()} FROM {TABLE} WHERE version = %s", [VERSION])  # noqa: S608, S611
    return Edition.objects.exclude(pk__in=present)


def rebuild(editions: QuerySet[Edition]) -> Iterator[int]:
    """Write the rows of `editions` again, each in a transaction of its own; yields the key of each that is done."""
    for key in editions.order_by("pk").values_list("pk", flat=True).iterator(chunk_size=500):
        with transaction.atomic():
            # Locked, so that nobody writes a newer row between our look at the edition and our row.
            if found := Edition.objects.select_for_update().filter(pk=key).first():
                write_edition(found)
        yield key


def _key() -> str:
    return "edition_id" if connection.vendor == "postgresql" else "rowid"


def _vector(heads: Terms, rest: Terms) -> str:
    """A tsvector as PostgreSQL reads it: each term with its places and the weight that names the field."""
    places: dict[str, list[str]] = {}
    for terms, place, (_name, weight) in ((rest, STEM_PLACE, STEMS), (heads, HEAD_STEM_PLACE, HEAD_STEMS)):
        for stem in terms.stems:
            places.setdefault(stem, []).append(f"{place}{weight}")
    start = FIRST_PLACE
    for terms, (_name, weight) in ((heads, HEAD), (rest, WORDS)):
        for place, word in enumerate(terms.words, start):
            places.setdefault(word, []).append(f"{min(place, LAST_PLACE)}{weight}")
        start += len(terms.words) + GAP
    return " ".join(f"'{term}':{','.join(where)}" for term, where in places.items())


# Finding ----------------------------------------------------------------------------------


def matching(editions: QuerySet[Edition], clauses: list[Clause]) -> QuerySet[Edition]:
    """Those of `editions` in which all clauses are found, the best first.

    Best are those that have all in the headline, then those that have all as whole words; of those alike the newest.
    """
    whole = [clause.closed for clause in clauses]
    near = Case(
        When(Q(pk__in=_found(whole, HEADLINE)), then=Value(0)),
        When(Q(pk__in=_found(whole, EVERYWHERE)), then=Value(1)),
        default=Value(2),
        output_field=IntegerField(),
    )
    return editions.filter(pk__in=_found(clauses, EVERYWHERE)).order_by(near, "-published_at", "-pk")


Fields = tuple[tuple[str, str], ...]


def _found(clauses: list[Clause], fields: Fields) -> RawSQL:
    """The keys of the editions that have all clauses in these fields.

    Terms hold neither quotes nor anything else that the two languages below know: see terms.NO_WORD.
    """
    if connection.vendor == "postgresql":
        asked = " & ".join(f"({_postgres(clause, fields)})" for clause in clauses)
        return RawSQL(f"SELECT edition_id FROM {TABLE} WHERE terms @@ %s::tsquery", [asked])  # noqa: S608, S611
    asked = " AND ".join(f"({_fts5(clause, fields)})" for clause in clauses)
    return RawSQL(f"SELECT rowid FROM {TABLE} WHERE {TABLE} MATCH %s", [asked])  # noqa: S608, S611


def _fts5(clause: Clause, fields: Fields) -> str:
    """https://www.sqlite.org/fts5.html#full_text_query_syntax"""
    words, stems = _parts(fields, 0)
    alternatives = [f'{{{words}}} : "{" ".join(clause.words)}"{" *" if clause.open else ""}']
    alternatives += [f'{{{stems}}} : "{stem}"' for stem in sorted(clause.stems)]
    return " OR ".join(alternatives)


def _postgres(clause: Clause, fields: Fields) -> str:
    """https://www.postgresql.org/docs/current/datatype-textsearch.html#DATATYPE-TSQUERY"""
    words, stems = _parts(fields, 1)
    *before, last = clause.words
    row = [f"'{word}':{words}" for word in before] + [f"'{last}':{'*' if clause.open else ''}{words}"]
    return " | ".join([f"({' <-> '.join(row)})", *(f"'{stem}':{stems}" for stem in sorted(clause.stems))])


def _parts(fields: Fields, name: int) -> tuple[str, str]:
    """The names of the fields that hold words, and of those that hold stems."""
    between = "" if name else " "
    return (
        between.join(field[name] for field in fields if field in (HEAD, WORDS)),
        between.join(field[name] for field in fields if field in (HEAD_STEMS, STEMS)),
    )
