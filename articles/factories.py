"""Articles and what belongs to them, for tests, the demo and benchmarks: `make_x(**what_matters)`."""

import hashlib
import io
import itertools
from datetime import datetime
from typing import Any

from django.core.files.base import ContentFile
from django.db import transaction
from PIL import Image as Pillow

from articles import publishing, revisions
from articles.models import Approval, Article, ArticleImage, Author, Byline, Edition, Image, Place, Section, Tag
from articles.states import Kind, Status
from newsroom.lib import clock
from newsroom.models import User

_number = itertools.count(1)


def make_section(name: str = "", **fields: Any) -> Section:
    name = name or f"Section {next(_number)}"
    return Section.objects.get_or_create(slug=fields.pop("slug", _slug(name)), defaults={"name": name, **fields})[0]


def make_author(name: str = "", **fields: Any) -> Author:
    name = name or f"Author {next(_number)}"
    return Author.objects.get_or_create(slug=fields.pop("slug", _slug(name)), defaults={"name": name, **fields})[0]


def make_tag(name: str = "", **fields: Any) -> Tag:
    name = name or f"Topic {next(_number)}"
    return Tag.objects.get_or_create(slug=fields.pop("slug", _slug(name)), defaults={"name": name, **fields})[0]


def make_image(**fields: Any) -> Image:
    """A real picture of a few bytes, with the words that every picture must have; no renditions yet."""
    number = next(_number)
    file = io.BytesIO()
    Pillow.new("RGB", (48, 32), (number % 256, number // 256 % 256, 90)).save(file, "PNG")
    defaults = {
        "file_name": f"picture-{number}.png",
        "sha256": hashlib.sha256(file.getvalue() + str(number).encode()).hexdigest(),
        "media_type": "image/png",
        "width": 48,
        "height": 32,
        "alt": f"A plain rectangle, number {number}",
        "caption": f"Caption {number}",
        "credit": f"Photographer {number}",
    }
    image = Image(**(defaults | fields))
    image.original.save("original", ContentFile(file.getvalue()), save=False)
    image.save()
    return image


def make_article(
    *,
    by: User | None = None,
    authors: list[Author] | None = None,
    tags: list[Tag] | tuple[Tag, ...] = (),
    lead: Image | None = None,
    status: Status = Status.DRAFT,
    **fields: Any,
) -> Article:
    """An article that passes all checks, saved as its first revision by `by`."""
    number = next(_number)
    defaults = {
        "headline": f"Headline {number}",
        "standfirst": f"Standfirst {number}",
        "body": f"<p>Body of number {number}.</p>",
        "owner": by,
    }
    if "section" not in fields:
        fields["section"] = make_section("News")
    with transaction.atomic():
        article = Article.objects.create(**(defaults | fields))
        for position, author in enumerate(authors if authors is not None else [make_author("Ada Writer")]):
            Byline.objects.create(article=article, author=author, position=position)
        article.tags.set(tags)
        if lead:
            ArticleImage.objects.create(article=article, image=lead, place=Place.LEAD)
        revision = revisions.save(article, by=by, reason="First draft")
        if status == Status.APPROVED:
            approve(article)
        elif status != Status.DRAFT:
            Article.objects.filter(pk=article.pk).update(status=status)
    article.refresh_from_db()
    article.revision = revision
    return article


def approve(article: Article, by: User | None = None) -> None:
    """Approve the present revision without asking anybody."""
    assert article.revision is not None
    Approval.objects.create(article=article, content_hash=article.revision.content_hash, by=by, at=clock.now())
    Article.objects.filter(pk=article.pk).update(status=Status.APPROVED)
    article.status = Status.APPROVED


def make_live(*, published_at: datetime | None = None, **fields: Any) -> Edition:
    """An edition that readers see now; shown as published at `published_at` if given."""
    article = make_article(published_at=published_at, **fields)
    return publishing.import_edition(article)


def edit(article: Article, *, by: User | None = None, **fields: Any) -> Article:
    """Change fields and save a revision, as the admin's form does."""
    with transaction.atomic():
        for name, value in fields.items():
            setattr(article, name, value)
        article.save()
        revisions.save(article, by=by)
    article.refresh_from_db()
    return article


def republish(article: Article, kind: Kind = Kind.UPDATE, notice: str = "", **fields: Any) -> Edition:
    """Change fields, approve them without asking anybody, and publish them."""
    article = edit(Article.objects.get(pk=article.pk), **fields)
    approve(article)
    return publishing.publish(article, by=None, kind=kind, notice=notice)


def _slug(name: str) -> str:
    return name.lower().replace(" ", "-")
