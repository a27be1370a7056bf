"""Where a picture is used: in working copies, in editions of any time, as a portrait, on static pages."""

from dataclasses import dataclass, field
from typing import Any

from django.contrib.flatpages.models import FlatPage
from django.db.models import Exists, OuterRef, Q
from django.urls import reverse
from django.utils.translation import gettext as _

from articles.figures import figures
from articles.models import Article, ArticleImage, Author, Edition, Image
from articles.models.edition import EditionImage
from newsroom.lib import clock

# How many articles are listed; a picture such as a logo may stand in thousands.
LISTED = 20


@dataclass(frozen=True)
class Use:
    """One place: its name, where it is edited (or read, where the user may not edit it), what it is to readers."""

    name: str
    address: str
    said: str
    live: bool = False


@dataclass(frozen=True)
class Uses:
    """The places that the user may know of, live ones first. `more` says that there are others."""

    rows: list[Use] = field(default_factory=list)
    more: bool = False
    hidden: bool = False

    @property
    def live(self) -> list[Use]:
        return [row for row in self.rows if row.live]

    def __bool__(self) -> bool:
        return bool(self.rows) or self.hidden


def in_use() -> Q:
    """Pictures that a working copy, an edition of any time, an author or a static page names."""
    return (
        Q(Exists(ArticleImage.objects.filter(image=OuterRef("pk"))))
        | Q(Exists(EditionImage.objects.filter(image=OuterRef("pk"))))
        | Q(Exists(Author.objects.filter(portrait=OuterRef("pk"))))
        | Q(pk__in=_on_pages())
    )


def is_used(image: Image) -> bool:
    return Image.objects.filter(in_use(), pk=image.pk).exists()


def uses_of(image: Image, user: Any) -> Uses:
    """Where `image` is used, as far as `user` may know: what readers see, and drafts open to the user."""
    articles = list(_articles(image, user)[: LISTED + 1])
    listed = {article.pk for article in articles}
    editions = Edition.objects.live().filter(Exists(_shown_in(image).filter(edition=OuterRef("pk"))))
    public = [
        Use(row.headline, row.path, _("live"), True) for row in _headers(editions) if row.article_id not in listed
    ]
    rows = sorted([*map(_use, articles[:LISTED]), *public], key=lambda use: not use.live)
    rows += [
        Use(author.name, reverse("admin:articles_author_change", args=[author.pk]), _("portrait"), True)
        for author in Author.objects.filter(portrait=image)[:5]
    ]
    rows += [
        Use(page.title, reverse("admin:flatpages_flatpage_change", args=[page.pk]), _("static page"), True)
        for page in FlatPage.objects.filter(content__contains=f'data-image="{image.pk}"')
    ]
    return Uses(rows, more=len(articles) > LISTED, hidden=not rows and is_used(image))


def _articles(image: Image, user: Any) -> Any:
    """The articles that use it and whose drafts the user may read, with what each use is."""
    shown = _shown_in(image).filter(edition__article=OuterRef("pk"))
    now = clock.now()
    live = Edition.objects.live().filter(article=OuterRef("pk"), image_uses__image=image)
    planned = Edition.objects.waiting(now).filter(article=OuterRef("pk"), image_uses__image=image)
    marks = {
        "drafted": Exists(ArticleImage.objects.filter(article=OuterRef("pk"), image=image)),
        "is_live": Exists(live),
        "planned": Exists(planned),
        "past": Exists(shown),
    }
    found = Article.objects.readable_by(user).annotate(**marks).filter(Q(drafted=True) | Q(past=True))
    return found.only("pk", "headline").order_by("-is_live", "-planned", "-pk")


def _shown_in(image: Image) -> Any:
    return EditionImage.objects.filter(image=image)


def _headers(editions: Any) -> Any:
    return editions.only("headline", "path", "article_id").newest()[:LISTED]


def _use(article: Any) -> Use:
    said = [
        _("live") if article.is_live else "",
        _("planned") if article.planned else "",
        _("in an earlier edition") if article.past and not article.is_live and not article.planned else "",
        _("in the draft") if article.drafted else "",
    ]
    address = reverse("admin:articles_article_change", args=[article.pk])
    return Use(article.headline or _("(no headline)"), address, ", ".join(filter(None, said)), article.is_live)


def _on_pages() -> set[int]:
    """The keys of pictures that static pages show."""
    return {figure.image_id for text in FlatPage.objects.values_list("content", flat=True) for figure in figures(text)}
