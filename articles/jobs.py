"""What articles have done in the background. Every job takes keys, and may run twice or be interrupted."""

import logging
import threading

from huey import crontab
from huey.contrib.djhuey import HUEY, db_periodic_task, db_task, on_startup

from articles import autosave, letters, library_files, renditions, sweeping
from articles.decoding import Refused
from articles.models import Edition, Image
from newsroom.lib import clock, turns

logger = logging.getLogger(__name__)


# How many pictures that lack renditions are looked after at a time, so that other jobs get their turn.
AT_A_TIME = 100


@db_task(retries=3, retry_delay=60, priority=turns.LAST)
def make_renditions(image_id: int) -> None:
    """Make the renditions that an image lacks; delete those of one that readers may not see now."""
    image = Image.objects.filter(pk=image_id).first()
    if image is None:
        return None
    if image.bar(clock.now()):
        return library_files.clear(image)
    try:
        renditions.make(image)
    except Refused:
        logger.warning("The original of picture %d cannot be decoded any longer; it keeps what it has.", image_id)


@db_periodic_task(crontab(minute="7"), priority=turns.LAST)
def complete_renditions() -> None:
    """Have made what a job that died, or was never queued, left unmade; and delete what it should not have left.

    Pictures whose renditions are of an older kind are made anew in this way, too, by and by.
    """
    sweeping.sweep_killed()
    if HUEY.pending_count() < AT_A_TIME:  # else those that lack something are most likely among them
        for image_id in renditions.incomplete(AT_A_TIME):
            make_renditions(image_id)


_asked = threading.Lock()


@on_startup()
def complete_what_a_dead_worker_left() -> None:
    """Once a process, although each of its threads says that it starts."""
    if _asked.acquire(blocking=False):
        complete_renditions()


@db_periodic_task(crontab(minute="*/5"))
def clear_what_ended() -> None:
    """Delete the public files of pictures whose rights have just ended, which no page shows from that second on."""
    sweeping.sweep_ended()


@db_periodic_task(crontab(minute="37"), priority=turns.LAST)
def sweep_renditions() -> None:
    """Delete the public files that no page has named for a day."""
    sweeping.sweep(clock.now().hour)


@db_periodic_task(crontab(hour="3", minute="41"))
def purge_autosaves() -> None:
    """Keep what was typed and never saved for as long as somebody may come back for it, and no longer."""
    autosave.purge()


@db_task(retries=3, retry_delay=60)
def tell_held(edition_id: int) -> None:
    """Tell those whose update is held back. Nothing happens where it was released or cancelled meanwhile."""
    edition = Edition.objects.filter(pk=edition_id, held_for__isnull=False, cancelled_at=None).first()
    if edition:
        letters.held(edition)
