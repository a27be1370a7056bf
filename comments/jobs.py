"""What comments have done in the background. The spam filter's job stands beside it: comments.learning."""

from huey import crontab
from huey.contrib.djhuey import db_periodic_task

from comments import forgetting


@db_periodic_task(crontab(hour="3", minute="37"))
def forget() -> None:
    """Forget what is older than it may be. What one night misses, the next one does."""
    forgetting.forget()
