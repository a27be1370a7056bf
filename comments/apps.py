from django.apps import AppConfig
from django.db.models.signals import post_migrate


class CommentsConfig(AppConfig):
    name = "comments"
    verbose_name = "Comments"

    def ready(self) -> None:
        from comments import reasons

        post_migrate.connect(reasons.apply_after_migration, sender=self, dispatch_uid="comments.reasons")
