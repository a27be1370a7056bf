"""Portraits of authors."""

from PIL import Image

from newsroom.demo.canvas import HEIGHT, Paint, Sheet, curve, mix


def _portrait(
    seed: str, ground: list[str], coat: Paint, skin: str, hair: str, *, long: bool, glasses: bool
) -> Image.Image:
    """A head and shoulders against the light, as on a stamp: square."""
    sheet = Sheet(seed, ground)
    x, y = 960, 520
    sheet.light(x + 180, y - 120, 620, "#fff6e0", 0.6)
    if long:
        with sheet.layer([mix(hair, "#ffffff", 0.12), hair]) as pen:
            pen.polygon(
                curve(
                    (x - 170, y - 60),
                    (x - 150, y - 230),
                    (x, y - 290),
                    (x + 150, y - 230),
                    (x + 175, y - 40),
                    (x + 205, y + 220),
                    (x + 120, y + 300),
                    (x - 120, y + 300),
                    (x - 205, y + 220),
                    (x - 170, y - 60),
                )
            )
    with sheet.layer(coat) as pen:
        pen.polygon(
            [
                *curve(
                    (x - 470, HEIGHT + 10),
                    (x - 410, y + 420),
                    (x - 200, y + 300),
                    (x, y + 262),
                    (x + 200, y + 300),
                    (x + 410, y + 420),
                    (x + 470, HEIGHT + 10),
                )
            ]
        )
    with sheet.layer([mix(skin, "#3a1c20", 0.2), mix(skin, "#3a1c20", 0.34)]) as pen:
        pen.polygon([(x - 66, y + 110), (x + 66, y + 110), (x + 84, y + 300), (x, y + 356), (x - 84, y + 300)])
    with sheet.layer([mix(skin, "#fff1dc", 0.16), skin]) as pen:
        pen.polygon(
            curve(
                (x - 134, y - 70),
                (x - 110, y - 190),
                (x, y - 232),
                (x + 110, y - 190),
                (x + 134, y - 70),
                (x + 118, y + 80),
                (x + 62, y + 168),
                (x, y + 192),
                (x - 62, y + 168),
                (x - 118, y + 80),
                (x - 134, y - 70),
            )
        )
        for side in (-1, 1):
            pen.ellipse(x + side * 136, y - 10, 20, 36)
    with sheet.layer(mix(skin, "#3a1c20", 0.22), opacity=0.6) as pen:
        pen.polygon(
            curve(
                (x - 134, y - 70),
                (x - 70, y - 120),
                (x - 40, y + 20),
                (x - 50, y + 174),
                (x - 62, y + 168),
                (x - 118, y + 80),
                (x - 134, y - 70),
            )
        )
    with sheet.layer([mix(hair, "#ffffff", 0.2), hair]) as pen:
        pen.polygon(
            curve(
                (x - 146, y - 20),
                (x - 150, y - 170),
                (x - 60, y - 268),
                (x + 70, y - 268),
                (x + 150, y - 170),
                (x + 146, y - 20),
                (x + 112, y - 120),
                (x + 20, y - 160),
                (x - 80, y - 130),
                (x - 122, y - 90),
                (x - 146, y - 20),
            )
        )
    ink = mix(hair, "#1a1016", 0.5)
    with sheet.layer(ink) as pen:
        for side in (-1, 1):
            pen.ellipse(x + side * 54, y - 22, 10, 11)
            pen.stroke(curve((x + side * 84, y - 58), (x + side * 56, y - 70), (x + side * 28, y - 60)), 9, 6)
            if glasses:
                pen.arc(x + side * 56, y - 18, 43, 0, 360, 7)
        if glasses:
            pen.arc(x, y - 14, 16, 190, 350, 6)
    with sheet.layer(mix(skin, "#4a1c20", 0.45)) as pen:
        pen.stroke(curve((x + 4, y - 20), (x + 20, y + 46), (x - 6, y + 54)), 5, 5)
        pen.stroke(curve((x - 40, y + 104), (x, y + 120), (x + 42, y + 102)), 7, 5)
    return sheet.finished(dark_edges=0).crop((x - 540, 60, x + 540, 1140)).resize((720, 720), Image.Resampling.LANCZOS)


def portrait_maren() -> Image.Image:
    return _portrait(
        "maren", ["#e9b872", "#d98a52"], ["#27495a", "#14303f"], "#d9a07e", "#5a3426", long=True, glasses=False
    )


def portrait_tomas() -> Image.Image:
    return _portrait(
        "tomas", ["#8fb8b0", "#4f8a8a"], ["#7a3a34", "#4a2024"], "#b87f5c", "#2a2024", long=False, glasses=True
    )


def portrait_samira() -> Image.Image:
    return _portrait(
        "samira", ["#c98a8a", "#8a4f6a"], ["#e3d3b0", "#b8a07a"], "#a86f4c", "#1c1418", long=True, glasses=True
    )


def portrait_henrik() -> Image.Image:
    return _portrait(
        "henrik", ["#9aa8c8", "#5a6a9a"], ["#3f5a4a", "#243a30"], "#e0b090", "#b8b0a8", long=False, glasses=False
    )
