"""The proof: consent events are written here, and what stands in them is read here."""

from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q, QuerySet

from newsroom.lib import clock
from newsroom.models import User
from subscribers import proofs
from subscribers.models import ConsentEvent, ConsentText, Newsletter, Suppression
from subscribers.states import ConsentKind, SuppressionReason

MAIL_AGAIN_AFTER = timedelta(hours=24)
MAILS_WITHOUT_ANSWER = 3


def record(
    kind: ConsentKind,
    email_norm: str,
    newsletter: Newsletter,
    *,
    at: datetime | None = None,
    consent_text: ConsentText | None = None,
    by: User | None = None,
    way: str = "",
    **where: str,
) -> ConsentEvent:
    """Append one event, of now if not said otherwise. `where` may give `page` and `address_prefix`."""
    return ConsentEvent.objects.create(
        email_hmac=proofs.hmac_of(email_norm),
        newsletter=newsletter,
        kind=kind,
        consent_text=consent_text,
        at=at or clock.now(),
        by=by,
        way=way,
        **where,
    )


def events_of(email_norm: str) -> Any:
    """All consent events of an address, the newest first: the evidence."""
    return (
        ConsentEvent.objects.of(proofs.hmacs(email_norm))
        .select_related("newsletter", "consent_text", "by")
        .order_by("-at", "-pk")
    )


def may_ask(email_norm: str) -> bool:
    """Whether a mail that asks to confirm may go to this address now.

    Once in 24 hours, and three times ever without an answer; confirming is an answer, and so is leaving.
    """
    now = clock.now()
    mailed, answered = set(), False
    for kind, at in events_of(email_norm).values_list("kind", "at")[:200]:
        answered |= kind in (ConsentKind.CONFIRMED, ConsentKind.WITHDRAWN)
        if kind == ConsentKind.REQUESTED and now - at < MAIL_AGAIN_AFTER:
            return False
        if kind == ConsentKind.REQUESTED and not answered:
            mailed.add(at)  # one mail may ask for several newsletters: their events share a moment
    return len(mailed) < MAILS_WITHOUT_ANSWER


def suppressed(email_norm: str, newsletter: Newsletter) -> bool:
    """Whether this address must not be sent this newsletter, nor be brought back to it by anybody else."""
    return _suppressions(email_norm, newsletter).exists()


def unwelcome(email_norm: str, newsletter: Newsletter) -> bool:
    """Whether this address may not even ask for this newsletter: it complained, or mails come back from it.

    Who was only erased may come back, by their own new consent and by nothing else.
    """
    return _suppressions(email_norm, newsletter).exclude(reason=SuppressionReason.ERASED).exists()


def welcome_back(email_norm: str, newsletter: Newsletter) -> None:
    """Lift what an erasure left behind, since its owner has agreed anew."""
    _suppressions(email_norm, newsletter).filter(reason=SuppressionReason.ERASED).delete()


def _suppressions(email_norm: str, newsletter: Newsletter) -> QuerySet[Suppression]:
    scope = Q(newsletter=None) | Q(newsletter=newsletter)
    return Suppression.objects.filter(scope, email_hmac__in=proofs.hmacs(email_norm))


def suppress(
    email_norm: str, *, reason: SuppressionReason, newsletter: Newsletter | None = None, by: User | None = None
) -> Suppression:
    """Never mail this address again: from one newsletter, or from any. Calling it twice changes nothing."""
    known = Suppression.objects.filter(newsletter=newsletter, email_hmac__in=proofs.hmacs(email_norm)).first()
    if known:
        return known
    made, _new = Suppression.objects.get_or_create(
        email_hmac=proofs.hmac_of(email_norm),
        newsletter=newsletter,
        defaults={"reason": reason, "at": clock.now(), "by": by},
    )
    return made


def unreadable() -> int:
    """How many suppressions were made with a key that is at hand no more, so that they protect nobody."""
    known = Q()
    for name in proofs.key_names():
        known |= Q(email_hmac__startswith=f"{name}:")
    return Suppression.objects.exclude(known).count()
