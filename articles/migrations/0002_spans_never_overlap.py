from django.db import migrations

from articles.operations import PostgresSQL


class Migration(migrations.Migration):
    """On PostgreSQL the database itself refuses two editions of an article at one moment.

    SQLite has no exclusion constraints; there the two unique constraints and the one writer hold it.
    """

    dependencies = [("articles", "0001_newsroom_tables")]

    operations = [
        PostgresSQL(
            [
                "CREATE EXTENSION IF NOT EXISTS btree_gist",
                """
                ALTER TABLE articles_edition ADD CONSTRAINT edition_spans_never_overlap
                EXCLUDE USING gist (article_id WITH =, tstzrange(live_from, live_until, '[)') WITH &&)
                WHERE (live_from IS NOT NULL)
                """,
            ],
            reverse_sql="ALTER TABLE articles_edition DROP CONSTRAINT edition_spans_never_overlap",
        )
    ]
