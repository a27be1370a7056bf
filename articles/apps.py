from datetime import datetime

from django.apps import AppConfig


class ArticlesConfig(AppConfig):
    name = "articles"
    verbose_name = "Articles"

    def ready(self) -> None:
        from newsroom import pagecache

        pagecache.next_change = _next_change


def _next_change(moment: datetime) -> datetime | None:
    """The next time after `moment` at which pages look different though nobody did anything."""
    from articles.models import Edition, Image

    changes = Edition.objects.next_change(moment), Image.objects.next_end_of_rights(moment)
    return min(filter(None, changes), default=None)
