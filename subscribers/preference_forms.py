"""The forms of the preference centre."""

import zoneinfo
from datetime import date, timedelta
from functools import lru_cache
from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext, gettext_lazy

from newsroom.lib import clock
from newsroom.lib.emails import Email, parse
from subscribers.forms import ConsentField
from subscribers.models import ConsentText, Newsletter, Subscriber, Subscription
from subscribers.preferring import LONGEST_PAUSE
from subscribers.states import SubscriptionState

# Zones as people name them: by continent and city.
_REGIONS = ("Africa", "America", "Antarctica", "Arctic", "Asia", "Atlantic", "Australia", "Europe", "Indian", "Pacific")


class LinkForm(forms.Form):
    """An address to which a link is mailed."""

    email = forms.CharField(
        max_length=500,
        error_messages={
            "required": gettext_lazy("Please enter your email address."),
            "max_length": gettext_lazy("This address is too long. Please use another one."),
        },
    )

    def clean_email(self) -> Email:
        return parse(self.cleaned_data["email"])


class PersonForm(forms.ModelForm):
    """In which language and zone somebody is written to."""

    class Meta:
        model = Subscriber
        fields = ("language", "time_zone")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        unset = (("", gettext("The site's time zone (%(zone)s)") % {"zone": settings.TIME_ZONE}),)
        self.fields["language"].label = gettext("Language")
        self.fields["language"].show_hidden_initial = False
        self.fields["time_zone"] = forms.ChoiceField(
            label=gettext("Time zone"), required=False, choices=(*unset, *_zones(self.instance.time_zone))
        )


class ChoiceForm(forms.Form):
    """Whether one newsletter is sent. Its prefix is the newsletter's key."""

    state = forms.ChoiceField(
        widget=forms.RadioSelect,
        choices=(
            (SubscriptionState.ACTIVE, gettext_lazy("Send it to me")),
            (SubscriptionState.PAUSED, gettext_lazy("Pause it")),
            (SubscriptionState.UNSUBSCRIBED, gettext_lazy("Do not send it any more")),
        ),
        error_messages={"invalid_choice": gettext_lazy("Please choose one of these.")},
    )
    until = forms.DateField(
        required=False,
        input_formats=["%Y-%m-%d"],
        error_messages={"invalid": gettext_lazy("Please give the day as year-month-day, such as 2027-01-31.")},
    )
    consent = ConsentField(queryset=ConsentText.objects.none(), required=False)

    def __init__(self, newsletter: Newsletter, subscription: Subscription | None, data: Any = None) -> None:
        self.newsletter, self.subscription = newsletter, subscription
        super().__init__(data, prefix=str(newsletter.pk), initial=_initial(subscription))
        self.fields["state"].required = self.is_sent
        self.fields["consent"].queryset = ConsentText.objects.offered().filter(newsletter=newsletter)  # type: ignore[attr-defined]

    @property
    def is_sent(self) -> bool:
        """Whether it is sent or paused; else it can be subscribed to."""
        return self.subscription is not None and self.subscription.state != SubscriptionState.UNSUBSCRIBED

    def clean_until(self) -> date | None:
        """A day to come, in the zone of the reader. Only a pause has an end."""
        day = self.cleaned_data["until"]
        paused = self.data.get(self.add_prefix("state")) == SubscriptionState.PAUSED
        if day is None or not paused or self.subscription is None:
            return None
        first = tomorrow(self.subscription.subscriber)
        if not first <= day < first + LONGEST_PAUSE:
            raise ValidationError(gettext("Please choose a day after today, and within a year."))
        return day


def _initial(subscription: Subscription | None) -> dict[str, Any]:
    if subscription is None:
        return {}
    until = subscription.paused_until
    day = until.astimezone(_zone(subscription.subscriber)).date() if until else None
    return {"state": subscription.state, "until": day}


def tomorrow(subscriber: Subscriber) -> date:
    """The first day that a pause can last until: where the subscriber is it may be another one than here."""
    return clock.now().astimezone(_zone(subscriber)).date() + timedelta(days=1)


def _zone(subscriber: Subscriber) -> zoneinfo.ZoneInfo:
    return zoneinfo.ZoneInfo(subscriber.time_zone or settings.TIME_ZONE)


@lru_cache(maxsize=64)
def _zones(present: str) -> tuple[tuple[str, str], ...]:
    """The zones to choose from, with the present one whatever its name is."""
    named = (name for name in zoneinfo.available_timezones() if name.partition("/")[0] in _REGIONS)
    return tuple((name, name.replace("_", " ")) for name in sorted({*named, *filter(None, [present])}))
