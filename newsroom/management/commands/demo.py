"""`manage.py demo`: a small newsroom to try everything on, with one account for each role."""

import sys
import time
from typing import Any

from django.core.management.base import BaseCommand
from django.db import transaction
from django.utils.translation import override

from newsroom.demo import accounts, building


class Command(BaseCommand):
    help = (
        "Makes the demo newsroom in an empty database, and says whom to sign in as. On a site that is a demo "
        "already it changes nothing and says it again. Exit status 2 on any other site."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        if building.is_built():
            self._renew_lost_passwords()
            self._tell(options, "This site is the demo newsroom.")
        elif building.is_empty():
            self._build()
        else:
            self.stderr.write(
                "This site holds accounts or articles of its own, so no demo was made. "
                "Choose another DATA_DIR or DATABASE_URL for a demo, or set DEMO=0."
            )
            sys.exit(2)
        self._tell(options, f"Sign in at /admin/ as\n{accounts.file().read_text(encoding='utf-8')}")

    def _tell(self, options: dict[str, Any], sentence: str) -> None:
        """What `make run` would say twice is left out with --verbosity 0."""
        if options["verbosity"]:
            self.stdout.write(sentence)

    def _build(self) -> None:
        began = time.monotonic()
        with override("en"):
            building.build(self._say)
        self.stdout.write(f"The demo newsroom is ready, after {time.monotonic() - began:.0f} seconds.")

    def _say(self, sentence: str) -> None:
        self.stdout.write(sentence)
        self.stdout.flush()

    def _renew_lost_passwords(self) -> None:
        """Nobody can read a password out of the database: where the file is gone there must be new ones."""
        if not accounts.file().exists():
            with transaction.atomic():
                _people, passwords = accounts.make()
            accounts.write(passwords)
