"""Which files of the installed apps are served."""

from collections.abc import Iterable, Iterator
from fnmatch import fnmatchcase
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.finders import AppDirectoriesFinder

# CKEditor ships 1,257 files, most of them old plugins, samples and languages that nobody uses here.
# What is not served cannot be attacked: these are all that the editor loads (see articles.editor).
CKEDITOR_FILES = (
    "ckeditor.css",
    "ckeditor-init.js",
    "fixups.js",
    "ckeditor/ckeditor.js",
    "ckeditor/LICENSE.md",
    *(f"ckeditor/lang/{code.split('-')[0]}.js" for code, _name in settings.LANGUAGES),
    "ckeditor/skins/moono-lisa/editor.css",
    "ckeditor/skins/moono-lisa/editor_gecko.css",
    "ckeditor/skins/moono-lisa/dialog.css",
    "ckeditor/skins/moono-lisa/icons*.png",
    "ckeditor/skins/moono-lisa/images/*",
    "ckeditor/plugins/icons*.png",
    "ckeditor/plugins/clipboard/dialogs/*",
    "ckeditor/plugins/dialog/*",
    "ckeditor/plugins/link/dialogs/link.js",
    "ckeditor/plugins/link/images/*",
    "ckeditor/plugins/magicline/images/*",
    "ckeditor/plugins/pastefrom*/filter/*",
    "ckeditor/plugins/pastetools/filter/*",
    "ckeditor/plugins/table/dialogs/*",
    "ckeditor/plugins/tableselection/styles/*",
    "ckeditor/plugins/tabletools/dialogs/*",
    "ckeditor/plugins/widget/images/*",
)


def is_served(path: str) -> bool:
    """Whether the static file at `path` is served: all but the unused parts of CKEditor."""
    app, _slash, rest = path.replace("\\", "/").lstrip("/").partition("/")
    return app != "ckeditor" or any(fnmatchcase(rest, pattern) for pattern in CKEDITOR_FILES)


class ServedFilesFinder(AppDirectoriesFinder):
    """Finds what is served, for collecting and for the development server alike."""

    def list(self, ignore_patterns: Iterable[str] | None) -> Iterator[Any]:
        for path, storage in super().list(ignore_patterns):
            if is_served(path):
                yield path, storage

    def find(self, path: str, *args: Any, **kwargs: Any) -> Any:
        if is_served(path):
            return super().find(path, *args, **kwargs)
        return []
