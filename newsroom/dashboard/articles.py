"""What is being written: one's own, what waits for one's review, what a note blocks, what is not saved."""

from typing import Any

from django.db.models import OuterRef, Q, Subquery
from django.urls import reverse
from django.utils.translation import gettext as _

from articles.admin.showing import moment, person
from articles.autosave import unsaved_of
from articles.models import Article, Event, Note
from articles.states import Status
from newsroom.dashboard.cards import ROWS, Block, Row, listed, name_columns, row, short
from newsroom.dashboard.desks import UNFINISHED, all_articles, on_desks
from newsroom.models import SiteSettings, User


def blocking(user: User) -> Block | None:
    """What keeps the user's own articles from being published."""
    if not user.has_perm("articles.change_article"):
        return None
    found = Note.objects.filter(Q(article__owner=user) | Q(article__assignee=user), blocking=True, resolved_at=None)
    found = found.select_related("by", "article").only("text", "article__headline", *name_columns("by")).order_by("pk")
    said = _("%(who)s blocks publication: %(note)s")
    return Block(
        name="blocking",
        title=_("Blocked by a note"),
        rows=[
            row(note.article, said % {"who": person(note.by), "note": short(note.text)}, True, "#notes")
            for note in found[:ROWS]
        ],
    )


def unsaved(user: User) -> Block | None:
    """What the user typed, in whichever window, and has not saved; newest first, each article once."""
    if not user.has_perm("articles.change_article"):
        return None
    slots = unsaved_of(user).select_related("article").only("at", "article__headline").order_by("-at", "-pk")
    newest: dict[int | None, Row] = {}
    for slot in slots[: ROWS * 3]:
        said = _("typed %(time)s, not saved") % {"time": moment(slot.at)}
        new = Row(_("An article that was never saved"), reverse("admin:articles_article_add"), said)
        newest.setdefault(slot.article_id, row(slot.article, said) if slot.article else new)
    return Block(name="unsaved", title=_("Typed and not saved"), rows=list(newest.values())[:ROWS])


def mine(user: User) -> Block | None:
    """What the user owns or was given, as far as it is not finished; newest change first."""
    if not user.has_perm("articles.change_article"):
        return None
    # By keys first: few of many articles are unfinished, and an index knows them.
    keys = Article.objects.filter(Q(owner=user) | Q(assignee=user), status__in=UNFINISHED).values("pk")
    found = all_articles().filter(pk__in=keys).annotate(**_asked_for()).order_by("-revision_id")
    return Block(
        name="mine",
        title=_("My articles"),
        address=listed("whose=mine"),
        rows=[row(article, _asks(article) or str(Status(article.status).label)) for article in found[:ROWS]],
        empty=_("You have nothing unfinished."),
    )


def to_approve(user: User) -> Block | None:
    """What is in review on the user's desks, last changed by somebody else; longest waiting first."""
    if not user.has_perm("articles.approve_article"):
        return None
    found = on_desks(all_articles().filter(status=Status.IN_REVIEW), user).order_by("revision_id")
    if SiteSettings.current().four_eyes:
        found = found.exclude(revision__author=user)
    return Block(
        name="review",
        title=_("Waiting for my review"),
        address=listed("status__exact=in_review"),
        rows=[row(article, _changed(article)) for article in found[:ROWS]],
        empty=_("Nothing waits for you."),
    )


def _asked_for() -> dict[str, Subquery]:
    """Who last asked for changes, by key, and with which note: to be read with the article in one query."""
    events = Event.objects.filter(article=OuterRef("pk"), verb="request_changes").order_by("-at", "-pk")
    names = ("by__first_name", "by__last_name", "by__username", "note")
    return {f"asked_{name.removeprefix('by__')}": Subquery(events.values(name)[:1]) for name in names}


def _asks(article: Any) -> str:
    """ "Bob Keller asks for changes: …", while they are asked for; "" otherwise."""
    if article.status != Status.CHANGES_REQUESTED or not article.asked_note:
        return ""
    names = ("first_name", "last_name", "username")
    asker = User(**{name: getattr(article, f"asked_{name}") or "" for name in names})
    said = {"who": person(asker), "note": short(article.asked_note)}
    return _("%(who)s asks for changes: %(note)s") % said


def _changed(article: Article) -> str:
    if not article.revision:
        return ""
    return f"{person(article.revision.author)}, {moment(article.revision.at)}"
