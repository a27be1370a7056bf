"""What an article's form says beside its fields: both states, the checks, the timeline, what was done."""

import re
from typing import Any

from django.utils.translation import gettext as _

from articles import workflow
from articles.admin import notes
from articles.admin.showing import moment, person
from articles.admin.timeline import ASKED, timeline
from articles.events import label_of
from articles.models import Article, Edition, Event
from articles.states import Public, Status
from newsroom.lib import clock

SHOWN_EVENTS = 10
# A revision's key as a page sends it back; empty where nothing was saved yet.
KEY = re.compile(r"[0-9]{0,18}")
# Verbs that stand behind “More…”, so that the form stays calm.
RARE = ("minor", "correct", "emergency", "park", "withdraw")
# What happens to an edition because of another one, with nobody asking for it.
MOVED = {"merge", "hold", "release"}
# Where on the form a problem is mended, if that is not the field's own id.
ANCHORS = {"bylines": "bylines-group", "images": "image_uses-group", "notes": "notes"}


def anchor(field: str) -> str:
    """The fragment of the form that leads to `field`; "" where there is none."""
    return f"#{ANCHORS.get(field, f'id_{field}')}" if field else ""


def problems(found: list[workflow.Problem]) -> list[tuple[str, str]]:
    """(sentence, where on the form) of each."""
    return [(problem.sentence, anchor(problem.field)) for problem in found]


def states(article: Any, live: Edition | None, coming: Edition | None) -> str:
    """Both states of `article` (annotated with `public`) in one line: "Draft of an update, live since 09:10"."""
    status, public = Status(article.status), Public(article.public)
    seen = public in (Public.LIVE, Public.LIVE_UPDATE)
    if seen and live and live.revision_id == article.revision_id:
        own = _("As published")
    elif seen:
        own = {
            Status.DRAFT: _("Draft of an update"),
            Status.IN_REVIEW: _("Update in review"),
            Status.CHANGES_REQUESTED: _("Changes of an update requested"),
            Status.APPROVED: _("Update approved"),
            Status.PARKED: _("Update parked"),
        }[status]
    else:
        own = str(status.label).capitalize()
    return f"{own}, {_public(public, live, coming)}"


def _public(public: Public, live: Edition | None, coming: Edition | None) -> str:
    since = moment(live.live_from) if live else ""
    starts = moment(coming.live_from) if coming else ""
    match public:
        case Public.LIVE:
            return _("live since %(time)s") % {"time": since}
        case Public.LIVE_UPDATE:
            return _("live since %(time)s, update at %(next)s") % {"time": since, "next": starts}
        case Public.SCHEDULED:
            return _("scheduled for %(time)s") % {"time": starts}
        case Public.EXPIRED:
            return _("expired: readers do not see it any more")
        case Public.WITHDRAWN:
            return _("withdrawn: readers see a notice in its place")
    return _("not published")


def states_of(article: Any) -> str:
    """The line about both states of `article` (annotated with `public`), asking for its editions."""
    now = clock.now()
    spans = article.editions.filter(live_from__isnull=False)
    return states(article, spans.spanning(now).first(), spans.upcoming(now).first())


def panel(article: Any, user: Any) -> dict[str, Any]:
    """All that the form's templates show of `article` as saved, in a fixed number of queries."""
    writes = workflow.contributes(user, article)
    verbs = workflow.offered_verbs(user, article) if writes else workflow.open_verbs(user, article)
    told = timeline(article, user, verbs)
    # Verbs about an edition or a review stand beside it.
    own = [verb for verb in verbs if not {*ASKED, "review"} & set(verb.asks)]
    return {
        "article": article,
        "states": states(article, told.live, told.coming),
        "status": article.status,
        "public": article.public,
        "voids": article.status in (Status.IN_REVIEW, Status.APPROVED),
        "public_address": told.live.path if told.live and article.public in (Public.LIVE, Public.LIVE_UPDATE) else "",
        "checks": problems(workflow.checks(article)),
        "warnings": problems(workflow.warnings(article)),
        "timeline": told,
        "undo": told.undo,
        "reviews": _reviews(article, user, verbs),
        "asked": asked_for(article),
        "verbs": own,
        "first_verbs": [verb for verb in own if verb.name not in RARE],
        "rare_verbs": sorted((verb for verb in own if verb.name in RARE), key=lambda verb: RARE.index(verb.name)),
        "seen": seen(article),
        "events": [_told(event) for event in article.events.select_related("by")[:SHOWN_EVENTS]],
        **notes.shown(article, user),
        "changed_by": person(article.revision.author) if article.revision else "",
        "changed_at": moment(article.revision.at) if article.revision else "",
    }


def seen(article: Article) -> str:
    """The state that a page showed, to be sent back with a decision: a colleague may be faster."""
    return f"{article.status}.{article.revision_id or ''}"


def as_seen(article: Article, value: str) -> None:
    """Put the state that the editor saw on `article`, for articles.workflow to compare with the present one."""
    status, _dot, revision = value.partition(".")
    if status in Status.values and KEY.fullmatch(revision):
        article.status, article.revision_id = status, int(revision) if revision else None


def asked_for(article: Article) -> dict[str, str]:
    """Who asks for which changes, while they are asked for; empty otherwise."""
    if article.status != Status.CHANGES_REQUESTED:
        return {}
    event = article.events.filter(verb="request_changes").select_related("by").first()
    return {"by": person(event.by), "note": event.note} if event else {}


def _reviews(article: Article, user: Any, verbs: list[workflow.Verb]) -> list[dict[str, Any]]:
    """The second looks that are owed to the article, with the verb for those who may take one."""
    verb = next((verb for verb in verbs if verb.name == "review"), None)
    owed = article.emergency_reviews.filter(closed_at=None).select_related("opened_by", "edition__revision")
    return [
        {
            "key": review.pk,
            "by": person(review.opened_by),
            "at": moment(review.opened_at),
            "reason": review.reason,
            "verb": verb if user.pk not in (review.opened_by_id, review.edition.revision.author_id) else None,
        }
        for review in owed
    ]


def _told(event: Event) -> dict[str, str]:
    return {
        "what": label_of(event.verb),
        "by": _("by itself") if event.by is None and event.verb in MOVED else person(event.by),
        "at": moment(event.at),
        # A note stands among the notes itself.
        "note": "" if event.verb == "note" else event.note,
    }
