"""How long readers and moderators wait while a flood of comments comes in, beside a quiet site.

By itself, `python -m bench.flood [POSTS]`, in the database that DATABASE_URL names, or in a fresh SQLite one: from one
address first, then from two hundred networks. The flood is sent by a process of its own.
"""

import http.client
import os
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from urllib.parse import urlencode

from bench import load
from bench import newsroom_under_test as under_test

POSTS, NETWORKS = 2_000, 200
# How many senders of the flood wait for an answer at once.
AT_ONCE = 4
# Readers and moderators may wait this many times as long as on a quiet site.
LIMIT = 3.0
QUEUE = "/admin/comments/comment/"
QUIET = 6.0
# How often somebody asks for a page meanwhile.
PAUSE = 0.02


@dataclass(frozen=True)
class Waits:
    """Of one page: what it costs on a quiet site, and during a flood."""

    name: str
    quiet: load.Result
    flooded: load.Result

    @property
    def times(self) -> float:
        return self.flooded.p95_ms / self.quiet.p95_ms


def send(port: int, path: str, posts: int, networks: int) -> Counter[int]:
    """Post `posts` comments to the article at `path`, from so many networks; how many got which status.

    The server believes X-Forwarded-For (PROXIES=1).
    """
    with ThreadPoolExecutor(AT_ONCE) as senders:
        parts = [range(start, posts, AT_ONCE) for start in range(AT_ONCE)]
        return sum(senders.map(lambda part: _send(port, path, part, networks), parts), Counter())


def _send(port: int, path: str, numbers: range, networks: int) -> Counter[int]:
    answers: Counter[int] = Counter()
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    for number in numbers:
        said = {"name": f"Reader {number}", "body": f"Buy {number} golden ducks today, they are cheap and quiet."}
        headers = {
            "Content-Type": "application/x-www-form-urlencoded",
            "X-Forwarded-For": f"10.{number % networks}.0.{number % 250 + 1}",
        }
        connection.request("POST", f"{path}comments/", urlencode(said), headers)
        response = connection.getresponse()
        response.read()
        answers[response.status] += 1
    connection.close()
    return answers


def waiting(port: int, path: str, cookie: str, ended: Callable[[], bool]) -> load.Result:
    """Ask for one page now and then until `ended`."""
    times = []
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    while not ended():
        start = time.perf_counter()
        connection.request("GET", path, headers={"Cookie": cookie} if cookie else {})
        response = connection.getresponse()
        size = len(response.read())
        times.append(time.perf_counter() - start)
        if response.status != 200:
            raise RuntimeError(f"{path} answers {response.status}.")
        time.sleep(PAUSE)
    connection.close()
    return load.result(times, size)


def measure(path: str, cookie: str, posts: int, networks: int) -> tuple[Counter[int], list[Waits]]:
    """The answers to a flood, and the waits of a reader and of a moderator before it and during it."""
    pages = {"reader": (path, ""), "moderator": (QUEUE, cookie)}
    end = time.monotonic() + QUIET
    quiet = _at_once(pages, lambda: time.monotonic() > end)
    command = [sys.executable, "-m", "bench.flood", "send", str(under_test.PORT), path, str(posts), str(networks)]
    flood = subprocess.Popen(command, cwd=under_test.ROOT, stdout=subprocess.PIPE, text=True)
    flooded = _at_once(pages, lambda: flood.poll() is not None)
    said = flood.communicate()[0].split()
    answers = Counter({int(one.partition("=")[0]): int(one.partition("=")[2]) for one in said})
    return answers, [Waits(name, quiet[name], flooded[name]) for name in pages]


def _at_once(pages: dict[str, tuple[str, str]], ended: Callable[[], bool]) -> dict[str, load.Result]:
    found: dict[str, load.Result] = {}

    def ask(name: str, path: str, cookie: str) -> None:
        found[name] = waiting(under_test.PORT, path, cookie, ended)

    threads = [threading.Thread(target=ask, args=(name, *page)) for name, page in pages.items()]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found


def main() -> None:
    if sys.argv[1:2] == ["send"]:
        answers = send(int(sys.argv[2]), sys.argv[3], int(sys.argv[4]), int(sys.argv[5]))
        print(" ".join(f"{status}={count}" for status, count in answers.items()))
        return
    posts = int(sys.argv[1]) if len(sys.argv) > 1 else POSTS
    with under_test.folder():
        os.environ |= {"PROXIES": "1"}
        under_test.manage("migrate", "--verbosity", "0")
        under_test.manage("collectstatic", "--noinput", "--verbosity", "0")
        import django

        django.setup()
        path, cookie = under_test.fill(50)
        for networks in (1, NETWORKS):
            tell(path, cookie, posts, networks)


def tell(path: str, cookie: str, posts: int, networks: int) -> None:
    from comments.models import Comment

    before = Comment.objects.count()
    with under_test.deployed(under_test.PORT):
        answers, waits = measure(path, cookie, posts, networks)
    kept, shown = Comment.objects.count() - before, Comment.objects.published().count()
    print(f"{posts} posts from {networks} networks: {dict(answers)}; {kept} kept, {shown} published.", flush=True)
    for each in waits:
        print(
            f"  {each.name:<10} p95 {each.quiet.p95_ms:7.1f} ms quiet, {each.flooded.p95_ms:7.1f} ms in the flood: "
            f"{each.times:.1f} times (limit {LIMIT:.0f}); median {each.quiet.median_ms:.1f}, "
            f"{each.flooded.median_ms:.1f}",
            flush=True,
        )


if __name__ == "__main__":
    main()
