"""The rules that a comment can break, as moderators edit them: comments and decisions keep a code."""

from typing import Any

from django.apps import apps as installed

from comments.models import RejectionReason
from comments.states import Reason


def every() -> list[RejectionReason]:
    """All that were ever in use, in their order. One query, for whoever needs both of what follows."""
    return list(RejectionReason.objects.all())


def choices() -> list[tuple[str, str]]:
    """What moderators and readers can choose from now: code and label. One query."""
    return [(reason.code, str(reason)) for reason in RejectionReason.objects.filter(active=True)]


def find(code: str) -> RejectionReason | None:
    """The reason of that code, in use or not; None for no code, and for one that nobody knows."""
    return RejectionReason.objects.filter(code=code).first() if code else None


def teaches_spam(code: str) -> bool:
    """Whether a comment rejected for it is spam to the filter."""
    return RejectionReason.objects.filter(code=code, spam=True).exists()


def apply_after_migration(apps: Any = installed, **kwargs: Any) -> None:
    """Receiver of post_migrate: the reasons that come with the newsroom are there, and as they were edited."""
    if "rejectionreason" not in apps.all_models["comments"]:
        return
    table = apps.get_model("comments", "RejectionReason")
    for place, code in enumerate(Reason.values, start=1):
        spam = code == Reason.ADVERTISING
        table.objects.get_or_create(code=code, defaults={"position": 10 * place, "spam": spam})
