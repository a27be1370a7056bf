"""Scenes in large halls: the market and the orchestra's."""

import math

from PIL import Image

from newsroom.demo.canvas import HEIGHT, WIDTH, Pen, Sheet, curve, mix
from newsroom.demo.scenes import motifs


def market() -> Image.Image:
    """The market hall in the evening, under its iron roof."""
    sheet = Sheet("market", ["#132a45", "#2b4c68", "#e0a763", "#f6cf8c"])
    for ring in range(7):
        _truss(sheet, ring / 6)
    with sheet.layer(["#8a5a42", "#4a2f30", "#2a1c26"]) as pen:
        pen.polygon([(820, 720), (1100, 720), (WIDTH + 400, HEIGHT + 5), (-400, HEIGHT + 5)])
    sheet.light(960, 700, 420, "#ffe2a4", 0.8)
    with sheet.layer("#f6cf8c", opacity=0.2) as pen:
        for k in range(-7, 8):
            pen.line([(960 + k * 17, 722), (960 + k * 190, HEIGHT)], 2)
        for k in range(9):
            pen.line([(0, 730 + k**2 * 6.5), (WIDTH, 730 + k**2 * 6.5)], 2)
    with sheet.layer("#2a1c26", opacity=0.85) as pen:
        for x, base, tall in (
            (880, 760, 74),
            (1010, 764, 78),
            (960, 772, 84),
            (1060, 790, 96),
            (850, 800, 104),
            (980, 850, 140),
        ):
            motifs.person(pen, x, base, tall, stride=0.09)
    stripes = (("#b8433c", "#f5e6c4"), ("#2f6f73", "#f5e6c4"), ("#c98a2f", "#f5e6c4"), ("#45527f", "#f5e6c4"))
    for depth in range(4):
        for side in (-1, 1):
            _stall(sheet, depth, side, stripes[(depth + (side > 0) * 2) % 4])
    for depth in range(5):
        near = depth / 4
        x, y = 960, 250 + 90 * (1 - near) + near * -40
        drop = 150 * near + 60
        with sheet.layer("#1a1722") as pen:
            pen.line([(x, y - 400), (x, y + drop)], 2 + 2 * near)
            pen.polygon(
                [
                    (x - 14 - 26 * near, y + drop + 20 + 14 * near),
                    (x, y + drop),
                    (x + 14 + 26 * near, y + drop + 20 + 14 * near),
                ]
            )
        sheet.light(x, y + drop + 24 + 14 * near, 90 + 190 * near, "#ffdc94", 0.9)
    with sheet.layer("#1b1220") as pen:
        motifs.person(pen, 720, 1150, 330, stride=0.1)
        motifs.person(pen, 1240, 1160, 310, stride=0.08)
        pen.polygon([(1278, 960), (1350, 960), (1340, 1046), (1288, 1046)])
        pen.arc(1314, 962, 26, 180, 360, 6)
        pen.ellipse(1300, 950, 13, 20)
        pen.ellipse(1326, 944, 12, 24)
    return sheet.finished(dark_edges=0.45)


def _truss(sheet: Sheet, near: float) -> None:
    """One arch of the roof with its glass beyond; `near` 0 is at the far end."""
    half, top, spring = 150 + near**1.5 * 1010, 500 - near**1.4 * 560, 640 - near**1.5 * 200
    arch = [
        (960 + half * math.cos(a), spring - (spring - top) * math.sin(a)) for a in [math.pi * k / 40 for k in range(41)]
    ]
    colour = mix("#d89a5c", "#161a2c", near**0.6)
    thick = 5 + 34 * near**1.3
    with sheet.layer([mix(colour, "#27486a", 0.5), colour]) as pen:
        pen.line(arch, thick)
        pen.box(960 - half - thick / 2, spring, thick, 760 - spring + near * 600)
        pen.box(960 + half - thick / 2, spring, thick, 760 - spring + near * 600)
    inner = [(960 + (x - 960) * 0.9, spring - (spring - y) * 0.86) for x, y in arch]
    with sheet.layer(colour) as pen:
        pen.line(inner, max(2, thick * 0.3))
        for k in range(0, 40, 2):
            pen.line([arch[k], inner[k + 1], arch[k + 2]], max(1.2, thick * 0.16))
    if near < 0.2:
        with sheet.layer(colour) as pen:
            for k in range(-4, 5):
                pen.line(
                    [(960 + k * 32, spring - (spring - top) * (1 - (k / 4.8) ** 2) ** 0.5), (960 + k * 32, 720)], 3
                )
            for k in range(3):
                pen.line([(960 - half, spring + k * 40 - 20), (960 + half, spring + k * 40 - 20)], 3)


def _stall(sheet: Sheet, depth: int, side: int, colours: tuple[str, str]) -> None:
    near = (depth + 1) / 4
    size = 0.24 + 0.76 * near**1.5
    x = 960 + side * (160 + near**1.55 * 560)
    base, wide = 752 + near**1.6 * 300, 430 * size
    left = x if side > 0 else x - wide
    top = base - 340 * size
    with sheet.layer([mix("#6b4636", "#2b1c22", near * 0.4), "#2b1c22"]) as pen:
        pen.box(left, base - 130 * size, wide, 130 * size)
        for dx in (0, wide - 12 * size):
            pen.box(left + dx, top, 12 * size, 340 * size)
    sheet.light(x + side * wide / 2, base - 200 * size, 250 * size, "#ffd88c", 0.6)
    for row in range(3):
        paint = sheet.random.choice(("#d8502f", "#e6a02f", "#7fa63c", "#c23b54", "#efcf5a", "#7b4a86", "#e98a4a"))
        y, radius = base - (132 + row * 22) * size, 15 * size
        places = [
            left + radius + 10 * size + k * radius * 1.75 + (row % 2) * radius * 0.8
            for k in range(int((wide - 40 * size) / (radius * 1.75)))
        ]
        for shade, share, lift in (
            (mix(paint, "#2a1420", 0.3), 1, 0),
            (paint, 0.86, 0.1),
            (mix(paint, "#fff3cf", 0.5), 0.34, 0.38),
        ):
            with sheet.layer(shade) as pen:
                for cx in places:
                    pen.ellipse(cx - lift * radius * 0.6, y - lift * radius, radius * share)
    bands = 9
    for index in range(2):
        with sheet.layer([mix(colours[index], "#ffdca0", 0.2), mix(colours[index], "#1c1020", 0.2)]) as pen:
            for band in range(index, bands, 2):
                x0, x1 = (
                    left - 20 * size + band * (wide + 40 * size) / bands,
                    left - 20 * size + (band + 1) * (wide + 40 * size) / bands,
                )
                shift = 26 * size
                pen.polygon(
                    [
                        (x0 + shift * (0.5 - band / bands) * 2, top - 56 * size),
                        (x1 + shift * (0.5 - (band + 1) / bands) * 2, top - 56 * size),
                        (x1, top + 26 * size),
                        (x0, top + 26 * size),
                    ]
                )
                pen.ellipse((x0 + x1) / 2, top + 26 * size, (x1 - x0) / 2, 15 * size)
    with sheet.layer("#24161e") as pen:
        cx = left + wide * 0.5
        pen.ellipse(cx, base - 258 * size, 21 * size, 25 * size)
        pen.polygon(
            curve(
                (cx - 44 * size, base - 176 * size),
                (cx - 36 * size, base - 222 * size),
                (cx, base - 236 * size),
                (cx + 36 * size, base - 222 * size),
                (cx + 44 * size, base - 176 * size),
            )
        )


def orchestra() -> Image.Image:
    """The orchestra's first rehearsal in the Customs Hall, desks lit."""
    sheet = Sheet("orchestra", ["#1c0c18", "#3a1420", "#5a1f26", "#2a1018"])
    _organ(sheet)
    for x, lean in ((300, 300), (660, 130), (1260, -130), (1620, -300)):
        with sheet.layer(["#ffe6ae", "#8a3a2c"], opacity=0.3, blur=24, glow=True) as pen:
            pen.polygon([(x - 16, -10), (x + 16, -10), (x + lean + 190, 900), (x + lean - 190, 900)])
    with sheet.layer(["#b8713c", "#6a3a26", "#34191c"]) as pen:
        pen.polygon(
            [
                *curve((-20, 800), (480, 730), (960, 710), (1440, 730), (1940, 800)),
                (1940, HEIGHT + 5),
                (-20, HEIGHT + 5),
            ]
        )
    sheet.light(960, 820, 620, "#ffcf8a", 0.4)
    for row in range(4):
        _desks(sheet, row)
    with sheet.layer(["#3a1a1c", "#1c0c12"]) as pen:
        pen.polygon([(770, 1140), (1150, 1140), (1200, HEIGHT + 5), (720, HEIGHT + 5)])
    with sheet.layer("#0e060b") as pen:
        _conductor(pen, 960, 1150)
    with sheet.layer("#fff0cf") as pen:
        pen.line([(1128, 742), (1216, 664)], 5)
    with sheet.layer("#ffb46a", opacity=0.35, blur=5, glow=True) as pen:
        pen.stroke(curve((905, 830), (880, 900), (872, 1030)), 8, 3)
        pen.stroke(curve((1016, 830), (1044, 900), (1050, 1030)), 8, 3)
    return sheet.finished(dark_edges=0.5)


def _organ(sheet: Sheet) -> None:
    for index in range(45):
        k = index - 22
        x = 960 + k * 33
        tower = math.cos(k / 22 * math.pi * 2.5) * 70
        top = 150 + abs(k) * 5 - tower
        with sheet.layer([mix("#ffe3a0", "#7a4a2a", abs(k) / 30), mix("#a8652f", "#3a1a1c", abs(k) / 26)]) as pen:
            pen.box(x - 12, top, 24, 560 - top, corner=11)
            pen.polygon([(x - 12, 556), (x + 12, 556), (x + 3, 610), (x - 3, 610)])
        with sheet.layer("#2a0f14", opacity=0.8) as pen:
            pen.ellipse(x, 530, 7, 11)
    with sheet.layer(["#6a3526", "#3a1a1c"]) as pen:
        pen.box(200, 604, 1520, 40, corner=6)
        pen.box(240, 640, 1440, 120)


def _desks(sheet: Sheet, row: int) -> None:
    near = row / 3
    count = 15 - 2 * row
    for k in range(count):
        turn = math.pi * (0.06 + 0.88 * k / (count - 1))
        if row > 1 and abs(turn - math.pi / 2) < 0.2:
            continue
        x = 960 - math.cos(turn) * (860 - 90 * row + 60 * near)
        y = 1010 + near * 90 - math.sin(turn) * (210 - 26 * row) + near * 40
        size = 0.62 + 0.38 * near + 0.14 * (1 - math.sin(turn))
        _player(sheet, x, y, size, 1 if x < 960 else -1)


def _player(sheet: Sheet, x: float, y: float, size: float, way: int) -> None:
    with sheet.layer(["#2a1420", "#120910"]) as pen:
        pen.ellipse(x, y - 150 * size, 22 * size, 26 * size)
        pen.polygon(
            curve(
                (x - 52 * size, y),
                (x - 46 * size, y - 84 * size),
                (x, y - 122 * size),
                (x + 46 * size, y - 84 * size),
                (x + 52 * size, y),
            )
        )
    with sheet.layer(["#d98a3c", "#8a4422"]) as pen:
        body = (x + way * 34 * size, y - 92 * size)
        pen.ellipse(body[0], body[1], 24 * size, 12 * size)
        pen.ellipse(body[0] + way * 20 * size, body[1] - 3 * size, 16 * size, 9 * size)
        pen.line(
            [(body[0] + way * 20 * size, body[1] - 3 * size), (body[0] + way * 70 * size, body[1] - 14 * size)],
            5 * size,
        )
    with sheet.layer("#f4dcae", opacity=0.9) as pen:
        pen.line([(x + way * 2 * size, y - 40 * size), (x + way * 92 * size, y - 142 * size)], 2.2 * size)
    with sheet.layer("#0e060b") as pen:
        pen.line([(x + way * 74 * size, y + 14 * size), (x + way * 74 * size, y - 48 * size)], 4 * size)
    with sheet.layer(["#fff6dc", "#f0c98a"]) as pen:
        pen.polygon(
            [
                (x + way * 44 * size, y - 70 * size),
                (x + way * 104 * size, y - 76 * size),
                (x + way * 108 * size, y - 34 * size),
                (x + way * 46 * size, y - 30 * size),
            ]
        )
    sheet.light(x + way * 74 * size, y - 60 * size, 84 * size, "#ffdb98", 0.7)


def _conductor(pen: Pen, x: float, base: float) -> None:
    pen.ellipse(x, base - 388, 44, 52)
    pen.polygon(
        curve(
            (x - 86, base - 300),
            (x - 40, base - 332),
            (x + 40, base - 332),
            (x + 86, base - 300),
            (x + 84, base - 180),
            (x + 98, base - 40),
            (x + 36, base - 66),
            (x, base - 80),
            (x - 36, base - 66),
            (x - 98, base - 40),
            (x - 84, base - 180),
            (x - 86, base - 300),
        )
    )
    for dx in (-36, 36):
        pen.stroke([(x + dx, base - 100), (x + dx * 1.1, base + 60)], 56, 44)
    pen.stroke(curve((x - 72, base - 300), (x - 150, base - 290), (x - 190, base - 380)), 44, 24)
    pen.ellipse(x - 192, base - 392, 17, 20)
    pen.stroke(curve((x + 72, base - 300), (x + 150, base - 320), (x + 168, base - 400)), 44, 24)
    pen.ellipse(x + 168, base - 410, 17, 20)
