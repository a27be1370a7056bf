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
from articles.editor_words import words
from articles.states import Bar
from newsroom.lib import clock
from newsroom.lib.html import ALLOWED, CLASSES, INLINE, clean

SKIN = "moono-lisa"
_PLUGINS = """
    dialogui dialog basicstyles blockquote notification button toolbar clipboard panel floatpanel menu contextmenu
    enterkey entities popup filetools fakeobjects horizontalrule htmlwriter indent indentlist link list magicline
    pastetext pastetools pastefromgdocs pastefromlibreoffice pastefromword removeformat sourcearea tab table
    tabletools tableselection undo lineutils widgetselection widget
"""
PLUGINS = _PLUGINS.split()
OWN_PLUGINS = ["newsarea", "newsstructure", "newspasting", "newsfigure", "newsfigurebar", "newsfigureplace"]
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
LIBRARY = ("name", "alt", "caption", "credit", "decorative", "barred")
SHOWN_ONLY = {"figure": {f"data-library-{name}" for name in LIBRARY}, "img": {"src", "width", "height"}}
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
        "undoStackSize": 100,
        "magicline_color": "currentColor",
        "defaultLanguage": "en",
        "newsroom": {
            "caption": allowed_content(sorted(INLINE), shown=False),
            "rightToLeft": RIGHT_TO_LEFT,
            "words": words(),
        },
    }


class EditorWidget(CKEditorWidget):
    """CKEditor in the page (not in a frame), with the library of pictures."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, template_name="articles/widgets/editor.html", **kwargs)

    @property
    def media(self) -> Media:
        scripts = (
            *("csp", "area", "structure", "links", "pasting"),
            *("sending", "uploading", "library", "linked", "figure", "figure_bar", "figure_place"),
        )
        styles = [f"articles/editor/{name}.css" for name in ("editor", "library", "figure")]
        return Media(
            css={"all": ["ckeditor/ckeditor.css", *styles]},
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


# What a picture in the text is wide, and more on fine screens; the grid and the lists show less.
IN_TEXT, IN_GRID = 900, 320


def source(image: Any, width: int = IN_GRID) -> str:
    """The address of the narrowest whole rendition that has this width, else of the widest. "" while there is none."""
    whole = sorted((found for found in image.renditions if not found.get("crop")), key=lambda found: found["width"])
    if not whole or image.killed_at:
        return ""
    fit = next((found for found in whole if found["width"] >= width), whole[-1])
    return f"{settings.MEDIA_URL}{fit['path']}"


def words_of(image: Any) -> dict[str, Any]:
    """What the scripts show of a picture of the library, as JSON."""
    return {
        "id": image.pk,
        "name": str(image),
        "src": source(image),
        "large": source(image, IN_TEXT),
        "width": image.width,
        "height": image.height,
        "alt": image.alt,
        "decorative": image.decorative,
        "caption": image.caption,
        "credit": image.credit,
        "barred": barred(image),
    }


def barred(image: Any) -> str:
    """Why this picture may not be published now, as a sentence; "" where it may."""
    sentences = {
        Bar.KILLED: now("This picture was taken down: readers get a notice in its place. Choose another."),
        Bar.DENIED: now("This picture may not be used: %(reason)s. Choose another.") % {"reason": image.rights_denied},
        Bar.ENDED: now("The rights to this picture have ended. Choose another, or ask the picture desk."),
    }
    return sentences.get(image.bar(clock.now()), "")


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
    known = words_of(image)
    known["decorative"] = "true" if image.decorative else ""
    library = "".join(f' data-library-{name}="{entities.escape(known[name])}"' for name in LIBRARY)
    written = written.replace("<figure", f"<figure{library}", 1)
    # With its sides, so that nothing moves under the pointer when it has come.
    sides = f'width="{image.width}" height="{image.height}"' if known["large"] else ""
    return written.replace("<img", f'<img src="{entities.escape(known["large"] or NO_PICTURE)}" {sides}', 1)
