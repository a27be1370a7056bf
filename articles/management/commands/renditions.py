"""Make renditions of pictures: those that are missing, or all again."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from articles import renditions
from articles.decoding import Refused
from articles.models import Image


class Command(BaseCommand):
    help = "Makes the renditions of pictures that lack some. Exit status 1 when a picture was left out."

    def add_arguments(self, parser: CommandParser) -> None:
        which = parser.add_mutually_exclusive_group()
        which.add_argument("--missing", action="store_true", help="make what is missing (the default)")
        which.add_argument("--all", action="store_true", help="make everything again")

    def handle(self, *args: Any, **options: Any) -> None:
        made = left_out = 0
        for image in Image.objects.filter(killed_at=None).order_by("pk").iterator(chunk_size=100):
            if renditions.is_complete(image) and not options["all"]:
                continue
            try:
                renditions.make(image, anew=options["all"])
                made += 1
            except (Refused, OSError) as error:
                left_out += 1
                self.stderr.write(
                    _("Picture %(id)d (%(name)s) was left out: %(why)s") % {"id": image.pk, "name": image, "why": error}
                )
        self.stdout.write(
            ngettext("Made the renditions of %(count)d picture.", "Made the renditions of %(count)d pictures.", made)
            % {"count": made}
        )
        if left_out:
            raise SystemExit(1)
