"""manage.py export_subscribers: the subscribers as a CSV file."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from subscribers.lists import exporting
from subscribers.models import Newsletter
from subscribers.states import SubscriptionState


class Command(BaseCommand):
    help = (
        "Writes subscribers as CSV (UTF-8), which import_subscribers reads back. Whoever must not be written to "
        "is in it with the reason for a state. Exit status: 0 done, 2 wrong use."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--newsletter", default="", metavar="SLUG", help="Only those of this one.")
        parser.add_argument(
            "--state", action="append", choices=SubscriptionState.values, help="Only these (repeatable)."
        )
        parser.add_argument("--output", type=Path, help="A file that is not there yet. Without it: standard output.")

    def handle(self, *args: Any, **options: Any) -> None:
        newsletter = None
        if slug := options["newsletter"]:
            newsletter = Newsletter.objects.filter(slug=slug).first()
            if newsletter is None:
                raise CommandError(f"There is no newsletter “{slug}”.", returncode=2)
        lines = exporting.lines(newsletter, options["state"] or SubscriptionState.values)
        if options["output"] is None:
            for line in lines:
                self.stdout.write(line, ending="")
            return
        try:
            with options["output"].open("x", encoding="utf-8", newline="") as file:
                file.writelines(lines)
        except OSError as error:
            raise CommandError(str(error), returncode=2) from error
