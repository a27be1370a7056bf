"""Subscribers in the admin: looked up, with the evidence, and unsubscribed."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from newsroom.lib.paging import LongList
from subscribers import consent, leaving
from subscribers.admin.reports import Reports
from subscribers.admin.rights import ReadOnly, who
from subscribers.models import Newsletter, Subscriber, Subscription
from subscribers.states import SubscriptionState

SHOWN_EVENTS = 200


class SubscriptionInline(ReadOnly, admin.TabularInline):
    model = Subscription
    fields = ("newsletter", "state", "since", "paused_until")
    extra = 0

    def get_queryset(self, request: HttpRequest) -> QuerySet[Subscription]:
        return super().get_queryset(request).select_related("newsletter")


class OfSubscription(admin.SimpleListFilter):
    """Chosen together, newsletter and state are those of one subscription."""

    names = ("newsletter", "state")

    def queryset(self, request: HttpRequest, queryset: QuerySet[Subscriber]) -> QuerySet[Subscriber]:
        value = self.value()
        if value is None:
            return queryset
        if value not in {str(key) for key, _label in self.lookup_choices}:
            return queryset.none()
        # The filters follow one another: each asks for what was chosen in those before it, too.
        chosen = {name: request.GET[name] for name in self._names_so_far() if request.GET.get(name)}
        return queryset.filter(pk__in=Subscription.objects.filter(**chosen).order_by().values("subscriber"))

    def _names_so_far(self) -> tuple[str, ...]:
        return self.names[: self.names.index(self.parameter_name) + 1]


class NewsletterFilter(OfSubscription):
    title = _("newsletter")
    parameter_name = "newsletter"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(str(newsletter.pk), newsletter.name) for newsletter in Newsletter.objects.all()]


class StateFilter(OfSubscription):
    title = _("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return list(SubscriptionState.choices)


@admin.register(Subscriber)
class SubscriberAdmin(LongList, Reports):
    """Subscribers are made by their own consent or by an import; here they are looked up, and unsubscribed."""

    list_display = ("email", "gets", "language", "created_at")
    list_filter = (NewsletterFilter, StateFilter, "language")
    search_fields = ("email_norm__startswith",)
    search_help_text = _("Enter the beginning of an email address.")
    ordering = ("-pk",)
    fields = ("email", "language", "time_zone", "created_at", "evidence")
    readonly_fields = ("email", "language", "time_zone", "created_at", "evidence")
    inlines = (SubscriptionInline,)
    actions = ("unsubscribe",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Subscriber]:
        return super().get_queryset(request).prefetch_related("subscriptions__newsletter")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
        # Nothing on this page is written to, so that there is nothing to save.
        return super().render_change_form(
            request, {**context, "show_save": False, "show_save_and_continue": False}, *args, **kwargs
        )

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> tuple[Any, bool]:
        return super().get_search_results(request, queryset, search_term.strip().lower())

    @admin.display(description=_("newsletters"))
    def gets(self, subscriber: Subscriber) -> str:
        return ", ".join(str(row) for row in subscriber.subscriptions.all())

    @admin.display(description=_("evidence"))
    def evidence(self, subscriber: Subscriber) -> str:
        """All consent events of the address, with the words agreed to."""
        events = consent.events_of(subscriber.email_norm)[:SHOWN_EVENTS]
        return render_to_string("admin/subscribers/evidence.html", {"events": events, "subscriber": subscriber})

    @admin.action(description=_("Unsubscribe from everything"), permissions=["change"])
    def unsubscribe(self, request: HttpRequest, queryset: QuerySet[Subscriber]) -> None:
        rows = Subscription.objects.filter(subscriber__in=queryset, state__in=leaving.LEAVABLE)
        done = sum(
            leaving.leave(row, way="admin", by=who(request)) for row in rows.select_related("subscriber", "newsletter")
        )
        words = ngettext("%(count)d subscription was ended.", "%(count)d subscriptions were ended.", done)
        messages.success(request, words % {"count": done})
