"""`manage.py doctor`: what is set up, what is missing, and what to do."""

from typing import Any

from django.core.management import BaseCommand
from django.utils.translation import override

from newsroom import doctor
from newsroom.doctor.findings import State


class Command(BaseCommand):
    help = (
        "Say line by line how the site, its worker, mail and newsletters stand, and what to do. Changes nothing; "
        "connects to the mail server and sends nothing. Ends with 1 where something is wrong."
    )
    requires_migrations_checks = False

    def handle(self, *args: Any, **options: Any) -> None:
        colours = {State.FINE: self.style.SUCCESS, State.LOOK: self.style.WARNING, State.WRONG: self.style.ERROR}
        worst = False
        with override("en"):
            for found in doctor.examine():
                self.stdout.write(f"{colours[found.state](f'{found.state:5}')}  {found.subject}: {found.sentence}")
                worst = worst or found.state == State.WRONG
        if worst:
            raise SystemExit(1)
