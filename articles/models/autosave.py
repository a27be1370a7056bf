"""What was typed and not saved yet, kept by the server."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from articles.models.article import Article, Revision


class Autosave(models.Model):
    """One slot for each editor, article and window: written over as they type, emptied when they save.

    `typed` is the form as it stood, as a list of [name, value]; `based_on` the revision it began from.
    An article that was never saved has no key yet: its slot is known by the window alone.
    """

    article = models.ForeignKey(Article, on_delete=models.CASCADE, null=True, related_name="autosaves")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    window = models.CharField(max_length=40)
    typed = models.JSONField(default=list)
    based_on = models.ForeignKey(Revision, on_delete=models.SET_NULL, null=True, related_name="+")
    # Counts up in the window: what arrives late does not overwrite what was typed after it.
    number = models.PositiveIntegerField(default=0)
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("autosave")
        verbose_name_plural = _("autosaves")
        ordering = ["-at", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["author", "article", "window"], name="autosave_slot"),
            models.UniqueConstraint(
                fields=["author", "window"], condition=Q(article__isnull=True), name="autosave_slot_of_new"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.author_id}: {self.article_id}"
