"""The library of pictures: how an asset comes into it."""

import hashlib
from typing import Any, Protocol

from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from articles import renditions
from articles.decoding import Decoded, Refused, decode
from articles.jobs import make_renditions
from articles.models import Image

__all__ = ["MAX_BYTES", "Refused", "add"]

MAX_BYTES = 50 * 1024 * 1024


class Readable(Protocol):
    """An upload, an open file, a stream: whatever gives bytes."""

    def read(self, size: int = -1, /) -> bytes: ...


def add(file: Readable, *, name: str = "", by: Any = None, **words: Any) -> tuple[Image, bool]:
    """The asset with exactly these bytes, and whether it is new.

    Bytes that the library holds already are the asset it has, whose words stay as they are.
    A new asset gets `words` (alt, caption, credit ... as fields of Image) and one rendition at once;
    a job makes the others after the commit. Raises Refused, and then leaves nothing behind.
    """
    data = _bounded(file)
    sha256 = hashlib.sha256(data).hexdigest()
    if known := Image.objects.filter(sha256=sha256).first():
        return known, False
    decoded = decode(data, renditions.FIRST_WIDTH, renditions.TALLEST)
    image = Image(
        sha256=sha256,
        file_name=_last_part(name),
        media_type=decoded.media_type,
        width=decoded.width,
        height=decoded.height,
        uploaded_by=by,
        **words,
    )
    return _kept(image, data, decoded)


def _bounded(file: Readable) -> bytes:
    data = file.read(MAX_BYTES + 1)
    if len(data) > MAX_BYTES:
        raise Refused(
            _("The file is larger than %(megabytes)d MB. Export the picture with a lower quality and upload that.")
            % {"megabytes": MAX_BYTES // 1024 // 1024}
        )
    return data


def _last_part(name: str) -> str:
    """The file's name without the folders that some browsers send along."""
    return name.replace("\\", "/").rpartition("/")[2].replace("\0", "")[-255:]


def _kept(image: Image, data: bytes, decoded: Decoded) -> tuple[Image, bool]:
    """Store the files and the row. A colleague's upload of the same bytes at the same moment wins."""
    try:
        image.original.name = _store_original(image.sha256, data)
        image.renditions = [renditions.first(image, decoded.still)]
        with transaction.atomic():
            image.save()
    except IntegrityError:
        if twin := Image.objects.filter(sha256=image.sha256).first():
            return twin, False
        _forget_files(image)
        raise
    except BaseException:
        _forget_files(image)
        raise
    transaction.on_commit(lambda: make_renditions(image.pk))
    return image, True


def _store_original(sha256: str, data: bytes) -> str:
    """Write the original, over whatever an interrupted upload of the same bytes may have left."""
    store, name = storages["originals"], f"{sha256[:2]}/{sha256}"
    store.delete(name)
    return store.save(name, ContentFile(data))


def _forget_files(image: Image) -> None:
    for item in image.renditions:
        renditions.storage().delete(item["path"])
    if image.original.name:
        storages["originals"].delete(image.original.name)
