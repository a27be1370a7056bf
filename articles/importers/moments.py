"""Dates as other systems write them."""

import re
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from datetime import time as time_of_day
from email.utils import parsedate_to_datetime

# Day, optional time, optional zone: the ISO 8601 family as people and programs really write it.
WRITTEN = re.compile(
    r"(?P<year>\d{4})[-/.](?P<month>\d{1,2})[-/.](?P<day>\d{1,2})"
    r"(?:(?:[Tt]|\s+)(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2})(?:[.,]\d+)?)?"
    r"\s*(?P<zone>[Zz]|UTC|GMT|[+-]\d{2}:?\d{2}|[+-]\d{1,2})?)?"
)
WORDS = ("%B %d, %Y", "%d %B %Y", "%b %d, %Y", "%d %b %Y")


def moment(text: str, zone: tzinfo) -> datetime | None:
    """`text` as an aware moment, or None where it is no date. A time without a zone is in `zone`.

    A bare day is noon there, so that the day stays the same day in every zone readers are likely to have.
    """
    text = text.strip()
    try:
        return _written(text, zone) or _in_words(text, zone) or _mail(text, zone)
    except (ValueError, OverflowError):
        return None


def _written(text: str, zone: tzinfo) -> datetime | None:
    match = WRITTEN.fullmatch(text)
    if not match:
        return None
    part = match.groupdict()
    day = date(int(part["year"]), int(part["month"]), int(part["day"]))
    if part["hour"] is None:
        return _noon(day, zone)
    at = time_of_day(int(part["hour"]), int(part["minute"]), int(part["second"] or 0))
    return _within_range(datetime.combine(day, at, _zone(part["zone"], zone)))


def _zone(written: str | None, default: tzinfo) -> tzinfo:
    if not written:
        return default
    if written.upper() in {"Z", "UTC", "GMT"}:
        return UTC
    digits = written[1:].replace(":", "")
    hours, minutes = (int(digits), 0) if len(digits) <= 2 else (int(digits[:-2]), int(digits[-2:]))
    offset = timedelta(hours=hours, minutes=minutes)
    return timezone(-offset if written[0] == "-" else offset)


def _in_words(text: str, zone: tzinfo) -> datetime | None:
    for form in WORDS:
        try:
            return _noon(datetime.strptime(text, form).date(), zone)  # noqa: DTZ007  (a day has no zone)
        except ValueError:
            continue
    return None


def _mail(text: str, zone: tzinfo) -> datetime | None:
    """The form of e-mail and RSS (RFC 5322)."""
    try:
        found = parsedate_to_datetime(text)
    except (TypeError, ValueError, IndexError):
        return None
    return _within_range(found if found.tzinfo else found.replace(tzinfo=zone))


def _noon(day: date, zone: tzinfo) -> datetime | None:
    return _within_range(datetime.combine(day, time_of_day(12), zone))


def _within_range(found: datetime) -> datetime | None:
    """None for years that are slips or placeholders, such as 0001 and 9999."""
    return found if 1000 <= found.year <= 3000 else None
