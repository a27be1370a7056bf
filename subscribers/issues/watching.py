"""What happens to articles and pictures, as far as it concerns issues that are on their way."""

from typing import Any

from django.db import transaction
from django.db.models.signals import post_save

from articles.models import ImageEvent, Withdrawal
from subscribers.issues import jobs


def begin() -> None:
    """Follow what is withdrawn and taken down from now on."""
    post_save.connect(_withdrawn, sender=Withdrawal, dispatch_uid="subscribers.watching.withdrawal")
    post_save.connect(_image_changed, sender=ImageEvent, dispatch_uid="subscribers.watching.image")


# Robust, both: whatever the jobs' own database does, an article is withdrawn. What is due is looked at anyway.


def _withdrawn(instance: Withdrawal, created: bool, **kwargs: Any) -> None:
    if created:
        article = instance.article_id
        transaction.on_commit(lambda: jobs.article_withdrawn(article), robust=True)


def _image_changed(instance: ImageEvent, created: bool, **kwargs: Any) -> None:
    if created:
        image = instance.image_id
        transaction.on_commit(lambda: jobs.image_changed(image), robust=True)
