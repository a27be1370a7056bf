from django.apps import AppConfig


class SubscribersConfig(AppConfig):
    name = "subscribers"
    verbose_name = "Subscribers"

    def ready(self) -> None:
        from newsroom import pagecache
        from subscribers.issues import watching

        # The form stands on every page.
        pagecache.follow("subscribers.Newsletter", "subscribers.ConsentText")
        watching.begin()
