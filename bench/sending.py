"""An issue to many subscribers: `python -m bench.sending --subscribers 100000`, or as a part of `python -m bench`.

Deliveries are made, rendered and handed to a mail server on this machine, on one connection; beside it smtplib
alone sends the same bytes on one connection. The mail server is the same process for both.
"""

import argparse
import json
import os
import smtplib
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import Any

from bench import newsroom_under_test as under_test

ARTICLES = 8
BARE = 2000  # messages
SLICE = 4.0  # seconds
ALL = 600.0  # seconds, in which all is sent


@dataclass(frozen=True)
class Sent:
    """What was done in how many seconds; `limit` is smtplib alone, messages a second."""

    subscribers: int
    materialised_in: float
    sent: int
    sent_in: float
    limit: float
    size: int
    memory: int

    @property
    def per_second(self) -> float:
        return self.sent / (self.sent_in + self.materialised_in * self.sent / self.subscribers)


def row(subscribers: int, seconds: float = ALL) -> Sent:
    """Measured in a process of its own, so that its memory is its own."""
    return Sent(**json.loads(_again("--json", subscribers, seconds)[-1]))


def _again(what: str, subscribers: int, seconds: float = ALL) -> list[bytes]:
    """Run this module in another process, and return the lines it says."""
    command = [
        sys.executable,
        "-m",
        "bench.sending",
        what,
        "--subscribers",
        str(subscribers),
        "--seconds",
        str(seconds),
    ]
    return subprocess.run(command, cwd=under_test.ROOT, check=True, stdout=subprocess.PIPE).stdout.splitlines()


def measure(subscribers: int, seconds: float) -> Sent:
    """Send an issue to so many, for at most so many seconds; needs a migrated database."""
    from subscribers.models import Issue, Newsletter, Sending
    from subscribers.sending import materialising, worker

    # Others make the subscribers, for the memory that takes is not what is measured.
    _again("--make", subscribers)
    newsletter = Newsletter.objects.latest("pk")
    with mail_server() as port:
        _use(port)
        issue = _issue(newsletter)
        began = time.perf_counter()
        materialising.materialise(issue)
        materialised_in = time.perf_counter() - began
        samples = _samples(issue.pk)
        # By turns, so that whatever else the machine does slows both down.
        sent_in = bare_in = 0.0
        rounds, more = 0, True
        while more and sent_in < seconds:
            bare_in += _bare(port, samples)
            began = time.perf_counter()
            more = worker.work(min(SLICE, seconds - sent_in)) is not None
            sent_in += time.perf_counter() - began
            rounds += 1
        limit = rounds * BARE / bare_in
    sent = Sending.objects.get(pk=issue.pk).handed_over
    assert sent == subscribers or more, Issue.objects.get(pk=issue.pk).state
    memory = _memory()
    size = sum(len(data) for _to, data in samples) // len(samples)
    return Sent(subscribers, materialised_in, sent, sent_in, limit, size, memory)


def _subscribe(count: int) -> Any:
    from newsroom.lib import clock
    from subscribers import factories
    from subscribers.models import Subscriber, Subscription

    newsletter, now = factories.make_newsletter(), clock.now()
    for start in range(0, count, 5000):
        addresses = [f"reader{number}-{newsletter.pk}@example.org" for number in range(start, min(start + 5000, count))]
        made = Subscriber.objects.bulk_create(
            Subscriber(email=address, email_norm=address, created_at=now) for address in addresses
        )
        Subscription.objects.bulk_create(Subscription(subscriber=one, newsletter=newsletter, since=now) for one in made)
    return newsletter


def _issue(newsletter: Any) -> Any:
    """An issue of some articles, whose deliveries are about to be made."""
    from articles import factories
    from newsroom.models import User
    from subscribers.issues import workflow
    from subscribers.models import Issue, IssueItem

    editor, _new = User.objects.get_or_create(username="bench")
    issue = Issue.objects.create(
        newsletter=newsletter, key="bench", subject="The harbour wall", intro="News of the week."
    )
    for number in range(ARTICLES):
        words: dict[str, Any] = {
            "headline": f"The wall is raised, part {number}",
            "standfirst": "Before the storms. " * 9,
        }
        edition = factories.make_live(by=editor, **words)
        IssueItem.objects.create(issue=issue, article=edition.article, position=number)
    for verb in ("ready", "send_now", "materialise"):
        issue = workflow.change(issue, verb)
    return issue


def _samples(issue: int) -> list[tuple[str, bytes]]:
    """Recipients and the very bytes that they will get."""
    from django.db import transaction

    from subscribers.models import Issue
    from subscribers.sending import claiming
    from subscribers.sending.stamping import Stamp

    with transaction.atomic():
        present = Issue.objects.select_related("newsletter").get(pk=issue)
        claim = claiming.claim(present, "bench", 200)
        assert claim
        stamp = Stamp(present, claim.parcels[0], as_bytes=True)
        found = [(parcel.to, vars(stamp.message(parcel))["filled"]) for parcel in claim.parcels]
        transaction.set_rollback(True)
    return found


def _bare(port: int, samples: list[tuple[str, bytes]]) -> float:
    """The seconds that smtplib alone takes for so many messages."""
    with smtplib.SMTP("127.0.0.1", port) as server:
        began = time.perf_counter()
        for number in range(BARE):
            to, data = samples[number % len(samples)]
            server.sendmail("newsroom@localhost", [to], data)
        return time.perf_counter() - began


@contextmanager
def mail_server() -> Iterator[int]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = subprocess.Popen([sys.executable, "-m", "bench.mail_sink", str(port)], cwd=under_test.ROOT)
    try:
        for _attempt in range(200):
            try:
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
                break
            except OSError:
                time.sleep(0.05)
        yield port
    finally:
        process.terminate()
        process.wait(timeout=20)


def _memory() -> int:
    """Bytes that this process holds for itself; the part of SQLite's file that is mapped is the system's."""
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) * 1024 for line in status if line.startswith("RssAnon"))


def _use(port: int) -> None:
    from django.conf import settings

    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", port


def main() -> None:
    arguments = argparse.ArgumentParser(prog="python -m bench.sending")
    arguments.add_argument("--subscribers", type=int, default=100_000)
    arguments.add_argument("--seconds", type=float, default=ALL, help="send no longer than this")
    arguments.add_argument("--json", action="store_true")
    arguments.add_argument("--make", action="store_true")
    chosen = arguments.parse_args()
    if chosen.make:
        _setup()
        _subscribe(chosen.subscribers)
        return
    if chosen.json:
        _setup()
        print(json.dumps(asdict(measure(chosen.subscribers, chosen.seconds))))
        return
    with under_test.folder():
        under_test.manage("migrate", "--verbosity", "0")
        _setup()
        show(measure(chosen.subscribers, chosen.seconds))


def show(found: Sent) -> None:
    print(
        f"{found.subscribers} subscribers: deliveries made in {found.materialised_in:.1f} s; {found.sent} mails of "
        f"{found.size} bytes handed over in {found.sent_in:.1f} s: {found.per_second:.0f} a second. smtplib alone: "
        f"{found.limit:.0f}. That is {found.per_second / found.limit:.2f} of it, with {found.memory / 1e6:.0f} MB."
    )


def _setup() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "newsroom.settings")
    import django

    django.setup()


if __name__ == "__main__":
    main()
