"""Taking in a mail that came back."""

import hashlib

from subscribers.bounces import mails
from subscribers.sending import returned
from subscribers.states import BounceKind


def take(raw: bytes) -> str:
    """Read one mail and do what follows. Returns what it was.

    "hard", "soft", "delay", "complaint", "known" (read before, or of somebody who was erased), "unknown" (about no
    mail of ours) or "not a bounce". Only what bears our mark is believed: anybody can write a bounce about anybody.
    """
    found = mails.read(raw)
    if found.kind is None:
        return "not a bounce"
    if found.kind == BounceKind.DELAY:
        return "delay"
    if found.mark is None:
        return "unknown"
    source = f"mail:{found.mark.issue}:{found.mark.subscriber}:{found.kind}:{hashlib.sha256(raw).hexdigest()}"
    report = returned.Report(found.kind, "mail", source, found.status, found.said, found.mark)
    return str(found.kind.value) if returned.file(report) else "known"
