"""Scenes of the river and the sea."""

import math

from PIL import Image

from newsroom.demo.canvas import HEIGHT, WIDTH, Paint, Pen, Sheet, curve, mix
from newsroom.demo.scenes import motifs


def flood() -> Image.Image:
    """The river in flood, at the height of the quay wall."""
    water = 640
    sheet = Sheet("flood", ["#5f7280", "#7d8f97", "#a9b4b3", "#ccd0c4", "#cdd0c5", "#cdd0c5"])
    for _ in range(3):
        y = sheet.random.uniform(60, 260)
        with sheet.layer("#4e606e", opacity=0.45, blur=26) as pen:
            for _ in range(9):
                pen.ellipse(
                    sheet.random.uniform(0, WIDTH),
                    y + sheet.random.uniform(-40, 40),
                    sheet.random.uniform(160, 380),
                    sheet.random.uniform(20, 54),
                )
    for height, rise, colour in ((480, 40, "#a7b3b0"), (530, 30, "#8e9f9f"), (585, 22, "#728a8c")):
        sheet.land(sheet.ridge(height, rise), [colour, mix(colour, "#cdd0c5", 0.5)])
    paints: list[Paint] = [
        ["#8a5a4c", "#6d473f"],
        ["#b08a62", "#8a6a50"],
        ["#586b6a", "#435554"],
        ["#a3705a", "#7f5547"],
    ]
    motifs.row_of_houses(sheet, 1080, 1960, water + 6, paints, "#f6d58a", tall=190)
    with sheet.layer(["#51675c", "#3c5049"]) as pen:
        for x in (60.0, 150, 260, 350, 470, 560, 690):
            motifs.tree(pen, x, water + 30, sheet.random.uniform(150, 240))
    sheet.land([(-20, water), (WIDTH + 20, water)], ["#9a8f76", "#7b7060", "#54514c"])
    sheet.mirrored(water, height=330, ripple=14, dim=0.42)
    _current(sheet, water)
    _gauge(sheet, 1440, water + 210)
    _flooded_sign(sheet, 420, water + 190)
    with sheet.layer("#e7e4d6", opacity=0.2) as pen:
        for _ in range(420):
            x, y = sheet.random.uniform(-40, WIDTH), sheet.random.uniform(-40, HEIGHT)
            pen.line([(x, y), (x - 9, y + 34)], 1.1, ink=sheet.random.randint(60, 255))
    return sheet.finished(dark_edges=0.3)


def _current(sheet: Sheet, water: float) -> None:
    """Streaks, eddies and foam of fast brown water."""
    for colour, opacity in (("#c9bda0", 0.35), ("#4a463f", 0.35), ("#e6dfc8", 0.3)):
        with sheet.layer(colour, opacity=opacity) as pen:
            for _ in range(120):
                near = sheet.random.random()
                y = water + 8 + near**1.5 * (HEIGHT - water)
                x = sheet.random.uniform(-200, WIDTH)
                length = (60 + 340 * near) * sheet.random.uniform(0.5, 1)
                bend = sheet.random.uniform(-10, 10) * (0.3 + near)
                pen.stroke(
                    curve(
                        (x, y),
                        (x + length * 0.3, y + bend),
                        (x + length * 0.7, y - bend),
                        (x + length, y + bend * 0.5),
                        steps=8,
                    ),
                    1 + 7 * near * sheet.random.random(),
                    0.6,
                )


def _gauge(sheet: Sheet, x: float, base: float) -> None:
    """A gauge board: how high the water stands."""
    with sheet.layer(["#f1ead8", "#d8cdb4"]) as pen:
        pen.box(x, base - 560, 74, 560)
    with sheet.layer("#223038") as pen:
        for step in range(28):
            y = base - 548 + step * 20
            pen.box(x, y, 44 if step % 5 == 0 else 24, 9 if step % 5 == 0 else 5)
        pen.box(x - 10, base - 570, 94, 14)
        pen.box(x + 68, base - 560, 12, 560)
    with sheet.layer("#b5352f") as pen:
        pen.polygon([(x - 52, base - 204), (x - 6, base - 182), (x - 52, base - 160)])
    with sheet.layer("#efe6cf", opacity=0.85, blur=2) as pen:
        pen.stroke(curve((x - 90, base - 8), (x + 30, base + 8), (x + 190, base - 4)), 18, 3)
        pen.ellipse(x + 40, base + 4, 76, 9)


def _flooded_sign(sheet: Sheet, x: float, base: float) -> None:
    """A bench and a lamp on the drowned promenade."""
    with sheet.layer("#2a3338") as pen:
        pen.stroke([(x, base), (x, base - 400)], 16, 10)
        pen.box(x - 8, base - 440, 16, 40)
        pen.stroke(curve((x, base - 400), (x + 40, base - 446), (x + 92, base - 424)), 9, 7)
        pen.polygon([(x + 66, base - 424), (x + 122, base - 424), (x + 108, base - 388), (x + 80, base - 388)])
        pen.box(x + 190, base - 96, 300, 18)
        pen.box(x + 190, base - 64, 300, 18)
        pen.box(x + 180, base - 30, 320, 16)
        for dx in (206, 462):
            pen.box(x + dx, base - 100, 12, 108)
    with sheet.layer("#ffe2a0") as pen:
        pen.polygon([(x + 82, base - 390), (x + 106, base - 390), (x + 101, base - 380), (x + 87, base - 380)])
    sheet.light(x + 94, base - 376, 190, "#ffdf9a", 0.8)
    with sheet.layer("#efe6cf", opacity=0.7, blur=2) as pen:
        for dx, wide in ((0, 46), (212, 40), (468, 44)):
            pen.ellipse(x + dx, base + 4, wide, 5)


def fog() -> Image.Image:
    """The lighthouse in fog, and its horn."""
    sheet = Sheet("fog", ["#8fa3a8", "#b5c2c2", "#d8ddd6", "#e6e6dc", "#d3d8d2", "#b8c4c4"])
    sheet.light(1230, 330, 760, "#fff7df", 0.55)
    for height, rise, colour in ((760, 30, "#c3cdca"), (800, 40, "#aebdbc")):
        sheet.land(sheet.ridge(height, rise), [colour, "#d9ded8"])
    for start, end in ((176, 186), (354, 362)):
        with sheet.layer("#fffbe8", opacity=0.55, blur=20, glow=True) as pen:
            tips = [
                (1230 + 2200 * math.cos(math.radians(a)), 326 + 2200 * math.sin(math.radians(a))) for a in (start, end)
            ]
            pen.polygon([(1230, 322), *tips, (1230, 334)])
    with sheet.layer(["#6f8386", "#a9b7b5"]) as pen:
        cliff = curve(
            (640, 1010),
            (760, 930),
            (860, 800),
            (1000, 752),
            (1180, 742),
            (1380, 748),
            (1500, 800),
            (1700, 820),
            (1960, 780),
        )
        pen.polygon([*cliff, (1960, 1030), (640, 1030)])
    with sheet.layer("#5d7175", opacity=0.6) as pen:
        for x, y, drop in ((840, 820, 130), (960, 775, 190), (1120, 770, 150), (1480, 820, 140), (1660, 840, 110)):
            pen.stroke(curve((x, y), (x - 20, y + drop * 0.5), (x + 8, y + drop)), 26, 3)
    with sheet.layer(["#f2efe4", "#b9c2bf"]) as pen:
        pen.polygon([(1176, 760), (1198, 372), (1262, 372), (1284, 760)])
        pen.polygon([(1296, 760), (1296, 690), (1350, 660), (1404, 690), (1404, 760)])
    with sheet.layer(["#c3675c", "#a9827c"]) as pen:
        for top, bottom in ((430, 510), (600, 680)):
            wide = [32 + (y - 372) / 388 * 22 for y in (top, bottom)]
            pen.polygon(
                [(1230 - wide[0], top), (1230 + wide[0], top), (1230 + wide[1], bottom), (1230 - wide[1], bottom)]
            )
    with sheet.layer("#4b5e63") as pen:
        pen.box(1186, 358, 88, 16, corner=4)
        pen.box(1204, 292, 52, 68)
        pen.polygon([(1196, 296), (1230, 250), (1264, 296)])
        pen.box(1330, 704, 24, 40)
        pen.polygon([(1288, 694), (1350, 650), (1412, 694), (1412, 680), (1350, 634), (1288, 680)])
    with sheet.layer("#fff6d5") as pen:
        pen.box(1213, 302, 34, 50)
    sheet.light(1230, 326, 260, "#fff3c8", 1)
    sheet.haze("#dfe4de", 640, 1010, 0.8)
    for y, opacity in ((700, 0.55), (840, 0.6), (930, 0.5)):
        with sheet.layer("#e9ebe4", opacity=opacity, blur=34) as pen:
            for _ in range(9):
                pen.ellipse(
                    sheet.random.uniform(-100, WIDTH),
                    y + sheet.random.uniform(-30, 30),
                    sheet.random.uniform(200, 460),
                    sheet.random.uniform(14, 40),
                )
    sheet.land(sheet.ridge(1000, 5), ["#9fb1b3", "#6f878c"])
    motifs.waves(sheet, 1010, "#eef0ea", opacity=0.4)
    with sheet.layer("#5f7378") as pen:
        for x, y, span, tilt in ((520, 420, 96, 0.15), (690, 350, 66, -0.1), (400, 540, 56, 0.1), (820, 470, 46, -0.2)):
            motifs.gull(pen, x, y, span, tilt)
    _buoy(sheet, 330, 1060)
    return sheet.finished(dark_edges=0.2)


def _buoy(sheet: Sheet, x: float, base: float) -> None:
    with sheet.layer("#31454b", opacity=0.3, blur=6) as pen:
        pen.ellipse(x, base + 8, 110, 10)
    with sheet.layer(["#b4493f", "#7e3a37"]) as pen:
        pen.polygon([(x - 30, base - 120), (x + 30, base - 120), (x + 62, base), (x - 62, base)])
        pen.box(x - 12, base - 190, 24, 40, corner=4)
    with sheet.layer("#33474d") as pen:
        for dx in (-24, 24):
            pen.line([(x + dx, base - 118), (x + dx * 0.4, base - 160)], 6)
        pen.box(x - 66, base - 14, 132, 20, corner=8)


def kelp() -> Image.Image:
    """Under water at the harbour mouth: kelp, fish and a diver who counts."""
    sheet = Sheet("kelp", ["#bfe8d8", "#6cc3bd", "#2f8f9b", "#17627a", "#0d3f5c", "#082a44"])
    for _ in range(11):
        x = sheet.random.uniform(200, 1700)
        lean, wide = sheet.random.uniform(-260, -60), sheet.random.uniform(30, 110)
        with sheet.layer(["#f3fff0", "#0d3f5c"], opacity=0.2, blur=16, glow=True) as pen:
            pen.polygon([(x, -10), (x + wide, -10), (x + wide * 2.4 + lean, 980), (x + lean, 980)])
    for height, rise, colour in ((940, 40, "#145a70"), (1010, 46, "#0f4a61")):
        sheet.land(sheet.ridge(height, rise), [colour, "#0a3049"])
    _frond(sheet, 9, 0.55, ["#3f9a86", "#1b6a72"], 0.75)
    _shoal(sheet, 1240, 330, 46, "#d8f4e4", 30)
    _diver(sheet, 800, 520)
    _frond(sheet, 9, 0.8, ["#6f9a3e", "#2f6a58", "#12485a"], 1)
    sheet.land(sheet.ridge(1110, 26), ["#0b3a50", "#052136"])
    _shoal(sheet, 420, 770, 16, "#f6c66a", 54)
    _frond(sheet, 7, 1.15, ["#a98a2c", "#5a6a2c", "#17433f"], 1)
    with sheet.layer("#eafff4", opacity=0.7) as pen:
        for step in range(26):
            x = 900 + 34 * math.sin(step * 0.8) + sheet.random.uniform(-16, 16)
            pen.arc(x, 470 - step * 17, 4 + step * 0.35, 0, 360, 2)
    return sheet.finished(dark_edges=0.45)


def _frond(sheet: Sheet, count: int, size: float, paint: list[str], opacity: float) -> None:
    """Stems of kelp that sway from the ground, with leaves on both sides."""
    for _ in range(count):
        side = sheet.random.random() < 0.5
        root = sheet.random.uniform(-40, 560) if side else sheet.random.uniform(1180, 1960)
        tall = sheet.random.uniform(620, 1050) * (0.6 + 0.4 * size)
        phase, sway = sheet.random.uniform(0, 6), sheet.random.uniform(26, 60) * size
        stem = [(root + sway * math.sin(phase + k * 0.42) * k / 12, HEIGHT + 20 - tall * k / 14) for k in range(15)]
        with sheet.layer(list(paint), opacity=opacity) as pen:
            smooth = curve(*stem, steps=6)
            pen.stroke(smooth, 13 * size, 4 * size)
            for index in range(6, len(smooth) - 2, 4):
                x, y = smooth[index]
                way = 1 if (index // 4) % 2 else -1
                long = sheet.random.uniform(70, 130) * size
                droop = sheet.random.uniform(-50, -10) * size
                top = curve(
                    (x, y), (x + way * long * 0.4, y + droop - 16 * size), (x + way * long, y + droop * 1.4), steps=6
                )
                low = curve(
                    (x + way * long, y + droop * 1.4),
                    (x + way * long * 0.45, y + droop + 16 * size),
                    (x, y + 8),
                    steps=6,
                )
                pen.polygon(top + low)
                pen.ellipse(x + way * 7 * size, y, 7 * size)


def _shoal(sheet: Sheet, x: float, y: float, count: int, colour: str, length: float) -> None:
    with sheet.layer(colour, opacity=0.85) as pen:
        for _ in range(count):
            cx, cy = x + sheet.random.gauss(0, 150), y + sheet.random.gauss(0, 52)
            size = length * sheet.random.uniform(0.6, 1.1)
            pen.ellipse(cx, cy, size / 2, size / 6.5, ink=sheet.random.randint(130, 255))
            pen.polygon(
                [(cx + size * 0.42, cy), (cx + size * 0.7, cy - size / 6), (cx + size * 0.7, cy + size / 6)], ink=200
            )


def _diver(sheet: Sheet, x: float, y: float) -> None:
    with sheet.layer(["#0e2f45", "#071d30"]) as pen:
        pen.polygon(
            curve(
                (x + 96, y - 26),
                (x + 30, y - 40),
                (x - 70, y - 8),
                (x - 110, y + 14),
                (x - 60, y + 30),
                (x + 50, y + 16),
                (x + 100, y + 4),
                (x + 96, y - 26),
            )
        )
        pen.ellipse(x + 124, y - 16, 30, 27)
        pen.box(x - 40, y - 62, 110, 32, corner=15)
        pen.stroke(curve((x - 96, y + 14), (x - 190, y + 40), (x - 270, y + 30)), 32, 14)
        pen.stroke(curve((x - 96, y + 22), (x - 180, y + 80), (x - 250, y + 110)), 30, 14)
        pen.polygon([(x - 262, y + 22), (x - 372, y - 2), (x - 360, y + 44), (x - 264, y + 40)])
        pen.polygon([(x - 240, y + 100), (x - 330, y + 136), (x - 306, y + 172), (x - 236, y + 122)])
        pen.stroke(curve((x + 70, y + 4), (x + 120, y + 60), (x + 180, y + 66)), 24, 13)
        pen.box(x + 172, y + 40, 50, 62, corner=4)
    with sheet.layer("#f4f1de") as pen:
        pen.box(x + 178, y + 46, 38, 50, corner=2)
    with sheet.layer("#ffcf6b") as pen:
        pen.box(x - 34, y - 52, 98, 6, corner=3)
        pen.ellipse(x + 142, y - 20, 12, 9)


def eels() -> Image.Image:
    """A woman with a head torch stands in the estuary at night, and eels go by below."""
    surface = 560
    sheet = Sheet("eels", ["#0d1638", "#16265a", "#2a4a86", "#5f83ad", "#94aebf"])
    motifs.stars(sheet, 260, surface - 60)
    sheet.light(420, 170, 320, "#dfe9ff", 0.55)
    with sheet.layer("#f2f0df") as pen:
        pen.ellipse(420, 170, 52)
    for height, rise, colour in ((490, 22, "#2b477a"), (522, 18, "#1f3766")):
        sheet.land(sheet.ridge(height, rise), colour)
    with sheet.layer("#15274d") as pen:
        for x in (60, 150, 1500, 1600, 1690, 1790, 1880):
            motifs.tree(pen, x, surface - 6, sheet.random.uniform(90, 170))
    sheet.land(sheet.ridge(surface, 3, waves=3), ["#2f7d8d", "#14526d", "#0a3350", "#061d36"])
    with sheet.layer(["#c9f1e4", "#061d36"], opacity=0.3, blur=12, glow=True) as pen:
        pen.polygon([(1010, surface), (1210, surface), (1560, HEIGHT), (760, HEIGHT)])
    with sheet.layer(["#2b5f6a", "#123a50", "#071f38"]) as pen:
        pen.polygon([*curve((360, 1210), (620, 980), (840, 770), (980, 726), (1110, 760), (1360, 960), (1660, 1210))])
    _eel_run(sheet)
    _reeds(sheet, surface)
    with sheet.layer("#dff3ea", opacity=0.7) as pen:
        pen.stroke([(-10, surface), (WIDTH + 10, surface)], 4, 4)
    with sheet.layer("#0b1530") as pen:
        _counter(pen, 980, surface + 170)
    with sheet.layer("#e0a23c") as pen:
        pen.polygon(
            curve((944, 404), (980, 388), (1018, 404), (1024, 500), (1016, 566), (946, 566), (936, 500), (944, 404))
        )
    with sheet.layer("#0b1530") as pen:
        pen.stroke(curve((1010, 420), (1052, 470), (1118, 470)), 30, 18)
        pen.line([(1040, 350), (1180, 700)], 7)
        pen.arc(1196, 742, 50, 0, 360, 6)
        for k in range(-4, 5):
            pen.line(
                [
                    (1196 + k * 11, 742 - (2500 - k * k * 121) ** 0.5 if k * k * 121 < 2500 else 742),
                    (1200 + k * 4, 850),
                ],
                2,
            )
        pen.ellipse(980, 350, 37, 43)
        pen.box(940, 318, 80, 18, corner=8)
    sheet.light(1016, 330, 120, "#fff2c4", 1)
    with sheet.layer("#fff4cf", opacity=0.3, blur=10, glow=True) as pen:
        pen.polygon([(1016, 328), (1330, surface), (1080, surface)])
    return sheet.finished(dark_edges=0.4)


def _counter(pen: Pen, x: float, base: float) -> None:
    pen.polygon(
        [
            (x - 40, base - 220),
            (x + 36, base - 220),
            (x + 46, base),
            (x + 8, base),
            (x, base - 120),
            (x - 10, base),
            (x - 50, base),
        ]
    )
    pen.box(x - 60, base - 12, 58, 22, corner=9)
    pen.box(x + 4, base - 12, 58, 22, corner=9)


def _eel_run(sheet: Sheet) -> None:
    for _ in range(26):
        x, y = sheet.random.uniform(-100, WIDTH - 100), sheet.random.uniform(640, 1110)
        long, phase = sheet.random.uniform(200, 420), sheet.random.uniform(0, 6)
        near = (y - 600) / 520
        body = [
            (x + long * k / 22, y + (10 + 12 * near) * math.sin(phase + k * 0.5) * (0.4 + k / 22)) for k in range(23)
        ]
        with sheet.layer(mix("#7fd0c8", "#f1e2a8", sheet.random.random()), opacity=0.35 + 0.5 * near) as pen:
            thick = 11 + 7 * near
            pen.stroke(body[:13], thick * 0.8, thick)
            pen.stroke(body[12:], thick, 2)
            pen.ellipse(*body[0], thick * 0.62, thick * 0.42)


def _reeds(sheet: Sheet, surface: float) -> None:
    for left, right in ((-20, 330), (1560, 1940)):
        with sheet.layer(["#1d3a4e", "#0b2038"]) as pen:
            for _ in range(46):
                x, tall = sheet.random.uniform(left, right), sheet.random.uniform(90, 260)
                lean = sheet.random.uniform(-30, 50)
                pen.stroke(
                    curve(
                        (x, surface + 60), (x + lean * 0.3, surface - tall * 0.5), (x + lean, surface - tall), steps=8
                    ),
                    7,
                    1.5,
                )
                if sheet.random.random() < 0.3:
                    pen.ellipse(x + lean, surface - tall - 18, 6, 26)
