"""What stands in a verb's way: who may, and each guard that yields the problems it finds."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from articles import checks
from articles.checks import MOMENT_CHECKS, NOTE_CHECKS, TEXT_CHECKS, Problem
from articles.lineage import Lineage
from articles.models import Article, Revision, Section
from articles.slips import more_than_a_slip
from newsroom.lib import throttle
from newsroom.models import SiteSettings, User


@dataclass(frozen=True)
class Act:
    """One attempt at a verb: by whom, on what, when, with what was asked for."""

    article: Article
    by: User
    now: datetime
    asked: dict[str, Any] = field(default_factory=dict)

    def named_edition(self) -> Any:
        """The edition that the verb is about, by whichever name it was asked for; None where there is none."""
        return next((self.asked[name] for name in EDITIONS if self.asked.get(name)), None)

    def said(self, name: str) -> str:
        """What was written for `name`, or ""."""
        return (self.asked.get(name) or "").strip()


# The names under which a verb asks for an edition.
EDITIONS = ("edition", "held_edition", "past_edition")
# How often somebody may give a wrong password for an emergency, and in how many seconds.
PASSWORDS, PASSWORDS_IN = 5, 300


# Who: the relation to the article that a verb needs besides the permission ------------------


def contributes(user: User, article: Article) -> bool:
    """Whether `user` works on this article: its owner, its assignee, its desk, or anybody's editor."""
    if user.is_superuser or user.has_perm("articles.publish_anything"):
        return True
    return user.pk in (article.owner_id, article.assignee_id) or (
        user.has_perm("articles.change_article") and on_desk(user, article)
    )


def on_desk(user: User, article: Article) -> bool:
    """Whether the article's section is open to `user` as an editor."""
    if user.is_superuser or user.has_perm("articles.publish_anything") or article.section_id is None:
        return True
    # Read whole, so that a prefetched desk is asked for once, however many verbs look at it.
    desk = {editor.pk for editor in article.section.editors.all()} if article.section else set()
    return not desk or user.pk in desk


def submitted_it(user: User, article: Article) -> bool:
    """Whether `user` handed the article in for the review that it is in."""
    last = article.events.filter(verb="submit").first()
    return last is not None and last.by_id == user.pk


# Guards: each yields the problems that stand in the way -------------------------------------


def text_is_complete(act: Act) -> Iterable[Problem]:
    return checks.run(TEXT_CHECKS, act.article, act.asked.get("starts_at") or act.now)


def moment_is_right(act: Act) -> Iterable[Problem]:
    return checks.run(MOMENT_CHECKS, act.article, act.asked.get("starts_at") or act.now)


def four_eyes(act: Act) -> Iterable[Problem]:
    if SiteSettings.current().four_eyes and act.by.pk in writers(act.article):
        yield Problem(_("You wrote part of this text yourself. Ask a colleague to approve it."))


def nothing_blocks(act: Act) -> Iterable[Problem]:
    return checks.run(NOTE_CHECKS, act.article, act.now)


def says_why(act: Act) -> Iterable[Problem]:
    if not act.said("note"):
        yield Problem(_("Say what is to be changed, so that the writer knows."), "note")


def says_reason(act: Act) -> Iterable[Problem]:
    if not act.said("note"):
        yield Problem(_("Say why it is put aside, so that colleagues know."), "note")


def says_reason_to_hold(act: Act) -> Iterable[Problem]:
    if not act.said("note"):
        yield Problem(_("Say why it is held, so that colleagues know when to release it."), "note")


def says_emergency(act: Act) -> Iterable[Problem]:
    if not act.said("note"):
        yield Problem(_("Say what the emergency is. Whoever reviews it afterwards reads this."), "note")


def says_finding(act: Act) -> Iterable[Problem]:
    if not act.said("note"):
        yield Problem(_("Say what you found: that the text is right, or what is to be done about it."), "note")
    if act.asked.get("verdict") not in ("right", "wrong"):
        yield Problem(_("Choose whether you vouch for the text."), "verdict")


def password_is_right(act: Act) -> Iterable[Problem]:
    """Asked again, so that nobody publishes in an emergency from a desk that somebody else has left."""
    if not throttle.allow(f"emergency:{act.by.pk}", PASSWORDS, PASSWORDS_IN):
        yield Problem(_("Too many tries. Wait five minutes, or ask another duty editor."), "password")
    elif not act.by.check_password(act.asked.get("password") or ""):
        yield Problem(_("This is not your password. Type the one that you sign in with."), "password")


def has_notice(act: Act) -> Iterable[Problem]:
    if not act.said("notice"):
        yield Problem(_("Write the notice that readers will see in its place."), "notice")


def has_correction(act: Act) -> Iterable[Problem]:
    if not act.said("notice"):
        yield Problem(_("Tell readers what was wrong and what is right."), "notice")


def is_only_a_slip(act: Act) -> Iterable[Problem]:
    """Compared with what readers see now."""
    live = act.article.editions.spanning(act.now).select_related("revision").first()
    if live is None or act.article.revision is None:
        return
    said = {
        "headline": _("The headline changed, so this is more than a slip. Publish it as an update or a correction."),
        "number": _("A number changed, so this is more than a slip. Publish it as an update or a correction."),
        "quotation": _("A quotation changed, so this is more than a slip. Publish it as an update or a correction."),
    }
    for name in more_than_a_slip(live.revision.content, act.article.revision.content):
        yield Problem(said[name], "headline" if name == "headline" else "body")


def has_start(act: Act) -> Iterable[Problem]:
    starts, ends = act.asked.get("starts_at"), act.asked.get("expires_at")
    if not starts:
        yield Problem(_("Say when it is to be published."), "starts_at")
    elif starts <= act.now:
        yield Problem(_("The start is not in the future. Choose a later time, or publish now."), "starts_at")
    elif ends and ends <= starts:
        yield Problem(_("It would end before it starts. Choose an end after the start."), "expires_at")


def says_something_new(act: Act) -> Iterable[Problem]:
    """A second click, or a second editor, must not publish the same text twice."""
    starts = act.asked.get("starts_at")
    digest = _hash(act.article)
    # Also where something was merged into it since: it is the same text that was asked for.
    same = act.article.editions.filter(Q(revision__content_hash=digest) | Q(before_merge__content_hash=digest))
    waiting = same.waiting(act.now)
    if starts:
        waiting = waiting.filter(starts_at=starts, expires_at=act.asked.get("expires_at"))
    if first := waiting.first():
        yield Problem(
            _("Exactly this text is waiting already, for %(time)s. Cancel that publication first to change it.")
            % {"time": timezone.localtime(first.starts_at).strftime("%Y-%m-%d %H:%M:%S %Z")}
        )
    elif not starts and same.spanning(act.now + timedelta(seconds=SiteSettings.current().undo_seconds)).exists():
        yield Problem(_("Readers see exactly this text already. Change something first."))


def shows_nothing_planned(act: Act) -> Iterable[Problem]:
    """What is planned for a time to come does not slip out with a fix of what readers see."""
    article = act.article
    live = article.editions.spanning(act.now).first()
    planned = list(article.editions.waiting(act.now).filter(at_once=False).order_by("starts_at"))
    if live is None or article.revision is None or not planned:
        return
    lineage = Lineage(article)
    for edition in planned:
        text = edition.before_merge_id or edition.revision_id
        if lineage.holds(article.revision.pk, text) and not lineage.holds(live.revision_id, text):
            yield Problem(
                _(
                    "This text holds what is planned for %(time)s, and readers would see it now. Choose “Fix what is "
                    "live” to start from what they see; or publish or cancel the planned edition first."
                )
                % {"time": timezone.localtime(edition.starts_at).strftime("%Y-%m-%d %H:%M %Z")}
            )
            return


def names_waiting_edition(act: Act) -> Iterable[Problem]:
    return _names(act, "edition", _("Choose which of the waiting editions is meant."))


def is_of_their_desk(act: Act) -> Iterable[Problem]:
    """A draft that moves to another section takes nothing along that its own desk has planned."""
    edition = act.named_edition()
    if edition is not None and not _edits(act.by, edition.section):
        said = {"section": edition.section.name}
        yield Problem(_("This edition stands in the section “%(section)s”. Ask one of its editors.") % said)


def replaces_what_is_theirs(act: Act) -> Iterable[Problem]:
    """Nor does it let another desk change what its own desk has published."""
    live = act.article.editions.spanning(act.now).select_related("section").first()
    if live is not None and not _edits(act.by, live.section):
        yield Problem(
            _(
                "Readers see this article in the section “%(section)s”. Ask somebody who edits that section as well, "
                "or a duty editor."
            )
            % {"section": live.section.name}
        )


def _edits(user: User, section: Section) -> bool:
    if user.is_superuser or user.has_perm("articles.publish_anything"):
        return True
    desk = set(section.editors.values_list("pk", flat=True))
    return not desk or user.pk in desk


def names_held_edition(act: Act) -> Iterable[Problem]:
    return _names(act, "held_edition", _("Choose which of the held editions is meant."))


def names_past_edition(act: Act) -> Iterable[Problem]:
    return _names(act, "past_edition", _("Choose which of the past editions is meant."))


def names_review(act: Act) -> Iterable[Problem]:
    return _names(act, "review", _("Choose which of the open reviews is meant."))


def edition_moment_is_right(act: Act) -> Iterable[Problem]:
    """A held edition comes at a new start, if one was given, or at its own; its pictures may be used then."""
    edition = act.named_edition()
    start = act.asked.get("starts_at") or (edition.starts_at if edition else act.now)
    yield from checks.run(MOMENT_CHECKS, act.article, start)
    if edition:
        yield from checks.pictures_may_be_used(act.article, edition.revision.content, start)


def is_own_and_new(act: Act) -> Iterable[Problem]:
    edition = act.named_edition()
    if edition is None:
        return
    if edition.created_by_id != act.by.pk:
        yield Problem(_("Only whoever published it can undo that. Cancel the publication instead."))
    elif edition.starts_at - edition.created_at > timedelta(seconds=SiteSettings.current().undo_seconds):
        yield Problem(_("This was scheduled, not just published. Cancel the publication instead."))


def another_than_published(act: Act) -> Iterable[Problem]:
    review = act.asked.get("review")
    if review is None or not SiteSettings.current().four_eyes:
        return
    edition = review.edition
    text = edition.before_merge or edition.revision
    if act.by.pk in {review.opened_by_id, text.author_id, *writers(act.article, text)}:
        yield Problem(_("You wrote or published this yourself. Ask a colleague to review it."))


def another_than_withdrew(act: Act) -> Iterable[Problem]:
    if SiteSettings.current().four_eyes and act.article.withdrawals.filter(lifted_at=None, by=act.by).exists():
        yield Problem(_("You withdrew this article yourself. Ask a colleague to reinstate it."))


def _names(act: Act, name: str, missing: str) -> Iterable[Problem]:
    """Whether a row of the article is named in what was asked."""
    row = act.asked.get(name)
    if not row:
        yield Problem(missing, name)
    elif row.article_id != act.article.pk:
        yield Problem(_("This belongs to another article. Load the page again."), name)


def _hash(article: Article) -> str:
    return article.revision.content_hash if article.revision else ""


def writers(article: Article, revision: Revision | None = None) -> set[int]:
    """The keys of all who wrote something of `revision` (else the present one) since the text was last approved.

    Looked for along what it came from: an older text that a colleague brought back is still its writer's.
    """
    approved = _approved(article)
    rows = article.revisions.values_list("pk", "content_hash", "author", "parent", "merged")
    known = {pk: (content_hash, author, parents) for pk, content_hash, author, *parents in rows}
    keys: set[int] = set()
    seen: set[int] = set()
    ahead = [revision.pk if revision else article.revision_id]
    while ahead:
        here = ahead.pop()
        if here is None or here in seen or here not in known:
            continue
        seen.add(here)
        content_hash, author, parents = known[here]
        if content_hash not in approved:
            keys |= {author} if author else set()
            ahead.extend(parents)
    return keys


def _approved(article: Article) -> set[str]:
    """The hashes of texts that somebody vouches for, without those that were sent back since."""
    sent_back = article.events.filter(verb="request_changes").values_list("revision__content_hash", "at")
    last = dict(sent_back.order_by("at"))
    approvals = article.approvals.values_list("content_hash", "at")
    return {content_hash for content_hash, at in approvals if content_hash not in last or at > last[content_hash]}
