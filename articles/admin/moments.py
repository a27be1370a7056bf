"""A moment typed in somebody's own zone: what does not exist is refused, what exists twice is asked for."""

from datetime import UTC, datetime
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from django.utils import formats, timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

# Beyond these somebody mistyped, and the ends of the calendar have no moment in every zone.
YEARS = range(1900, 2201)
FIRST, SECOND = "first", "second"


class MomentWidget(forms.MultiWidget):
    """A local time; and which of two, once it was found that the clock shows it twice."""

    template_name = "articles/widgets/moment.html"  # in the app: widgets do not see the project's templates
    asks_which = False

    def __init__(self) -> None:
        typed = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
        which = forms.Select(
            choices=[("", _("Which of the two?")), (FIRST, _("the earlier one")), (SECOND, _("the later one"))]
        )
        which.attrs["aria-label"] = _("Which of the two?")
        super().__init__({"": typed, "which": which})

    def id_for_label(self, id_: str) -> str:
        """The label is the time's; its second part has words of its own."""
        return f"{id_}_0" if id_ else id_

    def decompress(self, value: datetime | None) -> list[Any]:
        return [timezone.localtime(value) if value else None, ""]

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        context["asks_which"] = self.asks_which
        context["zone"] = zone_name()
        return context


class MomentField(forms.Field):
    """A moment in UTC, from a local time in the zone of whoever types. None where nothing was typed.

    In UTC, since Python compares two moments of one zone by what its clocks show, twice the same when they
    are put back.
    """

    widget = MomentWidget

    def has_changed(self, initial: datetime | None, data: Any) -> bool:
        """Whether another minute was typed: the widget shows no seconds."""
        try:
            typed = self.clean(data)
        except ValidationError:
            return True
        return typed != (initial and initial.replace(second=0, microsecond=0))

    def clean(self, value: list[Any]) -> datetime | None:
        typed, which = ([*value, "", ""])[:2] if value else ("", "")
        if not typed:
            if self.required:
                raise ValidationError(self.error_messages["required"], code="required")
            return None
        naive = _parsed(typed)
        moments = moments_of(naive)
        if not moments:
            raise ValidationError(
                _("There is no %(time)s in %(zone)s: the clocks are put forward. Choose another time."),
                params={"time": formats.date_format(naive, "j F Y, H:i"), "zone": zone_name()},
            )
        if len(moments) == 1:
            return moments[0].astimezone(UTC)
        self.widget.asks_which = True
        if which not in (FIRST, SECOND):
            earlier, later = (moment.tzname() for moment in moments)
            raise ValidationError(
                _(
                    "The clocks are put back, so this time comes twice. "
                    "Choose the earlier (%(one)s) or the later (%(two)s)."
                ),
                params={"one": earlier, "two": later},
            )
        return moments[0 if which == FIRST else 1].astimezone(UTC)


# For ModelAdmin.formfield_overrides: Django's own widgets speak of "server time" and refuse without asking.
MOMENTS: Any = {models.DateTimeField: {"form_class": MomentField, "widget": MomentWidget}}


def moments_of(naive: datetime) -> list[datetime]:
    """The moments at which clocks in the present zone show `naive`: none, one, or the earlier and the later."""
    zone = timezone.get_current_timezone()
    found = []
    for fold in (0, 1):
        moment = naive.replace(tzinfo=zone, fold=fold)
        if moment.astimezone(UTC).astimezone(zone).replace(tzinfo=None) == naive:
            found.append(moment)
    return found[:1] if len({moment.utcoffset() for moment in found}) == 1 else found


def zone_name() -> str:
    """The present zone as people know it, with what it is called now: "Europe/Berlin (CET)"."""
    zone = timezone.get_current_timezone_name()
    short = timezone.localtime().tzname() or ""
    if short in ("", zone) or not short[0].isalpha():
        return zone
    return gettext("%(zone)s (%(short)s)") % {"zone": zone, "short": short}


def _parsed(typed: str) -> datetime:
    try:
        naive = parse_datetime(typed)
    except ValueError:
        naive = None
    if naive is None or naive.tzinfo is not None:
        raise ValidationError(_("Give the time as a day and an hour, such as 2027-03-28 14:30."))
    if naive.year not in YEARS:
        raise ValidationError(
            _("Give a year from %(first)s to %(last)s."), params={"first": YEARS.start, "last": YEARS.stop - 1}
        )
    return naive
