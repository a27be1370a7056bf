"""The site's accent colour as a stylesheet, in shades that can be read on light and on dark paper."""

import hashlib
import re

from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_cache_control
from django.views.decorators.http import require_safe

from newsroom.models import SiteSettings

HEX = re.compile(r"#[0-9a-fA-F]{6}")
DEFAULT = "#9b1c31"
# The quietest papers of site.css on which accented words stand.
LIGHT_PAPER, DARK_PAPER = (243, 240, 233), (33, 36, 40)
# WCAG 2.2, 1.4.3: contrast of words that are not large.
CONTRAST = 4.6

Colour = tuple[int, int, int]


@require_safe
def stylesheet(request: HttpRequest) -> HttpResponse:
    """The colours that site.css leaves to the site settings. Its address changes with them."""
    css = css_of(SiteSettings.current().accent)
    response = HttpResponse(css, content_type="text/css; charset=utf-8")
    if request.GET.get("v") == fingerprint(css):
        patch_cache_control(response, public=True, max_age=31_536_000, immutable=True)
    else:
        patch_cache_control(response, public=True, max_age=60)
    return response


def version(settings: SiteSettings) -> str:
    """What the stylesheet's address ends with for these settings."""
    return fingerprint(css_of(settings.accent))


def css_of(accent: str) -> str:
    """Both shades of `accent` (such as #9b1c31; the default where it is no colour), and ink to write on them."""
    light, dark = shades(accent)
    return (
        f":root{{--accent:{light};--accent-ink:{_ink_on(_parsed(light))}}}"
        f"@media (prefers-color-scheme:dark){{:root{{--accent:{dark};--accent-ink:{_ink_on(_parsed(dark))}}}}}"
    )


def shades(accent: str) -> tuple[str, str]:
    """The colour as it can be read on light and on dark paper; the default's where `accent` is no colour."""
    colour = _parsed(accent)
    light = _moved_until_legible(colour, on=LIGHT_PAPER, towards=(0, 0, 0))
    dark = _moved_until_legible(colour, on=DARK_PAPER, towards=(255, 255, 255))
    return _written(light), _written(dark)


def fingerprint(css: str) -> str:
    return hashlib.sha256(css.encode()).hexdigest()[:10]


def contrast(one: Colour, other: Colour) -> float:
    """The contrast ratio of two colours as WCAG 2.2 defines it, 1 to 21."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: Colour) -> float:
    def linear(channel: int) -> float:
        share = channel / 255
        return share / 12.92 if share <= 0.04045 else float(((share + 0.055) / 1.055) ** 2.4)

    red, green, blue = map(linear, colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _moved_until_legible(colour: Colour, *, on: Colour, towards: Colour) -> Colour:
    for step in range(101):
        red, green, blue = (round(a + (b - a) * step / 100) for a, b in zip(colour, towards, strict=True))
        if contrast((red, green, blue), on) >= CONTRAST:
            return red, green, blue
    return towards


def _ink_on(colour: Colour) -> str:
    return "#fff" if contrast(colour, (255, 255, 255)) >= contrast(colour, (0, 0, 0)) else "#000"


def _parsed(accent: str) -> Colour:
    written = accent if HEX.fullmatch(accent) else DEFAULT
    return int(written[1:3], 16), int(written[3:5], 16), int(written[5:7], 16)


def _written(colour: Colour) -> str:
    return "#{:02x}{:02x}{:02x}".format(*colour)
