"""`manage.py recompile`: bring editions up to the present compiler."""

from argparse import ArgumentParser
from typing import Any

from django.core.management import BaseCommand
from django.db import transaction

from articles import compiling
from articles.models import Edition
from newsroom import pagecache


class Command(BaseCommand):
    help = "Compile editions again that an older compiler made; with --all, every edition."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--all", action="store_true", help="also those that are up to date")

    def handle(self, *args: Any, **options: Any) -> None:
        editions = Edition.objects.select_related("revision")
        if not options["all"]:
            editions = editions.filter(compiler__lt=compiling.COMPILER)
        count = 0
        # Each in a transaction of its own: a run that is killed goes on where it stopped.
        for edition in editions.order_by("pk").iterator(chunk_size=200):
            with transaction.atomic():
                compiling.write(edition)
            count += 1
        pagecache.drop()
        self.stdout.write(f"{count} edition{'' if count == 1 else 's'} compiled again.")
