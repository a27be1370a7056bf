"""Stored text as readers get it: figure slots filled with what is known of their pictures today."""

import re

from django.contrib.flatpages.models import FlatPage
from django.template.loader import render_to_string
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from articles.figures import Figure, segments
from articles.models import Edition, Image, Place
from articles.pictures import Picture, picture, usable
from newsroom.lib.html import clean, to_text

SLOT = re.compile(r'<figure data-slot="(\d+)"></figure>')
# Which place of articles.pictures.LAYOUTS a figure of that class stands in.
PLACES = {"wide": "wide", "align-start": "aside", "align-end": "aside"}
# A credit that says itself what it is: "© Ada Lens", "Photo: Ada Lens".
LABELLED = re.compile(r"\s*(©|\(c\)|\w[\w ]{1,20}[:：])", re.IGNORECASE)


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

    `caption` is inline HTML that has passed the allow-list. `place` is a key of articles.pictures.LAYOUTS; without
    it the layout says where in the text the figure stands.
    """
    shown: Picture | None = None
    if usable(image):
        shown = picture(image, place or PLACES.get(layout, "text"), alt)
    context = {
        "picture": shown,
        "notice": image.kill_notice if image.killed_at else "",
        "caption": _compiled(caption),
        "credit": "" if holds_credit(caption, credit) else credit,
        "labelled": bool(LABELLED.match(credit)),
        "layout": layout,
        "loading": "first" if place == "lead" else "",
        "lead": place == "lead",
    }
    return render_to_string("articles/figure.html", context)


def holds_credit(caption: str, credit: str) -> bool:
    """Whether the caption says already whom the picture is from, so that it need not be said twice.

    It does where the credit is its end, or follows a sign of credits: "Photo: Ada Lens", "(Ada Lens)", "by Ada Lens".
    """
    words, name = " ".join(to_text(caption).split()), " ".join(credit.split())
    if _is_end(words, name):
        return True
    sign = r"(?:[:：©(/|]\s*|\bby\s+)"
    return bool(name and re.search(rf"{sign}{re.escape(name)}(?!\w)", words, re.IGNORECASE))


def _is_end(words: str, name: str) -> bool:
    """Whether the name is what the words end with, whatever signs stand behind it."""
    words, name = _bare(words).casefold(), _bare(name).casefold()
    before = words[: -len(name)][-1:] if name and words.endswith(name) else "_"
    return not (before.isalnum() or before == "_")


def _bare(text: str) -> str:
    """`text` without the signs at its end. A pattern would begin anew at each sign of a row of a million."""
    end = len(text)
    while end and not (text[end - 1].isalnum() or text[end - 1] == "_"):
        end -= 1
    return text[:end]


def thumbnail(image: Image) -> SafeString:
    """A picture in small beside words that say what it is; "" where there is nothing to show."""
    shown = picture(image, "record", "") if usable(image) else None
    return render_to_string("articles/picture.html", {"picture": shown}) if shown and shown.src else SafeString("")


def _figure_of(part: Figure, image: Image) -> SafeString:
    """A static page's figure, whose own words, where it has any, go before the library's."""
    decorative = part.decorative or image.decorative
    alt = "" if decorative else part.alt or image.alt
    caption, place = part.caption or escape(image.caption), PLACES.get(part.layout, "page")
    return figure(image, alt, caption, part.credit or image.credit, part.layout, "page" if place == "wide" else place)


def _compiled(html: str) -> SafeString:
    """Mark as safe what the compiler or the sanitiser has made, and nothing else."""
    return mark_safe(html)  # noqa: S308
