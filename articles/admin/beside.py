"""Lead image and gallery in the article's form: their rows, which are edited, ordered and removed in place."""

import json
from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.forms.models import BaseInlineFormSet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from articles import editor
from articles.admin.parts import PartOfArticle, inner
from articles.models import ArticleImage, Place

WORDS = ("caption", "alt", "credit")
SCRIPTS = ("sending", "uploading", "library", "linked", "beside_order", "beside")


class PictureForm(forms.ModelForm):
    """A picture beside the text. Its empty words are the library's, which readers get then."""

    place = forms.ChoiceField(
        label=_("Place"), choices=[(place.value, place.label) for place in (Place.LEAD, Place.GALLERY)]
    )

    class Meta:
        model = ArticleImage
        fields = ("image", "place", "position", *WORDS)
        widgets = {
            "caption": forms.Textarea(attrs={"rows": 2, "dir": "auto", "class": "vLargeTextField"}),
            "alt": forms.TextInput(attrs={"dir": "auto", "class": "vTextField"}),
            "credit": forms.TextInput(attrs={"dir": "auto", "class": "vTextField"}),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk and "image" in self.fields:
            inner(self.fields["image"]).known = self.instance.image

    # For the template ---------------------------------------------------------------------

    def index(self) -> str:
        """The number in its names."""
        return str(self.prefix).rpartition("-")[2]

    def words(self) -> list[forms.BoundField]:
        return [self[name] for name in WORDS]

    def opens(self) -> bool:
        """Its words are seen at once: of the lead image, of what is new, and where something is wrong with them."""
        new = not self.instance.pk
        return new or self["place"].value() == Place.LEAD or any(self[name].errors for name in WORDS)

    def stored(self) -> dict[str, Any]:
        """What the library says of the stored row's picture."""
        return editor.words_of(self.instance.image)

    def known(self) -> dict[str, Any] | None:
        """The same; None where another picture is chosen: the scripts ask for it."""
        if not self.instance.image_id or str(self["image"].value()) != str(self.instance.image_id):
            return None
        return self.stored()

    def known_json(self) -> str:
        return json.dumps(self.known())

    def validate_constraints(self) -> None:
        """One lead image is the rule of all forms together: PictureFormSet looks at them."""


class PictureFormSet(BaseInlineFormSet):
    def clean(self) -> None:
        super().clean()
        if len(self._leads()) > 1:
            raise ValidationError(_("Only one picture can be the lead image. Make the others part of the gallery."))

    def save(self, commit: bool = True) -> Any:
        """Where the lead image changes, the old one steps back first: there is one at every moment."""
        keep = [form.instance.pk for form in self._leads()]
        former = ArticleImage.objects.filter(article=self.instance, place=Place.LEAD).exclude(pk__in=keep)
        if commit:
            former.update(place=Place.GALLERY)
        return super().save(commit)

    def _leads(self) -> list[forms.ModelForm]:
        return [
            form
            for form in self.forms
            if getattr(form, "cleaned_data", {}).get("place") == Place.LEAD
            and form.cleaned_data.get("image")
            and not form.cleaned_data.get("DELETE")
        ]


class PictureInline(PartOfArticle, admin.StackedInline):
    """Pictures in the text are put there by the editor and follow the body: they are no rows here."""

    model = ArticleImage
    form = PictureForm
    formset = PictureFormSet
    template = "articles/widgets/beside.html"
    fields = ("image", "place", "position", *WORDS)
    autocomplete_fields = ("image",)
    verbose_name = _("picture")
    verbose_name_plural = _("lead image and gallery")
    add_text = _("Add a picture by its name")

    class Media:
        css = {"all": ["articles/editor/beside.css"]}
        js = ("admin/js/jquery.init.js", *(f"articles/editor/{name}.js" for name in SCRIPTS))

    def get_queryset(self, request: HttpRequest) -> QuerySet[ArticleImage]:
        """The lead image, then the gallery in its order."""
        uses = super().get_queryset(request).exclude(place=Place.TEXT).select_related("image")
        return uses.order_by("-place", "position", "pk")
