"""From a typed address to a subscriber, by double opt-in: take, take up, confirm."""

import hashlib
import secrets
from collections.abc import Iterable, Sequence
from datetime import timedelta
from enum import Enum

from django.db import transaction
from django.db.models import QuerySet

from newsroom.lib import clock, throttle
from newsroom.lib.emails import Email, mailbox_key
from subscribers import consent, leaving, letters
from subscribers.models import ConsentText, Subscriber, SubscribeRequest, Subscription
from subscribers.states import ConsentKind, SubscriptionState

# Whatever dots and plus tags its address is spelled with.
MAILS_TO_A_MAILBOX = 3  # in 24 hours
MAILS_IN_A_SEASON = 9  # in 90 days
DAY = 24 * 3600
TOKEN_LENGTH = 43
LATE = timedelta(minutes=10)


class Answer(Enum):
    """What became of a link that somebody confirmed."""

    SUBSCRIBED = "subscribed"
    EXPIRED = "expired"
    UNKNOWN = "unknown"


def take(
    email: Email,
    texts: Iterable[ConsentText],
    *,
    language: str,
    page: str = "",
    address_prefix: str = "",
    mark: str = "",
) -> list[SubscribeRequest]:
    """Keep what somebody asked for: one request for each consent text agreed to.

    It does the same work for every address, known or not, so that neither the answer nor the time it
    takes tells one from the other. Call `take_up` with the keys in a job.
    """
    now = clock.now()
    return SubscribeRequest.objects.bulk_create(
        SubscribeRequest(
            email=email.typed,
            email_norm=email.norm,
            newsletter=text.newsletter,
            consent_text=text,
            language=language,
            page=page,
            address_prefix=address_prefix,
            mark=mark,
            requested_at=now,
        )
        for text in texts
    )


@transaction.atomic
def take_up(keys: Iterable[int]) -> bool:
    """Mail one link that confirms these requests of one address, or drop them. May be called twice.

    Dropped are requests for what the address gets already or must not get, and those that come too
    often (consent.may_ask). The reader is told the same in every case. Returns whether a mail went out.
    """
    mine = SubscribeRequest.objects.filter(pk__in=list(keys), token_hash="")
    first = mine.first()
    if first is None:
        return False
    _lock(first.email_norm)
    requests = list(mine.select_related("newsletter", "consent_text"))
    wanted = [request for request in requests if _needs_asking(request)]
    mail = bool(wanted) and consent.may_ask(first.email_norm) and _mailbox_has_room(first.email_norm)
    kept = {request.pk for request in wanted} if mail else set()
    SubscribeRequest.objects.filter(pk__in=[request.pk for request in requests if request.pk not in kept]).delete()
    if mail:
        _ask(wanted)
    return mail


@transaction.atomic
def confirm(token: str, *, address_prefix: str = "") -> Answer:
    """Make whoever was sent this token a subscriber. A second call with it says the same and does nothing."""
    requests = list(waiting(token).select_for_update(of=("self",)))
    if not requests:
        return Answer.UNKNOWN
    if fresh := [request for request in requests if request.confirmed_at is None]:
        if not still_open(fresh):
            return Answer.EXPIRED
        changed = waiting(token).filter(confirmed_at=None).update(confirmed_at=clock.now())
        if changed and not _subscribe(fresh, address_prefix):
            return Answer.UNKNOWN
    return Answer.SUBSCRIBED if gets(requests) else Answer.UNKNOWN


def waiting(token: str) -> QuerySet[SubscribeRequest]:
    """The requests that `token` confirms, with their newsletters; none for a token that nobody was sent."""
    found = SubscribeRequest.objects.select_related("newsletter", "consent_text")
    return found.filter(token_hash=_hash(token)) if len(token) == TOKEN_LENGTH else found.none()


def still_open(requests: Iterable[SubscribeRequest]) -> bool:
    """Whether the link to these requests is young enough, counted from its mail."""
    since = clock.now() - SubscribeRequest.OPEN_FOR
    return all(request.mailed_at is not None and request.mailed_at >= since for request in requests)


def forgotten() -> list[list[int]]:
    """Keys of requests that no job took up within ten minutes, one list for each address and moment."""
    found: dict[tuple[str, object], list[int]] = {}
    now = clock.now()
    late = SubscribeRequest.objects.filter(
        token_hash="", requested_at__lt=now - LATE, requested_at__gt=now - SubscribeRequest.OPEN_FOR
    )
    for key, email_norm, at in late.values_list("pk", "email_norm", "requested_at")[:1000]:
        found.setdefault((email_norm, at), []).append(key)
    return list(found.values())


def purge() -> int:
    """Delete requests older than they may be kept, answered or not. Returns how many there were."""
    old = SubscribeRequest.objects.filter(requested_at__lt=clock.now() - SubscribeRequest.KEPT_FOR)
    return old.delete()[0]


def _lock(email_norm: str) -> None:
    """Let no other job decide about this address meanwhile. SQLite has one writer anyway."""
    list(SubscribeRequest.objects.select_for_update().filter(email_norm=email_norm).order_by("pk").values_list("pk"))


def _needs_asking(request: SubscribeRequest) -> bool:
    return request.newsletter.offered and not (
        gets([request]) or consent.unwelcome(request.email_norm, request.newsletter)
    )


def gets(requests: Sequence[SubscribeRequest]) -> bool:
    """Whether the address is subscribed to any of what was asked for."""
    return Subscription.objects.filter(
        subscriber__email_norm=requests[0].email_norm,
        newsletter__in=[request.newsletter for request in requests],
        state=SubscriptionState.ACTIVE,
    ).exists()


def _mailbox_has_room(email_norm: str) -> bool:
    key = mailbox_key(email_norm)
    return throttle.allow(f"newsletter mailbox {key}", MAILS_TO_A_MAILBOX, DAY) and throttle.allow(
        f"newsletter mailbox in a season {key}", MAILS_IN_A_SEASON, 90 * DAY
    )


def _ask(requests: list[SubscribeRequest]) -> None:
    """Send the link. The token itself stands in the mail only."""
    token, now = secrets.token_urlsafe(32), clock.now()
    keys = [request.pk for request in requests]
    SubscribeRequest.objects.filter(pk__in=keys).update(token_hash=_hash(token), mailed_at=now)
    for request in requests:
        consent.record(
            ConsentKind.REQUESTED,
            request.email_norm,
            request.newsletter,
            at=now,
            consent_text=request.consent_text,
            page=request.page,
            address_prefix=request.address_prefix,
        )
    letters.ask_to_confirm(requests, token)


def _subscribe(requests: list[SubscribeRequest], address_prefix: str) -> bool:
    """Make the subscriber and the subscriptions. Returns whether there was anything that is allowed."""
    allowed = [request for request in requests if not consent.unwelcome(request.email_norm, request.newsletter)]
    if not allowed:
        return False
    now, first = clock.now(), allowed[0]
    made = {"email": first.email, "language": first.language, "created_at": now}
    subscriber = (
        leaving.hold(first.email_norm)
        or Subscriber.objects.get_or_create(email_norm=first.email_norm, defaults=made)[0]
    )
    for request in allowed:
        consent.welcome_back(first.email_norm, request.newsletter)
        Subscription.objects.update_or_create(
            subscriber=subscriber,
            newsletter=request.newsletter,
            defaults={"state": SubscriptionState.ACTIVE, "since": now, "paused_until": None},
        )
        consent.record(
            ConsentKind.CONFIRMED,
            request.email_norm,
            request.newsletter,
            at=now,
            consent_text=request.consent_text,
            page=request.page,
            address_prefix=address_prefix,
        )
    letters.welcome(subscriber, [request.newsletter for request in allowed])
    return True


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode(errors="surrogatepass")).hexdigest()
