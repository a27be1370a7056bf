"""Which comments stand on which page, in which order. Nothing else may decide that.

Pages follow each other by keyset: each begins behind the last discussion of the one before, so that none
is met twice and none is passed over while others come and go. A page costs one query.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.http import urlencode

from articles.models import Edition
from comments import openings, policy, threads
from comments.models import Comment
from comments.states import SHOWN, Mode, State
from comments.threads import Node
from newsroom.lib import clock

# Discussions on a page, and what is shown of each there.
ROOTS = 50
REPLIES = 10
# Comments on a page of one long discussion.
THREAD_PAGE = 200

_COLUMNS = (
    "id",
    "public_id",
    "article_id",
    "parent_id",
    "root_id",
    "depth",
    "display_name",
    "body",
    "body_html",
    "state",
    "number",
    "picked_at",
    "created_at",
    "published_at",
    "edited_at",
)


class Sort(StrEnum):
    """The orders that readers may ask for."""

    OLDEST = "oldest"
    NEWEST = "newest"
    PICKED = "picked"


@dataclass(frozen=True)
class Page:
    """What one page shows, and how the article takes more.

    `count` is of all comments that readers can see on the article; None on the page of one discussion.
    """

    roots: list[Node] = field(default_factory=list)
    count: int | None = 0
    any_picked: bool = False
    sort: Sort = Sort.OLDEST
    # The public id of the comment behind which the next page begins; "" on the last one.
    next_after: str = ""
    mode: str = Mode.PRE
    # Days after the article's first publication; None: it stays open.
    closes_after: int | None = None

    def is_closed(self, edition: Edition) -> bool:
        """Whether no comments can be written on the article now, of which `edition` is live."""
        end = openings.end(edition.published_at, self.closes_after)
        return self.mode == Mode.CLOSED or (end is not None and clock.now() >= end)


# Cheap though exact. Discussions are read from an index, in order, and no more than one page of them; of each
# discussion no more is read than is shown. What stands under hidden comments is not counted. There is always a
# row, which says how the article takes comments; without any it has no comment.
_PAGE = """
WITH RECURSIVE buried (id, state) AS (
    SELECT reply.id, reply.state FROM comments_comment reply
    JOIN comments_comment above ON above.id = reply.parent_id
    WHERE reply.article_id = %(article)s AND reply.state IN {shown} AND above.state NOT IN {shown}
    UNION
    SELECT reply.id, reply.state FROM comments_comment reply
    JOIN buried ON buried.id = reply.parent_id
    WHERE reply.state IN {shown}
), picked (root_id) AS (
    SELECT root_id FROM comments_comment
    WHERE article_id = %(article)s AND picked_at IS NOT NULL AND state = %(published)s
), roots (id, place) AS (
    SELECT root.root_id, {place} AS place
    FROM comments_comment root
    WHERE root.article_id = %(article)s AND root.parent_id IS NULL AND root.state IN {shown}
    AND (root.state = %(published)s OR EXISTS (
        SELECT 1 FROM comments_comment reply WHERE reply.root_id = root.id AND reply.state = %(published)s
    ))
    {behind}
    ORDER BY {order}
    LIMIT %(roots)s
), opening (mode, closes_after) AS (
    SELECT mode, closes_after FROM comments_opening
    WHERE article_id = %(article)s
    OR section_id = (SELECT section_id FROM articles_article WHERE id = %(article)s)
    ORDER BY CASE WHEN article_id IS NULL THEN 1 ELSE 0 END
    LIMIT 1
)
SELECT {columns},
    (SELECT mode FROM opening) AS mode, (SELECT closes_after FROM opening) AS closes_after,
    (SELECT COUNT(*) FROM comments_comment WHERE article_id = %(article)s AND state = %(published)s)
    - (SELECT COUNT(*) FROM buried WHERE state = %(published)s) AS shown_count,
    EXISTS (SELECT 1 FROM picked) AS any_picked
FROM (SELECT 1 AS one) always LEFT JOIN roots ON always.one = 1
LEFT JOIN comments_comment comment ON comment.root_id = roots.id
AND comment.state IN {shown} AND {comment_stood} AND comment.id <= COALESCE((
    SELECT last.id FROM comments_comment last
    WHERE last.root_id = roots.id AND last.state IN {shown} AND {last_stood}
    ORDER BY last.id LIMIT 1 OFFSET %(rows)s
), 9223372036854775807)
ORDER BY {shown_order}, comment.id
"""
# What was taken away before readers ever saw it holds no place; what was imported without a number may.
_STOOD = """({0}.number IS NOT NULL OR EXISTS (
        SELECT 1 FROM comments_comment answer WHERE answer.parent_id = {0}.id AND answer.state IN {1}
    ))"""
_AFTER = "(SELECT root_id FROM comments_comment WHERE public_id = %(after)s AND article_id = %(article)s)"
_PICKED = "CASE WHEN {} IN (SELECT root_id FROM picked) THEN 0 ELSE 1 END"
_PLACE, _PLACE_AFTER = _PICKED.format("root.root_id"), _PICKED.format(_AFTER)


@dataclass(frozen=True)
class _Order:
    """How a sort is written in SQL: of roots, of what is shown, and what lies behind the cursor."""

    roots: str
    shown: str
    behind: str
    place: str = "0"


_ORDERS = {
    Sort.OLDEST: _Order("root.root_id", "roots.id", f"AND root.root_id > {_AFTER}"),
    Sort.NEWEST: _Order("root.root_id DESC", "roots.id DESC", f"AND root.root_id < {_AFTER}"),
    Sort.PICKED: _Order(
        "place, root.root_id",
        "roots.place, roots.id",
        f"AND ({_PLACE} > {_PLACE_AFTER} OR ({_PLACE} = {_PLACE_AFTER} AND root.root_id > {_AFTER}))",
        _PLACE,
    ),
}


def _statement(order: _Order, behind: str) -> str:
    shown = "({})".format(", ".join(f"'{state.value}'" for state in SHOWN))
    return _PAGE.format(
        shown=shown,
        comment_stood=_STOOD.format("comment", shown),
        last_stood=_STOOD.format("last", shown),
        columns=", ".join(f"comment.{name}" for name in _COLUMNS),
        place=order.place,
        behind=behind,
        order=order.roots,
        shown_order=order.shown,
    )


# Made of constants alone, once. What readers ask for is a parameter.
_FIRST = {sort: _statement(order, "") for sort, order in _ORDERS.items()}
_NEXT = {sort: _statement(order, order.behind) for sort, order in _ORDERS.items()}


def of_article(article_id: int, sort: Sort = Sort.OLDEST, after: str = "") -> Page:
    """A page of the article's discussions: the first, or that behind the comment with the public id `after`.

    Empty where there is none. A discussion with more than REPLIES replies is cut.
    """
    statement = (_NEXT if after else _FIRST)[sort]
    asked: dict[str, Any] = {
        "article": article_id,
        "published": State.PUBLISHED.value,
        "after": after,
        "roots": ROOTS + 1,
        "rows": REPLIES + 1,
    }
    rows: list[Any] = list(Comment.objects.raw(statement, asked))
    first = rows[0]
    rows = [row for row in rows if row.pk is not None]
    keys = list(dict.fromkeys(row.root_id for row in rows))
    kept, cut = _cut(row for row in rows if row.root_id in keys[:ROOTS])
    roots = threads.tie(kept)
    for node in roots:
        node.cut = node.comment.pk in cut
    return Page(
        roots,
        count=rows[0].shown_count if rows else 0,
        any_picked=bool(rows and rows[0].any_picked),
        sort=sort,
        next_after=_last_root(kept).public_id if len(keys) > ROOTS else "",
        mode=first.mode or Mode.PRE,
        closes_after=first.closes_after,
    )


def _cut(rows: Iterable[Comment]) -> tuple[list[Comment], set[int]]:
    """The rows without what is too much of one discussion, and the keys of the roots of which that was cut."""
    kept, cut, seen = [], set(), Counter[int]()
    for row in rows:
        root = row.root_id or 0
        seen[root] += 1
        if seen[root] <= REPLIES + 1:
            kept.append(row)
        else:
            cut.add(root)
    return kept, cut


def _last_root(rows: list[Comment]) -> Comment:
    return next(row for row in reversed(rows) if not row.parent_id)


def of_thread(root: Comment, after: str = "") -> Page | None:
    """A page of one discussion, in the order in which the comments came in; None where there is none.

    Three queries.
    """
    shown = threads.shown_of_thread(root.pk)
    start = next((place for place, comment in enumerate(shown, 1) if comment.public_id == after), None) if after else 0
    if start is None or not shown:
        return None
    chosen = [comment.pk for comment in shown[start : start + THREAD_PAGE]]
    rows = Comment.objects.filter(pk__in=chosen).only(*_COLUMNS).order_by("pk")
    roots = threads.tie_part(rows, {comment.pk: comment for comment in shown[:start]})
    if not roots:
        return None
    more = len(shown) > start + THREAD_PAGE
    opening = policy.opening_of(root.article_id)
    return Page(
        roots,
        count=None,
        next_after=shown[start + THREAD_PAGE - 1].public_id if more else "",
        mode=opening.mode,
        closes_after=opening.closes_after,
    )


# Addresses --------------------------------------------------------------------------------


def address(edition: Edition, **query: str) -> str:
    """Of the page of the article's comments that `query` (sort, thread, after) asks for; one for each page."""
    asked = urlencode({name: query[name] for name in ("sort", "thread", "after") if query.get(name)})
    return f"{edition.path}comments/{'?' if asked else ''}{asked}"


def place_of(comment: Comment) -> str | None:
    """Where readers find a shown comment: the page that shows it, and its place there. None if no article is live.

    Costs a few queries, however many comments there are.
    """
    edition = Edition.objects.live().filter(article=comment.article_id).only("path").first()
    if edition is None:
        return None
    return f"{_page_of(comment, edition)}#comment-{comment.public_id}"


def _page_of(comment: Comment, edition: Edition) -> str:
    thread = threads.shown_of_thread(comment.root_id or comment.pk)
    place = next((place for place, one in enumerate(thread) if one.pk == comment.pk), 0)
    if place > REPLIES:
        first = place - place % THREAD_PAGE
        return address(edition, thread=thread[0].public_id, after=thread[first - 1].public_id if first else "")
    before = _listed(comment.article_id).filter(pk__lt=comment.root_id)
    first = before.count() // ROOTS * ROOTS
    if not first:
        return edition.path
    return address(edition, after=before.order_by("pk")[first - 1].public_id)


def _listed(article_id: int) -> QuerySet[Comment]:
    """The first comments of all discussions that a page would show: what _PAGE says of roots, to count them."""
    replies = Comment.objects.published().filter(root=OuterRef("pk"))
    roots = Comment.objects.filter(article=article_id, parent=None).shown()
    return roots.filter(Q(state=State.PUBLISHED) | Exists(replies))
