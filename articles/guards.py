"""What stands in a verb's way: who may, and each guard that yields the problems it finds."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from articles import checks
from articles.checks import MOMENT_CHECKS, TEXT_CHECKS, Problem
from articles.models import Article
from newsroom.models import SiteSettings, User


@dataclass(frozen=True)
class Act:
    """One attempt at a verb: by whom, on what, when, with what was asked for."""

    article: Article
    by: User
    now: datetime
    asked: dict[str, Any] = field(default_factory=dict)


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
    desk = set(article.section.editors.values_list("pk", flat=True)) if article.section else set()
    return not desk or user.pk in desk


# Guards: each yields the problems that stand in the way -------------------------------------


def text_is_complete(act: Act) -> Iterable[Problem]:
    return checks.run(TEXT_CHECKS, act.article, act.asked.get("starts_at") or act.now)


def moment_is_right(act: Act) -> Iterable[Problem]:
    return checks.run(MOMENT_CHECKS, act.article, act.asked.get("starts_at") or act.now)


def four_eyes(act: Act) -> Iterable[Problem]:
    if SiteSettings.current().four_eyes and act.by.pk in writers(act.article):
        yield Problem(_("You wrote part of this text yourself. Ask a colleague to approve it."))


def says_why(act: Act) -> Iterable[Problem]:
    if not (act.asked.get("note") or "").strip():
        yield Problem(_("Say what is to be changed, so that the writer knows."), "note")


def says_reason(act: Act) -> Iterable[Problem]:
    if not (act.asked.get("note") or "").strip():
        yield Problem(_("Say why it is put aside, so that colleagues know."), "note")


def has_notice(act: Act) -> Iterable[Problem]:
    if not (act.asked.get("notice") or "").strip():
        yield Problem(_("Write the notice that readers will see in the article's place."), "notice")


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
    same = act.article.editions.filter(revision__content_hash=_hash(act.article))
    waiting = same.upcoming(act.now)
    if starts:
        waiting = waiting.filter(starts_at=starts, expires_at=act.asked.get("expires_at"))
    if first := waiting.first():
        yield Problem(
            _("Exactly this text is waiting already, for %(time)s. Cancel that publication first to change it.")
            % {"time": timezone.localtime(first.live_from).strftime("%Y-%m-%d %H:%M:%S %Z")}
        )
    elif not starts and same.spanning(act.now).filter(live_until=None).exists():
        yield Problem(_("Readers see exactly this text already. Change something first."))


def names_waiting_edition(act: Act) -> Iterable[Problem]:
    edition = act.asked.get("edition")
    if not edition:
        yield Problem(_("Choose which of the waiting editions is meant."), "edition")
    elif edition.article_id != act.article.pk:
        yield Problem(_("This edition belongs to another article. Load the page again."), "edition")


def another_than_withdrew(act: Act) -> Iterable[Problem]:
    if SiteSettings.current().four_eyes and act.article.withdrawals.filter(lifted_at=None, by=act.by).exists():
        yield Problem(_("You withdrew this article yourself. Ask a colleague to reinstate it."))


def _hash(article: Article) -> str:
    return article.revision.content_hash if article.revision else ""


def writers(article: Article) -> set[int]:
    """The keys of all who wrote something of the present revision since the text was last approved."""
    approved = set(article.approvals.values_list("content_hash", flat=True))
    keys = set()
    for content_hash, author in article.revisions.order_by("-number").values_list("content_hash", "author"):
        if content_hash in approved:
            break
        if author is not None:
            keys.add(author)
    return keys
