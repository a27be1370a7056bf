"""manage.py export_person: all that is kept about the holder of an address, as JSON."""

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from newsroom import privacy


class Command(BaseCommand):
    help = (
        "Writes all that the newsroom keeps about the holder of an email address to standard output, as JSON. "
        "Make sure first that it is their own wish."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("address", help="The email address.")

    def handle(self, *args: Any, **options: Any) -> None:
        found = privacy.export(options["address"])
        self.stdout.write(json.dumps(found, ensure_ascii=False, indent=2))
        if not found:
            self.stderr.write("Nothing is kept about this address.")
