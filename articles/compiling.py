"""From a revision to what readers get: all that derives from the revision, made once."""

import re
from collections.abc import Iterable
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


def write(*editions: Edition) -> None:
    """Store all that derives from the editions' revisions, in place of what was there.

    Within the caller's transaction, and by as many queries for several as for one. Calling it again changes
    nothing but what a newer compiler does otherwise.
    """
    bodies = {edition.pk: compile_body(edition.revision.content["body"]) for edition in editions}
    EditionBody.objects.bulk_create(
        [EditionBody(edition=edition, **_columns(bodies[edition.pk])) for edition in editions],
        update_conflicts=True,
        unique_fields=["edition"],
        update_fields=["html", "text", "words", "headings"],
    )
    _write_companions(editions)
    Edition.objects.filter(pk__in=bodies).update(compiler=COMPILER)
    index.write_all([_found(edition, bodies[edition.pk]) for edition in editions])


def _columns(compiled: Compiled) -> dict[str, Any]:
    names = ("html", "text", "words", "headings")
    return {name: getattr(compiled, name) for name in names}


def _write_companions(editions: Iterable[Edition]) -> None:
    """Bylines, topics and pictures; topics that were deleted since are left out."""
    contents = [(edition, edition.revision.content) for edition in editions]
    for model in (EditionByline, EditionTag, EditionImage):
        model.objects.filter(edition__in=[edition.pk for edition, _content in contents]).delete()
    EditionByline.objects.bulk_create(
        [
            EditionByline(edition=edition, author_id=author, position=position)
            for edition, content in contents
            for position, author in enumerate(content["bylines"])
        ]
    )
    tags = Tag.objects.in_bulk({key for _edition, content in contents for key in content["tags"]})
    EditionTag.objects.bulk_create(
        [
            EditionTag(edition=edition, tag=tags[key])
            for edition, content in contents
            for key in content["tags"]
            if key in tags
        ]
    )
    EditionImage.objects.bulk_create(
        [
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
            for edition, content in contents
            for use in content["images"]
        ]
    )


def _found(edition: Edition, compiled: Compiled) -> index.Found:
    content = edition.revision.content
    return index.Found(
        edition.pk,
        language=content["language"],
        head=(content["kicker"], content["headline"]),
        text=(content["standfirst"], compiled.text, *_captions(content)),
    )


def _captions(content: dict[str, Any]) -> list[str]:
    """What stands under pictures outside the text: those inside are part of it."""
    return [to_text(use["caption"]) for use in content["images"] if use["place"] != Place.TEXT]


# The columns that headers_of fills.
HEADERS = (
    "language",
    "translation_group",
    "section_id",
    "kicker",
    "headline",
    "standfirst",
    "lead_image_id",
)


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
