"""What readers got without approval, what they will get next, and what was planned and is held."""

from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext as _

from articles.admin.showing import moment, person
from articles.models import Article, Edition, EmergencyReview
from newsroom.dashboard.cards import ROWS, Block, Row, form, listed, name_columns, row, short
from newsroom.dashboard.desks import of_desks
from newsroom.lib import clock
from newsroom.models import SiteSettings, User


def emergencies(user: User) -> Block | None:
    """What was published without approval and waits for a second look that the user may take; oldest first."""
    if not user.has_perm("articles.approve_article"):
        return None
    owed = EmergencyReview.objects.filter(closed_at=None).select_related("opened_by", "article").order_by("opened_at")
    if SiteSettings.current().four_eyes:
        owed = owed.exclude(opened_by=user).exclude(edition__revision__author=user)
    owed = of_desks(owed, user).only("reason", "opened_at", "article__headline", *name_columns("opened_by"))
    return Block(
        name="emergencies",
        title=_("Published without approval"),
        rows=[
            row(review.article, f"{person(review.opened_by)}, {moment(review.opened_at)}: {short(review.reason)}", True)
            for review in owed[:ROWS]
        ],
    )


def held(user: User) -> Block | None:
    """What was planned and is held: the user's own, and for editors that of their desks; soonest first."""
    if not user.has_perm("articles.view_article"):
        return None
    found = Edition.objects.filter(held_at__isnull=False, cancelled_at=None)
    found = found.select_related("held_for").order_by("starts_at", "pk")
    own = Q(created_by=user) | Q(article__owner=user)
    found = of_desks(found, user, own) if user.has_perm("articles.publish_article") else found.filter(own)
    names = ("headline", "article_id", "starts_at", "held_at", "held_for__headline")
    return Block(
        name="held",
        title=_("Held"),
        rows=[
            Row(edition.headline, f"{form(edition.article_id)}#timeline", _why_held(edition), True)
            for edition in found.only(*names)[:ROWS]
        ],
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
        address=listed("public=scheduled"),
        rows=[
            Row(
                edition.headline,
                form(edition.article_id),
                f"{moment(edition.live_from)}, {edition.get_kind_display()}",
            )
            for edition in coming.only("headline", "article_id", "live_from", "kind")[:ROWS]
        ],
        empty=_("Nothing is scheduled."),
    )


def _why_held(edition: Edition) -> str:
    planned = {"time": moment(edition.starts_at)}
    if edition.held_for:
        said = planned | {"headline": edition.held_for.headline}
        return _("held because it clashes with “%(headline)s”; planned for %(time)s") % said
    return _("held since %(since)s; planned for %(time)s") % (planned | {"since": moment(edition.held_at)})
