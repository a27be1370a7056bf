"""`manage.py worker`: carries out jobs until it is told to stop."""

import signal
from typing import Any

from django.conf import settings
from django.core.management import BaseCommand
from django.utils.module_loading import autodiscover_modules
from huey.consumer import Consumer
from huey.consumer_options import ConsumerConfig
from huey.contrib.djhuey import HUEY

from newsroom.lib import stopping

# Seconds that jobs under way are given: less than what those who told us to end wait until they end us by force.
PATIENCE = 7


class Command(BaseCommand):
    help = "Carry out jobs: renditions, mails. Nothing that readers see at a given time depends on it."

    def handle(self, *args: Any, **options: Any) -> None:
        autodiscover_modules("jobs")
        chosen: dict[str, Any] = settings.HUEY
        config = ConsumerConfig(**chosen["consumer"], shutdown_timeout=PATIENCE)
        config.validate()
        consumer = Orderly(HUEY, **config.values)
        try:
            consumer.run()
        except KeyboardInterrupt:  # while it looked after its threads
            consumer.stop(graceful=True)


class Orderly(Consumer):
    """Ends on SIGTERM as on SIGINT: jobs under way come to a good end, and a second signal ends them at once."""

    def _set_signal_handlers(self) -> None:
        super()._set_signal_handlers()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, _end)


def _end(number: int, frame: object) -> None:
    stopping.tell()
    raise KeyboardInterrupt  # which the consumer takes for the wish to end in order
