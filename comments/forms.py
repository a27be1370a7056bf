"""What a reader types into the comment form."""

import re
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from comments import text
from comments.models import Comment
from newsroom.lib.emails import Email, parse


class TidyField(forms.CharField):
    """Text made harmless before it is measured. Without maxlength in the page: browsers cut off what is pasted."""

    def __init__(self, *, limit: int, one_line: bool = False, **kwargs: Any) -> None:
        super().__init__(strip=False, **kwargs)
        self.limit = limit
        self.one_line = one_line

    def to_python(self, value: Any) -> str:
        typed = super().to_python(value) or ""
        if len(typed) > 20 * self.limit:
            raise self._too_long(len(typed))
        return text.tidy_name(typed) if self.one_line else text.tidy(typed)

    def validate(self, value: str) -> None:
        if self.required and not text.says_something(value):
            raise ValidationError(self.error_messages["required"], code="required")
        if len(value) > self.limit:
            raise self._too_long(len(value))

    def _too_long(self, length: int) -> ValidationError:
        sentence = ngettext_lazy(
            "This has %(length)d characters and may have %(limit)d. Please make it one character shorter.",
            "This has %(length)d characters and may have %(limit)d. Please make it %(over)d characters shorter.",
            "over",
        )
        over = {"length": length, "limit": self.limit, "over": length - self.limit}
        return ValidationError(sentence, code="max_length", params=over)


class AddressField(forms.CharField):
    """An email address as it is compared; None where none is typed."""

    def __init__(self, **kwargs: Any) -> None:
        attributes = {"autocomplete": "email", "dir": "ltr"}
        super().__init__(**{"widget": forms.EmailInput(attrs=attributes)} | kwargs)

    def clean(self, value: Any) -> Email | None:
        typed = super().clean(value)
        return parse(typed) if typed else None


class Trap(forms.Form):
    """A form with a trap: people do not see `website`, programs fill it in."""

    use_required_attribute = False  # the server's sentences say more than the browser's, in the page's language

    website = forms.CharField(
        label=_("Leave this field empty"),
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off", "tabindex": "-1"}),
    )

    def clean_website(self) -> str:
        if self.cleaned_data["website"]:
            raise ValidationError(
                _("This field catches programs that send advertising. Please empty it and send your comment again.")
            )
        return ""


class WordsForm(Trap):
    """Name and comment."""

    name = TidyField(
        label=_("Your name"),
        help_text=_("It is shown with your comment."),
        limit=text.NAME_LIMIT,
        one_line=True,
        error_messages={"required": _("Please enter a name to sign your comment with.")},
        widget=forms.TextInput(attrs={"autocomplete": "name", "dir": "auto"}),
    )
    body = TidyField(
        label=_("Your comment"),
        limit=text.BODY_LIMIT,
        error_messages={"required": _("Please write a comment before you send it.")},
        widget=forms.Textarea(attrs={"rows": 6, "dir": "auto"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        # The newsletter's form stands on the same page.
        super().__init__(*args, **{"auto_id": "comment-form-%s", "label_suffix": ""} | kwargs)


class CommentForm(WordsForm):
    """A new comment, perhaps with an address to confirm.

    `key` is made by the page's script, once for each comment that is written in it; `identity` is what it keeps
    of a reader who has confirmed an address before (comments.readers.identity).
    """

    email = AddressField(
        label=_("Your email address (optional)"),
        required=False,
        help_text=_("It is never shown. We send you a link first: your comment waits until you have used it."),
    )
    wants_outcome = forms.BooleanField(label=_("Mail me what becomes of my comment"), required=False)
    wants_replies = forms.BooleanField(label=_("Mail me when somebody answers"), required=False)
    identity = forms.CharField(required=False, max_length=500, widget=forms.HiddenInput)
    answers = forms.CharField(required=False, widget=forms.HiddenInput)
    key = forms.CharField(required=False, max_length=64, widget=forms.HiddenInput)

    def clean(self) -> dict[str, Any]:
        said = super().clean() or self.cleaned_data
        wants_mail = said.get("wants_outcome") or said.get("wants_replies")
        if wants_mail and not (said.get("email") or said.get("identity") or "email" in self.errors):
            self.add_error("email", _("Enter the address that the mails shall go to, or take the ticks away."))
        return said


def written_versions(comment: Comment) -> str:
    """The comment's versions as a form carries them."""
    return "{}.{}".format(*comment.versions)


def parse_versions(written: str) -> tuple[int, int] | None:
    """What `written_versions` wrote; None for anything else."""
    match = re.fullmatch(r"([0-9]{1,9})\.([0-9]{1,9})", written, re.ASCII)
    return (int(match[1]), int(match[2])) if match else None


class EditForm(WordsForm):
    """A comment's words, changed by who wrote them. `versions` are those that were on the screen."""

    versions = forms.RegexField(r"^[0-9]{1,9}\.[0-9]{1,9}$", widget=forms.HiddenInput)

    def clean_versions(self) -> tuple[int, int]:
        state, text_version = self.cleaned_data["versions"].split(".")
        return int(state), int(text_version)

    @classmethod
    def of(cls, comment: Comment) -> "EditForm":
        """The form as the comment's words stand now."""
        words = {"name": comment.display_name, "body": comment.body, "versions": written_versions(comment)}
        return cls(initial=words)
