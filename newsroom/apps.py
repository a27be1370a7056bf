from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig
from django.contrib.staticfiles.apps import StaticFilesConfig
from django.db.models.signals import post_migrate


class NewsroomConfig(AppConfig):
    name = "newsroom"
    verbose_name = "Newsroom"

    def ready(self) -> None:
        from newsroom import roles
        from newsroom.lib import clock

        clock.follow_databases()
        post_migrate.connect(roles.apply_after_migration, sender=self, dispatch_uid="newsroom.roles")


class NewsroomAdminConfig(AdminConfig):
    default_site = "newsroom.adminsite.NewsroomAdminSite"


class NewsroomStaticFilesConfig(StaticFilesConfig):
    """Static files without the parts of CKEditor that nobody uses: what is not served cannot be attacked."""

    # A directory needs "/*" in its pattern.
    ignore_patterns = ["CVS", ".*", "*~", "ckeditor/ckeditor/samples/*"]
