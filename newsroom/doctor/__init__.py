"""What is set up, what is missing, and what to do: for `manage.py doctor`. Changes nothing."""

from collections.abc import Callable, Iterator

from newsroom.doctor import mail, newsletters, site, worker
from newsroom.doctor.findings import Finding, State

# All that stands on the database.
EXAMINATIONS: tuple[Callable[[], Iterator[Finding]], ...] = (
    worker.examine,
    mail.examine,
    newsletters.examine,
    newsletters.under_way,
)


def examine() -> Iterator[Finding]:
    """All that there is to tell. Connects to the mail server, and sends nothing."""
    for found in site.examine():
        yield found
        if found.state == State.WRONG:
            return  # what stands on it could not be asked
    for examination in EXAMINATIONS:
        yield from examination()
