"""`/images/<path>`: the renditions, which never change. Originals have no address at all."""

import re

from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.utils.translation import gettext
from django.views.decorators.http import require_safe

from articles import encoding, pictures, renditions
from articles.models import Image

MEDIA_TYPES = {extension: media_type for media_type, extension in encoding.EXTENSIONS.items()}


@require_safe
def rendition(request: HttpRequest, path: str) -> HttpResponseBase:
    """One rendition. Whatever is not named exactly as a rendition is not looked for."""
    match = renditions.PATH.fullmatch(path)
    if not match:
        raise Http404
    try:
        file = renditions.storage().open(path)
    except OSError:
        return _present(match)
    response = FileResponse(file, content_type=MEDIA_TYPES[match["ext"]])
    response["Cache-Control"] = "public, max-age=31536000, immutable"
    response["X-Content-Type-Options"] = "nosniff"
    return response


def _present(match: re.Match[str]) -> HttpResponse:
    """Leads from a rendition that was swept, which mails and other sites may still name, to the one in its place.

    Of a picture that was taken down, or whose rights have ended, there is none: it is gone, so that caches forget it.
    """
    image = Image.objects.filter(sha256=match["sha"]).first()
    if image is None:
        raise Http404
    if not pictures.usable(image):
        response = HttpResponse(gettext("This picture is no longer available."), "text/plain; charset=utf-8", 410)
        response["Cache-Control"] = "public, max-age=60"  # it may come back
        return response
    same = [
        item
        for item in image.renditions
        if (item.get("crop") or None) == match["crop"]
        and item["type"] == MEDIA_TYPES[match["ext"]]
        and item["path"] != match[0]
    ]
    if not same:
        raise Http404
    nearest = min(same, key=lambda item: abs(item["width"] - int(match["width"])))
    response = HttpResponseRedirect(pictures.address(nearest))
    response["Cache-Control"] = "public, max-age=3600"
    return response
