"""Scenes seen from above: gardens, a football pitch, the bay."""

import math

from PIL import Image

from newsroom.demo.canvas import HEIGHT, WIDTH, Point, Sheet, curve, mix


def allotments() -> Image.Image:
    """Garden plots from above, each tended in its own way."""
    sheet = Sheet("allotments", ["#cdb98a", "#c2a878"], across=True)
    columns, rows = 6, 4
    wide, tall = WIDTH / columns, HEIGHT / rows
    for column in range(columns):
        for row in range(rows):
            _plot(sheet, column * wide + 15, row * tall + 15, wide - 30, tall - 30)
    with sheet.layer("#35502f", opacity=0.95) as pen:
        for column in range(1, columns):
            for k in range(34):
                if sheet.random.random() < 0.55:
                    pen.ellipse(column * wide + sheet.random.uniform(-4, 4), k * 36, sheet.random.uniform(9, 16))
    for x, y in ((660, 612), (1296, 330), (330, 934), (1590, 930)):
        _gardener(sheet, x, y)
    return sheet.finished(dark_edges=0.3)


def _plot(sheet: Sheet, x: float, y: float, wide: float, tall: float) -> None:
    ground = sheet.random.choice(
        (["#7a5a3c", "#6a4d35"], ["#5f7d43", "#4f6d3c"], ["#8a6a46", "#755739"], ["#6f8c4a", "#5c7a41"])
    )
    with sheet.layer("#3c3222", opacity=0.35, blur=6) as pen:
        pen.box(x + 5, y + 7, wide, tall, corner=7)
    with sheet.layer(list(ground)) as pen:
        pen.box(x, y, wide, tall, corner=7)
    shed_right = sheet.random.random() < 0.5
    _shed(sheet, x + wide - 92 if shed_right else x + 16, y + 16)
    left = x + 18 if shed_right else x + 112
    upright = sheet.random.random() < 0.5
    for line in range(5):
        paint, size = sheet.random.choice(
            (
                ("#a8c65a", 12),
                ("#4f8a3e", 17),
                ("#e2873a", 9),
                ("#c9425a", 9),
                ("#e9d8a0", 10),
                ("#8a5aa0", 9),
                ("#7fb04a", 15),
            )
        )
        places = []
        if upright:
            places = [(left + 16 + line * 34, y + 24 + k * size * 1.9) for k in range(int((tall - 40) / (size * 1.9)))]
        else:
            length = wide - 36 if line > 1 else wide - 130
            start = x + 18 if line > 1 else left
            places = [(start + 14 + k * size * 1.9, y + 32 + line * 48) for k in range(int(length / (size * 1.9)))]
        _crop(sheet, [p for p in places if p[0] < x + wide - 14 and p[1] < y + tall - 14], paint, size)


def _crop(sheet: Sheet, places: list[tuple[float, float]], paint: str, size: float) -> None:
    with sheet.layer("#20281a", opacity=0.4, blur=3) as pen:
        for x, y in places:
            pen.ellipse(x + size * 0.4, y + size * 0.5, size * 0.9)
    for shade, share, offset in (
        (mix(paint, "#1d3018", 0.35), 1, 0),
        (paint, 0.78, -0.1),
        (mix(paint, "#fffbe0", 0.35), 0.36, -0.25),
    ):
        with sheet.layer(shade) as pen:
            for x, y in places:
                pen.ellipse(x + offset * size, y + offset * size, size * share)


def _shed(sheet: Sheet, x: float, y: float) -> None:
    colour = sheet.random.choice(("#b5493c", "#3f7a86", "#d9a441", "#6a6f78", "#8a4f6d"))
    with sheet.layer("#1c1a14", opacity=0.45, blur=5) as pen:
        pen.box(x + 10, y + 14, 76, 64)
    with sheet.layer(mix(colour, "#ffffff", 0.16)) as pen:
        pen.box(x, y, 76, 33)
    with sheet.layer(mix(colour, "#000000", 0.18)) as pen:
        pen.box(x, y + 31, 76, 33)
    with sheet.layer("#2f6a8a") as pen:
        pen.ellipse(x + 18, y + 92, 15)
    with sheet.layer("#9fd0dc") as pen:
        pen.ellipse(x + 15, y + 89, 8)


def _gardener(sheet: Sheet, x: float, y: float) -> None:
    with sheet.layer("#1c1a14", opacity=0.4, blur=4) as pen:
        pen.ellipse(x + 18, y + 20, 30, 16)
    with sheet.layer("#2d4a6a") as pen:
        pen.ellipse(x, y, 27, 17)
        pen.stroke([(x + 18, y), (x + 48, y - 18)], 11, 8)
    with sheet.layer("#e8cf8f") as pen:
        pen.ellipse(x, y, 17)
    with sheet.layer("#c9a85f") as pen:
        pen.ellipse(x, y, 9)
    with sheet.layer("#5a4630") as pen:
        pen.line([(x + 44, y - 40), (x + 60, y + 46)], 4)


def pitch() -> Image.Image:
    """The football pitch from above, late in the afternoon."""
    sheet = Sheet("pitch", ["#4e8a45", "#3f7a40", "#356b3b"])
    for stripe in range(0, 12, 2):
        with sheet.layer("#8fc066", opacity=0.28) as pen:
            pen.box(stripe * 160, 0, 160, HEIGHT)
    with sheet.layer("#f6f5e6", opacity=0.9) as pen:
        for box in (
            (120, 90, 1680, 1020),
            (120, 330, 270, 540),
            (1530, 330, 270, 540),
            (120, 470, 100, 260),
            (1700, 470, 100, 260),
        ):
            x, y, w, h = box
            for edge in ((x, y, w, 6), (x, y + h - 6, w, 6), (x, y, 6, h), (x + w - 6, y, 6, h)):
                pen.box(*edge)
        pen.box(957, 90, 6, 1020)
        pen.arc(960, 600, 150, 0, 360, 6)
        pen.ellipse(960, 600, 9)
        pen.arc(320, 600, 150, -58, 58, 6)
        pen.arc(1600, 600, 150, 122, 238, 6)
    with sheet.layer("#14301c", opacity=0.4, blur=34) as pen:
        pen.polygon([(-10, -10), (1930, -10), (1930, 130), (1400, 215), (900, 150), (420, 240), (-10, 170)])
    with sheet.layer("#b89a62", opacity=0.35, blur=16) as pen:
        pen.ellipse(180, 600, 60, 100)
        pen.ellipse(1740, 600, 60, 100)
        pen.ellipse(960, 610, 46, 30)
    reds = [
        (240.0, 600.0),
        (520, 300),
        (500, 820),
        (730, 480),
        (760, 720),
        (1010, 360),
        (1120, 640),
        (1300, 470),
        (1310, 880),
        (1450, 620),
    ]
    whites = [
        (1690.0, 610.0),
        (1500, 420),
        (1490, 760),
        (1340, 600),
        (1180, 410),
        (1210, 790),
        (900, 560),
        (800, 300),
        (690, 900),
        (1060, 900),
    ]
    _players(sheet, reds, "#c8303a", "#7c1a2a")
    _players(sheet, whites, "#f5efdc", "#28406a")
    with sheet.layer("#10281a", opacity=0.5, blur=2) as pen:
        pen.ellipse(1424, 578, 14, 6)
    with sheet.layer("#ffffff") as pen:
        pen.ellipse(1410, 570, 9)
    with sheet.layer("#ffe9b0", opacity=0.22, blur=60, glow=True) as pen:
        pen.polygon([(-10, 700), (900, -10), (1300, -10), (-10, 1200)])
    return sheet.finished(dark_edges=0.5)


def _players(sheet: Sheet, places: list[tuple[float, float]], shirt: str, shorts: str) -> None:
    with sheet.layer("#10281a", opacity=0.5, blur=2) as pen:
        for x, y in places:
            pen.stroke([(x, y), (x + 110, y + 52)], 19, 7)
            pen.stroke([(x - 6, y + 8), (x + 60, y + 42)], 12, 5)
    with sheet.layer(shorts) as pen:
        for x, y in places:
            pen.stroke([(x, y), (x - 20, y + 15)], 13, 9)
            pen.stroke([(x, y), (x + 18, y + 17)], 13, 9)
    with sheet.layer(shirt) as pen:
        for x, y in places:
            pen.ellipse(x, y, 25, 14)
            pen.stroke([(x - 20, y), (x - 29, y - 14)], 11, 8)
            pen.stroke([(x + 20, y), (x + 30, y + 10)], 11, 8)
    with sheet.layer("#3a2a20") as pen:
        for x, y in places:
            pen.ellipse(x, y - 2, 9.5)


def swimmers() -> Image.Image:
    """Swimmers crossing the bay, seen from a balloon."""
    sheet = Sheet("swimmers", ["#0d5a78", "#117d93", "#2aa3ab", "#6cc8bd", "#a9dfc8"], across=True)
    for _ in range(26):
        with sheet.layer(sheet.random.choice(("#0b4f6c", "#38b0b4", "#0f6a84")), opacity=0.28, blur=30) as pen:
            pen.ellipse(
                sheet.random.uniform(0, 1700),
                sheet.random.uniform(0, HEIGHT),
                sheet.random.uniform(80, 260),
                sheet.random.uniform(30, 90),
            )
    for edge, paint, blur in (
        (1650, "#d7f2e0", 8),
        (1690, "#fff7e0", 4),
        (1716, ["#f2ddb0", "#e6c990"], 0),
        (1790, ["#f7e7c3", "#eed7a4"], 0),
    ):
        with sheet.layer(paint, opacity=0.92, blur=blur) as pen:
            shore = [
                (edge + 26 * math.sin(k * 0.55) + 18 * math.sin(k * 1.3 + 1), k * HEIGHT / 24) for k in range(-1, 27)
            ]
            pen.polygon([*curve(*shore, steps=6), (WIDTH + 10, HEIGHT + 10), (WIDTH + 10, -10)])
    with sheet.layer("#ffffff", opacity=0.28) as pen:
        for _ in range(240):
            x, y = sheet.random.uniform(0, 1600), sheet.random.uniform(0, HEIGHT)
            long = sheet.random.uniform(20, 80)
            pen.stroke(curve((x, y), (x + 6, y + long / 2), (x - 4, y + long), steps=6), 2.4, 0.8)
    places: list[Point] = []
    while len(places) < 74:
        x = 1560 - abs(sheet.random.gauss(0, 560))
        y = 600 + sheet.random.gauss(0, 120 + (1560 - x) * 0.13)
        if x > 60 and all(math.hypot(x - px, y - py) > 54 for px, py in places):
            places.append((x, y))
    for x, y in places:
        _swimmer(sheet, x, y)
    for x, y, colour in ((620, 190, "#f0a52e"), (1110, 1040, "#d94a3a")):
        _canoe(sheet, x, y, colour)
    for k in range(9):
        colour = ("#e4573d", "#f5f1e2", "#2f6f8f")[k % 3]
        with sheet.layer("#7a6238", opacity=0.4, blur=3) as pen:
            pen.box(1838, 90 + k * 118, 30, 58)
        with sheet.layer(colour) as pen:
            pen.box(1830, 84 + k * 118, 30, 58, corner=3)
    return sheet.finished(dark_edges=0.3)


def _swimmer(sheet: Sheet, x: float, y: float) -> None:
    cap = sheet.random.choice(("#f2c230", "#f2c230", "#e4473d", "#f7f3e6", "#ef7fa0"))
    with sheet.layer("#eafff6", opacity=0.5, blur=2) as pen:
        pen.polygon([(x + 4, y - 4), (x + 96, y - 20), (x + 70, y), (x + 96, y + 20), (x + 4, y + 4)])
    with sheet.layer("#7a4c36") as pen:
        pen.ellipse(x + 18, y, 20, 7.5)
        up = sheet.random.choice((-1, 1))
        pen.stroke(curve((x + 8, y + 4 * up), (x - 6, y + 19 * up), (x - 26, y + 14 * up), steps=6), 7, 4)
        pen.stroke(curve((x + 12, y - 5 * up), (x + 24, y - 18 * up), (x + 40, y - 16 * up), steps=6), 7, 4)
    with sheet.layer(cap) as pen:
        pen.ellipse(x - 5, y, 9.5)


def _canoe(sheet: Sheet, x: float, y: float, colour: str) -> None:
    with sheet.layer("#07384c", opacity=0.4, blur=5) as pen:
        pen.ellipse(x + 8, y + 14, 92, 17)
    with sheet.layer(colour) as pen:
        pen.polygon(
            curve((x - 96, y), (x - 30, y - 18), (x + 40, y - 18), (x + 96, y))
            + curve((x + 96, y), (x + 40, y + 18), (x - 30, y + 18), (x - 96, y))
        )
    with sheet.layer("#f5efdc") as pen:
        pen.line([(x - 34, y - 62), (x + 30, y + 62)], 5)
        pen.ellipse(x - 36, y - 66, 8, 16)
        pen.ellipse(x + 32, y + 66, 8, 16)
    with sheet.layer("#2b2a33") as pen:
        pen.ellipse(x, y, 15)
