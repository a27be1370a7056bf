"""The limit: a Django view without middleware that answers given bytes from memory."""

import os
from pathlib import Path

import django
from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.http import HttpRequest, HttpResponse
from django.urls import path

FOLDER = Path(os.environ["BENCH_BODIES"])
BODIES = {file.name: file.read_bytes() for file in FOLDER.iterdir()}


def bare(request: HttpRequest, name: str) -> HttpResponse:
    return HttpResponse(BODIES[name], headers={"Content-Length": str(len(BODIES[name]))})


settings.configure(
    SECRET_KEY="bench",  # noqa: S106  (signs nothing)
    ALLOWED_HOSTS=["127.0.0.1"],
    ROOT_URLCONF=__name__,
    MIDDLEWARE=[],
)
urlpatterns = [path("<str:name>", bare)]
django.setup()
application = get_wsgi_application()
