"""One connection to the mail server, kept for many messages, and what each answer means.

Any mail backend of Django works, and may raise what it likes. For SMTP it is also known whether the message itself had
been sent when the connection was lost: before that the server has nothing, after it only the server knows. What mail
services answer over HTTP (django-anymail) is told apart by who is meant: a recipient, this one mail, or us.
"""

import smtplib
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from enum import Enum
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.core.mail import EmailMessage, get_connection
from django.core.mail.backends.smtp import EmailBackend

from subscribers.sending.stamping import Stamped


class Fate(Enum):
    """What became of a message."""

    TAKEN = "taken"  # the server answers for it from now on
    LATER = "later"  # not now: the server said so, or the connection was lost before the message was sent
    NEVER = "never"  # refused for good
    UNKNOWN = "unknown"  # sent, and no answer came
    DOWN = "down"  # the server takes nothing from us at all: it does not answer, or does not want us


@dataclass(frozen=True)
class Answer:
    fate: Fate
    said: str = ""


TAKEN = Answer(Fate.TAKEN)

# HTTP answers that are about our account or address, or about the load: all mails would get the same one.
_ABOUT_US = frozenset({401, 402, 403, 404, 405, 407, 429, 503})
# Errors, by the name of their class, that come before anything has left this machine. Names, since these classes
# belong to packages that only some mail backends need.
_NEVER_CONNECTED = frozenset(
    {
        "ConnectionRefusedError",
        "gaierror",
        "SSLCertVerificationError",
        "ConnectTimeout",
        "ConnectTimeoutError",
        "NewConnectionError",
        "ProxyError",
        "MissingSchema",
        "InvalidURL",
    }
)


class Line:
    """Opened when it is first needed, and again after it was lost. Close it at the end."""

    def __init__(self) -> None:
        self._backend: Any = None
        self._open = False
        self._sent = False
        self._meanwhile: Callable[[], object] = lambda: None

    @property
    def speaks_smtp(self) -> bool:
        """Whether the bytes of a message go out as they are made here."""
        return isinstance(self._backend, EmailBackend)

    def reach(self) -> Answer:
        """Open the connection if it is not. TAKEN if that went well, else DOWN."""
        if self._open:
            return TAKEN
        try:
            if self._backend is None:
                self._backend = get_connection()
            self._backend.open()
        except Exception as error:  # wrong settings among others: nothing was sent, whatever it is
            self.close()
            return Answer(Fate.DOWN, words(error))
        self._open = True
        self._watch()
        return TAKEN

    def hand_over(self, message: EmailMessage, *, meanwhile: Callable[[], object] = lambda: None) -> Answer:
        """Send one message to its one recipient. `meanwhile` may be done while the server thinks about it.

        A server may end a connection that has been idle, or has had its share of messages: what is lost before
        the message was sent is tried once more on a fresh connection.
        """
        self._meanwhile = meanwhile
        answer, stale = self._try(message), self.speaks_smtp
        while stale and not self._open and answer.fate in (Fate.LATER, Fate.DOWN) and _is_about_the_line(answer):
            stale = False
            reached = self.reach()
            answer = self._try(message) if reached.fate is Fate.TAKEN else reached
        return answer

    def close(self) -> None:
        self._open = False
        if self._backend is not None:
            with suppress(Exception):  # it is gone, which is what was wanted
                self._backend.close()

    def _try(self, message: EmailMessage) -> Answer:
        if (reached := self.reach()).fate is not Fate.TAKEN:
            return reached
        self._sent = False
        try:
            count = self._send(message)
        except Exception as error:  # backends raise what they like, and one message must not stop the issue
            answer = self._meaning(error)
        else:
            answer = TAKEN if count or count is None else Answer(Fate.NEVER, "The mail backend did not take it.")
        if answer.fate is not Fate.TAKEN and self._is_lost():
            self.close()
        return answer

    def _send(self, message: EmailMessage) -> int | None:
        if isinstance(message, Stamped) and self.speaks_smtp:
            self._backend.connection.sendmail(message.from_email, message.to, message.filled)
            return 1
        return self._backend.send_messages([message])

    def _meaning(self, error: Exception) -> Answer:
        said = words(error)
        if isinstance(error, smtplib.SMTPRecipientsRefused):
            codes = [code for code, _text in error.recipients.values()]
            return Answer(Fate.NEVER if all(code >= 500 for code in codes) else Fate.LATER, said)
        if isinstance(error, smtplib.SMTPDataError):
            return Answer(Fate.NEVER if error.smtp_code >= 500 else Fate.LATER, said)
        if isinstance(error, smtplib.SMTPResponseException | smtplib.SMTPNotSupportedError):
            return Answer(Fate.DOWN, said)  # about us (MAIL FROM, EHLO, login), not about this recipient
        if self.speaks_smtp:
            if isinstance(error, OSError):  # SMTPServerDisconnected is one, and so is a time-out
                return Answer(Fate.UNKNOWN if self._sent else Fate.LATER, said)
            return Answer(Fate.NEVER, said)  # the message cannot be written as bytes, an address is none
        return _meaning_elsewhere(error, said)

    def _watch(self) -> None:
        """Have the connection tell when a whole message has been sent."""
        if self.speaks_smtp and (server := self._backend.connection):
            server.data = lambda message: self._data(server, message)

    def _data(self, server: Any, message: bytes | str) -> tuple[int, bytes]:
        """smtplib.SMTP.data, which does not tell where it failed."""
        server.putcmd("data")
        code, said = server.getreply()
        if code != 354:
            raise smtplib.SMTPDataError(code, said)
        raw = smtplib._fix_eols(message).encode("ascii") if isinstance(message, str) else message  # type: ignore[attr-defined]
        quoted = smtplib._quote_periods(raw)  # type: ignore[attr-defined]
        server.send(quoted + (b".\r\n" if quoted.endswith(b"\r\n") else b"\r\n.\r\n"))
        self._sent = True
        self._meanwhile()
        return server.getreply()

    def _is_lost(self) -> bool:
        """Whether the connection cannot be used any more. smtplib closes its own when it is told 421."""
        if not self.speaks_smtp:
            return True
        server = self._backend.connection
        return server is None or server.sock is None


def _is_about_the_line(answer: Answer) -> bool:
    """Lost, or ended by the server, rather than answered about a recipient."""
    return not answer.said[:3].isdigit() or answer.said.startswith("421")


def _meaning_elsewhere(error: Exception, said: str) -> Answer:
    """Other backends: what surely never left us, or was refused, can be tried again; of all else nobody knows.

    A mail that is refused without a word about its recipient is no bounce: it may be the sender or the content, and
    then everybody's is refused. It is tried for three days, while somebody can mend what is wrong.
    """
    names = {parent.__name__ for parent in type(error).__mro__}
    status = getattr(error, "status_code", None)
    if "AnymailRecipientsRefused" in names:
        return Answer(Fate.NEVER, said)
    if isinstance(error, ImproperlyConfigured) or status in _ABOUT_US or _never_connected(error):
        return Answer(Fate.DOWN, said)
    if "AnymailError" in names and "AnymailAPIError" not in names:
        return Answer(Fate.LATER, said)  # it could not be made into what the service is sent
    if isinstance(status, int) and 400 <= status < 500 and status != 408:
        return Answer(Fate.LATER, said)
    return Answer(Fate.UNKNOWN, said)


def _never_connected(error: Exception) -> bool:
    return any(parent.__name__ in _NEVER_CONNECTED for one in _inside(error) for parent in type(one).__mro__)


def _inside(error: BaseException, depth: int = 5) -> Iterator[BaseException]:
    """The error and those that it wraps, in one of the ways that are usual."""
    yield error
    for one in (error.__cause__, getattr(error, "reason", None), *error.args):
        if isinstance(one, BaseException) and depth:
            yield from _inside(one, depth - 1)


def words(error: Exception) -> str:
    """What the server said, or what went wrong, in one line."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        code, text = next(iter(error.recipients.values()))
        return _line(code, text)
    if isinstance(error, smtplib.SMTPResponseException):
        return _line(error.smtp_code, error.smtp_error)
    # What django-anymail says by itself of every refused recipient would be taken for the service's own words.
    said = str(error).replace("All message recipients were rejected or invalid", "").strip()
    return " ".join(f"{type(error).__name__}: {said}".split())[:400]


def _line(code: int, text: bytes | str) -> str:
    plain = text.decode("utf-8", "replace") if isinstance(text, bytes) else text
    return " ".join(f"{code} {plain}".split())[:400]
