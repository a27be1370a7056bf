"""The library of pictures: how an asset comes into it, and what is done to it as a whole.

Everything done to a picture is logged as an ImageEvent in the same transaction.
"""

import hashlib
import logging
from collections.abc import Iterable
from copy import copy
from typing import Any, Protocol

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import translation
from django.utils.translation import gettext as _

from articles import library_files, metadata, renditions
from articles.decoding import Decoded, Refused, decode
from articles.events import ago
from articles.jobs import make_renditions
from articles.models import Image, ImageEvent
from newsroom import pagecache
from newsroom.lib import clock

__all__ = [
    "MAX_BYTES",
    "HeldAlready",
    "Refused",
    "Stale",
    "add",
    "default_notice",
    "kill",
    "remove",
    "replace",
    "restore",
    "use_words",
]

logger = logging.getLogger(__name__)

MAX_BYTES = 50 * 1024 * 1024
# What stands in the public files themselves, or decides how they are cut or whether there are any: they are made
# anew, or deleted, when it changes.
IN_FILES = {"credit", "creator", "copyright", "focal_x", "focal_y", "rights_until", "rights_denied"}
# Pictures whose sides differ by less are of one shape: a file exported again is a pixel off now and then.
SAME_SHAPE = 0.01


class HeldAlready(Refused):
    """The bytes are those of another picture of the library, which is `image`."""

    def __init__(self, image: Image) -> None:
        super().__init__(
            _("The library has this file already, as “%(name)s”. Use that picture, or choose another file.")
            % {"name": image}
        )
        self.image = image


class Stale(Exception):
    """A colleague was faster. Its text says who did what, and what to do."""


class Readable(Protocol):
    """An upload, an open file, a stream: whatever gives bytes."""

    def read(self, size: int = -1, /) -> bytes: ...


# Taking in --------------------------------------------------------------------------------


def add(file: Readable, *, name: str = "", by: Any = None, **words: Any) -> tuple[Image, bool]:
    """The asset with exactly these bytes, and whether it is new.

    Bytes that the library holds already are the asset it has, whose words stay as they are.
    A new asset gets `words` (alt, caption, credit ... as fields of Image), what its file says where they
    are empty, and one rendition at once; a job makes the others after the commit. Raises Refused, and then
    leaves nothing behind.
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
        frames=decoded.frames,
        uploaded_by=by,
        **words,
    )
    metadata.read(data).fill(image)
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
        library_files.store(image, data, decoded)
        with transaction.atomic():
            image.save()
            _log(image, "upload", image.uploaded_by)
    except IntegrityError:
        if twin := Image.objects.filter(sha256=image.sha256).first():
            return twin, False
        library_files.forget_files(image)
        raise
    except OSError as error:
        library_files.forget_files(image)
        raise library_files.unkept() from error
    except BaseException:
        library_files.forget_files(image)
        raise
    transaction.on_commit(lambda: make_renditions(image.pk))
    return image, True


# Words ------------------------------------------------------------------------------------


def use_words(images: Iterable[Image], *, by: Any, verb: str = "words", **fields: Any) -> int:
    """Give each of `images` these values (fields of Image), and say how many were changed by that.

    Logged for each that had other values, with those before and after. What stands in the public files is
    written into them anew by a job, which deletes them where the rights have ended and makes them where they are
    given again.
    """
    with transaction.atomic():
        rows = list(Image.objects.select_for_update().filter(pk__in=[image.pk for image in images]))
        changes = {row.pk: change for row in rows if (change := _changes(row, fields))}
        Image.objects.filter(pk__in=changes).update(**fields)
        now = clock.now()
        ImageEvent.objects.bulk_create(
            ImageEvent(image_id=pk, verb=verb, by=by, at=now, data=change) for pk, change in changes.items()
        )
        anew = [pk for pk, change in changes.items() if IN_FILES & change.keys()]
        if changes:
            transaction.on_commit(lambda: _after_change(anew))
    return len(changes)


def _changes(image: Image, fields: dict[str, Any]) -> dict[str, list[Any]]:
    """Of `fields` those that are another than the picture's: the value before and the one after, as JSON."""
    return {
        name: [_plain(getattr(image, name)), _plain(value)]
        for name, value in fields.items()
        if getattr(image, name) != value
    }


def _plain(value: Any) -> Any:
    return value.isoformat() if hasattr(value, "isoformat") else value


def _after_change(anew: list[int]) -> None:
    pagecache.drop()
    for pk in anew:
        make_renditions(pk)


# Another file -----------------------------------------------------------------------------


def replace(image: Image, file: Readable, *, by: Any, name: str = "") -> None:
    """Put other bytes in the place of the picture's, wherever it is used, at once. Its words stay.

    The focal point stays where the shape does, else it is the middle. The file before stays, privately,
    and the log names it. Raises HeldAlready, Refused or Stale, and then changes nothing.
    """
    data = _bounded(file)
    sha256 = hashlib.sha256(data).hexdigest()
    if image.killed_at:
        raise Refused(_("This picture was taken down. Bring it back first, or upload the file as a new picture."))
    if sha256 == image.sha256:
        raise Refused(_("This is the file that the picture has already, so nothing was changed."))
    if twin := Image.objects.filter(sha256=sha256).first():
        raise HeldAlready(twin)
    decoded = decode(data, renditions.FIRST_WIDTH, renditions.TALLEST)
    fresh = _with_file(image, data, name, decoded)
    try:
        library_files.store(fresh, data, decoded)
        _exchange(image, fresh, by)
    except IntegrityError as error:
        twin = Image.objects.filter(sha256=sha256).first()
        if twin is None:
            library_files.forget_files(fresh)
            raise
        raise HeldAlready(twin) from error
    except OSError as error:
        library_files.forget_files(fresh)
        raise library_files.unkept() from error
    except BaseException:
        library_files.forget_files(fresh)
        raise
    image.refresh_from_db()


# The columns that say what the file is.
OF_FILE = ("sha256", "media_type", "width", "height", "frames")


def _with_file(image: Image, data: bytes, name: str, decoded: Decoded) -> Image:
    """The picture as it will be, without its files."""
    fresh = copy(image)
    fresh.original = ""  # the copy would share it
    fresh.sha256, fresh.media_type = hashlib.sha256(data).hexdigest(), decoded.media_type
    fresh.width, fresh.height, fresh.frames = decoded.width, decoded.height, decoded.frames
    fresh.file_name = _last_part(name) or image.file_name
    fresh.file_words = metadata.read(data).file_words
    fresh.renditions = []
    crosswise, lengthwise = image.width * fresh.height, fresh.width * image.height
    if abs(crosswise - lengthwise) > SAME_SHAPE * max(crosswise, lengthwise):
        fresh.focal_x = fresh.focal_y = 0.5
    return fresh


def _exchange(image: Image, fresh: Image, by: Any) -> None:
    """Write the new file's columns over the old one's, by compare-and-set."""
    names = [*OF_FILE, "file_name", "file_words", "renditions"]
    if (fresh.focal_x, fresh.focal_y) != (image.focal_x, image.focal_y):
        names += ["focal_x", "focal_y"]  # else a colleague's, who moved it meanwhile, stays
    before = {name: getattr(image, name) for name in OF_FILE}
    before |= {"original": str(image.original.name), "file_name": image.file_name}
    with transaction.atomic():
        same = Image.objects.filter(pk=image.pk, sha256=image.sha256, killed_at=None)
        values = {name: getattr(fresh, name) for name in names}
        if not same.update(**values, original=fresh.original.name):
            raise Stale(_was_faster(image))
        _log(image, "replace", by, data=before)
        transaction.on_commit(lambda: _after_change([image.pk]))


# Taking down ------------------------------------------------------------------------------


def kill(image: Image, *, by: Any, notice: str, reason: str) -> None:
    """Take the picture out of every public page at once; readers see `notice` in its place.

    Its public files are deleted after the commit. The original stays, privately, so that `restore` can bring
    it back. `reason` is for colleagues. Raises Refused where one of the two is missing, Stale where a colleague
    took it down already.

    The default notice is not stored: each page says it in its own language.
    """
    notice, reason = notice.strip(), reason.strip()
    if not notice:
        raise Refused(_("Write the notice that readers will see in its place."))
    if not reason:
        raise Refused(_("Say why it is taken down, so that colleagues know. Readers do not see it."))
    with transaction.atomic():
        present = Image.objects.filter(pk=image.pk, killed_at=None)
        own = "" if notice == default_notice() else notice
        if not present.update(killed_at=clock.now(), kill_notice=own, renditions=[]):
            raise Stale(_was_faster(image))
        _log(image, "kill", by, note=reason, data={"notice": notice})
        transaction.on_commit(pagecache.drop)
        transaction.on_commit(lambda: _take_files_down(image.pk))
    image.refresh_from_db()


def default_notice() -> str:
    """What stands in the place of a picture, in the language of the site's readers, whatever the editor's is."""
    with translation.override(settings.LANGUAGE_CODE):
        return _("This picture is no longer available.")


def restore(image: Image, *, by: Any) -> None:
    """Bring back what was taken down, with one rendition at once; a job makes the others.

    Raises Refused where the original cannot be read any more, Stale where it is not down any more.
    """
    killed_at = image.killed_at
    if killed_at is None:
        raise Stale(_was_faster(image))
    fresh = copy(image)
    fresh.renditions = []
    try:
        with image.original.open("rb") as original:
            decoded = decode(original.read(), renditions.FIRST_WIDTH, renditions.TALLEST)
        fresh.renditions = [] if _is_barred_anyway(image) else [renditions.first(fresh, decoded.still)]
        _bring_back(fresh, killed_at, by)
    except OSError as error:
        library_files.forget_renditions(fresh)
        said = _("The file of this picture cannot be read now, so it stays taken down. Try again in a minute.")
        raise Refused(said) from error
    except BaseException:
        library_files.forget_renditions(fresh)
        raise
    image.refresh_from_db()


def _is_barred_anyway(image: Image) -> bool:
    """Whether readers may not see a picture that is taken down, were it up again."""
    up = copy(image)
    up.killed_at = None
    return up.bar(clock.now()) is not None


def _bring_back(fresh: Image, killed_at: Any, by: Any) -> None:
    with transaction.atomic():
        down = Image.objects.filter(pk=fresh.pk, killed_at=killed_at)
        if not down.update(killed_at=None, kill_notice="", renditions=fresh.renditions):
            raise Stale(_was_faster(fresh))
        _log(fresh, "restore", by)
        transaction.on_commit(lambda: _after_change([fresh.pk]))


def _take_files_down(pk: int) -> None:
    """Delete the public files of a picture that is down, those of files that it had before included.

    A storage that does not answer must not hide that the picture is down: the job that sweeps comes again.
    """
    image = Image.objects.filter(pk=pk, killed_at__isnull=False).first()
    if image is None:
        return
    try:
        for sha256 in {image.sha256, *library_files.files_before(image)}:
            library_files.wipe(sha256)
    except OSError:
        logger.exception("Public files of picture %s, which is taken down, could not be deleted.", pk)
    pagecache.drop()


# Deleting ---------------------------------------------------------------------------------


def remove(image: Image) -> None:
    """Delete the picture's row, and after the commit its files, those before a replacement included.

    Raises ProtectedError or, at the commit, IntegrityError where something uses it.
    """
    originals = {str(image.original.name)}
    replaced = ImageEvent.objects.filter(image=image, verb="replace").values_list("data__original", flat=True)
    originals.update(name for name in replaced if name)
    shas = {image.sha256, *library_files.files_before(image)}
    image.delete()

    def forget() -> None:
        for sha256 in shas:
            library_files.wipe(sha256)
        for name in originals:
            library_files.forget_original(name)

    transaction.on_commit(forget)


# The log ---------------------------------------------------------------------------------


def _log(image: Image, verb: str, by: Any, *, note: str = "", data: dict[str, Any] | None = None) -> None:
    ImageEvent.objects.create(image=image, verb=verb, by=by, at=clock.now(), note=note, data=data or {})


def _was_faster(image: Image) -> str:
    """Who did something to the picture last, and what to do now."""
    last = image.events.exclude(verb__in=("words", "bulk")).select_related("by").first()
    if last is None:
        return _("A colleague changed this picture in the meantime. Look at it again.")
    said = {
        "kill": _("%(who)s took this picture down, %(ago)s. Nothing of yours was done."),
        "restore": _("%(who)s brought this picture back, %(ago)s. Nothing of yours was done."),
        "replace": _("%(who)s put another file in its place, %(ago)s. Look at it before you do it again."),
    }.get(last.verb, _("%(who)s changed this picture, %(ago)s. Look at it again."))
    return said % {"who": last.by or _("Somebody"), "ago": ago(last.at)}
