"""What the spam filter has learnt: counts in the database, kept in step with the moderators' decisions."""

from django.db import transaction
from django.db.models import F
from huey.contrib.djhuey import db_task

from comments import reasons
from comments.models import Comment, Lesson, MarkCount, ModerationAction
from comments.spam import bayes
from comments.states import UNDO, State


def counts(text: str) -> bayes.Counts:
    """What is known of the text's marks, the prior included. One query."""
    learnt = bayes.Counts()
    for row in MarkCount.objects.filter(pk__in=[MarkCount.ALL, *bayes.keys(text)]):
        if row.key == MarkCount.ALL:
            learnt.spam_seen, learnt.good_seen = row.spam, row.good
        else:
            learnt.spam[row.key], learnt.good[row.key] = row.spam, row.good
    return learnt + bayes.prior()


@db_task(retries=3, retry_delay=60)
def learn_soon(comment_id: int) -> None:
    """`learn`, as a job."""
    learn(comment_id)


def learn(comment_id: int) -> None:
    """Bring the counts in step with what a person last decided on the comment.

    May be called any number of times, in any order with decisions: what is learnt follows from the
    comment as it stands. A text that was changed after the decision teaches nothing new.
    """
    with transaction.atomic():
        # Whoever learns holds this row, so that no two of them wait for rows of each other.
        MarkCount.objects.get_or_create(pk=MarkCount.ALL)
        MarkCount.objects.select_for_update().get(pk=MarkCount.ALL)
        comment = Comment.objects.get(pk=comment_id)
        present = Lesson.objects.filter(pk=comment_id).first()
        wanted = _lesson(comment)
        if present and wanted and (present.spam, present.text_version) == (wanted.spam, wanted.text_version):
            return
        if present:
            _count(present, -1)
            present.delete()
        if wanted and wanted.text_version == comment.text_version:
            wanted.keys = bayes.keys(comment.body)
            _count(wanted, +1)
            wanted.save(force_insert=True)


def _lesson(comment: Comment) -> Lesson | None:
    """What the last decision that was not taken back teaches, without its keys; None if nothing."""
    action = _standing(list(comment.actions.order_by("pk")))
    if action is None or action.automated or action.by_id is None or action.to_state != comment.state:
        return None
    spam = action.to_state == State.SPAM or (action.to_state == State.REJECTED and reasons.teaches_spam(action.reason))
    if not spam and action.to_state != State.PUBLISHED:
        return None  # what is rejected for another rule is neither
    return Lesson(comment=comment, spam=spam, text_version=action.text_version)


def _standing(actions: list[ModerationAction]) -> ModerationAction | None:
    """The decision that made the present state: an undo puts the one before the last in force again."""
    standing: list[ModerationAction | None] = [None]
    for action in actions:
        standing.append(standing[-2] if action.decision == UNDO and len(standing) > 1 else action)
    return standing[-1]


def _count(lesson: Lesson, change: int) -> None:
    keys = [MarkCount.ALL, *lesson.keys]
    if change > 0:
        MarkCount.objects.bulk_create([MarkCount(pk=key) for key in keys], ignore_conflicts=True)
    rows = MarkCount.objects.filter(pk__in=keys)
    if lesson.spam:
        rows.update(spam=F("spam") + change)
    else:
        rows.update(good=F("good") + change)
    if change < 0:
        rows.filter(spam=0, good=0).exclude(pk=MarkCount.ALL).delete()
