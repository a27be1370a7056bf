"""Make renditions of pictures: those that are missing, or all again."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from articles import renditions
from articles.decoding import Refused
from articles.models import Image
from newsroom.lib import clock


class Command(BaseCommand):
    help = (
        "Makes the renditions of pictures that lack some. May be interrupted and run again at any time, and beside "
        "the worker. Exit status 1 when a picture was left out."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        which = parser.add_mutually_exclusive_group()
        which.add_argument("--missing", action="store_true", help="make what is missing (the default)")
        which.add_argument("--all", action="store_true", help="make everything again")

    def handle(self, *args: Any, **options: Any) -> None:
        keys = list(Image.objects.usable(clock.now()).order_by("pk").values_list("pk", flat=True))
        made = left_out = 0
        for number, key in enumerate(keys, 1):
            try:
                made += self._make(key, anew=options["all"], number=number, of=len(keys))
            except (Refused, OSError, renditions.Superseded) as error:
                left_out += 1
                self.stderr.write(self._failure(key, error))
        self._say_count(made, left_out)
        if left_out:
            raise SystemExit(1)

    def _make(self, key: int, *, anew: bool, number: int, of: int) -> int:
        """Make those of one picture and say so; returns how many pictures that were: none where nothing lacked."""
        image = Image.objects.usable(clock.now()).filter(pk=key).first()
        if image is None or (renditions.is_complete(image) and not anew):
            return 0
        renditions.make(image, anew=anew)
        self.stdout.write(_("%(number)d of %(of)d: %(name)s") % {"number": number, "of": of, "name": image})
        self.stdout.flush()
        return 1

    def _failure(self, key: int, error: Exception) -> str:
        why = str(error) or _("It kept changing while its renditions were being made.")
        name = Image.objects.filter(pk=key).first() or "?"
        return _("Picture %(id)d (%(name)s) was left out: %(why)s") % {"id": key, "name": name, "why": why}

    def _say_count(self, made: int, left_out: int) -> None:
        said = ngettext(
            "Made the renditions of %(count)d picture.", "Made the renditions of %(count)d pictures.", made
        ) % {"count": made}
        if left_out:
            said += " " + ngettext(
                "%(count)d picture was left out, for the reason above.",
                "%(count)d pictures were left out, for the reasons above.",
                left_out,
            ) % {"count": left_out}
        self.stdout.write(said)
