"""How the admin shows pictures, moments and people in small."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.utils import formats, timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from articles.models import Image
from newsroom.lib import clock


def thumbnail(image: Image | None) -> SafeString | str:
    """The smallest rendition, or nothing. Decorative here: the words beside it say what it is."""
    rendition = min((image and image.renditions) or [], key=lambda r: r["width"], default=None)
    if rendition is None:
        return ""
    return format_html(
        '<img class="thumb" src="{}{}" width="{}" height="{}" alt="" loading="lazy">',
        settings.MEDIA_URL,
        rendition["path"],
        rendition["width"],
        rendition["height"],
    )


def preview(image: Image, width: int = 768) -> SafeString | str:
    """The rendition nearest to `width`, with the picture's own alt text."""
    rendition = min(image.renditions, key=lambda r: abs(r["width"] - width), default=None)
    if rendition is None:
        return ""
    return format_html(
        '<img class="preview" src="{}{}" width="{}" height="{}" alt="{}">',
        settings.MEDIA_URL,
        rendition["path"],
        rendition["width"],
        rendition["height"],
        image.alt,
    )


def tag(state: Any) -> SafeString:
    """A state's name with its colour."""
    return format_html('<span class="tag tag-{}">{}</span>', state.value, state.label)


def moment(at: datetime | None) -> str:
    """A moment in the user's zone with the zone's name: "09:10 CET" today, else with its date."""
    if at is None:
        return ""
    local, today = timezone.localtime(at), timezone.localtime(clock.now()).date()
    clock_time = f"{formats.time_format(local, 'H:i')} {local.tzname()}"
    if local.date() == today:
        return clock_time
    pattern = "j M" if local.year == today.year else "j M Y"
    return f"{formats.date_format(local, pattern)}, {clock_time}"


def person(user: Any) -> str:
    """A colleague's name; a dash where there is none, as after an import."""
    return str(user) if user else "–"
