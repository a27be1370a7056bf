"""The demo's pictures: drawn, and taken into the library as if somebody had uploaded them."""

import io
from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor

from articles import library
from articles.models import Image
from newsroom.demo.scenes import above, city, figures, halls, harbour, hills, portraits, rooms, shore
from newsroom.demo.texts import picture_words
from newsroom.models import User

CREDIT = "Averley Post"
SCENES = {
    name: getattr(module, name)
    for module, names in (
        (above, ("allotments", "pitch", "swimmers")),
        (city, ("tram", "bridge", "snow")),
        (figures, ("rents", "wards")),
        (halls, ("market", "orchestra")),
        (harbour, ("harbour",)),
        (hills, ("turbines", "observatory")),
        (portraits, ("portrait_maren", "portrait_tomas", "portrait_samira", "portrait_henrik")),
        (rooms, ("library", "cinema", "bakery")),
        (shore, ("flood", "fog", "kelp", "eels")),
    )
    for name in names
}


def draw(name: str) -> bytes:
    """The scene as a JPEG."""
    file = io.BytesIO()
    SCENES[name]().save(file, "JPEG", quality=90, subsampling=0)
    return file.getvalue()


def drawn(names: Iterable[str]) -> dict[str, bytes]:
    """Each scene by its name, two drawn at a time."""
    names = list(names)
    with ProcessPoolExecutor(max_workers=2) as pool:
        return dict(zip(names, pool.map(draw, names), strict=True))


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
