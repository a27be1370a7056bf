from django.apps import AppConfig
from django.db.models.signals import post_migrate


class CommentsConfig(AppConfig):
    name = "comments"
    verbose_name = "Comments"

    def ready(self) -> None:
        from comments import openings, reasons
        from newsroom import pagecache

        pagecache.next_end_of_comments = openings.next_end
        pagecache.follow("comments.Opening")
        post_migrate.connect(reasons.apply_after_migration, sender=self, dispatch_uid="comments.reasons")
