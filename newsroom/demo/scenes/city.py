"""Scenes of streets, and of what drives and stands in them."""

from PIL import Image

from newsroom.demo.canvas import HEIGHT, WIDTH, Pen, Sheet, curve, mix
from newsroom.demo.scenes import motifs


def tram() -> Image.Image:
    """Line 4 at night in the rain."""
    street = 830
    sheet = Sheet("tram", ["#070d24", "#0f1a3e", "#1c2b5a", "#33406f"])
    _backdrop(sheet, street, ["#15214a", "#1d2a58", "#111b40"], 420)
    _backdrop(sheet, street, ["#0c1432", "#101a3c", "#0a112b"], 300)
    sheet.haze("#46507e", 560, street, 0.4)
    sheet.land([(-20, street), (WIDTH + 20, street)], ["#1a2448", "#0e1630", "#080d20"])
    with sheet.layer("#080d20") as pen:
        for y in (212, 226):
            pen.line([(-10, y), (WIDTH + 10, y + 8)], 2.4)
    for x in (150, 1765):
        _street_lamp(sheet, x, street)
    _tram_car(sheet, 270, street - 10)
    with sheet.layer("#050916") as pen:
        motifs.person(pen, 1610, street + 26, 190, stride=0.12)
        pen.polygon(curve((1500, 640), (1550, 588), (1616, 572), (1682, 590), (1730, 642), (1616, 620), (1500, 640)))
        pen.line([(1616, 570), (1622, 740)], 4)
    sheet.mirrored(street + 8, height=364, ripple=3, dim=0.6)
    with sheet.layer("#a9b6dd", opacity=0.3) as pen:
        for y in (street + 66, street + 150):
            pen.stroke([(-10, y), (WIDTH + 10, y)], 3, 3)
    with sheet.layer("#c6d2f5", opacity=0.25) as pen:
        for _ in range(300):
            left, top = sheet.random.uniform(0, WIDTH + 60), sheet.random.uniform(-40, HEIGHT)
            pen.line([(left, top), (left - 13, top + 46)], 1.2, ink=sheet.random.randint(60, 255))
    return sheet.finished(dark_edges=0.4)


def _backdrop(sheet: Sheet, base: float, colours: list[str], tall: float) -> None:
    x = -30.0
    while x < WIDTH:
        width, height = sheet.random.uniform(110, 220), tall * sheet.random.uniform(0.7, 1.3)
        with sheet.layer(sheet.random.choice(colours)) as pen:
            pen.box(x, base - height, width, height)
            if sheet.random.random() < 0.6:
                pen.polygon([(x, base - height), (x + width / 2, base - height - 60), (x + width, base - height)])
        motifs.windows(sheet, x + 14, base - height + 22, width - 28, height - 60, "#ffcf7d", lit=0.16)
        x += width


def _street_lamp(sheet: Sheet, x: float, base: float) -> None:
    with sheet.layer("#050916") as pen:
        pen.stroke([(x, base + 10), (x, 330)], 13, 8)
        pen.stroke(curve((x, 330), (x + 20, 290), (x + 76, 286)), 8, 6)
        pen.box(x + 56, 282, 54, 12, corner=5)
    with sheet.layer("#fff1c2") as pen:
        pen.box(x + 60, 294, 46, 6, corner=3)
    sheet.light(x + 83, 300, 330, "#ffcf85", 0.75)
    with sheet.layer("#ffdc9a", opacity=0.16, blur=14, glow=True) as pen:
        pen.polygon([(x + 60, 300), (x + 106, 300), (x + 320, base), (x - 150, base)])


def _tram_car(sheet: Sheet, x: float, base: float) -> None:
    """Two cars in cream and green, their windows lit."""
    wide, top = 1240, base - 330
    with sheet.layer("#ffcf85", opacity=0.3, blur=40, glow=True) as pen:
        pen.box(x - 20, top, wide + 60, 330)
    with sheet.layer("#050916") as pen:
        pen.line([(x + 560, top - 8), (x + 620, top - 110), (x + 560, 218)], 6)
        pen.box(x + 520, 212, 80, 8, corner=3)
        for dx in (130, 330, 860, 1060):
            pen.ellipse(x + dx, base - 4, 34)
        pen.box(x + 60, base - 34, wide - 110, 26)
    body = [
        (x + 20, top + 10),
        (x + wide - 90, top + 10),
        *curve(
            (x + wide - 90, top + 10),
            (x + wide - 20, top + 120),
            (x + wide, base - 120),
            (x + wide, base - 26),
            steps=8,
        ),
        (x, base - 26),
        (x, top + 40),
    ]
    with sheet.layer(["#f7ebcd", "#e2cfa5"]) as pen:
        pen.polygon(body)
        pen.box(x + 60, top - 12, wide - 220, 26, corner=10)
    with sheet.layer(["#1f7a6b", "#12524e"]) as pen:
        pen.polygon([(x, base - 150), (x + wide - 1, base - 150), (x + wide, base - 26), (x, base - 26)])
    with sheet.layer("#f7ebcd") as pen:
        pen.box(x, base - 128, wide, 6)
    with sheet.layer(["#fff2c6", "#ffd487"]) as pen:
        for k in range(7):
            pen.box(x + 50 + k * 148, top + 54, 126, 112, corner=10)
        pen.polygon([(x + 1096, top + 54), (x + 1156, top + 54), (x + 1206, top + 166), (x + 1096, top + 166)])
    with sheet.layer("#7a5a3a", opacity=0.75) as pen:
        for k, dx in ((0, 40), (0, 92), (1, 60), (2, 36), (2, 98), (3, 74), (5, 42), (5, 90), (6, 60)):
            cx = x + 50 + k * 148 + dx
            pen.ellipse(cx, top + 112, 15, 18)
            pen.polygon(
                curve(
                    (cx - 27, top + 166),
                    (cx - 22, top + 136),
                    (cx, top + 128),
                    (cx + 22, top + 136),
                    (cx + 27, top + 166),
                )
            )
    with sheet.layer("#1b2a44") as pen:
        pen.box(x + 640, top + 4, 16, 304)
        for k in (2, 5):
            pen.box(x + 50 + k * 148 + 60, top + 54, 6, 240)
        pen.ellipse(x + 1150, top + 124, 16, 19)
        pen.box(x + 1126, top + 142, 44, 26, corner=10)
        pen.box(x + 1030, top + 18, 62, 30, corner=6)
    with sheet.layer("#ffb03a") as pen:
        pen.polygon(
            [
                (x + 1062, top + 22),
                (x + 1046, top + 38),
                (x + 1074, top + 38),
                (x + 1074, top + 32),
                (x + 1062, top + 32),
            ]
        )
        pen.box(x + 1066, top + 22, 6, 22)
    with sheet.layer("#fff8df") as pen:
        pen.ellipse(x + wide - 22, base - 84, 15)
    sheet.light(x + wide - 10, base - 84, 210, "#fff0c4", 1)
    with sheet.layer("#fff0c4", opacity=0.3, blur=16, glow=True) as pen:
        pen.polygon(
            [
                (x + wide - 14, base - 94),
                (x + wide + 560, base + 10),
                (x + wide + 120, base + 22),
                (x + wide - 14, base - 74),
            ]
        )


def bridge() -> Image.Image:
    """The old stone bridge in scaffolding, on an evening in autumn."""
    water = 760
    sheet = Sheet("bridge", ["#3c6e8f", "#7fa6ad", "#c9cfae", "#f4d79a", "#f6c07c", "#f2ad6c"])
    sheet.light(520, 600, 620, "#ffe3a6", 0.9)
    with sheet.layer("#fff0c4") as pen:
        pen.ellipse(520, 590, 54)
    for height, rise, colour in ((600, 46, "#9c9c86"), (650, 34, "#7d8673"), (690, 20, "#5f6d62")):
        sheet.land(sheet.ridge(height, rise), [colour, mix(colour, "#f6c07c", 0.45)])
    _autumn(sheet, water)
    with sheet.layer(["#b5714a", "#6f4a40"]) as pen:
        motifs.gabled(pen, 1650, water, 150, 250)
        pen.box(1752, water - 410, 70, 420)
        pen.polygon([(1744, water - 408), (1787, water - 540), (1830, water - 408)])
    motifs.windows(sheet, 1668, water - 226, 110, 170, "#ffdf9a", lit=0.5)
    _arches(sheet, water)
    _scaffold(sheet, 1130, water)
    with sheet.layer("#2b2a33") as pen:
        for x in (210, 480, 760, 1040, 1600):
            _lantern(pen, x, 486)
        pen.arc(640, 452, 25, 0, 360, 4)
        pen.arc(706, 452, 25, 0, 360, 4)
        pen.line([(640, 452), (664, 412), (700, 412), (706, 452)], 4)
        pen.line([(664, 412), (676, 452), (700, 412)], 4)
        motifs.person(pen, 673, 468, 112, stride=0.02)
        motifs.person(pen, 330, 476, 98, stride=0.13)
    for x in (210, 480, 760, 1040, 1600):
        sheet.light(x, 382, 70, "#ffe9b8", 0.9)
    sheet.mirrored(water, height=430, ripple=6, dim=0.8)
    motifs.glints(sheet, 520, water + 6, HEIGHT, 100, "#ffe3a6", 110)
    sheet.haze("#274457", 960, HEIGHT, 0.7)
    motifs.waves(sheet, water + 50, "#ffe9c4", opacity=0.2)
    with sheet.layer(["#24333f", "#15202b"]) as pen:
        pen.polygon(curve((660, 1082), (700, 1100), (860, 1104), (930, 1070), (860, 1076), (720, 1078), (660, 1082)))
        motifs.person(pen, 790, 1086, 92, stride=0.02)
        pen.line([(804, 1030), (890, 1120)], 4)
    return sheet.finished(dark_edges=0.3)


def _autumn(sheet: Sheet, base: float) -> None:
    for paint in (["#c9752f", "#8c4a2c"], ["#e0a03c", "#a8642d"], ["#8f5a30", "#5e4330"]):
        with sheet.layer(list(paint)) as pen:
            for _ in range(7):
                left = sheet.random.random() < 0.5
                x = sheet.random.uniform(-20, 250) if left else sheet.random.uniform(1500, 1930)
                motifs.tree(pen, x, base, sheet.random.uniform(190, 330))


def _arches(sheet: Sheet, water: float) -> None:
    with sheet.layer(["#d9b48a", "#a07a66", "#6d5655"]) as pen:
        deck = curve((-30, 520), (400, 478), (820, 464), (1240, 474), (1720, 520), (1960, 548))
        pen.polygon([*deck, (1960, water + 4), (-30, water + 4)])
        for x, wide, tall in ((150, 150, 150), (560, 190, 208), (1010, 190, 208), (1430, 160, 160)):
            pen.ellipse(x, water + 4, wide, tall, ink=0)
    with sheet.layer("#54424a", opacity=0.65) as pen:
        for x, wide, tall in ((150, 150, 150), (560, 190, 208), (1010, 190, 208), (1430, 160, 160)):
            rim = [(x + dx / 12 * wide, water - tall * (1 - (dx / 12) ** 2) ** 0.5) for dx in range(-12, 13)]
            pen.polygon([*rim, *[(px + 22, py + 10) for px, py in rim[::-1]]])
    with sheet.layer("#6d5655", opacity=0.5) as pen:
        for row in range(9):
            y = 548 + row * 24
            for _ in range(26):
                left = sheet.random.uniform(0, WIDTH)
                pen.box(left, y, sheet.random.uniform(26, 60), 3, corner=1)
        for x, wide, tall in ((150, 150, 150), (560, 190, 208), (1010, 190, 208), (1430, 160, 160)):
            pen.ellipse(x, water + 4, wide + 2, tall + 2, ink=0)
    with sheet.layer("#4d3d47") as pen:
        rail = curve((-30, 516), (400, 474), (820, 460), (1240, 470), (1720, 516), (1960, 544))
        pen.polygon([*rail, *[(x, y + 22) for x, y in rail[::-1]]])


def _lantern(pen: Pen, x: float, base: float) -> None:
    pen.stroke([(x, base), (x, base - 92)], 8, 5)
    pen.polygon([(x - 12, base - 118), (x + 12, base - 118), (x + 7, base - 92), (x - 7, base - 92)])
    pen.polygon([(x - 15, base - 118), (x, base - 132), (x + 15, base - 118)])


def _scaffold(sheet: Sheet, x: float, water: float) -> None:
    with sheet.layer("#3d3a42") as pen:
        for k in range(6):
            pen.box(x + k * 52, 430, 5, water - 430)
        for k in range(5):
            pen.box(x - 14, 446 + k * 66, 290, 6)
        for k in range(4):
            pen.line([(x, 446 + (k + 1) * 66), (x + 262, 446 + k * 66)], 3)
        motifs.person(pen, x + 110, 512, 56, stride=0.05)
        motifs.person(pen, x + 190, 578, 56, stride=0.1)
    with sheet.layer(["#e8763a", "#c4552e"], opacity=0.95) as pen:
        pen.polygon([*curve((x + 156, 514), (x + 200, 520), (x + 264, 512), steps=8), (x + 264, 572), (x + 156, 572)])
        pen.polygon([(x, 648), (x + 104, 648), (x + 104, 708), (x, 708)])


def snow() -> Image.Image:
    """First snow in a steep street, before the plough has come."""
    sheet = Sheet("snow", ["#27395f", "#45608a", "#7d92ae", "#b9c3cf", "#d8d8d6"])
    sheet.light(960, 640, 700, "#ffe7c2", 0.35)
    for height, rise, colour in ((470, 50, "#9fb0c3"), (540, 40, "#b7c4d0")):
        sheet.land(sheet.ridge(height, rise), colour)
    for depth in range(6):
        _snowy_pair(sheet, depth)
    with sheet.layer(["#c9d3de", "#eef1f2", "#ffffff"]) as pen:
        pen.polygon([*curve((842, 690), (960, 682), (1080, 690)), (1500, HEIGHT + 5), (420, HEIGHT + 5)])
    with sheet.layer("#9db0c8", opacity=0.7) as pen:
        for side in (-1, 1):
            pen.stroke(curve((960 + side * 44, 690), (960 + side * 70, 860), (960 + side * 128, HEIGHT + 10)), 4, 22)
        for step in range(15):
            near = step / 14
            y = 716 + near**1.6 * 470
            pen.ellipse(1070 + near * 230 + (step % 2) * 22 * (0.4 + near), y, 3 + 8 * near, 5 + 10 * near)
    _plough(sheet, 960, 742)
    with sheet.layer("#26324f") as pen:
        motifs.person(pen, 1290, 1092, 240, stride=0.12)
        motifs.person(pen, 1380, 1096, 138, stride=0.12)
    with sheet.layer("#c8433a") as pen:
        pen.polygon(curve((1262, 908), (1290, 918), (1320, 906), (1322, 924), (1290, 934), (1262, 926), (1262, 908)))
        pen.stroke(curve((1316, 918), (1346, 940), (1352, 986)), 15, 11)
        pen.ellipse(1380, 958, 12, 9)
    for size, count, opacity in ((1.6, 420, 0.8), (3.2, 150, 0.85), (6.5, 36, 0.6)):
        with sheet.layer("#ffffff", opacity=opacity, blur=0 if size < 6 else 2) as pen:
            for _ in range(count):
                pen.ellipse(
                    sheet.random.uniform(0, WIDTH),
                    sheet.random.uniform(0, HEIGHT),
                    size * sheet.random.uniform(0.6, 1.2),
                )
    return sheet.finished(dark_edges=0.3)


def _snowy_pair(sheet: Sheet, depth: int) -> None:
    """One house on either side, nearer with every `depth`."""
    near = (depth + 1) / 6
    base = 690 + near**1.5 * 330
    wall = [mix("#8294ad", shade, near) for shade in ("#6e4a4e", "#3f5068")]
    for side in (-1, 1):
        inner = 960 + side * (96 + near**1.35 * 400)
        width, height = 130 + 290 * near, 150 + 420 * near
        left = inner if side > 0 else inner - width
        paint = sheet.random.choice(wall)
        with sheet.layer([mix(paint, "#ffffff", 0.12), mix(paint, "#101828", 0.25)]) as pen:
            motifs.gabled(pen, left, base, width, height, 0.42)
        roof = width * 0.42
        with sheet.layer(["#ffffff", "#cbd6e2"]) as pen:
            peak, eave = (left + width / 2, base - height - roof - 8), base - height
            thick = 14 + 22 * near
            pen.polygon(
                [
                    (left - 12, eave + 6),
                    peak,
                    (left + width + 12, eave + 6),
                    (left + width + 8, eave + thick * 0.9),
                    (peak[0], peak[1] + thick * 1.5),
                    (left - 8, eave + thick * 0.9),
                ]
            )
            pen.ellipse(left + width / 2, base + 4, width * 0.62, 13 + 16 * near)
        _snowy_windows(sheet, left, base - height, width, height, near)
    if depth in {2, 4}:
        for side in (-1, 1):
            _snowy_lamp(sheet, 960 + side * (100 + near**1.35 * 330), base + 10, 150 + 250 * near)


def _snowy_windows(sheet: Sheet, left: float, top: float, width: float, height: float, near: float) -> None:
    wide, tall = 20 + 34 * near, 30 + 56 * near
    rows = 2 if near < 0.4 else 3
    places = [
        (left + width * (c + 0.5) / 3 - wide / 2, top + 20 + r * height / (rows + 0.6))
        for c in range(3)
        for r in range(rows)
    ]
    lit = [place for place in places if sheet.random.random() < 0.55]
    with sheet.layer("#22304c", opacity=0.6) as pen:
        for x, y in places:
            pen.box(x, y, wide, tall, corner=2)
    with sheet.layer("#ffd894", opacity=0.4, blur=14, glow=True) as pen:
        for x, y in lit:
            pen.box(x - 8, y - 8, wide + 16, tall + 16)
    with sheet.layer(["#ffe9b4", "#ffcf7a"]) as pen:
        for x, y in lit:
            pen.box(x, y, wide, tall, corner=2)
            pen.box(x + wide / 2 - 2, y, 3, tall, ink=0)
            pen.box(x, y + tall * 0.45, wide, 3, ink=0)
    with sheet.layer("#ffffff") as pen:
        for x, y in places:
            pen.box(x - 4, y + tall, wide + 8, 4 + 5 * near, corner=3)


def _snowy_lamp(sheet: Sheet, x: float, base: float, tall: float) -> None:
    with sheet.layer("#1d2740") as pen:
        pen.stroke([(x, base), (x, base - tall)], tall * 0.04, tall * 0.025)
        pen.polygon(
            [
                (x - tall * 0.06, base - tall * 1.16),
                (x + tall * 0.06, base - tall * 1.16),
                (x + tall * 0.035, base - tall),
                (x - tall * 0.035, base - tall),
            ]
        )
    with sheet.layer("#fff2cf") as pen:
        pen.polygon(
            [
                (x - tall * 0.045, base - tall * 1.13),
                (x + tall * 0.045, base - tall * 1.13),
                (x + tall * 0.028, base - tall * 1.02),
                (x - tall * 0.028, base - tall * 1.02),
            ]
        )
    with sheet.layer("#ffffff") as pen:
        pen.ellipse(x, base - tall * 1.17, tall * 0.08, tall * 0.035)
    sheet.light(x, base - tall * 1.08, tall * 0.9, "#ffd894", 0.9)


def _plough(sheet: Sheet, x: float, base: float) -> None:
    with sheet.layer("#f08a2e") as pen:
        pen.box(x - 44, base - 86, 88, 66, corner=8)
        pen.polygon([(x - 70, base - 30), (x + 70, base - 30), (x + 84, base + 6), (x - 84, base + 6)])
    with sheet.layer("#1d2740") as pen:
        pen.box(x - 34, base - 78, 68, 30, corner=4)
        pen.polygon([(x - 70, base - 10), (x + 70, base - 10), (x + 76, base + 2), (x - 76, base + 2)])
    with sheet.layer("#fff6dc") as pen:
        pen.ellipse(x - 32, base - 36, 9)
        pen.ellipse(x + 32, base - 36, 9)
        pen.box(x - 12, base - 98, 24, 12, corner=4)
    for dx in (-32, 32):
        sheet.light(x + dx, base - 36, 110, "#fff0c4", 0.9)
    sheet.light(x, base - 94, 130, "#ffae4a", 0.9)
