"""Drawings that stand for figures: a bar chart of houses, a map."""

import math

from PIL import Image

from newsroom.demo.canvas import HEIGHT, WIDTH, Point, Sheet, curve, mix

Shape = list[Point]


def rents() -> Image.Image:
    """A bar chart of houses: the nearer the tram, the taller."""
    base = 960
    sheet = Sheet("rents", ["#f6ead0", "#f3dfbd", "#efd2ab"])
    with sheet.layer("#c9a984", opacity=0.6) as pen:
        for k in range(1, 6):
            for dash in range(0, WIDTH - 240, 26):
                pen.box(150 + dash, base - k * 140, 13, 2.5)
    tall = (250, 300, 285, 365, 430, 520, 610, 700)
    paints = (
        ["#7fa6a0", "#4f7f80"],
        ["#7fa6a0", "#4f7f80"],
        ["#8fb09a", "#5b8a7a"],
        ["#d9b25c", "#b98a3c"],
        ["#e0a04c", "#b97733"],
        ["#d9783f", "#ad5530"],
        ["#c9573a", "#96392e"],
        ["#b23b3a", "#7a2430"],
    )
    for k, (height, paint) in enumerate(zip(tall, paints, strict=True)):
        x, wide = 190 + k * 200, 148
        with sheet.layer("#8a6a4a", opacity=0.35, blur=8) as pen:
            pen.polygon(
                [
                    (x + wide, base),
                    (x + wide, base - height + 40),
                    (x + wide + 90, base - height * 0.5),
                    (x + wide + 150, base),
                ]
            )
        with sheet.layer(list(paint)) as pen:
            pen.box(x, base - height, wide, height)
        with sheet.layer(mix(paint[1], "#2a1a20", 0.45)) as pen:
            pen.polygon([(x - 14, base - height), (x + wide / 2, base - height - 76), (x + wide + 14, base - height)])
            pen.box(x + wide * 0.7, base - height - 74, 20, 54)
            pen.box(x + wide / 2 - 17, base - 62, 34, 62, corner=3)
        with sheet.layer("#fff3cf", opacity=0.92) as pen:
            for row in range(int((height - 96) // 62)):
                for column in range(3):
                    if sheet.random.random() < 0.86:
                        pen.box(x + 22 + column * 40, base - height + 26 + row * 62, 24, 34, corner=2)
    with sheet.layer(["#5a4a48", "#3c3036"]) as pen:
        pen.box(-10, base, WIDTH + 20, 260)
    with sheet.layer("#d9c4a0") as pen:
        pen.box(-10, base + 58, WIDTH + 20, 5)
        pen.box(-10, base + 84, WIDTH + 20, 5)
    _small_tram(sheet, 1330, base + 72)
    with sheet.layer("#3c3036") as pen:
        line = [(264 + k * 200, base - height - 150) for k, height in enumerate(tall)]
        pen.line(line, 5)
        for x, y in line:
            pen.ellipse(x, y, 12)
    with sheet.layer("#f6ead0") as pen:
        for x, y in line:
            pen.ellipse(x, y, 6)
    return sheet.finished(dark_edges=0.16)


def _small_tram(sheet: Sheet, x: float, base: float) -> None:
    with sheet.layer("#221a20") as pen:
        for dx in (40, 120, 280, 360):
            pen.ellipse(x + dx, base - 4, 15)
    with sheet.layer(["#f7ebcd", "#e2cfa5"]) as pen:
        pen.box(x, base - 122, 400, 112, corner=20)
    with sheet.layer("#1f7a6b") as pen:
        pen.box(x, base - 58, 400, 44, corner=4)
    with sheet.layer("#31424a") as pen:
        for k in range(6):
            pen.box(x + 20 + k * 62, base - 106, 50, 40, corner=5)
        pen.line([(x + 190, base - 122), (x + 214, base - 158), (x + 190, base - 190)], 4)
        pen.box(x + 168, base - 194, 44, 5)


def wards() -> Image.Image:
    """The new wards as a map without names."""
    sheet = Sheet("wards", ["#cfe3e0", "#b9d6d6", "#a5c8cc"])
    with sheet.layer("#ffffff", opacity=0.4) as pen:
        for k in range(14):
            wave = [(x, 60 + k * 92 + 10 * math.sin(x / 90 + k * 1.7)) for x in range(-20, WIDTH + 40, 20)]
            pen.line(wave, 2)
    coast = curve(
        (320, -20), (420, 140), (360, 300), (520, 430), (470, 600), (600, 720), (560, 900), (720, 1010), (700, 1220)
    )
    with sheet.layer("#6f9aa2", opacity=0.5, blur=22) as pen:
        pen.polygon([*[(x - 16, y + 16) for x, y in coast], (WIDTH + 20, HEIGHT + 20), (WIDTH + 20, -20)])
    with sheet.layer("#f4ead2") as pen:
        pen.polygon([*coast, (WIDTH + 20, HEIGHT + 20), (WIDTH + 20, -20)])
    paints = [
        "#e9c46a",
        "#e08e5a",
        "#8ab17d",
        "#7fa8b8",
        "#c9786a",
        "#d9b99a",
        "#6f9a8d",
        "#b58ba8",
        "#e6d3a3",
        "#9fb86a",
        "#d3a15c",
        "#86a0c0",
    ]
    pieces = [[*coast, (WIDTH + 20.0, HEIGHT + 20.0), (WIDTH + 20.0, -20.0)]]
    while len(pieces) < 12:
        pieces.sort(key=_area)
        pieces.extend(_halves(sheet, pieces.pop()))
    for piece, paint in zip(pieces, paints, strict=True):
        with sheet.layer([mix(paint, "#fff6e0", 0.25), paint], opacity=0.92) as pen:
            pen.polygon(piece)
    _streets(sheet, pieces)
    with sheet.layer("#fdf7e6") as pen:
        for piece in pieces:
            pen.line([*piece, piece[0]], 9)
    with sheet.layer("#3f5a66") as pen:
        for piece in pieces:
            for a, b in zip(piece, [*piece[1:], piece[0]], strict=True):
                far = math.dist(a, b)
                for dash in range(0, int(far), 26):
                    start, end = dash / far, min(1, (dash + 14) / far)
                    pen.line(
                        [
                            (a[0] + (b[0] - a[0]) * start, a[1] + (b[1] - a[1]) * start),
                            (a[0] + (b[0] - a[0]) * end, a[1] + (b[1] - a[1]) * end),
                        ],
                        3,
                    )
    river = curve((1960, 250), (1660, 330), (1440, 300), (1220, 450), (1000, 480), (820, 600), (570, 640))
    for colour, wide in (("#fdf7e6", 52), ("#8fbcc4", 40), ("#a9d0d4", 24)):
        with sheet.layer(colour) as pen:
            pen.line(river, wide)
            pen.ellipse(570, 640, wide * 0.7)
    with sheet.layer("#b23b3a") as pen:
        for x, y in ((1010, 300), (1500, 620), (1180, 840), (800, 860), (1620, 160)):
            pen.polygon([(x, y), (x - 22, y - 44), (x + 22, y - 44)])
            pen.ellipse(x, y - 52, 25)
    with sheet.layer("#fdf7e6") as pen:
        for x, y in ((1010, 300), (1500, 620), (1180, 840), (800, 860), (1620, 160)):
            pen.ellipse(x, y - 52, 10)
    _compass(sheet, 180, 1000)
    return sheet.finished(dark_edges=0.14)


def _area(piece: Shape) -> float:
    return abs(sum(a[0] * b[1] - b[0] * a[1] for a, b in zip(piece, [*piece[1:], piece[0]], strict=True))) / 2


def _halves(sheet: Sheet, piece: Shape) -> list[Shape]:
    """`piece` cut in two by a line through its middle, across its longer side."""
    xs, ys = [x for x, _ in piece], [y for _, y in piece]
    middle = (
        sum((min(xs), max(xs))) / 2 + sheet.random.uniform(-60, 60),
        sum((min(ys), max(ys))) / 2 + sheet.random.uniform(-50, 50),
    )
    angle = sheet.random.uniform(-0.45, 0.45) + (math.pi / 2 if max(xs) - min(xs) > max(ys) - min(ys) else 0)
    normal = (-math.sin(angle), math.cos(angle))
    sides: list[Shape] = [[], []]
    for a, b in zip(piece, [*piece[1:], piece[0]], strict=True):
        da, db = ((p[0] - middle[0]) * normal[0] + (p[1] - middle[1]) * normal[1] for p in (a, b))
        sides[da < 0].append(a)
        if (da < 0) != (db < 0):
            share = da / (da - db)
            cut = (a[0] + (b[0] - a[0]) * share, a[1] + (b[1] - a[1]) * share)
            sides[0].append(cut)
            sides[1].append(cut)
    return sides


def _streets(sheet: Sheet, pieces: list[Shape]) -> None:
    with sheet.layer("#fdf7e6", opacity=0.5) as pen:
        for piece in pieces:
            cx, cy = sum(x for x, _ in piece) / len(piece), sum(y for _, y in piece) / len(piece)
            for share in (0.35, 0.65):
                ring = [(cx + (x - cx) * share, cy + (y - cy) * share) for x, y in piece]
                pen.line([*ring, ring[0]], 3)
            for x, y in piece[:: max(1, len(piece) // 9)]:
                pen.line([(cx, cy), (x, y)], 2.5)


def _compass(sheet: Sheet, x: float, y: float) -> None:
    with sheet.layer("#3f5a66", opacity=0.85) as pen:
        pen.arc(x, y, 74, 0, 360, 4)
        for turn in range(4):
            angle = math.radians(turn * 90 - 90)
            along, across = (math.cos(angle), math.sin(angle)), (-math.sin(angle), math.cos(angle))
            long = 104 if turn == 0 else 64
            pen.polygon(
                [
                    (x + along[0] * long, y + along[1] * long),
                    (x + across[0] * 15, y + across[1] * 15),
                    (x - across[0] * 15, y - across[1] * 15),
                ]
            )
