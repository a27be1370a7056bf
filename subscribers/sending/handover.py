"""One connection to the mail server, kept for many messages, and what each answer means.

Any mail backend of Django works. For SMTP it is also known whether the message itself had been sent when the
connection was lost: before that the server has nothing, after it only the server knows.
"""

import smtplib
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Any

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


class Line:
    """Opened when it is first needed, and again after it was lost. Close it at the end."""

    def __init__(self) -> None:
        self._backend: Any = get_connection()
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
            self._backend.open()
        except (OSError, smtplib.SMTPException) as error:
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
        answer, stale = self._try(message), True
        while stale and not self._open and answer.fate in (Fate.LATER, Fate.DOWN) and _is_about_the_line(answer):
            stale = False
            reached = self.reach()
            answer = self._try(message) if reached.fate is Fate.TAKEN else reached
        return answer

    def close(self) -> None:
        self._open = False
        try:
            self._backend.close()
        except (OSError, smtplib.SMTPException):
            return  # it is gone, which is what was wanted

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
    """Other backends: what surely never left us can be tried again; of all else nobody knows."""
    response = getattr(error, "status_code", None)
    if isinstance(error, ConnectionRefusedError) or response in (429, 503):
        return Answer(Fate.LATER, said)
    if response is not None and 400 <= response < 500:
        return Answer(Fate.DOWN if response in (401, 403) else Fate.NEVER, said)
    if type(error).__name__ == "AnymailRecipientsRefused":
        return Answer(Fate.NEVER, said)
    return Answer(Fate.UNKNOWN, said)


def words(error: Exception) -> str:
    """What the server said, or what went wrong, in one line."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        code, text = next(iter(error.recipients.values()))
        return _line(code, text)
    if isinstance(error, smtplib.SMTPResponseException):
        return _line(error.smtp_code, error.smtp_error)
    return " ".join(f"{type(error).__name__}: {error}".split())[:400]


def _line(code: int, text: bytes | str) -> str:
    plain = text.decode("utf-8", "replace") if isinstance(text, bytes) else text
    return " ".join(f"{code} {plain}".split())[:400]
