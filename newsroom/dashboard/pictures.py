"""Pictures in use whose rights end."""

from datetime import datetime
from typing import Any

from django.db.models import Exists, F, OuterRef, Q
from django.urls import reverse
from django.utils.translation import gettext as _

from articles.admin.showing import moment
from articles.models import Article, ArticleImage, Edition
from articles.models.edition import EditionImage
from articles.models.image import RIGHTS_SOON
from articles.states import Status
from newsroom.dashboard.cards import ROWS, Block, Row
from newsroom.lib import clock
from newsroom.models import User

# Pictures whose rights end are told of from at most so many uses; so many articles are named.
RIGHTS_USES = 200
RIGHTS_NAMED = 2


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
