"""What articles have done in the background. Every job takes keys, and may run twice or be interrupted."""

from huey import crontab
from huey.contrib.djhuey import db_periodic_task, db_task

from articles import autosave, letters, renditions
from articles.models import Edition, Image


@db_task(retries=3, retry_delay=60)
def make_renditions(image_id: int) -> None:
    """Make the renditions that an image lacks. Nothing happens where it was deleted or taken down meanwhile."""
    image = Image.objects.filter(pk=image_id, killed_at=None).first()
    if image:
        renditions.make(image)


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
