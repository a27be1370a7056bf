"""How the admin shows pictures, moments and people in small."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.utils import formats, timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext

from articles.models import Image
from newsroom.lib import clock


def thumbnail(image: Image | None) -> SafeString | str:
    """The smallest rendition, or nothing. Decorative here: the words beside it say what it is."""
    if image is not None and image.killed_at:
        return format_html('<span class="thumb thumb-down">{}</span>', gettext("taken down"))
    return _drawn(min(whole(image), key=lambda r: r["width"], default=None), "thumb", "", SafeString(' loading="lazy"'))


def preview(image: Image, width: int = 768) -> SafeString | str:
    """The rendition nearest to `width`, with the picture's own alt text."""
    return _drawn(min(whole(image), key=lambda r: abs(r["width"] - width), default=None), "preview", image.alt)


def whole(image: Image | None) -> list[dict[str, Any]]:
    """The renditions that show all of the picture; none of one that was taken down."""
    if image is None or image.killed_at:
        return []
    return [rendition for rendition in image.renditions if not rendition.get("crop")]


def _drawn(rendition: dict[str, Any] | None, name: str, alt: str, more: str = "") -> SafeString | str:
    if rendition is None:
        return ""
    return format_html(
        '<img class="{}" src="{}{}" width="{}" height="{}" alt="{}"{}>',
        name,
        settings.MEDIA_URL,
        rendition["path"],
        rendition["width"],
        rendition["height"],
        alt,
        more,
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
