"""Newsletters, notices, subscribers and their proof in the admin."""

from typing import Any, cast

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from newsroom.lib.paging import LongList
from newsroom.models import User
from subscribers import consent, defaults, leaving, notices, proofs
from subscribers.emails import parse
from subscribers.models import ConsentEvent, ConsentText, Newsletter, Subscriber, Subscription, Suppression
from subscribers.states import SuppressionReason

SHOWN_EVENTS = 200
NOTICE_WIDGET = forms.Textarea(attrs={"rows": 8, "cols": 80, "dir": "auto"})


def _who(request: HttpRequest) -> User:
    return cast(User, request.user)  # nobody else comes into the admin


class NewsletterForm(forms.ModelForm):
    """A new newsletter begins with its notice, since it cannot be offered without one."""

    notice = forms.CharField(
        label=_("Notice under the form"),
        max_length=4000,
        widget=NOTICE_WIDGET,
        help_text=_("Who sends the newsletter, what for, how long the address is kept, and how to leave."),
    )

    class Meta:
        model = Newsletter
        fields = ("name", "slug", "language")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["notice"].initial = defaults.notice(self.instance.language)


@admin.register(Newsletter)
class NewsletterAdmin(admin.ModelAdmin):
    form = NewsletterForm
    list_display = ("name", "language", "rhythm", "offered", "has_notice", "position")
    search_fields = ("name", "slug")
    show_full_result_count = False
    fieldsets = (
        (_("What readers see"), {"fields": ("name", "slug", "description", "language", "offered", "position")}),
        (_("Sender"), {"fields": ("sender_name", "sender_address", "list_id")}),
        (_("Issues"), {"fields": ("rhythm", "weekday", "send_at", "zone", "least_articles", "per_minute")}),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Newsletter]:
        texts = ConsentText.objects.filter(newsletter=OuterRef("pk"))
        return super().get_queryset(request).annotate(with_notice=Exists(texts))

    def get_fieldsets(self, request: HttpRequest, obj: Newsletter | None = None) -> Any:
        """The notice is written here once; afterwards it has versions of its own."""
        first, *others = super().get_fieldsets(request, obj)
        if obj is None:
            first = (first[0], {"fields": (*first[1]["fields"], "notice")})
        return [first, *others]

    def get_form(self, request: HttpRequest, obj: Newsletter | None = None, change: bool = False, **kwargs: Any) -> Any:
        if obj:
            kwargs["form"] = forms.ModelForm
        return super().get_form(request, obj, change=change, **kwargs)

    def get_prepopulated_fields(self, request: HttpRequest, obj: Newsletter | None = None) -> Any:
        return {} if obj else {"slug": ("name",)}

    def save_model(self, request: HttpRequest, obj: Newsletter, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        if not change:
            notices.write(obj, form.cleaned_data["notice"], language=obj.language, by=_who(request))

    @admin.display(description=_("has a notice"), boolean=True)
    def has_notice(self, newsletter: Newsletter) -> bool:
        return newsletter.with_notice  # type: ignore[attr-defined]


@admin.register(ConsentText)
class ConsentTextAdmin(LongList, admin.ModelAdmin):
    """Notices. To change one is to write the next version; the old ones stay, for somebody agreed to them."""

    list_display = ("newsletter", "language", "version", "is_current", "created_by", "created_at")
    list_display_links = ("newsletter", "version")
    list_filter = ("newsletter", "language")
    list_select_related = ("newsletter", "created_by")
    fields = ("newsletter", "language", "version", "created_by", "created_at", "text")
    formfield_overrides = {models.TextField: {"widget": NOTICE_WIDGET}}
    change_form_template = "admin/subscribers/consenttext/change_form.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[ConsentText]:
        newer = ConsentText.objects.filter(
            newsletter=OuterRef("newsletter"), language=OuterRef("language"), version__gt=OuterRef("version")
        )
        return super().get_queryset(request).annotate(current=~Exists(newer))

    def get_fields(self, request: HttpRequest, obj: ConsentText | None = None) -> Any:
        return self.fields if obj else ("newsletter", "language", "text")

    def get_readonly_fields(self, request: HttpRequest, obj: ConsentText | None = None) -> Any:
        return ("newsletter", "language", "version", "created_by", "created_at") if obj else ()

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: ConsentText, form: Any, change: bool) -> None:
        text = form.cleaned_data["text"]
        written = notices.write(obj.newsletter, text, language=obj.language, by=_who(request))
        obj.pk, obj.version = written.pk, written.version
        obj._state.adding = False

    def response_change(self, request: HttpRequest, obj: ConsentText) -> HttpResponse:
        return self._saved(request, obj)

    def response_add(self, request: HttpRequest, obj: ConsentText, post_url_continue: Any = None) -> HttpResponse:
        return self._saved(request, obj)

    def _saved(self, request: HttpRequest, obj: ConsentText) -> HttpResponse:
        words = gettext("This is version %(number)s. Readers see it from now on; the versions before stay as proof.")
        messages.success(request, words % {"number": obj.version})
        return HttpResponseRedirect(reverse("admin:subscribers_consenttext_changelist"))

    @admin.display(description=_("current"), boolean=True)
    def is_current(self, text: ConsentText) -> bool:
        return text.current  # type: ignore[attr-defined]


class SearchByAddress(admin.ModelAdmin):
    """A table that knows addresses by HMAC is searched by a whole address."""

    search_fields = ("email_hmac",)
    search_help_text = _("Enter a whole e-mail address.")

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> tuple[Any, bool]:
        if not search_term.strip():
            return queryset, False
        try:
            return queryset.filter(email_hmac__in=proofs.hmacs(parse(search_term).norm)), False
        except ValidationError as error:
            messages.warning(request, error.messages[0])
            return queryset.none(), False


class ReadOnly:
    """Mixin for what is proof: it is looked at, and neither made, changed nor deleted here."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class SubscriptionInline(ReadOnly, admin.TabularInline):
    model = Subscription
    fields = ("newsletter", "state", "since", "paused_until")
    extra = 0

    def get_queryset(self, request: HttpRequest) -> QuerySet[Subscription]:
        return super().get_queryset(request).select_related("newsletter")


@admin.register(Subscriber)
class SubscriberAdmin(LongList, admin.ModelAdmin):
    """Subscribers are made by their own consent; here they are looked up, with the evidence, and unsubscribed."""

    list_display = ("email", "gets", "language", "created_at")
    list_filter = ("subscriptions__newsletter", "subscriptions__state", "language")
    search_fields = ("email_norm__startswith",)
    search_help_text = _("Enter the beginning of an e-mail address.")
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

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> tuple[Any, bool]:
        return super().get_search_results(request, queryset, search_term.strip().lower())

    @admin.display(description=_("newsletters"))
    def gets(self, subscriber: Subscriber) -> str:
        return ", ".join(str(row) for row in subscriber.subscriptions.all())

    @admin.display(description=_("evidence"))
    def evidence(self, subscriber: Subscriber) -> str:
        """All consent events of the address, with the words agreed to."""
        events = consent.events_of(subscriber.email_norm)[:SHOWN_EVENTS]
        return render_to_string("admin/subscribers/evidence.html", {"events": events})

    @admin.action(description=_("Unsubscribe from everything"), permissions=["change"])
    def unsubscribe(self, request: HttpRequest, queryset: QuerySet[Subscriber]) -> None:
        rows = Subscription.objects.filter(subscriber__in=queryset, state__in=leaving.LEAVABLE)
        done = sum(
            leaving.leave(row, way="admin", by=_who(request)) for row in rows.select_related("subscriber", "newsletter")
        )
        words = ngettext("%(count)d subscription was ended.", "%(count)d subscriptions were ended.", done)
        messages.success(request, words % {"count": done})


@admin.register(ConsentEvent)
class ConsentEventAdmin(ReadOnly, LongList, SearchByAddress):
    """The proof of one address, also after it was erased; of all addresses, without their names."""

    list_display = ("at", "kind", "newsletter", "consent_text", "page", "address_prefix", "way", "by")
    list_filter = ("kind", "newsletter")
    list_select_related = ("newsletter", "consent_text__newsletter", "by")


class SuppressionForm(forms.ModelForm):
    """The address is typed, and only its HMAC kept."""

    email = forms.CharField(label=_("address"), max_length=500)

    class Meta:
        model = Suppression
        fields = ("newsletter", "reason")

    def clean_email(self) -> str:
        return parse(self.cleaned_data["email"]).norm


@admin.register(Suppression)
class SuppressionAdmin(LongList, SearchByAddress):
    """Who is never mailed. An entry is added or taken away, and never altered."""

    form = SuppressionForm
    list_display = ("__str__", "newsletter", "reason", "at", "by")
    list_filter = ("reason", "newsletter")
    list_select_related = ("newsletter", "by")
    fields = ("email", "newsletter", "reason")

    def get_fields(self, request: HttpRequest, obj: Suppression | None = None) -> Any:
        return ("newsletter", "reason", "at", "by") if obj else self.fields

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: Suppression, form: Any, change: bool) -> None:
        kept = consent.suppress(
            form.cleaned_data["email"],
            reason=SuppressionReason(obj.reason),
            newsletter=obj.newsletter,
            by=_who(request),
        )
        obj.pk, obj.email_hmac, obj.at = kept.pk, kept.email_hmac, kept.at
        obj._state.adding = False
