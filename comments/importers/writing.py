"""Keeps the comments of one thread of an import, each once."""

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import unquote

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models.functions import Lower
from django.utils.crypto import get_random_string
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from articles.models import Address, Article
from comments import forgetting, moderation, posting, text
from comments.importers import words
from comments.importers.items import Said, Skipped, Thread
from comments.models import Comment, Commenter
from comments.states import State
from newsroom.lib import addresses, clock
from newsroom.lib.emails import mailbox, parse

# Comments that are written in one transaction: others who write do not wait long.
AT_ONCE = 100


@dataclass(frozen=True)
class Kept:
    """A comment that is in the newsroom now; not `new`: it was imported before. `note` says what is not as it was."""

    new: bool
    state: State
    note: str = ""


@dataclass(frozen=True)
class Writer:
    """`addresses`: whether email addresses are kept, unconfirmed. `rehearse`: all is done, and taken back."""

    addresses: bool = True
    rehearse: bool = False

    def write(self, thread: Thread | None, comments: list[Said]) -> Iterator[Kept | Skipped]:
        """Keep the comments of a thread in the order of their dates, each behind the one that it answers."""
        article = find_article(thread) if thread else None
        if article is None:
            yield _no_article(thread, comments)
            return
        ordered = list(parents_first(comments))
        at_once = len(ordered) if self.rehearse else AT_ONCE
        for place in range(0, len(ordered), at_once):
            with transaction.atomic():
                done = [self._keep(said, article) for said in ordered[place : place + at_once]]
                transaction.set_rollback(self.rehearse)
            yield from done

    def _keep(self, said: Said, article: Article) -> Kept | Skipped:
        found = Comment.objects.filter(source=said.source).only("state").first()
        if found is not None:
            return Kept(new=False, state=State(found.state))
        body = words.plain(said.html) if len(said.html) <= words.LONGEST else ""
        if not text.says_something(body):
            sentence = _("Comment %(source)s has no words, or far too many for one.")
            return Skipped("empty", sentence % {"source": said.source})
        comment = self._comment(said, article, body)
        note = _place(comment, said)
        comment.save(force_insert=True)
        if comment.parent_id is None:
            comment.root = comment
            comment.save(update_fields=["root"])
        moderation.take_import(comment, said.state)
        return Kept(new=True, state=said.state, note=note)

    def _comment(self, said: Said, article: Article, body: str) -> Comment:
        recent = said.at > clock.now() - forgetting.NETWORKS_KEPT
        return Comment(
            article=article,
            commenter=self._commenter(said),
            display_name=words.name(said.name) or _("Anonymous"),
            body=body,
            body_html=text.to_html(body),
            created_at=said.at,
            published_at=said.at if said.state == State.PUBLISHED else None,
            state_at=clock.now(),
            # Nobody is mailed about what was said years ago.
            announced_at=clock.now(),
            address_prefix=addresses.prefix(said.network) if recent else "",
            address_hmac=addresses.fingerprint(said.network) if recent else "",
            submit_key=f"import {get_random_string(32)}",
            source=said.source,
        )

    def _commenter(self, said: Said) -> Commenter | None:
        """Whose address it is said to be. It is not verified, earns nothing and gets no mail, and can be erased."""
        if not self.addresses:
            return None
        try:
            email = parse(said.email)
        except ValidationError:
            return None
        theirs = Commenter.objects.annotate(compared=Lower("email")).filter(compared=email.norm)
        if found := theirs.first():
            return found
        try:
            with transaction.atomic():
                return Commenter.objects.create(email=mailbox(email.typed, email.norm), name=words.name(said.name))
        except IntegrityError:  # by somebody who comments at this instant
            return theirs.first()


def find_article(thread: Thread) -> Article | None:
    """The article that the same export was imported to, else the one that any of the addresses leads to."""
    if thread.import_id:
        key = {"import_source": thread.import_source, "import_id": thread.import_id}
        if found := Article.objects.filter(**key).first():
            return found
    paths = [unicodedata.normalize("NFC", unquote(path)) for path in thread.paths]
    paths += [f"{path}/" for path in paths if not path.endswith("/")]
    found_at = {address.path: address.article for address in _addresses(paths)}
    return next((found_at[path] for path in paths if path in found_at), None)


def _addresses(paths: list[str]) -> list[Address]:
    return list(Address.objects.filter(path__in=paths).select_related("article"))


def parents_first(comments: list[Said]) -> Iterator[Said]:
    """In the order given, but for those that stand before the one they answer. Of a circle, none is kept back."""
    by_source = {said.source: said for said in comments}
    done: set[str] = set()
    for said in comments:
        line = []
        step: Said | None = said
        while step is not None and step.source not in done:
            done.add(step.source)
            line.append(step)
            step = by_source.get(step.parent)
        yield from reversed(line)


def _place(comment: Comment, said: Said) -> str:
    """Put a reply under its parent. Returns a sentence where it stands by itself instead."""
    if not said.parent:
        return ""
    parent = Comment.objects.filter(source=said.parent, article=comment.article_id).first()
    if parent is None:
        sentence = _("Comment %(source)s answers %(parent)s, which is not there: it stands by itself.")
        return sentence % {"source": said.source, "parent": said.parent}
    if said.state == State.PUBLISHED and parent.state not in (State.PUBLISHED, State.WITHDRAWN, State.ERASED):
        sentence = _("Comment %(source)s answers %(parent)s, which readers do not see: it stands by itself.")
        return sentence % {"source": said.source, "parent": said.parent}
    posting.place_under(comment, parent)
    return ""


def _no_article(thread: Thread | None, comments: list[Said]) -> Skipped:
    where = (thread.title or (thread.paths or ("",))[0] or thread.key) if thread else comments[0].thread
    sentence = ngettext(
        "No article is known for “%(where)s”: its comment was left out. Import the articles first.",
        "No article is known for “%(where)s”: its %(count)d comments were left out. Import the articles first.",
        len(comments),
    )
    return Skipped("article", sentence % {"where": where[:200], "count": len(comments)})
