"""How comments hang together: who answers whom, and what is hidden because it stands under something hidden."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from comments.models import MAX_DEPTH, Comment
from comments.states import SHOWN, State


@dataclass
class Node:
    """A comment in its place. `to` is the one it answers where that is not the one it stands under."""

    comment: Comment
    under: "Node | None" = None
    replies: list["Node"] = field(default_factory=list)
    to: Comment | None = None
    # Whether that one stands on another page.
    far: bool = False
    # Whether the discussion that begins here goes on, on a page of its own.
    cut: bool = False

    @property
    def number(self) -> str:
        """As it is written: numbers of comments are names, in the same digits everywhere."""
        return str(self.comment.number)

    @property
    def tombstone(self) -> bool:
        """Whether only the place is left, so that replies stand."""
        return self.comment.state != State.PUBLISHED


def tie(rows: Iterable[Comment]) -> list[Node]:
    """The first comments of `rows` with their replies under them, in the order they came in.

    Rows are shown ones, parents before their replies; what stands under none of them is left out.
    """
    nodes: dict[int, Node] = {}
    for comment in rows:
        if not comment.parent_id:
            nodes[comment.pk] = Node(comment)
        elif parent := nodes.get(comment.parent_id):
            nodes[comment.pk] = _reply(comment, parent)
    _drop_bare_tombstones(nodes)
    return [node for node in nodes.values() if not node.comment.parent_id]


def tie_part(rows: Iterable[Comment], before: dict[int, Comment]) -> list[Node]:
    """Part of a discussion: what answers one that came `before` says so and stands by itself."""
    nodes: dict[int, Node] = {}
    for comment in rows:
        parent = nodes.get(comment.parent_id or 0)
        if parent is None:
            nodes[comment.pk] = Node(comment, to=before.get(comment.parent_id or 0), far=True)
        else:
            nodes[comment.pk] = _reply(comment, parent)
    _drop_bare_tombstones(nodes)
    return [node for node in nodes.values() if not node.under]


def shown_of_thread(root_id: int) -> list[Comment]:
    """All comments of a discussion that readers see, in the order they came in, without their text. One query.

    Left out is what was taken away before readers ever saw it, and has no number: it holds no place.
    """
    rows = Comment.objects.filter(root=root_id).order_by("pk")
    found: dict[int, Comment] = {}
    for comment in rows.only("public_id", "article_id", "parent_id", "root_id", "depth", "state", "number"):
        if comment.state in SHOWN and (not comment.parent_id or comment.parent_id in found):
            found[comment.pk] = comment
    answered = {comment.parent_id for comment in found.values()}
    return [comment for comment in found.values() if comment.number is not None or comment.pk in answered]


def find_shown(public_id: str) -> Comment | None:
    """The published comment with this id, if nothing it stands under is hidden. Costs two queries.

    Whether its article is live is for the caller to ask.
    """
    if not is_public_id(public_id):
        return None
    comment = Comment.objects.published().filter(public_id=public_id).first()
    if comment is None:
        return None
    thread = Comment.objects.filter(root=comment.root_id).values_list("pk", "parent_id", "state")
    above = {pk: (parent, state) for pk, parent, state in thread}
    parent = comment.parent_id
    while parent is not None:
        parent, state = above[parent]
        if state not in SHOWN:
            return None
    return comment


def is_public_id(written: str) -> bool:
    """Whether a comment could have this id: nothing else is asked of the database."""
    return written.isascii() and written.isalnum() and len(written) <= 12


def _reply(comment: Comment, parent: Node) -> Node:
    """The comment's node, under its parent, or beside it where threads go no deeper."""
    if parent.comment.depth < MAX_DEPTH or parent.under is None:
        node = Node(comment, under=parent)
    else:
        node = Node(comment, under=parent.under, to=parent.comment)
    if node.under:
        node.under.replies.append(node)
    return node


def _drop_bare_tombstones(nodes: dict[int, Node]) -> None:
    """Take away tombstones under which nothing stands: they hold no place for anybody."""
    for node in reversed(nodes.values()):
        node.replies = [reply for reply in node.replies if reply.replies or not reply.tombstone]
    for pk in [pk for pk, node in nodes.items() if node.tombstone and not node.replies]:
        del nodes[pk]
