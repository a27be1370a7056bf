"""What moderators send: a decision on one comment or on many, an answer to an appeal, a ban."""

import re
from datetime import timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from comments import decisions
from comments.forms import parse_versions
from comments.models import Ban, Comment
from comments.states import UNDO
from newsroom.lib import clock

# Answers the reports, and leaves the comment as it is.
LEAVE = "leave"
# As many comments are decided on at once at most.
BULK = 100
KEYS = r"^[0-9]{1,18}$"


class DecisionForm(forms.Form):
    """What a moderator decides on one comment, on which versions of it, having seen which reports."""

    decision = forms.ChoiceField(choices=[(name, name) for name in (*decisions.DECISIONS, UNDO, LEAVE)])
    versions = forms.RegexField(r"^[0-9]{1,9}\.[0-9]{1,9}$", widget=forms.HiddenInput)
    reason = forms.CharField(required=False, max_length=20)
    reports = forms.CharField(required=False, max_length=4000)
    note = forms.CharField(required=False, max_length=2000)
    notice = forms.CharField(required=False, max_length=2000)

    def clean_versions(self) -> tuple[int, int]:
        return parse_versions(self.cleaned_data["versions"]) or (0, 0)

    def clean_reports(self) -> list[int]:
        """The keys of the reports that were on the screen."""
        return [int(key) for key in self.cleaned_data["reports"].split(",") if re.fullmatch(KEYS, key)]


class AnswerForm(forms.Form):
    """The answer of a second person to the appeal that they have read: of one comment there may be several."""

    appeal = forms.RegexField(KEYS, widget=forms.HiddenInput)
    granted = forms.ChoiceField(choices=[("yes", "yes"), ("no", "no")])
    answer = forms.CharField(required=False, max_length=2000)


class BulkForm(forms.Form):
    """One decision on many comments; of each its key and versions as they were on the screen: 17.1.1."""

    decision = forms.ChoiceField(
        choices=[(name, name) for name, row in decisions.DECISIONS.items() if row.picks is None] + [(UNDO, UNDO)]
    )
    reason = forms.CharField(required=False, max_length=20)


def parse_chosen(written: str) -> tuple[int, tuple[int, int]] | None:
    """A row of BulkForm: the comment's key, and its versions; None for anything else."""
    key, _dot, versions = written.partition(".")
    parsed = parse_versions(versions)
    if parsed is None or not key.isdecimal() or len(key) > 18:
        return None
    return int(key), parsed


class BanForm(forms.Form):
    """A ban on who wrote a comment, or on the network that it came from."""

    ENDS = [
        ("1", _("after a day")),
        ("7", _("after a week")),
        ("30", _("after a month")),
        ("365", _("after a year")),
        ("", _("never")),
    ]

    whom = forms.ChoiceField(choices=[("commenter", "commenter"), ("network", "network")])
    days = forms.ChoiceField(choices=ENDS, required=False)
    reason = forms.CharField(max_length=200)

    def ban(self, comment: Comment) -> Ban:
        """The ban that was asked for, checked and not saved (comments.banning); raises ValidationError, a sentence."""
        asked = self.cleaned_data
        ends = clock.now() + timedelta(days=int(asked["days"])) if asked["days"] else None
        ban = Ban(reason=asked["reason"], ends_at=ends)
        if asked["whom"] == "commenter":
            ban.commenter = comment.commenter
        else:
            ban.network = comment.address_prefix
        if not ban.commenter and not ban.network:
            raise ValidationError(_("Nothing is known of who wrote this comment, so nobody was banned."))
        ban.full_clean()
        return ban


def first_error(error: ValidationError | Any) -> str:
    """One sentence of it."""
    return str(error.messages[0])
