"""The reasons to reject a comment, edited in their list. Comments keep the code of theirs, so that never changes."""

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from comments.models import RejectionReason
from comments.states import Reason
from newsroom import pagecache


class ReasonForm(forms.ModelForm):
    """Empty words of a reason that came with the newsroom stand for its own, in the language of the page."""

    class Meta:
        model = RejectionReason
        fields = ("code", "label", "explanation", "clause", "spam", "active", "position")
        widgets = {"explanation": forms.Textarea(attrs={"rows": 2, "cols": 40})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.code in Reason.values:
            self.fields["label"].widget.attrs["placeholder"] = Reason(self.instance.code).label

    def clean_label(self) -> str:
        label = self.cleaned_data["label"].strip()
        if not label and (self.instance.code or self.data.get("code")) not in Reason.values:
            raise ValidationError(_("Write what moderators and readers choose from, such as “off topic”."))
        return label


class ReasonRowForm(ReasonForm):
    """A row of the list, whose fields stand under a heading and have no label of their own."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.widget.attrs["aria-label"] = f"{self.instance}: {field.label}"


@admin.register(RejectionReason)
class RejectionReasonAdmin(admin.ModelAdmin):
    form = ReasonForm
    list_display = ("code", "position", "label", "explanation", "clause", "spam", "active")
    list_editable = ("position", "label", "explanation", "clause", "spam", "active")
    show_full_result_count = False
    actions = None

    class Media:
        css = {"all": ["comments/admin/rules.css"]}

    def get_readonly_fields(self, request: HttpRequest, obj: RejectionReason | None = None) -> list[str]:
        return ["code"] if obj else []

    def get_changelist_form(self, request: HttpRequest, **kwargs: Any) -> type[forms.ModelForm]:
        return super().get_changelist_form(request, **{**kwargs, "form": ReasonRowForm})

    def save_model(self, request: HttpRequest, obj: RejectionReason, form: Any, change: bool) -> None:
        """Readers choose from them on every article's page when they report a comment."""
        super().save_model(request, obj, form, change)
        pagecache.drop()
