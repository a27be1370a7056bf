"""What the worker does for newsletters."""

from huey import crontab
from huey.contrib.djhuey import db_periodic_task, db_task

from newsroom.lib import turns
from subscribers import preferring, privacy, subscribing
from subscribers.lists import runs
from subscribers.sending import jobs as sending_jobs

# The worker looks for jobs in this module; those of sending stand in their own.
send = sending_jobs.send


@db_task(retries=5, retry_delay=10, retry_backoff=3, priority=turns.FIRST)
def take_up(keys: list[int]) -> None:
    """Answer requests to subscribe with a mail, or drop them."""
    subscribing.take_up(keys)


@db_periodic_task(crontab(minute="*/5"))
def take_up_forgotten() -> None:
    """Answer what was taken while the jobs' own database failed."""
    for keys in subscribing.forgotten():
        subscribing.take_up(keys)


@db_periodic_task(crontab(hour="3", minute="17"))
def purge_requests() -> None:
    """Keep nobody's address who did not confirm."""
    subscribing.purge()


@db_task(retries=5, retry_delay=10, retry_backoff=3, priority=turns.FIRST)
def mail_link(email_norm: str) -> None:
    """Mail the link to their preferences to whoever is a subscriber."""
    preferring.mail_link(email_norm)


@db_periodic_task(crontab(minute="*/5"))
def resume() -> None:
    """Send again what was paused until now."""
    preferring.resume_due()


@db_periodic_task(crontab(hour="3", minute="27"))
def forget_the_gone() -> None:
    """Keep nobody's address who has left everything."""
    privacy.forget_the_gone()


@db_task(priority=turns.LAST)
def take_in(key: int) -> None:
    """Read the file of an import. What ends by an error is not tried again: whoever began it looks."""
    runs.work(key)


@db_periodic_task(crontab(minute="*/5"))
def take_up_lost_imports() -> None:
    """Go on with imports whose worker was stopped, or whose job was lost with the jobs' own database."""
    for key in runs.take_up_lost():
        take_in(key)


@db_periodic_task(crontab(hour="3", minute="47"))
def wipe_imports() -> None:
    """Keep no list of addresses longer than it is needed."""
    runs.wipe_old()
