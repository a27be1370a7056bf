"""When a mail that could not be delivered is tried again."""

from datetime import timedelta

FIRST = timedelta(minutes=5)
LONGEST = timedelta(hours=8)
# RFC 5321, 4.5.4.1 asks for four to five days of a mail server. News are old after three.
GIVE_UP_AFTER = timedelta(hours=72)
# A mail server that takes nothing at all.
DOWN_FIRST = timedelta(seconds=30)
DOWN_LONGEST = timedelta(minutes=10)


def wait(attempts: int) -> timedelta | None:
    """How long to wait after so many attempts, of which the last failed; None to give up.

    5 minutes, then twice as long each time up to 8 hours; the last attempt is made 72 hours after the first.
    """
    before = sum((_wait(number) for number in range(1, attempts)), timedelta())
    left = max(GIVE_UP_AFTER - before, timedelta())
    return min(_wait(attempts), left) if left else None


def wait_for_server(refusals: int) -> timedelta:
    """How long to leave a mail server alone that did not take anything so many times in a row."""
    return min(DOWN_FIRST * 2 ** min(refusals - 1, 20), DOWN_LONGEST)


def _wait(attempts: int) -> timedelta:
    return min(FIRST * 2 ** min(attempts - 1, 20), LONGEST)
