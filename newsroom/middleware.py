"""The language and the zone of a request."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone, translation
from django.utils.translation import get_language_from_path


class LanguageAndZoneMiddleware:
    """Public pages speak the language of their address; the admin speaks its user's, in the user's zone.

    Django's own LocaleMiddleware would let the browser's Accept-Language choose on pages that are
    cached for everyone.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        language, zone = get_language_from_path(request.path_info), timezone.get_default_timezone()
        if request.path_info.startswith("/admin/") and request.user.is_authenticated:
            language, zone = request.user.language, request.user.zone()
        with translation.override(language or settings.LANGUAGE_CODE), timezone.override(zone):
            request.LANGUAGE_CODE = translation.get_language()
            response = self.get_response(request)
            response.headers.setdefault("Content-Language", translation.get_language())
            return response
