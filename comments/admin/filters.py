"""What of the comments is shown: the form above the queue, and what it asks of the database."""

from datetime import date, datetime, time, timedelta
from functools import partial
from typing import Any, cast

from django import forms
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from articles.models import Edition, Section
from comments import policy, threads
from comments.admin import queue
from comments.digests import norm
from comments.models import Comment, Commenter, ModerationAction
from comments.states import State
from newsroom.lib import addresses, clock

EVERY = "every"
KEY_LIMIT = 2**63 - 1
# No comment is older or newer, and midnight can be told in every time zone.
FIRST_DAY, LAST_DAY = date(1900, 1, 1), date(9000, 1, 1)
# No index knows words: they are looked for in comments of so many days, unless older ones are asked for, too.
SEARCHED_DAYS = 30
# What is narrowed by one of these is short enough to be looked through.
SHORT = frozenset({"article", "commenter", "network", "since"})
# Articles with the words in their headline that a search looks at.
HEADLINES = 500


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
    older = forms.BooleanField(label=_("Search comments of more than 30 days ago, too"), required=False)
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


def narrowing(chosen: dict[str, Any], full: bool) -> tuple[queue.Narrow | None, bool]:
    """What `chosen` asks of the comments, to be laid on any query of them; None where that is nothing.

    And whether only comments of SEARCHED_DAYS are looked through for its words. Whose address is whose is no matter
    of authors: without `full` no search tells.
    """
    asked = {name: value for name, value in chosen.items() if (name, value) != ("state", EVERY)}
    words, older = asked.pop("q", ""), asked.pop("older", False)
    found = [_ASKED[name](value) for name, value in asked.items()]
    bounded = False
    if words:
        exactly = _exactly(words, full)
        bounded = not (exactly or older or asked.keys() & SHORT)
        found.append(exactly or _said(words))
    if bounded:
        found.append(Q(created_at__gte=clock.now() - timedelta(days=SEARCHED_DAYS)))
    return (partial(_narrowed, found) if found else None), bounded


def _narrowed(found: list[Q], comments: QuerySet[Comment]) -> QuerySet[Comment]:
    return comments.filter(*found)


def _exactly(words: str, full: bool) -> Q | None:
    """What is found at once, however old: the comments of an address, or the one with this public id."""
    if full and "@" in words:
        known = Commenter.objects.annotate(compared=Lower("email")).filter(compared=norm(words))
        if keys := list(known.values_list("pk", flat=True)):
            return Q(commenter__in=keys)
    if threads.is_public_id(words) and Comment.objects.filter(public_id=words).exists():
        return Q(public_id=words)
    return None


def _said(words: str) -> Q:
    """Words of the comment, of its author's name, or of a headline that readers have seen."""
    editions = Edition.objects.filter(live_from__lte=clock.now(), headline__icontains=words).order_by()
    articles = list(editions.values_list("article", flat=True).distinct()[:HEADLINES])
    return Q(body__icontains=words) | Q(display_name__icontains=words) | Q(article__in=articles)


def _caught_by(rule: str) -> Q:
    return Q(Exists(ModerationAction.objects.order_by().filter(comment=OuterRef("pk"), automated=True, rule=rule)))


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))


_ASKED: dict[str, Any] = {
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
