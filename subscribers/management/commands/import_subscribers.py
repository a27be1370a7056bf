"""manage.py import_subscribers: a list of addresses from elsewhere."""

import json
import sys
from collections import Counter
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from newsroom.models import User
from subscribers.lists import runs
from subscribers.lists.importing import TAKEN, Finding, Verdict
from subscribers.lists.tables import Unreadable
from subscribers.models import Newsletter


class Command(BaseCommand):
    help = (
        "Imports subscribers from a CSV file (UTF-8 or UTF-16; commas, semicolons or tabs) as other newsletter "
        "services and export_subscribers write it. Nobody is revived who has left, complained or was erased. "
        "Importing again changes nothing. Exit status: 0 everyone is in, 1 somebody was left out (the report says "
        "who and why), 2 wrong use."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("path", type=Path, help="The file.")
        parser.add_argument("--newsletter", required=True, metavar="SLUG", help="What they are subscribed to.")
        parser.add_argument("--consent", default="", help="How these people agreed: kept as what you claim.")
        parser.add_argument("--by", default="", metavar="USERNAME", help="Who claims it.")
        parser.add_argument("--dry-run", action="store_true", help="Report what would be done, and write nothing.")
        parser.add_argument("--json", action="store_true", help="Report as JSON, one object a line.")

    def handle(self, *args: Any, **options: Any) -> None:
        newsletter, by = _newsletter(options["newsletter"]), _user(options["by"])
        counts: Counter[str] = Counter()
        try:
            with options["path"].open("rb") as file:
                findings = runs.at_once(
                    newsletter,
                    file,
                    file_name=options["path"].name,
                    claim=options["consent"],
                    by=by,
                    dry_run=options["dry_run"],
                )
                for finding in findings:
                    counts[finding.verdict] += 1
                    self._tell(finding, options["json"])
        except (OSError, Unreadable) as error:
            raise CommandError(str(error), returncode=2) from error
        self._sum_up(counts, options)
        if set(counts) - set(TAKEN):
            sys.exit(1)

    def _tell(self, finding: Finding, as_json: bool) -> None:
        """As text only who was left out: a list may be long, and those who are in are counted."""
        if as_json:
            self.stdout.write(json.dumps({**asdict(finding), "verdict": str(finding.verdict)}, ensure_ascii=False))
        elif finding.verdict not in TAKEN:
            self.stdout.write(
                f"line {finding.line}: {finding.email or '-'}: {finding.verdict.label}. {finding.sentence}"
            )

    def _sum_up(self, counts: Counter[str], options: dict[str, Any]) -> None:
        if options["json"]:
            self.stdout.write(json.dumps({"dry_run": options["dry_run"], "lines": counts.total(), "counts": counts}))
            return
        for verdict in Verdict:
            if counts[verdict]:
                self.stdout.write(f"{counts[verdict]} {verdict.label}")
        self.stdout.write("Nothing was written: this was a dry run." if options["dry_run"] else "Done.")


def _newsletter(slug: str) -> Newsletter:
    found = Newsletter.objects.filter(slug=slug).first()
    if found is None:
        known = ", ".join(Newsletter.objects.values_list("slug", flat=True)) or "none yet"
        raise CommandError(f"There is no newsletter “{slug}”. There are: {known}.", returncode=2)
    return found


def _user(name: str) -> User | None:
    if not name:
        return None
    found = User.objects.filter(username=name).first()
    if found is None:
        raise CommandError(f"There is no user “{name}”. Leave out --by, or name one who can sign in.", returncode=2)
    return found
