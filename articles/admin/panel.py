"""What an article's form says beside its fields: both states, the checks, the timeline, what was done."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _

from articles import workflow
from articles.admin import notes
from articles.admin.showing import moment, person
from articles.events import label_of
from articles.models import Article, Edition, Event, Withdrawal
from articles.states import Public, Status
from newsroom.lib import clock
from newsroom.models import SiteSettings

SHOWN_EDITIONS = 20
SHOWN_EVENTS = 10
# Where on the form a problem is mended, if that is not the field's own id.
ANCHORS = {"bylines": "bylines-group", "images": "image_uses-group", "notes": "notes"}


@dataclass(frozen=True)
class Row:
    """An edition in the list of the timeline."""

    edition: Edition
    kind: str
    begins: str
    ends: str
    state: str
    waiting: bool
    # Within the time to undo: the button that cancels it is named so.
    undo: bool
    by: str


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
    now = clock.now()
    editions = list(article.editions.select_related("created_by").order_by("-starts_at", "-pk")[:SHOWN_EDITIONS])
    live = next((e for e in editions if _is_live(e, now)), None)
    coming = min((e for e in editions if e.live_from and e.live_from > now), key=lambda e: e.live_from, default=None)
    writes = workflow.contributes(user, article)
    verbs = workflow.offered_verbs(user, article) if writes else workflow.open_verbs(user, article)
    return {
        "article": article,
        "states": states(article, live, coming),
        "status": article.status,
        "public": article.public,
        "voids": article.status in (Status.IN_REVIEW, Status.APPROVED),
        "public_address": live.path if live and article.public in (Public.LIVE, Public.LIVE_UPDATE) else "",
        "checks": problems(workflow.checks(article)),
        "warnings": problems(workflow.warnings(article)),
        "editions": [_row(edition, now, article.public == Public.WITHDRAWN) for edition in editions],
        "withdrawals": [
            _withdrawal(withdrawal) for withdrawal in article.withdrawals.select_related("by", "lifted_by")
        ],
        "asked": asked_for(article),
        # Verbs about one waiting edition stand beside that edition.
        "verbs": [verb for verb in verbs if "edition" not in verb.asks],
        "edition_verbs": [verb for verb in verbs if "edition" in verb.asks],
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
    if status in Status.values and (revision.isdigit() or not revision):
        article.status, article.revision_id = status, int(revision) if revision else None


def _is_live(edition: Edition, now: Any) -> bool:
    return bool(
        edition.live_from and edition.live_from <= now and (edition.live_until is None or edition.live_until > now)
    )


def asked_for(article: Article) -> dict[str, str]:
    """Who asks for which changes, while they are asked for; empty otherwise."""
    if article.status != Status.CHANGES_REQUESTED:
        return {}
    event = article.events.filter(verb="request_changes").select_related("by").first()
    return {"by": person(event.by), "note": event.note} if event else {}


def _row(edition: Edition, now: Any, withdrawn: bool) -> Row:
    waiting = bool(edition.live_from and edition.live_from > now)
    return Row(
        edition=edition,
        kind=edition.get_kind_display(),
        begins=moment(edition.live_from or edition.starts_at),
        ends=moment(edition.live_until or (edition.expires_at if waiting else None)),
        state=_("withdrawn") if withdrawn and edition.live_from else _state(edition, now),
        waiting=waiting and not withdrawn,
        undo=waiting and edition.live_from is not None and edition.live_from - now <= _time_to_undo(),
        by=person(edition.created_by),
    )


def _state(edition: Edition, now: datetime) -> str:
    if edition.cancelled_at:
        return _("cancelled")
    if edition.held_at:
        return _("held back")
    if edition.live_from is None:
        return _("never shown")
    if edition.live_from > now:
        return _("waiting")
    return _("live") if _is_live(edition, now) else _("over")


def _time_to_undo() -> timedelta:
    return timedelta(seconds=SiteSettings.current().undo_seconds)


def _withdrawal(withdrawal: Withdrawal) -> dict[str, str]:
    return {
        "notice": withdrawal.notice,
        "reason": withdrawal.get_reason_display(),
        "by": person(withdrawal.by),
        "at": moment(withdrawal.at),
        "lifted_by": person(withdrawal.lifted_by),
        "lifted_at": moment(withdrawal.lifted_at),
    }


def _told(event: Event) -> dict[str, str]:
    return {
        "what": label_of(event.verb),
        "by": person(event.by),
        "at": moment(event.at),
        # A note stands among the notes itself.
        "note": "" if event.verb == "note" else event.note,
    }
