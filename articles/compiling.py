"""From a revision to what readers get: all that derives from the revision, made once."""

import re
from dataclasses import dataclass
from typing import Any

from articles.figures import Figure, segments
from articles.models import Edition, EditionBody, EditionByline, EditionImage, EditionTag, Place, Tag
from articles.search import index
from newsroom.lib.html import clean, to_text

# Raise it when the output below changes: `manage.py recompile` brings older editions up.
COMPILER = 1

# What stands in an edition's HTML for its Nth picture, to be filled in at render.
SLOT = '<figure data-slot="{}"></figure>'

HEADING = re.compile(r"<h([2-4])((?:\s[^>]*)?)>(.*?)</h\1>", re.DOTALL)


@dataclass(frozen=True)
class Compiled:
    """The body of a revision, ready to be stored."""

    html: str
    text: str
    headings: list[dict[str, Any]]

    @property
    def words(self) -> int:
        return len(self.text.split())


def compile_body(body: str) -> Compiled:
    """Sanitise `body` once more, put slots in the place of figures and anchors at headings."""
    parts, words, slot = [], [], 0
    for part in segments(clean(body)):
        if isinstance(part, Figure):
            parts.append(SLOT.format(slot))
            words.append(part.caption_text)
            slot += 1
        else:
            parts.append(part)
            words.append(to_text(part))
    html, headings = _anchored("".join(parts))
    return Compiled(html=html, text="\n\n".join(filter(None, words)), headings=headings)


def _anchored(html: str) -> tuple[str, list[dict[str, Any]]]:
    headings: list[dict[str, Any]] = []

    def anchor(match: re.Match[str]) -> str:
        level, attributes, inner = match.groups()
        anchor_id = f"part-{len(headings) + 1}"
        headings.append({"level": int(level), "text": to_text(inner), "id": anchor_id})
        return f'<h{level} id="{anchor_id}"{attributes}>{inner}</h{level}>'

    return HEADING.sub(anchor, html), headings


def write(edition: Edition) -> None:
    """Store all that derives from the edition's revision, in place of what was there.

    Within the caller's transaction. Calling it again changes nothing but what a newer compiler
    does otherwise.
    """
    content = edition.revision.content
    compiled = compile_body(content["body"])
    EditionBody.objects.update_or_create(
        edition=edition,
        defaults={
            "html": compiled.html,
            "text": compiled.text,
            "words": compiled.words,
            "headings": compiled.headings,
        },
    )
    for companions in (edition.bylines, edition.tags, edition.image_uses):
        companions.all().delete()
    EditionByline.objects.bulk_create(
        EditionByline(edition=edition, author_id=author, position=position)
        for position, author in enumerate(content["bylines"])
    )
    EditionTag.objects.bulk_create(
        EditionTag(edition=edition, tag=tag) for tag in Tag.objects.filter(pk__in=content["tags"])
    )
    EditionImage.objects.bulk_create(
        EditionImage(
            edition=edition,
            image_id=use["image"],
            place=use["place"],
            position=use["position"],
            caption=use["caption"],
            alt=use["alt"],
            credit=use["credit"],
            layout=use["layout"],
        )
        for use in content["images"]
    )
    Edition.objects.filter(pk=edition.pk).update(compiler=COMPILER)
    index.write(
        edition.pk,
        language=content["language"],
        head=(content["kicker"], content["headline"]),
        text=(content["standfirst"], compiled.text, *_captions(content)),
    )


def _captions(content: dict[str, Any]) -> list[str]:
    """What stands under pictures outside the text: those inside are part of it."""
    return [to_text(use["caption"]) for use in content["images"] if use["place"] != Place.TEXT]


def headers_of(content: dict[str, Any]) -> dict[str, Any]:
    """What an edition holds of its revision besides the body: values by name of Edition's columns."""
    return {
        "language": content["language"],
        "translation_group": content["translation_group"],
        "section_id": content["section"],
        "kicker": content["kicker"],
        "headline": content["headline"],
        "standfirst": content["standfirst"],
        "lead_image_id": lead_image(content),
    }


def lead_image(content: dict[str, Any]) -> int | None:
    """The key of the picture on top of the revision's content, if it has one."""
    return next((use["image"] for use in content["images"] if use["place"] == Place.LEAD), None)
