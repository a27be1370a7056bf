"""The demo's pictures: taken into the library as if somebody had uploaded them."""

import io

from articles import library
from articles.models import Image
from newsroom.demo.texts import picture_words
from newsroom.models import User

CREDIT = "Averley Post"


def keep(name: str, data: bytes, *, by: User) -> Image:
    """The scene in the library, with its words."""
    image, _new = library.add(
        io.BytesIO(data),
        name=f"{name}.jpg",
        by=by,
        credit=CREDIT,
        copyright=CREDIT,
        source="Drawn for the demo",
        **picture_words()[name],
    )
    return image
