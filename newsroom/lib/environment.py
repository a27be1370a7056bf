"""What the settings need before Django is up: the data folder, the secret key, and the way of mails."""

import os
import pkgutil
import secrets
from pathlib import Path

from anymail import backends
from django.core.exceptions import ImproperlyConfigured


def secret_key(folder: Path) -> str:
    """The key kept in `folder`/secret.key, made on the first call.

    The file is readable by its owner only. Two processes that start at the same moment
    agree on one key, since only one of them can create the file.
    """
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "secret.key"
    if not path.exists():
        draft = path.with_name(f"secret.key.{os.getpid()}")
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_urlsafe(64))
        try:
            os.link(draft, path)
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return path.read_text().strip()


def mail_backend(service: str) -> str:
    """The mail backend for a service, by its name in django-anymail. Raises ImproperlyConfigured for an unknown one."""
    aside = ("base", "base_requests", "console", "test")
    known = sorted(module.name for module in pkgutil.iter_modules(backends.__path__) if module.name not in aside)
    if service not in known:
        raise ImproperlyConfigured(f"MAIL_SERVICE is “{service}”. Choose one of {', '.join(known)}, or leave it empty.")
    return f"anymail.backends.{service}.EmailBackend"
