"""What an editor does while the server is killed, and how to tell whether it happened: wholly, or not at all."""

from abc import ABC, abstractmethod
from datetime import timedelta
from itertools import count

from django.db import transaction

from articles import revisions, workflow
from articles.factories import make_article, make_author, make_image, make_tag
from articles.models import Article, ArticleImage, Byline, Edition, Place
from newsroom.lib import clock
from newsroom.models import User
from newsroom.tests.faults.editor import Answer, Editor, verb_path
from newsroom.tests.faults.forms import Form, form_of

_number = count(1)


class Act(ABC):
    """One request of `editor` about an article, made ready beforehand so that nothing but it is interrupted."""

    def __init__(self, editor: Editor, writer: User, desk: User) -> None:
        self.editor, self.writer, self.desk = editor, writer, desk
        self.article = self.begin()
        self.form = Form()
        self.before = self.traces()

    def begin(self) -> Article:
        """An article with all companions that an edition may have."""
        return make_article(
            by=self.writer,
            authors=[make_author("Ada Writer"), make_author("Ben Writer")],
            tags=[make_tag("Harbour")],
            lead=make_image(),
            body="<h2>The wall</h2>" + "<p>It is being raised before the storms.</p>" * 30,
        )

    def make_ready(self) -> None:
        """Open the page, fill the form in, remember how things stand."""
        self.article = Article.objects.select_related("revision").get(pk=self.article.pk)
        self.prepare()
        self.before = self.traces()

    @abstractmethod
    def prepare(self) -> None:
        """Fill `self.form`."""

    @abstractmethod
    def fire(self, **headers: str) -> Answer:
        """Send it."""

    @abstractmethod
    def traces(self) -> dict[str, object]:
        """All that the act changes, by name."""

    def outcome(self) -> str:
        """ "not done", "done", or what is half done."""
        after = self.traces()
        changed = [name for name, value in after.items() if value != self.before[name]]
        if len(changed) == len(after):
            return "done"
        return f"changed are {changed} of {list(after)}" if changed else "not done"


class Save(Act):
    """Every kind of field is changed at once: words, the body, topics, the byline, the pictures."""

    def prepare(self) -> None:
        number = next(_number)
        make_tag(f"Topic of {number}")
        self.form = self.editor.open(self.article.pk)
        self.form.put("headline", f"Headline of {number}")
        self.form.put("body", f"<p>Body of {number}.</p>" * 20)
        self.form.put("tags", str(make_tag(f"Topic of {number}").pk))
        self.form.put("bylines-0-author", str(make_author(f"Author of {number}").pk))
        self.form.put("image_uses-0-caption", f"Caption of {number}")

    def fire(self, **headers: str) -> Answer:
        return self.editor.save(self.article.pk, self.form, **headers)

    def traces(self) -> dict[str, object]:
        article = Article.objects.get(pk=self.article.pk)
        return {
            "headline": article.headline,
            "body": article.body,
            "tags": set(article.tags.values_list("pk", flat=True)),
            "byline": list(Byline.objects.filter(article=article).values_list("author", flat=True)),
            "caption": list(ArticleImage.objects.filter(article=article, place=Place.LEAD).values_list("caption")),
            "revision": article.revision_id,
            "revisions": article.revisions.count(),
        }


class Publish(Act):
    """An article as readers first see it, and then its updates; the text is approved anew for each round."""

    verb = "publish"

    def prepare(self) -> None:
        self.verb = self.next_verb()
        if self.article.status != "approved" or self.outcome() == "done":
            self._approve_another_text()
        page = self.editor.get(verb_path(self.article.pk, self.verb))
        assert page.status == 200, f"{page.status} {page.location}"
        self.form = form_of(page.page, "seen")
        assert self.form, f"The page asks for nothing: {page.page[:2000]}"
        self.fill()

    def next_verb(self) -> str:
        return "update" if self.article.editions.exists() else "publish"

    def fill(self) -> None:
        """Nothing is asked."""

    def _approve_another_text(self) -> None:
        with transaction.atomic():
            self.article.headline = f"Headline of {next(_number)}"
            self.article.save()
            revisions.save(self.article, by=self.writer)
        self.article = workflow.perform("submit", self.article, by=self.writer)
        self.article = workflow.perform("approve", self.article, by=self.desk)

    def fire(self, **headers: str) -> Answer:
        return self.editor.post(verb_path(self.article.pk, self.verb), self.form, **headers)

    def traces(self) -> dict[str, object]:
        editions = Edition.objects.filter(article=self.article.pk)
        return {
            "timeline": Article.objects.values_list("timeline_version", flat=True).get(pk=self.article.pk),
            "editions": editions.count(),
            "laid": sorted(editions.exclude(live_from=None).values_list("pk", "live_from", "live_until")),
            "bodies": editions.exclude(body=None).count(),
            "events": self.article.events.exclude(edition=None).count(),
        }


class Schedule(Publish):
    """An update of a live article, from a time on and until another; an article of its own for each round."""

    def prepare(self) -> None:
        self.article = self.begin()
        self._approve_another_text()
        self.article = workflow.perform("publish", self.article, by=self.desk)
        self.before = self.traces()
        self._approve_another_text()
        super().prepare()

    def next_verb(self) -> str:
        return "schedule"

    def fill(self) -> None:
        start = clock.now() + timedelta(hours=next(_number))
        self.form.put("starts_at", f"{start:%Y-%m-%dT%H:%M}")
        self.form.put("expires_at", f"{start + timedelta(days=400):%Y-%m-%dT%H:%M}")


ACTS: dict[str, type[Act]] = {"save": Save, "publish": Publish, "schedule": Schedule}
