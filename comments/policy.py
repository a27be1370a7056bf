"""What the rules make of a comment before a moderator sees it: one table, walked from the top.

How many comments a network or a reader may send is counted before, by comments.posting.allow: what is too many
is not even read.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cached_property
from typing import TYPE_CHECKING

from django.db.models import F, Q
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from articles.models import Edition
from comments.digests import digests
from comments.models import Ban, Comment, Commenter, ModerationAction, Opening, WordRule
from comments.spam import bayes, scoring
from comments.spam.proof import Proof
from comments.states import Mode, State
from newsroom.lib import clock

if TYPE_CHECKING:
    from django.db.models import QuerySet

# Comments with more links than this are held, whatever they say.
LINKS_LIMIT = 5
# From this risk on, a browser has to do some work before its comment is read (comments.spam.proof).
PROOF_FROM = 20
# How the log says that it was done.
_DONE = "done"
# Comments that people approved, before a reader is trusted.
TRUSTED_FROM = 3
# How many of a reader's last decided comments trust looks at.
REMEMBERED = 50
# What a rule is tried on.
TRIED_ON = timedelta(days=30)
TRIED_AT_MOST = 10_000


class Refused(Exception):
    """The comment is not taken. As text: why, and what to do."""


class ProofNeeded(Refused):
    """The comment is not taken yet: its sender's browser is to do some work first."""


@dataclass(frozen=True)
class Finding:
    """What a step decides: the state, with what it found. Without a state the next step is to decide."""

    state: State | None
    found: str = ""
    reason: str = ""


@dataclass
class Asked:
    """The comment that the steps are asked of, what came with it, and what several of them want to know."""

    comment: Comment
    proof: Proof | None = None

    @cached_property
    def opening(self) -> Opening:
        return opening_of(self.comment.article_id)


@dataclass
class Judgement:
    """The state that the rules give, the name of the step that did, and what each step found."""

    state: State = State.PENDING
    rule: str = ""
    reason: str = ""
    steps: list[dict[str, str]] = field(default_factory=list)


@dataclass(frozen=True)
class Step:
    """One row of the table. `ask` gives None where the next step is to decide; raises Refused."""

    name: str
    label: str
    ask: Callable[[Asked], Finding | None]


def judge(comment: Comment, proof: Proof | None = None) -> Judgement:
    """Walk the table; raises Refused where no comment is taken at all, and ProofNeeded.

    `comment` has its words, signals and score, and need not be saved. `proof` is None where none is wanted.
    """
    asked, judgement = Asked(comment, proof), Judgement()
    for step in POLICY:
        finding = step.ask(asked)
        judgement.steps.append({"step": step.name, "found": finding.found if finding else ""})
        if finding and finding.state:
            judgement.state, judgement.rule, judgement.reason = finding.state, step.name, finding.reason
            break
    return judgement


# Steps --------------------------------------------------------------------------------------


def opening_of(article_id: int) -> Opening:
    """How the article takes comments: by its own row, by its section's, or pre-moderated. One query."""
    asked = Q(article=article_id) | Q(section__articles=article_id)
    return Opening.objects.filter(asked).order_by(F("article").asc(nulls_last=True)).first() or Opening()


def is_closed(opening: Opening, article_id: int) -> bool:
    """Whether its mode or its age keeps comments from the article now. One query where it closes by age."""
    if opening.mode == Mode.CLOSED:
        return True
    if opening.closes_after is None:
        return False
    first = Edition.objects.live().filter(article=article_id).values_list("published_at", flat=True).first()
    return first is not None and clock.now() >= first + timedelta(days=opening.closes_after)


def _closed(asked: Asked) -> None:
    if is_closed(asked.opening, asked.comment.article_id):
        raise Refused(_("Comments on this article are closed. Copy your text if you want to keep it."))


def _banned(asked: Asked) -> None:
    comment = asked.comment
    ban = ban_of(comment.commenter_id, comment.address_prefix)
    if ban is None:
        return
    if ban.ends_at is None:
        raise Refused(_("You cannot write comments here: %(reason)s") % {"reason": ban.reason})
    raise Refused(
        _("You cannot write comments here until %(end)s: %(reason)s")
        % {"end": date_format(ban.ends_at, "DATETIME_FORMAT"), "reason": ban.reason}
    )


def ban_of(commenter_id: int | None, network: str) -> Ban | None:
    """The ban in force on the commenter or on the network (as comments keep it) that ends last.

    Whoever was banned under an address, had all of it erased and came back with it is still banned.
    """
    about = Q(pk__in=())
    if commenter_id is not None:
        email = Commenter.objects.filter(pk=commenter_id).values_list("email", flat=True).first()
        about |= Q(commenter=commenter_id)
        about |= Q(commenter__digest__in=digests(email)) if email else Q()
    if network:
        about |= Q(network=network)
    return Ban.objects.in_force(clock.now()).filter(about).order_by(F("ends_at").desc(nulls_first=True)).first()


def _proof(asked: Asked) -> Finding | None:
    """Whoever cannot do the work, for want of a script, waits for a moderator instead."""
    risk = scoring.risk(asked.comment)
    if asked.proof is None or risk < PROOF_FROM:
        return None
    if asked.proof.solved:
        return Finding(None, f"{_DONE}, {risk}")
    if asked.proof.able:
        raise ProofNeeded(_("Your browser is checking your comment. Please send it again in a moment."))
    return Finding(State.HELD, f"not done, {risk}")


def steps_of_work(judgement: Judgement) -> list[dict[str, str]]:
    """What the judgement says of work that was to be done; nothing where there was none."""
    return [step for step in judgement.steps if step["step"] == "proof" and step["found"]]


def shows_work(steps: Iterable[dict[str, str]]) -> bool:
    """Whether these steps of an earlier judgement say that the work was done."""
    return any(step["step"] == "proof" and step["found"].startswith(_DONE) for step in steps)


def _words(asked: Asked) -> Finding | None:
    """The strictest rule that matches decides."""
    rules = WordRule.objects.filter(active=True).order_by(F("then").desc(), "pk")  # reject, then hold
    said = bayes.folded(f"{asked.comment.display_name}\n{asked.comment.body}")
    for rule in rules:
        if found := matched(rule, said):
            state = State.REJECTED if rule.then == WordRule.REJECT else State.HELD
            return Finding(state, found, rule.reason if state == State.REJECTED else "")
    return None


def _links(asked: Asked) -> Finding | None:
    links = len(bayes.links(asked.comment.body))
    return Finding(State.HELD, str(links)) if links > LINKS_LIMIT else None


def _score(asked: Asked) -> Finding | None:
    risk = scoring.risk(asked.comment)
    return Finding(State.HELD, str(risk)) if risk >= bayes.HOLD_FROM else None


def _trust(asked: Asked) -> Finding:
    """The last step always decides: by the mode, and by what people approved of this reader before."""
    mode = asked.opening.mode
    if mode == Mode.POST:
        return Finding(State.PUBLISHED, mode)
    if mode == Mode.TRUSTED and (trust := trust_in(asked.comment.commenter_id)) >= TRUSTED_FROM:
        return Finding(State.PUBLISHED, f"{mode}, {trust}")
    return Finding(State.PENDING, mode)


POLICY = (
    Step("closed", gettext_noop("Closed articles and sections"), _closed),
    Step("ban", gettext_noop("Bans"), _banned),
    Step("proof", gettext_noop("Proof of work"), _proof),
    Step("words", gettext_noop("Words"), _words),
    Step("links", gettext_noop("Links"), _links),
    Step("score", gettext_noop("Spam score"), _score),
    Step("trust", gettext_noop("Mode and trust"), _trust),
)
LABELS = {step.name: step.label for step in POLICY}


# Trust --------------------------------------------------------------------------------------


def trust_in(commenter_id: int | None) -> int:
    """How many approvals by people a reader with a verified address has; a rejection takes away half of them."""
    if commenter_id is None:
        return 0
    last = ModerationAction.objects.filter(
        comment__commenter=commenter_id,
        comment__commenter__verified_at__isnull=False,
        state_version=F("comment__state_version"),
        automated=False,
        by__isnull=False,
        # Whoever picked it, or took it out of the picks again, found it good enough to stay.
        decision__in=("approve", "grant", "pick", "unpick", "reject", "spam"),
    )
    trust = 0
    for decision in reversed(last.order_by("-pk").values_list("decision", flat=True)[:REMEMBERED]):
        trust = trust // 2 if decision in ("reject", "spam") else trust + 1
    return trust


# Words --------------------------------------------------------------------------------------


def matched(rule: WordRule, said: str) -> str:
    """The words in `said`, which is folded, that the rule matches; "" if none."""
    words = bayes.folded(rule.words).rstrip("*").split()
    pattern = r"\W+".join(map(re.escape, words)) + (r"\w*" if rule.words.rstrip().endswith("*") else "")
    match = re.search(rf"(?<!\w){pattern}(?!\w)", said) if words else None
    return match[0] if match else ""


def tried(rule: WordRule) -> list[Comment]:
    """The comments of the last month that the rule would have caught, newest first; of the newest TRIED_AT_MOST."""
    month: QuerySet[Comment] = Comment.objects.filter(created_at__gte=clock.now() - TRIED_ON).defer("body_html")
    return list(_caught(rule, month.order_by("-pk")[:TRIED_AT_MOST].iterator(chunk_size=500)))


def _caught(rule: WordRule, comments: Iterable[Comment]) -> Iterable[Comment]:
    return (comment for comment in comments if matched(rule, bayes.folded(f"{comment.display_name}\n{comment.body}")))
