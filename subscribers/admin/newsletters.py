"""Newsletters and their notices in the admin."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db import models
from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from newsroom.lib import clock
from newsroom.lib.paging import LongList
from subscribers import defaults, notices
from subscribers.admin.rights import who
from subscribers.models import ConsentText, Newsletter

# What says when a digest is due.
RHYTHM = {"rhythm", "weekday", "send_at", "zone"}
NOTICE_WIDGET = forms.Textarea(attrs={"rows": 8, "cols": 80, "dir": "auto"})


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
        if change and RHYTHM & set(form.changed_data):
            obj.digests_since = clock.now()  # or a digest of this morning would go out as soon as it is saved
        super().save_model(request, obj, form, change)
        if not change:
            notices.write(obj, form.cleaned_data["notice"], language=obj.language, by=who(request))

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
        written = notices.write(obj.newsletter, text, language=obj.language, by=who(request))
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
