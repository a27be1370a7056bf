"""What of the comments is shown: the form above the queue, and what it asks of the database."""

from datetime import date, datetime, time, timedelta
from functools import partial
from typing import Any, cast

from django import forms
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from articles.models import Edition, Section
from comments import policy
from comments.admin import queue
from comments.models import Comment, ModerationAction
from comments.states import State
from newsroom.lib import addresses, clock

EVERY = "every"
KEY_LIMIT = 2**63 - 1
# No comment is older or newer, and midnight can be told in every time zone.
FIRST_DAY, LAST_DAY = date(1900, 1, 1), date(9000, 1, 1)


class FilterForm(forms.Form):
    """Everything is optional, and what cannot be understood is said and left out."""

    q = forms.CharField(
        label=_("Search"),
        required=False,
        max_length=200,
        widget=forms.TextInput(attrs={"type": "search"}),
        help_text=_("Words of the comment, its author’s name or email, its address, or words of the headline."),
    )
    state = forms.ChoiceField(label=_("State"), required=False)
    section = forms.ModelChoiceField(Section.objects.all(), label=_("Section"), required=False, empty_label=_("All"))
    rule = forms.ChoiceField(label=_("Caught by"), required=False)
    reason = forms.ChoiceField(label=_("Rejected for"), required=False)
    network = forms.CharField(label=_("Network or address"), required=False, max_length=60)
    since = forms.DateField(label=_("Written from"), required=False, widget=forms.DateInput(attrs={"type": "date"}))
    until = forms.DateField(label=_("Written to"), required=False, widget=forms.DateInput(attrs={"type": "date"}))
    reported = forms.BooleanField(label=_("Reported"), required=False)
    appealed = forms.BooleanField(label=_("Appealed"), required=False)
    picked = forms.BooleanField(label=_("Picked by the editors"), required=False)
    # Set by links on the comments themselves.
    article = forms.IntegerField(required=False, min_value=1, max_value=KEY_LIMIT, widget=forms.HiddenInput)
    commenter = forms.IntegerField(required=False, min_value=1, max_value=KEY_LIMIT, widget=forms.HiddenInput)

    def __init__(self, *args: Any, reasons: list[tuple[str, str]], full: bool, **kwargs: Any) -> None:
        """`reasons`: codes and labels of all that were ever in use. Without `full`, only what authors may ask."""
        super().__init__(*args, **kwargs)
        choice = cast(dict[str, Any], self.fields)
        choice["state"].choices = [
            ("", _("What waits") if full else _("All")),
            *State.choices,
            *([(EVERY, _("All"))] if full else []),
        ]
        choice["rule"].choices = [("", _("Any rule or none")), *policy.LABELS.items()]
        choice["reason"].choices = [("", _("Any reason or none")), *reasons]
        if not full:
            for name in ("rule", "reason", "network", "reported", "appealed", "commenter"):
                del self.fields[name]
            self.fields["q"].help_text = _("Words of the comment, its author’s name, or words of the headline.")

    def clean_network(self) -> str:
        typed = self.cleaned_data["network"].strip()
        network = addresses.prefix(typed.partition("/")[0])
        if typed and not network:
            raise forms.ValidationError(
                _("This is no network address. Enter one such as 192.0.2.7 or 2001:db8:1::, then search again.")
            )
        return network

    def chosen(self) -> dict[str, Any]:
        """What was asked for and understood, without what is empty."""
        self.is_valid()
        return {name: value for name, value in self.cleaned_data.items() if value not in (None, "", False)}


def groups(chosen: dict[str, Any], full: bool) -> tuple[queue.Group, ...]:
    """The queue, or a list of the newest: of those that have left the queue, and for those who decide nothing."""
    waits = full and not (chosen.keys() & {"state", "reason", "picked"})
    return queue.WAITING_GROUPS if waits else queue.EVERY_GROUP


def narrowing(chosen: dict[str, Any], full: bool) -> queue.Narrow | None:
    """What `chosen` asks of the comments, to be laid on any query of them; None where that is nothing.

    Whose address is whose is no matter of authors: without `full` no search tells.
    """
    asked = {name: value for name, value in chosen.items() if (name, value) != ("state", EVERY)}
    if full and "q" in asked:
        asked["q_or_email"] = asked.pop("q")
    return partial(_narrowed, asked) if asked else None


def _narrowed(asked: dict[str, Any], comments: QuerySet[Comment]) -> QuerySet[Comment]:
    for name, value in asked.items():
        comments = comments.filter(_ASKED[name](value))
    return comments


def _said(words: str) -> Q:
    editions = Edition.objects.filter(live_from__lte=clock.now(), headline__icontains=words)
    return (
        Q(body__icontains=words)
        | Q(display_name__icontains=words)
        | Q(public_id=words)
        | Q(article__in=editions.order_by().values("article"))
    )


def _caught_by(rule: str) -> Q:
    return Q(Exists(ModerationAction.objects.order_by().filter(comment=OuterRef("pk"), automated=True, rule=rule)))


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))


_ASKED: dict[str, Any] = {
    "q": _said,
    "q_or_email": lambda words: _said(words) | Q(commenter__email__iexact=words),
    "state": lambda state: Q(state=state),
    "section": lambda section: Q(article__section=section),
    "rule": _caught_by,
    "reason": lambda code: Q(reason=code),
    "network": lambda network: Q(address_prefix=network),
    "since": lambda day: Q(created_at__gte=_midnight(max(day, FIRST_DAY))),
    "until": lambda day: Q(created_at__lt=_midnight(min(day, LAST_DAY) + timedelta(days=1))),
    "reported": lambda _yes: Q(Exists(queue.open_reports("pk"))),
    "appealed": lambda _yes: Q(Exists(queue.open_appeals("pk"))),
    "picked": lambda _yes: Q(picked_at__isnull=False),
    "article": lambda key: Q(article=key),
    "commenter": lambda key: Q(commenter=key),
}
