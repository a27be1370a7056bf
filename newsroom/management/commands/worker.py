"""`manage.py worker`: carries out jobs until it is told to stop."""

from typing import Any

from django.core.management import BaseCommand, call_command


class Command(BaseCommand):
    help = "Carry out jobs: renditions, mails. Nothing that readers see at a given time depends on it."

    def handle(self, *args: Any, **options: Any) -> None:
        call_command("run_huey")
