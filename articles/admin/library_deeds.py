"""What is done to one picture as a whole, each on a page of its own: another file, taking down, bringing back."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.html import format_html
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from articles import library
from articles.admin.library_list import card
from articles.admin.library_uses import uses_of
from articles.models import Image

ACCEPTED = "image/*,.heic,.heif,.avif,.tif,.tiff"


class ReplaceForm(forms.Form):
    file = forms.FileField(
        label=_("New file"),
        widget=forms.FileInput(attrs={"accept": ACCEPTED}),
        help_text=_("A picture in JPEG, PNG, WebP, AVIF, HEIC, GIF or TIFF."),
    )


class KillForm(forms.Form):
    """What it leaves behind. Whether it is said is the library's to ask."""

    notice = forms.CharField(
        label=_("Notice"),
        max_length=300,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2, "dir": "auto", "class": "vLargeTextField"}),
        help_text=_("Readers see it in its place. Do not repeat what they are not to see."),
    )
    reason = forms.CharField(
        label=_("Reason"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 2, "dir": "auto", "class": "vLargeTextField"}),
        help_text=_("For your colleagues. Readers do not see it."),
    )


class DeedViews(admin.ModelAdmin):
    """The part of the library's admin that replaces, takes down and brings back."""

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view
        return [
            path("<path:object_id>/replace/", view(self.replace_view), name="articles_image_replace"),
            path("<path:object_id>/kill/", view(self.kill_view), name="articles_image_kill"),
            path("<path:object_id>/restore/", view(self.restore_view), name="articles_image_restore"),
            *super().get_urls(),
        ]

    def may_kill(self, request: HttpRequest) -> bool:
        return bool(request.user.has_perm("articles.kill_image"))

    def replace_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Another file for a picture, wherever it is used. What readers see changes at once: not for its uploader."""
        image = self._asked(request, object_id, allowed=self.has_change_permission(request))
        if image.killed_at:
            return self._leave(request, image, gettext("This picture was taken down. Bring it back first."))
        posted = request.method == "POST"
        form = ReplaceForm(request.POST, request.FILES) if posted else ReplaceForm()
        if posted and form.is_valid() and self._replaced(request, image, form):
            return _to_form(image)
        title = gettext("Put another file in its place")
        return self._page(request, image, form, title, "admin/articles/image/replace.html")

    def _replaced(self, request: HttpRequest, image: Image, form: ReplaceForm) -> bool:
        """Whether this is over: it is done, or a colleague was faster. False: the form says why not."""
        file = form.cleaned_data["file"]
        try:
            library.replace(image, file, by=request.user, name=file.name or "")
        except library.HeldAlready as held:
            address = reverse("admin:articles_image_change", args=[held.image.pk])
            form.add_error(
                "file", format_html('{} <a href="{}">{}</a>', str(held), address, gettext("Open that picture"))
            )
            return False
        except library.Refused as refusal:
            form.add_error("file", str(refusal))
            return False
        except library.Stale as faster:
            self.message_user(request, str(faster), messages.ERROR)
            return True
        self.message_user(
            request, gettext("The new file is in its place, wherever the picture is used."), messages.SUCCESS
        )
        return True

    def kill_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        image = self._asked(request, object_id, allowed=self.may_kill(request))
        if image.killed_at and request.method != "POST":
            return self._leave(request, image, gettext("This picture is taken down already."))
        form = (
            KillForm(request.POST)
            if request.method == "POST"
            else KillForm(initial={"notice": library.default_notice()})
        )
        if form.is_bound and form.is_valid() and self._killed(request, image, form):
            return _to_form(image)
        return self._page(request, image, form, gettext("Take the picture down"), "admin/articles/image/kill.html")

    def _killed(self, request: HttpRequest, image: Image, form: KillForm) -> bool:
        """As for _replaced."""
        said = form.cleaned_data
        try:
            library.kill(image, by=request.user, notice=said["notice"], reason=said["reason"])
        except library.Refused as refusal:
            form.add_error("reason" if said["notice"].strip() else "notice", str(refusal))
            return False
        except library.Stale as faster:
            self.message_user(request, str(faster), messages.ERROR)
            return True
        done = gettext("The picture is taken down everywhere. Readers see the notice in its place.")
        self.message_user(request, done, messages.SUCCESS)
        return True

    def restore_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        image = self._asked(request, object_id, allowed=self.may_kill(request))
        if request.method == "POST":
            try:
                library.restore(image, by=request.user)
                done = gettext("The picture is back, wherever it is used.")
                self.message_user(request, done, messages.SUCCESS)
            except (library.Refused, library.Stale) as refusal:
                self.message_user(request, str(refusal), messages.ERROR)
            return _to_form(image)
        if image.killed_at is None:
            return self._leave(request, image, gettext("This picture is not taken down."))
        title = gettext("Bring the picture back")
        return self._page(request, image, forms.Form(), title, "admin/articles/image/restore.html")

    def _asked(self, request: HttpRequest, object_id: str, *, allowed: bool) -> Image:
        if not allowed:
            raise PermissionDenied
        image = self.get_object(request, unquote(object_id))
        if image is None:
            raise Http404
        return image

    def _leave(self, request: HttpRequest, image: Image, said: str) -> HttpResponse:
        self.message_user(request, said, messages.WARNING)
        return _to_form(image)

    def _page(self, request: HttpRequest, image: Image, form: Any, title: str, template: str) -> HttpResponse:
        context = {
            **self.admin_site.each_context(request),
            "title": title,
            "subtitle": str(image),
            "opts": self.opts,
            "image": image,
            "card": card(image),
            "uses": uses_of(image, request.user),
            "last": image.events.filter(verb="kill").select_related("by").first(),
            "form": form,
            "change_address": reverse("admin:articles_image_change", args=[image.pk]),
        }
        return TemplateResponse(request, template, context)


def _to_form(image: Image) -> HttpResponse:
    return HttpResponseRedirect(reverse("admin:articles_image_change", args=[image.pk]))
