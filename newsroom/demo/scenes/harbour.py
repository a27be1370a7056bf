"""The harbour at dawn, and what else there was to be seen on the quay that morning."""

from PIL import Image

from newsroom.demo.canvas import HEIGHT, Sheet, curve, mix
from newsroom.demo.scenes import motifs


def harbour() -> Image.Image:
    """The night ferry comes in at dawn."""
    horizon = 690
    sheet = Sheet(
        "harbour", ["#232a5c", "#4a3f7d", "#9a5a86", "#e58a7b", "#f9c58d", "#fbe3b4", "#fbe3b4", "#fbe3b4", "#fbe3b4"]
    )
    motifs.stars(sheet, 90, 260)
    sheet.light(1330, horizon - 40, 620, "#ffd9a0", 0.9)
    with sheet.layer(["#fff3d0", "#ffd58a"]) as pen:
        pen.ellipse(1330, horizon - 46, 66)
    for height, rise, colour in ((600, 34, "#c98a94"), (636, 26, "#a4718f"), (664, 16, "#7a5a86")):
        sheet.land(sheet.ridge(height, rise), [colour, mix(colour, "#fbd7a8", 0.55)])
    _clouds(sheet)
    motifs.row_of_houses(
        sheet, -20, 640, horizon, [["#3a3568", "#5d4a80"], ["#453a70", "#6b5285"], ["#332f5e", "#564677"]], "#ffd58a"
    )
    _crane(sheet, 720, horizon, "#41386c")
    _crane(sheet, 850, horizon, "#564a7c", size=0.72)
    _lighthouse(sheet, 1740, horizon)
    sheet.mirrored(horizon, height=420, ripple=5, dim=0.85)
    sheet.haze("#1c2350", 760, HEIGHT, 0.75)
    motifs.glints(sheet, 1330, horizon + 4, HEIGHT - 60, 90, "#ffd9a0", 150)
    motifs.waves(sheet, horizon + 60, "#f9c58d", opacity=0.16)
    _ferry(sheet, 1010, horizon + 92)
    with sheet.layer(["#171a3d", "#0d1029"]) as pen:
        pen.polygon([(-10, 1100), (520, 1082), (560, 1104), (560, HEIGHT + 5), (-10, HEIGHT + 5)])
        for x in (96, 300, 480):
            pen.box(x, 1034, 34, 70, corner=8)
            pen.box(x - 9, 1028, 52, 18, corner=8)
        pen.stroke(curve((330, 1056), (390, 1085), (440, 1082), (496, 1056)), 5, 5)
        motifs.person(pen, 205, 1098, 138, stride=0.06)
    with sheet.layer("#2a2750") as pen:
        for x, y, span, tilt in (
            (620, 330, 92, 0.2),
            (760, 270, 64, -0.1),
            (520, 250, 50, 0.1),
            (1130, 300, 44, -0.25),
            (1540, 240, 40, 0.1),
        ):
            motifs.gull(pen, x, y, span, tilt)
    return sheet.finished()


def mole() -> Image.Image:
    """The lighthouse from the end of the mole, upright as a telephone takes it."""
    horizon, x = 850, 960
    sheet = Sheet("mole", ["#1e2452", "#43397a", "#8d5586", "#e0857c", "#f9c58d", "#f9c58d"])
    motifs.stars(sheet, 120, 420)
    sheet.land(sheet.ridge(horizon - 36, 20), ["#a4718f", "#d89a98"])
    with sheet.layer(["#3a5a8c", "#1a2450"]) as pen:
        pen.box(0, horizon, 1920, HEIGHT - horizon)
    motifs.waves(sheet, horizon + 20, "#f9c58d", opacity=0.22)
    sheet.light(x, 250, 420, "#ffe2a0", 0.8)
    with sheet.layer(["#f6d8c0", "#8f6c93"]) as pen:
        pen.polygon([(x - 92, 1010), (x - 56, 320), (x + 56, 320), (x + 92, 1010)])
    with sheet.layer("#a1405e") as pen:
        for top in (420, 640, 860):
            above, below = 56 + (top - 320) / 690 * 36, 56 + (top - 220) / 690 * 36
            pen.polygon([(x - above, top), (x + above, top), (x + below, top + 100), (x - below, top + 100)])
    with sheet.layer("#2f2c57") as pen:
        pen.box(x - 78, 300, 156, 26)
        pen.box(x - 44, 206, 88, 100)
        pen.polygon([(x - 58, 210), (x, 140), (x + 58, 210)])
    with sheet.layer("#ffe9b0") as pen:
        pen.box(x - 28, 222, 56, 70)
    with sheet.layer(["#3c3768", "#171a3d"]) as pen:
        pen.polygon([(x - 420, HEIGHT), (x - 130, 990), (x + 130, 990), (x + 420, HEIGHT)])
    with sheet.layer("#12153a") as pen:
        motifs.person(pen, x - 150, 1120, 150)
        motifs.person(pen, x + 40, 1150, 168, stride=0.02)
    with sheet.layer("#2a2750") as pen:
        motifs.gull(pen, x - 240, 420, 70, 0.2)
        motifs.gull(pen, x + 230, 330, 54, -0.1)
    return sheet.finished().crop((x - 400, 0, x + 400, HEIGHT))


def gangway() -> Image.Image:
    """The first passengers come ashore."""
    sheet = Sheet("gangway", ["#4a3f7d", "#c9788a", "#f9c58d", "#fbe3b4", "#fbe3b4"])
    with sheet.layer(["#f7ead7", "#c4a3a6"]) as pen:
        pen.polygon([(-10, 180), (900, 240), (1010, 980), (-10, 980)])
    with sheet.layer("#1d2148") as pen:
        for x in range(60, 820, 150):
            pen.ellipse(x, 470, 44)
    with sheet.layer("#ffe7ae") as pen:
        for x in range(60, 820, 150):
            pen.ellipse(x, 470, 33)
    with sheet.layer(["#3c3768", "#171a3d"]) as pen:
        pen.box(0, 960, 1920, 250)
    with sheet.layer("#5d4a80") as pen:
        pen.polygon([(720, 640), (1640, 950), (1640, 976), (720, 676)])
        pen.line([(720, 540), (1640, 850)], 7)
        for step in range(9):
            pen.line([(730 + step * 112, 545 + step * 38), (730 + step * 112, 650 + step * 38)], 5)
    with sheet.layer("#12153a") as pen:
        for x, base, height in (
            (860, 690, 190),
            (1060, 756, 205),
            (1270, 826, 180),
            (1560, 930, 210),
            (1760, 1010, 230),
        ):
            motifs.person(pen, x, base, height)
    return sheet.finished()


def _clouds(sheet: Sheet) -> None:
    for y, left, right, colour in (
        (420, 980, 1900, "#fbb58c"),
        (482, 300, 1220, "#f3a083"),
        (352, 120, 800, "#b96a8c"),
        (540, 1400, 2000, "#ffd9a0"),
    ):
        with sheet.layer(colour, opacity=0.5, blur=5) as pen:
            for _ in range(9):
                x = sheet.random.uniform(left, right)
                pen.ellipse(
                    x, y + sheet.random.uniform(-10, 10), sheet.random.uniform(90, 220), sheet.random.uniform(4, 11)
                )


def _crane(sheet: Sheet, x: float, base: float, colour: str, size: float = 1) -> None:
    with sheet.layer(colour) as pen:
        top = base - 300 * size
        for dx in (-34, 34):
            pen.line([(x + dx * size, base), (x + dx * 0.3 * size, top + 90 * size)], 7 * size)
        for step in range(4):
            low, high = base - step * 52 * size, base - (step + 1) * 52 * size
            pen.line([(x - 30 * size, low), (x + 26 * size, high)], 3 * size)
        pen.box(x - 26 * size, top + 60 * size, 52 * size, 40 * size)
        pen.line([(x - 60 * size, top + 78 * size), (x + 230 * size, top - 60 * size)], 8 * size)
        pen.line([(x, top + 70 * size), (x + 10 * size, top - 40 * size), (x + 226 * size, top - 58 * size)], 3 * size)
        pen.line([(x + 218 * size, top - 55 * size), (x + 218 * size, top + 110 * size)], 2 * size)
        pen.box(x + 208 * size, top + 108 * size, 20 * size, 16 * size)


def _lighthouse(sheet: Sheet, x: float, base: float) -> None:
    with sheet.layer(["#4d4174", "#2f2c57"]) as pen:
        pen.polygon([(x - 330, base + 4), (x - 260, base - 26), (x + 200, base - 34), (x + 200, base + 4)])
    with sheet.layer(["#f6d8c0", "#8f6c93"]) as pen:
        pen.polygon([(x - 30, base - 30), (x - 19, base - 250), (x + 19, base - 250), (x + 30, base - 30)])
    with sheet.layer("#a1405e") as pen:
        for top, bottom in ((-205, -160), (-115, -70)):
            wide = 19 + (250 + top) / 220 * 11, 19 + (250 + bottom) / 220 * 11
            pen.polygon(
                [
                    (x - wide[0], base + top),
                    (x + wide[0], base + top),
                    (x + wide[1], base + bottom),
                    (x - wide[1], base + bottom),
                ]
            )
    with sheet.layer("#2f2c57") as pen:
        pen.box(x - 26, base - 258, 52, 10)
        pen.box(x - 15, base - 292, 30, 36)
        pen.polygon([(x - 20, base - 290), (x, base - 316), (x + 20, base - 290)])
    with sheet.layer("#ffe9b0") as pen:
        pen.box(x - 9, base - 286, 18, 26)
    sheet.light(x, base - 273, 130, "#ffe2a0", 1)


def _ferry(sheet: Sheet, x: float, base: float) -> None:
    with sheet.layer("#141838", opacity=0.45, blur=9) as pen:
        pen.ellipse(x, base + 16, 300, 16)
    with sheet.layer(["#f7ead7", "#c4a3a6"]) as pen:
        pen.polygon([(x - 210, base - 66), (x - 190, base - 128), (x + 120, base - 128), (x + 160, base - 66)])
        pen.polygon([(x - 150, base - 126), (x - 138, base - 168), (x + 62, base - 168), (x + 88, base - 126)])
    with sheet.layer(["#b1344f", "#7d2745"]) as pen:
        pen.polygon([(x - 96, base - 166), (x - 84, base - 236), (x - 26, base - 236), (x - 20, base - 166)])
    with sheet.layer("#1d2148") as pen:
        pen.box(x - 88, base - 240, 66, 14)
        pen.line([(x + 30, base - 168), (x + 30, base - 250)], 4)
        pen.line([(x + 30, base - 246), (x + 250, base - 66)], 1.4)
        pen.line([(x + 30, base - 246), (x - 60, base - 200)], 1.4)
    with sheet.layer(["#2b2f5e", "#191c40"]) as pen:
        hull = curve((x - 280, base - 70), (x - 262, base - 20), (x - 236, base + 10), steps=8)
        hull += [
            (x + 214, base + 10),
            *curve((x + 214, base + 10), (x + 262, base - 34), (x + 300, base - 82), steps=8),
        ]
        pen.polygon([*hull, (x + 240, base - 66), (x - 240, base - 62)])
    with sheet.layer("#b1344f") as pen:
        pen.polygon([(x - 240, base + 2), (x + 222, base + 2), (x + 212, base + 12), (x - 234, base + 12)])
    with sheet.layer("#ffdf9c", opacity=0.6, blur=8, glow=True) as pen:
        pen.box(x - 190, base - 118, 320, 40)
    with sheet.layer("#ffe7ae") as pen:
        for step in range(19):
            pen.box(x - 180 + step * 17, base - 112, 9, 11, corner=2)
            pen.box(x - 190 + step * 18, base - 88, 10, 11, corner=2)
        for step in range(9):
            pen.box(x - 128 + step * 22, base - 156, 13, 14, corner=2)
    with sheet.layer("#fff3dc", opacity=0.8, blur=3) as pen:
        pen.stroke(curve((x + 220, base + 12), (x + 40, base + 24), (x - 320, base + 30)), 16, 1)
        pen.stroke(curve((x + 214, base + 14), (x + 330, base + 30), (x + 470, base + 34)), 12, 1)
    with sheet.layer("#6d5a86", opacity=0.5, blur=14) as pen:
        for step in range(7):
            pen.ellipse(x - 60 - step * 52, base - 262 - step * 13, 24 + step * 9, 14 + step * 4)
