"""`manage.py worker`: carries out jobs until it is told to stop."""

from typing import Any

from django.core.management import BaseCommand, call_command
from django.utils.module_loading import autodiscover_modules


class Command(BaseCommand):
    help = "Carry out jobs: renditions, mails. Nothing that readers see at a given time depends on it."

    def handle(self, *args: Any, **options: Any) -> None:
        autodiscover_modules("jobs")
        call_command("run_huey")
