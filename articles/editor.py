"""The rich-text editor: the only file that knows CKEditor.

CKEditor 4 gets no more security fixes, so nothing is trusted to it: what it sends is cleaned on the way
in, what it is given is cleaned on the way out, it runs under a Content Security Policy without inline scripts,
and only the plugins named here are loaded or served. newsroom.checks asserts all that.
"""

import html as entities
from collections.abc import Callable, Iterable
from typing import Any

from ckeditor.widgets import CKEditorWidget
from csp.constants import UNSAFE_INLINE
from csp.decorators import csp_update
from django import forms
from django.apps import apps
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.forms.widgets import Media
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as now
from django.utils.translation import ngettext_lazy

from articles import figures
from newsroom.lib.html import ALLOWED, CLASSES, INLINE, clean

SKIN = "moono-lisa"
_PLUGINS = """
    dialogui dialog basicstyles blockquote notification button toolbar clipboard panel floatpanel menu contextmenu
    enterkey entities popup filetools fakeobjects horizontalrule htmlwriter indent indentlist link list magicline
    pastetext pastetools pastefromgdocs pastefromlibreoffice pastefromword removeformat sourcearea tab table
    tabletools tableselection undo lineutils widgetselection widget
"""
PLUGINS = _PLUGINS.split()
OWN_PLUGINS = ["newsarea", "newsstructure", "newspasting", "newsfigure"]
TOOLBAR = [
    ["NewsH2", "NewsH3", "NewsH4"],
    ["Bold", "Italic", "RemoveFormat"],
    ["Link", "Unlink"],
    ["BulletedList", "NumberedList", "Blockquote"],
    ["NewsFigure", "Table", "HorizontalRule"],
    ["Undo", "Redo"],
    ["Source"],
]
# What the editor shows of a picture, and what is never stored.
SHOWN_ONLY = {"figure": {"data-library-alt", "data-library-caption", "data-library-credit"}, "img": {"src"}}
# One transparent pixel: CKEditor drops an <img> that has no address.
NO_PICTURE = "data:image/gif;base64,R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7"
RIGHT_TO_LEFT = ("ar", "fa", "he", "ur")
# CKEditor positions its parts by style attributes; scripts stay as strict as everywhere.
EDITOR_POLICY = {"style-src": [UNSAFE_INLINE]}


class EditorAdminMixin:
    """For a ModelAdmin whose form holds the editor: its add and change pages alone allow inline styles."""

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        form: Callable[..., Any] = super().changeform_view  # type: ignore[misc]
        return csp_update(EDITOR_POLICY)(form)(request, *args, **kwargs)


def allowed_content(elements: Iterable[str] = (), *, shown: bool = True) -> dict[str, dict[str, str]]:
    """The table of newsroom.lib.html as CKEditor's `allowedContent`, for all elements or those given."""
    rules: dict[str, dict[str, str]] = {}
    for name in elements or (name for name in ALLOWED if name != "*"):
        attributes = ALLOWED[name] | ALLOWED["*"] | (SHOWN_ONLY.get(name, set()) if shown else set())
        rules[name] = {"attributes": ",".join(sorted(attributes)), "classes": ",".join(sorted(CLASSES.get(name, ())))}
    return rules


def config() -> dict[str, Any]:
    """CKEditor's configuration, which depends on nothing but the user's language."""
    return {
        "skin": SKIN,
        "plugins": ",".join(PLUGINS),
        "extraPlugins": ",".join(OWN_PLUGINS),
        "toolbar": TOOLBAR,
        "allowedContent": allowed_content(),
        "customConfig": "",
        "stylesSet": False,
        "versionCheck": False,
        "disableNativeSpellChecker": False,
        "clipboard_handleImages": False,
        "height": "auto",
        "width": "auto",
        "entities": False,
        "linkDefaultProtocol": "https://",
        "linkShowAdvancedTab": False,
        "linkShowTargetTab": False,
        "removeDialogTabs": "link:advanced;link:target;link:upload;table:advanced",
        "dialog_noConfirmCancel": True,
        "magicline_color": "currentColor",
        "defaultLanguage": "en",
        "newsroom": {
            "caption": allowed_content(sorted(INLINE), shown=False),
            "rightToLeft": RIGHT_TO_LEFT,
            "words": {
                "h2": now("Heading"),
                "h3": now("Subheading"),
                "h4": now("Small heading"),
                "figure": now("Picture"),
                "caption": now("Caption"),
                "missing": now("This picture is no longer in the library. Remove it or choose another."),
                "noAlt": now("No alt text: say in “Alt text” what the picture shows."),
                "failed": now("The server did not answer. Look at your connection and try again."),
                "uploading": now("Uploading the picture…"),
                "chosen": now("Choose “%s”"),
                "fromLibrary": now("Choose from the library"),
                "badLink": now(
                    "Readers cannot follow this address. Begin it with https:// or http://, or write a path of this "
                    "site such as /about/."
                ),
            },
        },
    }


class EditorWidget(CKEditorWidget):
    """CKEditor in the page (not in a frame), with the library of pictures."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, template_name="articles/widgets/editor.html", **kwargs)

    @property
    def media(self) -> Media:
        scripts = ("csp", "area", "structure", "links", "pasting", "library", "figure")
        return Media(
            css={"all": ["ckeditor/ckeditor.css", "articles/editor/editor.css", "articles/editor/library.css"]},
            js=[*super().media._js, *(f"articles/editor/{name}.js" for name in scripts)],
        )

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        self.config = config()
        context = super().get_context(name, shown(value or ""), attrs)
        try:
            context["widget"]["library"] = reverse("admin:articles_image_library")
        except NoReverseMatch:
            context["widget"]["library"] = ""
        return context


class BodyFormField(forms.CharField):
    """HTML that is clean whatever was sent."""

    widget = EditorWidget

    def to_python(self, value: Any) -> str:
        return clean(super().to_python(value) or "")

    def has_changed(self, initial: Any, data: Any) -> bool:
        return clean(initial or "") != clean(data or "")

    def validate(self, value: str) -> None:
        super().validate(value)
        wanted = [figure.image_id for figure in figures.figures(value)]
        missing = len(set(wanted) - set(_images(wanted)))
        if missing:
            raise ValidationError(
                ngettext_lazy(
                    "A picture in the text is no longer in the library. Remove it from the text or choose another.",
                    "%(count)d pictures in the text are no longer in the library. Remove them or choose others.",
                    missing,
                ),
                code="missing_picture",
                params={"count": missing},
            )


class BodyField(models.TextField):
    """HTML of an article's body. Migrations see a TextField, so that the editor can be swapped."""

    def deconstruct(self) -> tuple[str, str, list[Any], dict[str, Any]]:
        name, _path, args, kwargs = super().deconstruct()
        return name, "django.db.models.TextField", list(args), kwargs

    def formfield(self, **kwargs: Any) -> Any:
        """The admin would put a plain textarea here, as it does for every TextField."""
        if not isinstance(kwargs.get("widget"), EditorWidget):
            kwargs["widget"] = EditorWidget
        return super().formfield(**{"form_class": BodyFormField, "max_length": None, **kwargs})

    def pre_save(self, model_instance: models.Model, add: bool) -> str:
        """Nothing reaches the database but what the allow-list lets through."""
        value = clean(super().pre_save(model_instance, add) or "")
        setattr(model_instance, self.attname, value)
        return value


def _images(keys: Iterable[int]) -> dict[int, Any]:
    wanted = set(keys)
    return apps.get_model("articles", "Image").objects.in_bulk(wanted) if wanted else {}


def source(image: Any) -> str:
    """The address of the picture's smallest rendition, or "" while there is none."""
    smallest = min(image.renditions, key=lambda rendition: rendition["width"], default=None)
    return f"{settings.MEDIA_URL}{smallest['path']}" if smallest and not image.killed_at else ""


def shown(html: str) -> str:
    """`html`, cleaned, with its pictures as the editor shows them: visible, and with the library's words at hand."""
    segments = figures.segments(clean(html))
    images = _images(part.image_id for part in segments if not isinstance(part, str))
    return "".join(part if isinstance(part, str) else _shown_figure(part, images) for part in segments)


def _shown_figure(figure: figures.Figure, images: dict[int, Any]) -> str:
    written = figures.markup(figure)
    image = images.get(figure.image_id)
    if image is None:
        return written
    words = {"alt": image.alt, "caption": image.caption, "credit": image.credit}
    library = "".join(f' data-library-{name}="{entities.escape(value)}"' for name, value in words.items())
    written = written.replace("<figure", f"<figure{library}", 1)
    return written.replace("<img", f'<img src="{entities.escape(source(image) or NO_PICTURE)}"', 1)
