"""How long readers and moderators wait while a flood of comments comes in, beside a quiet site.

By itself, `python -m bench.flood [POSTS [RATE]]`, in the database that DATABASE_URL names, or in a fresh SQLite one:
from one address first, then from two hundred networks. The flood is sent by a process of its own, RATE posts a second,
or as fast as they are answered with a RATE of 0: then its sender takes as much of this machine as the server leaves.
"""

import http.client
import os
import random
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

POSTS, NETWORKS, RATE = 2_000, 200, 50
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


def send(port: int, path: str, posts: int, networks: int, rate: int = 0) -> Counter[int]:
    """Post `posts` comments to the article at `path`, from so many networks; how many got which status.

    `rate` of them a second at most, 0: as fast as they are answered. The server believes X-Forwarded-For (PROXIES=1).
    """
    start = time.monotonic()

    def wait(number: int) -> None:
        if rate:
            time.sleep(max(0.0, start + number / rate - time.monotonic()))

    # Others than those of the last flood, which a Redis may still count.
    first, third = random.randrange(11, 127), random.randrange(256)  # noqa: S311
    addresses = [f"{first}.{number}.{third}" for number in range(networks)]
    with ThreadPoolExecutor(AT_ONCE) as senders:
        parts = [range(first, posts, AT_ONCE) for first in range(AT_ONCE)]
        return sum(senders.map(lambda part: _send(port, path, part, addresses, wait), parts), Counter())


def _send(port: int, path: str, numbers: range, addresses: list[str], wait: Callable[[int], None]) -> Counter[int]:
    answers: Counter[int] = Counter()
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    for number in numbers:
        wait(number)
        said = {"name": f"Reader {number}", "body": f"Buy {number} golden ducks today, they are cheap and quiet."}
        headers = {
            "Content-Type": "application/x-www-form-urlencoded",
            "X-Forwarded-For": f"{addresses[number % len(addresses)]}.{number % 250 + 1}",
        }
        answers[_post(connection, f"{path}comments/", urlencode(said), headers)] += 1
    connection.close()
    return answers


def _post(connection: http.client.HTTPConnection, path: str, said: str, headers: dict[str, str]) -> int:
    """The status of the answer. Connections that were kept for long are closed; sent twice is kept once."""
    for last in (False, True):
        try:
            connection.request("POST", path, said, headers)
            response = connection.getresponse()
            response.read()
        except (ConnectionError, http.client.HTTPException):
            connection.close()
            if last:
                raise
        else:
            return response.status
    raise AssertionError("unreachable")


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


def measure(path: str, cookie: str, posts: int, networks: int, rate: int) -> tuple[Counter[int], list[Waits]]:
    """The answers to a flood, and the waits of a reader and of a moderator before it and during it."""
    pages = {"reader": (path, ""), "moderator": (QUEUE, cookie)}
    end = time.monotonic() + QUIET
    quiet = _at_once(pages, lambda: time.monotonic() > end)
    command = [sys.executable, "-m", "bench.flood", "send", str(under_test.PORT), path, str(posts), str(networks)]
    command.append(str(rate))
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
        posts, networks, rate = map(int, sys.argv[4:7])
        answers = send(int(sys.argv[2]), sys.argv[3], posts, networks, rate)
        print(" ".join(f"{status}={count}" for status, count in answers.items()))
        return
    given = [int(argument) for argument in sys.argv[1:3]]
    posts, rate = given + [POSTS, RATE][len(given) :]
    with under_test.folder():
        os.environ |= {"PROXIES": "1"}
        under_test.manage("migrate", "--verbosity", "0")
        under_test.manage("collectstatic", "--noinput", "--verbosity", "0")
        import django

        django.setup()
        path, cookie = under_test.fill(50)
        fill_queue()
        for networks in (1, NETWORKS):
            tell(path, cookie, posts, networks, rate)


def fill_queue() -> None:
    """More waiting comments than the queue shows at once, so that its page is as long before the flood as during it."""
    from articles.factories import make_live
    from comments.factories import make_comment

    edition = make_live()
    for _number in range(100):
        make_comment(edition)


def tell(path: str, cookie: str, posts: int, networks: int, rate: int) -> None:
    from comments.models import Comment

    before = Comment.objects.count()
    with under_test.deployed(under_test.PORT):
        answers, waits = measure(path, cookie, posts, networks, rate)
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
