from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig
from django.contrib.staticfiles.apps import StaticFilesConfig


class NewsroomConfig(AppConfig):
    name = "newsroom"
    verbose_name = "Newsroom"

    def ready(self) -> None:
        from newsroom.lib import clock

        clock.follow_databases()


class NewsroomAdminConfig(AdminConfig):
    default_site = "newsroom.admin.NewsroomAdminSite"


class NewsroomStaticFilesConfig(StaticFilesConfig):
    """Static files without the parts of CKEditor that nobody uses: what is not served cannot be attacked."""

    # A directory needs "/*" in its pattern.
    ignore_patterns = ["CVS", ".*", "*~", "ckeditor/ckeditor/samples/*"]
