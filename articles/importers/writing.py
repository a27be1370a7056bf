"""From items to articles: one transaction for each, and none at all where nothing has changed."""

import unicodedata
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import unquote

from django.conf import settings
from django.db import DataError, IntegrityError, transaction
from django.utils.html import escape
from django.utils.text import slugify
from django.utils.translation import gettext as _

from articles import addresses, publishing, revisions
from articles.events import Stale, record
from articles.figures import Figure, figures
from articles.importers import pages
from articles.importers.converting import Converter
from articles.importers.items import Item, Name, Picture, State, quoted
from articles.importers.pictures import REHEARSED, Pictures
from articles.importers.report import Entry, Outcome
from articles.models import Address, Article, ArticleImage, Author, Byline, Image, Place, Section, Tag
from articles.models.article import new_group
from newsroom.lib import clock
from newsroom.lib.html import to_text

LONGEST = {"headline": 200, "kicker": 80, "slug": 120, "name": 120, "path": 400}

# A picture below the text: its image, alt text, caption and credit, empty where they are the library's.
GalleryUse = tuple[int, str, str, str]


@dataclass
class Writer:
    """Writes the items of one import. With `rehearse` every transaction is undone at its end.

    `section` is the one of articles that name none, `language` that of all articles where it is given.
    """

    pictures: Pictures
    section: str
    language: str = ""
    rehearse: bool = False
    _names: dict[tuple[type, str], Any] = field(default_factory=dict)
    _claims: dict[tuple[str, str], list[int]] = field(default_factory=dict)

    def write(self, item: Item) -> Entry:
        """Bring the item in, or say why not. Never raises for what an item holds."""
        entry = Entry(
            item.file, item.source_id, item.title, Outcome.FAILED, comments=item.comments, changes=item.changes
        )
        try:
            with transaction.atomic():
                self._write(item, entry)
                if self.rehearse or entry.outcome == Outcome.UNCHANGED:
                    self._names.clear()
                    transaction.set_rollback(True)
        except (publishing.Refused, Stale, DataError, IntegrityError, ValueError) as error:
            self._names.clear()
            entry.outcome, entry.problem = Outcome.FAILED, quoted(str(error))
        return entry

    def _write(self, item: Item, entry: Entry) -> None:
        self._tell_apart(item)
        entry.source_id = item.source_id
        if item.page:
            self._page(item, entry)
            return
        article = Article.objects.filter(import_source=item.source, import_id=item.source_id).first()
        if article and _edited(article):
            entry.outcome, entry.article, entry.state = Outcome.EDITED, article.pk, article.status
            return
        self._bring(item, entry, article)

    def _page(self, item: Item, entry: Entry) -> None:
        entry.address, page = pages.present(item)
        converter = Converter(item, self.pictures, figures(page.content) if page else [])
        entry.outcome = pages.write(item, converter.body(), entry.address, page)
        entry.state, entry.pictures = _("page"), len(converter.placed)

    def _tell_apart(self, item: Item) -> None:
        """Two different items of one source may claim one number; the later ones get an addition to it."""
        known = self._claims.setdefault((item.source, item.source_id), [])
        claim = hash((item.title, item.html))
        if claim not in known:
            known.append(claim)
        if place := known.index(claim):
            item.source_id = f"{item.source_id[:250]}#{place + 1}"
            item.note("number", _("Another item of the source has the same number."))

    def _bring(self, item: Item, entry: Entry, known: Article | None) -> None:
        article = known or Article(import_source=item.source, import_id=item.source_id)
        gallery = _gallery_of(article) if known else []
        converter = Converter(item, self.pictures, figures(article.body), _as_figures(gallery))
        before = _content(article) if known else None
        state = self._fill(article, item, converter.body())
        article.save()
        self._relate(article, item)
        lead = self._lead(article, item, converter)
        self._gallery(article, converter, gallery)
        if changed := _content(article) != before:
            revisions.save(article, by=None, reason=_("Imported from %(source)s") % {"source": item.source})
        moved = self._addresses(article, item)
        published = self._publish(article, item, state, changed, before is None)
        entry.article, entry.state, entry.headline = article.pk, state, article.headline
        entry.address = addresses.path_of(article, article.language, article.slug, article.published_at or clock.now())
        entry.pictures = len(converter.placed) + len(converter.gallery) + lead
        touched = changed or moved or published
        entry.outcome = Outcome.CREATED if before is None else Outcome.UPDATED if touched else Outcome.UNCHANGED

    def _fill(self, article: Article, item: Item, body: str) -> State:
        """Set the fields of the article. Returns the state it can have here."""
        state = self._state(article, item)
        article.headline = _cut(item, "headline", item.title) or _headline_of(item, body)
        article.kicker = _cut(item, "kicker", item.kicker)
        article.standfirst = " ".join(item.standfirst.split())
        article.body = body
        article.section = self._named(Section, item.section or Name(self.section))
        seen = state != State.DRAFT or (item.expires_at and item.expires_at <= clock.now())
        article.published_at = (item.published_at or article.published_at) if seen else article.published_at
        article.updated_at = item.updated_at if seen else article.updated_at
        if article.pk is None:
            article.translation_group = self._group(article, item)
        article.slug = _free_slug(article, item)
        return state

    def _state(self, article: Article, item: Item) -> State:
        """Sets the language, since an article in one that the site has not is better not published."""
        languages = dict(settings.LANGUAGES)
        wanted = self.language or item.language or settings.LANGUAGE_CODE
        article.language = next((code for code in (wanted, wanted.partition("-")[0]) if code in languages), "")
        state = item.state
        if not article.language:
            article.language = settings.LANGUAGE_CODE
            state = State.DRAFT
            sentence = _("This site has no language “%(code)s”, so it is a draft. Add the language, or use --language.")
            item.note("language", sentence % {"code": quoted(wanted)}, lost=True)
        if item.expires_at and item.expires_at <= clock.now() and state != State.DRAFT:
            state = State.DRAFT
            item.note("state", _("It expired on %(day)s, and is a draft here.") % {"day": item.expires_at.date()})
        if state == State.PUBLISHED and item.published_at and item.published_at > clock.now():
            state = State.SCHEDULED
        return state

    def _group(self, article: Article, item: Item) -> str:
        """Ties translations together that the source keeps side by side."""
        taken = Article.objects.filter(translation_group=item.translation_of, language=article.language)
        known = item.language == article.language or not item.language
        return item.translation_of if item.translation_of and known and not taken.exists() else new_group()

    def _relate(self, article: Article, item: Item) -> None:
        authors = list(dict.fromkeys(self._named(Author, name) for name in item.authors if name.name or name.slug))
        present = [byline.author_id for byline in article.bylines.order_by("position", "pk")]
        if present != [author.pk for author in authors]:
            article.bylines.all().delete()
            Byline.objects.bulk_create(
                Byline(article=article, author=author, position=position) for position, author in enumerate(authors)
            )
        article.tags.set({self._named(Tag, name) for name in item.topics if name.name or name.slug})

    def _lead(self, article: Article, item: Item, converter: Converter) -> int:
        """The picture on top. Returns how many there are."""
        image = converter.image(item.lead) if item.lead else None
        present = article.image_uses.filter(place=Place.LEAD).first()
        if not image or image.pk >= REHEARSED or (present and present.image_id != image.pk):
            article.image_uses.filter(place=Place.LEAD).delete()
            present = None
        if image and item.lead and image.pk < REHEARSED:
            use = present or ArticleImage(article=article, image=image, place=Place.LEAD)
            _say(use, image, item.lead, linked=present)
            use.save()
        return int(image is not None)

    def _gallery(self, article: Article, converter: Converter, present: list[GalleryUse]) -> None:
        """The pictures below the text, in their order. Nothing is written where they are there already."""
        uses = [
            (figure.image_id, figure.alt, figure.caption_text, figure.credit)
            for figure in converter.gallery
            if figure.image_id < REHEARSED
        ]
        if uses == present:
            return
        article.image_uses.filter(place=Place.GALLERY).delete()
        ArticleImage.objects.bulk_create(
            ArticleImage(
                article=article,
                image_id=image,
                place=Place.GALLERY,
                position=position,
                alt=alt,
                caption=caption,
                credit=credit,
            )
            for position, (image, alt, caption, credit) in enumerate(uses)
        )

    def _addresses(self, article: Article, item: Item) -> int:
        """Keep the addresses it had elsewhere, each of which leads here from now on. Returns how many are new."""
        own = addresses.path_of(article, article.language, article.slug, article.published_at or clock.now())
        new = 0
        for path in dict.fromkeys(_path(old) for old in item.old_paths):
            if not path or path == own:
                continue
            address, made = Address.objects.get_or_create(
                path=path, defaults={"article": article, "made_at": clock.now()}
            )
            new += made
            if address.article_id != article.pk:
                sentence = _("Its old address %(path)s belongs to another article.")
                item.note("address", sentence % {"path": path}, lost="?" not in path)
        return new

    def _publish(self, article: Article, item: Item, state: State, changed: bool, new: bool) -> bool:
        """Let readers have it, in the state of the source. What was taken back here stays taken back."""
        if new and state == State.DRAFT:
            record(article, "import", by=None, after=article.status, revision=article.revision)
        if state == State.DRAFT or not (changed or not article.editions.exists()):
            return False
        now = clock.now()
        for waiting in article.editions.active().upcoming(now):
            publishing.cancel(waiting)
            article.refresh_from_db(fields=["timeline_version"])
        at = item.published_at if state == State.SCHEDULED else None
        publishing.import_edition(article, by=None, at=at, until=_after(item.expires_at, at or now))
        if item.pinned and new:
            Article.objects.filter(pk=article.pk).update(pinned_at=now)
        return True

    def _named(self, model: type[Section] | type[Author] | type[Tag], name: Name) -> Any:
        """The section, author or topic of that slug or name; made where there is none."""
        label = " ".join(to_text(name.name or name.slug).split())[: LONGEST["name"]]
        slug = _slug(name.slug or label) or _slug(label) or model.__name__.lower()
        key = (model, slug)
        if key not in self._names:
            found = model.objects.filter(slug=slug).first() or model.objects.filter(name__iexact=label).first()
            self._names[key] = found or model.objects.create(name=label, slug=slug)
        return self._names[key]


def _content(article: Article) -> list[Any]:
    """What an import sets, to compare. A revision also holds the library's words, which change by themselves."""
    fields = (
        "section_id",
        "language",
        "kicker",
        "headline",
        "slug",
        "standfirst",
        "body",
        "published_at",
        "updated_at",
    )
    uses = article.image_uses.exclude(place=Place.TEXT).order_by("place", "position", "pk")
    pictures = uses.values_list("place", "image_id", "alt", "caption", "credit")
    bylines = article.bylines.order_by("position", "pk").values_list("author_id", flat=True)
    tags = sorted(article.tags.values_list("pk", flat=True))
    return [*(getattr(article, name) for name in fields), list(pictures), list(bylines), tags]


def _gallery_of(article: Article) -> list[GalleryUse]:
    uses = article.image_uses.filter(place=Place.GALLERY).order_by("position", "pk")
    return list(uses.values_list("image_id", "alt", "caption", "credit"))


def _as_figures(gallery: list[GalleryUse]) -> list[Figure]:
    """Captions of a gallery are plain text."""
    return [Figure(image, alt, escape(caption), credit) for image, alt, caption, credit in gallery]


def _say(use: ArticleImage, image: Image, picture: Picture, linked: ArticleImage | None) -> None:
    """Own words only where they are not the asset's; what followed the asset goes on following it."""
    for name, longest in (("alt", 500), ("caption", 10_000), ("credit", 255)):
        said = (getattr(picture, f"own_{name}") or getattr(picture, name))[:longest]
        follows = said == getattr(image, name) or (linked is not None and not getattr(linked, name))
        setattr(use, name, "" if follows else said)


def _edited(article: Article) -> bool:
    """Whether somebody here has saved the article since its import."""
    return article.revision is None or article.revision.author_id is not None


def _cut(item: Item, name: str, text: str) -> str:
    text = " ".join(text.split())
    if len(text) > LONGEST[name]:
        sentence = _("The %(field)s was longer than %(number)d characters and was cut: “%(text)s”.")
        item.note("words", sentence % {"field": name, "number": LONGEST[name], "text": text}, lost=True)
    return text[: LONGEST[name]].rstrip()


def _headline_of(item: Item, body: str) -> str:
    item.note("headline", _("It had no headline; its first words stand there instead."))
    words = to_text(body).split()[:8]
    return " ".join(words)[: LONGEST["headline"]] or _("Without a headline")


def _slug(text: str) -> str:
    return slugify(unicodedata.normalize("NFC", unquote(text)), allow_unicode=True)[: LONGEST["slug"]].strip("-_")


def _free_slug(article: Article, item: Item) -> str:
    """The item's slug, with a number where another article has that address."""
    wanted = _slug(item.slug) or _slug(article.headline) or "article"
    start = article.published_at or item.published_at or clock.now()
    slug, number = wanted, 1
    others = Address.objects.exclude(article_id=article.pk)
    while others.filter(path=addresses.path_of(article, article.language, slug, start)).exists():
        number += 1
        slug = f"{wanted[: LONGEST['slug'] - 6]}-{number}"
    if slug != wanted:
        sentence = _("Another article has the address with “%(wanted)s”; this one has “%(slug)s”.")
        item.note("address", sentence % {"wanted": wanted, "slug": slug})
    return slug


def _path(old: str) -> str:
    """An old path as addresses are stored, or "" where it cannot be one."""
    path = unicodedata.normalize("NFC", unquote(old)).split("#")[0].strip()
    fine = path.startswith("/") and not path.startswith("//") and "\0" not in path and path.isprintable()
    return path if fine and 1 < len(path) <= LONGEST["path"] else ""


def _after(end: datetime | None, start: datetime) -> datetime | None:
    return end if end and end > start else None
