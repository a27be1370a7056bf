"""Background jobs of the project, and how to make one.

    from huey.contrib.djhuey import db_task

    @db_task(retries=3, retry_delay=30, retry_backoff=2)
    def do(pk: int) -> None: ...

    transaction.on_commit(lambda: do(pk))

A job takes keys, never objects, and may run twice. Those of an app stand in its jobs.py; the worker
knows a job once its module is imported. What somebody waits for, and what takes long, says so by its `priority`
(newsroom.lib.turns).
"""

from datetime import datetime

from django.core.cache import cache
from huey import crontab
from huey.contrib.djhuey import periodic_task

from newsroom.lib import clock, turns
from newsroom.lib.mail import deliver

__all__ = ["deliver", "last_beat"]

BEAT, KEPT = "worker:seen", 7 * 24 * 3600


@periodic_task(crontab(minute="*"), priority=turns.FIRST)
def beat() -> None:
    """Say that a worker is there."""
    cache.set(BEAT, clock.now().isoformat(), KEPT)


def last_beat() -> datetime | None:
    """When a worker last said that it is there; None if it did not for a week."""
    seen = cache.get(BEAT)
    return datetime.fromisoformat(seen) if seen else None
