"""Which addresses are accepted, and when two of them are the same."""

from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _
from email_validator import EmailNotValidError, validate_email

LONGEST = 254  # RFC 5321, 4.5.3.1.3, less the angle brackets


@dataclass(frozen=True)
class Email:
    """An accepted address: as typed, and as compared."""

    typed: str
    norm: str


def parse(text: str) -> Email:
    """The address in `text`. Raises ValidationError with a sentence for the reader.

    No name server is asked. Two addresses are the same when `norm` is: NFC, lower case, the domain
    as IDNA 2008 in ASCII. Dots and plus tags are kept, since only the recipient's server knows what
    they mean. Letters before the @ are ASCII, because mail servers that take others (SMTPUTF8) are
    rare and Django does not speak to them; this also keeps look-alike letters out.
    """
    text = text.strip()
    if not text:
        raise ValidationError(_("Please enter your email address."), code="required")
    local = text.partition("@")[0]
    if "@" in text and not local.isascii():
        raise ValidationError(
            _("We cannot send to addresses with special letters before the @. Please use another address."),
            code="smtputf8",
        )
    try:
        found = validate_email(text, check_deliverability=False, allow_smtputf8=False, strict=True)
    except EmailNotValidError as error:
        raise ValidationError(
            _("This is not a complete email address. Please enter one such as name@example.org."), code="invalid"
        ) from error
    norm = f"{found.local_part}@{found.ascii_domain}".lower()
    if len(norm) > LONGEST:
        raise ValidationError(_("This address is too long. Please use another one."), code="invalid")
    return Email(typed=f"{found.local_part}@{found.domain}", norm=norm)


def mailbox(typed: str, norm: str) -> str:
    """The address to send to: the name as typed, since capitals may matter to its server; the domain in ASCII."""
    return f"{typed.rpartition('@')[0]}@{norm.rpartition('@')[2]}"


def masked(email: str) -> str:
    """Enough of an address for its owner to know it, on a screen that others may see: r…@example.org."""
    local, _at, domain = email.rpartition("@")
    return f"{local[:1]}…@{domain}"


def mailbox_key(norm: str) -> str:
    """One key for the addresses that many servers deliver to one mailbox: capitals, dots and plus tags left out.

    Fit for counting how often a mailbox is written to. It says nothing about who is the same subscriber.
    """
    local, _at, domain = norm.rpartition("@")
    folded = f"{local.partition('+')[0].replace('.', '')}@{domain}"
    return salted_hmac("newsroom.lib.emails.mailbox", folded, algorithm="sha256").hexdigest()
