"""The form that readers fill in."""

import re
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from newsroom.lib.emails import Email, parse
from subscribers.models import ConsentText

PAGE_LENGTH = 400
KEY_LENGTH = 18
_MARK = re.compile(r"[A-Za-z0-9-]{20,32}")


class PageField(forms.CharField):
    """The path of the page that held the form. It is a hint for the proof, so nonsense is dropped, not refused."""

    def to_python(self, value: Any) -> str:
        path = value if isinstance(value, str) else ""
        known = path.startswith("/") and not path.startswith("//") and path.isprintable()
        return path[:PAGE_LENGTH] if known else ""


class MarkField(forms.CharField):
    """What the browser made up to know its own request again. Nonsense is dropped, and the button remains."""

    def to_python(self, value: Any) -> str:
        mark = value if isinstance(value, str) else ""
        return mark if _MARK.fullmatch(mark) else ""


class ConsentField(forms.ModelMultipleChoiceField):
    """Consent texts by their keys. A number too long for a key is a wrong key, and not an error of the database."""

    def clean(self, value: Any) -> Any:
        if any(len(str(key)) > KEY_LENGTH for key in value or []):
            raise ValidationError(self.error_messages["invalid_choice"], code="invalid_choice")
        return super().clean(value)


class SubscribeForm(forms.Form):
    """An address, and the notices agreed to: each stands for its newsletter."""

    email = forms.CharField(
        max_length=500,
        error_messages={
            "required": _("Please enter your email address."),
            "max_length": _("This address is too long. Please use another one."),
        },
    )
    consent = ConsentField(
        queryset=ConsentText.objects.none(),
        error_messages={
            "required": _("Please choose at least one newsletter."),
            "invalid_choice": _("This newsletter is not offered any more. Please load the page again."),
            "invalid_pk_value": _("This newsletter is not offered any more. Please load the page again."),
        },
    )
    page = PageField(required=False)
    mark = MarkField(required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["consent"].queryset = ConsentText.objects.offered()  # type: ignore[attr-defined]

    def clean_email(self) -> Email:
        return parse(self.cleaned_data["email"])

    def clean_consent(self) -> list[ConsentText]:
        """One notice for each newsletter: the newest that the reader had before them."""
        texts = sorted(self.cleaned_data["consent"], key=lambda text: text.pk)
        return list({text.newsletter_id: text for text in texts}.values())
