"""Structured data about the comments that a page shows, as schema.org names it (https://schema.org/Comment)."""

from collections.abc import Iterator
from typing import Any

from django.utils.safestring import SafeString

from articles import jsonld
from articles.links import absolute
from articles.models import Edition
from comments.pages import Page
from comments.threads import Node


def script(edition: Edition, page: Page) -> SafeString:
    """A data block for the article that the page's own block describes, tied to it by "@id"; "" without comments.

    Only what the page shows is in it: published comments, and how many there are of them if it says so.
    """
    address = absolute(edition.path)
    shown = [_comment(node, address) for node in _each(page.roots) if not node.tombstone]
    if not shown:
        return SafeString()
    count = {} if page.count is None else {"commentCount": page.count}
    return jsonld.script({"@type": "NewsArticle", "@id": address, **count, "comment": shown})


def _comment(node: Node, address: str) -> dict[str, Any]:
    comment = node.comment
    data: dict[str, Any] = {
        "@type": "Comment",
        "@id": f"{address}#comment-{comment.public_id}",
        "text": comment.body,
        "author": {"@type": "Person", "name": comment.display_name},
        "dateCreated": comment.created_at.isoformat(timespec="seconds"),
    }
    if comment.published_at:
        data["datePublished"] = comment.published_at.isoformat(timespec="seconds")
    if node.under and not node.under.tombstone:
        data["parentItem"] = {"@id": f"{address}#comment-{node.under.comment.public_id}"}
    return data


def _each(nodes: list[Node]) -> Iterator[Node]:
    for node in nodes:
        yield node
        yield from _each(node.replies)
