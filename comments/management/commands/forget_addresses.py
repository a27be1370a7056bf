"""manage.py forget_addresses: what the worker forgets every night, now."""

from collections.abc import Callable
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils.translation import ngettext, override

from comments import forgetting

SENTENCES: dict[str, Callable[[int], str]] = {
    "comments": lambda n: ngettext(
        "%(n)d comment is older than 30 days: its network was forgotten.",
        "%(n)d comments are older than 30 days: their networks were forgotten.",
        n,
    ),
    "reports": lambda n: ngettext(
        "%(n)d report is older than 30 days: its network was forgotten.",
        "%(n)d reports are older than 30 days: their networks were forgotten.",
        n,
    ),
    "reporters": lambda n: ngettext(
        "%(n)d report was closed more than 30 days ago: its sender’s address was forgotten.",
        "%(n)d reports were closed more than 30 days ago: their senders’ addresses were forgotten.",
        n,
    ),
    "confirmations": lambda n: ngettext(
        "%(n)d address was typed and not confirmed in time: it was forgotten.",
        "%(n)d addresses were typed and not confirmed in time: they were forgotten.",
        n,
    ),
    "bans": lambda n: ngettext(
        "%(n)d ban of a network ended more than 30 days ago: it was deleted.",
        "%(n)d bans of networks ended more than 30 days ago: they were deleted.",
        n,
    ),
    "digests": lambda n: ngettext(
        "%(n)d ban on an erased address is over: the digest of the address was forgotten.",
        "%(n)d bans on erased addresses are over: the digests of the addresses were forgotten.",
        n,
    ),
    "counters": lambda n: ngettext(
        "%(n)d counter of what came from a network has ended: it was thrown away.",
        "%(n)d counters of what came from networks have ended: they were thrown away.",
        n,
    ),
}


class Command(BaseCommand):
    help = (
        "Forgets where comments and reports came from after 30 days, and addresses that were typed and not "
        "confirmed in time. The worker does so every night."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="Say what would be forgotten, and change nothing.")

    def handle(self, *args: Any, **options: Any) -> None:
        found = forgetting.rehearse() if options["dry_run"] else forgetting.forget()
        with override("en"):
            for name, number in found.items():
                if number:
                    self.stdout.write(SENTENCES[name](number) % {"n": number})
            if not any(found.values()):
                self.stdout.write("There is nothing to forget.")
            if options["dry_run"]:
                self.stdout.write("This was a rehearsal: nothing was changed.")
