"""manage.py import_articles: articles from WordPress exports and Markdown files."""

import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from articles.importers.report import Entry
from articles.importers.running import FORMATS, Order, WrongUse, run


class Command(BaseCommand):
    help = (
        "Imports articles from a WordPress export (WXR) or from Markdown files with front matter (Jekyll, Hugo). "
        "Nothing is fetched from the network. Importing again changes only what has changed in the source; "
        "articles that were edited here are left alone. Exit status: 0 everything is in, "
        "1 something was left out (the report says what), 2 wrong use."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("path", type=Path, help="An export, a Markdown file, or a folder of either.")
        parser.add_argument("--format", choices=FORMATS, default="", help="Needed only where the files do not tell.")
        parser.add_argument("--media", type=Path, help="The folder with the pictures.")
        parser.add_argument("--section", default="News", help="The section of articles that name none (News).")
        parser.add_argument("--language", default="", help="The language of all articles, whatever they say.")
        parser.add_argument("--dry-run", action="store_true", help="Report what would be done, and write nothing.")
        parser.add_argument("--json", action="store_true", help="Report as JSON.")

    def handle(self, *args: Any, **options: Any) -> None:
        order = Order(
            path=options["path"],
            format=options["format"],
            media=options["media"],
            section=options["section"],
            language=options["language"],
            rehearse=options["dry_run"],
        )
        try:
            report = run(order, (lambda entry: None) if options["json"] else self._tell)
        except WrongUse as error:
            raise CommandError(str(error), returncode=2) from error
        self.stdout.write(report.as_json() if options["json"] else report.summary())
        if report.exit_status:
            sys.exit(report.exit_status)

    def _tell(self, entry: Entry) -> None:
        self.stdout.write(entry.as_text())
