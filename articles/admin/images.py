"""The library of pictures in the admin: its form, its list, and who may do what there."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.options import IS_POPUP_VAR
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.db.models import ProtectedError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from articles import library, renditions
from articles.admin.library_bulk import BulkViews
from articles.admin.library_deeds import ACCEPTED, DeedViews
from articles.admin.library_history import history
from articles.admin.library_list import LibraryFilter, cards, marks
from articles.admin.library_upload import MOST, UploadViews
from articles.admin.library_uses import is_used, uses_of
from articles.admin.library_views import SEARCHED, library_urls
from articles.admin.moments import MOMENTS
from articles.admin.showing import moment, preview
from articles.models import Image
from newsroom.lib import clock
from newsroom.lib.paging import LongList

# What the picture editor answers for; whoever uploaded a picture may only change its words.
RIGHTS = ("rights_until", "rights_denied", "focal_x", "focal_y")
WORDS = ("alt", "decorative", "caption", "credit", "creator", "copyright", "source")


class NewImageForm(forms.ModelForm):
    """Takes a file into the library, or finds that it is there already."""

    file = forms.FileField(
        label=_("File"),
        widget=forms.FileInput(attrs={"accept": ACCEPTED}),
        help_text=_("A picture in JPEG, PNG, WebP, AVIF, HEIC, GIF or TIFF."),
    )
    by: Any = None

    class Meta:
        model = Image
        fields = (*WORDS, "taken_at", *RIGHTS)

    def _post_clean(self) -> None:
        """The file is taken in once all else is right: after the model's own validators, too."""
        super()._post_clean()  # type: ignore[misc]  # its stubs leave it out
        if not self.errors:
            self._take_in()

    def _take_in(self) -> None:
        words = {name: value for name, value in self.cleaned_data.items() if name != "file"}
        file = self.cleaned_data["file"]
        try:
            self.instance, made = library.add(file, name=file.name, by=self.by, **words)
            self.instance.was_known = not made
        except library.Refused as refusal:
            self.add_error("file", str(refusal))

    def save(self, commit: bool = True) -> Image:
        """The library has saved it already."""
        return self.instance

    def save_m2m(self) -> None:
        """A picture has nothing of the kind."""


@admin.register(Image)
class ImageAdmin(LongList, UploadViews, BulkViews, DeedViews, admin.ModelAdmin):
    """Originals are private: nothing here links to them. What is shown is what readers would get."""

    formfield_overrides = MOMENTS
    list_display = ("name",)
    list_filter = (LibraryFilter,)
    list_per_page = 60
    ordering = ("-uploaded_at", "-pk")
    sortable_by = ()
    search_fields = SEARCHED
    search_help_text = _("Finds words of the alt text, caption, credit, source, file name and of the file itself.")
    facts = ("file_name", "measure", "media_type", "uploaded_by", "uploaded", "said_by_file")
    words_fieldset = (_("Words"), {"fields": WORDS})
    rights_fieldset = (_("Rights and crop"), {"fields": (*RIGHTS, "taken_at")})

    def get_urls(self) -> list[Any]:
        return [*library_urls(self.admin_site.admin_view), *super().get_urls()]

    # The list -----------------------------------------------------------------------------

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        more: dict[str, Any] = {"title": gettext("Library of pictures")}
        more |= {"may_upload": self.has_add_permission(request), "accepted": ACCEPTED, "most": MOST}
        response: Any = super().changelist_view(request, more | (extra_context or {}))
        context = getattr(response, "context_data", None) or {}
        if "cl" in context:
            context["cards"] = cards(context["cl"])
        return response

    @admin.display(description=_("file"))
    def name(self, image: Image) -> str:
        return str(image)

    # The form -----------------------------------------------------------------------------

    def get_fieldsets(self, request: HttpRequest, obj: Image | None = None) -> Any:
        if obj is None:
            return [(None, {"fields": ("file",)}), self.words_fieldset, self.rights_fieldset]
        return [self.words_fieldset, self.rights_fieldset, (_("File"), {"fields": self.facts})]

    def get_readonly_fields(self, request: HttpRequest, obj: Image | None = None) -> tuple[str, ...]:
        if obj is None:
            return ()
        return self.facts if self._answers_for_rights(request) else (*self.facts, *RIGHTS)

    def get_form(self, request: HttpRequest, obj: Image | None = None, change: bool = False, **kwargs: Any) -> Any:
        if obj is None:
            kwargs["form"] = NewImageForm
        form: Any = super().get_form(request, obj, change, **kwargs)
        form.by = request.user
        return form

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Words carry what they showed: who changes one field undoes no colleague's change of another."""
        field: Any = super().formfield_for_dbfield(db_field, request, **kwargs)
        if db_field.name in WORDS and field is not None:
            field.show_hidden_initial = True
        if db_field.name == "caption" and field is not None:
            field.widget.attrs |= {"rows": 4, "dir": "auto"}
        if db_field.name in ("focal_x", "focal_y") and field is not None:
            field.widget.attrs |= {"step": "0.01", "min": "0", "max": "1"}
        return field

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        response: Any = super().changeform_view(request, object_id, form_url, extra_context)
        context = getattr(response, "context_data", None) or {}
        if (image := context.get("original")) is not None:
            context |= self._beside_form(request, image)
        return response

    def _beside_form(self, request: HttpRequest, image: Image) -> dict[str, Any]:
        """What stands around the form: the picture and its crops, where it is used, what was done to it."""
        # The form's own instance holds what was typed, right or wrong.
        image = Image.objects.get(pk=image.pk)
        return {
            "image": image,
            "preview": preview(image),
            "barred": image.bar(clock.now()) is not None,
            "marks": marks(image),
            "crops": [(name, f"{across}:{down}", across, down) for name, (across, down) in renditions.CROPS.items()],
            "uses": uses_of(image, request.user),
            "history": history(image),
            "may_kill": self.may_kill(request),
            "may_replace": self._answers_for_rights(request),
        }

    def save_model(self, request: HttpRequest, obj: Image, form: Any, change: bool) -> None:
        """A new picture was saved when its file was taken in; one that was known keeps its words.

        Of one that is changed only what was typed is written: its file or its state may be others by now.
        """
        if change:
            typed = {name: form.cleaned_data[name] for name in form.changed_data}
            library.use_words([obj], by=request.user, **typed)
        elif getattr(obj, "was_known", False):
            said = gettext("The library has this picture already. It is shown here with the words it has.")
            self.message_user(request, said, messages.WARNING)

    def response_add(self, request: HttpRequest, obj: Image, post_url_continue: str | None = None) -> HttpResponse:
        """Whoever uploads what was there already is led to it; a popup takes it as it is."""
        if getattr(obj, "was_known", False) and IS_POPUP_VAR not in request.POST:
            return HttpResponseRedirect(reverse("admin:articles_image_change", args=[obj.pk]))
        return super().response_add(request, obj, post_url_continue)

    @admin.display(description=_("size"))
    def measure(self, image: Image) -> str:
        return format_html('<bdi dir="ltr">{} × {}</bdi>', image.width, image.height)

    @admin.display(description=_("uploaded"))
    def uploaded(self, image: Image) -> str:
        return moment(image.uploaded_at)

    @admin.display(description=_("words in the file"))
    def said_by_file(self, image: Image) -> str:
        if not image.file_words:
            return gettext("The file says nothing else of itself.")
        return format_html(
            '<details class="file-words"><summary>{}</summary><pre dir="auto">{}</pre></details>',
            gettext("Show what else the file says of itself"),
            image.file_words,
        )

    # Who may ------------------------------------------------------------------------------

    def _answers_for_rights(self, request: HttpRequest) -> bool:
        return bool(request.user.has_perm("articles.change_image"))

    def has_change_permission(self, request: HttpRequest, obj: Image | None = None) -> bool:
        own = obj is not None and obj.uploaded_by_id == request.user.pk
        return self._answers_for_rights(request) or (own and self.has_add_permission(request))

    def has_delete_permission(self, request: HttpRequest, obj: Image | None = None) -> bool:
        return super().has_delete_permission(request, obj) and (obj is None or not is_used(obj))

    # Deleting -----------------------------------------------------------------------------

    def delete_view(self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None) -> Any:
        """Not for a picture that is used, also where somebody began to use it while this page was open."""
        try:
            return super().delete_view(request, object_id, extra_context)
        except (ProtectedError, IntegrityError):
            return self._is_used_now(request, reverse("admin:articles_image_change", args=[object_id]))
        except PermissionDenied:
            image = self.get_object(request, object_id)
            if image is None or not super().has_delete_permission(request) or not is_used(image):
                raise
            return self._is_used_now(request, reverse("admin:articles_image_change", args=[object_id]))

    def response_action(self, request: HttpRequest, queryset: Any, *args: Any, **kwargs: Any) -> Any:
        try:
            with transaction.atomic():
                return super().response_action(request, queryset, *args, **kwargs)
        except (ProtectedError, IntegrityError):
            return self._is_used_now(request, request.get_full_path())

    def _is_used_now(self, request: HttpRequest, address: str) -> HttpResponse:
        said = gettext("A picture that is used cannot be deleted, so nothing was deleted. See where it is used.")
        self.message_user(request, said, messages.ERROR)
        return HttpResponseRedirect(address)

    def delete_model(self, request: HttpRequest, obj: Image) -> None:
        """The row goes, and after the commit its files."""
        library.remove(obj)

    def delete_queryset(self, request: HttpRequest, queryset: Any) -> None:
        for image in queryset:
            library.remove(image)
