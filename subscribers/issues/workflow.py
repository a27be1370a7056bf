"""What may happen to an issue: one table of transitions, and the one function that carries them out.

    draft -> ready -> scheduled -> materialising -> sending <-> paused, sending -> sent

A draft is edited; from "ready" on its content is frozen, until it is edited again. New transitions are rows.
"""

import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from articles.checks import Problem
from articles.events import ago
from newsroom import pagecache
from newsroom.lib import clock
from newsroom.models import User
from subscribers.issues import guards
from subscribers.issues.guards import Act
from subscribers.models import Issue, IssueEvent, Newsletter
from subscribers.models.issue import PUBLIC
from subscribers.states import IssueState

logger = logging.getLogger(__name__)

PERMISSION = "subscribers.send_issue"


class Refused(Exception):
    """Nothing was changed. `problems` says why, one sentence each."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = list(problems)
        super().__init__(" ".join(map(str, self.problems)))


class Stale(Exception):
    """Somebody else was faster. As text: who, what, how long ago, and what to do."""

    def __init__(self, issue: Issue) -> None:
        self.issue = issue
        super().__init__(_was_faster(issue))


@dataclass(frozen=True)
class Transition:
    """A row of the table. `people`: whoever may send issues; else the site itself alone."""

    name: str
    label: Any
    help: Any
    done: Any
    sources: frozenset[IssueState]
    target: IssueState
    people: bool = False
    guards: tuple[Callable[[Act], Iterable[Problem]], ...] = ()
    asks: tuple[str, ...] = ()
    # One issue of a newsletter at a time, since what the others tell is looked at.
    alone: bool = False
    # What of the issue's fields it changes besides the state.
    effect: Callable[[Act], dict[str, Any]] = lambda act: {}

    def allowed(self, user: User) -> bool:
        """Whether `user` may do this to an issue, whatever state it is in."""
        return self.people and user.is_active and user.has_perm(PERMISSION)


def _freeze(act: Act) -> dict[str, Any]:
    assert act.content is not None
    return {"content": act.content, "content_hash": act.content_hash, "ready_at": act.now}


def _thaw(act: Act) -> dict[str, Any]:
    return {"content": None, "content_hash": "", "ready_at": None, "starts_at": None}


def _set_start(act: Act) -> dict[str, Any]:
    return {"starts_at": act.starts_at}


def _finish(act: Act) -> dict[str, Any]:
    return {"finished_at": act.now}


S = IssueState
T = Transition

# fmt: off
TRANSITIONS: dict[str, Transition] = {row.name: row for row in [
    T("ready", _("Make ready"), _("Lay it out and freeze it: exactly this is sent."),
      _("It is ready: exactly this is sent. Schedule it, or send it now."),
      frozenset({S.DRAFT}), S.READY, people=True,
      guards=(guards.has_subject, guards.has_key, guards.says_something, guards.articles_are_live,
              guards.tells_nothing_twice, guards.can_be_laid_out),
      alone=True, effect=_freeze),
    T("schedule", _("Schedule…"), _("It is sent by itself from a time you choose."),
      _("It is scheduled, and is sent by itself."),
      frozenset({S.READY, S.SCHEDULED}), S.SCHEDULED, people=True,
      guards=(guards.has_start, guards.start_is_ahead, guards.is_still_right),
      asks=("starts_at",), effect=_set_start),
    T("send_now", _("Send now…"), _("It goes to every subscriber within a minute. This cannot be taken back."),
      _("It is being sent."),
      frozenset({S.READY, S.SCHEDULED}), S.SCHEDULED, people=True,
      guards=(guards.is_still_right,), effect=lambda act: {"starts_at": act.now}),
    T("edit", _("Edit again"), _("Take it back to a draft; it is not sent until you make it ready again."),
      _("It is a draft again, and is not sent."),
      frozenset({S.READY, S.SCHEDULED}), S.DRAFT, people=True, effect=_thaw),
    T("recall", _("Taken back"), _("Something in it may not be sent any more: it is a draft again."),
      _("It is a draft again, and is not sent."),
      frozenset({S.READY, S.SCHEDULED}), S.DRAFT, asks=("note",), effect=_thaw),
    T("skip", _("Skipped"), _("A digest with fewer articles than the least: they come with the next one."),
      _("It is not sent."),
      frozenset({S.DRAFT}), S.CANCELLED, asks=("note",)),
    T("materialise", _("Begin"), _("Prepare a delivery for each subscriber."),
      _("Its deliveries are being prepared."),
      frozenset({S.SCHEDULED}), S.MATERIALISING, guards=(guards.is_due, guards.is_still_right)),
    T("send", _("Send"), _("Hand the deliveries to the mail server."),
      _("It is being sent."),
      frozenset({S.MATERIALISING}), S.SENDING),
    T("pause", _("Pause…"), _("No further mail goes out until you resume."),
      _("It is paused. “Resume” sends the rest, “Cancel” leaves it unsent."),
      frozenset({S.SENDING}), S.PAUSED, people=True, asks=("note",)),
    T("resume", _("Resume"), _("Send the rest."),
      _("The rest is being sent."),
      frozenset({S.PAUSED}), S.SENDING, people=True),
    T("finish", _("Finished"), _("Every delivery was tried."),
      _("It is sent."),
      frozenset({S.SENDING}), S.SENT, guards=(guards.nothing_waits,), effect=_finish),
    T("send_rest", _("Send the rest"), _("Uncertain deliveries are sent again."),
      _("The rest is being sent."),
      frozenset({S.SENT}), S.SENDING),
    T("fail", _("Failed"), _("It cannot be sent on; a person must look at it."),
      _("It has failed."),
      frozenset({S.MATERIALISING, S.SENDING, S.PAUSED}), S.FAILED, asks=("note",)),
    T("retry", _("Try again"), _("Go on where it failed. Nobody gets it twice."),
      _("It is tried again."),
      frozenset({S.FAILED}), S.MATERIALISING, people=True, guards=(guards.is_still_right,)),
    T("cancel", _("Cancel…"), _("It is not sent, or not sent on. What has gone out cannot be taken back."),
      _("It is cancelled."),
      frozenset({S.DRAFT, S.READY, S.SCHEDULED, S.MATERIALISING, S.SENDING, S.PAUSED, S.FAILED}), S.CANCELLED,
      people=True, asks=("note",)),
    T("reopen", _("Take up again"), _("Make it a draft again. Nobody has got it yet."),
      _("It is a draft again."),
      frozenset({S.CANCELLED}), S.DRAFT, people=True, guards=(guards.nobody_got_it,), effect=_thaw),
]}
# fmt: on


def open_transitions(user: User, issue: Issue) -> list[Transition]:
    """The transitions that `user` may carry out on `issue` in its present state, in the table's order."""
    return [row for row in TRANSITIONS.values() if issue.state in row.sources and row.allowed(user)]


def change(
    issue: Issue, name: str, *, by: User | None = None, note: str = "", starts_at: datetime | None = None
) -> Issue:
    """Carry out the transition `name` and return the issue as it now stands; `by` None is the site itself.

    `issue` carries the state and the version that whoever asks has seen: raises Stale where somebody has changed
    it since, and writes nothing. Raises Refused with every problem found. The object given stays as it was.
    """
    row = TRANSITIONS[name]
    if by is not None and not row.allowed(by):
        raise Refused([Problem(gettext("You may not do this. Ask a newsletter editor."))])
    with transaction.atomic():
        if row.alone:  # and before the issue, as whoever makes a digest does
            Newsletter.objects.select_for_update(no_key=True).get(pk=issue.newsletter_id)
        present = Issue.objects.select_for_update(of=("self",)).select_related("newsletter").get(pk=issue.pk)
        if (issue.state, issue.version) != (present.state, present.version):
            raise Stale(present)
        if present.state not in row.sources:
            raise Refused([wrong_state(row, present)])
        act = Act(issue=present, now=clock.now(), by=by, note=note.strip(), starts_at=starts_at)
        if problems := _problems(row, act):
            raise Refused(problems)
        return _carry_out(row, act)


def _problems(row: Transition, act: Act) -> list[Problem]:
    """Each guard stands on those before it, so that the first one that finds something ends the search."""
    for guard in row.guards:
        if problems := list(guard(act)):
            return problems
    return []


def _carry_out(row: Transition, act: Act) -> Issue:
    issue, fields = act.issue, row.effect(act)
    same = Issue.objects.filter(pk=issue.pk, state=issue.state, version=issue.version)
    if not same.update(state=row.target, version=F("version") + 1, **fields):
        raise Stale(issue)
    record(issue, row.name, to=row.target, by=act.by, note=act.note, data=_logged(fields))
    if row.target in PUBLIC or issue.state in PUBLIC:
        transaction.on_commit(pagecache.drop)
    return Issue.objects.select_related("newsletter").get(pk=issue.pk)


def record(
    issue: Issue,
    verb: str,
    *,
    to: IssueState | None = None,
    by: User | None = None,
    note: str = "",
    data: dict[str, Any] | None = None,
) -> IssueEvent:
    """Append one event; without `to` the state stays."""
    return IssueEvent.objects.create(
        issue=issue,
        verb=verb,
        from_state=issue.state,
        to_state=to or issue.state,
        by=by,
        at=clock.now(),
        note=note,
        data=data or {},
    )


def label_of(verb: str) -> str:
    """What people call what an event records."""
    known = {
        "compose": gettext("Composed"),
        "test": gettext("Test mail sent"),
        "resend": gettext("Uncertain mails sent again"),
        "settle": gettext("Uncertain mails taken for sent"),
    }
    return str(TRANSITIONS[verb].label).rstrip("…") if verb in TRANSITIONS else known.get(verb, verb)


def _logged(fields: dict[str, Any]) -> dict[str, Any]:
    """Fields that were changed, as JSON; of the content only its hash."""
    return {
        name: value.isoformat() if isinstance(value, datetime) else value
        for name, value in fields.items()
        if name != "content" and value not in (None, "")
    }


def wrong_state(row: Transition, issue: Issue) -> Problem:
    """That the issue cannot go this way from where it is."""
    said = {"what": str(row.label).rstrip("…"), "state": issue.get_state_display()}
    sentence = gettext(
        "“%(what)s” is not possible now: the issue is “%(state)s”. Its page says under “What you can do” what is."
    )
    return Problem(sentence % said)


def _was_faster(issue: Issue) -> str:
    last = issue.events.select_related("by").first()
    if last is None:
        return gettext("A colleague has changed this issue in the meantime. Load it again to see how it stands now.")
    said = {"who": last.by or gettext("The site"), "what": label_of(last.verb), "ago": ago(last.at)}
    return (
        gettext(
            "%(who)s was faster: “%(what)s”, %(ago)s. Load the issue again to see how it stands now; "
            "nothing of yours was saved over it."
        )
        % said
    )
