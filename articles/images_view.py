"""`/images/<path>`: the renditions, which never change. Originals have no address at all."""

from django.http import FileResponse, Http404, HttpRequest
from django.views.decorators.http import require_safe

from articles import encoding, renditions

MEDIA_TYPES = {extension: media_type for media_type, extension in encoding.EXTENSIONS.items()}


@require_safe
def rendition(request: HttpRequest, path: str) -> FileResponse:
    """One rendition. Whatever is not named exactly as a rendition is not looked for."""
    match = renditions.PATH.fullmatch(path)
    if not match:
        raise Http404
    try:
        file = renditions.storage().open(path)
    except OSError as error:
        raise Http404 from error
    response = FileResponse(file, content_type=MEDIA_TYPES[match["ext"]])
    response["Cache-Control"] = "public, max-age=31536000, immutable"
    response["X-Content-Type-Options"] = "nosniff"
    return response
