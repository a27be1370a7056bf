"""Accounts and site settings in the admin."""

import re
from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.auth.admin import UserAdmin as StockUserAdmin
from django.contrib.auth.forms import AdminUserCreationForm, UserChangeForm
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from articles.admin.showing import moment
from newsroom.models import SiteSettings, User
from newsroom.preferences import PREFERENCES, ZoneForm

SUPERUSERS_ALONE = {"is_superuser", "user_permissions"}


class UserForm(ZoneForm, UserChangeForm):
    class Meta(UserChangeForm.Meta):
        model = User


class NewUserForm(AdminUserCreationForm):
    class Meta(AdminUserCreationForm.Meta):
        model = User
        fields = ("username", "first_name", "last_name", "email", "is_staff", "groups")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "is_staff" in self.fields:
            self.fields["is_staff"].initial = True  # an account that cannot open the admin is the exception


@admin.register(User)
class UserAdmin(StockUserAdmin):
    """Accounts. An administrator gives roles to others: not to themselves, and never a superuser's powers."""

    form = UserForm
    add_form = NewUserForm
    fieldsets = (
        (None, {"fields": ("username", "password")}),
        (_("Person"), {"fields": ("first_name", "last_name", "email")}),
        (_("In the admin"), {"fields": PREFERENCES}),
        (_("Permissions"), {"fields": ("is_active", "is_staff", "is_superuser", "groups", "user_permissions")}),
        (_("Dates"), {"fields": ("last_login", "date_joined")}),
    )
    add_fieldsets = (
        (None, {"fields": ("username", "usable_password", "password1", "password2")}),
        (_("Person"), {"fields": ("first_name", "last_name", "email")}),
        (_("Permissions"), {"fields": ("is_staff", "groups")}),
    )
    list_display = ("username", "first_name", "last_name", "email", "roles", "is_active", "signed_in")
    list_filter = ("groups", "is_active", "is_staff")
    readonly_fields = ("last_login", "date_joined")

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).prefetch_related("groups")

    @admin.display(description=_("roles"))
    def roles(self, user: User) -> str:
        return ", ".join(group.name for group in user.groups.all())

    @admin.display(description=_("last login"), ordering="last_login")
    def signed_in(self, user: User) -> str:
        return moment(user.last_login) or self.get_empty_value_display()

    def has_view_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """Whoever writes articles may complete a colleague's name in a form, and see no more of them than that."""
        completing = request.path == reverse("admin:autocomplete")
        return super().has_view_permission(request, obj) or (
            completing and request.user.has_perm("articles.change_article")
        )

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        if obj is not None and obj.is_superuser and not request.user.is_superuser:
            return False
        return super().has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        if obj is not None and obj.is_superuser and not request.user.is_superuser:
            return False
        return super().has_delete_permission(request, obj)

    def get_fieldsets(self, request: HttpRequest, obj: User | None = None) -> Any:
        fieldsets = super().get_fieldsets(request, obj)
        if request.user.is_superuser:
            return fieldsets
        return [
            (title, {**options, "fields": [name for name in options["fields"] if name not in SUPERUSERS_ALONE]})
            for title, options in fieldsets
        ]

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> Any:
        fields = super().get_readonly_fields(request, obj)
        if obj is not None and obj.pk == request.user.pk and not request.user.is_superuser:
            return (*fields, "groups", "is_staff", "is_active")
        return fields

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> tuple[Any, bool]:
        """Nobody is asked to work who has left: other forms offer the accounts that are in use."""
        if request.path == reverse("admin:autocomplete"):
            queryset = queryset.filter(is_active=True)
        return super().get_search_results(request, queryset, search_term)


class SiteSettingsForm(forms.ModelForm):
    class Meta:
        model = SiteSettings
        fields = (
            "name",
            "tagline",
            "footer",
            "contact_email",
            "accent",
            "undo_seconds",
            "four_eyes",
            "newsletter_dialog",
        )
        widgets = {"accent": forms.TextInput(attrs={"type": "color"})}

    def clean_accent(self) -> str:
        """A colour that can be read on white: contrast 4.5 and more (WCAG 2.2, 1.4.3)."""
        colour = self.cleaned_data["accent"]
        if not re.fullmatch(r"#[0-9a-fA-F]{6}", colour):
            raise ValidationError(_("Give the colour as # and six hexadecimal digits, such as #9b1c31."))
        if contrast_with_white(colour) < 4.5:
            raise ValidationError(_("This colour is too light to be read on white. Choose a darker one."))
        return colour.lower()


def contrast_with_white(colour: str) -> float:
    """The contrast ratio of "#rrggbb" to white, 1 to 21 (WCAG 2.2, definition of contrast ratio)."""
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    luminance = sum(weight * c for weight, c in zip((0.2126, 0.7152, 0.0722), linear, strict=True))
    return 1.05 / (luminance + 0.05)


@admin.register(SiteSettings)
class SiteSettingsAdmin(admin.ModelAdmin):
    """One row: its list is its form."""

    form = SiteSettingsForm
    fieldsets = (
        (
            _("What readers see"),
            {"fields": ("name", "tagline", "footer", "contact_email", "accent", "newsletter_dialog")},
        ),
        (_("How this newsroom works"), {"fields": ("undo_seconds", "four_eyes")}),
    )

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> SiteSettings:
        return SiteSettings.current()

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        if not self.has_view_or_change_permission(request):
            raise PermissionDenied
        return HttpResponseRedirect(reverse("admin:newsroom_sitesettings_change", args=[1]))

    def response_post_save_change(self, request: HttpRequest, obj: Any) -> HttpResponseRedirect:
        return HttpResponseRedirect(request.path)
