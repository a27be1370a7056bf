"""What comments have done in the background."""

from datetime import timedelta

from huey import crontab
from huey.contrib.djhuey import db_periodic_task, db_task

from comments import learning
from comments.models import Comment
from newsroom.lib import clock

# Long enough to see where a flood came from, and no longer.
NETWORKS_KEPT = timedelta(days=30)


@db_task(retries=3, retry_delay=60)
def learn(comment_id: int) -> None:
    """Let the spam filter learn from the comment what moderators last decided on it, or unlearn what they took back."""
    learning.learn(comment_id)


@db_periodic_task(crontab(hour="3", minute="37"))
def forget_networks() -> None:
    """Forget which network a comment came from when NETWORKS_KEPT is over."""
    old = Comment.objects.filter(created_at__lt=clock.now() - NETWORKS_KEPT).exclude(address_prefix="", address_hmac="")
    old.update(address_prefix="", address_hmac="")
