"""What must stay true for CKEditor 4 to be harmless. Its own warning (ckeditor.W001) is silenced because of this.

Known holes of the bundled 4.22.1 and what keeps them out of reach: CVE-2024-24815 needs full-page mode or allowed
scripts, CVE-2024-24816 the samples and the preview plugin, CVE-2024-43407 a PHP library on the server,
CVE-2024-43411 the version check.
"""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from ckeditor.fields import RichTextField, RichTextFormField
from csp.constants import UNSAFE_EVAL, UNSAFE_INLINE
from django.apps import apps
from django.conf import settings
from django.contrib.staticfiles import finders
from django.core.checks import CheckMessage, Error

from articles import editor

NOT_SERVED = (
    "ckeditor/ckeditor/samples",
    "ckeditor/ckeditor/samples/index.html",
    "ckeditor/ckeditor/plugins/preview",
    "ckeditor/ckeditor/plugins/preview/preview.html",
    "ckeditor/ckeditor/plugins/wsc/dialogs/ciframe.html",
    "ckeditor/ckeditor/plugins/image2/plugin.js",
    "ckeditor/ckeditor/plugins/divarea/plugin.js",
    "ckeditor/ckeditor/config.js",
)
NOT_LOADED = {"preview", "wysiwygarea", "iframe", "templates", "exportpdf", "scayt", "wsc", "uploadimage"}
NEVER_ALLOWED = {"*", "script", "style", "iframe", "object", "embed", "svg", "math", "template", "form", "base"}
LOOSE = {UNSAFE_INLINE, UNSAFE_EVAL, "*", "data:", "blob:", "http:", "https:"}


def _content_filter() -> Iterator[str]:
    config = editor.config()
    if config.get("fullPage"):
        yield "The editor's configuration sets fullPage. Remove it: it makes CVE-2024-24815 reachable."
    allowed = config.get("allowedContent")
    if not isinstance(allowed, dict):
        yield "The editor's allowedContent is not made from the allow-list of newsroom.lib.html. Use allowed_content()."
        return
    if bad := NEVER_ALLOWED & set(allowed):
        yield f"The editor's allowedContent holds {', '.join(sorted(bad))}. Take it out of the allow-list."
    attributes = {name for rule in allowed.values() for name in rule.get("attributes", "").split(",")}
    if bad := {name for name in attributes if name.startswith("on") or name in ("style", "srcdoc", "*")}:
        yield f"The editor's allowedContent holds the attributes {', '.join(sorted(bad))}. Take them out."


def _settings_of_ckeditor() -> Iterator[str]:
    if getattr(settings, "CKEDITOR_CONFIGS", None):
        yield "The setting CKEDITOR_CONFIGS is not looked at by this check. Configure the editor in articles/editor.py."


def _plugins() -> Iterator[str]:
    loaded = {*editor.config()["plugins"].split(","), *editor.config()["extraPlugins"].split(",")}
    if bad := NOT_LOADED & loaded:
        yield f"The editor loads the plugins {', '.join(sorted(bad))}. Take them out of articles/editor.py."


def _files() -> Iterator[str]:
    served = [path for path in NOT_SERVED if finders.find(path)]
    if served:
        yield f"Static files that nobody uses are served: {', '.join(served)}. See newsroom/finders.py."
    collected = [path for path in NOT_SERVED if settings.STATIC_ROOT and (Path(settings.STATIC_ROOT) / path).exists()]
    if collected:
        yield "STATIC_ROOT holds parts of CKEditor that must not be served. Run collectstatic with --clear."


def _uploader() -> Iterator[str]:
    if apps.is_installed("ckeditor_uploader"):
        yield "ckeditor_uploader is installed. Remove it: its upload takes any file and asks for no CSRF token."


def _version_check() -> Iterator[str]:
    if editor.config().get("versionCheck") is not False:
        yield "The editor's version check is on. Set versionCheck to False: CVE-2024-43411."


def _policy() -> Iterator[str]:
    directives = (getattr(settings, "CONTENT_SECURITY_POLICY", None) or {}).get("DIRECTIVES", {})
    scripts = directives.get("script-src", directives.get("default-src"))
    if "csp.middleware.CSPMiddleware" not in settings.MIDDLEWARE or scripts is None:
        yield "No Content Security Policy is sent for scripts. Set script-src and keep CSPMiddleware."
        return
    if bad := LOOSE & set(scripts):
        yield f"The Content Security Policy's script-src holds {', '.join(sorted(map(str, bad)))}. Take it out."
    if set(editor.EDITOR_POLICY) != {"style-src"}:
        yield "The editor's exception from the Content Security Policy may concern style-src alone."


def _fields() -> Iterator[str]:
    for model in apps.get_models():
        for field in model._meta.get_fields():
            if isinstance(field, RichTextField):
                yield f"{model._meta.label}.{field.name} is a RichTextField, which cleans nothing. Use BodyField."
    if isinstance(editor.BodyField().formfield(), RichTextFormField) or not isinstance(_widget(), editor.EditorWidget):
        yield "BodyField does not give a form the editor of articles/editor.py. Mend BodyField.formfield."


def _widget() -> Any:
    field = editor.BodyField().formfield()
    return field.widget if field else None


GUARDS: dict[str, Callable[[], Iterator[str]]] = {
    "newsroom.E001": _content_filter,
    "newsroom.E002": _settings_of_ckeditor,
    "newsroom.E003": _plugins,
    "newsroom.E004": _files,
    "newsroom.E005": _uploader,
    "newsroom.E006": _version_check,
    "newsroom.E007": _policy,
    "newsroom.E008": _fields,
}


def check_editor(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """One error for each guard around the editor that is down."""
    return [Error(sentence, id=name) for name, guard in GUARDS.items() for sentence in guard()]
