"""What waits for somebody, on the first page of the admin.

Each block is one query, and is asked only of those whom it concerns.
"""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.db.models import Exists, OuterRef, Q, Subquery
from django.urls import reverse
from django.utils.text import Truncator
from django.utils.translation import gettext as _

from articles.admin.showing import moment, person
from articles.models import Article, Edition, Event, Section
from articles.states import Status
from comments.models import Comment
from newsroom.lib import clock
from newsroom.models import SiteSettings, User

ROWS = 8
NOTE_CHARS = 160
COMMENTS_COUNTED = 100
SOON = timedelta(hours=24)
UNFINISHED = (Status.DRAFT, Status.CHANGES_REQUESTED, Status.IN_REVIEW)


@dataclass(frozen=True)
class Row:
    """A line of a block: where it leads, and what is said of it."""

    headline: str
    address: str
    said: str = ""
    urgent: bool = False


@dataclass(frozen=True)
class Block:
    """A heading with rows, or with a number alone. `address` leads to the whole list."""

    name: str
    title: str
    address: str = ""
    rows: list[Row] = field(default_factory=list)
    number: str | None = None
    empty: str = ""


def blocks(user: User) -> list[Block]:
    """The blocks that concern `user`, in the order in which they press."""
    return [block for make in (due, to_approve, mine, scheduled, comments) if (block := make(user))]


def mine(user: User) -> Block | None:
    """What the user owns or was given, as far as it is not finished; newest change first."""
    if not user.has_perm("articles.change_article"):
        return None
    # By keys first: few of many articles are unfinished, and an index knows them.
    keys = Article.objects.filter(Q(owner=user) | Q(assignee=user), status__in=UNFINISHED).values("pk")
    found = _articles().filter(pk__in=keys).annotate(**_asked_for()).order_by("-revision_id")
    return Block(
        name="mine",
        title=_("My articles"),
        address=_list("whose=mine"),
        rows=[_row(article, _asks(article) or str(Status(article.status).label)) for article in found[:ROWS]],
        empty=_("You have nothing unfinished."),
    )


def to_approve(user: User) -> Block | None:
    """What is in review on the user's desks, last changed by somebody else; longest waiting first."""
    if not user.has_perm("articles.approve_article"):
        return None
    found = _on_desks(_articles().filter(status=Status.IN_REVIEW), user).order_by("revision_id")
    if SiteSettings.current().four_eyes:
        found = found.exclude(revision__author=user)
    return Block(
        name="review",
        title=_("Waiting for my review"),
        address=_list("status__exact=in_review"),
        rows=[_row(article, _changed(article)) for article in found[:ROWS]],
        empty=_("Nothing waits for you."),
    )


def due(user: User) -> Block | None:
    """What is due within a day or overdue: the user's own, and for editors all of their desks."""
    if not user.has_perm("articles.change_article"):
        return None
    found = _articles().filter(due__lt=clock.now() + SOON, status__in=UNFINISHED).order_by("due")
    if user.has_perm("articles.approve_article"):
        found = _on_desks(found, user)
    else:
        found = found.filter(Q(owner=user) | Q(assignee=user))
    return Block(
        name="due",
        title=_("Due"),
        rows=[_due_row(article) for article in found[:ROWS]],
        empty=_("Nothing is due within a day."),
    )


def scheduled(user: User) -> Block | None:
    """What readers will get next, of the articles that the user may read."""
    if not user.has_perm("articles.view_article"):
        return None
    readable = Exists(Article.objects.readable_by(user).filter(pk=OuterRef("article")))
    coming = Edition.objects.upcoming(clock.now()).filter(readable)
    return Block(
        name="scheduled",
        title=_("Scheduled next"),
        address=_list("public=scheduled"),
        rows=[
            Row(
                edition.headline,
                _form(edition.article_id),
                f"{moment(edition.live_from)}, {edition.get_kind_display()}",
            )
            for edition in coming.only("headline", "article_id", "live_from", "kind")[:ROWS]
        ],
        empty=_("Nothing is scheduled."),
    )


def comments(user: User) -> Block | None:
    """How many comments wait for a moderator. Counted up to a limit, so that a flood costs no more than a page."""
    if not user.has_perm("comments.moderate_comment"):
        return None
    waiting = Comment.objects.waiting().values("pk")[: COMMENTS_COUNTED + 1]
    number = len(waiting)
    return Block(
        name="comments",
        title=_("Comments waiting"),
        address=reverse("admin:comments_comment_changelist"),
        number=_("more than %(number)s") % {"number": COMMENTS_COUNTED} if number > COMMENTS_COUNTED else str(number),
    )


# Parts ------------------------------------------------------------------------------------


def _articles() -> Any:
    return Article.objects.select_related("assignee", "revision__author").only(
        "headline",
        "status",
        "due",
        "assignee__first_name",
        "assignee__last_name",
        "assignee__username",
        "revision__at",
        "revision__author__first_name",
        "revision__author__last_name",
        "revision__author__username",
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
    said = {"who": person(asker), "note": Truncator(" ".join(article.asked_note.split())).chars(NOTE_CHARS)}
    return _("%(who)s asks for changes: %(note)s") % said


def _on_desks(articles: Any, user: User) -> Any:
    """Articles of the sections whose desk holds the user or nobody."""
    if user.has_perm("articles.publish_anything"):
        return articles
    own = Section.objects.open_to(user).filter(pk=OuterRef("section"))
    return articles.filter(Q(section=None) | Exists(own))


def _row(article: Article, said: str, urgent: bool = False) -> Row:
    return Row(article.headline or _("(no headline)"), _form(article.pk), said, urgent)


def _due_row(article: Article) -> Row:
    late = bool(article.due and article.due < clock.now())
    pattern = _("overdue since %(time)s, %(who)s") if late else _("%(time)s, %(who)s")
    return _row(article, pattern % {"time": moment(article.due), "who": person(article.assignee)}, late)


def _coming_row(edition: Edition) -> Row:
    said = f"{moment(edition.live_from)}, {edition.get_kind_display()}"
    return Row(edition.headline, _form(edition.article_id), said)


def _changed(article: Article) -> str:
    if not article.revision:
        return ""
    return f"{person(article.revision.author)}, {moment(article.revision.at)}"


def _form(key: int) -> str:
    return reverse("admin:articles_article_change", args=[key])


def _list(query: str) -> str:
    return f"{reverse('admin:articles_article_changelist')}?{query}"
