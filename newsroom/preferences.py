"""What everyone with an account sets for themselves: name, zone, language."""

import zoneinfo
from typing import Any, cast

from django import forms
from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from newsroom.models import User

PREFERENCES = ("time_zone", "language")


def zone_choices() -> list[tuple[str, Any]]:
    """Every time zone this machine knows, after "the site's own"."""
    return [("", _("The site's zone")), *((name, name) for name in sorted(zoneinfo.available_timezones()))]


class ZoneForm(forms.Form):
    """A time zone is chosen from a list, so that it cannot be mistyped."""

    time_zone = forms.ChoiceField(
        label=_("Time zone"),
        choices=zone_choices,
        required=False,
        help_text=_("Times in the admin are shown and typed in this zone."),
    )


class PreferencesForm(ZoneForm, forms.ModelForm):
    class Meta:
        model = User
        fields = ("first_name", "last_name", *PREFERENCES)


def preferences(request: HttpRequest) -> HttpResponse:
    """The form of the user's own account, with nothing in it that gives power."""
    user = cast(User, request.user)
    form = PreferencesForm(request.POST or None, instance=user)
    if request.method == "POST" and form.is_valid():
        form.save()
        with translation.override(user.language or None):
            messages.success(request, gettext("Your preferences were saved."))
        return HttpResponseRedirect(reverse("admin:preferences"))
    context = {**admin.site.each_context(request), "title": _("My preferences"), "form": form}
    return TemplateResponse(request, "admin/preferences.html", context)
