"""What several scenes show: stars, gulls, rows of houses, light on water, trees."""

import math

from newsroom.demo.canvas import HEIGHT, WIDTH, Colour, Paint, Pen, Point, Sheet, curve


def stars(sheet: Sheet, count: int, bottom: float, colour: Colour = "#fff6dc") -> None:
    for size, share in ((0.9, 0.7), (1.5, 0.25), (2.4, 0.05)):
        with sheet.layer(colour, opacity=0.85) as pen:
            for _ in range(round(count * share)):
                height = sheet.random.random() ** 1.4 * bottom
                pen.ellipse(sheet.random.uniform(0, WIDTH), height, size, ink=sheet.random.randint(90, 255))


def gull(pen: Pen, x: float, y: float, span: float, tilt: float = 0) -> None:
    """A gull with spread wings."""

    def at(dx: float, dy: float) -> Point:
        return x + span * (dx * math.cos(tilt) - dy * math.sin(tilt)), y + span * (
            dx * math.sin(tilt) + dy * math.cos(tilt)
        )

    upper = curve(at(-0.5, -0.02), at(-0.3, -0.17), at(-0.08, -0.03), at(0, 0.01))
    upper += curve(at(0, 0.01), at(0.08, -0.03), at(0.3, -0.17), at(0.5, -0.02))
    lower = curve(at(0.5, -0.02), at(0.28, -0.11), at(0.09, 0.05), at(0, 0.08))
    lower += curve(at(0, 0.08), at(-0.09, 0.05), at(-0.28, -0.11), at(-0.5, -0.02))
    pen.polygon(upper + lower)


def glints(sheet: Sheet, x: float, top: float, bottom: float, spread: float, colour: Colour, count: int = 90) -> None:
    """The path of light that a low sun or a lamp lays on water, wider towards the viewer."""
    with sheet.layer(colour, opacity=0.8, glow=True) as pen:
        for _ in range(count):
            near = sheet.random.random() ** 1.3
            y = top + near * (bottom - top)
            middle = x + sheet.random.gauss(0, spread * (0.25 + near))
            pen.ellipse(
                middle, y, 12 + near * 60 * sheet.random.random(), 1.1 + near * 2.4, ink=sheet.random.randint(60, 230)
            )


def gabled(pen: Pen, x: float, base: float, width: float, height: float, pitch: float = 0.45) -> None:
    """A house front with its gable to the viewer."""
    roof = width * pitch
    pen.polygon(
        [
            (x, base),
            (x, base - height),
            (x + width / 2, base - height - roof),
            (x + width, base - height),
            (x + width, base),
        ]
    )


def row_of_houses(
    sheet: Sheet, left: float, right: float, base: float, paints: list[Paint], lamp: Colour, *, tall: float = 170
) -> None:
    """Narrow old houses side by side, some of their windows lit."""
    x = left
    while x < right:
        width = sheet.random.uniform(52, 88)
        height = tall * sheet.random.uniform(0.72, 1.15)
        stepped = sheet.random.random() < 0.3
        with sheet.layer(sheet.random.choice(paints)) as pen:
            gabled(pen, x, base, width, height, sheet.random.uniform(0.35, 0.62))
            pen.box(x + width * 0.68, base - height - width * 0.42, 9, 34)
            if stepped:
                for step in range(4):
                    pen.box(x + step * width / 8, base - height - step * 11, width - step * width / 4, 14)
        windows(sheet, x + 10, base - height + 16, width - 20, height - 40, lamp)
        x += width + sheet.random.choice((0, 0, 0, 3))


def windows(sheet: Sheet, x: float, y: float, width: float, height: float, lamp: Colour, *, lit: float = 0.34) -> None:
    """Rows of windows in a front; those that are lit glow."""
    columns, rows = max(1, int(width // 20)), max(1, int(height // 30))
    gap_x, gap_y = width / columns, height / rows
    places = [(x + gap_x * (c + 0.5) - 4, y + gap_y * r) for c in range(columns) for r in range(rows)]
    bright = [place for place in places if sheet.random.random() < lit]
    with sheet.layer("#0c1226", opacity=0.35) as pen:
        for place in places:
            pen.box(*place, 8, 14, corner=1)
    with sheet.layer(lamp, opacity=0.35, blur=7, glow=True) as pen:
        for left, top in bright:
            pen.box(left - 5, top - 5, 18, 24)
    with sheet.layer(lamp) as pen:
        for left, top in bright:
            pen.box(left, top, 8, 14, corner=1)


def tree(pen: Pen, x: float, base: float, height: float) -> None:
    """A round tree of a few overlapping crowns."""
    pen.box(x - height * 0.025, base - height * 0.45, height * 0.05, height * 0.46)
    for dx, up, size in ((0, 0.72, 0.27), (-0.17, 0.56, 0.2), (0.18, 0.58, 0.21), (0, 0.5, 0.22)):
        pen.ellipse(x + dx * height, base - up * height, size * height, size * height * 0.96)


def bare_tree(sheet: Sheet, pen: Pen, x: float, y: float, length: float, angle: float = -90, depth: int = 7) -> None:
    """A tree without leaves, branching at random."""
    if depth == 0 or length < 4:
        return
    tip = (x + length * math.cos(math.radians(angle)), y + length * math.sin(math.radians(angle)))
    pen.stroke([(x, y), tip], max(1.2, length * 0.11), max(0.9, length * 0.075))
    for _ in range(2 if depth > 5 else sheet.random.choice((2, 2, 3))):
        turn = sheet.random.uniform(10, 38) * sheet.random.choice((-1, 1))
        bare_tree(sheet, pen, *tip, length * sheet.random.uniform(0.66, 0.82), angle + turn, depth - 1)


def person(pen: Pen, x: float, base: float, height: float, *, stride: float = 0.1) -> None:
    """Somebody standing or walking, far enough away to have no face."""
    h = height
    pen.ellipse(x, base - h * 0.91, h * 0.075, h * 0.09)
    pen.polygon(
        curve(
            (x - h * 0.12, base - h * 0.78),
            (x, base - h * 0.82),
            (x + h * 0.12, base - h * 0.78),
            (x + h * 0.14, base - h * 0.5),
            (x + h * 0.1, base - h * 0.3),
            (x - h * 0.1, base - h * 0.3),
            (x - h * 0.14, base - h * 0.5),
            (x - h * 0.12, base - h * 0.78),
        )
    )
    pen.stroke([(x - h * 0.045, base - h * 0.35), (x - h * (0.045 + stride * 0.6), base)], h * 0.1, h * 0.055)
    pen.stroke([(x + h * 0.045, base - h * 0.35), (x + h * (0.045 + stride), base)], h * 0.1, h * 0.055)


def waves(sheet: Sheet, top: float, colour: Colour, *, rows: int = 26, opacity: float = 0.3) -> None:
    """Short crests over a stretch of water, closer together far away."""
    with sheet.layer(colour, opacity=opacity) as pen:
        for row in range(rows):
            near = row / rows
            y = top + near**1.7 * (HEIGHT - top)
            for _ in range(round(16 - 9 * near)):
                x = sheet.random.uniform(-60, WIDTH)
                length = 20 + 120 * near * sheet.random.uniform(0.4, 1)
                pen.stroke(
                    curve((x, y), (x + length * 0.5, y - 2 - 4 * near), (x + length, y), steps=6), 0.8 + 2.4 * near, 0.6
                )
