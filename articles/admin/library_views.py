"""The library of pictures as the editor asks for it: found, paged and added to, in JSON."""

from collections.abc import Callable
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import HttpRequest, JsonResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from articles import library
from articles.editor import words_of
from articles.models import Image
from newsroom.lib import clock

PAGE = 24
# Every word of the metadata.
SEARCHED = (
    "alt",
    "caption",
    "credit",
    "creator",
    "copyright",
    "source",
    "file_name",
    "file_words",
    "import_source",
)
WORDS = 8


def library_urls(admin_view: Callable[..., Any]) -> list[URLPattern]:
    """For ImageAdmin.get_urls; `admin_view` is the site's, which asks for a login and the CSRF token."""
    return [path("library/", admin_view(pictures), name="articles_image_library")]


@require_http_methods(["GET", "HEAD", "POST"])
def pictures(request: HttpRequest) -> JsonResponse:
    """GET: pictures that may be used, by words `q` and `page`, or exactly those with `id`. POST: take a file in."""
    if request.method == "POST":
        return _add(request)
    if not request.user.has_perm("articles.view_image"):
        raise PermissionDenied
    if keys := request.GET.getlist("id"):
        return JsonResponse({"images": [_words_of(image) for image in _named(keys)], "next": None})
    page = _page(request.GET.get("page", ""))
    found = list(_found(request.GET.get("q", ""))[(page - 1) * PAGE : page * PAGE + 1])
    return JsonResponse(
        {
            "images": [_words_of(image) for image in found[:PAGE]],
            "next": page + 1 if len(found) > PAGE else None,
            "may_upload": request.user.has_perm("articles.add_image"),
        }
    )


def _add(request: HttpRequest) -> JsonResponse:
    if not request.user.has_perm("articles.add_image"):
        raise PermissionDenied
    file = request.FILES.get("file")
    if file is None:
        return JsonResponse({"error": _("No file arrived. Choose a picture and try again.")}, status=400)
    try:
        image, made = library.add(file, name=file.name or "", by=request.user)
    except library.Refused as refusal:
        return JsonResponse({"error": str(refusal)}, status=422)
    return JsonResponse({"image": _words_of(image), "known": not made}, status=201 if made else 200)


def _named(keys: list[str]) -> QuerySet[Image]:
    numbers = [int(key) for key in keys[:PAGE] if key.isascii() and key.isdigit() and len(key) < 19]
    return Image.objects.filter(pk__in=numbers)


def _found(query: str) -> QuerySet[Image]:
    """Pictures that hold each word of `query` somewhere, newest first, without those that may not be used."""
    images = Image.objects.usable(clock.now()).order_by("-uploaded_at", "-pk")
    for word in query.replace("\0", "").split()[:WORDS]:
        holds = Q()
        for field in SEARCHED:
            holds |= Q(**{f"{field}__icontains": word})
        images = images.filter(holds)
    return images


def _page(written: str) -> int:
    return max(1, int(written)) if written.isascii() and written.isdigit() and len(written) < 6 else 1


def _words_of(image: Image) -> dict[str, Any]:
    return {**words_of(image), "down": image.killed_at is not None}
