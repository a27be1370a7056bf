"""A process of its own that uploads files into the library and says what became of each.

Reads lines of JSON from its standard input, {"path": ..., "all": whether all renditions are to be made}, and answers
each with one line. It has bounded memory and time, so that a file that takes more kills it and nothing else.
"""

import io
import json
import os
import re
import resource
import signal
import sys
import time
from pathlib import Path
from typing import Any

CPU_SECONDS = 20
SERIALS = (0xA430, 0xA431, 0xA435, 0xC62F)  # owner, body, lens, camera
MAY_SAY = {"dc:creator", "dc:rights", "photoshop:Credit", "xmpRights:Marked", "xmpRights:UsageTerms"}
ARTIST, COPYRIGHT = 0x013B, 0x8298


def main() -> None:
    import django
    from django.conf import settings

    django.setup()
    settings.ALLOWED_HOSTS = ["testserver"]
    from django.core.management import call_command
    from django.test import Client

    from newsroom.models import User

    if not Path(settings.DATABASES["default"]["NAME"]).exists():
        call_command("migrate", verbosity=0)
    user, _ = User.objects.get_or_create(username="dora", is_staff=True, is_superuser=True)
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    most = _status("VmSize") + 1024 * 1024 * 1024
    resource.setrlimit(resource.RLIMIT_AS, (most, most))
    for line in sys.stdin:
        asked = json.loads(line)
        sys.stdout.write(json.dumps(_uploaded(client, **asked)) + "\n")
        sys.stdout.flush()


def _uploaded(client: Any, path: str, all: bool) -> dict[str, Any]:  # noqa: A002
    """Upload one file as the editor's picker does."""
    from django.core.files.uploadedfile import SimpleUploadedFile
    from django.urls import reverse

    data = Path(path).read_bytes()
    file = SimpleUploadedFile("upload.bin", data)
    _forget_peak()
    before, started, largest = _status("VmRSS"), _cpu(), _largest_child()
    signal.setitimer(signal.ITIMER_PROF, CPU_SECONDS)  # kills
    response = client.post(reverse("admin:articles_image_library"), {"file": file})
    signal.setitimer(signal.ITIMER_PROF, 0)
    child = _largest_child() if _largest_child() > largest else 0
    answer = {
        "status": response.status_code,
        "cpu": _cpu() - started,
        "rise": max(_status("VmHWM") - before, child),
        "said": response.json(),
    }
    if response.status_code < 300:
        answer |= _looked_at(response.json()["image"]["id"], data, all)
    return answer


# What was taken --------------------------------------------------------------------------------


def _looked_at(key: int, data: bytes, all_: bool) -> dict[str, Any]:
    from articles import decoding, renditions
    from articles.models import Image

    image = Image.objects.get(pk=key)
    started, files = time.process_time(), list(image.renditions)
    if all_:
        renditions.make(image)
        files = list(image.renditions)
    making = time.process_time() - started
    still = decoding.decode(data, 10_000, 10_000).still
    words = f"{image.credit} {image.creator} {image.copyright}"
    secrets, problems = [secret for secret in _secrets(data) if secret.decode() not in words], []
    for item in files:
        with renditions.storage().open(item["path"]) as file:
            problems += _problems(file.read(), item, image, secrets, still)
    return {
        "size": [image.width, image.height],
        "frames": image.frames,
        "credit": image.credit,
        "secrets": len(secrets),
        "files": len(files),
        "making": making,
        "problems": problems + _unlike_reference(data, still, (image.width, image.height)),
    }


def _problems(data: bytes, item: dict, image: Any, secrets: list[bytes], still: Any) -> list[str]:
    """What is wrong with a rendition, read back from its bytes."""
    from PIL import Image as Pillow

    with Pillow.open(io.BytesIO(data)) as picture:
        picture.load()
        tags = dict(picture.getexif())
    wrong = []
    if picture.size != (item["width"], item["height"]) or picture.get_format_mimetype() != item["type"]:
        wrong.append(f"is {picture.size} {picture.format}, listed as {item}")
    if set(tags) - {ARTIST, COPYRIGHT}:
        wrong.append(f"has tags {sorted(tags)}")
    wrong += [f"holds {word!r}" for word in (b"GPS", b"Serial", b"serial", *secrets) if word in data]
    packets = re.findall(rb"<x:xmpmeta.*?</x:xmpmeta>", data, re.DOTALL)
    named = {name.decode() for packet in packets for name in re.findall(rb"<([a-zA-Z]+:[a-zA-Z]+)", packet)}
    said = {name for name in named if not name.startswith(("x:", "rdf:"))}
    if said - MAY_SAY:
        wrong.append(f"says {sorted(said - MAY_SAY)}")
    if image.credit and not _carries(data, image.credit):
        wrong.append("lacks the credit")
    behind = {word for word in (b"<script", b"<?php", b"alert(") if word in data}
    if behind - {word for word in behind if word.decode() in f"{image.credit} {image.creator} {image.copyright}"}:
        wrong.append("carries what stood behind the picture")
    # Icons of single coloured pixels lose colour with every format that stores it in half the resolution.
    if not item.get("crop") and picture.width >= 64 and (off := _difference(still, picture, picture.width // 4)) > 12:
        wrong.append(f"differs from the picture by {off:.1f}")
    return [f"{item['path']}: {words}" for words in wrong]


def _carries(data: bytes, credit: str) -> bool:
    from xml.sax.saxutils import unescape

    found = re.findall(rb"<photoshop:Credit>(.*?)</photoshop:Credit>", data, re.DOTALL)
    return [unescape(words.decode()) for words in found] == [" ".join(credit.split())]


def _secrets(data: bytes) -> list[bytes]:
    """Serial numbers and the like that the original holds, and a mark if it says where it was taken."""
    from PIL import Image as Pillow

    found: list[bytes] = []
    try:
        with Pillow.open(io.BytesIO(data)) as picture:
            exif = picture.getexif()
            if exif.get_ifd(0x8825):
                found.append(b"GPSLatitude")
            values = [exif.get_ifd(0x8769).get(tag) or exif.get(tag) for tag in SERIALS]
    except Exception:  # broken metadata has no secrets to keep
        return found
    texts = [value.strip("\0 ").encode() for value in values if isinstance(value, str)]
    return found + [text for text in texts if len(text) >= 5]


# A reference of another make ------------------------------------------------------------------


def _unlike_reference(data: bytes, still: Any, size: tuple[int, int]) -> list[str]:
    """How the picture differs from what plain Pillow makes of the file."""
    reference = _reference(data)
    wrong = []
    if reference.size != size:
        wrong.append(f"is {size} and not {reference.size}")
    elif reference.mode != "F" and (off := _difference(reference, still)) > 3:
        wrong.append(f"differs from the reference by {off:.1f}")
    return wrong


def _reference(data: bytes) -> Any:
    import pi_heif
    from PIL import Image as Pillow
    from PIL import ImageCms, ImageOps

    if data[4:8] == b"ftyp" and data[8:11] in (b"hei", b"mif"):
        picture = pi_heif.read_heif(data).to_pillow()
    else:
        picture = Pillow.open(io.BytesIO(data))
    picture.load()
    profile = picture.info.get("icc_profile")
    picture = ImageOps.exif_transpose(picture)
    if picture.mode.startswith("I;16"):
        first = 0 if picture.mode == "I;16B" else 1
        picture = Pillow.frombytes("L", picture.size, picture.tobytes()[first::2])
    if picture.mode in ("I", "F"):
        return picture.convert("F")
    alpha = picture.convert("RGBA").getchannel("A") if picture.has_transparency_data else None
    if picture.mode not in ("RGB", "CMYK", "L", "LAB"):
        picture = picture.convert("RGB")
    if profile:
        try:
            source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            picture = ImageCms.profileToProfile(picture, source, ImageCms.createProfile("sRGB"), outputMode="RGB")
        except (ImageCms.PyCMSError, OSError, ValueError):
            pass
    picture = picture.convert("RGB")
    if alpha:
        picture.putalpha(alpha)
    return picture


def _difference(one: Any, other: Any, width: int = 256) -> float:
    """Mean difference of the channels, 0 to 255, on white paper and at most `width` pixels wide."""
    from PIL import Image as Pillow
    from PIL import ImageChops, ImageStat

    width = max(1, min(one.width, other.width, width, 256))
    size = (width, max(1, min(one.height, other.height, round(width * one.height / one.width))))
    flat = []
    for picture in (one, other):
        clear = picture.convert("RGBA")
        paper = Pillow.new("RGBA", clear.size, "white")
        flat.append(Pillow.alpha_composite(paper, clear).convert("RGB").resize(size, Pillow.Resampling.BOX))
    return max(ImageStat.Stat(ImageChops.difference(*flat)).mean)


# What it took ---------------------------------------------------------------------------------


def _cpu() -> float:
    """Seconds of this process and of those that it started and that ended."""
    return sum(os.times()[:4])


def _status(name: str) -> int:
    """Bytes, as the kernel counts them."""
    found = re.search(rf"^{name}:\s+(\d+) kB", Path("/proc/self/status").read_text(), re.MULTILINE)
    assert found
    return int(found[1]) * 1024


def _largest_child() -> int:
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024


def _forget_peak() -> None:
    """Let the kernel count the highest use of memory from here (proc(5), clear_refs)."""
    Path("/proc/self/clear_refs").write_text("5")


if __name__ == "__main__":
    main()
