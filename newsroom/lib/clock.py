"""One clock for decisions: the database's.

Several machines write to one timeline, so their clocks must not disagree about what is live.
On PostgreSQL each connection measures once how far the server's clock is from this machine's;
SQLite lives on this machine and needs no measuring.
"""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created
from django.utils import timezone

NONE = timedelta(0)


def now() -> datetime:
    """This moment by the database's clock, aware, in UTC."""
    return timezone.now() + getattr(connection, "clock_offset", NONE)


def follow_databases() -> None:
    """Measure the offset of every new connection from now on."""
    connection_created.connect(_measure, dispatch_uid="newsroom.clock")


def _measure(connection: BaseDatabaseWrapper, **kwargs: object) -> None:
    if connection.vendor != "postgresql" or settings.TESTING:
        return  # tests freeze this process's clock, and the server's would go on
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        connection.clock_offset = cursor.fetchone()[0] - timezone.now()  # type: ignore[attr-defined]
