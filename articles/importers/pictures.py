"""Pictures of an import: found among the files of a folder by the name that the source gives, and put in the library.

Only files that a walk of the folder has met are ever opened, so no name in a source reaches others.
"""

import hashlib
import os
import re
import stat
import unicodedata
from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import BinaryIO
from urllib.parse import unquote, urlsplit

from django.utils.translation import gettext as _

from articles import library
from articles.decoding import decode
from articles.importers.items import Picture, quoted
from articles.models import Image

# What WordPress adds to the name of a copy: its size, "-scaled" or the time of an edit.
COPY = re.compile(r"(-\d+x\d+|-scaled|-e\d{10,13}|-rotated)(?=\.\w+$)")
# The keys of pictures that a rehearsal would have added: far beyond those of any library.
REHEARSED = 10**18


class NotHere(Exception):
    """There is no such picture for us. As text: a sentence with its name and the reason."""


@dataclass
class _File:
    path: Path
    parts: tuple[str, ...]


class Pictures:
    """The pictures that an import may use. `loosely`: the file's name alone is enough, as in an export's media.

    With `rehearse` nothing is stored: a picture that the library does not hold gets a key beyond all others.
    """

    def __init__(self, folder: Path | None, *, source: str, loosely: bool = False, rehearse: bool = False) -> None:
        self.folder = folder.resolve() if folder else None
        self.source, self.loosely, self.rehearse = source[:80], loosely, rehearse
        self.added = 0
        self._done: dict[Path, Image | str] = {}
        self._new: set[int] = set()

    def get(self, picture: Picture) -> Image:
        """The library's asset for a picture of the source. Raises NotHere."""
        path = self._path(picture)
        if path not in self._done:
            self._done[path] = self._taken(path, picture)
        done = self._done[path]
        if isinstance(done, str):
            raise NotHere(done)
        self._complete(done, picture)
        return done

    def _taken(self, path: Path, picture: Picture) -> Image | str:
        words = {
            "alt": picture.alt[:500],
            "caption": picture.caption,
            "credit": picture.credit[:255],
            "copyright": picture.copyright[:255],
            "file_words": picture.about,
            "import_source": self.source,
        }
        try:
            with _opened(path) as file:
                if self.rehearse:
                    return self._rehearsed(file, path, words)
                image, new = library.add(file, name=path.name, **words)
        except (library.Refused, OSError) as error:
            why = error.strerror if isinstance(error, OSError) else error
            return _("The picture “%(name)s” was left out: %(why)s") % {"name": path.name, "why": why}
        self.added += new
        if new:
            self._new.add(image.pk)
        return image

    def _complete(self, image: Image, picture: Picture) -> None:
        """Take the words that a picture of this import lacks from where it is named again.

        Captions are left out: they belong to the text around them. What was in the library before is not touched.
        """
        words = {"alt": picture.alt[:500], "credit": picture.credit[:255]}
        missing = {name: text for name, text in words.items() if text and not getattr(image, name)}
        if image.pk in self._new and missing:
            Image.objects.filter(pk=image.pk).update(**missing)
            for name, text in missing.items():
                setattr(image, name, text)

    def _rehearsed(self, file: BinaryIO, path: Path, words: dict[str, str]) -> Image:
        data = file.read(library.MAX_BYTES + 1)
        if len(data) > library.MAX_BYTES:
            raise library.Refused(_("The file is too large."))
        sha256 = hashlib.sha256(data).hexdigest()
        known = Image.objects.filter(sha256=sha256).first()
        if not known:
            decode(data, 16, 16)
            self.added += 1
        return known or Image(pk=REHEARSED + self.added, sha256=sha256, file_name=path.name, **words)

    def _path(self, picture: Picture) -> Path:
        reasons = []
        for name in (picture.source, *picture.names):
            try:
                if path := self._found(name, picture.folder):
                    return path
            except NotHere as error:
                reasons.append(error)
        if reasons:
            raise reasons[0]
        name = picture.names[0] if picture.names else picture.source
        raise NotHere(_("The picture “%(name)s” was not found.") % {"name": quoted(name)})

    def _found(self, name: str, folder: str) -> Path | None:
        wanted = _parts(name, folder)
        if not wanted:
            return None
        files = self._files.get(wanted[-1], [])
        if self.loosely and not files:
            files = self._files.get(COPY.sub("", wanted[-1]), []) or self._files.get(_scaled(wanted[-1]), [])
        best = _alike(files, wanted, self.loosely)
        if len(best) > 1:
            raise NotHere(
                _("There are several files named “%(name)s”, and no telling which is meant.") % {"name": quoted(name)}
            )
        if best and best[0].path.is_symlink():
            raise NotHere(_("The picture “%(name)s” is a link that leads elsewhere.") % {"name": quoted(name)})
        return best[0].path if best else None

    @cached_property
    def _files(self) -> dict[str, list[_File]]:
        """Every file below the folder, by its name."""
        found: dict[str, list[_File]] = defaultdict(list)
        if not self.folder:
            return found
        for here, folders, names in os.walk(self.folder, followlinks=False):
            folders[:] = sorted(name for name in folders if not name.startswith("."))
            above = Path(here).relative_to(self.folder).parts
            for name in sorted(names):
                parts = tuple(_normal(part) for part in (*above, name))
                found[parts[-1]].append(_File(Path(here, name), parts))
        return found


def _opened(path: Path) -> BinaryIO:
    """The file for reading; never a link, a device or a pipe."""
    handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        os.close(handle)
        raise OSError(0, _("It is not a file."))
    return os.fdopen(handle, "rb")


def _parts(name: str, folder: str) -> tuple[str, ...]:
    """The path a source names, in parts; a relative one begins in `folder`. Raises NotHere where it leads out."""
    try:
        address = urlsplit(name.strip().replace("\\", "/"))
    except ValueError:
        return ()
    if address.scheme in {"data", "blob", "cid"}:
        raise NotHere(_("A picture written into the text itself was left out."))
    path = unquote(address.path)
    parts: list[str] = []
    if not address.netloc and not path.startswith("/") and path.startswith("."):
        parts = [part for part in folder.split("/") if part not in {"", "."}]
    for part in path.split("/"):
        if part == "..":
            if not parts:
                raise NotHere(
                    _("The picture “%(name)s” would lie outside of the import’s folder.") % {"name": quoted(name)}
                )
            parts.pop()
        elif part not in {"", "."}:
            parts.append(_normal(part))
    return tuple(parts)


def _alike(files: list[_File], wanted: tuple[str, ...], loosely: bool) -> list[_File]:
    """The files whose paths agree longest with the wanted one from the end; strictly, one must end with the other."""
    scored = [(_common(file.parts, wanted), file) for file in files]
    if not loosely:
        scored = [(n, file) for n, file in scored if n == min(len(file.parts), len(wanted))]
    best = max((n for n, _file in scored), default=0)
    return [file for n, file in scored if n == best]


def _common(one: tuple[str, ...], other: tuple[str, ...]) -> int:
    count = 0
    for a, b in zip(reversed(one), reversed(other), strict=False):
        if a != b:
            break
        count += 1
    return max(count, 1)  # the name itself, though an edited copy is called differently


def _scaled(name: str) -> str:
    stem, dot, suffix = COPY.sub("", name).rpartition(".")
    return f"{stem}-scaled{dot}{suffix}"


def _normal(part: str) -> str:
    return unicodedata.normalize("NFC", part)
