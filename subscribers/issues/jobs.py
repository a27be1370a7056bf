"""What the worker does for issues before they are sent."""

from huey import crontab
from huey.contrib.djhuey import db_periodic_task, db_task

from newsroom.lib import turns
from subscribers.issues import digest, recalling

# Deliveries of an issue are being prepared for some minutes at most.
TRIES, WAIT = 40, 15


@db_periodic_task(crontab(minute="*"))
def make_digests() -> None:
    """Make what is due by rule; what was missed while no worker ran is made by the next one."""
    digest.make_all()


@db_periodic_task(crontab(minute="*"))
def take_back_spoilt() -> None:
    """Take back what is due and may not be sent as it is, since an article has expired or rights have ended."""
    recalling.take_back_spoilt()


@db_task(retries=TRIES, retry_delay=WAIT, priority=turns.FIRST)
def article_withdrawn(article: int) -> None:
    recalling.withdrawn(article)


@db_task(retries=TRIES, retry_delay=WAIT, priority=turns.FIRST)
def image_changed(image: int) -> None:
    recalling.taken_down(image)
