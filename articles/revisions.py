"""Snapshots of an article's content: one for each deliberate save."""

import hashlib
import html
import json
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils.text import slugify
from django.utils.translation import gettext as _

from articles.events import Stale, record
from articles.figures import Figure, figures
from articles.models import Article, ArticleImage, Image, Place, Revision
from articles.states import Status
from newsroom.lib import clock
from newsroom.lib.html import clean
from newsroom.models import User

SCHEMA = 1

# An edit of what others have looked at sends it back to draft: they looked at something else.
VOIDED = {Status.IN_REVIEW, Status.APPROVED}


def content_of(article: Article) -> dict[str, Any]:
    """Everything of the article that readers would see, as JSON, with every picture's words resolved.

    Shape: scalars by field name; "bylines" and "tags" are lists of keys; "images" is a list of
    {"image", "place", "position", "caption" (inline HTML), "alt", "credit", "decorative", "layout"}.
    """
    return {
        "schema": SCHEMA,
        "section": article.section_id,
        "language": article.language,
        "translation_group": article.translation_group,
        "kicker": article.kicker,
        "headline": article.headline,
        "slug": article.slug,
        "standfirst": article.standfirst,
        "body": article.body,
        "bylines": list(article.bylines.order_by("position", "pk").values_list("author_id", flat=True)),
        "tags": sorted(article.tags.values_list("pk", flat=True)),
        "images": _image_uses(article),
    }


def hash_of(content: dict[str, Any]) -> str:
    """SHA-256, in hex, of the content in one canonical spelling."""
    canonical = json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(canonical.encode("utf-8", "surrogatepass")).hexdigest()


def save(
    article: Article,
    *,
    by: User | None,
    reason: str = "",
    based_on: int | None = None,
    parent: Revision | None = None,
    merged: Revision | None = None,
) -> Revision:
    """Snapshot the article as it now stands, after its fields and relations were saved.

    `based_on` is the key of the revision that the editor started from; without it, the one that
    `article` was loaded with. Returns the present revision where nothing changed. Raises Stale,
    so that the caller's transaction undoes its writes, where a colleague saved in between.

    `parent` names the revision that the text comes from, where that is not the present one (a restored
    one), and `merged` one whose changes were taken in besides.
    """
    started_from = based_on if based_on is not None else article.revision_id
    with transaction.atomic():
        _settle(article)
        content = content_of(article)
        digest = hash_of(content)
        _refuse_stale(article, started_from)
        present = Revision.objects.filter(pk=started_from).first() if started_from else None
        if present and present.content_hash == digest:
            return present
        revision = Revision.objects.create(
            article=article,
            number=1 + (article.revisions.aggregate(last=Max("number"))["last"] or 0),
            content=content,
            content_hash=digest,
            author=by,
            at=clock.now(),
            reason=reason,
            parent=parent or present,
            merged=merged,
        )
        _adopt(article, revision, started_from, by)
    return revision


def _settle(article: Article) -> None:
    """Bring what follows from other fields in line: the slug, the clean body, the pictures in the text."""
    article.slug = article.slug or slugify(article.headline, allow_unicode=True)[:120].strip("-") or "article"
    article.body = clean(article.body)
    Article.objects.filter(pk=article.pk).update(slug=article.slug, body=article.body)
    article.image_uses.filter(place=Place.TEXT).delete()
    known = set(Image.objects.filter(pk__in=[f.image_id for f in figures(article.body)]).values_list("pk", flat=True))
    ArticleImage.objects.bulk_create(
        ArticleImage(
            article=article,
            image_id=figure.image_id,
            place=Place.TEXT,
            position=position,
            caption=figure.caption_text,
            alt=figure.alt,
            credit=figure.credit,
        )
        for position, figure in enumerate(figures(article.body))
        if figure.image_id in known
    )


def _refuse_stale(article: Article, started_from: int | None) -> None:
    present = Article.objects.locked().values_list("revision_id", flat=True).get(pk=article.pk)
    if present != started_from:
        raise Stale(article)


def _adopt(article: Article, revision: Revision, started_from: int | None, by: User | None) -> None:
    """Make `revision` the article's present one, by compare-and-set."""
    status = Status.DRAFT if article.status in VOIDED else article.status
    adopted = Article.objects.filter(pk=article.pk, revision=started_from, status=article.status).update(
        revision=revision, status=status
    )
    if not adopted:
        raise Stale(article)
    if status != article.status:
        note = _("The text was changed, so the approval or the review is void.")
        record(article, "edit", by=by, before=article.status, after=status, revision=revision, note=note)
    article.revision, article.status = revision, status


def _image_uses(article: Article) -> list[dict[str, Any]]:
    uses = [
        use_of(
            use.image,
            use.place,
            use.position,
            Figure(use.image_id, alt=use.alt, caption=html.escape(use.caption), credit=use.credit),
        )
        for use in article.image_uses.exclude(place=Place.TEXT).select_related("image").order_by("place", "position")
    ]
    in_text = figures(article.body)
    assets = Image.objects.in_bulk([figure.image_id for figure in in_text])
    return uses + [
        use_of(assets[figure.image_id], Place.TEXT, position, figure)
        for position, figure in enumerate(in_text)
        if figure.image_id in assets
    ]


def use_of(image: Image, place: str, position: int, own: Figure) -> dict[str, Any]:
    """One use with its words as readers get them: its own, else the asset's."""
    decorative = own.decorative or image.decorative
    return {
        "image": image.pk,
        "place": str(place),
        "position": position,
        "caption": own.caption or html.escape(image.caption),
        "alt": "" if decorative else own.alt or image.alt,
        "credit": own.credit or image.credit,
        "decorative": decorative,
        "layout": own.layout,
    }
