"""The files of the library's pictures: originals, which stay private, and what is made of them for readers.

Files are named by their bytes, so that two pictures may share one, and one may be stored twice at the same moment:
nothing is deleted here that another picture has.
"""

import logging

from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.utils.translation import gettext as _

from articles import renditions
from articles.decoding import Decoded, Refused
from articles.models import Image, ImageEvent
from newsroom.lib import clock

logger = logging.getLogger(__name__)


def store(image: Image, data: bytes, decoded: Decoded) -> None:
    """Write the original and the first rendition, and name them in `image`, which is not saved.

    Of what readers may not see, nothing public is made.
    """
    image.original.name = _store_original(image.sha256, data)
    image.renditions = [] if image.bar(clock.now()) else [renditions.first(image, decoded.still)]


def _store_original(sha256: str, data: bytes) -> str:
    """Write the original, over whatever an interrupted upload of the same bytes may have left.

    One that is there whole stays as it is: the log may name it, and a colleague may be storing it at this moment.
    """
    store, name = storages["originals"], f"{sha256[:2]}/{sha256}"
    if _is_whole(name, data):
        return name
    store.delete(name)
    return store.save(name, ContentFile(data))


def _is_whole(name: str, data: bytes) -> bool:
    try:
        with storages["originals"].open(name) as file:
            return bool(file.read() == data)
    except FileNotFoundError:
        return False


def unkept() -> Refused:
    """To be raised while an OSError is handled, of which whoever runs the site has to know more."""
    logger.exception("The files of a picture cannot be stored.")
    return Refused(_("The newsroom cannot store files now, so nothing was changed. Tell whoever runs it."))


def forget_files(image: Image) -> None:
    """Delete what was written for an upload that failed, a part of the original included."""
    try:
        forget_renditions(image)
        forget_original(str(image.original.name or f"{image.sha256[:2]}/{image.sha256}"))
    except OSError:
        logger.exception("Files of an upload that failed could not be deleted.")


def forget_renditions(image: Image) -> None:
    """Delete what was made, unless a colleague did the same at the same moment and readers see it."""
    if _is_shown(image.sha256):
        return
    for item in image.renditions:
        renditions.storage().delete(item["path"])


def forget_original(name: str) -> None:
    """Delete an original, unless a picture has it, or had it before its file was replaced."""
    named = Image.objects.filter(original=name).exists()
    if not named and not ImageEvent.objects.filter(verb="replace", data__original=name).exists():
        storages["originals"].delete(name)


def wipe(sha256: str) -> None:
    """Delete every public file made of these bytes, unless a picture that readers may see has them now."""
    if not _is_shown(sha256):
        renditions.delete_folder(sha256)


def clear(image: Image) -> None:
    """Delete all public files of a picture that readers may not see now, those before a replacement included.

    May run twice or be interrupted: it is listed last that there are none. Raises OSError where the storage does
    not answer, and then they are still listed.
    """
    for sha256 in {image.sha256, *files_before(image)}:
        wipe(sha256)
    Image.objects.barred(clock.now()).filter(pk=image.pk, sha256=image.sha256).update(renditions=[])


def _is_shown(sha256: str) -> bool:
    return Image.objects.usable(clock.now()).filter(sha256=sha256).exists()


def files_before(image: Image) -> set[str]:
    """The SHA-256 of each file that the picture had before one was put in its place."""
    logged = ImageEvent.objects.filter(image=image, verb="replace").values_list("data__sha256", flat=True)
    return {sha256 for sha256 in logged if sha256}
