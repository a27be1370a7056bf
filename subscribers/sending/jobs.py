"""What the worker does to send issues: a slice of the work at a time, and looking for what was forgotten."""

from datetime import datetime

from huey import crontab
from huey.contrib.djhuey import db_periodic_task, db_task

from newsroom.lib import clock
from subscribers.sending import worker

# When this process has asked to be called again.
_called_at: datetime | None = None


@db_task()
def send() -> None:
    """Send for a while, and come again while there is something to send. Any number of these may be queued."""
    again = worker.work(call_help=send)
    if again is not None:
        _come_again(again)


@db_periodic_task(crontab(minute="*"))
def send_forgotten() -> None:
    """Begin with what is due, and go on with what a worker that died has left."""
    send()


@db_periodic_task(crontab(hour="3", minute="37"))
def purge() -> None:
    """Forget the batches of long ago."""
    worker.purge()


def _come_again(again: datetime) -> None:
    """At once where there is more to do; else at that time, unless this process comes sooner anyway."""
    global _called_at
    now = clock.now()
    if again <= now:
        send()
    elif _called_at is None or not now < _called_at <= again:
        _called_at = again
        send.schedule(delay=(again - now).total_seconds())
