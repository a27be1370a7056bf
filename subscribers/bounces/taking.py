"""Taking in a mail that came back."""

import hashlib

from django.conf import settings

from subscribers.bounces import mails
from subscribers.sending import returned
from subscribers.states import BounceKind


def take(raw: bytes) -> str:
    """Read one mail and do what follows. Returns what it was.

    "hard", "soft", "delay", "complaint", "known" (read before, or of somebody who was erased), "unknown" (about no
    mail of ours) or "not a bounce". Only what bears our mark is believed: anybody can write a bounce about anybody.
    Where mails come back to addresses of their own, a bounce has to bear that of its mail.
    """
    found = mails.read(raw)
    if found.kind is None:
        return "not a bounce"
    if found.kind == BounceKind.DELAY:
        return "delay"
    if found.mark is None or not (found.mark.of_envelope or found.kind == BounceKind.COMPLAINT or _has_one_address()):
        return "unknown"
    source = f"mail:{found.mark.issue}:{found.mark.subscriber}:{found.kind}:{hashlib.sha256(raw).hexdigest()}"
    report = returned.Report(found.kind, "mail", source, found.status, found.said, found.mark)
    return str(found.kind.value) if returned.file(report) else "known"


def _has_one_address() -> bool:
    """Whether all mails come back to one address, so that only their Message-ID tells them apart."""
    return not settings.BOUNCE_ADDRESS
