"""The accent colour: whatever an editor chooses, words in it can be read."""

import re

import pytest

from articles import theme
from newsroom import pagecache
from newsroom.models import SiteSettings

COLOURS = ["#9b1c31", "#ffffff", "#000000", "#ffff00", "#0044cc", "#777777", "#00ff88", "not a colour", ""]


def shades(css: str) -> list[tuple[int, int, int]]:
    return [theme._parsed(colour) for colour in re.findall(r"--accent:(#[0-9a-f]{6})", css)]


@pytest.mark.parametrize("accent", COLOURS)
def test_both_shades_of_any_colour_are_legible(accent):
    light, dark = shades(theme.css_of(accent))
    assert theme.contrast(light, theme.LIGHT_PAPER) >= 4.5
    assert theme.contrast(dark, theme.DARK_PAPER) >= 4.5


@pytest.mark.parametrize("accent", COLOURS)
def test_ink_on_the_accent_is_legible(accent):
    inks = [
        (255, 255, 255) if ink == "#fff" else (0, 0, 0)
        for ink in re.findall(r"--accent-ink:(#\w+)", theme.css_of(accent))
    ]
    for shade, ink in zip(shades(theme.css_of(accent)), inks, strict=True):
        assert theme.contrast(shade, ink) >= 4.5


def test_a_colour_that_is_dark_enough_is_left_as_it_is():
    assert "--accent:#9b1c31" in theme.css_of("#9b1c31")


@pytest.mark.django_db
def test_a_new_colour_has_a_new_address_that_may_be_kept_for_ever(client):
    SiteSettings(accent="#123456").save()
    page = client.get("/").content.decode()
    address = re.search(r'href="(/theme\.css\?v=[0-9a-f]+)"', page)
    assert address
    assert "immutable" in client.get(address[1]).headers["Cache-Control"]
    assert "immutable" not in client.get("/theme.css?v=old").headers["Cache-Control"]
    SiteSettings(accent="#654321").save()
    pagecache.forget()
    assert address[1] not in client.get("/").content.decode()
