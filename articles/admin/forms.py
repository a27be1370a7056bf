"""The form of an article."""

from typing import Any, cast

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from articles.admin.arrangements import ArrangementsForm
from articles.admin.showing import moment
from articles.models import Article, Section
from newsroom.lib import clock


class ArticleForm(ArrangementsForm):
    """Carries the revision that the editor started from, so that nothing is saved over a colleague's text."""

    based_on = forms.IntegerField(required=False, widget=forms.HiddenInput)
    by: Any = None
    # It only shows what was typed before its editor was signed out: see articles.admin.signed_out.
    shown_again = False
    reason = forms.CharField(
        label=_("Reason for this change"),
        help_text=_("For your colleagues, among the revisions. Readers do not see it."),
        required=False,
        max_length=255,
        widget=forms.TextInput(attrs={"dir": "auto", "class": "vTextField"}),
    )

    class Meta:
        model = Article
        help_texts = {"section": _("Sections with a desk of their own are offered to its members only.")}
        fields = (
            "kicker",
            "headline",
            "standfirst",
            "body",
            "section",
            "language",
            "tags",
            "slug",
            "owner",
            "assignee",
            "due",
            "embargo",
        )
        widgets = {
            "headline": forms.TextInput(attrs={"dir": "auto", "class": "vTextField headline"}),
            "kicker": forms.TextInput(attrs={"dir": "auto", "class": "vTextField"}),
            "standfirst": forms.Textarea(attrs={"dir": "auto", "rows": 3, "class": "vLargeTextField"}),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # Another revision is stored than the one that the editor started from: articles.admin.conflict has a look.
        self.stale = False
        self.present: int | None = None
        if "based_on" in self.fields:
            self.fields["based_on"].initial = self.instance.revision_id
        for name in {"headline", "kicker"} & self.fields.keys():
            # A browser cuts what is pasted at this length and says nothing. The field's error says it.
            self.fields[name].widget.attrs.pop("maxlength", None)
        if "section" in self.fields and not self.by.has_perm("articles.publish_anything"):
            self._limit_sections()

    def _limit_sections(self) -> None:
        """A draft goes to a section whose desk is open to its writer, or stays where it is."""
        open_ones = Section.objects.open_to(self.by).values("pk")
        own = Section.objects.filter(pk=self.instance.section_id).values("pk")
        field = cast(forms.ModelChoiceField, self.fields["section"])
        field.queryset = Section.objects.filter(pk__in=open_ones) | Section.objects.filter(pk__in=own)
        field.error_messages["invalid_choice"] = _("This section has a desk that you do not belong to. Choose another.")

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        self._refuse_second_translation()
        if self.instance.pk and "based_on" in self.fields:
            # The lock that the save will need anyway: what is compared here is what is written over.
            present = Article.objects.locked().values_list("revision_id", flat=True).get(pk=self.instance.pk)
            self.merge_arrangements()
            self._refuse_late_embargo()
            self._refuse_stale(present)
        if self.shown_again:
            raise ValidationError(gettext("Nothing is saved yet. Look at it, and save it."))
        return cleaned

    def _refuse_second_translation(self) -> None:
        language = self.cleaned_data.get("language")
        group = Article.objects.filter(translation_group=self.instance.translation_group, language=language)
        if language and group.exclude(pk=self.instance.pk).exists():
            said = {"language": dict(settings.LANGUAGES).get(language, language)}
            self.add_error(
                "language",
                gettext("This article exists in this language (%(language)s) already. Choose another language.") % said,
            )

    def _refuse_late_embargo(self) -> None:
        """What waits to be published was checked against the embargo that there was."""
        embargo = self.cleaned_data.get("embargo")
        if not embargo or "embargo" in self.untouched:
            return
        # What a clash holds back comes by itself once the clash is gone.
        waits = Q(live_from__isnull=False) | Q(held_for__isnull=False, starts_at__gt=(now := clock.now()))
        early = self.instance.editions.waiting(now).filter(waits, starts_at__lt=embargo).order_by("starts_at").first()
        if early is not None:
            said = {"headline": early.headline, "time": moment(early.starts_at)}
            sentence = gettext(
                "“%(headline)s” is to be published at %(time)s, before this embargo ends. "
                "Cancel that publication first, in the timeline of this article; then set the embargo."
            )
            self.add_error("embargo", sentence % said)

    def _refuse_stale(self, present: int | None) -> None:
        """Compare the revision that the editor started from with the one stored now."""
        self.present = present
        if present != self.cleaned_data.get("based_on"):
            self.stale = True
            raise ValidationError(gettext("A colleague saved this article meanwhile. Nothing was saved over it."))
