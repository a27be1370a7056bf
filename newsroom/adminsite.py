"""The newsroom's own admin site. In a module of its own, since registering on it imports newsroom.admin."""

import re
from functools import update_wrapper
from typing import Any, cast

from django.contrib import admin
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest
from django.template.response import TemplateResponse
from django.urls import path
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from newsroom.models import User

# Queries in which any text is fine: the words that somebody looks for.
WORDS = {"q", "term"}
# More digits than any key has: the database would overflow.
NO_KEY = re.compile(r"[0-9]{19,}")


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

        # Not Django's r/<type>/<key>/: it sends any staff to the address of any row, an edition still to come included.
        others = [url for url in super().get_urls() if getattr(url, "name", "") != "view_on_site"]
        return [path("me/", self.admin_view(preferences), name="preferences"), *others]

    def admin_view(self, view: Any, cacheable: bool = False) -> Any:
        """Django's own, behind a look at the address: what no database takes is refused before it is asked."""

        def with_sound_query(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if _is_sound(request):
                return view(request, *args, **kwargs)
            return HttpResponseBadRequest(
                gettext("This address is damaged. Go back, and follow the link again."), content_type="text/plain"
            )

        return super().admin_view(update_wrapper(with_sound_query, view), cacheable)

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        context = super().each_context(request)
        return {**context, "rooms": _rooms(context["available_apps"])}

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> TemplateResponse:
        from newsroom import dashboard  # it asks every app, and they register here

        return super().index(request, {"blocks": dashboard.blocks(cast(User, request.user)), **(extra_context or {})})


def _is_sound(request: HttpRequest) -> bool:
    for name, values in request.GET.lists():
        if "\x00" in name or any("\x00" in value for value in values):
            return False
        if name not in WORDS and any(NO_KEY.search(value) for value in values):
            return False
    return True


# The lists that people go to all day, in the order in which they stand at the top.
ROOMS = ("Article", "Image", "Comment", "Issue", "Newsletter", "Subscriber", "User")


def _rooms(apps: list[dict[str, Any]]) -> list[dict[str, str]]:
    """Name and address of each of ROOMS that is open to the user."""
    found = {model["object_name"]: model for app in apps for model in app["models"] if model["admin_url"]}
    return [{"name": found[name]["name"], "address": found[name]["admin_url"]} for name in ROOMS if name in found]
