"""A client that asks for one address again and again on a kept-open connection."""

import socket
import statistics
import time
from dataclasses import dataclass


@dataclass(frozen=True)
class Result:
    """What one address gave: requests per second, and the time of a request in milliseconds."""

    per_second: float
    median_ms: float
    p95_ms: float
    size: int


def ask(port: int, path: str, *, cookie: str = "", seconds: float = 3.0, gzip: bool = False) -> Result:
    """Ask 127.0.0.1:`port` for `path` for `seconds`, one request after the other.

    Raises RuntimeError when an answer is anything but 200: a fast error is no result.
    """
    lines = [f"GET {path} HTTP/1.1", f"Host: 127.0.0.1:{port}"]
    lines += [f"Cookie: {cookie}"] * bool(cookie) + ["Accept-Encoding: gzip"] * gzip
    request = "\r\n".join([*lines, "", ""]).encode()
    times: list[float] = []
    with socket.create_connection(("127.0.0.1", port)) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for _warm_up in range(20):
            size = _once(connection, request)
        end = time.perf_counter() + seconds
        while (start := time.perf_counter()) < end:
            size = _once(connection, request)
            times.append(time.perf_counter() - start)
    return result(times, size)


def result(times: list[float], size: int = 0) -> Result:
    """What so many seconds for each request come to."""
    return Result(
        per_second=len(times) / sum(times),
        median_ms=statistics.median(times) * 1000,
        p95_ms=statistics.quantiles(times, n=20)[-1] * 1000,
        size=size,
    )


def body(port: int, path: str, cookie: str = "") -> bytes:
    """The bytes that `path` answers."""
    request = f"GET {path} HTTP/1.0\r\nHost: 127.0.0.1:{port}\r\nCookie: {cookie}\r\n\r\n".encode()
    with socket.create_connection(("127.0.0.1", port)) as connection:
        connection.sendall(request)
        answer = b"".join(iter(lambda: connection.recv(65536), b""))
    head, _, content = answer.partition(b"\r\n\r\n")
    if b" 200 " not in head.split(b"\r\n")[0]:
        raise RuntimeError(f"{path} answers {head.splitlines()[0]!r}")
    return content


def _once(connection: socket.socket, request: bytes) -> int:
    connection.sendall(request)
    answer = connection.recv(65536)
    head, _, content = answer.partition(b"\r\n\r\n")
    if not head.startswith(b"HTTP/1.1 200"):
        raise RuntimeError(f"{request.split()[1]!r} answers {head.splitlines()[:1]!r}")
    length = int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0])
    while len(content) < length:
        content += connection.recv(65536)
    return length
