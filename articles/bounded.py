"""HEIC and AVIF pictures, decoded in a process of their own, which may use so much memory and time and no more.

The file says how large its picture is in two places, of which only the decoder sees the second: a bound that holds
is one of the operating system's. This file is also the program that the process runs: it knows nothing of Django.
"""

import io
import json
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import PIL.Image

# As ISO/IEC 23008-12 names them. Those of AVIF beside them mean that Pillow can decode it.
BRANDS = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"}
AVIF_BRANDS = {b"avif", b"avis"}
HEIC, AVIF = "heic", "avif"
# What a decoder's own tables and its thread take besides the picture.
SPARE = {HEIC: 0, AVIF: 256 * 1024 * 1024}
CPU_SECONDS = 10
# Of waiting, where other processes have the processor.
SECONDS = 60
TOO_LARGE = 3


class TooLarge(Exception):
    """It says itself that it has more pixels than it may have."""


class Damaged(Exception):
    """It could not be decoded within the bounds."""


def is_heic(data: bytes) -> bool:
    """Whether the bytes begin as those of a HEIC or HEIF file do."""
    if data[4:8] != b"ftyp":
        return False
    box = data[8 : min(int.from_bytes(data[:4], "big"), 256)]
    brands = {box[start : start + 4] for start in range(0, len(box), 4) if start != 4}
    return bool(brands & BRANDS) and not brands & AVIF_BRANDS


def decode(
    kind: str, data: bytes, widest: int, tallest: int, *, pixels: int, memory: int
) -> tuple[PIL.Image.Image, tuple[int, int], int]:
    """(picture, its size in the file, number of pictures), upright and shrunk to fit; its profile is in `info`.

    `kind` is HEIC or AVIF. The process takes at most `memory` bytes for it, and SPARE.
    Raises TooLarge (more than so many `pixels`) or Damaged.
    """
    bounds = (widest, tallest, pixels, memory + SPARE[kind])
    command = [sys.executable, "-I", str(Path(__file__)), kind, *map(str, bounds)]
    try:
        answer = subprocess.run(command, input=data, capture_output=True, timeout=SECONDS)  # noqa: S603  (ours)
    except subprocess.TimeoutExpired as error:
        raise Damaged("It took too long.") from error
    if answer.returncode == TOO_LARGE:
        raise TooLarge
    if answer.returncode:
        last = answer.stderr.decode(errors="replace").strip().rpartition("\n")[2]
        raise Damaged(last or f"The process ended with status {answer.returncode}.")
    head, _line, rest = answer.stdout.partition(b"\n")
    about = json.loads(head)
    profile, drawn = rest[: about["profile"]], rest[about["profile"] :]
    picture = PIL.Image.frombytes(about["mode"], tuple(about["shrunk"]), drawn)
    if profile:
        picture.info["icc_profile"] = profile
    return picture, (about["width"], about["height"]), about["frames"]


def _answer(kind: str, widest: int, tallest: int, pixels: int, memory: int) -> None:
    """The process: reads the file from its standard input and writes what it is and its pixels."""
    opened = {HEIC: _opened_heic, AVIF: _opened_avif}[kind]
    data = sys.stdin.buffer.read()
    image = opened(data, memory)
    if image.width * image.height > pixels:
        sys.exit(TOO_LARGE)
    frames, profile = getattr(image, "n_frames", 1), image.info.get("icc_profile") or b""
    image.load()
    image = _upright(image) if kind == AVIF else image
    width, height = image.size
    scale = min(1, widest / width, tallest / height)
    shrunk = max(1, round(width * scale)), max(1, round(height * scale))
    still = image.convert("RGBA" if image.has_transparency_data else "RGB") if image.mode not in "RGBA" else image
    still = still.resize(shrunk, PIL.Image.Resampling.LANCZOS, reducing_gap=3)
    about = {"mode": still.mode, "shrunk": shrunk, "width": width, "height": height, "frames": frames}
    sys.stdout.buffer.write(json.dumps(about | {"profile": len(profile)}).encode() + b"\n" + profile)
    sys.stdout.buffer.write(still.tobytes())


def _opened_heic(data: bytes, memory: int) -> PIL.Image.Image:
    """libheif turns and mirrors as the file says. Its previews, depths and gain maps are nothing that readers get."""
    import pi_heif
    from pi_heif.as_plugin import HeifImageFile

    _bound(memory)
    pi_heif.options.THUMBNAILS = pi_heif.options.DEPTH_IMAGES = pi_heif.options.AUX_IMAGES = False
    pi_heif.options.DECODE_THREADS = 1
    return HeifImageFile(io.BytesIO(data))


def _opened_avif(data: bytes, memory: int) -> PIL.Image.Image:
    from PIL import AvifImagePlugin

    _bound(memory)
    AvifImagePlugin.DEFAULT_MAX_THREADS = 1  # each has address space of its own
    return PIL.Image.open(io.BytesIO(data), formats=["AVIF"])


def _upright(image: PIL.Image.Image) -> PIL.Image.Image:
    """Turned as its EXIF says; broken EXIF is no reason to refuse a picture."""
    from PIL import ImageOps

    try:
        return ImageOps.exif_transpose(image)
    except Exception:
        return image


def _bound(memory: int) -> None:
    """Let this process have `memory` bytes more than it has now, where the system can see to that."""
    with suppress(ImportError, OSError, ValueError):
        import resource

        pages = int(Path("/proc/self/statm").read_text().split()[0])
        most = pages * resource.getpagesize() + memory
        resource.setrlimit(resource.RLIMIT_AS, (most, most))
    with suppress(ImportError, OSError, ValueError):
        import resource

        resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


if __name__ == "__main__":
    _answer(sys.argv[1], *(int(argument) for argument in sys.argv[2:]))
