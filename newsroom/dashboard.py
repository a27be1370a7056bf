"""What waits for somebody, on the first page of the admin.

Each block is one query, and is asked only of those whom it concerns.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Exists, F, OuterRef, Q, Subquery
from django.urls import reverse
from django.utils.text import Truncator, capfirst
from django.utils.translation import gettext as _

from articles.admin.showing import moment, person
from articles.autosave import unsaved_of
from articles.models import Article, ArticleImage, Edition, EmergencyReview, Event, Note, Section
from articles.models.edition import EditionImage
from articles.models.image import RIGHTS_SOON
from articles.states import Status
from comments import decisions
from comments.admin.queue import WAITING_GROUPS, waiting
from newsroom.lib import clock
from newsroom.models import SiteSettings, User
from subscribers.admin.issues import on_their_way
from subscribers.issues.workflow import PERMISSION

ROWS = 8
NOTE_CHARS = 160
COMMENTS_COUNTED = 100
PRESSING = ("reported", "appealed")
QUEUE_FILTERS = {"reported": "reported=on", "appealed": "appealed=on", "held": "state=held", "pending": "state=pending"}
SOON = timedelta(hours=24)
# Pictures whose rights end are told of from at most so many uses; so many articles are named.
RIGHTS_USES = 200
RIGHTS_NAMED = 2
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
    """The blocks that concern `user`, in the order in which they press; alarms only where there is one."""
    makers = (emergencies, blocking, held, overdue, rights, unsaved)
    alarms = [block for make in makers if (block := make(user)) and block.rows]
    return alarms + [
        block for make in (due, to_approve, mine, scheduled, comments, newsletters) if (block := make(user))
    ]


# Alarms -----------------------------------------------------------------------------------


def emergencies(user: User) -> Block | None:
    """What was published without approval and waits for a second look that the user may take; oldest first."""
    if not user.has_perm("articles.approve_article"):
        return None
    owed = EmergencyReview.objects.filter(closed_at=None).select_related("opened_by", "article").order_by("opened_at")
    if SiteSettings.current().four_eyes:
        owed = owed.exclude(opened_by=user).exclude(edition__revision__author=user)
    owed = _of_desks(owed, user).only("reason", "opened_at", "article__headline", *_person("opened_by"))
    return Block(
        name="emergencies",
        title=_("Published without approval"),
        rows=[
            _row(
                review.article, f"{person(review.opened_by)}, {moment(review.opened_at)}: {_short(review.reason)}", True
            )
            for review in owed[:ROWS]
        ],
    )


def blocking(user: User) -> Block | None:
    """What keeps the user's own articles from being published."""
    if not user.has_perm("articles.change_article"):
        return None
    found = Note.objects.filter(Q(article__owner=user) | Q(article__assignee=user), blocking=True, resolved_at=None)
    found = found.select_related("by", "article").only("text", "article__headline", *_person("by")).order_by("pk")
    said = _("%(who)s blocks publication: %(note)s")
    return Block(
        name="blocking",
        title=_("Blocked by a note"),
        rows=[
            _row(note.article, said % {"who": person(note.by), "note": _short(note.text)}, True, "#notes")
            for note in found[:ROWS]
        ],
    )


def held(user: User) -> Block | None:
    """What was planned and is held: the user's own, and for editors that of their desks; soonest first."""
    if not user.has_perm("articles.view_article"):
        return None
    found = Edition.objects.filter(held_at__isnull=False, cancelled_at=None)
    found = found.select_related("held_for").order_by("starts_at", "pk")
    own = Q(created_by=user) | Q(article__owner=user)
    found = _of_desks(found, user, own) if user.has_perm("articles.publish_article") else found.filter(own)
    names = ("headline", "article_id", "starts_at", "held_at", "held_for__headline")
    return Block(
        name="held",
        title=_("Held"),
        rows=[
            Row(edition.headline, f"{_form(edition.article_id)}#timeline", _why_held(edition), True)
            for edition in found.only(*names)[:ROWS]
        ],
    )


def overdue(user: User) -> Block | None:
    """What should have been finished: the user's own, and for editors all of their desks."""
    if not user.has_perm("articles.change_article"):
        return None
    late = _unfinished(user).filter(due__lt=clock.now()).order_by("due")
    said = _("overdue since %(time)s, %(who)s")
    return Block(
        name="overdue",
        title=_("Overdue"),
        rows=[
            _row(article, said % {"time": moment(article.due), "who": person(article.assignee)}, True)
            for article in late[:ROWS]
        ],
    )


def rights(user: User) -> Block | None:
    """Pictures in use whose rights end within RIGHTS_SOON, the soonest first; then those that may be used no more."""
    if not user.has_perm("articles.change_image"):
        return None
    now = clock.now()
    pictures: dict[int, list[dict[str, Any]]] = {}
    for use in _uses_ending(user, now):
        pictures.setdefault(use["image_id"], []).append(use)

    def urgency(uses: list[dict[str, Any]]) -> tuple[bool, Any]:
        denied, until = bool(uses[0]["denied"]), uses[0]["until"] or now
        return denied or until <= now, abs(until - now)

    ordered = sorted(pictures.values(), key=urgency)
    return Block(
        name="rights",
        title=_("Rights of pictures ending"),
        address=f"{reverse('admin:articles_image_changelist')}?show=ending",
        rows=[_rights_row(uses, now) for uses in ordered[:ROWS]],
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
        newest.setdefault(slot.article_id, _row(slot.article, said) if slot.article else new)
    return Block(name="unsaved", title=_("Typed and not saved"), rows=list(newest.values())[:ROWS])


# What waits -------------------------------------------------------------------------------


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
    """What is due within a day: the user's own, and for editors all of their desks."""
    if not user.has_perm("articles.change_article"):
        return None
    now = clock.now()
    found = _unfinished(user).filter(due__gte=now, due__lt=now + SOON).order_by("due")
    said = _("%(time)s, %(who)s")
    return Block(
        name="due",
        title=_("Due"),
        rows=[
            _row(article, said % {"time": moment(article.due), "who": person(article.assignee)})
            for article in found[:ROWS]
        ],
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
    """What waits for moderators, by kind. Counted up to a limit, so that a flood costs no more than a page."""
    if not user.has_perm(decisions.MODERATE):
        return None
    queue = reverse("admin:comments_comment_changelist")
    found = [(group, waiting(group, COMMENTS_COUNTED + 1)) for group in WAITING_GROUPS]
    said = [f"{COMMENTS_COUNTED}+" if number > COMMENTS_COUNTED else str(number) for _group, number in found]
    return Block(
        name="comments",
        title=_("Comments waiting"),
        address=queue,
        rows=[
            # What readers see although it was reported, and what somebody objects to, does not wait quietly.
            Row(capfirst(str(group.label)), f"{queue}?{QUEUE_FILTERS[group.name]}", many, group.name in PRESSING)
            for (group, number), many in zip(found, said, strict=True)
            if number
        ],
        empty=_("No comment waits."),
    )


def newsletters(user: User) -> Block | None:
    """Issues that somebody composes, that wait for their time, or that stand still."""
    if not user.has_perm(PERMISSION):
        return None
    return Block(
        name="issues",
        title=_("Issues on their way"),
        address=reverse("admin:subscribers_issue_changelist"),
        rows=[Row(*row) for row in on_their_way(ROWS)],
        empty=_("No issue of a newsletter is on its way."),
    )


# Parts ------------------------------------------------------------------------------------


def _articles() -> Any:
    return Article.objects.select_related("assignee", "revision__author").only(
        "headline",
        "status",
        "due",
        "revision__at",
        *_person("assignee"),
        *_person("revision__author"),
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
    said = {"who": person(asker), "note": _short(article.asked_note)}
    return _("%(who)s asks for changes: %(note)s") % said


def _on_desks(articles: Any, user: User) -> Any:
    """Articles of the sections whose desk holds the user or nobody."""
    if user.has_perm("articles.publish_anything"):
        return articles
    own = Section.objects.open_to(user).filter(pk=OuterRef("section"))
    return articles.filter(Q(section=None) | Exists(own))


def _of_desks(found: Any, user: User, or_else: Q | None = None) -> Any:
    """Of rows that belong to articles, those of desks that hold the user or nobody; and those that `or_else` names."""
    if user.has_perm("articles.publish_anything"):
        return found
    open_ones = Q(article__section=None) | Exists(Section.objects.open_to(user).filter(pk=OuterRef("article__section")))
    return found.filter(open_ones | or_else if or_else else open_ones)


def _unfinished(user: User) -> Any:
    """Articles that somebody works on: an editor's desks, else the user's own."""
    found = _articles().filter(status__in=UNFINISHED)
    if user.has_perm("articles.approve_article"):
        return _on_desks(found, user)
    return found.filter(Q(owner=user) | Q(assignee=user))


def _uses_ending(user: User, now: datetime) -> Any:
    """Uses of pictures whose rights end soon, have ended or are denied: in what readers have or get, and in drafts."""
    columns = {"until": F("image__rights_until"), "name": F("image__file_name"), "picture": F("image__alt")}
    columns |= {"denied": F("image__rights_denied")}
    ending = Q(image__killed_at=None) & (Q(image__rights_until__lt=now + RIGHTS_SOON) | ~Q(image__rights_denied=""))
    public = Exists(Edition.objects.live().filter(pk=OuterRef("edition")))
    coming = Exists(Edition.objects.waiting(now).filter(pk=OuterRef("edition")))
    shown: Any = EditionImage.objects.filter(public | coming, ending)
    shown = shown.values("image_id", headline=F("edition__headline"), article_key=F("edition__article"), **columns)
    drafts = Article.objects.readable_by(user).exclude(status=Status.PARKED).filter(pk=OuterRef("article"))
    drafted: Any = ArticleImage.objects.filter(Exists(drafts), ending)
    drafted = drafted.values("image_id", headline=F("article__headline"), article_key=F("article"), **columns)
    return shown.order_by().union(drafted.order_by()).order_by("-until")[:RIGHTS_USES]


def _rights_row(uses: list[dict[str, Any]], now: datetime) -> Row:
    """ "bridge.jpg: until 3 Dec, 12:00 CET, in “Bridge closed” and 2 more"."""
    first, until = uses[0], uses[0]["until"]
    headlines = list({use["article_key"]: use["headline"] or _("(no headline)") for use in uses}.values())
    named, more = ", ".join(f"“{headline}”" for headline in headlines[:RIGHTS_NAMED]), len(headlines) - RIGHTS_NAMED
    said = {"moment": until and moment(until), "articles": named, "reason": first["denied"]}
    ended = bool(first["denied"]) or until <= now
    if first["denied"]:
        sentence = _("may not be used: %(reason)s; in %(articles)s")
    else:
        sentence = _("rights ended %(moment)s; in %(articles)s") if ended else _("until %(moment)s; in %(articles)s")
    others = _(" and %(count)d more") % {"count": more} if more > 0 else ""
    address = reverse("admin:articles_image_change", args=[first["image_id"]])
    return Row(first["name"] or first["picture"] or f"#{first['image_id']}", address, sentence % said + others, ended)


def _row(article: Article, said: str, urgent: bool = False, place: str = "") -> Row:
    return Row(article.headline or _("(no headline)"), f"{_form(article.pk)}{place}", said, urgent)


def _why_held(edition: Edition) -> str:
    planned = {"time": moment(edition.starts_at)}
    if edition.held_for:
        said = planned | {"headline": edition.held_for.headline}
        return _("held because it clashes with “%(headline)s”; planned for %(time)s") % said
    return _("held since %(since)s; planned for %(time)s") % (planned | {"since": moment(edition.held_at)})


def _short(text: str) -> str:
    return Truncator(" ".join(text.split())).chars(NOTE_CHARS)


def _person(relation: str) -> list[str]:
    """The columns that a colleague's name is made of."""
    return [f"{relation}__{name}" for name in ("first_name", "last_name", "username")]


def _changed(article: Article) -> str:
    if not article.revision:
        return ""
    return f"{person(article.revision.author)}, {moment(article.revision.at)}"


def _form(key: int) -> str:
    return reverse("admin:articles_article_change", args=[key])


def _list(query: str) -> str:
    return f"{reverse('admin:articles_article_changelist')}?{query}"
