from django.apps import AppConfig


class ArticlesConfig(AppConfig):
    name = "articles"
    verbose_name = "Articles"

    def ready(self) -> None:
        from articles.models import Edition
        from newsroom import pagecache

        pagecache.next_change = lambda moment: Edition.objects.next_change(moment)
