"""Pictures compared: which one, and its caption, alt text and credit as readers get them."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from django.utils.html import escape, format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from articles.diff import wording
from articles.diff.wording import ADDED, REMOVED
from articles.figures import Figure, markup, segments
from articles.models import Place

# What to show of an image, by its key: safe HTML, such as a small rendition.
Pictures = Mapping[int, SafeString]


@dataclass(frozen=True)
class Told:
    """A picture's difference as safe HTML. `changed` is False where both are the same to readers."""

    html: SafeString
    changed: bool
    added: int = 0
    removed: int = 0


def figure_of(use: dict[str, Any]) -> Figure:
    """A use of an image, as a content lists it, with the words that readers get."""
    return Figure(
        use["image"],
        alt=use.get("alt", ""),
        caption=use.get("caption", ""),
        credit=use.get("credit", ""),
        decorative=bool(use.get("decorative")),
        layout=use.get("layout", ""),
    )


def with_words(body: str, content: dict[str, Any]) -> str:
    """`body` (clean HTML) with the words of each of its figures as readers get them."""
    waiting = sorted(
        (use for use in content.get("images", []) if use["place"] == Place.TEXT), key=lambda use: use["position"]
    )
    parts = []
    for part in segments(body):
        if isinstance(part, Figure):
            use = next((use for use in waiting if use["image"] == part.image_id), None)
            if use is not None:
                waiting.remove(use)
                part = replace(figure_of(use), layout=part.layout)
            part = markup(part)
        parts.append(part)
    return "".join(parts)


def compared(before: Figure | None, after: Figure | None, shown: Pictures) -> Told:
    """The picture `before` and `after` (None: there is none), with what is new and what is gone marked."""
    rows, added, removed = [], 0, 0
    for label, old, new in _rows(before, after):
        told = wording.compared(old, new) if before and after else wording.marked(*_only(before, old, new))
        if told.html:
            rows.append((label, told.html))
            added, removed = added + told.added, removed + told.removed
    thumbnails = _thumbnails(before, after, shown)
    html = format_html(
        '<div class="picture-difference"><p class="picture-what">{}</p>{}<dl>{}</dl></div>',
        _what(before, after),
        thumbnails,
        format_html_join("", "<div><dt>{}</dt><dd>{}</dd></div>", rows),
    )
    return Told(html, before != after, added, removed)


def _only(before: Figure | None, old: str, new: str) -> tuple[str, str]:
    return (new, ADDED) if before is None else (old, REMOVED)


def _rows(before: Figure | None, after: Figure | None) -> list[tuple[str, str, str]]:
    """(label, inline HTML before, inline HTML after) of each of its words."""
    old, new = before or Figure(0), after or Figure(0)
    return [
        (_("Caption"), old.caption, new.caption),
        (_("Alt text"), _alt(old), _alt(new)),
        (_("Credit"), escape(old.credit), escape(new.credit)),
        *([(_("Layout"), _layout(old), _layout(new))] if old.layout != new.layout else []),
    ]


def _alt(figure: Figure) -> str:
    return escape(pgettext("instead of an alt text", "(decorative)") if figure.decorative else figure.alt)


def _layout(figure: Figure) -> str:
    named = {
        "wide": pgettext("of a picture", "wide"),
        "align-start": pgettext("of a picture", "beside the text, at the start of the line"),
        "align-end": pgettext("of a picture", "beside the text, at the end of the line"),
    }
    return escape(named.get(figure.layout, pgettext("of a picture", "as wide as the text")))


def _what(before: Figure | None, after: Figure | None) -> str:
    if before == after:
        return _("Picture")
    if before is None or after is None:
        return _("Picture added") if before is None else _("Picture removed")
    return _("Picture replaced") if before.image_id != after.image_id else _("Picture changed")


def _thumbnails(before: Figure | None, after: Figure | None, shown: Pictures) -> SafeString:
    keys = [figure.image_id for figure in (before, after) if figure]
    html = [shown[key] for key in dict.fromkeys(keys) if key in shown]
    if not html:
        return SafeString()
    if len(html) == 2:
        html = [format_html("<del>{}</del>", html[0]), format_html("<ins>{}</ins>", html[1])]
    return format_html('<div class="picture-shown">{}</div>', format_html_join("", "{}", ((part,) for part in html)))
