"""Stored text as readers get it: figure slots filled with what is known of their pictures today."""

import re

from django.contrib.flatpages.models import FlatPage
from django.template.loader import render_to_string
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from articles.figures import Figure, segments
from articles.models import Edition, Image, Place
from articles.pictures import Picture, picture, usable
from newsroom.lib.html import clean

SLOT = re.compile(r'<figure data-slot="(\d+)"></figure>')


def body(edition: Edition) -> SafeString:
    """The edition's text with its figures. Asks the database for nothing where `image_uses` is prefetched."""
    uses = {use.position: use for use in edition.image_uses.all() if use.place == Place.TEXT}

    def filled(slot: re.Match[str]) -> str:
        use = uses.get(int(slot[1]))
        return figure(use.image, use.alt, use.caption, use.credit, use.layout) if use else ""

    return _compiled(SLOT.sub(filled, edition.body.html))


def static_page(page: FlatPage) -> SafeString:
    """The text of a static page, cleaned as an article's is, by one query for its pictures."""
    parts = segments(clean(page.content))
    keys = [part.image_id for part in parts if isinstance(part, Figure)]
    images = Image.objects.in_bulk(keys) if keys else {}
    return _compiled(
        "".join(
            part if isinstance(part, str) else _figure_of(part, images[part.image_id])
            for part in parts
            if isinstance(part, str) or part.image_id in images
        )
    )


def figure(image: Image, alt: str, caption: str, credit: str, layout: str = "", place: str = "") -> SafeString:
    """One picture with caption and credit; a notice where it may not be shown any more.

    `caption` is inline HTML that has passed the allow-list.
    """
    shown: Picture | None = None
    if usable(image):
        shown = picture(image, place or ("wide" if layout == "wide" else "text"), alt)
    context = {"picture": shown, "caption": _compiled(caption), "credit": credit, "layout": layout}
    return render_to_string("articles/figure.html", context | {"first": place == "lead"})


def thumbnail(image: Image) -> SafeString:
    """A picture in small beside words that say what it is; "" where there is nothing to show."""
    shown = picture(image, "thumb", "") if usable(image) else None
    return render_to_string("articles/picture.html", {"picture": shown}) if shown and shown.src else SafeString("")


def _figure_of(part: Figure, image: Image) -> SafeString:
    """A figure whose own words, where it has any, go before the library's."""
    decorative = part.decorative or image.decorative
    alt = "" if decorative else part.alt or image.alt
    return figure(image, alt, part.caption or escape(image.caption), part.credit or image.credit, part.layout)


def _compiled(html: str) -> SafeString:
    """Mark as safe what the compiler or the sanitiser has made, and nothing else."""
    return mark_safe(html)  # noqa: S308
