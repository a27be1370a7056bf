"""What mail services tell of mails: delivered, bounced, complained about. django-anymail reads and checks it.

A service is listened to where its secret is set, and answered "not found" where it is not.
"""

import hashlib
import json
import warnings
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from anymail.exceptions import AnymailWebhookValidationFailure
from anymail.signals import AnymailTrackingEvent, EventType, RejectReason
from anymail.webhooks.brevo import BrevoTrackingWebhookView
from anymail.webhooks.mailgun import MailgunTrackingWebhookView
from anymail.webhooks.mailjet import MailjetTrackingWebhookView
from anymail.webhooks.postmark import PostmarkTrackingWebhookView
from anymail.webhooks.sendgrid import SendGridTrackingWebhookView
from anymail.webhooks.sparkpost import SparkPostTrackingWebhookView
from django.conf import settings
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBadRequest, HttpResponseForbidden
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from newsroom.lib import clock
from newsroom.lib.emails import parse
from subscribers import leaving, marks
from subscribers.models import Issue, Subscription
from subscribers.sending import codes, returned
from subscribers.sending.returned import Report
from subscribers.states import BounceKind

# Those that sign nothing, or whose key is not set, send a name and a password that only they were told.
WITH_PASSWORD: dict[str, Any] = {
    "brevo": BrevoTrackingWebhookView,
    "mailjet": MailjetTrackingWebhookView,
    "postmark": PostmarkTrackingWebhookView,
    "sendgrid": SendGridTrackingWebhookView,
    "sparkpost": SparkPostTrackingWebhookView,
}
# Services tell again for some hours what was not answered.
SIGNED_FOR = timedelta(days=1)


@csrf_exempt
@require_POST
def events(request: HttpRequest, provider: str) -> HttpResponse:
    """Take what a mail service tells. The same thing told again changes nothing; what is unknown is ignored."""
    try:
        reader = _reader(provider)
        reader.run_validators(request)
        _check_age(provider, request)
    except Http404:
        raise
    except Exception:  # AnymailWebhookValidationFailure, and whatever it meets in what was not made for it
        return HttpResponseForbidden(_("This was not signed with the secret of this site."))
    try:
        told: list[AnymailTrackingEvent] = reader.parse_events(request)
    except Exception:  # it is signed, and still not what this service sends; anymail raises whatever it meets
        return HttpResponseBadRequest(_("This is not what this mail service usually tells."))
    delivered = [_mark(event) for event in told if event.event_type == EventType.DELIVERED]
    returned.arrived(*filter(None, delivered))
    for event in told:
        if take := _TAKERS.get(event.event_type):
            take(provider, event, _mark(event))
    return HttpResponse()


def listened_to() -> list[str]:
    """The names of the mail services whose secrets are set."""
    signing = {"mailgun": settings.MAILGUN_WEBHOOK_KEY, "sendgrid": settings.SENDGRID_WEBHOOK_KEY}
    names = [name for name, key in signing.items() if key]
    return names + [name for name in WITH_PASSWORD if ":" in settings.MAIL_WEBHOOK_PASSWORD and name not in names]


def _reader(provider: str) -> Any:
    """The reader of what this service tells, with its secret. Http404 where there is none."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about services that anymail has not the means to test
        if provider == "mailgun" and settings.MAILGUN_WEBHOOK_KEY:
            return MailgunTrackingWebhookView(webhook_signing_key=settings.MAILGUN_WEBHOOK_KEY)
        if provider == "sendgrid" and settings.SENDGRID_WEBHOOK_KEY:
            return SendGridTrackingWebhookView(tracking_webhook_verification_key=settings.SENDGRID_WEBHOOK_KEY)
        if provider in WITH_PASSWORD and ":" in settings.MAIL_WEBHOOK_PASSWORD:
            return WITH_PASSWORD[provider](webhook_secret=settings.MAIL_WEBHOOK_PASSWORD)
    raise Http404


def _check_age(provider: str, request: HttpRequest) -> None:
    """Mailgun signs a moment and a word, and not what it tells: who got hold of one signature has it for a day only."""
    if provider == "mailgun":
        signed = request.POST if request.POST else json.loads(request.body)["signature"]
        if abs(clock.now().timestamp() - float(signed["timestamp"])) > SIGNED_FOR.total_seconds():
            raise AnymailWebhookValidationFailure


def _mark(event: AnymailTrackingEvent) -> marks.Marked | None:
    """Our mark: given back as metadata, in the Message-ID, or wherever else in what was told."""
    try:
        return marks.find(json.dumps([event.metadata, event.message_id, event.esp_event], default=str)[:200_000])
    except (RecursionError, ValueError):  # what was read may still be nested too deeply to be written
        return None


def _text(value: Any) -> str:
    """What should be a text, and may be anything."""
    return value if isinstance(value, str) else ""


def _bounced(provider: str, event: AnymailTrackingEvent, mark: marks.Marked | None) -> None:
    said = " ".join(filter(None, [_text(event.mta_response), _text(event.description)]))
    status = codes.status_in(said)
    gone = event.reject_reason == RejectReason.INVALID or (
        event.event_type == EventType.REJECTED and event.reject_reason == RejectReason.BOUNCED
    )
    kind = BounceKind.HARD if gone else codes.kind_of(status, said)
    _file(provider, event, mark, kind, status, said)


def _complained(provider: str, event: AnymailTrackingEvent, mark: marks.Marked | None) -> None:
    _file(provider, event, mark, BounceKind.COMPLAINT, "", _text(event.description))


def _unsubscribed(provider: str, event: AnymailTrackingEvent, mark: marks.Marked | None) -> None:
    """The reader has pressed a button of the mail service."""
    if mark:
        of_issue = Issue.objects.filter(pk=mark.issue).values("newsletter")
        found = Subscription.objects.filter(subscriber=mark.subscriber, newsletter__in=of_issue)
        for subscription in found.select_related("subscriber", "newsletter"):
            leaving.leave(subscription, way=f"webhook:{provider}")


def _file(
    provider: str,
    event: AnymailTrackingEvent,
    mark: marks.Marked | None,
    kind: BounceKind,
    status: str,
    said: str,
) -> None:
    same = event.event_id or hashlib.sha256(json.dumps(event.esp_event, default=str).encode()).hexdigest()
    source = f"{provider}:{event.event_type}:{same}"
    returned.file(Report(kind, f"webhook:{provider}"[:40], source, status, said, mark, _norm(_text(event.recipient))))


def _norm(address: str) -> str:
    try:
        return parse(address).norm
    except ValidationError:
        return ""


_TAKERS: dict[str, Callable[[str, AnymailTrackingEvent, marks.Marked | None], None]] = {
    EventType.BOUNCED: _bounced,
    EventType.REJECTED: _bounced,
    EventType.FAILED: _bounced,
    EventType.COMPLAINED: _complained,
    EventType.UNSUBSCRIBED: _unsubscribed,
}
