"""Draws the scenes, two at a time. Knows nothing of Django, so that other processes can load it as it is."""

import io
from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor

from newsroom.demo.scenes import above, city, figures, halls, harbour, hills, portraits, rooms, shore

SCENES = {
    name: getattr(module, name)
    for module, names in (
        (harbour, ("harbour", "mole", "gangway")),
        (above, ("allotments", "pitch", "swimmers")),
        (city, ("tram", "bridge", "snow")),
        (figures, ("rents", "wards")),
        (halls, ("market", "orchestra")),
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
    """Each scene by its name, as a JPEG."""
    names = list(names)
    with ProcessPoolExecutor(max_workers=2) as pool:
        return dict(zip(names, pool.map(draw, names), strict=True))
