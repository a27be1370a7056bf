"""What readers type beside their comments: an address, a report, an objection."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from comments import reasons
from comments.forms import AddressField, TidyField, Trap
from comments.readers import appeals, reports


class ReportForm(Trap):
    """A notice that a comment breaks a rule. Nobody has to say who they are."""

    reason = forms.ChoiceField(
        label=_("Which rule does it break?"),
        choices=reasons.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("Please choose the rule that the comment breaks.")},
    )
    text = TidyField(
        label=_("What is wrong with it? (optional)"),
        limit=reports.TEXT_LIMIT,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4, "dir": "auto"}),
    )
    email = AddressField(
        label=_("Your email address (optional)"),
        required=False,
        help_text=_("Only to tell you what came of your report. It is forgotten after that."),
    )
    identity = forms.CharField(required=False, max_length=500, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"auto_id": "comment-report-%s", "label_suffix": ""} | kwargs)


class AppealForm(forms.Form):
    """Why a decision is wrong."""

    use_required_attribute = False
    text = TidyField(
        label=_("Why is the decision wrong?"),
        limit=appeals.TEXT_LIMIT,
        error_messages={"required": _("Please say why the decision is wrong before you send it.")},
        widget=forms.Textarea(attrs={"rows": 5, "dir": "auto"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"auto_id": "comment-appeal-%s", "label_suffix": ""} | kwargs)


class ElsewhereForm(Trap):
    """Where to mail the link that confirms a comment's address, in place of where it went before."""

    email = AddressField(
        label=_("Your email address"),
        error_messages={"required": _("Please enter your email address.")},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"auto_id": "comment-elsewhere-%s", "label_suffix": ""} | kwargs)


class LinkForm(Trap):
    """Where to mail the link to one's own comments."""

    email = AddressField(
        label=_("Your email address"),
        error_messages={"required": _("Please enter your email address.")},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"auto_id": "comment-link-%s", "label_suffix": ""} | kwargs)
