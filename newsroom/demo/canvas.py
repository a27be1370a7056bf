"""A sheet to draw pictures on in the manner of a printed poster: flat shapes, soft light, a little grain.

Shapes are drawn at twice the size as masks and laid down in colour one over the other, which gives
smooth edges for little time. The same seed draws the same picture.
"""

import math
import random
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import cast

from PIL import Image, ImageChops, ImageColor, ImageDraw, ImageFilter

WIDTH, HEIGHT = 1920, 1200
SHARPER = 2

Point = tuple[float, float]
Colour = str | tuple[int, ...]
# One colour, or the colours from top to bottom of the shape.
Paint = Colour | Sequence[Colour]


def rgb(colour: Colour) -> tuple[int, ...]:
    return ImageColor.getrgb(colour)[:3] if isinstance(colour, str) else colour


def mix(one: Colour, other: Colour, share: float) -> tuple[int, ...]:
    """The colour `share` of the way from `one` to `other`."""
    return tuple(round(a + (b - a) * share) for a, b in zip(rgb(one), rgb(other), strict=True))


def shades(colours: Sequence[Colour], size: tuple[int, int], *, across: bool = False) -> Image.Image:
    """A gradient through `colours` from top to bottom, or from left to right."""
    steps = 512
    strip = Image.new("RGB", (1, steps))
    for step in range(steps):
        place = step / (steps - 1) * (len(colours) - 1)
        low = min(int(place), len(colours) - 2)
        strip.putpixel((0, step), mix(colours[low], colours[low + 1], place - low))
    if across:
        strip = strip.transpose(Image.Transpose.ROTATE_90)
    return strip.resize(size, Image.Resampling.BILINEAR)


def curve(*points: Point, steps: int = 24) -> list[Point]:
    """A smooth line through all `points` (Catmull-Rom)."""
    ends = [points[0], *points, points[-1]]
    line: list[Point] = []
    for a, b, c, d in zip(ends, ends[1:], ends[2:], ends[3:], strict=False):
        for step in range(steps):
            t = step / steps
            line.append((_between(a[0], b[0], c[0], d[0], t), _between(a[1], b[1], c[1], d[1], t)))
    return [*line, points[-1]]


def _between(a: float, b: float, c: float, d: float, t: float) -> float:
    return 0.5 * (2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t**2 + (3 * b - a - 3 * c + d) * t**3)


class Pen:
    """Draws the mask of one layer, in the sheet's coordinates. `ink` 0 rubs out."""

    def __init__(self) -> None:
        self.mask = Image.new("L", (WIDTH * SHARPER, HEIGHT * SHARPER))
        self._draw = ImageDraw.Draw(self.mask)

    def polygon(self, points: Sequence[Point], ink: int = 255) -> None:
        self._draw.polygon([(x * SHARPER, y * SHARPER) for x, y in points], fill=ink)

    def box(self, x: float, y: float, width: float, height: float, ink: int = 255, corner: float = 0) -> None:
        if width <= 0 or height <= 0:
            return
        corners = [x * SHARPER, y * SHARPER, (x + width) * SHARPER - 1, (y + height) * SHARPER - 1]
        self._draw.rounded_rectangle(corners, corner * SHARPER, fill=ink)

    def ellipse(self, x: float, y: float, rx: float, ry: float | None = None, ink: int = 255) -> None:
        """Around the middle `x`, `y`."""
        ry = rx if ry is None else ry
        self._draw.ellipse([(x - rx) * SHARPER, (y - ry) * SHARPER, (x + rx) * SHARPER, (y + ry) * SHARPER], fill=ink)

    def line(self, points: Sequence[Point], width: float = 2, ink: int = 255) -> None:
        scaled = [(x * SHARPER, y * SHARPER) for x, y in points]
        self._draw.line(scaled, fill=ink, width=max(1, round(width * SHARPER)), joint="curve")

    def arc(self, x: float, y: float, radius: float, start: float, end: float, width: float, ink: int = 255) -> None:
        corners = [(x - radius) * SHARPER, (y - radius) * SHARPER, (x + radius) * SHARPER, (y + radius) * SHARPER]
        self._draw.arc(corners, start, end, fill=ink, width=max(1, round(width * SHARPER)))

    def stroke(self, points: Sequence[Point], thick: float, thin: float) -> None:
        """A line that narrows from `thick` at its beginning to `thin` at its end."""
        left, right = [], []
        for index, (x, y) in enumerate(points):
            before, after = points[max(index - 1, 0)], points[min(index + 1, len(points) - 1)]
            angle = math.atan2(after[1] - before[1], after[0] - before[0]) + math.pi / 2
            half = (thick + (thin - thick) * index / (len(points) - 1)) / 2
            left.append((x + math.cos(angle) * half, y + math.sin(angle) * half))
            right.append((x - math.cos(angle) * half, y - math.sin(angle) * half))
        self.polygon(left + right[::-1])


class Sheet:
    """The picture while it is being made."""

    def __init__(self, seed: str, ground: Sequence[Colour], *, across: bool = False) -> None:
        self.random = random.Random(seed)  # noqa: S311  (the same seed draws the same picture)
        self.image = shades(ground, (WIDTH, HEIGHT), across=across)

    @contextmanager
    def layer(self, paint: Paint, *, opacity: float = 1, blur: float = 0, glow: bool = False) -> Iterator[Pen]:
        """Lay down in `paint` what the pen draws; `glow` lightens what lies below instead of covering it."""
        pen = Pen()
        yield pen
        self._lay(pen.mask, paint, opacity, blur, glow)

    def _lay(self, mask: Image.Image, paint: Paint, opacity: float, blur: float, glow: bool) -> None:
        found = mask.getbbox()
        if not found:
            return
        spread = round(blur * 2.6) + 2
        left, top = max(0, found[0] // SHARPER - spread), max(0, found[1] // SHARPER - spread)
        right = min(WIDTH, found[2] // SHARPER + 1 + spread)
        bottom = min(HEIGHT, found[3] // SHARPER + 1 + spread)
        mask = mask.crop((left * SHARPER, top * SHARPER, right * SHARPER, bottom * SHARPER))
        size = (right - left, bottom - top)
        mask = _softened(mask, size, blur)
        if opacity < 1:
            mask = mask.point([round(value * opacity) for value in range(256)])
        colours = shades(paint, size) if isinstance(paint, list) else Image.new("RGB", size, rgb(cast(Colour, paint)))
        if glow:
            colours = ImageChops.screen(self.image.crop((left, top, right, bottom)), colours)
        self.image.paste(colours, (left, top), mask)

    def light(self, x: float, y: float, radius: float, colour: Colour, strength: float = 1) -> None:
        """A round light that fades outwards."""
        size = max(2, round(radius * 2))
        halo = ImageChops.invert(Image.radial_gradient("L")).resize((size, size), Image.Resampling.BICUBIC)
        # radial_gradient reaches the corners; only the circle inside the edges is wanted, and a soft fall.
        fall = [round(255 * strength * max(0.0, (value - 75) / 180) ** 2) for value in range(256)]
        halo = halo.point(fall)
        left, top = round(x - radius), round(y - radius)
        below = self.image.crop((left, top, left + size, top + size))
        lit = ImageChops.screen(below, Image.new("RGB", (size, size), rgb(colour)))
        self.image.paste(lit, (left, top), halo)

    def haze(self, colour: Colour, top: float, bottom: float, strength: float, *, rising: bool = True) -> None:
        """Mist between two heights, thickest at the bottom (or, not `rising`, at the top)."""
        size = (WIDTH, round(bottom - top))
        ramp = Image.linear_gradient("L").resize(size, Image.Resampling.BICUBIC)
        ramp = ramp if rising else ramp.transpose(Image.Transpose.FLIP_TOP_BOTTOM)
        ramp = ramp.point([round(value * strength) for value in range(256)])
        self.image.paste(Image.new("RGB", size, rgb(colour)), (0, round(top)), ramp)

    def ridge(self, height: float, rise: float, *, waves: int = 5, rough: float = 0.5, step: int = 8) -> list[Point]:
        """The line of hills, dunes or waves around `height`, from the left edge to the right."""
        swings = []
        for wave in range(1, waves + 1):
            swing = rise * rough ** (wave - 1)
            swings.append((swing, wave * self.random.uniform(0.7, 1.3), self.random.uniform(0, math.tau)))
        line = []
        for x in range(-20, WIDTH + 21, step):
            turn = x / WIDTH * math.tau
            y = height + sum(swing * math.sin(turn * pace + phase) for swing, pace, phase in swings)
            line.append((float(x), y))
        return line

    def land(self, line: list[Point], paint: Paint, *, opacity: float = 1, blur: float = 0) -> None:
        """Everything below `line`."""
        with self.layer(paint, opacity=opacity, blur=blur) as pen:
            pen.polygon([*line, (line[-1][0], HEIGHT + 20), (line[0][0], HEIGHT + 20)])

    def mirrored(self, water: float, *, height: float, ripple: float = 6, dim: float = 0.75) -> None:
        """Below the line `water`, what stands above it, rippled."""
        depth = round(min(height, HEIGHT - water))
        above = self.image.crop((0, round(water) - depth, WIDTH, round(water)))
        below = above.transpose(Image.Transpose.FLIP_TOP_BOTTOM).filter(ImageFilter.GaussianBlur(2))
        ground = self.image.crop((0, round(water), WIDTH, round(water) + depth))
        rows = Image.new("RGB", (WIDTH, depth))
        band = 3
        for y in range(0, depth, band):
            reach = ripple * (0.4 + 1.6 * y / depth)
            shift = round(reach * math.sin(y * 0.23) + reach * 0.7 * math.sin(y * 0.081 + 1))
            strip = below.crop((0, y, WIDTH, min(y + band, depth)))
            rows.paste(strip, (0, y))
            rows.paste(strip, (shift, y))
        ramp = ImageChops.invert(Image.linear_gradient("L")).resize((WIDTH, depth))
        ramp = ramp.point([round(dim * 255 * (1 - (1 - value / 255) ** 1.8)) for value in range(256)])
        self.image.paste(Image.composite(rows, ground, ramp), (0, round(water)))

    def finished(self, *, grain: float = 3.5, dark_edges: float = 0.25) -> Image.Image:
        """The picture with darker edges and the grain of paper."""
        if dark_edges:
            edges = Image.radial_gradient("L").resize((WIDTH, HEIGHT), Image.Resampling.BICUBIC)
            edges = edges.point([round(max(0, value - 90) * dark_edges) for value in range(256)])
            self.image.paste(Image.new("RGB", (WIDTH, HEIGHT), (10, 12, 30)), mask=edges)
        noise = Image.frombytes("L", (WIDTH, HEIGHT), self.random.randbytes(WIDTH * HEIGHT))
        noise = noise.filter(ImageFilter.GaussianBlur(0.7))
        noise = noise.point([round(128 + (value - 128) * grain / 40) for value in range(256)])
        return ImageChops.add(self.image, Image.merge("RGB", [noise] * 3), offset=-128)


def _softened(mask: Image.Image, size: tuple[int, int], blur: float) -> Image.Image:
    """The mask at the sheet's own size; wide blurs are made small and enlarged, which is far quicker."""
    if blur < 1:
        return mask.reduce(SHARPER)
    factor = SHARPER * max(1, int(blur // 3))
    small = mask.reduce(factor).filter(ImageFilter.GaussianBlur(blur * SHARPER / factor))
    return small.resize(size, Image.Resampling.BICUBIC)
