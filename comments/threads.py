"""Which comments readers see, and in which order. Nothing else may decide that."""

from dataclasses import dataclass, field

from django.db.models import F

from articles.models import Edition
from comments.models import MAX_DEPTH, Comment
from comments.states import SHOWN, State

# The newest threads of an article are shown up to this many comments.
CAP = 500

_COLUMNS = (
    "public_id",
    "article_id",
    "parent_id",
    "root_id",
    "depth",
    "display_name",
    "body_html",
    "state",
    "number",
    "picked_at",
    "created_at",
    "edited_at",
)


@dataclass
class Node:
    """A comment in its place. `to` is the one it answers where that is not the one it stands under."""

    comment: Comment
    under: "Node | None" = None
    replies: list["Node"] = field(default_factory=list)
    to: Comment | None = None

    @property
    def tombstone(self) -> bool:
        """Whether only the place is left, so that replies stand."""
        return self.comment.state != State.PUBLISHED


@dataclass(frozen=True)
class Threads:
    """What an article's page shows. `cut` tells that older threads were left out."""

    roots: list[Node]
    count: int
    cut: bool


def of_article(article_id: int) -> Threads:
    """The comments that readers of the article see, oldest thread first, by one query."""
    shown = Comment.objects.filter(article=article_id).shown().only(*_COLUMNS)
    # Whole threads, newest first; in each of them parents come before their replies.
    rows = list(shown.order_by(F("root").desc(), "pk")[: CAP + 1])
    nodes = _visible(rows[:CAP])
    _drop_bare_tombstones(nodes)
    roots = sorted((node for node in nodes.values() if not node.comment.parent_id), key=lambda n: n.comment.pk)
    count = sum(not node.tombstone for node in nodes.values())
    return Threads(roots, count, cut=len(rows) > CAP)


def find_shown(public_id: str) -> Comment | None:
    """The published comment with this id, if nothing it stands under is hidden. Costs two queries.

    Whether its article is live is for the caller to ask.
    """
    if not (public_id.isascii() and public_id.isalnum()):
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


def path_to(comment: Comment) -> str | None:
    """Where readers find a shown comment: its article's page, and the place on it. None if that is not live."""
    edition = Edition.objects.live().filter(article=comment.article_id).only("path").first()
    return f"{edition.path}#comment-{comment.public_id}" if edition else None


def _visible(rows: list[Comment]) -> dict[int, Node]:
    """Nodes of the comments whose parents are all shown, tied together."""
    nodes: dict[int, Node] = {}
    for comment in rows:
        if not comment.parent_id:
            nodes[comment.pk] = Node(comment)
        elif parent := nodes.get(comment.parent_id):
            nodes[comment.pk] = _reply(comment, parent)
    return nodes


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
