"""The mail of an issue as bytes, made once, into which what is each reader's own is stamped.

Django takes most of a millisecond to make a mail of thirty thousand letters, about as long as a mail server takes to
accept it. Here it makes one for a reader whose address, links and Message-ID are unlikely words; for all others these
are replaced. Where a word does not come out whole, because a long line is encoded, each mail is made anew.
"""

import re
from collections import Counter
from email.utils import parseaddr
from secrets import token_hex

from django.core.mail import EmailMessage, EmailMultiAlternatives

from subscribers import letters, marks
from subscribers.issues import mailing
from subscribers.models import Issue
from subscribers.sending.claiming import Parcel

USUAL_LINK = 110  # letters; so that lines come out about as long as they will be
OF_ALL = ("to", "id", "leave")


class Stamp:
    """Makes the messages of one issue, letter for letter those of `mailing.message`. Good for some seconds: Date."""

    def __init__(self, issue: Issue, sample: Parcel, *, as_bytes: bool) -> None:
        self.issue = issue
        self._pieces = _cut(issue, sample) if as_bytes else []
        self._sender = parseaddr((issue.content or {})["from_email"])[1]

    def message(self, parcel: Parcel) -> EmailMessage:
        """The mail to this reader, with the envelope's sender that bounces come back to where there is one."""
        mark = marks.make(self.issue.pk, parcel.subscription.subscriber_id)
        return self._stamped(parcel, mark) if self._pieces else self._made_anew(parcel, mark)

    def _stamped(self, parcel: Parcel, mark: str) -> EmailMessage:
        links = mailing.links_of(parcel.subscription)
        own = {"to": parcel.to, "id": marks.message_id(mark), "leave": f"<{links['unsubscribe']}>", **links}
        filled = b"".join(piece if isinstance(piece, bytes) else own[piece].encode("ascii") for piece in self._pieces)
        return Stamped(filled, sender=self._envelope(parcel) or self._sender, to=parcel.to)

    def _made_anew(self, parcel: Parcel, mark: str) -> EmailMessage:
        made = mailing.message(self.issue, parcel.subscription, message_id=marks.message_id(mark))
        if sender := self._envelope(parcel):
            made.extra_headers.setdefault("From", made.from_email)
            made.from_email = sender
        # Mail services give this back with what they tell of the mail (django-anymail).
        made.metadata = {"delivery": mark}  # type: ignore[attr-defined]
        return made

    def _envelope(self, parcel: Parcel) -> str:
        return marks.sender(self.issue.pk, parcel.subscription.subscriber_id)


class Stamped(EmailMessage):
    """A message that is bytes already, with the bare addresses of its envelope."""

    def __init__(self, filled: bytes, *, sender: str, to: str) -> None:
        super().__init__(from_email=sender, to=[to])
        self.filled = filled


def _cut(issue: Issue, sample: Parcel) -> list[bytes | str]:
    """The mail in pieces: bytes, and between them the names of what is each reader's own. Empty: it cannot be cut."""
    content = issue.content or {}
    links = Counter(part["link"] for part in [*content["text"], *content["html"]] if isinstance(part, dict))
    words = {name: token_hex(10) for name in OF_ALL} | {name: token_hex(USUAL_LINK // 2) for name in links}
    headers = {
        **letters.leave_headers(sample.subscription),
        "List-Unsubscribe": words["leave"],
        "Message-ID": words["id"],
    }
    address = f"{words['to']}@example.org"
    made: EmailMultiAlternatives = mailing.assemble(content, address, words, headers)
    raw: bytes = made.message().as_bytes(linesep="\r\n")  # type: ignore[call-arg]
    names = {address: "to"} | {word: name for name, word in words.items() if name != "to"}
    own = "|".join(f"({re.escape(word)})" for word in names).encode("ascii")
    parts: list[bytes] = [part for part in re.split(own, raw) if part]
    pieces: list[bytes | str] = [names.get(part.decode("latin-1"), part) for part in parts]
    return pieces if Counter(piece for piece in pieces if isinstance(piece, str)) == links + Counter(OF_ALL) else []
