"""`manage.py rebuild_search`: bring what editions are found by up to date."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management import BaseCommand

from articles.models import Edition
from articles.search import index


class Command(BaseCommand):
    help = (
        "Index editions that search does not know yet, or knows by older rules; with --all, every edition."
        " A run that is stopped goes on where it was when it is started again."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--all", action="store_true", help="also those that are up to date")
        parser.add_argument("--after", type=int, default=0, metavar="KEY", help="with --all: go on behind this edition")
        parser.add_argument("--json", action="store_true", help="report as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        editions = Edition.objects.filter(pk__gt=options["after"]) if options["all"] else index.behind()
        count = last = 0
        try:
            for count, last in enumerate(index.rebuild(editions), 1):  # noqa: B007
                pass
        except KeyboardInterrupt:
            hint = f" To go on, run it again with --all --after {last}." if options["all"] and last else ""
            self.stderr.write(f"Stopped after {count} {_editions(count)}.{hint}")
            raise SystemExit(1) from None
        removed = index.tidy()
        if options["json"]:
            self.stdout.write(json.dumps({"indexed": count, "removed": removed}))
        else:
            self.stdout.write(f"{count} {_editions(count)} indexed, {removed} left over removed.")


def _editions(count: int) -> str:
    return "edition" if count == 1 else "editions"
