"""The newsroom's own admin site. In a module of its own, since registering on it imports newsroom.admin."""

from typing import Any, cast

from django.contrib import admin
from django.http import HttpRequest
from django.template.response import TemplateResponse
from django.urls import path
from django.utils.translation import gettext_lazy as _

from newsroom.models import User


class NewsroomAdminSite(admin.AdminSite):
    """Django's admin, with what waits for somebody on its first page."""

    site_header = _("Newsroom")
    site_title = _("Newsroom")
    index_title = _("Dashboard")
    empty_value_display = "–"
    # The rooms stand in one row at the top: lists and forms need the width.
    enable_nav_sidebar = False

    def get_urls(self) -> list[Any]:
        from newsroom.preferences import preferences  # it asks this site for its context

        return [path("me/", self.admin_view(preferences), name="preferences"), *super().get_urls()]

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        context = super().each_context(request)
        return {**context, "rooms": _rooms(context["available_apps"])}

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> TemplateResponse:
        from newsroom import dashboard  # it asks every app, and they register here

        return super().index(request, {"blocks": dashboard.blocks(cast(User, request.user)), **(extra_context or {})})


# The lists that people go to all day, in the order in which they stand at the top.
ROOMS = ("Article", "Image", "Comment", "Issue", "Newsletter", "Subscriber", "User")


def _rooms(apps: list[dict[str, Any]]) -> list[dict[str, str]]:
    """Name and address of each of ROOMS that is open to the user."""
    found = {model["object_name"]: model for app in apps for model in app["models"] if model["admin_url"]}
    return [{"name": found[name]["name"], "address": found[name]["admin_url"]} for name in ROOMS if name in found]
