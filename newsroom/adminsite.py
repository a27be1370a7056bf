"""The newsroom's own admin site. In a module of its own, since registering on it imports newsroom.admin."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _


class NewsroomAdminSite(admin.AdminSite):
    """Django's admin, with what waits for somebody on its first page."""

    site_header = _("Newsroom")
    site_title = _("Newsroom")
    index_title = _("Dashboard")
    empty_value_display = "–"

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        from newsroom import dashboard  # it asks every app, and they register here

        return super().index(request, {"blocks": dashboard.blocks(request.user), **(extra_context or {})})
