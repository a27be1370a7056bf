"""`manage.py read_bounces`: takes in mails that came back, from a file, a folder, or the mail server's pipe."""

import mailbox
import sys
from argparse import ArgumentParser
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.core.management import BaseCommand, CommandError
from django.utils.translation import gettext as _

from subscribers.bounces import mails, taking

LINES = {
    "hard": _("%d will never arrive: their addresses get no more mail."),
    "soft": _("%d did not arrive this time: counted."),
    "delay": _("%d are still being tried by another server: nothing to do."),
    "complaint": _("%d are complaints: their readers are unsubscribed."),
    "known": _("%d had been read before."),
    "unknown": _("%d are about nobody we know."),
    "not a bounce": _("%d are neither bounces nor complaints."),
}


class Command(BaseCommand):
    help = (
        "Read mails that came back to BOUNCE_ADDRESS: bounces and complaints. PATH is a maildir, an mbox, a folder of "
        "files or one mail; without it one mail is read from standard input, as a mail server's alias pipes it."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("path", nargs="?", type=Path)
        parser.add_argument("--delete", action="store_true", help="Take read mails out of the maildir.")

    def handle(self, *args: Any, **options: Any) -> None:
        counts: Counter[str] = Counter()
        for raw in _mails(options["path"], delete=options["delete"]):
            counts[taking.take(raw)] += 1
        for name, sentence in LINES.items():
            if counts[name]:
                self.stdout.write(sentence % counts[name])
        if not counts:
            self.stdout.write(_("There was no mail."))


def _mails(path: Path | None, *, delete: bool) -> Iterator[bytes]:
    """Each mail, of none more than is looked at."""
    if path is None:
        yield sys.stdin.buffer.read(mails.LARGEST)
        return
    if not path.exists():
        raise CommandError(_("There is no %s. Name a maildir, an mbox, a folder or a mail.") % path)
    if path.is_dir() and (path / "new").is_dir():
        yield from _maildir(path, delete=delete)
    elif path.is_dir():
        for file in sorted(path.rglob("*")):
            if file.is_file():
                yield _start_of(file)
    elif _start_of(path, 5) == b"From ":
        for message in mailbox.mbox(path):
            yield message.as_bytes()[: mails.LARGEST]
    else:
        yield _start_of(path)


def _maildir(path: Path, *, delete: bool) -> Iterator[bytes]:
    """What is new is read once: it moves to `cur`, or away."""
    for file in sorted((path / "new").iterdir()):
        yield _start_of(file)
        if delete:
            file.unlink(missing_ok=True)
        else:
            (path / "cur").mkdir(exist_ok=True)
            file.rename(path / "cur" / f"{file.name}:2,S")


def _start_of(path: Path, length: int = mails.LARGEST) -> bytes:
    with path.open("rb") as file:
        return file.read(length)
