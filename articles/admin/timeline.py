"""An article's timeline on its form: drawn, and told as a list with what can be done to each edition."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db.models import F
from django.utils import formats, timezone
from django.utils.translation import get_language_bidi
from django.utils.translation import gettext as _

from articles.admin.drawing import Bar, Drawing, draw
from articles.admin.moments import zone_name
from articles.admin.showing import moment, person
from articles.models import Article, Edition, Withdrawal
from articles.workflow import Verb
from newsroom.lib import clock
from newsroom.models import SiteSettings

# How many editions are told of: laid ones, and those that readers do not meet.
SHOWN, SHOWN_APART = 20, 10
# The names under which a verb asks for the edition that it is about.
ASKED = ("edition", "held_edition", "past_edition")


# What cannot be taken back by a second click is asked about on a page of its own.
ASKED_AGAIN = {"cancel"}


@dataclass(frozen=True)
class Beside:
    """A verb that stands beside an edition: done at once, or on a page that asks for more."""

    verb: Verb
    ask: str
    at_once: bool


@dataclass(frozen=True)
class Row:
    """One line of the list: an edition, a gap, a withdrawal or the present moment, named by `what`."""

    what: str
    begins: str = ""
    ends: str = ""
    # What it is for readers now, and how the drawing shows it; the two differ while the article is withdrawn.
    state: str = ""
    said: str = ""
    shape: str = ""
    edition: Edition | None = None
    number: int = 0
    by: str = ""
    headline: str = ""
    notice: str = ""
    # Sentences besides: why it is held, what was typed, what readers see instead.
    more: list[str] = field(default_factory=list)
    verbs: list[Beside] = field(default_factory=list)


@dataclass(frozen=True)
class Shape:
    """A bar or a mark of the drawing, from the left whatever the direction of reading."""

    state: str
    x: float
    width: float = 0
    number: int = 0
    title: str = ""

    @property
    def middle(self) -> float:
        return round(self.x + self.width / 2, 2)


@dataclass(frozen=True)
class Undo:
    """What was just published by whoever looks, and can still be taken back."""

    edition: Edition
    seconds: int
    until: str
    verb: Verb


@dataclass(frozen=True)
class Timeline:
    """All that is told of an article's editions."""

    rows: list[Row]
    apart: list[Row]
    zone: str
    picture: dict[str, Any] | None
    undo: Undo | None
    live: Edition | None
    coming: Edition | None
    goes_back: bool


def timeline(article: Article, user: Any, verbs: Iterable[Verb]) -> Timeline:
    """The timeline of `article` as `user` may change it with `verbs`, in a fixed number of queries."""
    now = clock.now()
    names = ("created_by", "history_hidden_by", "held_for")
    known = article.editions.select_related(*names)
    laid = list(known.filter(live_from__isnull=False).order_by("-live_from")[: SHOWN + 1])
    held_first = (F("cancelled_at").desc(nulls_first=True), "-starts_at", "-pk")
    others = list(known.filter(live_from=None).order_by(*held_first)[:SHOWN_APART])
    withdrawals = list(article.withdrawals.select_related("by", "lifted_by"))
    drawing = draw([*laid, *others], withdrawals, now)
    withdrawn = any(withdrawal.lifted_at is None for withdrawal in withdrawals)
    telling = _Telling([*laid[:SHOWN], *others], user, verbs, now, withdrawn, _reasons_to_hold(article, others))
    return Timeline(
        rows=_in_order(telling, laid[:SHOWN], withdrawals, drawing, now),
        apart=[telling.edition(edition) for edition in others],
        zone=zone_name(),
        picture=_picture(drawing, telling, now) if drawing else None,
        undo=telling.undo(laid),
        live=next((e for e in laid if _state(e, now) == "live"), None),
        coming=next((e for e in reversed(laid) if _state(e, now) == "waiting"), None),
        goes_back=len(laid) > SHOWN,
    )


def _in_order(
    telling: "_Telling", laid: list[Edition], withdrawals: list[Withdrawal], drawing: Drawing | None, now: datetime
) -> list[Row]:
    """Everything that has a time on the timeline, what comes last first."""
    timed = [(e.live_from or e.starts_at, telling.edition(e)) for e in laid]
    timed += [(withdrawal.at, _withdrawal(withdrawal)) for withdrawal in withdrawals]
    gaps = [bar for bar in (drawing.bars if drawing else []) if bar.state == "gap"]
    timed += [(bar.begins or now, _gap(bar, now)) for bar in gaps]
    if timed:
        timed.append((now, Row("now", begins=moment(now))))
    # Of what begins at one moment a gap comes last, and what has begun by now stands below it.
    ranks = {"gap": 2, "now": 1}
    timed.sort(key=lambda pair: (pair[0], ranks.get(pair[1].what, 0)), reverse=True)
    return [row for _at, row in timed]


class _Telling:
    """Tells of editions: numbered along the timeline, each with the verbs that may be done to it."""

    def __init__(
        self,
        editions: list[Edition],
        user: Any,
        verbs: Iterable[Verb],
        now: datetime,
        withdrawn: bool,
        reasons: dict[int, str],
    ) -> None:
        ordered = sorted(editions, key=lambda e: (e.live_from or e.starts_at, e.pk))
        self.numbers = {edition.pk: number for number, edition in enumerate(ordered, 1)}
        self._user, self._now, self._withdrawn, self._reasons = user, now, withdrawn, reasons
        self._verbs = {verb.name: verb for verb in verbs if set(ASKED) & set(verb.asks)}
        self._time_to_undo = timedelta(seconds=SiteSettings.current().undo_seconds)

    def edition(self, edition: Edition) -> Row:
        state = _state(edition, self._now)
        begins, ends = edition.live_from or edition.starts_at, edition.live_until
        if edition.live_from is None:
            ends = edition.expires_at
        shown = "withdrawn" if self._withdrawn and edition.live_from else state
        return Row(
            what="edition",
            begins=_precisely(begins, ends, self._now),
            ends=_precisely(ends, begins, self._now),
            state=shown,
            said=_named(shown),
            shape=state,
            edition=edition,
            number=self.numbers[edition.pk],
            by=person(edition.created_by),
            headline=edition.headline,
            more=list(self._more(edition, state)),
            verbs=list(self._beside(edition, state)),
        )

    def undo(self, editions: list[Edition]) -> Undo | None:
        """The edition that `user` has just published, if it can be taken back still."""
        verb = self._verbs.get("undo")
        mine = [e for e in editions if self._is_new(e)]
        if not verb or not mine or not mine[0].live_from:
            return None
        seconds = (mine[0].live_from - self._now).total_seconds()
        return Undo(mine[0], max(1, round(seconds)), _to_the_second(mine[0].live_from), verb)

    def _more(self, edition: Edition, state: str) -> Iterator[str]:
        if state == "held":
            yield self._why_held(edition)
        if state == "cancelled":
            yield _("Cancelled: %(time)s.") % {"time": moment(edition.cancelled_at)}
        if state in ("waiting", "held") and edition.zone not in ("", timezone.get_current_timezone_name()):
            said = {"time": edition.typed_start.replace("T", " "), "zone": edition.zone}
            yield _("Planned as %(time)s in %(zone)s.") % said
        if edition.history_hidden:
            said = {
                "notice": edition.history_hidden,
                "who": person(edition.history_hidden_by),
                "time": moment(edition.history_hidden_at),
            }
            yield _("Hidden in the public history by %(who)s, %(time)s: “%(notice)s”") % said

    def _why_held(self, edition: Edition) -> str:
        since = {"time": moment(edition.held_at)}
        if edition.held_for:
            said = since | {"headline": edition.held_for.headline, "other": moment(edition.held_for.starts_at)}
            return _("Held since %(time)s, because it clashes with “%(headline)s” of %(other)s.") % said
        if reason := self._reasons.get(edition.pk):
            return _("Held since %(time)s: %(reason)s") % (since | {"reason": reason})
        return _("Held since %(time)s.") % since

    def _beside(self, edition: Edition, state: str) -> Iterator[Beside]:
        new = self._is_new(edition) and "undo" in self._verbs
        begun = state in ("live", "over")
        fits = {
            "undo": new,
            "now": state == "waiting",
            "hold": state == "waiting" or (state == "held" and edition.held_for_id is not None),
            "release": state == "held",
            "cancel": state in ("waiting", "held", "behind") and not new,
            "hide": begun and not edition.history_hidden,
            "unhide": begun and bool(edition.history_hidden),
        }
        for name, verb in self._verbs.items():
            if fits.get(name):
                ask = next(ask for ask in verb.asks if ask in ASKED)
                yield Beside(verb, ask, at_once=len(verb.asks) == 1 and verb.name not in ASKED_AGAIN)

    def _is_new(self, edition: Edition) -> bool:
        """Whether `user` published it within the time to undo, and it waits still."""
        just_published = edition.starts_at - edition.created_at <= self._time_to_undo
        return just_published and edition.created_by_id == self._user.pk and _state(edition, self._now) == "waiting"


def _state(edition: Edition, now: datetime) -> str:
    if edition.cancelled_at:
        return "cancelled"
    if edition.held_at:
        return "held"
    if edition.live_from is None:
        return "behind"
    if edition.live_from > now:
        return "waiting"
    return "live" if edition.live_until is None or edition.live_until > now else "over"


def _named(state: str) -> str:
    return {
        "cancelled": _("cancelled"),
        "held": _("held"),
        "behind": _("never shown"),
        "waiting": _("waiting"),
        "live": _("live"),
        "over": _("over"),
        "withdrawn": _("withdrawn"),
    }[state]


def _reasons_to_hold(article: Article, others: list[Edition]) -> dict[int, str]:
    """What colleagues said when they held editions, by the edition's key; asked for only where there are any."""
    held = [e.pk for e in others if e.held_at and not e.cancelled_at and not e.held_for_id]
    if not held:
        return {}
    told = article.events.filter(verb="hold", edition__in=held).order_by("at", "pk")
    return dict(told.values_list("edition_id", "note"))


def _withdrawal(withdrawal: Withdrawal) -> Row:
    more = []
    if withdrawal.lifted_at:
        said = {"who": person(withdrawal.lifted_by), "time": moment(withdrawal.lifted_at)}
        more.append(_("Lifted by %(who)s, %(time)s.") % said)
    return Row(
        what="withdrawal",
        begins=_precisely(withdrawal.at, withdrawal.lifted_at),
        ends=_precisely(withdrawal.lifted_at, withdrawal.at),
        state="" if withdrawal.lifted_at else "withdrawn",
        said="" if withdrawal.lifted_at else _("in force"),
        by=f"{withdrawal.get_reason_display()}, {person(withdrawal.by)}",
        notice=withdrawal.notice,
        more=more,
    )


def _gap(bar: Bar, now: datetime) -> Row:
    ahead = bar.begins is not None and bar.begins >= now
    said = _("Readers find nothing") if ahead or bar.ends is None or bar.ends > now else _("Readers found nothing")
    return Row("gap", begins=_precisely(bar.begins, bar.ends), ends=_precisely(bar.ends, bar.begins), said=said)


# The drawing ------------------------------------------------------------------------------


def _picture(drawing: Drawing, telling: _Telling, now: datetime) -> dict[str, Any]:
    """The drawing for the template: mirrored where lines run from right to left, with words for each shape."""
    bars = [_shape(bar, telling) for bar in drawing.bars]
    first, last = (drawing.bars[0], drawing.bars[-1]) if drawing.bars else (None, None)
    hidden = bool(drawing.hidden) and drawing.hidden[-1].ends is None
    return {
        "bars": bars,
        "hidden": [_shape(bar, telling) for bar in drawing.hidden],
        "apart": [
            Shape(_state(m.edition, now), _mirrored(m.at), number=telling.numbers.get(m.edition.pk, 0))
            for m in drawing.apart
        ],
        "now": _mirrored(drawing.now),
        "anchor": "start" if drawing.now < 20 else "end" if drawing.now > 80 else "middle",
        "time": moment(now),
        "begins": _("earlier") if drawing.goes_back else moment(first.begins) if first else "",
        "ends": _ends(last, hidden),
        "goes_back": drawing.goes_back,
        "right_to_left": get_language_bidi(),
    }


def _shape(bar: Bar, telling: _Telling) -> Shape:
    edition = bar.edition
    span = _("%(begins)s to %(ends)s") if bar.ends else _("from %(begins)s")
    said = span % {"begins": _precisely(bar.begins, bar.ends), "ends": _precisely(bar.ends, bar.begins)}
    named = {"gap": _("Readers find nothing"), "hidden": _("Withdrawn")}
    what = f"{edition.get_kind_display()}, “{edition.headline}”" if edition else named[bar.state]
    return Shape(
        state=bar.state,
        x=_mirrored(bar.start, bar.width),
        width=bar.width,
        number=telling.numbers.get(edition.pk, 0) if edition else 0,
        title=f"{what}: {said}",
    )


def _ends(last: Bar | None, hidden: bool) -> str:
    if hidden:
        return _("withdrawn")
    if last is None:
        return ""
    return _("nothing after that") if last.state == "gap" else _("no end planned")


def _mirrored(start: float, width: float = 0) -> float:
    return round(100 - start - width, 2) if get_language_bidi() else start


def _precisely(at: datetime | None, *others: datetime | None) -> str:
    """A moment as the admin shows it; to the second where one of `others` is near."""
    if at is None:
        return ""
    near = any(other is not None and abs(other - at) < timedelta(minutes=2) for other in others)
    return _to_the_second(at) if near else moment(at)


def _to_the_second(at: datetime) -> str:
    local = timezone.localtime(at)
    return moment(at).replace(formats.time_format(local, "H:i"), formats.time_format(local, "H:i:s"), 1)
