"""`python -m bench`: everything measured, as a table and as bench/results.json."""

import argparse
import json
import platform
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bench import commenting, editing, importing, load, moderating, pictures, sending, spam
from bench import newsroom_under_test as under_test

RESULTS = Path(__file__).with_name("results.json")
# A cookie of this name makes the page cache step aside; public pages read no session.
COLD = "sessionid=none"
MANY_SECONDS = 20.0  # of an issue to a million


def main() -> None:
    arguments = argparse.ArgumentParser(prog="python -m bench")
    arguments.add_argument("--articles", type=int, default=1000)
    arguments.add_argument("--seconds", type=float, default=3.0)
    arguments.add_argument("--comments", type=int, default=moderating.MANY, help="in the moderators' queue")
    arguments.add_argument("--subscribers", type=int, default=100_000)
    chosen = arguments.parse_args()
    rows: list[dict[str, Any]] = []
    with under_test.folder() as folder:
        prepare(chosen.articles)
        path, session = under_test.fill(chosen.articles)
        rows += pages(folder, path, session, chosen.seconds)
        rows += edits(session)
        source = folder / "markdown"
        importing.write_source(source, 200)
        rows.append(row("import, articles", importing.speed(source), importing.limit(source)))
        rows += renditions(folder)
        rows.append(comments(chosen.seconds))
        rows.append(queue(chosen.seconds, session, chosen.comments))
        rows += deliveries(chosen.subscribers)
        show(rows, spam_filter(), chosen.articles)


def prepare(count: int) -> None:
    print(f"Making a newsroom of {count} articles ...", flush=True)
    under_test.manage("migrate", "--verbosity", "0")
    under_test.manage("collectstatic", "--noinput", "--verbosity", "0")
    import django

    django.setup()


def pages(folder: Path, path: str, session: str, seconds: float) -> list[dict[str, Any]]:
    """Each page beside a bare Django view that answers the same bytes on the same server."""
    cases = {
        "article, warm": (path, ""),
        "article, cold": (path, COLD),
        "front page, warm": ("/", ""),
        "front page, cold": ("/", COLD),
        "admin list": ("/admin/articles/article/", session),
    }
    bodies = folder / "bodies"
    bodies.mkdir()
    results: dict[str, load.Result] = {}
    with under_test.server("newsroom.wsgi:application", under_test.PORT):
        for name, (address, cookie) in cases.items():
            (bodies / name.replace(", ", "-").replace(" ", "-")).write_bytes(
                load.body(under_test.PORT, address, cookie)
            )
            results[name] = load.ask(under_test.PORT, address, cookie=cookie, seconds=seconds)
    limits: dict[str, load.Result] = {}
    with under_test.server("bench.bare:application", under_test.BARE_PORT, BENCH_BODIES=str(bodies)):
        for name in cases:
            address = "/" + name.replace(", ", "-").replace(" ", "-")
            limits[name] = load.ask(under_test.BARE_PORT, address, seconds=seconds)
    return [row(name, results[name].per_second, limits[name].per_second, **vars(results[name])) for name in cases]


def edits(session: str) -> list[dict[str, Any]]:
    """What editors wait for, each beside opening the form of the same article on the same server."""
    with under_test.server("newsroom.wsgi:application", under_test.PORT):
        measured = editing.rows(session)
    return [row(name, one.per_second, form.per_second, **times(one)) for name, one, form in measured]


def renditions(folder: Path) -> list[dict[str, Any]]:
    """Files made of a picture, for each core, beside plain Pillow making the same; and the memory that takes."""
    return [
        row(f"renditions, {one.name}", one.per_second, one.limit, memory_mb=round(one.memory / 1_000_000), of=one.count)
        for one in pictures.rows(folder)
    ]


def spam_filter() -> spam.Figures | None:
    """How well the spam filter tells spam from good comments, where labelled comments are at hand."""
    folder = spam.data()
    return spam.measure(spam.read(folder)) if folder else None


def comments(seconds: float) -> dict[str, Any]:
    """An article with ten thousand comments, beside the same page with ten: half as fast is the least it may be."""
    many, few = commenting.rows(seconds, COLD)
    return row("10,000 comments, cold", many.per_second, few.per_second, **vars(many))


def deliveries(subscribers: int) -> list[dict[str, Any]]:
    """Mails of an issue made and handed to a mail server, beside smtplib alone sending the same bytes.

    A thousand and a million subscribers are there for the memory: of the million as many get theirs as time allows.
    """
    sent = [sending.row(1000), sending.row(subscribers), sending.row(1_000_000, MANY_SECONDS)]
    return [
        row(
            f"mails, {one.subscribers:,}",
            one.per_second,
            one.limit,
            memory_mb=round(one.memory / 1_000_000),
            size=one.size,
            of=one.sent,
        )
        for one in sent
    ]


def queue(seconds: float, session: str, count: int) -> dict[str, Any]:
    """The moderators' queue with `count` comments, beside the same page with a hundred: half as fast is the least."""
    many, few = moderating.rows(seconds, session, count)
    return row(f"queue of {count:,}", many.per_second, few.per_second, **vars(many))


def times(result: load.Result) -> dict[str, float]:
    return {"median_ms": result.median_ms, "p95_ms": result.p95_ms}


def row(name: str, measured: float, limit: float, **more: Any) -> dict[str, Any]:
    return {"name": name, "per_second": measured, "limit": limit, "ratio": measured / limit} | more


def show(rows: list[dict[str, Any]], judged: spam.Figures | None, articles: int) -> None:
    form: Callable[..., str] = "{:<20} {:>10} {:>10} {:>7} {:>10} {:>9} {:>10}".format
    print(form("", "per second", "limit", "ratio", "median ms", "bytes", "memory MB"))
    for r in rows:
        median = f"{r['median_ms']:.2f}" if "median_ms" in r else ""
        numbers = (f"{r['per_second']:.0f}", f"{r['limit']:.0f}", f"{r['ratio']:.2f}")
        print(form(r["name"], *numbers, median, r.get("size", ""), r.get("memory_mb", "")))
    print(judged or "Spam filter: not measured. Name a folder of labelled comments by NEWSROOM_TEST_DATA.")
    about = {"python": platform.python_version(), "machine": platform.machine(), "articles": articles}
    results = {"about": about, "rows": rows, "spam_filter": vars(judged) if judged else None}
    RESULTS.write_text(json.dumps(results, indent=2) + "\n")
    print(f"Written to {RESULTS}.")


if __name__ == "__main__":
    main()
