"""Mail: whether a server takes it, and whether anybody learns of what comes back."""

import smtplib
from collections.abc import Iterator
from email.utils import parseaddr

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.mail import get_connection
from django.core.mail.backends.smtp import EmailBackend
from django.utils.translation import gettext as _

from newsroom.doctor.findings import Finding, at, fine, look, wrong
from subscribers.bounces import webhooks
from subscribers.sending import progress

TIMEOUT = 10  # seconds
NOWHERE = ("localhost", "localhost.localdomain", "")


def examine() -> Iterator[Finding]:
    yield _server()
    yield _sender()
    yield _bounces()
    if settings.MAIL_WEBHOOK_PASSWORD and ":" not in settings.MAIL_WEBHOOK_PASSWORD:
        yield wrong(_("Bounces"), _("MAIL_WEBHOOK_PASSWORD is no name:password, so nobody is listened to. Mend it."))
    yield _last()


def _server() -> Finding:
    subject = _("Mail")
    try:
        connection = get_connection()
    except ImproperlyConfigured as error:  # of a mail service
        return wrong(subject, _("The mail service lacks a setting. Write it into MAIL_SERVICE_SETTINGS. %s") % error)
    if not isinstance(connection, EmailBackend):
        return _other_way(subject)
    connection.timeout = TIMEOUT
    place = {"host": f"{connection.host}:{connection.port}"}
    try:
        connection.open()
    except (OSError, smtplib.SMTPException) as error:
        said = _("The server %(host)s cannot be reached (%(error)s). Look at EMAIL_URL: host, port, name and password.")
        return wrong(subject, said % {**place, "error": error})
    connection.close()
    return fine(subject, _("The server %(host)s answers and lets us in.") % place)


def _other_way(subject: str) -> Finding:
    backend = settings.EMAIL_BACKEND
    if backend.startswith("anymail."):
        return fine(
            subject, _("Mails go to a mail service (%(way)s), which cannot be tried from here.") % {"way": backend}
        )
    said = _(
        "Mails are not sent but kept here (%(way)s), and reach nobody. Set EMAIL_URL or MAIL_SERVICE where subscribers "
        "wait for them."
    )
    return look(subject, said % {"way": backend})


def _sender() -> Finding:
    address = parseaddr(settings.DEFAULT_FROM_EMAIL)[1]
    said = {"address": address or settings.DEFAULT_FROM_EMAIL}
    if address.rpartition("@")[2] in NOWHERE:
        return look(
            _("Mail"), _("They come from %(address)s, which no server believes. Set DEFAULT_FROM_EMAIL.") % said
        )
    return fine(_("Mail"), _("They come from %(address)s.") % said)


def _bounces() -> Finding:
    subject, services = _("Bounces"), ", ".join(webhooks.listened_to())
    ways = [_("mails to %(address)s") % {"address": settings.BOUNCE_ADDRESS}] if settings.BOUNCE_ADDRESS else []
    ways += [_("what these services tell: %(services)s") % {"services": services}] if services else []
    if ways:
        return fine(subject, _("They are learnt of by %(ways)s.") % {"ways": _(" and by ").join(ways)})
    said = _(
        "Nobody learns which mails come back, and addresses that are gone get every issue. Set BOUNCE_ADDRESS and have "
        "its mails read by `manage.py read_bounces`, or set MAILGUN_WEBHOOK_KEY or MAIL_WEBHOOK_PASSWORD."
    )
    return look(subject, said)


def _last() -> Finding:
    moment = progress.last_sent_at()
    if moment is None:
        return fine(_("Mail"), _("No issue of a newsletter has been sent lately."))
    return fine(_("Mail"), _("Mails of an issue were last handed over at %(time)s.") % {"time": at(moment)})
