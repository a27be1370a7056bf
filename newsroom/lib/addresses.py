"""Where a request comes from: the reader's network address, and what may be kept of it."""

import ipaddress
import re
import time

from django.conf import settings
from django.http import HttpRequest
from django.utils.crypto import salted_hmac

ROTATION = 30 * 24 * 3600  # seconds that a fingerprint stays the same at most

_IPV4_WITH_PORT = re.compile(r"([0-9.]+):[0-9]+")
_IPV6_WITH_PORT = re.compile(r"\[([0-9A-Fa-f:.%]+)\](?::[0-9]+)?")


def client_address(request: HttpRequest) -> str:
    """The address of whoever sent `request`; "" where there is none (a Unix socket).

    Each proxy appends the address it saw to X-Forwarded-For, so only the last settings.PROXIES
    entries were written by proxies of ours. Whatever stands before them was sent by the client
    and is never believed.
    """
    forwarded = request.META.get("HTTP_X_FORWARDED_FOR", "")
    hops = [hop for hop in forwarded.split(",") if hop.strip()]
    if settings.PROXIES and hops:
        hop = hops[-min(settings.PROXIES, len(hops))]
        if address := _parse(hop):
            return str(address)
    address = _parse(request.META.get("REMOTE_ADDR", ""))
    return str(address) if address else ""


def prefix(address: str) -> str:
    """The network of `address` as CIDR: /24 of IPv4, /48 of IPv6 (one customer); "" for what is no address."""
    parsed = _parse(address)
    if not parsed:
        return ""
    return str(ipaddress.ip_network((parsed, 24 if parsed.version == 4 else 48), strict=False))


def fingerprint(address: str, periods_ago: int = 0) -> str:
    """16 hex digits that tell whether two requests came from one network, without naming it.

    The key changes every 30 days and with SECRET_KEY; ask with `periods_ago=1` to compare with
    what was kept before the last change. "" for what is no address.
    """
    network = prefix(address)
    if not network:
        return ""
    period = int(time.time()) // ROTATION - periods_ago
    return salted_hmac(f"newsroom.lib.addresses.{period}", network, algorithm="sha256").hexdigest()[:16]


def _parse(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """An address as proxies write it: perhaps with a port, in brackets, or IPv4 inside IPv6."""
    text = text.strip()
    if match := _IPV4_WITH_PORT.fullmatch(text) or _IPV6_WITH_PORT.fullmatch(text):
        text = match[1]
    try:
        address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address
