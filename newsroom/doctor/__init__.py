"""What is set up, what is missing, and what to do: for `manage.py doctor`. Changes nothing."""

from collections.abc import Callable, Iterator

from newsroom.doctor import mail, newsletters, site, worker
from newsroom.doctor.findings import Finding

# In the order in which one thing needs another.
EXAMINATIONS: tuple[Callable[[], Iterator[Finding]], ...] = (
    site.examine,
    worker.examine,
    mail.examine,
    newsletters.examine,
    newsletters.under_way,
)


def examine() -> Iterator[Finding]:
    """All that there is to tell. Connects to the mail server, and sends nothing."""
    for examination in EXAMINATIONS:
        yield from examination()
