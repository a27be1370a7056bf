"""What an article's page costs with ten thousand comments, beside the same page with ten.

Pages are made anew each time, as after a comment was published: the page cache is stepped aside.
"""

from datetime import timedelta

from bench import load
from bench import newsroom_under_test as under_test

FEW, MANY = 10, 10_000
WORDS = "The harbour wall should have been raised ten years ago, and everybody on the quay knew it. "


def fill(count: int) -> str:
    """An article with `count` published comments, of which every second answers the one before; returns its path."""
    from articles import factories
    from comments import text
    from comments.models import Comment
    from comments.states import State
    from newsroom.lib import clock

    edition = factories.make_live(headline=f"With {count} comments", slug=f"with-{count}-comments")
    now = clock.now()
    first = (Comment.objects.order_by("-pk").values_list("pk", flat=True).first() or 0) + 1
    rows = []
    for place in range(count):
        body = text.tidy(WORDS * (1 + place % 4))
        row = Comment(pk=first + place, article_id=edition.article_id, display_name=f"Reader {place}", body=body)
        row.body_html = text.to_html(body)
        row.state, row.number, row.submit_key = State.PUBLISHED, place + 1, f"bench-{count}-{place}"
        row.created_at = row.state_at = row.published_at = now - timedelta(seconds=count - place)
        row.root_id = row.pk - place % 2
        if place % 2:
            row.parent_id, row.depth = row.pk - 1, 1
        rows.append(row)
    Comment.objects.bulk_create(rows, batch_size=500)
    return edition.path


def rows(seconds: float, cookie: str) -> tuple[load.Result, load.Result]:
    """Both pages, cold: with MANY comments, and with FEW."""
    many, few = fill(MANY), fill(FEW)
    with under_test.server("newsroom.wsgi:application", under_test.PORT):
        slow = load.ask(under_test.PORT, many, cookie=cookie, seconds=seconds)
        return slow, load.ask(under_test.PORT, few, cookie=cookie, seconds=seconds)
