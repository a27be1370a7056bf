from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig
from django.db.models.signals import post_migrate

# What pages show as of today; the rest of a page is an edition's, or a comment's.
NAMED_ON_PAGES = (
    "newsroom.SiteSettings",
    "articles.Section",
    "articles.Author",
    "articles.Tag",
    "articles.Image",
    "flatpages.FlatPage",
    "subscribers.Newsletter",
    "subscribers.ConsentText",
)


class NewsroomConfig(AppConfig):
    name = "newsroom"
    verbose_name = "Newsroom"

    def ready(self) -> None:
        from django.core.checks import Tags, register

        from newsroom import checks, pagecache, roles
        from newsroom.lib import clock

        register(checks.check_editor, Tags.security)
        clock.follow_databases()
        pagecache.follow(*NAMED_ON_PAGES)
        post_migrate.connect(roles.apply_after_migration, sender=self, dispatch_uid="newsroom.roles")


class NewsroomAdminConfig(AdminConfig):
    default_site = "newsroom.adminsite.NewsroomAdminSite"
