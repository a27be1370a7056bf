"""How many mails of a kind may go now, exactly, over all workers: so many in no minute more.

A row of Pace keeps when the next mail is due. Mails are spread over the minute, up to a sixtieth of the
limit together, and the row is locked until the claim that uses it is committed or gone with its worker.
"""

import math
from dataclasses import dataclass
from datetime import datetime, timedelta

from subscribers.models import Pace


@dataclass
class Allowance:
    """What one key may still send at `now`. `used` says what it did. Without a limit everything may go."""

    key: str
    per_minute: int
    now: datetime
    room: int
    opens_at: datetime
    _next_at: datetime

    def used(self, count: int) -> None:
        """Keep that `count` mails go now. Part of the transaction that began with `allowance`."""
        if self.per_minute and count:
            step = _step(self.per_minute)
            self._next_at = max(self._next_at, self.now) + count * step
            Pace.objects.filter(key=self.key).update(next_at=self._next_at)


def allowance(key: str, per_minute: int, now: datetime) -> Allowance:
    """How much `key` may send at `now`, of at most `per_minute` (0: no limit). Call it in a transaction.

    Whoever asks for several keys asks in one order everywhere, since each is locked.
    """
    if not per_minute:
        return Allowance(key, 0, now, room=2**31, opens_at=now, _next_at=now)
    pace, _new = Pace.objects.select_for_update().get_or_create(key=key, defaults={"next_at": now})
    burst, step = _burst(per_minute), _step(per_minute)
    behind = max(pace.next_at - now, timedelta())
    room = max(math.floor(burst - behind / step + 1e-9), 0)
    opens_at = now if room else pace.next_at - (burst - 1) * step
    return Allowance(key, per_minute, now, room=room, opens_at=opens_at, _next_at=pace.next_at)


def of_newsletter(newsletter: int) -> str:
    return f"newsletter:{newsletter}"


def of_domain(domain: str) -> str:
    return f"domain:{domain}"


def _burst(per_minute: int) -> int:
    """So many may go at one moment."""
    return max(1, per_minute // 60)


def _step(per_minute: int) -> timedelta:
    """The time between two mails. With a burst before it, a minute still holds no more than `per_minute`."""
    return timedelta(minutes=1) / (per_minute - _burst(per_minute) + 1)
