"""Files on disk that are there whole or not at all, for those who may ask for them at any moment."""

import os
import tempfile
from contextlib import suppress
from typing import Any

from django.core.files import File
from django.core.files.storage import FileSystemStorage


class WholeFiles(FileSystemStorage):
    """A folder in which a file appears, or takes the place of an older one, at one instant.

    A process that is killed while it writes leaves a file whose name begins with a full stop and ends with ".part".
    """

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **{**options, "allow_overwrite": True})

    def _save(self, name: str, content: File) -> str:
        path = self.path(name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        handle, part = tempfile.mkstemp(dir=os.path.dirname(path), prefix=".", suffix=".part")
        try:
            with os.fdopen(handle, "wb") as file:
                for chunk in content.chunks():
                    file.write(chunk)
                file.flush()
                os.fsync(file.fileno())  # else a list in the database may outlive the bytes that it names
            os.chmod(part, self.file_permissions_mode or 0o644)
            os.replace(part, path)
        except BaseException:
            with suppress(FileNotFoundError):
                os.unlink(part)
            raise
        return name
