"""Scenes in rooms: the library, the cinema, the bakery."""

from PIL import Image

from newsroom.demo.canvas import HEIGHT, WIDTH, Sheet, curve, mix
from newsroom.demo.scenes import motifs


def library() -> Image.Image:
    """The reading room, with the afternoon coming in."""
    sheet = Sheet("library", ["#3a2a30", "#5a3c36", "#6d4a3c"])
    with sheet.layer(["#a9d3d6", "#e9eed0", "#fbe9b4"]) as pen:
        pen.box(740, 300, 440, 480)
        pen.ellipse(960, 300, 220, 220)
    with sheet.layer("#6f9a86", opacity=0.7) as pen:
        for x in (790, 880, 1040, 1130):
            motifs.tree(pen, x, 790, sheet.random.uniform(180, 290))
    with sheet.layer("#33262c") as pen:
        for k in range(-2, 3):
            pen.box(960 + k * 110 - 5, 70, 10, 712)
        for k in range(5):
            pen.box(740, 300 + k * 120 - 4, 440, 8)
        pen.arc(960, 300, 226, 180, 360, 18)
        pen.box(728, 296, 16, 490)
        pen.box(1176, 296, 16, 490)
        pen.arc(960, 300, 110, 180, 360, 8)
    for side in (-1, 1):
        for depth in range(4):
            _shelves(sheet, side, depth)
    with sheet.layer(["#7a4f38", "#4a3029", "#33222a"]) as pen:
        pen.polygon([(720, 790), (1200, 790), (WIDTH + 300, HEIGHT + 5), (-300, HEIGHT + 5)])
    with sheet.layer(["#fff0c0", "#d99a5c"], opacity=0.42, blur=18, glow=True) as pen:
        for k in range(4):
            x = 752 + k * 110
            pen.polygon([(x, 800), (x + 86, 800), (x + 86 - 170 + k * 40, 1210), (x - 260 + k * 40, 1210)])
    with sheet.layer(["#fff3c8", "#fff3c8"], opacity=0.13, blur=26, glow=True) as pen:
        for k in range(4):
            x = 750 + k * 110
            pen.polygon([(x, 120), (x + 90, 120), (x - 120 + k * 40, 1120), (x - 300 + k * 40, 1120)])
    for x, base, size in ((560, 930, 0.72), (1360, 930, 0.72), (300, 1110, 1.15), (1600, 1110, 1.15)):
        _table(sheet, x, base, size)
    with sheet.layer("#fff3c8", opacity=0.7) as pen:
        for _ in range(110):
            pen.ellipse(
                sheet.random.uniform(520, 1250),
                sheet.random.uniform(200, 1050),
                sheet.random.uniform(0.8, 2.2),
                ink=sheet.random.randint(60, 230),
            )
    with sheet.layer("#21171d") as pen:
        motifs.person(pen, 1010, 930, 190, stride=0.08)
        pen.box(972, 806, 34, 20, corner=2)
    return sheet.finished(dark_edges=0.45)


def _shelves(sheet: Sheet, side: int, depth: int) -> None:
    """A bay of books in perspective, nearer with `depth`."""
    far, close = depth / 4, (depth + 1) / 4
    x0, x1 = 960 + side * (232 + far**1.4 * 760), 960 + side * (232 + close**1.4 * 760)
    top0, top1 = 150 - far**1.4 * 240, 150 - close**1.4 * 240
    low0, low1 = 800 + far**1.4 * 260, 800 + close**1.4 * 260
    with sheet.layer(["#2a1c22", "#382429"]) as pen:
        pen.polygon([(x0, top0), (x1, top1), (x1, low1), (x0, low0)])

    def at(u: float, v: float) -> tuple[float, float]:
        return x0 + (x1 - x0) * u, (top0 + (top1 - top0) * u) + v * (
            (low0 - top0) + ((low1 - top1) - (low0 - top0)) * u
        )

    books: dict[str, list[list[tuple[float, float]]]] = {}
    for row in range(8):
        u = 0.05
        while u < 0.93:
            thick = sheet.random.uniform(0.022, 0.06)
            tall = sheet.random.uniform(0.072, 0.096)
            low = (row + 1) / 8 - 0.012
            if sheet.random.random() < 0.93:
                colour = sheet.random.choice(
                    ("#a8433a", "#c9803a", "#e0b860", "#4f7a6a", "#2f5a70", "#7a4a62", "#d9cba8", "#6a3a34", "#8a9a5a")
                )
                books.setdefault(colour, []).append(
                    [at(u, low - tall), at(u + thick * 0.9, low - tall), at(u + thick * 0.9, low), at(u, low)]
                )
            u += thick
    for colour, spines in books.items():
        with sheet.layer(mix("#f3cf96", colour, 0.72 + 0.2 * close)) as pen:
            for spine in spines:
                pen.polygon(spine)
    with sheet.layer(mix("#9a6a48", "#3a2428", close * 0.7)) as pen:
        for row in range(9):
            v = row / 8
            pen.polygon([at(0, v - 0.012), at(1, v - 0.012), at(1, v + 0.004), at(0, v + 0.004)])
        for u in (0, 0.96):
            pen.polygon([at(u, 0), at(u + 0.04, 0), at(u + 0.04, 1), at(u, 1)])


def _table(sheet: Sheet, x: float, base: float, size: float) -> None:
    with sheet.layer("#1a1016", opacity=0.5, blur=12) as pen:
        pen.ellipse(x, base + 66 * size, 290 * size, 22 * size)
    with sheet.layer("#1f151b") as pen:
        for dx in (-70, 96):
            pen.ellipse(x + dx * size, base - 150 * size, 27 * size, 31 * size)
            pen.polygon(
                curve(
                    (x + (dx - 62) * size, base),
                    (x + (dx - 54) * size, base - 82 * size),
                    (x + dx * size, base - 122 * size),
                    (x + (dx + 54) * size, base - 82 * size),
                    (x + (dx + 62) * size, base),
                )
            )
    with sheet.layer(["#a86c44", "#6d432f"]) as pen:
        pen.polygon(
            [
                (x - 200 * size, base - 22 * size),
                (x + 200 * size, base - 22 * size),
                (x + 250 * size, base + 16 * size),
                (x - 250 * size, base + 16 * size),
            ]
        )
    with sheet.layer("#3d2620") as pen:
        pen.box(x - 250 * size, base + 16 * size, 500 * size, 16 * size)
        for dx in (-232, 214):
            pen.box(x + dx * size, base + 30 * size, 18 * size, 70 * size)
    with sheet.layer("#f6ead0") as pen:
        for dx in (-104, 62):
            pen.polygon(
                [
                    (x + dx * size, base - 16 * size),
                    (x + (dx + 34) * size, base - 10 * size),
                    (x + (dx + 68) * size, base - 16 * size),
                    (x + (dx + 74) * size, base + 4 * size),
                    (x + (dx + 34) * size, base + 8 * size),
                    (x + (dx - 6) * size, base + 4 * size),
                ]
            )
    with sheet.layer("#c9a04a") as pen:
        pen.box(x + 8 * size, base - 84 * size, 6 * size, 78 * size)
        pen.ellipse(x + 11 * size, base - 4 * size, 22 * size, 6 * size)
    with sheet.layer(["#3f9a6c", "#1f6a4c"]) as pen:
        pen.polygon(
            curve(
                (x - 46 * size, base - 80 * size),
                (x - 30 * size, base - 104 * size),
                (x + 11 * size, base - 110 * size),
                (x + 52 * size, base - 104 * size),
                (x + 68 * size, base - 80 * size),
            )
        )
    sheet.light(x + 11 * size, base - 66 * size, 150 * size, "#ffe9a8", 0.95)


def cinema() -> Image.Image:
    """Forty seats, one beam of light."""
    sheet = Sheet("cinema", ["#160c20", "#24122c", "#1a0d20", "#0b060f"])
    sheet.light(960, 400, 900, "#6f86b0", 0.55)
    for side in (-1, 1):
        for fold in range(9):
            x = 960 + side * (600 + fold * 46)
            with sheet.layer(["#8a2433", "#4a1224"] if fold % 2 else ["#6a1a2a", "#360c1c"]) as pen:
                pen.polygon([(x, 40), (x + side * 48, 30), (x + side * 54, 850), (x + side * 4, 830)])
    with sheet.layer(["#b3323f", "#7a1d30"]) as pen:
        for k in range(12):
            pen.ellipse(395 + k * 103, 46, 62, 66)
        pen.box(0, -10, WIDTH, 56)
    with sheet.layer(["#6fb3c4", "#cfe3cf", "#f7e3b0", "#f0bd86"]) as pen:
        pen.box(400, 130, 1120, 560, corner=8)
    with sheet.layer("#fff4d6") as pen:
        pen.ellipse(1180, 520, 66)
    for points, paint in (
        (((400, 560), (640, 430), (820, 500), (1020, 400), (1240, 520), (1520, 440)), "#8aa0a8"),
        (((400, 610), (700, 540), (960, 590), (1260, 540), (1520, 590)), "#5c7a86"),
        (((400, 650), (800, 610), (1200, 640), (1520, 610)), "#34525f"),
    ):
        with sheet.layer(paint) as pen:
            pen.polygon([*curve(*points), (1520, 690), (400, 690)])
    with sheet.layer("#1c2f3a") as pen:
        motifs.person(pen, 720, 640, 110, stride=0.12)
        motifs.person(pen, 770, 640, 70, stride=0.12)
    with sheet.layer("#fdf3d4", opacity=0.22, blur=12, glow=True) as pen:
        pen.polygon([(960, 1290), (390, 130), (1530, 130)])
    with sheet.layer("#fff6dc", opacity=0.6) as pen:
        for _ in range(130):
            y = sheet.random.uniform(150, 1000)
            half = (1290 - y) / 1160 * 560
            pen.ellipse(
                960 + sheet.random.uniform(-half, half),
                y,
                sheet.random.uniform(0.7, 2),
                ink=sheet.random.randint(60, 230),
            )
    for row in range(4):
        _seats(sheet, row)
    return sheet.finished(dark_edges=0.5)


def _seats(sheet: Sheet, row: int) -> None:
    size = 0.7 + row * 0.24
    y, gap = 830 + row * 104, 150 * size
    count = int(WIDTH / gap) + 2
    start = 960 - gap * (count - 1) / 2 + (row % 2) * gap / 2
    shade = mix("#40182a", "#0a0409", row / 3)
    taken = [k for k in range(count) if sheet.random.random() < 0.62]
    with sheet.layer([mix(shade, "#5d7aa0", 0.25), mix(shade, "#000000", 0.4)]) as pen:
        for k in taken:
            x = start + k * gap + sheet.random.uniform(-8, 8)
            tilt = sheet.random.uniform(-9, 9)
            pen.ellipse(x + tilt, y - 76 * size, 35 * size, 41 * size)
            pen.polygon(
                curve(
                    (x - 66 * size, y + 30),
                    (x - 52 * size, y - 18 * size),
                    (x, y - 40 * size),
                    (x + 52 * size, y - 18 * size),
                    (x + 66 * size, y + 30),
                )
            )
    with sheet.layer([mix(shade, "#b3323f", 0.35), shade]) as pen:
        for k in range(count):
            pen.box(start + k * gap - 66 * size, y - 20 * size, 132 * size, 190 * size, corner=26 * size)


def bakery() -> Image.Image:
    """The bakery that opens at four in the afternoon, at dusk in winter."""
    sheet = Sheet("bakery", ["#1d2b4c", "#33406a", "#55527c", "#6d5a7a"])
    with sheet.layer(["#3a3f60", "#2a2c48"]) as pen:
        pen.box(-10, 60, WIDTH + 20, 900)
    with sheet.layer("#23253f", opacity=0.5) as pen:
        for row in range(24):
            for k in range(34):
                if sheet.random.random() < 0.35:
                    pen.box(k * 58 + (row % 2) * 29, 70 + row * 37, 52, 32, corner=2)
    for x in (220, 560, 1300, 1640):
        with sheet.layer(["#5d6a96", "#39426c"] if x != 560 else ["#ffdf9c", "#f2b763"]) as pen:
            pen.box(x, 100, 130, 190, corner=4)
        with sheet.layer("#1c1e34") as pen:
            pen.box(x + 62, 100, 7, 190)
            pen.box(x, 186, 130, 7)
            pen.box(x - 12, 288, 154, 14)
    with sheet.layer("#ffc878", opacity=0.5, blur=50, glow=True) as pen:
        pen.box(330, 500, 1260, 400)
    with sheet.layer(["#fff0c0", "#ffcb74", "#f0a552"]) as pen:
        pen.box(360, 500, 820, 390)
        pen.box(1260, 500, 300, 462)
    _loaves(sheet)
    with sheet.layer("#55301f") as pen:
        pen.ellipse(900, 640, 36, 42)
        pen.polygon(curve((812, 800), (830, 716), (900, 688), (970, 716), (988, 800)))
    with sheet.layer("#f8f2e2") as pen:
        pen.box(868, 574, 64, 44, corner=16)
        pen.polygon([(866, 720), (934, 720), (952, 800), (848, 800)])
    with sheet.layer("#1d3a3c") as pen:
        for x, y, w, h in (
            (340, 484, 860, 20),
            (340, 484, 22, 480),
            (1178, 484, 22, 480),
            (340, 880, 860, 84),
            (764, 500, 10, 390),
            (1240, 484, 20, 480),
            (1560, 484, 20, 480),
            (1240, 484, 340, 20),
            (1260, 640, 300, 14),
            (1260, 820, 300, 142),
        ):
            pen.box(x, y, w, h)
    with sheet.layer("#d9a95a") as pen:
        pen.ellipse(1290, 740, 9)
    for index, colour in enumerate(("#b8433c", "#f5e6c4")):
        with sheet.layer([mix(colour, "#1d2140", 0.15), mix(colour, "#ffb860", 0.15)]) as pen:
            for band in range(index, 18, 2):
                foot = 300 + band * 73.4
                pen.polygon([(330 + band * 70, 372), (330 + (band + 1) * 70, 372), (foot + 73.4, 486), (foot, 486)])
                pen.ellipse(foot + 36.7, 486, 36.7, 24)
    with sheet.layer(["#4a4c68", "#25263e", "#16172a"]) as pen:
        pen.box(-10, 960, WIDTH + 20, 260)
    with sheet.layer("#ffc878", opacity=0.36, blur=26, glow=True) as pen:
        pen.polygon([(360, 962), (1180, 962), (1300, 1180), (180, 1180)])
        pen.polygon([(1260, 962), (1560, 962), (1700, 1180), (1300, 1180)])
    with sheet.layer("#14152a") as pen:
        for x, tall, stride in ((1640, 310, 0.03), (1730, 290, 0.04), (1806, 326, 0.03), (1870, 220, 0.05)):
            motifs.person(pen, x, 1030, tall, stride=stride)
        for x in (120, 296):
            pen.arc(x, 990, 66, 0, 360, 7)
        pen.line([(120, 990), (176, 900), (266, 900), (296, 990)], 7)
        pen.line([(176, 900), (214, 992), (266, 900)], 7)
        pen.line([(120, 990), (214, 992)], 7)
        pen.line([(172, 870), (182, 910)], 7)
        pen.box(148, 862, 46, 11, corner=5)
        pen.stroke(curve((266, 900), (258, 862), (288, 850)), 7, 7)
    return sheet.finished(dark_edges=0.4)


def _loaves(sheet: Sheet) -> None:
    with sheet.layer("#8a5528") as pen:
        for y in (618, 706, 796):
            pen.box(376, y, 376, 9)
        pen.box(376, 800, 790, 82)
    for row, y in enumerate((616, 704, 794)):
        for k in range(5 if row else 6):
            wide = 31 if row != 1 else 35
            x = 416 + k * (66 if row == 0 else 76)
            paint = sheet.random.choice(("#c97a34", "#a85a28", "#d9954a", "#8f4a24"))
            with sheet.layer([mix(paint, "#ffe0a0", 0.4), mix(paint, "#3a1a10", 0.25)]) as pen:
                pen.ellipse(x, y - 17, wide, 23)
                pen.box(x - 40, y, 80, 30, ink=0)
            with sheet.layer("#f7dfae", opacity=0.8) as pen:
                for dx in (-12, 2, 16):
                    pen.line([(x + dx - 6, y - 30), (x + dx + 4, y - 14)], 3)
    with sheet.layer(["#e0a860", "#a8642f"]) as pen:
        for k in range(7):
            pen.stroke([(800 + k * 17, 870), (776 + k * 19, 690 + (k % 3) * 16)], 19, 15)
