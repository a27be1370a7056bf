"""/mail/: the mails that were written to files instead of being sent. For trying out on one's own machine."""

import ipaddress
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from functools import wraps
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from csp.constants import NONE, SELF, UNSAFE_INLINE
from csp.decorators import csp_replace
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.http.request import split_domain_port
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_safe

SHOWN = 200
OURS = {"localhost", "127.0.0.1", "[::1]"}
SIGNS_OF_A_PROXY = {"x-real-ip", "forwarded", "via"}

# Nothing runs, nothing is loaded from elsewhere but this site's own pictures, and links open in a window of their own.
FRAME_POLICY = {
    "default-src": [NONE],
    "script-src": [NONE],
    "img-src": ["data:", settings.SITE_URL + settings.MEDIA_URL],
    "style-src": [UNSAFE_INLINE],
    "base-uri": [NONE],
    "form-action": [NONE],
    "frame-ancestors": [SELF],
    "sandbox": ["allow-popups", "allow-popups-to-escape-sandbox"],
}

# As Django's file backend names its files and separates the mails in one.
_FILE = re.compile(r"[0-9]{8}-[0-9]{6}-[0-9]+\.log")
_SEPARATOR = b"\n" + b"-" * 79 + b"\n"


@dataclass(frozen=True)
class Mail:
    """One mail in a file: `name` is "<file>.<number in it>"."""

    name: str
    at: datetime
    message: EmailMessage

    @property
    def text(self) -> str:
        return _part(self.message, "plain")

    @property
    def html(self) -> str:
        return _part(self.message, "html")

    @property
    def head(self) -> list[tuple[str, str]]:
        """What a mail program shows besides the subject."""
        return [(name, str(self.message[name])) for name in ("From", "To", "Date") if name in self.message]

    @property
    def headers(self) -> list[tuple[str, str]]:
        return [(name, str(value)) for name, value in self.message.items()]


def on_own_machine(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """404 unless this is a demo for this machine alone, and whoever asks sits at it, with no proxy between.

    The name in the address is checked too, so that no web page can point a name of its own at this machine.
    A site whose own address is another one is meant for others: a proxy that says nothing of itself shows nothing.
    """

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        local = (
            settings.DEMO
            and split_domain_port(urlsplit(settings.SITE_URL).netloc)[0] in OURS
            and _is_loopback(request.META.get("REMOTE_ADDR", ""))
            and split_domain_port(request.get_host())[0] in OURS
            and not any(_tells_of_a_proxy(name) for name in request.headers)
        )
        if not local:
            raise Http404
        return view(request, *args, **kwargs)

    return never_cache(require_safe(guarded))


@on_own_machine
def mails(request: HttpRequest) -> HttpResponse:
    """The newest mails."""
    return render(request, "mail/list.html", {"mails": _newest()})


@on_own_machine
def mail(request: HttpRequest, name: str) -> HttpResponse:
    """One mail: HTML in a frame of its own, text, and all headers."""
    return render(request, "mail/mail.html", {"mail": _find(name)})


@on_own_machine
@xframe_options_sameorigin
@csp_replace(FRAME_POLICY)  # type: ignore[arg-type]
def html(request: HttpRequest, name: str) -> HttpResponse:
    """The HTML part alone. It runs no script, loads nothing, and is treated as another site's."""
    part = _find(name).html
    return HttpResponse(part.replace("<head>", '<head><base target="_blank">', 1))  # links leave the frame


def _newest() -> list[Mail]:
    files = sorted(_files(), key=lambda path: path.name, reverse=True)[:SHOWN]
    return sorted((mail for path in files for mail in _read(path)), key=lambda mail: mail.at, reverse=True)


def _find(name: str) -> Mail:
    file, _dot, number = name.rpartition(".")
    if _FILE.fullmatch(file) and re.fullmatch(r"[0-9]{1,6}", number):
        found = _read(Path(settings.EMAIL_FILE_PATH) / file)
        if int(number) < len(found):
            return found[int(number)]
    raise Http404


def _files() -> list[Path]:
    folder = Path(settings.EMAIL_FILE_PATH)
    return [path for path in folder.glob("*.log") if _FILE.fullmatch(path.name)] if folder.is_dir() else []


def _read(path: Path) -> list[Mail]:
    try:
        content = path.read_bytes()
        at = datetime.fromtimestamp(path.stat().st_mtime, tz=UTC)
    except FileNotFoundError:
        return []
    parts = [part for part in content.split(_SEPARATOR) if part.strip()]
    return [
        Mail(f"{path.name}.{number}", at, message_from_bytes(part, policy=policy.default))
        for number, part in enumerate(parts)
    ]


def _part(message: EmailMessage, kind: str) -> str:
    part = message.get_body(preferencelist=(kind,))
    return part.get_content() if part else ""


def _tells_of_a_proxy(header: str) -> bool:
    name = header.lower()
    return name in SIGNS_OF_A_PROXY or name.startswith("x-forwarded-")


def _is_loopback(address: str) -> bool:
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False
