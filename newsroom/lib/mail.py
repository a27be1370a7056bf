"""A mail is a name: three templates, emails/<name>-subject.txt, -body.txt and -body.html."""

import logging
import re
import smtplib
from collections.abc import Iterator
from contextlib import contextmanager
from email.utils import make_msgid, parseaddr
from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db import transaction
from django.template import Context
from django.template.loader import get_template, render_to_string
from django.utils import translation
from huey.contrib.djhuey import HUEY, task

from newsroom.lib import turns

logger = logging.getLogger(__name__)

SPARE_AFTER = 600  # seconds; longer than a mail server is waited for

_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff]")
_NOT_ONE_ADDRESS = re.compile(r"[\s,;<>]|@.*@")


def send(name: str, to: str, context: dict[str, Any], language: str, headers: dict[str, str] | None = None) -> None:
    """Render the mail `name` in `language` now, and hand it to the worker when the transaction commits.

    `to` is one bare address; ValueError for anything else, and for a header that spans lines. The
    templates get `context` with `site_url`, `language` and `direction` ("ltr" or "rtl"). The subject
    becomes one line. Texts are not escaped, HTML is. The worker tries again for a day and a half.
    """
    if _NOT_ONE_ADDRESS.search(to) or _UNPRINTABLE.search(to) or "@" not in to:
        raise ValueError("A mail goes to exactly one bare address.")
    headers = headers or {}
    if any(_UNPRINTABLE.search(text) for pair in headers.items() for text in pair):
        raise ValueError("A mail header is one line of printable text.")
    with translation.override(language):
        direction = "rtl" if translation.get_language_bidi() else "ltr"
        words = {"site_url": settings.SITE_URL, "language": language, "direction": direction, **context}
        subject = one_line(_plain(f"emails/{name}-subject.txt", words))
        text = _plain(f"emails/{name}-body.txt", words).strip() + "\n"
        html = render_to_string(f"emails/{name}-body.html", words)
    # The Message-ID is made here, so that a mail handed over twice after a crash is known as one.
    message_id = make_msgid(domain=parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2] or "localhost")
    headers = {"Auto-Submitted": "auto-generated", "Message-ID": message_id, **headers}
    transaction.on_commit(lambda: deliver(to, subject, text, html, headers))


def one_line(text: str) -> str:
    """`text` without line breaks, control characters and marks that turn the reading direction."""
    return _UNPRINTABLE.sub("", " ".join(text.split()))


# Thirteen tries, 30 seconds after the first and then twice as long each time: 34 hours. Links to confirm live for 48.
@task(retries=12, retry_delay=30, retry_backoff=2, priority=turns.FIRST)
def deliver(to: str, subject: str, text: str, html: str, headers: dict[str, str]) -> None:
    """Hand one mail to the mail server. Raises, and so is tried again, unless the server refused it for good."""
    message = EmailMultiAlternatives(subject=subject, body=text, to=[to], headers=headers)
    message.attach_alternative(html, "text/html")
    try:
        with _spare(to, subject, text, html, headers):
            message.send()
    except smtplib.SMTPException as error:
        if not _is_final(error):
            raise
        logger.warning("A mail to %s was refused for good: %s", to.rpartition("@")[2], type(error).__name__)


@contextmanager
def _spare(*mail: Any) -> Iterator[None]:
    """Have the same mail handed over later if this process is killed: the queue forgets a job as soon as it begins."""
    if HUEY.immediate:
        yield
        return
    spare = deliver.s(*mail, delay=SPARE_AFTER)
    HUEY.add_schedule(spare)
    try:
        yield
    finally:
        HUEY.revoke(spare, revoke_once=True)


def _is_final(error: smtplib.SMTPException) -> bool:
    """Whether the server will never take this mail (5xx about the recipient or the content, RFC 5321, 4.2.1)."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return all(code >= 500 for code, _answer in error.recipients.values())
    return isinstance(error, smtplib.SMTPDataError) and error.smtp_code >= 500


def _plain(template: str, words: dict[str, Any]) -> str:
    return get_template(template).template.render(Context(words, autoescape=False))  # type: ignore[attr-defined]
