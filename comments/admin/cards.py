"""Everything that a decision on a comment needs, for a page of comments at the same few queries as for one."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Count, F, OuterRef, Q, Subquery, Window
from django.db.models.functions import RowNumber
from django.urls import reverse
from django.utils.translation import gettext as _

from articles.models import Edition
from comments import moderation, policy, reasons
from comments.forms import written_versions
from comments.models import Appeal, Ban, Comment, ModerationAction, RejectionReason, Report
from comments.moderation import Decision
from comments.readers import appeals
from comments.spam import scoring
from comments.states import State
from newsroom.lib import clock
from newsroom.models import User

# As many of each are shown with a comment; of all others their number.
REPORTS = 5
ACTIONS = 6
LAST_DECISIONS = 3
DECIDED = (State.PUBLISHED, State.REJECTED, State.SPAM)


@dataclass(frozen=True)
class Sign:
    """One sign of spam, or what a rule found, as moderators read it."""

    label: str
    found: str
    weight: str = ""


@dataclass
class History:
    """What a commenter whose address is known wrote before, and what became of it."""

    counts: dict[str, int] = field(default_factory=dict)
    last: list[Any] = field(default_factory=list)

    @property
    def approved(self) -> int:
        return self.counts.get(State.PUBLISHED, 0)

    @property
    def rejected(self) -> int:
        return self.counts.get(State.REJECTED, 0)

    @property
    def spam(self) -> int:
        return self.counts.get(State.SPAM, 0)


@dataclass
class Card:
    """A comment as it is shown to one user. Without `full`, name, words and state are all there is."""

    comment: Any
    full: bool
    address: str
    group: str = ""
    reason: str = ""
    rule: Sign | None = None
    signs: list[Sign] = field(default_factory=list)
    reports: list[Any] = field(default_factory=list)
    appeal: Any = None
    actions: list[Any] = field(default_factory=list)
    history: History | None = None
    bans: list[Ban] = field(default_factory=list)
    decisions: list[Decision] = field(default_factory=list)
    undo: str = ""
    answers: bool = False

    @property
    def versions(self) -> str:
        return written_versions(self.comment)

    @property
    def since(self) -> str:
        return moderation.ago(self.comment.state_at)

    @property
    def number_of_reports(self) -> int:
        return self.reports[0].of if self.reports else 0

    @property
    def more_reports(self) -> int:
        return self.number_of_reports - len(self.reports)

    @property
    def edits(self) -> int:
        return self.actions[0].edits if self.actions else 0

    @property
    def offers(self) -> dict[str, Decision]:
        return {decision.name: decision for decision in self.decisions}

    @property
    def visible(self) -> bool:
        return self.comment.state == State.PUBLISHED


def load(
    keys: Sequence[int],
    *,
    user: User,
    readable: Any,
    full: bool,
    groups: dict[int, str] | None = None,
    words: list[RejectionReason] | None = None,
) -> list[Card]:
    """The cards of the comments with these keys which stand in `readable`, in the order of the keys.

    `words`: all reasons, where they were asked for already.
    """
    found = _comments(readable).in_bulk(list(keys))
    cards = [_card(found[key], full, (groups or {}).get(key, "")) for key in keys if key in found]
    if not cards:
        return cards
    labels = {reason.code: str(reason) for reason in (reasons.every() if words is None else words)}
    for card in cards:
        card.reason = labels.get(card.comment.reason, "")
    if full:
        _add_actions(cards, labels)
        _add_reports(cards, labels)
        _add_appeals(cards, labels)
        _add_histories(cards, labels)
        _add_bans(cards)
        for card in cards:
            _add_decisions(card, user)
    return cards


def _comments(readable: Any) -> Any:
    """With the headline that readers know, and the path of the article while it is live: a draft is not theirs."""
    now = clock.now()
    editions = Edition.objects.filter(article=OuterRef("article"))
    seen = editions.filter(live_from__lte=now).order_by("-live_from")
    return (
        readable.annotate(
            known_headline=Subquery(seen.values("headline")[:1]),
            live_path=Subquery(editions.live_at(now).values("path")[:1]),
        )
        .select_related("parent", "commenter")
        .defer("body_html", "parent__body_html", "parent__signals")
    )


def _card(comment: Any, full: bool, group: str) -> Card:
    """The headline leads to the comment where readers see it, else to the article while that is live."""
    address = comment.live_path or ""
    if address and comment.number and comment.state == State.PUBLISHED:
        address = reverse("comments:permalink", args=[comment.public_id])
    signs = [Sign(scoring.label(s), scoring.explained(s), f"{s['weight']:+d}") for s in comment.signals] if full else []
    return Card(comment=comment, full=full, address=address, group=group, signs=signs)


# What was decided -----------------------------------------------------------------------------


def _add_actions(cards: list[Card], labels: dict[str, str]) -> None:
    """The last decisions on each, newest first, with the number of edits; and the rule that caught it."""
    whole = [F("comment")]
    rows = (
        ModerationAction.objects.filter(comment__in=[card.comment.pk for card in cards])
        .annotate(
            row=Window(RowNumber(), partition_by=whole, order_by="-pk"),
            edits=Window(Count("pk", filter=Q(decision=moderation.EDIT)), partition_by=whole),
        )
        .filter(row__lte=ACTIONS)
        .select_related("by")
        .order_by("-pk")
    )
    of = _grouped(rows, "comment_id")
    for card in cards:
        card.actions = of[card.comment.pk]
        for action in card.actions:
            action.reason_label = labels.get(action.reason, action.reason)
        card.rule = _rule(card.actions)


def _rule(actions: Iterable[Any]) -> Sign | None:
    """What the last rule that looked at the words found, unless it let them through."""
    judged = next((action for action in actions if action.steps), None)
    if judged is None or judged.rule == "trust" or not judged.steps[-1].get("found"):
        return None
    last = judged.steps[-1]
    return Sign(_(policy.LABELS.get(last["step"], last["step"])), last["found"])


def _add_decisions(card: Card, user: User) -> None:
    card.decisions = moderation.open_decisions(user, card.comment)
    card.undo = moderation.UNDO if user.has_perm(moderation.MODERATE) and moderation.undoable(card.actions) else ""
    card.answers = bool(card.appeal and appeals.may_answer(user, card.appeal))


# What readers said to it ----------------------------------------------------------------------


def _add_reports(cards: list[Card], labels: dict[str, str]) -> None:
    """The oldest open reports of each, with the number of all."""
    of_one = [F("comment")]
    rows = (
        Report.objects.filter(closed_at=None, comment__in=[card.comment.pk for card in cards])
        .annotate(
            row=Window(RowNumber(), partition_by=of_one, order_by="pk"), of=Window(Count("pk"), partition_by=of_one)
        )
        .filter(row__lte=REPORTS)
        .order_by("pk")
    )
    of = _grouped(rows, "comment_id")
    for card in cards:
        card.reports = of[card.comment.pk]
        for report in card.reports:
            report.label = labels.get(report.reason, report.reason)


def _add_appeals(cards: list[Card], labels: dict[str, str]) -> None:
    rows = Appeal.objects.filter(closed_at=None, comment__in=[card.comment.pk for card in cards])
    of = _grouped(rows.select_related("action__by"), "comment_id")
    for card in cards:
        card.appeal = next(iter(of[card.comment.pk]), None)
        if card.appeal:
            card.appeal.reason_label = labels.get(card.appeal.action.reason, "")


# Who wrote it ---------------------------------------------------------------------------------


def _add_histories(cards: list[Card], labels: dict[str, str]) -> None:
    """Two queries for all. Of a name that was only typed nothing is known: anybody may sign with it."""
    writers = {card.comment.commenter_id for card in cards} - {None}
    if not writers:
        return
    histories: dict[int, History] = {key: History() for key in writers}
    decided = Comment.objects.order_by().filter(commenter__in=writers, state__in=DECIDED)
    for key, state, number in decided.values_list("commenter", "state").annotate(Count("pk")):
        histories[key].counts[state] = number
    newest = Window(RowNumber(), partition_by=[F("commenter")], order_by=["-state_at", "-pk"])
    last = decided.annotate(row=newest).filter(row__lte=LAST_DECISIONS + 1).order_by("-state_at", "-pk")
    of = _grouped(last.only("commenter_id", "state", "state_at", "reason"), "commenter_id")
    for card in cards:
        key = card.comment.commenter_id
        if key is None:
            continue
        others = [comment for comment in of[key] if comment.pk != card.comment.pk][:LAST_DECISIONS]
        for comment in others:
            comment.label, comment.ago = labels.get(comment.reason, ""), moderation.ago(comment.state_at)
        card.history = History(histories[key].counts, others)


def _add_bans(cards: list[Card]) -> None:
    """The bans in force on each comment's author or network."""
    writers = {card.comment.commenter_id for card in cards} - {None}
    networks = {card.comment.address_prefix for card in cards} - {""}
    if not writers | networks:
        return
    bans = list(Ban.objects.in_force(clock.now()).filter(Q(commenter__in=writers) | Q(network__in=networks)))
    for card in cards:
        card.bans = [ban for ban in bans if _is_on(ban, card.comment)]


def _is_on(ban: Ban, comment: Comment) -> bool:
    if ban.commenter_id is not None:
        return ban.commenter_id == comment.commenter_id
    return ban.network == comment.address_prefix


def _grouped(rows: Iterable[Any], name: str) -> dict[int, list[Any]]:
    groups: dict[int, list[Any]] = defaultdict(list)
    for row in rows:
        groups[getattr(row, name)].append(row)
    return groups
