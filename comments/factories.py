"""Comments for tests, the demo and benchmarks: `make_comment(**what_matters)`."""

import itertools
from typing import Any

from django.db.models import Max

from articles.models import Article, Edition
from comments import posting, text
from comments.models import Comment
from comments.states import SHOWN, State
from newsroom.lib import clock

_number = itertools.count(1)


def make_comment(article: Article | Edition, *, parent: Comment | None = None, **fields: Any) -> Comment:
    """A comment, pending unless `state` says otherwise; a published one has the article's next number."""
    serial, now = next(_number), fields.get("created_at") or clock.now()
    fields.setdefault("article_id", article.article_id if isinstance(article, Edition) else article.pk)
    defaults = {
        "display_name": f"Reader {serial}",
        "body": f"Comment number {serial}.",
        "created_at": now,
        "state_at": now,
        "address_prefix": "192.0.2.0/24",
        "submit_key": f"factory-{serial}-{now.timestamp()}",
    }
    comment = Comment(**(defaults | fields))
    comment.body_html = text.to_html(text.tidy(comment.body))
    if comment.state in SHOWN:
        comment.published_at = now
        if "number" not in fields:
            highest = Comment.objects.filter(article=comment.article_id).aggregate(highest=Max("number"))["highest"]
            comment.number = (highest or 0) + 1
    if parent is not None:
        posting.place_under(comment, parent)
    comment.save()
    if parent is None:
        comment.root = comment
        comment.save(update_fields=["root"])
    return comment


def make_published(article: Article | Edition, **fields: Any) -> Comment:
    """A comment that readers see."""
    return make_comment(article, state=State.PUBLISHED, **fields)
