"""What the first page of the moderators' queue costs with a million comments, beside the same page with a hundred.

By itself, `python -m bench.moderating [COMMENTS]`, in the database that DATABASE_URL names, or in a fresh SQLite one:
times and numbers of queries of the queue, of lists by filter, of the numbers, and of the dashboard.
"""

import os
import statistics
import sys
import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from bench import load
from bench import newsroom_under_test as under_test

FEW, MANY = 100, 1_000_000
ROUNDS = 15
BATCH, BLOCK = 2_000, 10_000
# Keys above it are those of the comments here, and keys of what is said to them likewise.
FIRST = 10_000_000
ARTICLES, COMMENTERS = 200, 20_000
QUEUE = "/admin/comments/comment/"
WORDS = "The harbour wall should have been raised ten years ago, and everybody on the quay knew it. "
# Of one hundred comments, as many are in each state; the others are published.
SHARES = {"pending": 4, "held": 2, "rejected": 5, "spam": 9}


@dataclass(frozen=True)
class Cost:
    """Of a page: the middle of its times, in milliseconds, and its queries."""

    name: str
    ms: float
    queries: int


def fill(count: int) -> None:
    """Have `count` comments, over articles, readers, states and two years; some of them reported or appealed.

    A block of them is made as the newsroom makes them; the others are its copies, made by the database.
    """
    from articles import factories
    from comments.models import Comment, Commenter
    from newsroom.lib import clock

    if not Commenter.objects.exists():
        for number in range(ARTICLES):
            factories.make_live(headline=f"Moderated {number}", slug=f"moderated-{number}")
        Commenter.objects.bulk_create(
            [Commenter(email=f"r{n}@example.org", name=f"R {n}", verified_at=clock.now()) for n in range(COMMENTERS)],
            batch_size=BATCH,
        )
    there = Comment.objects.filter(pk__gt=FIRST).count()
    for begin in range(there, min(count, BLOCK), BATCH):
        _make(range(begin, min(begin + BATCH, count, BLOCK)))
    for begin in range(max(BLOCK, there), count, BLOCK):
        _copy(begin, min(BLOCK, count - begin))


def _make(places: range) -> None:
    from articles.models import Article
    from comments.models import Comment, Commenter
    from newsroom.lib import clock

    now = clock.now()
    articles = list(Article.objects.order_by("pk").values_list("pk", flat=True))
    writers = list(Commenter.objects.order_by("pk").values_list("pk", flat=True))
    rows = [_comment(FIRST + 1 + at, at, BLOCK, now, articles, writers) for at in places]
    Comment.objects.bulk_create(rows)
    _said_to(rows)


def _copy(further: int, count: int) -> None:
    """The first `count` of the block again, with keys that are `further` on."""
    from django.db import connection, transaction

    from comments.models import Appeal, Comment, ModerationAction, Report

    moved = f"{{}} + {further}"
    own = {"id": moved, "root_id": moved, "number": moved, "commenter_id": f"{{}} + {further // BLOCK} * 97 % 4000"}
    own |= {"public_id": f"CAST(id + {further} AS varchar(12))", "submit_key": f"CAST(id + {further} AS varchar(12))"}
    others = {"id": moved, "comment_id": moved, "action_id": moved}
    with transaction.atomic(), connection.cursor() as cursor:
        for model, changed in ((Comment, own), (ModerationAction, others), (Report, others), (Appeal, others)):
            columns = [field.column for field in model._meta.concrete_fields]
            values = [changed.get(str(column), "{}").format(column) for column in columns]
            key = "id" if model is Comment else "comment_id"
            names = ", ".join(f'"{column}"' for column in columns)
            cursor.execute(
                f"INSERT INTO {model._meta.db_table} ({names}) SELECT {', '.join(values)} "  # noqa: S608
                f"FROM {model._meta.db_table} WHERE {key} > {FIRST} AND {key} <= {FIRST + count}"
            )


def _comment(key: int, at: int, count: int, now: datetime, articles: list[int], writers: list[int]) -> Any:
    from comments.models import Comment

    state = _state(at)
    when = now - timedelta(days=730) * ((count - at) / count)
    row = Comment(
        pk=key, article_id=articles[at * 7 % len(articles)], display_name=f"Reader {at}", body=WORDS * (1 + at % 4)
    )
    row.state, row.submit_key, row.root_id = state, f"bench-{key}", key
    row.created_at = row.state_at = when
    row.commenter_id = writers[at * 13 % (len(writers) - 4000)] if at % 2 else None
    row.address_prefix = f"10.{at % 200}.{at // 200 % 200}.0/24"
    if state == "published":
        row.number, row.published_at = key, when
    row.reason = "abuse" if state == "rejected" else ""
    return row


def _state(at: int) -> str:
    place = at * 37 % 100
    for state, share in SHARES.items():
        if place < share:
            return state
        place -= share
    return "published"


def _said_to(rows: list[Any]) -> None:
    """What was decided on them, reported of them (a page full among a hundred too), and objected to."""
    from comments.models import Appeal, ModerationAction, Report

    actions = []
    for row in rows:
        human = row.state in ("rejected", "spam")
        action = ModerationAction(
            pk=row.pk, comment=row, decision="reject" if human else "policy", from_state="pending"
        )
        action.to_state, action.automated, action.at = row.state, not human, row.created_at
        action.text_version, action.state_version, action.reason = 1, 1, row.reason
        action.steps = [] if human else [{"step": "words", "found": "casino"}]
        actions.append(action)
    ModerationAction.objects.bulk_create(actions)
    Report.objects.bulk_create(
        Report(pk=row.pk, comment=row, reason="abuse", text="This is a threat.", created_at=row.created_at)
        for row in rows
        if row.state == "published" and row.pk % 1000 < 40
    )
    Appeal.objects.bulk_create(
        Appeal(pk=action.pk, action=action, comment=action.comment, text="I object.", created_at=action.at)
        for action in actions
        if action.to_state == "rejected" and action.comment_id // 100 % 5 == 0
    )


def pages() -> dict[str, str]:
    """The lists that are measured, by name."""
    from articles.models import Article
    from comments.models import Commenter

    article, writer = (
        Article.objects.values_list("pk", flat=True).last(),
        Commenter.objects.values_list("pk", flat=True).last(),
    )
    return {
        "queue": QUEUE,
        "queue, of an article": f"{QUEUE}?article={article}",
        "held": f"{QUEUE}?state=held",
        "all": f"{QUEUE}?state=every",
        "all, of a reader": f"{QUEUE}?state=every&commenter={writer}",
        "all, of an article": f"{QUEUE}?state=every&article={article}",
        "all, of a day": f"{QUEUE}?state=every&since=2026-03-01&until=2026-03-01",
        "rejected for abuse": f"{QUEUE}?reason=abuse",
        "search, waiting": f"{QUEUE}?q=Reader+4711",
        "search, all": f"{QUEUE}?state=every&q=nobody+wrote+this",
        "numbers": f"{QUEUE}statistics/",
        "dashboard": "/admin/",
    }


def costs(addresses: dict[str, str]) -> list[Cost]:
    """Each page, asked of the application in this process."""
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    from newsroom.models import User

    user = User.objects.filter(is_superuser=True).first() or User.objects.create_superuser("bench-moderator")
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    found = []
    for name, address in addresses.items():
        with CaptureQueriesContext(connection) as queries:
            _ok(client.get(address))
            asked = len(queries)
        times = []
        for _round in range(ROUNDS):
            start = time.perf_counter()
            _ok(client.get(address))
            times.append(time.perf_counter() - start)
        found.append(Cost(name, statistics.median(times) * 1000, asked))
    return found


def rows(seconds: float, cookie: str, many: int = MANY) -> tuple[load.Result, load.Result]:
    """The queue's first page over HTTP: with `many` comments, and with FEW."""
    fill(FEW)
    with under_test.server("newsroom.wsgi:application", under_test.PORT):
        quick = load.ask(under_test.PORT, QUEUE, cookie=cookie, seconds=seconds)
    fill(many)
    _settle()
    with under_test.server("newsroom.wsgi:application", under_test.PORT):
        return load.ask(under_test.PORT, QUEUE, cookie=cookie, seconds=seconds), quick


def _settle() -> None:
    """Let the database look at what was poured into it, as it does by itself in time."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def _ok(response: Any) -> None:
    if response.status_code != 200:
        raise RuntimeError(f"The page answers {response.status_code}.")


def main() -> None:
    many = int(sys.argv[1]) if len(sys.argv) > 1 else MANY
    with under_test.folder():
        os.environ["ALLOWED_HOSTS"] = "testserver"
        under_test.manage("migrate", "--verbosity", "0")
        under_test.manage("collectstatic", "--noinput", "--verbosity", "0")
        import django

        django.setup()
        fill(FEW)
        _settle()
        few = costs(pages())
        print(f"Making {many} comments ...", flush=True)
        fill(many)
        _settle()
        form = "{:<22} {:>9} {:>9} {:>6} {:>8} {:>8}".format
        print(form("", f"{FEW}: ms", f"{many}: ms", "times", "queries", "queries"))
        for one, other in zip(few, costs(pages()), strict=True):
            numbers = (f"{one.ms:.1f}", f"{other.ms:.1f}", f"{other.ms / one.ms:.2f}", one.queries, other.queries)
            print(form(one.name, *numbers), flush=True)


if __name__ == "__main__":
    main()
