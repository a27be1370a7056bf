"""The demo's pictures: taken into the library as if somebody had uploaded them."""

import io
from datetime import timedelta

from articles import library
from articles.models import Image
from newsroom.demo.texts import picture_words
from newsroom.lib import clock
from newsroom.models import User

CREDIT = "Averley Post"
# What was taken down again, and what readers are told in its place.
KILLED = "gangway"
NOTICE = "We took this picture down because somebody in it asked us to."
REASON = "A passenger did not want to be seen; promised on the telephone."


def keep(name: str, data: bytes, *, by: User) -> Image:
    """The scene in the library, with its words."""
    words = {"credit": CREDIT, "copyright": CREDIT, "source": "Drawn for the demo", **picture_words()[name]}
    if days := words.pop("days", None):
        words["rights_until"] = clock.now() + timedelta(days=days)
    image, _new = library.add(io.BytesIO(data), name=f"{name}.jpg", by=by, **words)
    return image


def take_down(image: Image, *, by: User) -> None:
    """Take the picture out of every page that shows it, and say why."""
    library.kill(image, by=by, notice=NOTICE, reason=REASON)
