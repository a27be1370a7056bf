"""From intents to spans: the arithmetic of the timeline. Pure; it asks no database."""

from collections.abc import Iterable
from datetime import datetime
from itertools import pairwise

from articles.models import Edition

Span = tuple[datetime, datetime | None]


class Refused(Exception):
    """The timeline does not allow it. As text: a sentence for the editor."""


def begun(edition: Edition, now: datetime) -> bool:
    """Whether readers have met the edition. What starts at `now` exactly has not begun."""
    return edition.live_from is not None and edition.live_from < now


def spans_of(editions: Iterable[Edition], now: datetime) -> dict[int, Span]:
    """The spans that active `editions`, sorted by start, should have: {key: (from, until or None)}.

    Sorted by start (of two that start together the later made wins), each ends where the next begins or
    at its own expiry, whichever is first. Those in the past keep what they had.
    """
    past = [e for e in editions if begun(e, now)]
    ahead = [e for e in editions if not begun(e, now) and e.starts_at >= now]
    spans: dict[int, Span] = {e.pk: (e.live_from, e.live_until) for e in past if e.live_from}
    running = [e for e in past if e.live_until is None or e.live_until > now]
    row = [*running[-1:], *ahead]
    for edition, following in pairwise([*row, None]):
        if edition is None:
            continue
        start = edition.live_from if edition in running else edition.starts_at
        ends = [end for end in (edition.expires_at, following and following.starts_at) if end]
        until = min(ends) if ends else None
        if start is not None and (until is None or until > start):
            spans[edition.pk] = (start, until)
    return spans
