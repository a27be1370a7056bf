"""The editorial workflow: one table of verbs, and the one function that performs them.

A verb starts from some states of the working copy and of what readers meet, asks for a permission
and a relation to the article, passes its guards, and then changes both with one compare-and-set
and one event, in one transaction. New verbs are rows.
"""

from collections.abc import Callable, Iterable
from copy import copy
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_variables

from articles import checks as article_checks
from articles import effects
from articles.checks import NOTE_CHECKS, TEXT_CHECKS, Problem
from articles.events import Stale, record
from articles.guards import (
    Act,
    another_than_published,
    another_than_withdrew,
    contributes,
    edition_moment_is_right,
    four_eyes,
    has_correction,
    has_notice,
    has_start,
    is_of_their_desk,
    is_only_a_slip,
    is_own_and_new,
    moment_is_right,
    names_held_edition,
    names_past_edition,
    names_review,
    names_waiting_edition,
    nothing_blocks,
    on_desk,
    password_is_right,
    replaces_what_is_theirs,
    says_emergency,
    says_finding,
    says_reason,
    says_reason_to_hold,
    says_something_new,
    says_why,
    shows_nothing_planned,
    submitted_it,
    text_is_complete,
)
from articles.models import Article, Edition
from articles.revisions import VOIDED
from articles.spans import Refused as TimelineRefused
from articles.states import Public, Status
from newsroom.lib import clock
from newsroom.models import User

__all__ = [
    "VERBS",
    "Problem",
    "Refused",
    "Stale",
    "checks",
    "contributes",
    "offered_verbs",
    "open_verbs",
    "perform",
    "warnings",
    "why_not_now",
]


class Refused(Exception):
    """The verb was not performed. `problems` says why, one sentence each."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = list(problems)
        super().__init__(" ".join(map(str, self.problems)))


# The table --------------------------------------------------------------------------------

ANY_STATUS = frozenset(Status)
ANY_PUBLIC = frozenset(Public)
SEEN = frozenset({Public.LIVE, Public.LIVE_UPDATE})
NOT_WITHDRAWN = ANY_PUBLIC - {Public.WITHDRAWN}
NOT_SEEN = NOT_WITHDRAWN - SEEN
KNOWN = NOT_WITHDRAWN - {Public.UNPUBLISHED}


@dataclass(frozen=True)
class Verb:
    """A row of the table. `target` None leaves the status; `asks` names the fields of a form.

    `done` is said afterwards; it may hold %(seconds)s, the time to undo.
    """

    name: str
    label: str
    help: str
    done: str
    sources: frozenset[Status]
    target: Status | None
    public: frozenset[Public]
    permission: str
    who: Callable[[User, Article], bool]
    guards: tuple[Callable[[Act], Iterable[Problem]], ...] = ()
    asks: tuple[str, ...] = ()
    effect: Callable[[Act], Edition | None] | None = None

    def starts_from(self, article: Any) -> bool:
        """Whether both states of `article` (annotated with `public`) allow the verb."""
        return article.status in self.sources and article.public in self.public

    def allowed(self, user: User, article: Article) -> bool:
        """Whether `user` may do this to `article`, whatever state it is in."""
        return user.is_active and user.has_perm(f"articles.{self.permission}") and self.who(user, article)


def _row(
    name: str,
    label: Any,
    help: Any,  # noqa: A002
    done: Any,
    sources: Iterable[Status],
    target: Status | None,
    public: frozenset[Public],
    permission: str,
    who: Callable[[User, Article], bool],
    *guards: Callable[[Act], Iterable[Problem]],
    asks: tuple[str, ...] = (),
    effect: Callable[[Act], Edition | None] | None = None,
) -> tuple[str, Verb]:
    return name, Verb(
        name, label, help, done, frozenset(sources), target, public, permission, who, guards, asks, effect
    )


S, P = Status, Public

# fmt: off
VERBS: dict[str, Verb] = dict([
    # name, label, help, said when done, from, to, readers meet, permission, who, guards...
    _row("submit", _("Submit"), _("Hand it to the desk for review."),
         _("It is with the desk now, for review."),
         {S.DRAFT, S.CHANGES_REQUESTED}, S.IN_REVIEW, ANY_PUBLIC, "submit_article", contributes),
    _row("recall", _("Recall"), _("Take it back from review, to go on writing."),
         _("It is a draft again."),
         {S.IN_REVIEW}, S.DRAFT, ANY_PUBLIC, "submit_article", submitted_it),
    _row("request_changes", _("Request changes…"), _("Send it back with a note."),
         _("It is back with its writer, with your note."),
         {S.IN_REVIEW, S.APPROVED}, S.CHANGES_REQUESTED, ANY_PUBLIC, "approve_article", on_desk,
         says_why, asks=("note",)),
    _row("approve", _("Approve"), _("Vouch for exactly this text."),
         _("Exactly this text is approved, and may be published."),
         {S.IN_REVIEW}, S.APPROVED, ANY_PUBLIC, "approve_article", on_desk,
         text_is_complete, nothing_blocks, four_eyes, effect=effects.approve),
    _row("park", _("Park…"), _("Put it aside with a reason; readers notice nothing."),
         _("It is put aside. “Resume” takes it up again."),
         ANY_STATUS - {S.APPROVED, S.PARKED}, S.PARKED, ANY_PUBLIC, "submit_article", contributes,
         says_reason, asks=("note",)),
    _row("resume", _("Resume"), _("Take it up again as a draft."),
         _("It is a draft again."),
         {S.PARKED}, S.DRAFT, ANY_PUBLIC, "submit_article", contributes),

    _row("publish", _("Publish"), _("Readers see it after the time to undo."),
         _("Readers see it in %(seconds)s seconds. Until then you can undo it."),
         {S.APPROVED}, None, NOT_SEEN, "publish_article", on_desk,
         says_something_new, text_is_complete, nothing_blocks, moment_is_right, effect=effects.publish),
    _row("update", _("Publish update"), _("New facts: readers see them, and when the article was updated."),
         _("Readers see the update in %(seconds)s seconds. Until then you can undo it."),
         {S.APPROVED}, None, SEEN, "publish_article", on_desk,
         replaces_what_is_theirs, says_something_new, shows_nothing_planned, text_is_complete, nothing_blocks,
         moment_is_right, effect=effects.publish),
    _row("minor", _("Publish minor change"), _("A slip of typing: the times that readers see stay as they are."),
         _("Readers see the change in %(seconds)s seconds. Until then you can undo it."),
         {S.APPROVED}, None, SEEN, "publish_article", on_desk,
         replaces_what_is_theirs, says_something_new, shows_nothing_planned, is_only_a_slip, text_is_complete,
         nothing_blocks, moment_is_right, effect=effects.publish_minor),
    _row("correct", _("Publish correction…"), _("An error is mended, and readers are told what was wrong."),
         _("Readers see the correction in %(seconds)s seconds. Until then you can undo it."),
         {S.APPROVED}, None, SEEN, "publish_article", on_desk,
         replaces_what_is_theirs, has_correction, says_something_new, shows_nothing_planned, text_is_complete,
         nothing_blocks, moment_is_right, asks=("notice",), effect=effects.correct),
    _row("schedule", _("Schedule…"), _("Readers see it from a time you choose, and until one if you like."),
         _("It is scheduled, and comes by itself."),
         {S.APPROVED}, None, NOT_WITHDRAWN, "publish_article", on_desk,
         replaces_what_is_theirs, has_start, says_something_new, text_is_complete, nothing_blocks, moment_is_right,
         asks=("starts_at", "expires_at"), effect=effects.schedule),
    _row("emergency", _("Publish in an emergency…"),
         _("Readers see this text without approval. A colleague reviews it afterwards."),
         _("Readers see it in %(seconds)s seconds. Until then you can undo it. A colleague must review it."),
         ANY_STATUS - {S.PARKED}, None, NOT_WITHDRAWN, "emergency_article", on_desk,
         replaces_what_is_theirs, says_emergency, password_is_right, says_something_new, shows_nothing_planned,
         text_is_complete, moment_is_right,
         asks=("note", "password"), effect=effects.publish_in_emergency),
    _row("review", _("Close the emergency review…"), _("Say what you found in a text that was published unapproved."),
         _("The review is closed, with what you found."),
         ANY_STATUS, None, ANY_PUBLIC, "approve_article", on_desk,
         names_review, says_finding, another_than_published,
         asks=("review", "verdict", "note"), effect=effects.close_review),

    _row("undo", _("Undo"), _("Take back what you have just published, before readers see it."),
         _("It was not published; readers have seen nothing of it."),
         ANY_STATUS, None, ANY_PUBLIC, "publish_article", on_desk,
         names_waiting_edition, is_own_and_new, asks=("edition",), effect=effects.cancel),
    _row("now", _("Publish now"), _("Do not wait for the time to undo."),
         _("Readers see it now."),
         ANY_STATUS, None, NOT_WITHDRAWN, "publish_article", on_desk,
         names_waiting_edition, is_of_their_desk, nothing_blocks, moment_is_right,
         asks=("edition",), effect=effects.bring_forward),
    _row("hold", _("Hold…"), _("Keep it back until it is released; what readers see now runs on."),
         _("It is held. “Release” lets it come."),
         ANY_STATUS, None, ANY_PUBLIC, "publish_article", on_desk,
         names_waiting_edition, is_of_their_desk, says_reason_to_hold,
         asks=("edition", "note"), effect=effects.hold),
    _row("release", _("Release…"), _("Let a held edition come, at its own time or at a new one."),
         _("It comes by itself again."),
         ANY_STATUS, None, NOT_WITHDRAWN, "publish_article", on_desk,
         names_held_edition, is_of_their_desk, nothing_blocks, edition_moment_is_right,
         asks=("held_edition", "starts_at"), effect=effects.release),
    _row("cancel", _("Cancel publication…"), _("Take a waiting edition away; the timeline is as it was before."),
         _("It will not be published; the timeline is as it was before."),
         ANY_STATUS, None, ANY_PUBLIC, "publish_article", on_desk,
         names_waiting_edition, is_of_their_desk, asks=("edition",), effect=effects.cancel),

    _row("withdraw", _("Withdraw…"), _("Hide it from readers behind a public notice."),
         _("Readers see your notice in its place now."),
         ANY_STATUS, None, KNOWN, "withdraw_article", on_desk,
         has_notice, asks=("notice", "reason"), effect=effects.withdraw),
    _row("reinstate", _("Reinstate"), _("Lift the withdrawal."),
         _("Readers see it again."),
         ANY_STATUS, None, frozenset({P.WITHDRAWN}), "reinstate_article", on_desk,
         another_than_withdrew, effect=effects.reinstate),
    _row("hide", _("Hide in the history…"),
         _("Readers see a notice in the place of this past edition, and of its correction."),
         _("Readers see your notice in its place in the history."),
         ANY_STATUS, None, ANY_PUBLIC, "withdraw_article", on_desk,
         names_past_edition, has_notice, asks=("past_edition", "notice"), effect=effects.hide),
    _row("unhide", _("Show in the history"), _("Let readers see this past edition in the history again."),
         _("Readers see it in the history again."),
         ANY_STATUS, None, ANY_PUBLIC, "withdraw_article", on_desk,
         names_past_edition, asks=("past_edition",), effect=effects.unhide),
])
# fmt: on


# Performing -------------------------------------------------------------------------------


def open_verbs(user: User, article: Article) -> list[Verb]:
    """The verbs that `user` may perform on `article` in its present states, in the table's order."""
    present = _present(article)
    return [verb for verb in VERBS.values() if verb.starts_from(present) and verb.allowed(user, present)]


def offered_verbs(user: User, article: Article) -> list[Verb]:
    """The verbs for the buttons of a form that saves first: open now, or opened by an edit that makes it a draft."""
    present = _present(article)
    edited = copy(present)
    edited.status = Status.DRAFT if present.status in VOIDED else present.status
    return [
        verb
        for verb in VERBS.values()
        if verb.allowed(user, present) and (verb.starts_from(present) or verb.starts_from(edited))
    ]


@sensitive_variables("asked", "act")
def perform(name: str, article: Article, *, by: User, **asked: Any) -> Article:
    """Do the verb `name` to `article` and return the article as it now stands.

    `article` carries the state that the editor saw: raises Stale where a colleague has changed
    status or text since. Raises Refused with every problem found, and changes nothing then.
    """
    verb = VERBS[name]
    with transaction.atomic():
        present = _present(article, for_update=True)
        if not verb.allowed(by, present):
            raise Refused([Problem(gettext("You may not do this. Ask an editor of the section."))])
        if (article.status, article.revision_id) != (present.status, present.revision_id):
            raise Stale(present)
        if not verb.starts_from(present):
            raise Refused([_wrong_state(verb, present)])
        act = Act(article=present, by=by, now=clock.now(), asked=_in_utc(asked))
        if problems := [problem for guard in verb.guards for problem in guard(act)]:
            raise Refused(problems)
        _carry_out(verb, act)
    return _present(article)


def why_not_now(verb: Verb, article: Article) -> Problem:
    """Why `verb` does not start from the present states of `article`, and the way on."""
    return _wrong_state(verb, _present(article))


def checks(article: Article) -> list[Problem]:
    """What stands in the way of approving the article as saved."""
    return article_checks.run(TEXT_CHECKS + NOTE_CHECKS, article, clock.now())


def warnings(article: Article) -> list[Problem]:
    """What editors should know, though it blocks nothing."""
    return article_checks.run(article_checks.WARNINGS, article, clock.now())


def _present(article: Article, *, for_update: bool = False) -> Any:
    if for_update:
        # Readers of other rows wait for nobody; writers of this article queue up here.
        Article.objects.locked().only("pk").get(pk=article.pk)
    articles = Article.objects.select_related("revision", "section").prefetch_related("section__editors")
    return articles.with_public_state(clock.now()).get(pk=article.pk)


def _in_utc(asked: dict[str, Any]) -> dict[str, Any]:
    """Moments of one zone compare by what its clocks show, which is wrong where they are put back."""
    return {name: value.astimezone(UTC) if isinstance(value, datetime) else value for name, value in asked.items()}


def _carry_out(verb: Verb, act: Act) -> None:
    article, before = act.article, act.article.status
    after = verb.target or Status(before)
    moved = Article.objects.filter(pk=article.pk, status=before, revision=article.revision_id).update(status=after)
    if not moved:
        raise Stale(article)
    article.status = after
    try:
        edition = verb.effect(act) if verb.effect else None
    except TimelineRefused as refusal:
        raise Refused([Problem(str(refusal))]) from refusal
    note = act.asked.get("note") or act.asked.get("notice") or ""
    record(
        article,
        verb.name,
        by=act.by,
        before=before,
        after=after,
        note=note,
        revision=article.revision,
        edition=edition,
    )


def _wrong_state(verb: Verb, article: Any) -> Problem:
    """Most often the text was changed since it was submitted, or was not."""
    status, public = Status(article.status), Public(article.public)
    if status in VOIDED and status not in verb.sources and Status.DRAFT in verb.sources:
        return Problem(
            gettext("“%(verb)s” is not possible: nothing in the text has changed, so it is still %(status)s.")
            % {"verb": str(verb.label).rstrip("…"), "status": status.label}
        )
    if public in verb.public and status == Status.DRAFT and VOIDED & verb.sources:
        return Problem(
            gettext("“%(verb)s” is not possible yet: the text is a draft. Submit it, so that it can be reviewed.")
            % {"verb": str(verb.label).rstrip("…")}
        )
    return Problem(
        gettext(
            "“%(verb)s” is not possible now: the text is “%(status)s”, and for readers the article is “%(public)s”."
        )
        % {"verb": str(verb.label).rstrip("…"), "status": status.label, "public": public.label}
    )
