"""What the spam filter has learnt from moderators."""

from django.db import models

from comments.models.comment import Comment


class MarkCount(models.Model):
    """In how many comments that moderators found spam, and found good, a mark of comments.spam.bayes occurs.

    The row with the key ALL counts the comments themselves. Written by comments.spam.learning alone.
    """

    ALL = 0

    key = models.BigIntegerField(primary_key=True)
    spam = models.PositiveIntegerField(default=0)
    good = models.PositiveIntegerField(default=0)

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.key}: {self.spam}/{self.good}"


class Lesson(models.Model):
    """What was learnt from a decision on a comment, so that it is learnt once and can be unlearnt."""

    comment = models.OneToOneField(Comment, on_delete=models.PROTECT, primary_key=True, related_name="lesson")
    spam = models.BooleanField()
    text_version = models.PositiveIntegerField()
    keys = models.JSONField()

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.comment_id}: {'spam' if self.spam else 'good'}"
