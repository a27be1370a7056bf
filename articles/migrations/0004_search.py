from django.db import migrations

from articles.operations import PostgresSQL, SQLiteSQL


class Migration(migrations.Migration):
    """What editions are found by: written by articles.search.index, in terms that articles.search.terms makes.

    Neither table is a model's, since the two databases have nothing in common here. No foreign key leads to
    editions: rows without one are never shown, and `manage.py rebuild_search` takes them away.
    """

    dependencies = [("articles", "0003_timeline_and_text")]

    operations = [
        SQLiteSQL(
            # Terms come folded and parted by spaces: this tokenizer does nothing more to them.
            """
            CREATE VIRTUAL TABLE articles_search USING fts5(
                head, head_stems, words, stems, version UNINDEXED, tokenize = 'ascii', prefix = '2 3', columnsize = 0
            )
            """,
            reverse_sql="DROP TABLE articles_search",
        ),
        PostgresSQL(
            [
                """
                CREATE TABLE articles_search (
                    edition_id bigint PRIMARY KEY, terms tsvector NOT NULL, version smallint NOT NULL
                )
                """,
                # In the row itself: kept apart, each look at it costs a second one that the planner does not reckon with.
                "ALTER TABLE articles_search ALTER COLUMN terms SET STORAGE MAIN",
                "CREATE INDEX articles_search_terms ON articles_search USING gin (terms)",
            ],
            reverse_sql="DROP TABLE articles_search",
        ),
    ]
