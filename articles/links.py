"""Addresses as others must be given them: absolute, and safe to put into XML, headers and mail."""

from django.conf import settings
from django.templatetags.static import static
from django.utils.encoding import iri_to_uri


def absolute(path: str) -> str:
    """The full address of a path of this site, in ASCII."""
    return settings.SITE_URL + (iri_to_uri(path) or "/")


def absolute_static(name: str) -> str:
    """The full address of a static file."""
    address = static(name)
    return address if "://" in address else absolute(address)
