"""What a reader types into the comment form."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from comments import text
from comments.models import Comment


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
        if not text.says_something(value):
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


class WordsForm(forms.Form):
    """Name and comment. `website` is a trap: people do not see it, programs fill it in."""

    use_required_attribute = False  # the server's sentences say more than the browser's, in the page's language

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
    website = forms.CharField(
        label=_("Leave this field empty"),
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off", "tabindex": "-1"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        # The newsletter's form stands on the same page.
        super().__init__(*args, **{"auto_id": "comment-form-%s", "label_suffix": ""} | kwargs)

    def clean_website(self) -> str:
        if self.cleaned_data["website"]:
            raise ValidationError(
                _("This field catches programs that send advertising. Please empty it and send your comment again.")
            )
        return ""


class CommentForm(WordsForm):
    """A new comment. `key` is made by the page's script, once for each comment that is written in it."""

    answers = forms.CharField(required=False, widget=forms.HiddenInput)
    key = forms.CharField(required=False, max_length=64, widget=forms.HiddenInput)


def written_versions(comment: Comment) -> str:
    """The comment's versions as a form carries them."""
    return "{}.{}".format(*comment.versions)


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
