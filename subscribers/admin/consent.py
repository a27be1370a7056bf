"""The proof of consent, and who is never mailed, in the admin."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from newsroom.lib.emails import parse
from newsroom.lib.paging import LongList
from subscribers import consent, proofs
from subscribers.admin.rights import ReadOnly, who
from subscribers.models import ConsentEvent, Suppression
from subscribers.states import SuppressionReason


class SearchByAddress(admin.ModelAdmin):
    """A table that knows addresses by HMAC is searched by a whole address."""

    search_fields = ("email_hmac",)
    search_help_text = _("Enter a whole email address.")

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> tuple[Any, bool]:
        if not search_term.strip():
            return queryset, False
        try:
            return queryset.filter(email_hmac__in=proofs.hmacs(parse(search_term).norm)), False
        except ValidationError as error:
            messages.warning(request, error.messages[0])
            return queryset.none(), False


@admin.register(ConsentEvent)
class ConsentEventAdmin(ReadOnly, LongList, SearchByAddress):
    """The proof of one address, also after it was erased; of all addresses, without their names."""

    list_display = ("at", "kind", "newsletter", "consent_text", "page", "address_prefix", "way", "by")
    list_filter = ("kind", "newsletter")
    list_select_related = ("newsletter", "consent_text__newsletter", "by")


class SuppressionForm(forms.ModelForm):
    """The address is typed, and only its HMAC kept."""

    email = forms.CharField(label=_("Email address"), max_length=500)

    class Meta:
        model = Suppression
        fields = ("newsletter", "reason")

    def clean_email(self) -> str:
        return parse(self.cleaned_data["email"]).norm


@admin.register(Suppression)
class SuppressionAdmin(LongList, SearchByAddress):
    """Who is never mailed. An entry is added or taken away, and never altered."""

    form = SuppressionForm
    list_display = ("mark", "scope", "reason", "at", "by")
    list_filter = ("reason", "newsletter")
    list_select_related = ("newsletter", "by")
    fields = ("email", "newsletter", "reason")

    def get_fields(self, request: HttpRequest, obj: Suppression | None = None) -> Any:
        return ("newsletter", "reason", "at", "by") if obj else self.fields

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    @admin.display(description=_("address, as a digest"))
    def mark(self, entry: Suppression) -> str:
        return entry.email_hmac[-12:]

    @admin.display(description=_("newsletter"), ordering="newsletter")
    def scope(self, entry: Suppression) -> str:
        return str(entry.newsletter or gettext("any newsletter"))

    def save_model(self, request: HttpRequest, obj: Suppression, form: Any, change: bool) -> None:
        kept = consent.suppress(
            form.cleaned_data["email"],
            reason=SuppressionReason(obj.reason),
            newsletter=obj.newsletter,
            by=who(request),
        )
        obj.pk, obj.email_hmac, obj.at = kept.pk, kept.email_hmac, kept.at
        obj._state.adding = False
