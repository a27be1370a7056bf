"""Every address of the site. docs/ and the tests hold it as a contract with others."""

from django.conf.urls.i18n import i18n_patterns
from django.contrib import admin
from django.urls import include, path, re_path

from articles import errors, images_view, sitemaps, theme, views
from newsroom import health, mailbox
from subscribers.bounces import webhooks

handler400 = errors.unreadable
handler403 = errors.forbidden
handler404 = errors.not_found
handler500 = errors.broken

urlpatterns = [
    path("admin/", admin.site.urls),
    path("images/<path:path>", images_view.rendition, name="image"),
    path("theme.css", theme.stylesheet, name="theme"),
    path("sitemap.xml", sitemaps.sitemap, name="sitemap"),
    path("robots.txt", sitemaps.robots, name="robots"),
    path("mail/", mailbox.mails, name="mailbox"),
    path("mail/<str:name>/", mailbox.mail, name="mailbox-mail"),
    path("mail/<str:name>/html/", mailbox.html, name="mailbox-html"),
    path("newsletter/events/<slug:provider>/", webhooks.events, name="newsletter-events"),
    path("healthz", health.alive, name="healthz"),
    path("readyz", health.ready, name="readyz"),
    *i18n_patterns(
        path("", include("articles.urls")),
        path("", include("comments.urls")),
        path("", include("subscribers.urls")),
        prefix_default_language=False,
    ),
    # Static pages and the addresses that articles had elsewhere: whatever else is asked for.
    re_path(r"", views.elsewhere, name="elsewhere"),
]
