"""Structured data about an article, as schema.org names it."""

import json
from typing import Any

from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from articles import pictures
from articles.links import absolute, absolute_static
from articles.models import Edition, EditionImage, Place
from articles.reading import Companions
from newsroom.lib.html import to_text
from newsroom.models import SiteSettings

CONTEXT = "https://schema.org"
# As django.utils.html.json_script does it: no text can end the data block.
ESCAPES = {ord(">"): "\\u003E", ord("<"): "\\u003C", ord("&"): "\\u0026"}


def script(*things: dict[str, Any]) -> SafeString:
    """A data block that holds `things`; it is data to every browser and never runs."""
    written = json.dumps([{"@context": CONTEXT} | thing for thing in things], ensure_ascii=False)
    return mark_safe(f'<script type="application/ld+json">{written.translate(ESCAPES)}</script>')  # noqa: S308


def article(edition: Edition, companions: Companions, site: SiteSettings) -> dict[str, Any]:
    """A NewsArticle (https://schema.org/NewsArticle) with its corrections."""
    address = absolute(edition.path)
    lead = next((use for use in edition.image_uses.all() if use.place == Place.LEAD), None)
    data: dict[str, Any] = {
        "@type": "NewsArticle",
        "@id": address,
        "headline": edition.headline,
        "description": edition.standfirst,
        "url": address,
        "mainEntityOfPage": address,
        "inLanguage": edition.language,
        "datePublished": edition.published_at.isoformat(timespec="seconds"),
        "dateModified": (edition.updated_at or edition.published_at).isoformat(timespec="seconds"),
        "articleSection": edition.section.name,
        "keywords": [topic["name"] for topic in companions.topics],
        "wordCount": edition.body.words,
        "isAccessibleForFree": True,
        "author": [
            {"@type": "Person", "name": row["name"], "url": absolute(reverse("articles:author", args=[row["slug"]]))}
            for row in companions.bylines
        ],
        "publisher": {
            "@type": "NewsMediaOrganization",
            "name": site.name,
            "url": absolute("/"),
            "logo": absolute_static("site/icon-512.png"),
        },
        "image": images(lead) if lead else [],
        "correction": [
            {
                "@type": "CorrectionComment",
                "text": row["name"],
                "datePublished": row["at"].isoformat(timespec="seconds"),
            }
            for row in companions.corrections
        ],
    }
    return _filled(data)


def images(use: EditionImage) -> list[dict[str, Any]]:
    """An ImageObject (https://schema.org/ImageObject) for each shape of the picture; none where it may not be shown."""
    image = use.image
    words = _filled(
        {
            "caption": to_text(use.caption),
            "creditText": use.credit,
            "creator": {"@type": "Person", "name": image.creator} if image.creator else None,
            "copyrightNotice": image.copyright,
        }
    )
    return [
        {
            "@type": "ImageObject",
            "url": absolute(pictures.address(rendition)),
            "width": rendition["width"],
            "height": rendition["height"],
            "encodingFormat": rendition["type"],
            **words,
        }
        for rendition in pictures.shapes(image)
    ]


def _filled(data: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in data.items() if value not in ("", [], None)}


def breadcrumbs(edition: Edition) -> dict[str, Any]:
    """Front page, section, article (https://schema.org/BreadcrumbList)."""
    steps = [
        (_("Front page"), reverse("articles:front")),
        (edition.section.name, reverse("articles:section", args=[edition.section.slug])),
        (edition.headline, edition.path),
    ]
    return {
        "@type": "BreadcrumbList",
        "itemListElement": [
            {"@type": "ListItem", "position": position, "name": name, "item": absolute(path)}
            for position, (name, path) in enumerate(steps, start=1)
        ],
    }
