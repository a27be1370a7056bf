"""Reading a mail that came back: is it a bounce, a complaint, or neither, and of which delivery.

Whoever can write mails can write these. Nothing in them is believed about a delivery but a mark that we signed, sizes
are bounded, and whatever cannot be read is "not a bounce" with a sentence, never an error.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.header import decode_header, make_header
from email.message import Message
from email.utils import getaddresses

from flufl.bounce import all_failures

from subscribers import marks
from subscribers.sending import codes
from subscribers.sending.codes import any_of
from subscribers.states import BounceKind

LARGEST = 2_000_000  # bytes; what is longer is cut, since what matters stands at the beginning
MOST_PARTS = 60
DEEPEST = 12
LONGEST_FIELD = 1000
MOST_TEXT = 60_000  # letters of a part that are looked at


@dataclass(frozen=True)
class Found:
    """`kind` is None for what is neither bounce nor complaint; `why` says then what it is."""

    kind: BounceKind | None
    status: str = ""
    said: str = ""
    recipient: str = ""
    mark: marks.Marked | None = None
    why: str = ""


def read(raw: bytes) -> Found:
    """What the mail `raw` tells. Never raises because of what stands in it."""
    try:
        return _read(raw[:LARGEST])
    except Exception as error:  # the email package raises dozens of kinds on broken mails
        return Found(None, why=f"The mail cannot be read ({type(error).__name__}).")


def _read(raw: bytes) -> Found:
    # Old systems end lines with a bare CR.
    if raw.count(b"\r") > 2 * raw.count(b"\n"):
        raw = raw.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    mail = message_from_bytes(raw.replace(b"\0", b""), policy=policy.compat32)
    parts = list(_parts(mail))
    mark = marks.find("\n".join([*_envelope(mail), raw.decode("latin-1")]))
    if _is_complaint(mail, parts):
        return Found(BounceKind.COMPLAINT, recipient=_complained_about(parts), said=_short(mail["Subject"]), mark=mark)
    return _bounce(mail, parts, mark)


def _bounce(mail: Message, parts: list[Message], mark: marks.Marked | None) -> Found:
    report = _report(parts)
    text = _text(mail, parts)
    if report is None and _is_automatic_answer(mail):
        return Found(None, why="An automatic answer: whoever reads this mailbox is away, and has got the mail.")
    if report is None and not (_looks_like_bounce(mail, text) or _known_to_flufl(mail)):
        return Found(None, why="Neither a bounce nor a complaint.")
    if '"notificationType":"Delivery"' in text.replace(" ", ""):
        return Found(None, why="The mail arrived.")
    fields = report or {}
    action = fields.get("action", "").split(";")[-1].strip().lower().split(" ")[0]
    diagnostic = fields.get("diagnostic-code", "").partition(";")[2] or fields.get("diagnostic-code", "")
    status = _status(fields, diagnostic, text)
    said = " ".join((diagnostic or _sentence(text)).split())
    recipient = _address(fields.get("final-recipient", "") or fields.get("original-recipient", ""))
    if action in ("relayed", "delivered", "expanded"):
        return Found(None, why="The mail arrived.")
    if action == "delayed" or (not fields and _only_delayed(mail, text)):
        return Found(BounceKind.DELAY, status, _short(said), recipient, mark)
    kind = codes.kind_of(status, f"{diagnostic}\n{text[:4000]}" if not _decisive(diagnostic) else diagnostic)
    return Found(kind, status, _short(said), recipient, mark)


# Parts ----------------------------------------------------------------------------------------


def _parts(mail: Message) -> Iterator[Message]:
    """The mail and its parts, so many and so deep at most."""
    waiting, seen = [(mail, 0)], 0
    while waiting and seen < MOST_PARTS:
        part, depth = waiting.pop(0)
        seen += 1
        yield part
        payload = part.get_payload()
        if isinstance(payload, list) and depth < DEEPEST:
            waiting += [(inner, depth + 1) for inner in payload if isinstance(inner, Message)]


def _words(part: Message) -> str:
    """The text of a part, whatever its charset says."""
    if part.is_multipart():
        return ""
    payload = part.get_payload(decode=True)
    raw = payload if isinstance(payload, bytes) else str(part.get_payload()).encode("utf-8", "replace")
    for charset in (str(part.get_content_charset() or "ascii"), "utf-8"):
        try:
            return raw[: 2 * MOST_TEXT].decode(charset)[:MOST_TEXT]
        except (LookupError, ValueError):
            continue
    return raw[:MOST_TEXT].decode("latin-1")


def _lines(block: object) -> str:
    """The fields of a report as lines. As text, the email package would fold them, which takes long for long ones."""
    pairs = block.raw_items() if isinstance(block, Message) else ()
    return "\n".join(f"{name}: {str(value)[:LONGEST_FIELD]}" for name, value in list(pairs)[:100])


def _text(mail: Message, parts: list[Message]) -> str:
    """What people are told: the texts before the mail that came back."""
    found: list[str] = []
    for part in parts:
        kind = part.get_content_type()
        if kind in ("message/rfc822", "text/rfc822-headers"):
            break
        if kind == "text/html":
            found.append(re.sub(r"<[^>]{0,2000}>", " ", _words(part)))
        elif kind.startswith("text/"):
            found.append(_words(part))
    text = "\n".join(found) or _words(mail)
    return _ORIGINAL.split(text, maxsplit=1)[0]


# Where plain-text bounces begin to repeat the mail itself.
_ORIGINAL = re.compile(
    r"^.{0,12}(?:-{2,}.{0,60}(?:original|copy|return|unsent|message header|below this line).{0,60}"
    r"|original message follows.*|message headers? follows?:?|received: from .*|return-path: .*)$",
    re.IGNORECASE | re.MULTILINE,
)
_FIELD = re.compile(r"^([A-Za-z-]{3,40})[ \t]*:[ \t]*(.*(?:\n[ \t]+.*){0,20})", re.MULTILINE)


def _report(parts: list[Message]) -> dict[str, str] | None:
    """The fields of the first recipient of a delivery status (RFC 3464); None where there is none.

    Some servers call the part text/plain; where nobody calls it anything, the fields themselves tell.
    """
    for part in parts:
        if part.get_content_type() in ("message/delivery-status", "message/global-delivery-status"):
            blocks = part.get_payload()
            text = "\n\n".join(map(_lines, blocks)) if isinstance(blocks, list) else _words(part)
            if fields := _failed_first(text):
                return fields
    for part in parts:
        if part.get_content_maintype() == "text" and re.search(r"(?im)^final-recipient\s*:", words := _words(part)):
            return _failed_first(words)
    return None


def _failed_first(text: str) -> dict[str, str] | None:
    """The fields of the worst fate in a report about several recipients."""
    found = []
    for block in re.split(r"\n[ \t]*\n", text.replace("\r\n", "\n")[:MOST_TEXT]):
        fields = {name.lower(): " ".join(value[:LONGEST_FIELD].split()) for name, value in _FIELD.findall(block)}
        if {"action", "status", "final-recipient", "diagnostic-code"} & fields.keys():
            found.append(fields)
    found.sort(key=lambda fields: not fields.get("action", "failed").lower().startswith("fail"))
    return found[0] if found else None


def _status(fields: dict[str, str], diagnostic: str, text: str) -> str:
    """The most telling code: what the other server said, else what the report says, unless that says nothing."""
    given = codes.status_in(fields.get("status", ""))
    said = codes.status_in(diagnostic)
    if said and (not given or given.endswith(".0") or said[0] != given[0]):
        return said
    return given or codes.status_in(text)


def _decisive(diagnostic: str) -> bool:
    return len(re.sub(r"[\d.\s-]", "", diagnostic)) > 8


def _sentence(text: str) -> str:
    """The line that says most: one with a reply code, else the first one."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    telling = (line for line in lines if re.search(r"\b[45]\d\d[ -]|\b[45]\.\d\.\d", line))
    return next(telling, lines[0] if lines else "")


def _address(field: str) -> str:
    found = getaddresses([field.rpartition(";")[2][:LONGEST_FIELD]])
    return found[0][1].strip("<>").lower() if found and "@" in found[0][1] else ""


def _short(text: object) -> str:
    return " ".join(str(text or "").split())[:400]


# What it is -----------------------------------------------------------------------------------


def _envelope(mail: Message) -> list[str]:
    """Where an address that we made up for one delivery may stand."""
    return [str(mail.get(name, "")) for name in ("To", "Delivered-To", "X-Original-To", "Envelope-To", "References")]


def _is_complaint(mail: Message, parts: list[Message]) -> bool:
    """A report of abuse (ARF, RFC 5965), or what some services send instead."""
    if any(part.get_content_type() == "message/feedback-report" for part in parts):
        return True
    if str(mail.get_param("report-type", "")).lower() == "feedback-report":
        return True
    sender, subject = str(mail.get("From", "")), str(mail.get("Subject", ""))
    return bool(mail.get("X-HmXmrOriginalRecipient")) or (
        "staff@hotmail.com" in sender.lower() and "complaint" in subject.lower()
    )


def _complained_about(parts: list[Message]) -> str:
    for part in parts:
        if part.get_content_type() == "message/feedback-report":
            payload = part.get_payload()
            text = "\n".join(map(_lines, payload)) if isinstance(payload, list) else _words(part)
            if found := re.search(r"(?im)^(?:original-rcpt-to|removal-recipient)\s*:\s*(.*)$", text):
                return _address(found[1])
    return ""


_AWAY = any_of(
    r"out of (?:the )?office",
    r"auto(?:matic|mated)?[ -]?(?:reply|response|respon)",
    r"vacation",
    r"away from",
    r"abwesen",
    r"absence",
    r"not in the office",
    r"auto ?: ",
    r"on holiday",
)


def _is_automatic_answer(mail: Message) -> bool:
    """A note of absence (RFC 3834): sent by a person's mailbox, which has the mail."""
    said = str(mail.get("Auto-Submitted", "")).lower()
    subject = _short(mail.get("Subject"))
    answers = said.startswith(("auto-replied", "auto-notified")) or mail.get("X-Autoreply") or mail.get("X-Autorespond")
    from_daemon = _DAEMON.search(str(mail.get("From", "")))
    return bool((answers or _AWAY.search(subject)) and not from_daemon and not _FAILED_SUBJECT.search(subject))


_DAEMON = re.compile(r"mailer-?daemon|post_?master|mail ?delivery|mail ?administrator|mdaemon|mmdf|<>", re.IGNORECASE)
_FAILED_SUBJECT = any_of(
    r"undeliver",
    r"deliver(?:y|ed|able)?.{0,30}(?:fail|status|problem|error|delay|report|not|notif)",
    r"fail(?:ure|ed).{0,20}(?:notice|deliver|mail)",
    r"return(?:ed|ing)?.{0,12}(?:mail|message|to sender)",
    r"mail (?:delivery|system|error|could not)",
    r"non[- ]?(?:remis|deliver)",
    r"unzustellbar",
    r"message (?:status|rejected|not|could)",
    r"could not (?:be )?deliver",
    r"not be delivered",
    r"nondeliver",
    r"rejected",
    r"bounce",
    r"delivery",
    r"warning",
    r"unable to",
    r"user unknown",
    r"no se puede",
    r"email error",
    r"mail ?failure",
    r"failure notice",
    r"nicht zugestellt",
)
_FAILED_TEXT = any_of(
    r"(?:could|can|was|were|has|have|is|are|been|be)(?: ?not| unable| n[o']t)(?: be| been)?.{0,40}"
    r"\b(?:deliver|sent|send|reach|process|accept|relay)",
    r"undeliver",
    r"delivery.{0,40}(?:fail|attempt|has been suspended|error)",
    r"fail(?:ed|ure).{0,40}(?:deliver|recipient|address)",
    r"user unknown",
    r"permanent (?:fatal )?errors?",
    r"returned.{0,20}(?:message|mail)",
    r"mailbox.{0,30}(?:full|unavailable|not|unknown|disabled)",
    r"no such user",
    r"rejected",
    r"bounce",
    r"transcript of session",
    r"\b55\d[ -]",
    r"unknown (?:user|recipient|address)",
    r"account.{0,30}(?:disabled|inactive|closed)",
    r"配送",
    r"送信",
    r"エラー",
    r"できません",
    r"存在",
    r"無效",
    r"退信",
    r"投递",
    r"nicht zugestellt",
)


def _looks_like_bounce(mail: Message, text: str) -> bool:
    """A server speaks, or says it is about delivery; and it speaks of failing."""
    sender = f"{mail.get('From', '')} {mail.get('Return-Path', '')}"
    subject = _subject(mail)
    signs = [
        bool(_DAEMON.search(sender)),
        bool(_FAILED_SUBJECT.search(subject)),
        bool(mail.get("X-Failed-Recipients")),
        "エラー" in _subject(mail),
    ]
    return any(signs) and bool(_FAILED_TEXT.search(text) or sum(signs[:3]) > 1)


def _subject(mail: Message) -> str:
    """The subject, of encoded words the letters."""
    return _short(make_header(decode_header(str(mail.get("Subject", "")))))


def _known_to_flufl(mail: Message) -> bool:
    """flufl.bounce knows the words of some old servers."""
    temporary, permanent = all_failures(mail)
    return bool(temporary or permanent)


_DELAYED = any_of(
    r"delay(?:ed)?\b",
    r"warning",
    r"will (?:continue|keep|retry|be (?:re)?tried)",
    r"still (?:being )?(?:try|queued|attempt)",
    r"not yet been delivered",
    r"do not need to resend",
    r"no action is required",
)
_GIVEN_UP = re.compile(
    r"permanent|giv(?:en|ing) up|\b5\d\d[ -]|fatal|will not be retried|fail(?:ed|ure)|returned to sender", re.IGNORECASE
)


_STILL_TRYING = any_of(
    r"has been delayed",
    r"has not yet been delivered",
    r"message will be retried",
    r"attempts will continue",
    r"is kept in the queue",
    r"do not need to resend",
)


def _only_delayed(mail: Message, text: str) -> bool:
    if _STILL_TRYING.search(text):
        return True
    subject = _short(mail.get("Subject"))
    return bool(_DELAYED.search(subject) or _DELAYED.search(text)) and not _GIVEN_UP.search(f"{subject}\n{text}")
