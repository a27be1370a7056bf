"""Who and when: fields that are no part of the text, so no revision tells that a colleague changed one of them.

The form carries what it showed of them. Only what the editor changed is written; what both changed is refused.
"""

import json
from datetime import UTC, datetime
from typing import Any, cast

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext

from articles.admin.showing import moment, person
from articles.models import Article

ARRANGEMENTS = ("owner", "assignee", "due", "embargo")


class ArrangementsForm(forms.ModelForm):
    """An article's form that leaves alone what its editor did not touch of ARRANGEMENTS."""

    # What the form showed, as JSON: {field: key or minute}. Nothing is trusted to it but what its sender may do anyway.
    arranged = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "arranged" in self.fields:
            self.fields["arranged"].initial = json.dumps(self._written(self.instance))
        # The fields that were left as they are stored now.
        self.untouched: set[str] = set()

    def merge_arrangements(self) -> None:
        """Take the stored value where the editor changed nothing, and refuse what a colleague changed too.

        Called under the article's lock, so that what is stored now is what the save meets.
        """
        present = Article.objects.select_related("owner", "assignee").get(pk=self.instance.pk)
        stored = self._written(present)
        shown = self._shown() or stored
        refused = False
        for name in [name for name in ARRANGEMENTS if name in self.cleaned_data]:
            typed = _plain(self.cleaned_data[name])
            if typed == stored[name] or typed == shown.get(name, stored[name]):
                self.cleaned_data[name] = getattr(present, name)
                self.untouched.add(name)
            elif stored[name] != shown.get(name, stored[name]):
                self.add_error(name, _changed_to(name, present))
                refused = True
        if refused:
            # The colleague's value is told from here on: the next save knows of it.
            self.resend("arranged", json.dumps(stored))

    def resend(self, name: str, value: str) -> None:
        """Let the form that is shown again carry `value` in its hidden field `name`."""
        data = cast(QueryDict, self.data).copy()
        data[self.add_prefix(name)] = value
        self.data = data

    def _shown(self) -> dict[str, str]:
        try:
            shown = json.loads(self.cleaned_data.get("arranged") or "{}")
        except (ValueError, RecursionError):
            return {}
        return shown if isinstance(shown, dict) else {}

    @staticmethod
    def _written(article: Article) -> dict[str, str]:
        return {name: _plain(getattr(article, name)) for name in ARRANGEMENTS}


def _plain(value: Any) -> str:
    """One spelling for a value typed and the same one stored; the form's times have no seconds."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="minutes")
    return str(value.pk) if value else ""


def _changed_to(name: str, present: Article) -> str:
    value = getattr(present, name)
    field: Any = Article._meta.get_field(name)
    said = {"field": field.verbose_name, "value": moment(value) if isinstance(value, datetime) else person(value)}
    if value:
        sentence = gettext(
            "“%(field)s” was changed by a colleague meanwhile to %(value)s. Save again to put yours there."
        )
    else:
        sentence = gettext("“%(field)s” was emptied by a colleague meanwhile. Save again to put yours there.")
    return sentence % said
