"""The rich-text editor: the only file that knows CKEditor."""

from typing import Any

from django.db import models


class BodyField(models.TextField):
    """HTML of an article's body. Migrations see a TextField, so that the editor can be swapped."""

    def deconstruct(self) -> tuple[str, str, list[Any], dict[str, Any]]:
        name, _path, args, kwargs = super().deconstruct()
        return name, "django.db.models.TextField", args, kwargs
