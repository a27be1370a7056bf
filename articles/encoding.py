"""The formats of the files that readers are sent, and how each is written.

The settings were chosen by measuring: docs/decisions/0014.
"""

import io
from typing import Any

import PIL.Image
from PIL import features

AVIF, WEBP, JPEG, PNG = "image/avif", "image/webp", "image/jpeg", "image/png"
EXTENSIONS = {AVIF: "avif", WEBP: "webp", JPEG: "jpg", PNG: "png"}
OPTIONS: dict[str, dict[str, Any]] = {
    # One thread: there are as many workers as there is work for, and web servers beside them.
    AVIF: {"format": "AVIF", "quality": 65, "speed": 9, "max_threads": 1},
    WEBP: {"format": "WEBP", "quality": 80, "method": 2},
    JPEG: {"format": "JPEG", "quality": 82, "optimize": True, "progressive": True},
    PNG: {"format": "PNG", "optimize": False},
}
# Best first. Some builds of Pillow cannot write AVIF: then readers get WebP.
MODERN = ((AVIF,) if features.check("avif") else ()) + (WEBP,)


def fallback(still: PIL.Image.Image) -> str:
    """What everything can show: JPEG, or PNG where something is transparent."""
    return PNG if still.mode == "RGBA" else JPEG


def encoded(
    still: PIL.Image.Image,
    size: tuple[int, int],
    box: tuple[float, float, float, float] | None,
    media_type: str,
    words: dict[str, Any],
) -> bytes:
    """The part `box` of `still` in `size`, as a file of that type which carries the `words` and nothing else.

    The words are options of Pillow's save(), as articles.metadata.written gives them.
    """
    whole = box is None and still.size == size
    sized = still.copy() if whole else still.resize(size, PIL.Image.Resampling.LANCZOS, box=box)
    sized.info = {}
    buffer = io.BytesIO()
    sized.save(buffer, **OPTIONS[media_type], **words)
    return buffer.getvalue()
