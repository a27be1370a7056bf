"""What articles have done in the background. Every job takes keys, and may run twice or be interrupted."""

from huey.contrib.djhuey import db_task

from articles import renditions
from articles.models import Image


@db_task(retries=3, retry_delay=60)
def make_renditions(image_id: int) -> None:
    """Make the renditions that an image lacks. Nothing happens where it was deleted or taken down meanwhile."""
    image = Image.objects.filter(pk=image_id, killed_at=None).first()
    if image:
        renditions.make(image)
