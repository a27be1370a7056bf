"""Filters of the list of articles."""

from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from articles.admin.people import who
from articles.states import Public


class PublicFilter(admin.SimpleListFilter):
    """What readers meet. The list's rows carry it as `public` already."""

    title = _("what readers meet")
    parameter_name = "public"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Any:
        return Public.choices

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(public=self.value()) if self.value() in Public.values else queryset


class MineFilter(admin.SimpleListFilter):
    title = _("person")
    parameter_name = "whose"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("mine", _("mine")), ("assigned", _("assigned to me")), ("desk", _("of my desks"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        user = who(request)
        match self.value():
            case "mine":
                return queryset.filter(Q(owner=user) | Q(assignee=user))
            case "assigned":
                return queryset.filter(assignee=user)
            case "desk":
                return queryset.filter(section__in=user.desks.values("pk"))
        return queryset
