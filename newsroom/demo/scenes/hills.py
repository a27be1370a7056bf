"""Scenes on the hills: wind turbines and the observatory."""

import math

from PIL import Image

from newsroom.demo.canvas import HEIGHT, WIDTH, Pen, Sheet, curve, mix
from newsroom.demo.scenes import motifs


def turbines() -> Image.Image:
    """Three wind turbines above the cliffs, and the sheep below them."""
    sheet = Sheet("turbines", ["#2f8a94", "#6fb9b4", "#bcdcc4", "#f3e8c2", "#f8dba6", "#f8dba6"])
    sheet.light(300, 560, 640, "#fff2c8", 0.9)
    with sheet.layer("#fffbe6") as pen:
        pen.ellipse(300, 540, 50)
    for y, left, right in ((180, 1000, 1900), (280, 100, 900), (390, 1200, 2000)):
        with sheet.layer("#fdf6e0", opacity=0.5, blur=7) as pen:
            for _ in range(8):
                pen.ellipse(
                    sheet.random.uniform(left, right),
                    y + sheet.random.uniform(-12, 12),
                    sheet.random.uniform(60, 190),
                    sheet.random.uniform(6, 15),
                )
    with sheet.layer(["#8ecbc4", "#5aa7ad"]) as pen:
        pen.polygon([(-10, 690), (WIDTH + 10, 676), (WIDTH + 10, 840), (-10, 840)])
    motifs.glints(sheet, 300, 694, 810, 60, "#fff6d8", 50)
    for height, rise, colour in ((760, 46, "#8fb07c"), (826, 56, "#6f9a66")):
        sheet.land(sheet.ridge(height, rise), [mix(colour, "#f8e6b4", 0.35), colour])
    _turbine(sheet, 690, 800, 0.6, 18, "#dfe9df")
    _turbine(sheet, 1060, 830, 0.84, 71, "#eaf0e6")
    sheet.land(sheet.ridge(900, 50, waves=4), ["#86ad5e", "#4b7d4e", "#38663f"])
    _turbine(sheet, 1500, 980, 1.25, 40, "#fbfaf0")
    sheet.land(sheet.ridge(1030, 34, waves=4), ["#6d9a4a", "#376239", "#274b30"])
    with sheet.layer("#d8e59a", opacity=0.3) as pen:
        for _ in range(420):
            stem, low = sheet.random.uniform(0, WIDTH), sheet.random.uniform(1060, HEIGHT)
            pen.stroke([(stem, low), (stem + sheet.random.uniform(-5, 9), low - sheet.random.uniform(9, 28))], 2.6, 0.8)
    for x, y, size in ((250, 1090, 1.1), (390, 1060, 0.85), (560, 1116, 1.25), (800, 1076, 0.8), (1150, 1120, 1.2)):
        _sheep(sheet, x, y, size)
    return sheet.finished(dark_edges=0.22)


def _turbine(sheet: Sheet, x: float, base: float, size: float, turn: float, colour: str) -> None:
    hub = base - 560 * size
    with sheet.layer([mix(colour, "#ffffff", 0.4), mix(colour, "#7f9c98", 0.45)]) as pen:
        pen.stroke([(x, base + 20), (x, hub)], 30 * size, 13 * size)
    with sheet.layer(mix(colour, "#7f9c98", 0.12)) as pen:
        for blade in range(3):
            angle = math.radians(turn + 120 * blade)
            along, across = (math.cos(angle), math.sin(angle)), (-math.sin(angle), math.cos(angle))

            def at(far: float, side: float, along: tuple = along, across: tuple = across) -> tuple[float, float]:
                return x + (along[0] * far + across[0] * side) * size, hub + (along[1] * far + across[1] * side) * size

            pen.polygon(
                [*curve(at(0, -7), at(60, -19), at(200, -9), at(330, 0), steps=8), at(330, 3), at(60, 5), at(0, 7)]
            )
        pen.ellipse(x, hub, 17 * size)


def _sheep(sheet: Sheet, x: float, y: float, size: float) -> None:
    with sheet.layer("#1e2d25") as pen:
        for dx in (-22, -12, 12, 22):
            pen.box(x + dx * size - 2.5 * size, y, 5 * size, 26 * size)
        pen.ellipse(x + 40 * size, y - 22 * size, 14 * size, 10 * size)
        pen.ellipse(x + 30 * size, y - 31 * size, 8 * size, 4 * size)
    with sheet.layer(["#fffdf2", "#d3d8bf"]) as pen:
        for dx, dy, r in ((-20, -8, 20), (0, -16, 24), (20, -8, 20), (0, -2, 22), (-30, -12, 13), (26, -20, 13)):
            pen.ellipse(x + dx * size, y + dy * size, r * size)


def observatory() -> Image.Image:
    """The dome on the hill under the Milky Way."""
    sheet = Sheet("observatory", ["#050a26", "#0d1a48", "#1d3272", "#38508f", "#7a76a6", "#b98d9d"])
    for _ in range(120):
        along = sheet.random.random()
        x, y = 300 + along * 1500, 760 - along * 800 + sheet.random.gauss(0, 46)
        sheet.light(x, y, sheet.random.uniform(70, 170), mix("#7e8fd6", "#d9b8dc", sheet.random.random()), 0.09)
    with sheet.layer("#fff8e6", opacity=0.8) as pen:
        for _ in range(1500):
            along = sheet.random.random()
            x, y = 300 + along * 1500 + sheet.random.gauss(0, 70), 760 - along * 800 + sheet.random.gauss(0, 80)
            pen.ellipse(x, y, sheet.random.uniform(0.5, 1.3), ink=sheet.random.randint(70, 230))
    motifs.stars(sheet, 700, 800)
    for x, y in ((240, 180), (1650, 470), (880, 130), (460, 430)):
        sheet.light(x, y, 36, "#ffffff", 0.9)
    with sheet.layer("#ffffff", opacity=0.9) as pen:
        pen.stroke([(420, 120), (690, 236)], 1, 4)
    for height, rise, colour in ((850, 40, "#3a4577"), (905, 46, "#26315f")):
        sheet.land(sheet.ridge(height, rise), [mix(colour, "#8d7fa8", 0.3), colour])
    with sheet.layer(["#16204a", "#0a1230"]) as pen:
        pen.polygon(
            [
                *curve((-20, 1110), (300, 1050), (700, 930), (1000, 872), (1300, 880), (1600, 980), (1940, 1080)),
                (1940, HEIGHT + 5),
                (-20, HEIGHT + 5),
            ]
        )
    _dome(sheet, 1120, 884)
    with sheet.layer("#070d24") as pen:
        for x, tall in ((70, 250), (150, 330), (250, 270), (330, 190), (1700, 240), (1780, 340), (1870, 290)):
            _fir(pen, x, 1150 - abs(960 - x) * 0.02, tall)
        motifs.person(pen, 640, 962, 104, stride=0.03)
        motifs.person(pen, 560, 984, 78, stride=0.03)
        motifs.person(pen, 596, 976, 70, stride=0.03)
        motifs.person(pen, 800, 926, 92, stride=0.03)
        pen.line([(700, 950), (722, 886), (744, 948)], 4)
        pen.stroke([(684, 900), (760, 852)], 12, 19)
    with sheet.layer("#ff7a5c", opacity=0.9) as pen:
        pen.ellipse(640, 905, 5)
    sheet.light(640, 905, 40, "#ff7a5c", 0.8)
    return sheet.finished(dark_edges=0.4)


def _dome(sheet: Sheet, x: float, base: float) -> None:
    with sheet.layer(["#c9cde4", "#6a74a6"]) as pen:
        pen.box(x - 150, base - 150, 300, 170)
    with sheet.layer(["#eef0f8", "#9aa3cc", "#6f7bb0"]) as pen:
        pen.ellipse(x, base - 150, 174, 178)
        pen.box(x - 200, base - 146, 400, 200, ink=0)
    with sheet.layer("#4d588e", opacity=0.5) as pen:
        for lean in (-0.75, -0.4, 0.7):
            pen.line(
                [
                    (x + 174 * lean * math.sin(k / 12 * math.pi / 2), base - 150 - 178 * math.cos(k / 12 * math.pi / 2))
                    for k in range(13)
                ],
                3,
            )
        pen.box(x - 180, base - 152, 360, 10)
    with sheet.layer(["#ffdf9c", "#ff9d5c"]) as pen:
        pen.polygon(
            curve((x + 14, base - 328), (x + 50, base - 318), (x + 88, base - 250), (x + 96, base - 156), steps=8)
            + curve((x + 52, base - 156), (x + 46, base - 240), (x + 14, base - 328), steps=8)
        )
    sheet.light(x + 62, base - 250, 260, "#ffb870", 0.7)
    with sheet.layer("#1a2350") as pen:
        pen.stroke([(x + 52, base - 196), (x + 112, base - 300)], 20, 26)
        pen.box(x - 24, base - 66, 48, 86, corner=4)
        pen.box(x - 166, base + 4, 332, 20)
    with sheet.layer("#ffdf9c") as pen:
        pen.box(x - 110, base - 104, 34, 44, corner=3)
        pen.box(x + 76, base - 104, 34, 44, corner=3)
        pen.box(x - 15, base - 56, 30, 60, corner=3)


def _fir(pen: Pen, x: float, base: float, tall: float) -> None:
    pen.box(x - 5, base - 30, 10, 90)
    for tier in range(6):
        top, wide = base - tall + tier * tall * 0.14, tall * (0.09 + 0.045 * tier)
        pen.polygon([(x, top), (x + wide, top + tall * 0.3), (x - wide, top + tall * 0.3)])
