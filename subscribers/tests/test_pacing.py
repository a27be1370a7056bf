"""Not too fast: so many mails in no minute more, whoever asks and how often."""

from datetime import timedelta

import time_machine
from pytest import mark

from newsroom.lib import clock
from subscribers.sending import pacing

pytestmark = mark.django_db

MINUTE = timedelta(minutes=1)


@mark.parametrize("per_minute", [1, 7, 60, 600, 1000])
@mark.parametrize("greed", [1, 3, 1000])
def test_the_pace_holds_in_every_minute(per_minute, greed):
    taken = []
    with time_machine.travel("2036-05-04T07:00Z", tick=False) as traveller:
        for _step in range(400):
            allowed = pacing.allowance("newsletter:1", per_minute, clock.now())
            count = min(allowed.room, greed)
            allowed.used(count)
            taken += [clock.now()] * count
            assert allowed.room or allowed.opens_at > clock.now()
            traveller.shift(timedelta(seconds=0.5))
    minute = timedelta(minutes=1)
    most = max(sum(start <= at < start + minute for at in taken) for start in sorted(set(taken)))
    assert most <= per_minute
    if greed == 1000:
        assert most == per_minute or len(taken) >= per_minute * 3
