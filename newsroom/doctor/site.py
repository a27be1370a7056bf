"""The site itself: its address, and the database."""

from collections.abc import Iterator

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.utils.translation import gettext as _

from newsroom.doctor.findings import Finding, fine, look, wrong


def examine() -> Iterator[Finding]:
    yield _address()
    yield _database()


def _address() -> Finding:
    subject, address = _("Site"), {"address": settings.SITE_URL}
    if settings.DEBUG:
        return look(subject, _("DEBUG is on: pages of errors show code. Unset it where readers come."))
    if not settings.SITE_URL.startswith("https://"):
        return look(subject, _("The address is %(address)s. Set SITE_URL to https://... where readers come.") % address)
    return fine(subject, _("The address is %(address)s.") % address)


def _database() -> Finding:
    subject = _("Database")
    try:
        executor = MigrationExecutor(connection)
        missing = len(executor.migration_plan(executor.loader.graph.leaf_nodes()))
    except DatabaseError as error:
        return wrong(
            subject, _("It does not answer (%(error)s). Look at DATABASE_URL, then run this again.") % {"error": error}
        )
    if missing:
        said = _("%(number)d migrations are to be applied. Run `manage.py migrate`, then this again.")
        return wrong(subject, said % {"number": missing})
    return fine(subject, _("It answers, and its tables are those of this version (%(kind)s).") % {"kind": _kind()})


def _kind() -> str:
    return {"postgresql": "PostgreSQL", "sqlite": "SQLite"}.get(connection.vendor, connection.vendor)
