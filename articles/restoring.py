"""Going back: a revision's content becomes the working copy again, as a new revision."""

import html
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from articles import revisions
from articles.events import Stale
from articles.figures import markup, segments
from articles.lineage import Lineage
from articles.models import Article, ArticleImage, Author, Byline, Edition, Image, Place, Revision, Section, Tag
from newsroom.lib import clock
from newsroom.models import User

_TEXTS = ("kicker", "headline", "slug", "standfirst")


@dataclass(frozen=True)
class Restored:
    """The new revision (the present one if nothing differed), and a sentence for each thing left out."""

    revision: Revision
    left_out: list[str] = field(default_factory=list)


def restore(
    article: Article, revision: Revision, *, by: User | None, based_on: int | None = None, reason: str = ""
) -> Restored:
    """Make the content of `revision`, one of the article's own, its working copy, as a new revision on top.

    `based_on` is the key of the revision that the editor saw as the present one; without it, the one that
    `article` was loaded with. Raises Stale where a colleague saved in between; nothing is changed then.
    An approval is void afterwards, as after every change of the text.
    """
    if revision.article_id != article.pk:
        raise ValueError("A revision is restored in its own article.")
    started_from = based_on if based_on is not None else article.revision_id
    with transaction.atomic():
        copy = Article.objects.locked().get(pk=article.pk)
        if copy.revision_id != started_from:
            raise Stale(article)
        left_out = put(copy, revision.content, by=by)
        said = _("Restored from revision %(number)d") % {"number": revision.number}
        made = revisions.save(
            copy,
            by=by,
            reason=f"{said}: {reason}"[:255] if reason else said,
            based_on=started_from,
            parent=revision,
            merged=_decided_over(copy, revision),
        )
    article.refresh_from_db()
    return Restored(made, left_out)


def _decided_over(article: Article, revision: Revision) -> Revision | None:
    """The revision that the editor knew and meant to replace, as far as the restored one is not it.

    That is the present one, so that publishing the older text does not bring the newer one back. While
    an edition waits, it is what readers see: what waits was approved for its time, and stays untouched.
    A text that stands on what waits goes on with that: what was mended meanwhile is still to be taken in.
    """
    now = clock.now()
    editions = Edition.objects.filter(article=article).select_related("revision")
    if planned := editions.waiting(now).filter(at_once=False).values_list("before_merge", "revision"):
        family = Lineage(article)
        if any(family.holds(revision.pk, before or present) for before, present in planned):
            return None
        # What was published within the time to undo it counts as live.
        edition = editions.upcoming(now).filter(at_once=True).last() or editions.live_at(now).first()
        known = edition.revision if edition else None
    else:
        known = article.revision
    return known if known is not None and known.pk != revision.pk else None


def put(article: Article, content: dict[str, Any], *, by: User | None = None) -> list[str]:
    """Write `content` into the working copy and its relations; a sentence for each thing that had to be left out.

    Within the caller's transaction; articles.revisions.save snapshots it. `by` may only put it into a section
    that is open to them.
    """
    left_out = _put_place(article, content, by)
    for name in _TEXTS:
        setattr(article, name, content.get(name, ""))
    known = {use["image"] for use in content["images"]}
    images = Image.objects.in_bulk(known)
    gone = known - images.keys()
    article.body = _without(content["body"], gone) if gone else content["body"]
    article.save()
    _put_bylines(article, content["bylines"], left_out)
    tags = list(Tag.objects.filter(pk__in=content["tags"]))
    if len(tags) < len(set(content["tags"])):
        left_out.append(_("A topic was deleted since, and is left out."))
    article.tags.set(tags)
    _put_images(article, content["images"], images)
    if gone:
        left_out.append(_("A picture was deleted since, and is left out."))
    return left_out


def _put_place(article: Article, content: dict[str, Any], by: User | None) -> list[str]:
    """Section and language, where they are still to be had."""
    left_out = []
    if content["section"] != article.section_id:
        open_ones = Section.objects.all()
        if by is not None and not by.has_perm("articles.publish_anything"):
            open_ones = Section.objects.open_to(by)
        section = open_ones.filter(pk=content["section"]).first()
        if section is not None or content["section"] is None:
            article.section = section
        else:
            left_out.append(_("Its section was deleted or is not open to you; the article stays where it is."))
    group = Article.objects.filter(translation_group=article.translation_group, language=content["language"])
    if group.exclude(pk=article.pk).exists():
        left_out.append(_("The article exists in the language of that revision already; its language stays as it is."))
    else:
        article.language = content["language"]
    return left_out


def _without(body: str, gone: set[int]) -> str:
    """The body without the figures of these images."""
    kept = [part for part in segments(body) if isinstance(part, str) or part.image_id not in gone]
    return "".join(part if isinstance(part, str) else markup(part) for part in kept)


def _put_bylines(article: Article, authors: list[int], left_out: list[str]) -> None:
    """The byline in this order. Rows of authors who stay are kept, so that an open form still knows them."""
    known = set(Author.objects.filter(pk__in=authors).values_list("pk", flat=True))
    if known != set(authors):
        left_out.append(_("An author was deleted since, and is left out of the byline."))
    rows = {byline.author_id: byline for byline in article.bylines.all()}
    Byline.objects.filter(pk__in=[row.pk for author, row in rows.items() if author not in known]).delete()
    for position, author in enumerate(author for author in authors if author in known):
        row = rows.get(author) or Byline(article=article, author_id=author)
        row.position = position
        row.save()


def _put_images(article: Article, uses: list[dict[str, Any]], images: dict[int, Image]) -> None:
    """Lead image and gallery; those in the text follow the body when it is saved."""
    present = list(article.image_uses.exclude(place=Place.TEXT).order_by("place", "position", "pk"))
    wanted = []
    for use in (use for use in uses if use["place"] != Place.TEXT and use["image"] in images):
        row = next((row for row in present if row.image_id == use["image"]), None)
        if row is None:
            row = ArticleImage(article=article, image_id=use["image"])
        else:
            present.remove(row)
        row.place, row.position = use["place"], use["position"]
        for name, value in own_words(use, images[use["image"]]).items():
            setattr(row, name, value)
        wanted.append(row)
    ArticleImage.objects.filter(pk__in=[row.pk for row in present]).delete()
    # Whatever was the lead image steps back first: there is one at every moment.
    article.image_uses.filter(place=Place.LEAD).update(place=Place.GALLERY)
    for row in wanted:
        row.save()


def own_words(use: dict[str, Any], image: Image) -> dict[str, str]:
    """The plain words of a use that are not the library's own; those that are stay empty, and follow the library."""
    written = {"caption": html.unescape(use["caption"]), "alt": use["alt"], "credit": use["credit"]}
    return {name: "" if value == getattr(image, name) else value for name, value in written.items()}
