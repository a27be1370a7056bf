"""Public files of pictures that no page names any longer.

They stay for a day, since pages that readers have open, or that a cache keeps, may still name them. Those of
pictures that readers may not see, as their rights have ended or they were taken down, go at once.
"""

import logging
from collections.abc import Iterable
from contextlib import suppress
from datetime import datetime, timedelta

from articles import library_files, renditions
from articles.models import Image, ImageEvent
from newsroom.lib import clock

logger = logging.getLogger(__name__)

KEPT = timedelta(days=1)
LATELY = timedelta(days=2)
HOURS = 24


def sweep(hour: int) -> int:
    """Delete what is due in this hour's share of folders, each of which comes up once a day; says how many files."""
    shares = [name for name in _folders("") if len(name) == 2 and int(name, 16) % HOURS == hour]
    return sum(_sweep(share) for share in shares)


def sweep_killed() -> int:
    """Delete at once what is there of pictures that were taken down, of the files that they had before as well."""
    killed = set(Image.objects.filter(killed_at__isnull=False).values_list("sha256", flat=True))
    replaced = ImageEvent.objects.filter(verb="replace", image__killed_at__isnull=False)
    killed.update(sha256 for sha256 in replaced.values_list("data__sha256", flat=True) if sha256)
    shown = set(Image.objects.filter(sha256__in=killed, killed_at=None).values_list("sha256", flat=True))
    left = {sha256: renditions.kept(sha256) for sha256 in killed - shown}
    for sha256 in filter(left.get, left):
        renditions.delete_folder(sha256)
    return sum(map(len, left.values()))


def sweep_ended() -> int:
    """Delete the files of pictures whose rights ended lately; says of how many pictures.

    What nobody came for within the time is found folder by folder.
    """
    now = clock.now()
    ended = Image.objects.filter(rights_until__gt=now - LATELY, rights_until__lte=now).exclude(renditions=[])
    return sum(_cleared(image) for image in ended)


def _cleared(image: Image) -> bool:
    try:
        library_files.clear(image)
    except OSError:
        logger.exception("Public files of picture %s, which may not be seen any more, could not be deleted.", image.pk)
        return False
    return True


def _sweep(share: str) -> int:
    hashes = _folders(share)
    images = {image.sha256: image for image in Image.objects.filter(sha256__in=hashes)}
    replaced = _replaced_lately()
    gone = 0
    for sha256 in hashes:
        paths, image = renditions.kept(sha256), images.get(sha256)
        if image is not None and image.bar(clock.now()):
            gone += len(paths)
            library_files.clear(image)
        elif image is not None:
            gone += _deleted(_due(image, paths))
        elif sha256 not in replaced:
            gone += _deleted(path for path in paths if _made(path) < clock.now() - KEPT)
            with suppress(OSError):  # it is not empty yet
                renditions.storage().delete(f"{share}/{sha256}")
    return gone


def _due(image: Image, paths: list[str]) -> list[str]:
    """Those that are not listed, a day after the present list was made."""
    before = clock.now() - KEPT
    listed = {str(item["path"]) for item in image.renditions}
    spare = set(paths) - listed
    if not spare or any(_made(path) >= before for path in listed & set(paths)):
        return []
    return [path for path in spare if _made(path) < before]


def _replaced_lately() -> set[str]:
    """Hashes of originals that others took the place of within the day."""
    events = ImageEvent.objects.filter(verb="replace", at__gte=clock.now() - KEPT)
    return {data.get("sha256", "") for data in events.values_list("data", flat=True)}


def _made(path: str) -> datetime:
    try:
        return renditions.storage().get_modified_time(path)
    except FileNotFoundError:  # somebody else swept
        return clock.now()


def _deleted(paths: Iterable[str]) -> int:
    paths = list(paths)
    for path in paths:
        renditions.storage().delete(path)
    return len(paths)


def _folders(path: str) -> list[str]:
    try:
        return sorted(renditions.storage().listdir(path)[0])
    except FileNotFoundError:
        return []
