"""What comments have done in the background, beside the spam filter's job (comments.spam.learning)."""

from huey import crontab
from huey.contrib.djhuey import db_periodic_task

from comments import forgetting
from comments.readers import jobs as readers_jobs

# The worker looks for jobs in this module; those for readers stand in their own.
tell = readers_jobs.tell


@db_periodic_task(crontab(hour="3", minute="37"))
def forget() -> None:
    """Forget what is older than it may be. What one night misses, the next one does."""
    forgetting.forget()
