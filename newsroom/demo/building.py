"""Builds the demo newsroom with the project's own verbs, so that it is what the newsroom would have made."""

import html
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from zlib import crc32

from django.conf import settings
from django.contrib.flatpages.models import FlatPage
from django.db import transaction
from django.utils.text import slugify

from articles import revisions
from articles.figures import Figure, markup
from articles.models import Article, ArticleImage, Author, Byline, Edition, Place, Section, Tag
from articles.models.article import new_group
from comments import moderation, posting
from comments import text as comment_text
from comments.models import Comment
from newsroom.demo import accounts, drawing, mailing, moving, pictures, texts
from newsroom.lib import clock
from newsroom.lib.html import clean
from newsroom.models import SiteSettings, User
from subscribers import defaults
from subscribers.factories import make_subscriber

SOURCE = "demo"


def is_built() -> bool:
    """Whether this site is a demo."""
    return Article.objects.filter(import_source=SOURCE).exists()


def is_empty() -> bool:
    """Whether a demo may be built here: nobody works on this site, and nothing is written."""
    return not (User.objects.exists() or Article.objects.exists())


def build(say: Callable[[str], object]) -> None:
    """Make the whole demo, or nothing of it, and keep the accounts' passwords in their file.

    Each picture has one width for a start; the worker makes the others while the first pages are read.
    `say` is told what is being done, in a sentence for whoever waits.
    """
    say("Drawing the pictures of the demo newsroom ...")
    drawings = drawing.drawn(drawing.SCENES)
    say("Writing, approving and publishing its articles ...")
    with transaction.atomic():
        people, passwords = accounts.make()
        Builder(people, drawings).everything()
    accounts.write(passwords)


class Builder:
    """What is there already, by its name, while the rest is made."""

    def __init__(self, people: dict[str, User], drawings: dict[str, bytes]) -> None:
        self.people = people
        self.now = clock.now().replace(second=0, microsecond=0)
        self.images = {name: pictures.keep(name, data, by=people["dora"]) for name, data in drawings.items()}
        self.groups: dict[str, str] = {}
        self.articles: dict[str, Article] = {}

    def everything(self) -> None:
        site = SiteSettings(**texts.town()["site"])
        usual, site.undo_seconds = site.undo_seconds, 0  # what was published hours ago waits for nobody
        site.save()
        self.names()
        self.pages()
        for text in texts.articles():
            self.articles[text.name] = moving.move(self.article(text), text.head, self.people, self.now)
        pictures.take_down(self.images[pictures.KILLED], by=self.people["dora"])
        self.comments()
        self.readers()
        site.undo_seconds = usual
        site.save()

    def names(self) -> None:
        """Sections and authors."""
        town = texts.town()
        for position, row in enumerate(town["sections"]):
            desk = [self.people[name] for name in row.get("desk", [])]
            fields = {key: value for key, value in row.items() if key != "desk"}
            Section.objects.create(position=position, **fields).editors.set(desk)
        for row in town["authors"]:
            Author.objects.create(
                name=row["name"],
                slug=_slug(row["name"]),
                role=row["role"],
                description=row["description"],
                portrait=self.images.get(row.get("portrait", "")),
                user=self.people.get(row.get("account", "")),
            )

    def pages(self) -> None:
        """The static pages, each at its language's address."""
        for text in texts.pages():
            page = FlatPage.objects.create(
                url=_root(text) + text.head["path"], title=text.head["title"], content=clean(self.html(text))
            )
            page.sites.add(settings.SITE_ID)

    def article(self, text: texts.Text) -> Article:
        """The first draft, saved by alice."""
        head, writer = text.head, self.people["alice"]
        language = texts.language(text)
        article = Article.objects.create(
            section=Section.objects.get(name=head["section"]),
            language=language,
            translation_group=self.group(head.get("group", text.name)),
            kicker=head["kicker"],
            headline=head["headline"],
            slug="" if language == "ar" else text.name,
            standfirst=head["standfirst"],
            body=self.html(text),
            owner=writer,
            published_at=self.moment(text) if head["hours"] > 0 else None,
            import_source=SOURCE,
            import_id=text.name,
        )
        for position, name in enumerate(head["authors"]):
            Byline.objects.create(article=article, author=Author.objects.get(name=name), position=position)
        article.tags.set([_topic(name) for name in head["topics"]])
        self.pictures(article, head)
        revisions.save(article, by=writer, reason="First draft")
        return article

    def pictures(self, article: Article, head: dict[str, Any]) -> None:
        """The picture on top and the gallery; those in the text are part of the body."""
        if "lead" in head:
            own = {field: head.get(f"lead_{field}", "") for field in ("alt", "caption", "credit")}
            ArticleImage.objects.create(article=article, image=self.images[head["lead"]], place=Place.LEAD, **own)
        for position, row in enumerate(head.get("gallery", [])):
            own = {name: value for name, value in row.items() if name != "scene"}
            image = self.images[row["scene"]]
            ArticleImage.objects.create(article=article, image=image, place=Place.GALLERY, position=position, **own)

    def moment(self, text: texts.Text) -> datetime:
        """When readers were first told, as the head says; not all at the same minute of an hour."""
        return self.now - timedelta(hours=text.head["hours"], minutes=crc32(text.name.encode()) % 60)

    def group(self, name: str) -> str:
        """The key that ties translations of one text."""
        return self.groups.setdefault(name, new_group())

    def html(self, text: texts.Text) -> str:
        """The text with its pictures, and with links that stay in its language."""
        return text.html(self.figure).replace('href="/', f'href="{_root(text)}')

    def figure(self, scene: str, caption: str, layout: str) -> str:
        return markup(Figure(self.images[scene].pk, caption=html.escape(caption), layout=layout))

    def comments(self) -> None:
        posted: dict[str, list[Comment]] = {}
        for number, row in enumerate(texts.town()["comments"]):
            edition = Edition.objects.live().get(article=self.articles[row["article"]])
            thread = posted.setdefault(row["article"], [])
            comment = posting.post(
                edition,
                name=row["name"],
                body=comment_text.tidy(row["text"]),
                answers=thread[row["answers"]].public_id if "answers" in row else "",
                address=f"198.51.100.{number + 1}",  # RFC 5737: for documentation
            )
            thread.append(comment)
            if "then" in row:
                self.decide(comment, row)

    def decide(self, comment: Comment, row: dict[str, Any]) -> None:
        moderation.decide(
            comment,
            row["then"],
            by=self.people["erik"],
            expected=comment.versions,
            reason=row.get("reason", ""),
            note=row.get("note", ""),
        )

    def readers(self) -> None:
        newsletter = defaults.newsletter(language=texts.LANGUAGE, **texts.town()["newsletter"])
        for row in texts.town()["subscribers"]:
            make_subscriber(row["email"], newsletter, language=row["language"])
        mailing.make_issues(self.articles, by=self.people["nora"], now=self.now)


def _root(text: texts.Text) -> str:
    """Where addresses of the text's language begin."""
    language = texts.language(text)
    return "/" if language == settings.LANGUAGE_CODE else f"/{language}/"


def _topic(name: str) -> Tag:
    return Tag.objects.get_or_create(slug=_slug(name), defaults={"name": name})[0]


def _slug(name: str) -> str:
    return slugify(name, allow_unicode=True)
