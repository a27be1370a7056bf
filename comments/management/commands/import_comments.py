"""manage.py import_comments: readers' comments from WordPress and Disqus exports."""

import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from comments.importers.running import FORMATS, Order, WrongUse, run


class Command(BaseCommand):
    help = (
        "Imports comments from a WordPress export (WXR) or a Disqus export (XML) to the articles that were imported "
        "before, with their threads, dates and states. Nothing is fetched from the network. Importing again adds what "
        "is new and changes nothing. Exit status: 0 every comment is in, 1 something was left out (the report says "
        "what), 2 wrong use."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("path", type=Path, help="An export, or a folder of exports.")
        parser.add_argument("--format", choices=sorted(FORMATS), default="", help="Needed only where a file is odd.")
        parser.add_argument(
            "--without-addresses",
            action="store_true",
            help="Keep no email address. With them, their owners can find, take along and erase what they wrote.",
        )
        parser.add_argument("--dry-run", action="store_true", help="Report what would be done, and write nothing.")
        parser.add_argument("--json", action="store_true", help="Report as JSON.")

    def handle(self, *args: Any, **options: Any) -> None:
        order = Order(
            path=options["path"],
            format=options["format"],
            addresses=not options["without_addresses"],
            rehearse=options["dry_run"],
        )
        try:
            report = run(order, (lambda sentence: None) if options["json"] else self.stdout.write)
        except WrongUse as error:
            raise CommandError(str(error), returncode=2) from error
        self.stdout.write(report.as_json() if options["json"] else report.summary())
        if report.exit_status:
            sys.exit(report.exit_status)
