"""What is done for readers in the background."""

from huey import crontab
from huey.contrib.djhuey import db_periodic_task, db_task

from comments.mails import outcomes, replies
from comments.readers import confirming, mine, telling
from newsroom.lib import turns


@db_task(retries=5, retry_delay=10, retry_backoff=3, priority=turns.FIRST)
def ask_to_confirm(comment_id: int) -> None:
    """Mail the link that confirms the address of the author of a comment."""
    confirming.ask(comment_id)


@db_task(retries=5, retry_delay=10, retry_backoff=3, priority=turns.FIRST)
def mail_link(email: str) -> None:
    """Mail the link to all of a reader's comments, if the address is that of one."""
    mine.mail_link(email)


@db_periodic_task(crontab(minute="*"))
def tell() -> None:
    """Tell authors, and those who reported, what was decided; and readers that somebody answered."""
    outcomes.tell_due()
    telling.tell_due()
    replies.tell_due()


@db_periodic_task(crontab(minute="*/10"))
def end_waiting() -> None:
    """Let go on what nobody confirmed, and ask again where the first mail could not be sent."""
    confirming.give_up()
    for key in confirming.unasked():
        confirming.ask(key)
