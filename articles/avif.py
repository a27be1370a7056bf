"""Whether an AVIF picture can be decoded in so much memory, tried in a process of its own.

The file says how large its picture is in two places, of which only the decoder sees the second: a picture of 64 by 64
pixels may unpack to gigabytes. This file is also the program that the process runs: it knows nothing of Django.
"""

import subprocess
import sys
from pathlib import Path

import PIL.Image

SECONDS = 60
# What the decoder's own tables and a thread take besides the picture.
SPARE = 256 * 1024 * 1024


def is_bounded(data: bytes, memory: int) -> bool:
    """Whether it is decoded in about `memory` bytes."""
    command = [sys.executable, "-I", str(Path(__file__)), str(memory + SPARE)]
    try:
        return not subprocess.run(command, input=data, capture_output=True, timeout=SECONDS).returncode  # noqa: S603
    except subprocess.TimeoutExpired:
        return False


def _try(memory: int) -> None:
    import io
    from contextlib import suppress

    from PIL import AvifImagePlugin

    data = sys.stdin.buffer.read()
    AvifImagePlugin.DEFAULT_MAX_THREADS = 1  # each has address space of its own
    with suppress(ImportError, OSError, ValueError):  # where the system can see to that
        import resource

        pages = int(Path("/proc/self/statm").read_text().split()[0])
        resource.setrlimit(resource.RLIMIT_AS, (pages * resource.getpagesize() + memory,) * 2)
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    PIL.Image.open(io.BytesIO(data), formats=["AVIF"]).load()


if __name__ == "__main__":
    _try(int(sys.argv[1]))
